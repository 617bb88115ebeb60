/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of an address space, level by level, each read once. */
#include "walk/ptdump_tables.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* Tables of one batch: 64 MiB. */
#define AT_ONCE	 16384u

#define NO_TABLE UINT32_MAX

struct reading {
	struct machine *m;
	const struct walk_root *root;
	enum ptdump_half half;
	struct ptdump_tables *t;
	struct ptdump *out;
	/* The last page entry that was decoded, and that the next may be like;
	 * 0: none. */
	uint64_t like;
};

static void fault_add(struct ptdump_fault *f, uint64_t va, uint64_t pa)
{
	if (!f->n++) {
		f->va = va;
		f->pa = pa;
	}
}

static void reading_cut(struct reading *r, uint64_t va)
{
	if (!r->out->cut)
		r->out->cut_va = va;
	r->out->cut = true;
}

/* A table at a level; above every physical address there is room for it. */
static uint64_t table_key(uint64_t pa, unsigned int level)
{
	return pa | (uint64_t)level << 56;
}

/* The number of the table that pa is at this level, new or not; or NO_TABLE
 * where they are too many. */
static int reading_number(struct reading *r, uint64_t pa, unsigned int level,
			  uint64_t va, uint32_t *number)
{
	struct ptdump_table new = {.pa = pa, .va = va, .level = (uint8_t)level};
	uint64_t found;

	if (map_get(&r->t->seen, table_key(pa, level), &found)) {
		*number = (uint32_t)found;
		r->out->shared++;
		return 0;
	}
	*number = NO_TABLE;
	if (r->t->list.n >= PTDUMP_TABLES_MAX) {
		reading_cut(r, va);
		return 0;
	}
	*number = (uint32_t)r->t->list.n;
	if (map_put(&r->t->seen, table_key(pa, level), r->t->list.n))
		return ERR_NOMEM;
	return vec_push(&r->t->list, new);
}

/* The entry behind which the upper half begins; 0: there is none. */
static unsigned int half_index(const struct paging *p, unsigned int level)
{
	if (level != p->levels || p->half != PAGING_BOTH)
		return 0;
	return 1u << (paging_bits(p, level) - 1);
}

/* Whether a table's last piece goes on with that entry, which is like it. */
static bool piece_goes_on(const struct reading *r,
			  const struct ptdump_table *table, unsigned int index,
			  const struct ptdump_piece *with)
{
	unsigned int half = half_index(r->root->paging, table->level);
	const struct ptdump_piece *last;

	if (!table->n || (half && index == half))
		return false;
	last = &r->t->pieces.v[r->t->pieces.n - 1];
	if (last->index + last->count != (int)index)
		return false;
	return last->is_leaf == with->is_leaf &&
	       last->leaf.denied == with->leaf.denied &&
	       last->leaf.attributes == with->leaf.attributes &&
	       last->child == with->child;
}

static int reading_add(struct reading *r, size_t number, unsigned int index,
		       struct ptdump_piece piece)
{
	struct ptdump_table *table = &r->t->list.v[number];

	piece.index = (uint16_t)index;
	piece.count = 1;
	if (piece_goes_on(r, table, index, &piece)) {
		r->t->pieces.v[r->t->pieces.n - 1].count++;
		return 0;
	}
	if (r->t->pieces.n >= PTDUMP_PIECES_MAX) {
		reading_cut(r, table->va);
		return 0;
	}
	if (!table->n)
		table->first = (uint32_t)r->t->pieces.n;
	table->n++;
	return vec_push(&r->t->pieces, piece);
}

static int take_entry_anew(struct reading *r, size_t number, unsigned int index,
			   uint64_t entry)
{
	const struct ptdump_table table = r->t->list.v[number];
	const struct paging *p = r->root->paging;
	const struct paging_form *f = &p->family->form[table.level];
	struct ptdump_piece piece = {.leaf.level = table.level};
	uint64_t at = (uint64_t)index << f->shift;
	uint64_t va = paging_extend(p, table.va + at);
	struct walk w;

	r->like = 0;
	walk_enter(&w, r->root, paging_extend(p, at), table.level, 0, entry);
	piece.leaf.denied = w.denied;
	if (!w.done && table.level > 1) {
		if (reading_number(r, w.next, table.level - 1u, va,
				   &piece.child))
			return ERR_NOMEM;
		if (piece.child == NO_TABLE)
			return 0;
		return reading_add(r, number, index, piece);
	}
	if (w.result == WALK_RESERVED)
		fault_add(&r->out->reserved, va, table.pa);
	if (!w.done || w.result != WALK_MAPPED)
		return 0;
	r->like = entry;
	piece.is_leaf = true;
	piece.leaf.attributes =
		entry & p->family->attributes & ~(f->page | f->page_high);
	return reading_add(r, number, index, piece);
}

/* Most pages are like the one before: only their frames differ. */
static int take_entry(struct reading *r, size_t number, unsigned int index,
		      uint64_t entry)
{
	const struct ptdump_table *table = &r->t->list.v[number];
	const struct paging_form *f =
		&r->root->paging->family->form[table->level];
	struct ptdump_piece *last;

	if (!entry)
		return 0;
	if (r->like && table->n && !((entry ^ r->like) & ~f->page) &&
	    table->level < r->root->paging->levels) {
		last = &r->t->pieces.v[r->t->pieces.n - 1];
		if (last->is_leaf && last->index + last->count == (int)index) {
			last->count++;
			return 0;
		}
	}
	return take_entry_anew(r, number, index, entry);
}

/* Which entries of the top are wanted. */
static bool is_wanted(const struct reading *r, unsigned int level,
		      unsigned int index)
{
	unsigned int half = half_index(r->root->paging, level);

	if (!half || r->half == PTDUMP_BOTH)
		return true;
	return (index >= half) == (r->half == PTDUMP_HIGH);
}

static int take_table(struct reading *r, size_t number,
		      const struct mem_read *read)
{
	const struct ptdump_table table = r->t->list.v[number];
	const struct paging *p = r->root->paging;
	unsigned int i;
	int rc = 0;

	if (read->status != MEM_OK) {
		fault_add(&r->out->unreadable, table.va, table.pa);
		return 0;
	}
	r->out->tables[table.level]++;
	r->like = 0;
	for (i = 0; i < read->len / p->family->entry_bytes && !rc; i++)
		if (is_wanted(r, table.level, i))
			rc = take_entry(r, number, i,
					walk_table_entry(p, read->dst, i));
	return rc;
}

/* Read n tables of one level, from number `from` on, as one batch. */
static int read_some(struct reading *r, size_t from, size_t n,
		     unsigned int level, struct err *err)
{
	size_t size = walk_table_bytes(r->root->paging, level);
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = malloc(n * size + 1);
	size_t i;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct mem_read){.pa = r->t->list.v[from + i].pa,
					     .dst = bytes + i * size,
					     .len = size};
	rc = machine_read(r->m, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (take_table(r, from + i, &reads[i]))
			rc = err_nomem(err);
	return rc;
}

/* The tables [from, end), which are all of one level; more come behind. */
static int read_level(struct reading *r, size_t from, size_t end,
		      unsigned int level, struct err *err)
{
	size_t n;
	int rc = 0;

	for (; from < end && !rc; from += n) {
		n = end - from < AT_ONCE ? end - from : AT_ONCE;
		rc = read_some(r, from, n, level, err);
	}
	return rc;
}

/* Bottom up: whether a table is full of one kind of pages. */
static void find_uniform(const struct reading *r)
{
	const struct paging *p = r->root->paging;
	size_t i = r->t->list.n;

	while (i--) {
		struct ptdump_table *t = &r->t->list.v[i];
		const struct ptdump_piece *piece;
		const struct ptdump_table *child;

		if (t->n != 1)
			continue;
		piece = &r->t->pieces.v[t->first];
		if (piece->count != 1u << paging_bits(p, t->level))
			continue;
		child = &r->t->list.v[piece->child];
		if (!piece->is_leaf && !child->uniform)
			continue;
		t->whole = piece->is_leaf ? piece->leaf : child->whole;
		t->whole.denied |= piece->leaf.denied;
		t->uniform = true;
	}
}

int ptdump_tables_read(struct machine *m, const struct walk_root *root,
		       enum ptdump_half half, struct ptdump_tables *t,
		       struct ptdump *out, struct err *err)
{
	struct reading r = {
		.m = m, .root = root, .half = half, .t = t, .out = out};
	const struct paging *p = root->paging;
	unsigned int level = p->levels;
	size_t from = 0, end;
	uint32_t top;
	int rc = 0;

	if (reading_number(&r, paging_root(p, root->pgd), level,
			   p->half == PAGING_HIGH || half == PTDUMP_HIGH
				   ? paging_extend(p, 1ULL << (p->va_bits - 1))
				   : 0,
			   &top))
		return err_nomem(err);
	for (; level && !rc; level--, from = end) {
		end = t->list.n;
		rc = read_level(&r, from, end, level, err);
	}
	find_uniform(&r);
	return rc;
}

void ptdump_tables_deinit(struct ptdump_tables *t)
{
	vec_deinit(&t->list);
	vec_deinit(&t->pieces);
	map_deinit(&t->seen);
}
