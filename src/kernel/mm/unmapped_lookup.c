/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks unmapped memory up: trees of files, the swap cache, struct pages. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/alias.h"
#include "kernel/page/page.h"
#include "kernel/mm/unmapped_parts.h"

/* The pages of files that are wanted; be it beyond their ends. */
static void files_want(const struct unmapped *u,
		       const struct unmapped_parts *parts,
		       struct page_cache_want *wants, size_t *n)
{
	size_t i;

	for (i = *n = 0; i < parts->list.n; i++) {
		const struct unmapped_part *p = &parts->list.v[i];

		if (p->lookup == LOOKUP_FILE)
			wants[(*n)++] = (struct page_cache_want){
				.cache = u->caches[p->vma].same,
				.first = p->key,
				.last = p->key + p->len / PAGE_SIZE_4K - 1};
	}
}

/* `pages` more of a file's part, which is then the rest. */
static int file_add(struct unmapped_part *left, uint64_t pages,
		    struct unmapped_part piece, struct unmapped_parts *out,
		    struct err *err)
{
	piece.va = left->va;
	piece.len = pages * PAGE_SIZE_4K;
	piece.mapping = left->mapping;
	left->va += piece.len;
	left->len -= piece.len;
	left->key += pages;
	return pages ? unmapped_part_add(out, piece, err) : 0;
}

/* Pages that the tree does not have. */
static int file_add_hole(const struct unmapped *u, struct unmapped_part *left,
			 uint64_t pages, bool torn, struct unmapped_parts *out,
			 struct err *err)
{
	const struct page_cache *c = &u->caches[left->vma];
	bool memory = c->kind == PAGE_CACHE_MEMORY;
	struct unmapped_part p = {.kind = memory ? UNMAPPED_HOLE
						 : UNMAPPED_NO_CACHE};

	if (memory && u->vmas.v[left->vma].flags & VM_UFFD)
		p.kind = UNMAPPED_OTHERS;
	if (torn)
		p.kind = UNMAPPED_UNKNOWN;
	return file_add(left, pages, p, out, err);
}

/* Pages for which there is an entry: a folio, or where it was or is. */
static int file_add_entry(const struct unmapped *u, struct unmapped_part *left,
			  uint64_t pages, const struct xarray_entry *e,
			  struct unmapped_parts *out, struct err *err)
{
	bool memory = u->caches[left->vma].kind == PAGE_CACHE_MEMORY;
	struct unmapped_part p = {.kind = UNMAPPED_PAGE_CACHE,
				  .lookup = LOOKUP_PAGE,
				  .key = left->key,
				  .page = e->value};

	if (e->value & 1 && memory)
		p = (struct unmapped_part){.lookup = LOOKUP_SLOT,
					   .key = (e->value >> 1) +
						  (left->key - e->first)};
	else if (e->value & 1)
		p = (struct unmapped_part){.kind = UNMAPPED_NO_CACHE};
	return file_add(left, pages, p, out, err);
}

static uint64_t fewer_pages(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* One part of a file, by what its tree has. */
static int file_split(const struct unmapped *u, struct unmapped_part left,
		      const struct xarray_entries *entries,
		      struct unmapped_parts *out, struct err *err)
{
	const struct page_cache *c = &u->caches[left.vma];
	uint64_t end = c->size / PAGE_SIZE_4K + (c->size % PAGE_SIZE_4K != 0);
	size_t i = xarray_entries_seek(entries, c->same, left.key);
	int rc = 0;

	while (left.len && !rc) {
		const struct xarray_entry *e = NULL;
		uint64_t pages = left.len / PAGE_SIZE_4K;

		if (i < entries->list.n && entries->list.v[i].of == c->same)
			e = &entries->list.v[i];
		if (left.key >= end) {
			rc = file_add(
				&left, pages,
				(struct unmapped_part){.kind = UNMAPPED_BEYOND},
				out, err);
			continue;
		}
		pages = fewer_pages(pages, end - left.key);
		if (!e || e->first > left.key) {
			if (e)
				pages = fewer_pages(pages, e->first - left.key);
			rc = file_add_hole(u, &left, pages, entries->torn, out,
					   err);
			continue;
		}
		pages = fewer_pages(pages - 1, e->last - left.key) + 1;
		rc = file_add_entry(u, &left, pages, e, out, err);
		i++;
	}
	return rc;
}

/* The parts anew, with those of files by what their trees have. */
int unmapped_look_up_files(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err)
{
	_cleanup_(xarray_entries_deinit) struct xarray_entries entries = {0};
	_cleanup_(unmapped_parts_deinit) struct unmapped_parts old = *parts;
	_cleanup_free_ struct page_cache_want *wants =
		calloc(old.list.n + 1, sizeof(*wants));
	size_t i, n = 0;
	int rc;

	*parts = (struct unmapped_parts){0};
	if (!wants)
		return err_nomem(err);
	files_want(u, &old, wants, &n);
	rc = page_caches_find(u->k, u->caches, u->vmas.n, wants, n, &entries,
			      err);
	for (i = 0; i < old.list.n && !rc; i++)
		if (old.list.v[i].lookup == LOOKUP_FILE)
			rc = file_split(u, old.list.v[i], &entries, parts, err);
		else
			rc = unmapped_part_add(parts, old.list.v[i], err);
	return rc;
}

/* A page for each slot: several stand together in a large entry of tmpfs. */
static int slots_split(struct unmapped_parts *parts, struct err *err)
{
	_cleanup_(unmapped_parts_deinit) struct unmapped_parts old = *parts;
	size_t i;
	int rc = 0;

	*parts = (struct unmapped_parts){0};
	for (i = 0; i < old.list.n && !rc; i++) {
		struct unmapped_part p = old.list.v[i];

		if (p.lookup != LOOKUP_SLOT) {
			rc = unmapped_part_add(parts, p, err);
			continue;
		}
		while (p.len && !rc) {
			struct unmapped_part one = p;

			one.len = PAGE_SIZE_4K;
			rc = unmapped_part_add(parts, one, err);
			p.va += one.len;
			p.len -= one.len;
			p.key++;
		}
	}
	return rc;
}

/* What became of a slot is what is known of the part. */
static void slot_take(struct unmapped_part *p, const struct swap_found *f)
{
	static const enum unmapped_kind by_state[] = {
		[SWAP_OUT] = UNMAPPED_SWAPPED,
		[SWAP_CACHED] = UNMAPPED_SWAP_CACHE,
		[SWAP_ZEROS] = UNMAPPED_ZEROS,
		[SWAP_UNKNOWN] = UNMAPPED_UNKNOWN};

	p->kind = by_state[f->state];
	p->lookup = f->state == SWAP_CACHED ? LOOKUP_PAGE : LOOKUP_DONE;
	p->page = f->page;
}

int unmapped_look_up_slots(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err)
{
	_cleanup_free_ struct swap_slot *slots = NULL;
	_cleanup_free_ struct swap_found *found = NULL;
	size_t i, n = 0;
	int rc = slots_split(parts, err);

	if (rc)
		return rc;
	slots = calloc(parts->list.n + 1, sizeof(*slots));
	found = calloc(parts->list.n + 1, sizeof(*found));
	if (!slots || !found)
		return err_nomem(err);
	for (i = 0; i < parts->list.n; i++)
		if (parts->list.v[i].lookup == LOOKUP_SLOT)
			slots[n++] = swap_slot_of(parts->list.v[i].key);
	if (!n)
		return 0;
	rc = swap_slots_find(u->k, slots, n, found, err);
	for (i = n = 0; i < parts->list.n && !rc; i++)
		if (parts->list.v[i].lookup == LOOKUP_SLOT)
			slot_take(&parts->list.v[i], &found[n++]);
	return rc;
}

/* The frames of the folios that were found, each once. */
struct folios {
	struct map at; /* struct page to index */
	VEC(uint64_t) pfns;
	struct page_info *infos;
};

static void folios_deinit(struct folios *f)
{
	map_deinit(&f->at);
	vec_deinit(&f->pfns);
	free(f->infos);
}

static int folios_add(const struct unmapped *u, struct folios *f, uint64_t page)
{
	uint64_t pfn;
	uint32_t in;

	if (!alias_is_page(u->k, page, &pfn, &in) || in ||
	    map_get(&f->at, page, NULL))
		return 0;
	return map_put(&f->at, page, f->pfns.n) ? ERR_NOMEM
						: vec_push(&f->pfns, pfn);
}

/*
 * Whether the folio is what its cache says, as the kernel makes sure when it
 * finds one: by then it can be another's.  Else nothing is known.
 */
static void folio_take(struct unmapped_part *p, const struct page_info *info)
{
	bool in_file = p->kind == UNMAPPED_PAGE_CACHE;
	uint64_t first = in_file ? info->index : info->swap_slot;
	uint64_t pages = p->len / PAGE_SIZE_4K;
	/* frame 0 is nobody's */
	bool sound = in_file ? page_is_file(info->kind) &&
				       info->mapping == p->mapping
			     : info->swap_slot != 0;

	if (!sound || !info->pfn || info->head != info->pfn || p->key < first ||
	    p->key - first >= info->nr || info->nr - (p->key - first) < pages)
		p->kind = UNMAPPED_UNKNOWN;
	else if (!info->uptodate)
		p->kind = UNMAPPED_READING;
	else
		p->pa = (info->pfn + (p->key - first)) * PAGE_SIZE_4K;
}

int unmapped_look_up_pages(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err)
{
	_cleanup_(folios_deinit) struct folios f = {0};
	uint64_t at;
	size_t i;
	int rc = 0;

	for (i = 0; i < parts->list.n; i++)
		if (parts->list.v[i].lookup == LOOKUP_PAGE &&
		    folios_add(u, &f, parts->list.v[i].page))
			return err_nomem(err);
	f.infos = calloc(f.pfns.n + 1, sizeof(*f.infos));
	if (!f.infos)
		return err_nomem(err);
	if (f.pfns.n)
		rc = page_read(u->k, f.pfns.v, f.pfns.n, f.infos, err);
	for (i = 0; i < parts->list.n && !rc; i++) {
		struct unmapped_part *p = &parts->list.v[i];

		if (p->lookup != LOOKUP_PAGE)
			continue;
		if (map_get(&f.at, p->page, &at))
			folio_take(p, &f.infos[at]);
		else
			p->kind = UNMAPPED_UNKNOWN;
	}
	return rc;
}
