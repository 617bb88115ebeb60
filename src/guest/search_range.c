/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is in a range that is searched, some of it at a time. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "guest/search_window.h"

/* Slots of the address space that page tables are read of at once. */
#define SLOTS 8

/* Tables down to the pud: those of two petabytes. */
#define SLOT_TABLES 4096

static size_t table_limit(const struct machine *m)
{
	uint64_t pages = SLOT_TABLES;
	size_t i;

	for (i = 0; i < m->ram.n; i++)
		pages += m->ram.v[i].size / PAGE_SIZE_4K;
	return (size_t)pages;
}

/* A part of the range: mapped, or what would be there. */
struct stretch {
	uint64_t va, len;
	uint64_t pa; /* of the first byte; 0: it has none */
	int from;
};

static int search_add_stretch(struct search *s, struct stretch x,
			      uint64_t start, uint64_t last, struct err *err)
{
	bool in_memory = x.from == SEARCH_MAPPED || x.pa;

	if (x.va > last || x.va + (x.len - 1) < start)
		return 0;
	if (x.va < start) {
		x.len -= start - x.va;
		x.pa += in_memory ? start - x.va : 0;
		x.va = start;
	}
	if (x.len - 1 > last - x.va)
		x.len = last - x.va + 1;
	if (in_memory)
		return search_add_ram(s, x.va, x.pa, x.pa + (x.len - 1), x.from,
				      err);
	if (unmapped_has_bytes((enum unmapped_kind)x.from))
		return search_add_zeros(s, x.va, x.len, x.from, err);
	s->bytes_of[x.from] += x.len;
	return 0;
}

/* Both in the order of their addresses, which none has in common. */
static int search_add_all(struct search *s, const struct space_extent *extents,
			  size_t n, const struct unmapped_runs *runs,
			  const uint64_t range[2], struct err *err)
{
	size_t i = 0, j = 0;
	int rc = 0;

	while ((i < n || j < runs->list.n) && !rc && !s->cut) {
		const struct unmapped_run *r;
		struct stretch x;

		if (j == runs->list.n ||
		    (i < n && extents[i].va < runs->list.v[j].va)) {
			x = (struct stretch){extents[i].va, extents[i].len,
					     extents[i].pa, SEARCH_MAPPED};
			i++;
		} else {
			r = &runs->list.v[j++];
			x = (struct stretch){r->va, r->len, r->pa,
					     (int)r->kind};
		}
		rc = search_add_stretch(s, x, range[0], range[1], err);
	}
	return rc;
}

/* The slots at v, n of them: whole pages, and of these what is wanted. */
static int search_slots(struct search *s, const uint64_t *v, size_t n,
			uint64_t start, uint64_t last, struct err *err)
{
	_cleanup_(unmapped_runs_deinit) struct unmapped_runs runs = {0};
	_cleanup_free_ struct space_extent *extents = NULL;
	uint64_t end = v[n - 1] + (SPACE_SLOT - 1);
	uint64_t range[2] = {start > v[0] ? start : v[0],
			     last < end ? last : end};
	uint64_t from = range[0] - range[0] % PAGE_SIZE_4K;
	uint64_t to = range[1] | (PAGE_SIZE_4K - 1);
	size_t count = 0;
	int rc;

	rc = space_extents(s->m, s->root, from, to, &s->bottom, &extents,
			   &count, err);
	if (!rc && s->unmapped)
		rc = search_find_unmapped(s, from, to, extents, count, &runs,
					  err);
	return rc ? rc : search_add_all(s, extents, count, &runs, range, err);
}

int search_range(struct search *s, uint64_t start, uint64_t last,
		 struct err *err)
{
	_cleanup_free_ uint64_t *slots = NULL;
	size_t n = 0, i, some;
	int rc;

	if (!s->root)
		return search_add_ram(s, start, start, last, SEARCH_MAPPED,
				      err);
	if (!s->bottom.level) {
		s->bottom.level = SPACE_SLOT_LEVEL - 1;
		s->bottom.left = table_limit(s->m);
	}
	s->top.left = SLOT_TABLES;
	rc = space_slots(s->m, s->root, start, last, &s->top, &slots, &n, err);
	if (!rc && s->unmapped)
		rc = search_add_slots(s, start, last, &slots, &n, err);
	for (i = 0; i < n && !rc && !s->cut; i += some) {
		some = n - i < SLOTS ? n - i : SLOTS;
		rc = search_slots(s, slots + i, some, start, last, err);
	}
	return rc;
}
