/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what of VMAs is swapped out. */
#include "kernel/mm/vma_swap.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/mm/page_cache.h"

int vma_swaps_count(struct kernel *k, const struct vma_swap *v, size_t n,
		    struct vma_uses *out, struct err *err)
{
	_cleanup_free_ struct swap_slot *slots = calloc(n + 1, sizeof(*slots));
	_cleanup_free_ uint32_t *counts = calloc(n + 1, sizeof(*counts));
	size_t i;
	int rc;

	if (!slots || !counts)
		return err_nomem(err);
	if (!n)
		return 0;
	for (i = 0; i < n; i++)
		slots[i] = v[i].slot;
	rc = swap_slots_count(k, slots, n, counts, err);
	for (i = 0; i < n && !rc; i++) {
		struct vma_use *u = &out->v[v[i].vma];

		u->swap += PAGE_SIZE_4K;
		if (counts[i] == SWAP_COUNT_UNKNOWN)
			u->unknown_swap++;
		else
			u->swap_pss +=
				((uint64_t)PAGE_SIZE_4K << VMA_PSS_SHIFT) /
				counts[i];
	}
	return rc;
}

#define SHMEM_FOLIO_MAX 2048u /* pages */

/* The files that VMAs map, each once, and their caches. */
struct shmem_work {
	struct map at; /* struct file to index */
	VEC(uint64_t) files;
	struct page_cache *caches;
	VEC(struct page_cache_want) wants;
	struct xarray_entries entries;
	uint64_t *sums; /* pages in swap of the entries before each */
};

static void shmem_work_deinit(struct shmem_work *w)
{
	map_deinit(&w->at);
	vec_deinit(&w->files);
	free(w->caches);
	vec_deinit(&w->wants);
	xarray_entries_deinit(&w->entries);
	free(w->sums);
}

static int shmem_files(struct shmem_work *w, const struct vma_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		uint64_t file = l->v[i].file;

		if (!file || map_get(&w->at, file, NULL))
			continue;
		if (map_put(&w->at, file, w->files.n) ||
		    vec_push(&w->files, file))
			return ERR_NOMEM;
	}
	return 0;
}

/* The pages of a cache in memory that a VMA maps; false: it maps none. */
static bool shmem_want(const struct shmem_work *w, const struct vma *v,
		       struct page_cache_want *want)
{
	uint64_t at;

	if (!map_get(&w->at, v->file, &at) ||
	    w->caches[at].kind != PAGE_CACHE_MEMORY)
		return false;
	*want = (struct page_cache_want){
		.cache = w->caches[at].same,
		.first = v->pgoff,
		.last = v->pgoff + (v->end - v->start) / PAGE_SIZE_4K - 1};
	return true;
}

static int shmem_wants(struct shmem_work *w, const struct vma_list *l)
{
	struct page_cache_want want;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (shmem_want(w, &l->v[i], &want) && vec_push(&w->wants, want))
			return ERR_NOMEM;
	return 0;
}

/* Values that are no pointers are places in swap. */
static uint64_t shmem_all_pages(const struct xarray_entry *e)
{
	return e->value & 1 ? e->last - e->first + 1 : 0;
}

/* Pages of an entry: all of a folio, though some be not mapped; of what is no
 * folio (none is larger than 8 MiB) those that are. */
static uint64_t shmem_pages(const struct xarray_entry *e,
			    const struct page_cache_want *want)
{
	uint64_t first = e->first, last = e->last;

	if (!(e->value & 1))
		return 0;
	if (last - first >= SHMEM_FOLIO_MAX) {
		first = first > want->first ? first : want->first;
		last = last < want->last ? last : want->last;
	}
	return last - first + 1;
}

/* Added up once: many VMAs may map one large file. */
static int shmem_sum(struct shmem_work *w)
{
	size_t i, n = w->entries.list.n;

	w->sums = calloc(n + 1, sizeof(*w->sums));
	for (i = 0; w->sums && i < n; i++)
		w->sums[i + 1] =
			w->sums[i] + shmem_all_pages(&w->entries.list.v[i]);
	return w->sums ? 0 : ERR_NOMEM;
}

/* shmem_partial_swap_usage(): of the first and the last entry perhaps a part.
 */
static uint64_t shmem_swapped(const struct shmem_work *w,
			      const struct page_cache_want *want)
{
	const struct xarray_entries *e = &w->entries;
	const struct xarray_entry *v = e->list.v;
	size_t from = xarray_entries_seek(e, want->cache, want->first);
	size_t end = xarray_entries_seek(e, want->cache, want->last);
	uint64_t pages;

	if (end < e->list.n && v[end].of == want->cache &&
	    v[end].first <= want->last)
		end++;
	if (end <= from)
		return 0;
	pages = w->sums[end] - w->sums[from];
	pages -= shmem_all_pages(&v[from]) - shmem_pages(&v[from], want);
	if (end - from > 1)
		pages -= shmem_all_pages(&v[end - 1]) -
			 shmem_pages(&v[end - 1], want);
	return pages * PAGE_SIZE_4K;
}

/*
 * smap_gather_stats(): of a private mapping that can be written to only holes
 * count.  Where there are pages, too, it is not known which of them hide some.
 */
static void shmem_count(const struct shmem_work *w, const struct vma *v,
			struct vma_use *u)
{
	struct page_cache_want want;
	uint64_t swapped;

	if (!shmem_want(w, v, &want))
		return;
	if (w->entries.torn) {
		u->unknown_swap++;
		return;
	}
	swapped = shmem_swapped(w, &want);
	if (swapped && !(v->flags & VM_SHARED) && (v->flags & VM_WRITE) &&
	    (u->rss || u->swap))
		u->unknown_swap++;
	else
		u->swap += swapped;
}

static int shmem_find(struct kernel *k, struct shmem_work *w,
		      const struct vma_list *lists, size_t n, struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		if (shmem_files(w, &lists[i]))
			return err_nomem(err);
	w->caches = calloc(w->files.n + 1, sizeof(*w->caches));
	if (!w->caches)
		return err_nomem(err);
	rc = page_caches_read(k, w->files.v, w->files.n, w->caches, err);
	for (i = 0; i < n && !rc; i++)
		if (shmem_wants(w, &lists[i]))
			rc = err_nomem(err);
	if (!rc && w->wants.n)
		rc = page_caches_find(k, w->caches, w->files.n, w->wants.v,
				      w->wants.n, &w->entries, err);
	if (!rc && shmem_sum(w))
		rc = err_nomem(err);
	return rc;
}

int vma_shmem_swap(struct kernel *k, const struct vma_list *lists, size_t n,
		   struct vma_uses *out, struct err *err)
{
	_cleanup_(shmem_work_deinit) struct shmem_work w = {0};
	uint64_t areas = 1;
	size_t i, v;
	int rc = kernel_read_symbol(k, "nr_swapfiles", 4, &areas, err);

	if (rc == ERR_NOT_FOUND)
		rc = 0; /* perhaps some */
	if (rc || !areas)
		return rc;
	rc = shmem_find(k, &w, lists, n, err);
	for (i = 0; i < n && !rc; i++)
		for (v = 0; v < lists[i].n; v++)
			shmem_count(&w, &lists[i].v[v],
				    &out->v[out->first[i] + v]);
	return rc;
}
