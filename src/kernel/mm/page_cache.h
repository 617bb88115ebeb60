/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages of files are in memory: address_spaces and their pages. */
#ifndef KERNEL_PAGE_CACHE_H
#define KERNEL_PAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/xarray.h"

/* docs/facts/kernel.md, "Page cache" */
enum page_cache_kind {
	PAGE_CACHE_UNKNOWN, /* it cannot be read, or is not known here */
	PAGE_CACHE_FILE,    /* what is not there is where the file is */
	PAGE_CACHE_MEMORY,  /* tmpfs, shared memory, ramfs: it has it all */
	PAGE_CACHE_OTHER    /* what is mapped is none: DAX, a device */
};

/* The cache behind an open file, and how long the file is. */
struct page_cache {
	enum page_cache_kind kind;
	uint64_t mapping; /* its address_space */
	uint64_t head;	  /* of the tree of its pages */
	uint64_t size;	  /* in bytes */
	size_t same;	  /* the first of those asked for that has this tree */
};

/* Those of n struct files: four batches. */
int page_caches_read(struct kernel *k, const uint64_t *files, size_t n,
		     struct page_cache *out, struct err *err);

/* Those of n address_spaces: three. */
int page_caches_of(struct kernel *k, const uint64_t *mappings, size_t n,
		   struct page_cache *out, struct err *err);

/* Pages that are wanted of the cache of that number, by index. */
struct page_cache_want {
	size_t cache; /* what `same` says */
	uint64_t first, last;
};

/*
 * What the trees have of n stretches, which may overlap and are put in order;
 * `of` an entry is the number of its cache.  Errors and ownership as
 * xarrays_read().
 */
int page_caches_find(struct kernel *k, const struct page_cache *caches,
		     size_t n_caches, struct page_cache_want *wants, size_t n,
		     struct xarray_entries *out, struct err *err);

#endif
