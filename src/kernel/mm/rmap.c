/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through all page tables for a frame. */
#include "kernel/mm/rmap.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"

/*
 * Each mm once, with the process that comes first of those that have it: a
 * leader that has ended has none, and its threads do.
 */
static int rmap_pick(struct kernel *k, struct rmap *r, struct err *err)
{
	_cleanup_(map_deinit) struct map seen = {0};
	size_t i, n = 0;

	for (i = 0; i < r->tasks.n; i++) {
		const struct task *t = &r->tasks.v[i];

		if (map_get(&seen, t->mm, NULL))
			continue;
		if (map_put(&seen, t->mm, i))
			return err_nomem(err);
		r->tasks.v[n++] = *t;
	}
	r->tasks.n = n;
	r->mms = calloc(n + 1, sizeof(*r->mms));
	if (!r->mms)
		return err_nomem(err);
	return mm_of_tasks(k, r->tasks.v, n, r->mms, err);
}

/* Lower halves of all processes, and what the kernel has for all of them. */
static int rmap_scan(struct kernel *k, struct rmap *r, struct err *err)
{
	_cleanup_free_ struct mappings_space *spaces =
		calloc(r->tasks.n + 1, sizeof(*spaces));
	uint64_t half = 1ULL << (k->root.paging->va_bits - 1);
	size_t i, n = 0;

	r->owner = calloc(r->tasks.n + 1, sizeof(*r->owner));
	if (!spaces || !r->owner)
		return err_nomem(err);
	spaces[n++] = (struct mappings_space){&k->root, -half, UINT64_MAX};
	for (i = 0; i < r->tasks.n; i++) {
		if (!r->mms[i].readable) {
			r->n_unread++;
			continue;
		}
		r->owner[n] = i;
		spaces[n++] =
			(struct mappings_space){&r->mms[i].root, 0, half - 1};
	}
	/* Tables that are shared (hugetlb) are read once for each. */
	r->tables.left = kernel_room(k, PAGE_SIZE_4K) * 2 + n;
	return mappings_find(k->machine, spaces, n, r->pa, &r->tables,
			     &r->found, err);
}

int rmap_read(struct kernel *k, uint64_t pa, struct rmap *out, struct err *err)
{
	uint64_t pfn = pa / PAGE_SIZE_4K;
	int rc;

	out->pa = pa;
	rc = task_list_read(k, true, &out->tasks, err);
	if (!rc) {
		task_list_keep_memory(&out->tasks);
		rc = rmap_pick(k, out, err);
	}
	if (!rc)
		rc = rmap_scan(k, out, err);
	if (!rc)
		rc = page_read(k, &pfn, 1, &out->page, err);
	return rc ? rc : aliases_find(k, &out->pa, 1, &out->aliases, err);
}

void rmap_deinit(struct rmap *r)
{
	mappings_deinit(&r->found);
	task_list_deinit(&r->tasks);
	free(r->mms);
	free(r->owner);
	*r = (struct rmap){0};
}
