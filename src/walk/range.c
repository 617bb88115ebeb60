/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks of all pages of a range. */
#include "walk/range.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* So many walks are under way together: a batch of reads for each level. */
#define SLICE (1u << 14)

/* How far what the walk ended at reaches, from its address on. */
static uint64_t walk_reach(const struct walk *w)
{
	uint64_t size = w->n ? w->page_size
			     : 1ULL << w->root->paging->family->form[1].shift;

	return size - (w->va & (size - 1));
}

/* Whether b, which is `distance` further on, goes the same way as a. */
static bool goes_on_as(const struct walk *a, const struct walk *b,
		       uint64_t distance)
{
	const struct walk_level *x = &a->level[a->n - 1],
				*y = &b->level[b->n - 1];
	uint64_t pa_a, pa_b;

	if (a->result != b->result || a->n != b->n)
		return false;
	if (!a->n)
		return true;
	if (x->table != y->table || a->denied != b->denied)
		return false;
	if (!walk_has_frame(a->result))
		return x->entry == y->entry;
	if (a->pa + distance != b->pa)
		return false;
	/* All bits but those of the address. */
	pa_a = a->pa - walk_in_page(a);
	pa_b = b->pa - walk_in_page(b);
	return (x->entry ^ pa_a) == (y->entry ^ pa_b);
}

static int walk_range_add(struct walk_runs *out, const struct walk *w,
			  uint64_t len)
{
	struct walk_run *last =
		out->list.n ? &out->list.v[out->list.n - 1] : NULL;

	if (last && goes_on_as(&last->walk, w, last->len)) {
		last->len += len;
		return 0;
	}
	return vec_push(&out->list, {.walk = *w, .len = len});
}

/*
 * Take what n walks found; *done is how far that reaches, from `at` on.  Most
 * of those in a hole, or in a large page, find the same as the one before.
 */
static int walk_range_take(struct walk_runs *out, const struct walk *walks,
			   size_t n, uint64_t len, uint64_t *done)
{
	uint64_t at = walks[0].va, reach;
	size_t i;

	*done = 0;
	for (i = 0; i < n; i++) {
		if (walks[i].va - at < *done)
			continue;
		reach = walk_reach(&walks[i]);
		if (reach > len - *done)
			reach = len - *done;
		if (walk_range_add(out, &walks[i], reach))
			return ERR_NOMEM;
		*done += reach;
	}
	return 0;
}

static size_t launch_slice(const struct walk_root *root, uint64_t at,
			   uint64_t len, struct walk *walks)
{
	uint64_t page = 1ULL << root->paging->family->form[1].shift, va = at;
	size_t n = 0;

	do {
		walk_launch(&walks[n++], root, va);
		va += page - (va & (page - 1));
	} while (va && va - at < len && n < SLICE);
	return n;
}

int walk_range(struct machine *m, const struct walk_root *root, uint64_t at,
	       uint64_t len, struct walk_runs *out, struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(SLICE, sizeof(*walks));
	uint64_t done;
	size_t n;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (; len; at += done, len -= done) {
		n = launch_slice(root, at, len, walks);
		rc = walk_run(m, walks, n, err);
		if (rc)
			return rc;
		if (walk_range_take(out, walks, n, len, &done))
			return err_nomem(err);
	}
	return 0;
}

void walk_runs_deinit(struct walk_runs *runs)
{
	vec_deinit(&runs->list);
}
