/* SPDX-License-Identifier: BSD-2-Clause */
/* Range walks: what is mapped in a stretch of an address space. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/sort.h"
#include "base/vec.h"
#include "walk/space.h"

/* A table, and the address that its first entry maps in which range. */
struct table {
	uint64_t pa, va;
	uint32_t range;
	uint8_t denied;
};

struct tables {
	VEC(struct table) list;
};

struct scan;

/* A leaf at level `level` that was found, or a table below the last level. */
typedef int found_fn(struct scan *s, const struct walk *w, uint64_t va,
		     uint64_t len);

struct scan {
	struct machine *m;
	const struct space_range *ranges; /* of one way of paging */
	size_t n_ranges, now; /* the one that something is found in */
	struct space_tables *tables;
	unsigned int bottom; /* tables of levels below are not read */
	found_fn *found;
	VEC(struct space_run) runs;
	VEC(struct space_extent) extents;
	VEC(struct space_end) ends;
	VEC(uint64_t) slots;
	space_leaf_fn *leaf;
	void *arg;
};

static const struct paging *scan_paging(const struct scan *s)
{
	return s->ranges->root->paging;
}

static void tables_deinit(struct tables *t)
{
	vec_deinit(&t->list);
}

/* An entry that is not all zeros, and maps some of the range from va on. */
static int scan_entry(struct scan *s, const struct table *t, unsigned int level,
		      uint64_t va, uint64_t entry, struct tables *next)
{
	const struct space_range *range = &s->ranges[t->range];
	uint64_t len = 1ULL << scan_paging(s)->family->form[level].shift;
	struct walk w;

	walk_enter(&w, range->root, va, level, t->denied, entry);
	if (!w.done && level > s->bottom)
		return vec_push(&next->list, {w.next, va, t->range, w.denied});
	s->now = t->range;
	return s->found(s, &w, va, len);
}

/* What this table maps is not found; the caller is to know. */
static void scan_skip(struct scan *s, const struct table *t, unsigned int level)
{
	struct space_tables *tables = s->tables;

	if (tables->level && level > tables->level)
		return;
	if (!tables->unreadable++) {
		tables->pa = t->pa;
		tables->va = t->va;
	}
}

/* The first entry from `e` on that is not zero, or n.  Most are, and these cost
 * as little as can be. */
static size_t scan_next(const uint8_t *table, size_t e, size_t n,
			const struct paging *p)
{
	static const uint8_t zeros[64];
	size_t each = sizeof(zeros) / p->family->entry_bytes;

	while (e < n && !walk_table_entry(p, table, e)) {
		e++;
		while (e % each == 0 && e + each <= n &&
		       !memcmp(table + e * p->family->entry_bytes, zeros,
			       sizeof(zeros)))
			e += each;
	}
	return e;
}

static int scan_table(struct scan *s, const struct table *t, unsigned int level,
		      const struct mem_read *read, struct tables *next)
{
	const struct paging *p = scan_paging(s);
	const struct space_range *range = &s->ranges[t->range];
	uint64_t len = 1ULL << p->family->form[level].shift;
	size_t e, n = read->len / p->family->entry_bytes;

	if (read->status != MEM_OK) {
		scan_skip(s, t, level);
		return 0;
	}
	for (e = scan_next(read->dst, 0, n, p); e < n;
	     e = scan_next(read->dst, e + 1, n, p)) {
		uint64_t va, entry = walk_table_entry(p, read->dst, e);

		va = paging_extend(p, t->va + e * len);
		if (va + (len - 1) < range->start || va > range->last)
			continue;
		if (scan_entry(s, t, level, va, entry, next))
			return ERR_NOMEM;
	}
	return 0;
}

/* Read all tables of one level in one batch and sort out their entries. */
static int scan_level(struct scan *s, const struct tables *now,
		      unsigned int level, struct tables *next, struct err *err)
{
	size_t size = walk_table_bytes(scan_paging(s), level);
	size_t n = now->list.n, i;
	_cleanup_free_ struct mem_read *reads = NULL;
	_cleanup_free_ uint8_t *pages = NULL;
	int rc;

	if (n > s->tables->left)
		return err_set(err, ERR_CORRUPT,
			       "page tables: more tables than can be");
	s->tables->left -= n;
	reads = calloc(n + 1, sizeof(*reads));
	pages = malloc(n * size + 1);
	if (!reads || !pages)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct mem_read){.pa = now->list.v[i].pa,
					     .dst = pages + i * size,
					     .len = size};
	rc = machine_read(s->m, reads, n, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		if (scan_table(s, &now->list.v[i], level, &reads[i], next))
			return err_nomem(err);
	return 0;
}

/* Of all levels. */
static struct scan scan_of(struct machine *m, const struct space_range *ranges,
			   size_t n, struct space_tables *tables,
			   found_fn *found)
{
	return (struct scan){.m = m,
			     .ranges = ranges,
			     .n_ranges = n,
			     .tables = tables,
			     .bottom = 1,
			     .found = found};
}

static void scan_deinit(struct scan *s)
{
	vec_deinit(&s->runs);
	vec_deinit(&s->extents);
	vec_deinit(&s->ends);
	vec_deinit(&s->slots);
}

/* All levels from the top to the last that is wanted; after an error nothing
 * was found. */
static int scan_all(struct scan *s, struct err *err)
{
	_cleanup_(tables_deinit) struct tables now = {0};
	const struct paging *p = scan_paging(s);
	unsigned int level;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->n_ranges; i++)
		if (vec_push(&now.list, {paging_root(p, s->ranges[i].root->pgd),
					 0, (uint32_t)i, 0}))
			return err_nomem(err);
	for (level = p->levels; level >= s->bottom && !rc; level--) {
		_cleanup_(tables_deinit) struct tables old = now;

		now = (struct tables){0};
		rc = scan_level(s, &old, level, &now, err);
	}
	if (rc)
		scan_deinit(s);
	return rc;
}

static int by_va(const void *a, const void *b)
{
	const struct space_run *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* Sort, cut to the range, and merge neighbours of like permissions. */
static size_t merge(struct space_run *v, size_t n, uint64_t start,
		    uint64_t last)
{
	size_t i, out = 0;

	if (n)
		qsort(v, n, sizeof(*v), by_va);
	for (i = 0; i < n; i++) {
		struct space_run r = v[i], *p = out ? &v[out - 1] : NULL;

		if (r.va < start) {
			r.len -= start - r.va;
			r.va = start;
		}
		if (r.va + r.len - 1 > last)
			r.len = last - r.va + 1;
		if (p && p->va + p->len == r.va && p->write == r.write &&
		    p->user == r.user && p->nx == r.nx)
			p->len += r.len;
		else
			v[out++] = r;
	}
	return out;
}

static int found_run(struct scan *s, const struct walk *w, uint64_t va,
		     uint64_t len)
{
	if (w->result != WALK_MAPPED)
		return 0;
	return vec_push(&s->runs, {va, len, w->write, w->user, w->nx});
}

int space_runs(struct machine *m, const struct walk_root *root, uint64_t start,
	       uint64_t end, struct space_tables *tables,
	       struct space_run **runs, size_t *n, struct err *err)
{
	const struct space_range range = {root, start, end - 1};
	struct scan s = scan_of(m, &range, 1, tables, found_run);
	int rc = scan_all(&s, err);

	if (rc)
		return rc;
	*n = merge(s.runs.v, s.runs.n, range.start, range.last);
	*runs = s.runs.v;
	return 0;
}

static int found_extent(struct scan *s, const struct walk *w, uint64_t va,
			uint64_t len)
{
	if (!w->done || !walk_has_frame(w->result))
		return 0;
	return vec_push(&s->extents, {va, w->pa, len});
}

static int extent_by_va(const void *a, const void *b)
{
	const struct space_extent *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* Sort, cut to the range, and merge what adjoins in both. */
static size_t merge_extents(struct space_extent *v, size_t n, uint64_t start,
			    uint64_t last)
{
	size_t i, out = 0;

	if (n)
		qsort(v, n, sizeof(*v), extent_by_va);
	for (i = 0; i < n; i++) {
		struct space_extent e = v[i], *p = out ? &v[out - 1] : NULL;

		if (e.va < start) {
			e.len -= start - e.va;
			e.pa += start - e.va;
			e.va = start;
		}
		if (e.va + (e.len - 1) > last)
			e.len = last - e.va + 1;
		if (p && p->va + p->len == e.va && p->pa + p->len == e.pa)
			p->len += e.len;
		else
			v[out++] = e;
	}
	return out;
}

int space_extents(struct machine *m, const struct walk_root *root,
		  uint64_t start, uint64_t last, struct space_tables *tables,
		  struct space_extent **extents, size_t *n, struct err *err)
{
	const struct space_range range = {root, start, last};
	struct scan s = scan_of(m, &range, 1, tables, found_extent);
	int rc = scan_all(&s, err);

	if (rc)
		return rc;
	*n = merge_extents(s.extents.v, s.extents.n, start, last);
	*extents = s.extents.v;
	return 0;
}

static int found_end(struct scan *s, const struct walk *w, uint64_t va,
		     uint64_t len)
{
	if (!w->done || walk_has_frame(w->result))
		return 0;
	return vec_push(&s->ends,
			{va, len, w->result, w->swap_type, w->swap_offset});
}

static int end_by_va(const void *a, const void *b)
{
	const struct space_end *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

int space_ends(struct machine *m, const struct walk_root *root, uint64_t start,
	       uint64_t last, struct space_tables *tables,
	       struct space_end **ends, size_t *n, struct err *err)
{
	const struct space_range range = {root, start, last};
	struct scan s = scan_of(m, &range, 1, tables, found_end);
	int rc = scan_all(&s, err);

	if (rc)
		return rc;
	if (s.ends.n)
		qsort(s.ends.v, s.ends.n, sizeof(*s.ends.v), end_by_va);
	*n = s.ends.n;
	*ends = s.ends.v;
	return 0;
}

static int found_slot(struct scan *s, const struct walk *w, uint64_t va,
		      uint64_t len)
{
	if (w->done && !walk_has_frame(w->result))
		return 0;
	(void)len; /* no page is larger */
	va &= ~(SPACE_SLOT - 1);
	if (s->slots.n && s->slots.v[s->slots.n - 1] == va)
		return 0; /* smaller entries: several to a slot */
	return vec_push(&s->slots, va);
}

int space_slots(struct machine *m, const struct walk_root *root, uint64_t start,
		uint64_t last, struct space_tables *tables, uint64_t **slots,
		size_t *n, struct err *err)
{
	const struct space_range range = {root, start, last};
	struct scan s = scan_of(m, &range, 1, tables, found_slot);
	unsigned int levels = root->paging->levels;
	int rc;

	/* there, or at a top below */
	s.bottom = levels < SPACE_SLOT_LEVEL ? levels : SPACE_SLOT_LEVEL;
	rc = scan_all(&s, err);
	if (rc)
		return rc;
	sort_u64(s.slots.v, s.slots.n);
	*n = s.slots.n;
	*slots = s.slots.v;
	return 0;
}

static int found_leaf(struct scan *s, const struct walk *w, uint64_t va,
		      uint64_t len)
{
	(void)len;
	(void)va;
	return w->done ? s->leaf(s->arg, s->now, w) : 0;
}

int space_leaves(struct machine *m, const struct space_range *ranges, size_t n,
		 struct space_tables *tables, space_leaf_fn *leaf, void *arg,
		 struct err *err)
{
	struct scan s = scan_of(m, ranges, n, tables, found_leaf);

	s.leaf = leaf;
	s.arg = arg;
	return n ? scan_all(&s, err) : 0;
}
