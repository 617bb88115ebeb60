/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process has where its page tables have nothing. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/sort.h"
#include "guest/search_window.h"

/* Slots in all: 256 TiB, as much as four levels reach, twice. */
#define SLOTS_MOST (1u << 18)

struct gaps {
	VEC(struct unmapped_gap) list;
};

static void gaps_deinit(struct gaps *g)
{
	vec_deinit(&g->list);
}

/* Up to `next`, not itself, nothing is there; then `len` bytes are. */
static int gaps_skip(struct gaps *g, uint64_t *at, uint64_t next, uint64_t len)
{
	if (*at < next && vec_push(&g->list, {.va = *at, .len = next - *at}))
		return ERR_NOMEM;
	*at = next + len;
	return 0;
}

/* One page that was swapped out; others without a frame are nowhere. */
static int gaps_add_end(struct gaps *g, const struct space_end *e)
{
	if (e->result != WALK_SWAPPED)
		return 0;
	return vec_push(&g->list, {.va = e->va,
				   .len = e->len,
				   .swapped = true,
				   .slot = {e->swap_type, e->swap_offset}});
}

/* What neither of both lists has of [start, last], and what is swapped. */
static int gaps_between(struct gaps *g, uint64_t start, uint64_t last,
			const struct space_extent *extents, size_t n,
			const struct space_end *ends, size_t n_ends)
{
	size_t i = 0, j = 0;
	uint64_t at = start;

	while (i < n || j < n_ends) {
		if (j == n_ends || (i < n && extents[i].va < ends[j].va)) {
			if (gaps_skip(g, &at, extents[i].va, extents[i].len))
				return ERR_NOMEM;
			i++;
			continue;
		}
		if (gaps_skip(g, &at, ends[j].va, ends[j].len) ||
		    gaps_add_end(g, &ends[j]))
			return ERR_NOMEM;
		j++;
	}
	if (at && at <= last) /* 0: what was last is at the very end */
		return vec_push(&g->list, {.va = at, .len = last - at + 1});
	return at || start ? 0 : vec_push(&g->list, {.va = 0, .len = last + 1});
}

int search_find_unmapped(struct search *s, uint64_t start, uint64_t last,
			 const struct space_extent *extents, size_t n,
			 struct unmapped_runs *out, struct err *err)
{
	struct space_tables tables = s->bottom; /* they were counted before */
	_cleanup_free_ struct space_end *ends = NULL;
	_cleanup_(gaps_deinit) struct gaps gaps = {0};
	size_t n_ends = 0;
	int rc;

	tables.left = SIZE_MAX;
	rc = space_ends(s->m, s->root, start, last, &tables, &ends, &n_ends,
			err);
	if (!rc && gaps_between(&gaps, start, last, extents, n, ends, n_ends))
		rc = err_nomem(err);
	return rc ? rc
		  : unmapped_find(s->unmapped, gaps.list.v, gaps.list.n, out,
				  err);
}

/* The slots of one area, but for one that is the last already. */
static int add_area(const struct vma *v, uint64_t start, uint64_t last,
		    uint64_t *slots, size_t *n)
{
	uint64_t at = v->start > start ? v->start : start;
	uint64_t end = v->end - 1 < last ? v->end - 1 : last;

	for (at -= at % SPACE_SLOT; at <= end; at += SPACE_SLOT) {
		if (*n && slots[*n - 1] == at)
			continue;
		if (*n == SLOTS_MOST)
			return ERR_REFUSED;
		slots[(*n)++] = at;
		if (at + SPACE_SLOT < at)
			break;
	}
	return 0;
}

int search_add_slots(const struct search *s, uint64_t start, uint64_t last,
		     uint64_t **slots, size_t *n, struct err *err)
{
	const struct vma_list *l = &s->unmapped->vmas;
	uint64_t *all = realloc(*slots, (*n + SLOTS_MOST) * sizeof(*all));
	size_t i, from = *n, used = 0;

	if (!all)
		return err_nomem(err);
	*slots = all;
	for (i = 0; i < l->n; i++)
		if (l->v[i].end - 1 >= start && l->v[i].start <= last &&
		    add_area(&l->v[i], start, last, all + from, &used))
			return err_set(err, ERR_REFUSED,
				       "the process has areas of more than 256 "
				       "TiB: give an address and a length");
	used += from;
	*n = sort_u64_once(all, used);
	return 0;
}
