/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap cache as trees of pages, as kernels up to 6.17 keep it. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/mm/swap_work.h"
#include "kernel/xarray.h"

/* What is wanted of the types. */
enum {
	FIELD_MAPPING_PAGES = WANTS_OF(READER_SWAP_TREES),
	STRUCT_MAPPING
};

static const struct want want_table[] = {
	FIELD(MAPPING_PAGES, "address_space", OPTIONAL, "i_pages.xa_head"),
	STRUCT(MAPPING, "address_space", OPTIONAL),
};

const struct wants swap_trees_wants = {.reader = "trees of the swap cache",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

#define SPACE_SHIFT 14 /* 64 MiB */

/*
 * The address_space of each that is wanted: one for each 64 MiB of an area, as
 * swapper_spaces[] has them by type.
 */
static int swap_spaces(struct swap_work *w, uint64_t *spaces, struct err *err)
{
	uint32_t size = profile_sizeof(w->k->profile, STRUCT_MAPPING);
	uint64_t table;
	size_t i;
	int rc;

	memset(spaces, 0, w->n * sizeof(*spaces));
	if (!size || !xarrays_known(w->k) ||
	    !profile_symbol(w->k->profile, "swapper_spaces", &table))
		return 0;
	for (i = 0; i < w->n; i++)
		spaces[i] = table + 8 * swap_slot_of(w->v[i].value).type;
	rc = swap_read_words(w, spaces, spaces, err);
	for (i = 0; i < w->n; i++)
		if (kernel_pointer(w->k, spaces[i]))
			spaces[i] += (swap_slot_of(w->v[i].value).offset >>
				      SPACE_SHIFT) *
				     size;
		else
			spaces[i] = 0;
	return rc;
}

/* The trees of these spaces, and what is wanted of each. */
struct swap_trees {
	struct xarray *trees;
	struct xarray_range *ranges;
	size_t *of; /* the tree of each that is wanted */
	size_t n;
};

static void swap_trees_deinit(struct swap_trees *t)
{
	free(t->trees);
	free(t->ranges);
	free(t->of);
}

/*
 * An index is the offset (6.1), or what of it is within the space (6.12): none
 * that is one can be the other (docs/facts/kernel.md, "Swap areas").
 */
static size_t swap_add_ranges(const struct swap_wanted *v, size_t n,
			      struct xarray_range *out)
{
	uint64_t mask = (1ULL << SPACE_SHIFT) - 1;
	size_t n_out = 0, i, whole;

	for (whole = 0; whole < 2; whole++)
		for (i = 0; i < n; i++) {
			uint64_t at = swap_slot_of(v[i].value).offset;

			at = whole ? at : at & mask;
			if (!n_out || out[n_out - 1].last < at)
				out[n_out++] = (struct xarray_range){at, at};
		}
	return n_out;
}

static int swap_trees_init(struct swap_trees *t, const struct swap_work *w,
			   const uint64_t *spaces, const uint64_t *heads)
{
	size_t i, end, used = 0;

	t->trees = calloc(w->n + 1, sizeof(*t->trees));
	t->ranges = calloc(2 * w->n + 1, sizeof(*t->ranges));
	t->of = calloc(w->n + 1, sizeof(*t->of));
	if (!t->trees || !t->ranges || !t->of)
		return ERR_NOMEM;
	for (i = 0; i < w->n; i = end) {
		for (end = i; end < w->n && spaces[end] == spaces[i]; end++)
			t->of[end] = t->n;
		if (!spaces[i])
			continue;
		t->trees[t->n] = (struct xarray){.head = heads[i],
						 .ranges = t->ranges + used};
		t->trees[t->n].n =
			swap_add_ranges(w->v + i, end - i, t->ranges + used);
		used += t->trees[t->n++].n;
	}
	return 0;
}

/* What the trees say: a page; or nothing, or what was there before. */
static void swap_take_trees(struct swap_work *w, const uint64_t *spaces,
			    const struct swap_trees *t,
			    const struct xarray_entries *entries)
{
	uint64_t mask = (1ULL << SPACE_SHIFT) - 1;
	size_t i;

	for (i = 0; i < w->n; i++) {
		uint64_t at = swap_slot_of(w->v[i].value).offset;
		struct swap_found *f = &w->out[w->v[i].number];
		const struct xarray_entry *e = NULL;

		if (!spaces[i])
			continue;
		e = xarray_entry_at(entries, t->of[i], at);
		if (!e)
			e = xarray_entry_at(entries, t->of[i], at & mask);
		if (e && !(e->value & 1))
			*f = (struct swap_found){SWAP_CACHED, e->value};
		else
			f->state = entries->torn ? SWAP_UNKNOWN : SWAP_OUT;
	}
}

int swap_find_in_trees(struct swap_work *w, struct err *err)
{
	_cleanup_(xarray_entries_deinit) struct xarray_entries entries = {0};
	_cleanup_(swap_trees_deinit) struct swap_trees t = {0};
	_cleanup_free_ uint64_t *spaces = calloc(w->n + 1, sizeof(*spaces));
	_cleanup_free_ uint64_t *heads = calloc(w->n + 1, sizeof(*heads));
	const struct profile_field *pages =
		profile_field(w->k->profile, FIELD_MAPPING_PAGES);
	size_t i;
	int rc;

	if (!spaces || !heads)
		return err_nomem(err);
	if (!pages->present)
		return 0;
	rc = swap_spaces(w, spaces, err);
	for (i = 0; i < w->n; i++)
		heads[i] = spaces[i] ? spaces[i] + pages->offset : 0;
	if (!rc)
		rc = swap_read_words(w, heads, heads, err);
	if (!rc && swap_trees_init(&t, w, spaces, heads))
		rc = err_nomem(err);
	if (!rc)
		rc = xarrays_read(w->k, t.trees, t.n, XARRAY_NODES_MAX,
				  &entries, err);
	if (!rc)
		swap_take_trees(w, spaces, &t, &entries);
	return rc;
}
