/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the slab caches that pages belong to. */
#ifndef KERNEL_PAGE_SLAB_H
#define KERNEL_PAGE_SLAB_H

#include <stddef.h>

#include "base/map.h"
#include "base/vec.h"
#include "kernel/page/page.h"

struct page_slab_name {
	char text[64]; /* as /proc/slabinfo has it; "": it cannot be read */
};

struct page_slabs {
	struct map at; /* kmem_cache to index */
	VEC(struct page_slab_name) list;
};

/*
 * What page_slabs_read() and page_slab_of() need of n frames, in `out`, and no
 * more of them: pfn, head and cache.  Takes three batches of struct pages,
 * where page_read() judges what else they may be.  Errors as page_read().
 */
int page_slabs_find(struct kernel *k, const uint64_t *pfns, size_t n,
		    struct page_info *out, struct err *err);

/*
 * The caches of those of n pages that are slabs, each once.  The caller frees
 * with page_slabs_deinit(), also after an error.
 */
int page_slabs_read(struct kernel *k, const struct page_info *pages, size_t n,
		    struct page_slabs *out, struct err *err);
void page_slabs_deinit(struct page_slabs *c);

/* The name of a page's cache, or NULL. */
const char *page_slab_of(const struct page_slabs *c,
			 const struct page_info *page);

#endif
