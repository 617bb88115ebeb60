/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds where the bytes are that no table maps: caches, zeros, or nowhere. */
#include "kernel/mm/unmapped.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/mm/unmapped_parts.h"

static const struct {
	const char *name, *words;
} kinds[UNMAPPED_KINDS] = {
	[UNMAPPED_PAGE_CACHE] = {"page-cache", "in the page cache"},
	[UNMAPPED_SWAP_CACHE] = {"swap-cache", "in the swap cache"},
	[UNMAPPED_ZERO_PAGE] = {"zero-page", "nobody has written there: zeros"},
	[UNMAPPED_HOLE] = {"hole", "a hole of its file in memory: zeros"},
	[UNMAPPED_ZEROS] = {"swapped-zeros", "swapped out as zeros"},
	[UNMAPPED_NO_AREA] = {"no-area", "in no area of the process"},
	[UNMAPPED_BEYOND] = {"beyond-end", "beyond the end of its file"},
	[UNMAPPED_NO_CACHE] = {"file",
			       "nowhere in memory: not in the page cache"},
	[UNMAPPED_SWAPPED] = {"swap",
			      "nowhere in memory: not in the swap cache"},
	[UNMAPPED_READING] = {"reading", "on its way into memory"},
	[UNMAPPED_OTHERS] = {"others", "for a driver, hugetlbfs or userfaultfd "
				       "to decide"},
	[UNMAPPED_UNKNOWN] = {"unknown", "not known where else"},
};

bool unmapped_has_bytes(enum unmapped_kind kind)
{
	return kind <= UNMAPPED_ZEROS;
}

const char *unmapped_name(enum unmapped_kind kind)
{
	return kinds[kind].name;
}

const char *unmapped_words(enum unmapped_kind kind)
{
	return kinds[kind].words;
}

void unmapped_parts_deinit(struct unmapped_parts *p)
{
	vec_deinit(&p->list);
}

void unmapped_runs_deinit(struct unmapped_runs *runs)
{
	vec_deinit(&runs->list);
}

const struct unmapped_run *unmapped_run_at(const struct unmapped_runs *runs,
					   uint64_t va)
{
	size_t lo = 0, hi = runs->list.n, mid;
	const struct unmapped_run *r;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		r = &runs->list.v[mid];
		if (r->va + (r->len - 1) < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == runs->list.n || runs->list.v[lo].va > va)
		return NULL;
	return &runs->list.v[lo];
}

int unmapped_open(struct unmapped *u, struct kernel *k, const struct mm *mm,
		  struct err *err)
{
	_cleanup_free_ uint64_t *files = NULL;
	size_t i;
	int rc;

	*u = (struct unmapped){.k = k};
	rc = vma_lists_read(k, mm, 1, &u->vmas, err);
	if (rc)
		return rc;
	files = calloc(u->vmas.n + 1, sizeof(*files));
	u->caches = calloc(u->vmas.n + 1, sizeof(*u->caches));
	if (!files || !u->caches)
		return err_nomem(err);
	for (i = 0; i < u->vmas.n; i++)
		files[i] = u->vmas.v[i].file;
	return page_caches_read(k, files, u->vmas.n, u->caches, err);
}

void unmapped_close(struct unmapped *u)
{
	vma_lists_deinit(&u->vmas, 1);
	free(u->caches);
	*u = (struct unmapped){0};
}

int unmapped_part_add(struct unmapped_parts *out, struct unmapped_part part,
		      struct err *err)
{
	if (out->list.n >= UNMAPPED_PARTS_MAX)
		return err_set(err, ERR_REFUSED,
			       "what no table maps is in more than %u pieces: "
			       "less of it can be asked for",
			       UNMAPPED_PARTS_MAX);
	return vec_push(&out->list, part) ? err_nomem(err) : 0;
}

/* A file has up to 2^63 bytes. */
#define PGOFF_BITS (63 - 12)

/* What the area says of pages that are not in it yet. */
static void part_judge(struct unmapped_part *p, const struct vma *v,
		       const struct page_cache *cache)
{
	p->kind = UNMAPPED_OTHERS;
	if (v->flags & (VM_PFNMAP | VM_IO | VM_HUGETLB))
		return;
	if (!v->ops) { /* vma_is_anonymous() */
		if (!(v->flags & VM_UFFD))
			p->kind = UNMAPPED_ZERO_PAGE;
		return;
	}
	if (!v->file || cache->kind == PAGE_CACHE_OTHER)
		return;
	p->kind = UNMAPPED_UNKNOWN;
	if (cache->kind == PAGE_CACHE_UNKNOWN || v->pgoff >> PGOFF_BITS ||
	    (v->start | p->va | p->len) % PAGE_SIZE_4K)
		return;
	p->lookup = LOOKUP_FILE;
	p->key = v->pgoff + (p->va - v->start) / PAGE_SIZE_4K;
	p->mapping = cache->mapping;
}

/* The first area that ends behind va. */
static size_t vma_behind(const struct vma_list *l, uint64_t va)
{
	size_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (l->v[mid].end <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A gap, cut where areas begin and end. */
static int cut_gap(const struct unmapped *u, const struct unmapped_gap *gap,
		   struct unmapped_parts *out, struct err *err)
{
	const struct vma_list *l = &u->vmas;
	uint64_t last = gap->va + (gap->len - 1), at = gap->va;
	size_t i = vma_behind(l, at);
	uint64_t left = gap->len;
	int rc = 0;

	while (left && !rc) {
		struct unmapped_part p = {.va = at,
					  .len = left,
					  .kind = l->torn ? UNMAPPED_UNKNOWN
							  : UNMAPPED_NO_AREA};
		bool inside;

		while (i < l->n && l->v[i].end <= at)
			i++; /* of a list that is torn, they may overlap */
		inside = i < l->n && l->v[i].start <= at;
		if (inside && l->v[i].end - 1 < last)
			p.len = l->v[i].end - at;
		else if (i < l->n && !inside && l->v[i].start <= last)
			p.len = l->v[i].start - at;
		if (inside) {
			p.vma = i;
			part_judge(&p, &l->v[i], &u->caches[i]);
		}
		at += p.len;
		left -= p.len;
		rc = unmapped_part_add(out, p, err);
	}
	return rc;
}

static int cut_gaps(const struct unmapped *u, const struct unmapped_gap *gaps,
		    size_t n, struct unmapped_parts *out, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++) {
		if (!gaps[i].len)
			continue;
		if (gaps[i].swapped)
			rc = unmapped_part_add(
				out,
				(struct unmapped_part){
					.va = gaps[i].va,
					.len = gaps[i].len,
					.lookup = LOOKUP_SLOT,
					.key = swap_slot_value(&gaps[i].slot)},
				err);
		else
			rc = cut_gap(u, &gaps[i], out, err);
	}
	return rc;
}

/* Neighbours of one kind become one run, if their frames adjoin. */
static int unmapped_merge(const struct unmapped_parts *parts,
			  struct unmapped_runs *out)
{
	size_t i;

	for (i = 0; i < parts->list.n; i++) {
		const struct unmapped_part *p = &parts->list.v[i];
		struct unmapped_run *last =
			out->list.n ? &out->list.v[out->list.n - 1] : NULL;

		if (last && last->va + last->len == p->va &&
		    last->kind == p->kind &&
		    (!p->pa || last->pa + last->len == p->pa))
			last->len += p->len;
		else if (vec_push(&out->list, {p->va, p->len, p->kind, p->pa}))
			return ERR_NOMEM;
	}
	return 0;
}

int unmapped_find(struct unmapped *u, const struct unmapped_gap *gaps, size_t n,
		  struct unmapped_runs *out, struct err *err)
{
	_cleanup_(unmapped_parts_deinit) struct unmapped_parts parts = {0};
	int rc = cut_gaps(u, gaps, n, &parts, err);

	*out = (struct unmapped_runs){0};
	if (!rc)
		rc = unmapped_look_up_files(u, &parts, err);
	if (!rc)
		rc = unmapped_look_up_slots(u, &parts, err);
	if (!rc)
		rc = unmapped_look_up_pages(u, &parts, err);
	if (!rc && unmapped_merge(&parts, out))
		rc = err_nomem(err);
	return rc;
}
