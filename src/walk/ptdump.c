/* SPDX-License-Identifier: BSD-2-Clause */
/* All that an address space maps: its tables, put together. */
#include "walk/ptdump.h"

#include "base/cleanup.h"
#include "walk/ptdump_tables.h"

/* How far a table has been gone through. */
struct frame {
	uint32_t table, piece;
	unsigned int done; /* of that piece's entries */
	uint64_t va;
	uint8_t denied;
};

struct weaving {
	const struct paging *p;
	const struct ptdump_tables *t;
	struct ptdump *out;
	struct frame stack[PAGING_MAX_LEVELS];
	unsigned int depth;
};

static void weaving_cut(struct weaving *w, uint64_t va)
{
	if (!w->out->cut)
		w->out->cut_va = va;
	w->out->cut = true;
}

static bool run_goes_on(const struct ptdump_run *last,
			const struct ptdump_run *r)
{
	return last->va + last->len == r->va && r->va &&
	       last->attributes == r->attributes && last->level == r->level &&
	       last->write == r->write && last->user == r->user &&
	       last->nx == r->nx;
}

static int weaving_add(struct weaving *w, uint64_t va, uint64_t len,
		       const struct ptdump_leaf *leaf, uint8_t denied)
{
	struct ptdump_run r = {.va = va,
			       .len = len,
			       .attributes = leaf->attributes,
			       .level = leaf->level};
	size_t n = w->out->runs.n;

	denied |= leaf->denied;
	r.write = !(denied & DENIED_WRITE);
	r.user = !(denied & DENIED_USER);
	r.nx = denied & (r.user ? DENIED_USER_EXEC : DENIED_KERNEL_EXEC);
	if (n && run_goes_on(&w->out->runs.v[n - 1], &r)) {
		w->out->runs.v[n - 1].len += len;
		return 0;
	}
	if (n >= PTDUMP_RUNS_MAX) {
		weaving_cut(w, va);
		return 0;
	}
	return vec_push(&w->out->runs, r);
}

/* The next piece of the table on top, or the table below its next entry. */
static int weaving_step(struct weaving *w)
{
	struct frame *f = &w->stack[w->depth - 1];
	const struct ptdump_table *table = &w->t->list.v[f->table], *child;
	const struct ptdump_piece *piece;
	unsigned int shift = w->p->family->form[table->level].shift, count;
	uint8_t denied;
	uint64_t va;

	if (f->piece == table->n) {
		w->depth--;
		return 0;
	}
	piece = &w->t->pieces.v[table->first + f->piece];
	child = &w->t->list.v[piece->child];
	va = paging_extend(
		w->p, f->va + ((uint64_t)(piece->index + f->done) << shift));
	denied = f->denied | piece->leaf.denied;
	count = piece->is_leaf || child->uniform ? piece->count : 1;
	f->done += count;
	if (f->done == piece->count) {
		f->piece++;
		f->done = 0;
	}
	if (piece->is_leaf || child->uniform)
		return weaving_add(
			w, va, (uint64_t)count << shift,
			piece->is_leaf ? &piece->leaf : &child->whole, denied);
	w->stack[w->depth++] = (struct frame){
		.table = piece->child, .va = va, .denied = denied};
	return 0;
}

/* In the order of addresses: the entries of a table are in that order. */
static int weave(const struct paging *p, const struct ptdump_tables *t,
		 struct ptdump *out)
{
	struct weaving w = {.p = p, .t = t, .out = out, .depth = 1};
	size_t steps = out->steps ? out->steps : PTDUMP_STEPS_MAX;
	int rc = 0;

	while (w.depth && !rc) {
		if (!steps-- || out->runs.n >= PTDUMP_RUNS_MAX) {
			weaving_cut(&w, w.stack[w.depth - 1].va);
			break;
		}
		rc = weaving_step(&w);
	}
	return rc;
}

int ptdump_read(struct machine *m, const struct walk_root *root,
		enum ptdump_half half, struct ptdump *out, struct err *err)
{
	_cleanup_(ptdump_tables_deinit) struct ptdump_tables t = {0};
	int rc = ptdump_tables_read(m, root, half, &t, out, err);

	if (!rc && weave(root->paging, &t, out))
		rc = err_nomem(err);
	return rc;
}

void ptdump_deinit(struct ptdump *d)
{
	vec_deinit(&d->runs);
}

uint64_t ptdump_page_size(const struct paging *p, const struct ptdump_run *r)
{
	return 1ULL << p->family->form[r->level].shift;
}
