/* SPDX-License-Identifier: BSD-2-Clause */
/* Who maps a frame: all tables of many address spaces, level by level. */
#include "walk/mappings.h"

#include <stdlib.h>

#include "base/cleanup.h"

/* So many tables are one batch: more of them would only take memory. */
#define TABLES_AT_ONCE 4096u

/* Of one frame: the zero page of a large guest has fewer. */
#define MAPPINGS_MAX (1u << 21)

/* A table, whose it is, and the address that its first entry maps. */
struct level_table {
	uint64_t pa, va;
	size_t space;
	uint8_t level, denied;
};

struct level_tables {
	VEC(struct level_table) list;
};

struct search_all {
	struct machine *m;
	const struct mappings_space *spaces;
	uint64_t pa;
	struct space_tables *tables;
	struct mappings *out;
};

static void level_tables_deinit(struct level_tables *t)
{
	vec_deinit(&t->list);
}

static int mappings_entry(struct search_all *s, const struct level_table *t,
			  size_t index, uint64_t entry,
			  struct level_tables *next)
{
	const struct mappings_space *space = &s->spaces[t->space];
	const struct paging *p = space->root->paging;
	uint64_t len = 1ULL << p->family->form[t->level].shift;
	uint64_t va = paging_extend(p, t->va + index * len);
	struct walk w;

	if (!entry || va + (len - 1) < space->start || va > space->last)
		return 0;
	walk_enter(&w, space->root, va, t->level, t->denied, entry);
	if (!w.done && t->level > 1 && next->list.n >= s->tables->left)
		return ERR_CORRUPT; /* some will never be read */
	if (!w.done)
		return t->level > 1
			       ? vec_push(&next->list,
					  {w.next, va, t->space,
					   (uint8_t)(t->level - 1), w.denied})
			       : 0;
	if (!walk_has_frame(w.result) || s->pa < w.pa || s->pa - w.pa >= len)
		return 0;
	va += s->pa - w.pa;
	if (va < space->start || va > space->last)
		return 0;
	if (s->out->list.n == MAPPINGS_MAX)
		return ERR_CORRUPT;
	return vec_push(&s->out->list,
			{t->space, va, len, w.result, w.write, w.user, w.nx});
}

static int mappings_table(struct search_all *s, const struct level_table *t,
			  const struct mem_read *read,
			  struct level_tables *next)
{
	const struct paging *p = s->spaces[t->space].root->paging;
	size_t i;
	int rc = 0;

	if (read->status != MEM_OK) {
		if (!s->tables->unreadable++) {
			s->tables->pa = t->pa;
			s->tables->va = t->va;
		}
		return 0;
	}
	for (i = 0; i < read->len / p->family->entry_bytes && !rc; i++)
		rc = mappings_entry(s, t, i, walk_table_entry(p, read->dst, i),
				    next);
	return rc;
}

static int mappings_too_many(const struct search_all *s, struct err *err)
{
	return err_set(err, ERR_CORRUPT, "page tables: more %s than can be",
		       s->out->list.n == MAPPINGS_MAX ? "mappings of a frame"
						      : "tables");
}

/* Some tables in one batch, which nothing else will ask for again. */
static int mappings_batch(struct search_all *s, const struct level_table *v,
			  size_t n, struct level_tables *next, struct err *err)
{
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *pages = malloc(n * PAGE_SIZE_4K + 1);
	size_t i;
	int rc;

	if (!reads || !pages)
		return err_nomem(err);
	if (n > s->tables->left)
		return mappings_too_many(s, err);
	s->tables->left -= n;
	for (i = 0; i < n; i++) {
		const struct paging *p = s->spaces[v[i].space].root->paging;

		reads[i] = (struct mem_read){
			.pa = v[i].pa,
			.dst = pages + i * PAGE_SIZE_4K,
			.len = walk_table_bytes(p, v[i].level)};
		if (reads[i].len > PAGE_SIZE_4K)
			reads[i].len = PAGE_SIZE_4K;
	}
	rc = machine_read_past(s->m, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		rc = mappings_table(s, &v[i], &reads[i], next);
		if (rc == ERR_CORRUPT)
			return mappings_too_many(s, err);
		if (rc)
			return err_nomem(err);
	}
	return rc;
}

static int by_space(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

int mappings_find(struct machine *m, const struct mappings_space *spaces,
		  size_t n, uint64_t pa, struct space_tables *tables,
		  struct mappings *out, struct err *err)
{
	_cleanup_(level_tables_deinit) struct level_tables now = {0};
	struct search_all s = {m, spaces, pa, tables, out};
	size_t i, some;
	int rc = 0;

	for (i = 0; i < n; i++) {
		const struct walk_root *r = spaces[i].root;

		if (vec_push(&now.list, {paging_root(r->paging, r->pgd), 0, i,
					 r->paging->levels, 0}))
			return err_nomem(err);
	}
	while (now.list.n && !rc) {
		_cleanup_(level_tables_deinit) struct level_tables old = now;

		now = (struct level_tables){0};
		for (i = 0; i < old.list.n && !rc; i += some) {
			some = old.list.n - i < TABLES_AT_ONCE ? old.list.n - i
							       : TABLES_AT_ONCE;
			rc = mappings_batch(&s, &old.list.v[i], some, &now,
					    err);
		}
	}
	if (!rc && out->list.n)
		qsort(out->list.v, out->list.n, sizeof(*out->list.v), by_space);
	return rc;
}

void mappings_deinit(struct mappings *m)
{
	vec_deinit(&m->list);
}
