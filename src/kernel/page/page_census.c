/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what frames are used for: all of RAM, a part of it at a time. */
#include "kernel/page/page_census.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"

static const char *const owner_names[PAGE_OWNERS] = {
	[OWNER_ANON] = "anon",	       [OWNER_KSM] = "ksm",
	[OWNER_FILE] = "file",	       [OWNER_SHMEM] = "shmem",
	[OWNER_DAX] = "dax",	       [OWNER_HUGETLB] = "hugetlb",
	[OWNER_SLAB] = "slab",	       [OWNER_TABLE] = "page-table",
	[OWNER_STACK] = "stack",       [OWNER_KERNEL] = "kernel",
	[OWNER_BUDDY] = "buddy",       [OWNER_UNREFERENCED] = "unreferenced",
	[OWNER_RESERVED] = "reserved", [OWNER_DEVICE] = "device",
	[OWNER_OFFLINE] = "offline",   [OWNER_POISONED] = "poisoned",
	[OWNER_NONE] = "none",
};

/* Whose each kind is, unless more is known. */
static const enum page_owner owners[PAGE_KINDS] = {
	[PAGE_UNKNOWN] = OWNER_NONE,
	[PAGE_NOT_RAM] = OWNER_NONE,
	[PAGE_FREE] = OWNER_BUDDY,
	[PAGE_UNREFERENCED] = OWNER_UNREFERENCED,
	[PAGE_ZERO] = OWNER_RESERVED,
	[PAGE_HUGE_ZERO] = OWNER_KERNEL,
	[PAGE_ANON] = OWNER_ANON,
	[PAGE_ANON_SHARED] = OWNER_ANON,
	[PAGE_KSM] = OWNER_KSM,
	[PAGE_SWAP_CACHE] = OWNER_SHMEM,
	[PAGE_FILE] = OWNER_FILE,
	[PAGE_SHMEM] = OWNER_SHMEM,
	[PAGE_DAX] = OWNER_DAX,
	[PAGE_TEXT] = OWNER_RESERVED,
	[PAGE_RODATA] = OWNER_RESERVED,
	[PAGE_DATA] = OWNER_RESERVED,
	[PAGE_PERCPU] = OWNER_RESERVED,
	[PAGE_TABLE] = OWNER_TABLE,
	[PAGE_SLAB] = OWNER_SLAB,
	[PAGE_KERNEL] = OWNER_KERNEL,
	[PAGE_RESERVED] = OWNER_RESERVED,
	[PAGE_DEVICE] = OWNER_DEVICE,
	[PAGE_OFFLINE] = OWNER_OFFLINE,
	[PAGE_POISONED] = OWNER_POISONED,
};

const char *page_owner_name(enum page_owner owner)
{
	return owner_names[owner];
}

static enum page_owner census_owner(const struct page_census *c,
				    const struct page_info *p)
{
	if (p->hugetlb)
		return OWNER_HUGETLB;
	if (p->kind == PAGE_KERNEL && map_get(&c->stacks, p->pfn, NULL))
		return OWNER_STACK;
	return owners[p->kind];
}

static int census_class(struct page_census *c, const struct page_info *p)
{
	uint64_t which = c->classes.n;

	if (!map_get(&c->classes_at, p->kpf, &which)) {
		if (c->classes.n >= CENSUS_CLASSES_MAX) {
			c->unclassed++;
			return 0;
		}
		if (map_put(&c->classes_at, p->kpf, which) ||
		    vec_push(&c->classes, {p->kpf, 0}))
			return ERR_NOMEM;
	}
	c->classes.v[which].frames++;
	return 0;
}

static int census_share(struct kernel *k, struct page_census *c,
			const struct page_info *p)
{
	struct page_share s = {.owner = census_owner(c, p), .kind = p->kind};
	uint64_t key = (uint64_t)s.owner << 8 | s.kind, which = c->shares.n;

	if (s.owner == OWNER_SLAB && kernel_pointer(k, p->cache)) {
		if (c->shares.n < SLAB_CACHES_MAX ||
		    map_get(&c->shares_at, p->cache, NULL))
			key = s.cache = p->cache;
		else
			c->uncached++;
	}
	if (!map_get(&c->shares_at, key, &which) &&
	    (map_put(&c->shares_at, key, which) || vec_push(&c->shares, s)))
		return ERR_NOMEM;
	c->shares.v[which].frames++;
	return 0;
}

struct census_work {
	struct kernel *k;
	struct page_census *c;
};

static int census_visit(void *ctx, const struct page_info *pages, size_t n,
			struct err *err)
{
	const struct census_work *w = ctx;
	size_t i;

	for (i = 0; i < n; i++)
		if (census_class(w->c, &pages[i]) ||
		    census_share(w->k, w->c, &pages[i]))
			return err_nomem(err);
	w->c->frames += n;
	return 0;
}

int page_census_add(struct kernel *k, struct page_census *c, uint64_t first,
		    uint64_t n, struct err *err)
{
	struct census_work w = {k, c};

	return page_scan(k, first, n, census_visit, &w, err);
}

static int class_order(const void *a, const void *b)
{
	const struct page_class *x = a, *y = b;

	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return x->kpf < y->kpf ? -1 : x->kpf > y->kpf;
}

static int share_order(const void *a, const void *b)
{
	const struct page_share *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->cache < y->cache ? -1 : x->cache > y->cache;
}

int page_census_end(struct kernel *k, struct page_census *c, struct err *err)
{
	_cleanup_free_ struct page_info *pages =
		calloc(c->shares.n + 1, sizeof(*pages));
	size_t i;

	if (!pages)
		return err_nomem(err);
	if (c->classes.n)
		qsort(c->classes.v, c->classes.n, sizeof(*c->classes.v),
		      class_order);
	if (c->shares.n)
		qsort(c->shares.v, c->shares.n, sizeof(*c->shares.v),
		      share_order);
	for (i = 0; i < c->shares.n; i++)
		pages[i].cache = c->shares.v[i].cache;
	return page_slabs_read(k, pages, c->shares.n, &c->slabs, err);
}

const char *page_share_cache(const struct page_census *c,
			     const struct page_share *s)
{
	const struct page_info page = {.cache = s->cache};

	return page_slab_of(&c->slabs, &page);
}

void page_census_deinit(struct page_census *c)
{
	map_deinit(&c->stacks);
	map_deinit(&c->classes_at);
	map_deinit(&c->shares_at);
	vec_deinit(&c->classes);
	vec_deinit(&c->shares);
	page_slabs_deinit(&c->slabs);
}
