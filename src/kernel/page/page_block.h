/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of pages, and for what kind of allocations each is kept. */
#ifndef KERNEL_PAGE_BLOCK_H
#define KERNEL_PAGE_BLOCK_H

#include <stddef.h>

#include "kernel/page/page.h"

/* Blocks have 2 MiB: 64 in a section (pageblock_order is 9). */
#define PAGE_BLOCK_ORDER  9u
#define PAGE_BLOCK_FRAMES (1u << PAGE_BLOCK_ORDER)

/*
 * The types of the blocks that n frames are in; -1 where it cannot be read, or
 * is not known of this kernel (docs/facts/kernel.md, "Zones and blocks of
 * pages").
 */
int page_blocks_read(struct kernel *k, const uint64_t *pfns, size_t n,
		     int8_t *types, struct err *err);

/*
 * Set `migrate` of those of n pages that are in the buddy allocator: on which
 * of its lists their blocks are (docs/facts/kernel.md, "Zones and blocks of
 * pages").  What cannot be read, or is not known of this kernel, stays -1.
 */
int page_migrate_read(struct kernel *k, struct page_info *pages, size_t n,
		      struct err *err);

/* "Unmovable", ..., as /proc/pagetypeinfo has it; NULL for one that this
 * kernel does not name. */
const char *page_migrate_name(const struct kernel *k, int migrate);

#endif
