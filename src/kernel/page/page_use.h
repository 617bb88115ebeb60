/* SPDX-License-Identifier: BSD-2-Clause */
/* What counts of frames that processes use: flags, and how many use them. */
#ifndef KERNEL_PAGE_USE_H
#define KERNEL_PAGE_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* One frame; all but `maps` is of the head of its compound page. */
struct page_use {
	bool known; /* false: it has no struct page, and nothing else is set */
	bool anon, ksm, swap_backed, dirty;
	bool referenced; /* PG_referenced, or PG_young */
	bool reserved;	 /* of itself */
	bool active;	 /* or unevictable */
	bool writeback, swap_cache;
	int node;      /* -1: not known */
	uint32_t maps; /* entries that map it, as page_mapcount() counts */
	int32_t refs;
};

/* Read those of n frames, in four batches at most for each 131072 of them. */
int page_uses_read(struct kernel *k, const uint64_t *pfns, size_t n,
		   struct page_use *out, struct err *err);

#endif
