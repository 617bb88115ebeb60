/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks at pages of a place, and puts those together that are alike. */
#include "guest/page_runs.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "guest/lookup.h"

/* So many pages are looked at together: more of them would take memory. */
#define SLICE (1u << 14)

/* Runs of one kind in all RAM: more of them are no list that anybody reads. */
#define LISTED_MOST (1u << 20)

/* Where n pages from `at` on are. */
static int runs_find_frames(struct guest *g, const struct place *p, uint64_t at,
			    size_t n, struct walk *walks, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++, at += PAGE_SIZE_4K) {
		if (p->space == ADDR_PHYS)
			walks[i] = (struct walk){
				.va = at, .pa = at, .result = WALK_MAPPED};
		else
			walk_launch(&walks[i], &p->root, at);
	}
	return p->space == ADDR_PHYS ? 0 : walk_run(g->machine, walks, n, err);
}

static bool runs_alike(const struct page_info *a, const struct page_info *b,
		       uint64_t distance)
{
	return a->kind == b->kind && a->pfn + distance == b->pfn &&
	       a->flags == b->flags && a->mapping == b->mapping &&
	       a->mapcount == b->mapcount && a->refcount == b->refcount &&
	       a->maps_counted == b->maps_counted &&
	       a->extra_refs == b->extra_refs && a->nr == b->nr &&
	       a->hugetlb == b->hugetlb && a->order == b->order &&
	       a->memcg == b->memcg && a->cache == b->cache &&
	       a->migrate == b->migrate && (a->nr == 1 || a->head == b->head);
}

/* One more page: it makes the last run longer, or begins a new one. */
static int runs_add_page(struct page_runs *r, const struct walk *w,
			 const struct page_info *info)
{
	bool frame = walk_has_frame(w->result);
	struct page_run *last;

	if (vec_reserve(&r->runs, 1) || vec_reserve(&r->infos, 1))
		return ERR_NOMEM;
	last = &r->runs.v[r->runs.n ? r->runs.n - 1 : 0];
	if (r->runs.n && last->result == w->result &&
	    (!frame ||
	     runs_alike(&r->infos.v[r->infos.n - 1], info, last->pages))) {
		last->pages++;
		return 0;
	}
	r->runs.v[r->runs.n++] = (struct page_run){w->va, 1, w->result};
	r->infos.v[r->infos.n++] = *info;
	return 0;
}

/*
 * A page that a process maps though none of its mappings was counted: a driver
 * has put it there by its frame number (a dma_buf of pages of shared memory).
 */
static void runs_judge_count(const struct place *p, struct page_info *info)
{
	if (p->space == ADDR_PID && !info->mapcount)
		info->maps_counted = false;
}

static bool runs_wanted(const struct page_runs *r, const struct page_info *p)
{
	return r->kinds & 1u << p->kind || (r->hugetlb && p->hugetlb);
}

static int runs_take_slice(struct guest *g, struct page_runs *r, uint64_t at,
			   size_t n, struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(n, sizeof(*walks));
	_cleanup_free_ uint64_t *pfns = calloc(n, sizeof(*pfns));
	_cleanup_free_ struct page_info *infos = calloc(n, sizeof(*infos));
	size_t i, frames = 0;
	int rc;

	if (!walks || !pfns || !infos)
		return err_nomem(err);
	rc = runs_find_frames(g, r->place, at, n, walks, err);
	for (i = 0; i < n && !rc; i++)
		if (walk_has_frame(walks[i].result))
			pfns[frames++] = walks[i].pa / PAGE_SIZE_4K;
	if (!rc)
		rc = page_read(g->kernel, pfns, frames, infos, err);
	for (i = 0; i < frames && !rc; i++)
		runs_judge_count(r->place, &infos[i]);
	for (i = frames = 0; i < n && !rc; i++) {
		static const struct page_info none;
		bool frame = walk_has_frame(walks[i].result);

		if (r->choose && !runs_wanted(r, &infos[i])) {
			frames++;
			continue;
		}
		if (runs_add_page(r, &walks[i],
				  frame ? &infos[frames++] : &none))
			return err_nomem(err);
	}
	return rc;
}

/* Whose the pages are: files, control groups, slab caches. */
static int runs_name_owners(struct kernel *k, struct page_runs *r,
			    struct err *err)
{
	int rc = page_files_read(k, r->infos.v, r->infos.n, &r->files, err);

	if (!rc)
		rc = page_groups_read(k, r->infos.v, r->infos.n, &r->groups,
				      err);
	return rc ? rc
		  : page_slabs_read(k, r->infos.v, r->infos.n, &r->slabs, err);
}

int page_runs_add(struct guest *g, struct page_runs *r, uint64_t at, uint64_t n,
		  struct err *err)
{
	size_t now;
	int rc = 0;

	for (; n && !rc; n -= now, at += now * (uint64_t)PAGE_SIZE_4K) {
		now = n < SLICE ? (size_t)n : SLICE;
		rc = runs_take_slice(g, r, at, now, err);
		if (!rc && r->choose && r->runs.n > LISTED_MOST)
			rc = err_set(err, ERR_REFUSED,
				     "more than %u runs of such pages",
				     LISTED_MOST);
	}
	return rc;
}

int page_runs_name(struct guest *g, struct page_runs *r, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(r->runs.n + 1, sizeof(*at));
	size_t i;
	int rc = runs_name_owners(g->kernel, r, err);

	if (rc)
		return rc;
	r->symbols = calloc(r->runs.n + 1, sizeof(*r->symbols));
	if (!at || !r->symbols)
		return err_nomem(err);
	for (i = 0; i < r->runs.n; i++)
		at[i] = r->runs.v[i].at;
	return lookup_names(g, r->place, at, r->runs.n, r->symbols, err);
}

void page_runs_deinit(struct page_runs *r)
{
	vec_deinit(&r->runs);
	vec_deinit(&r->infos);
	page_files_deinit(&r->files);
	page_groups_deinit(&r->groups);
	page_slabs_deinit(&r->slabs);
	free(r->symbols);
}
