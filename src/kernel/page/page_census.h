/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what frames are used for: all of RAM, a part of it at a time. */
#ifndef KERNEL_PAGE_CENSUS_H
#define KERNEL_PAGE_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/page/page.h"
#include "kernel/page/page_slab.h"

enum page_owner {
	OWNER_ANON,
	OWNER_KSM,
	OWNER_FILE,
	OWNER_SHMEM,
	OWNER_DAX,
	OWNER_HUGETLB, /* in use, or in the pool */
	OWNER_SLAB,
	OWNER_TABLE,
	OWNER_STACK,  /* of a task, in the kernel */
	OWNER_KERNEL, /* any other allocation */
	OWNER_BUDDY,
	OWNER_UNREFERENCED, /* mostly free, on a list of a CPU */
	OWNER_RESERVED,	    /* with the kernel's image */
	OWNER_DEVICE,
	OWNER_OFFLINE,
	OWNER_POISONED,
	OWNER_NONE, /* it has no struct page: the kernel does not use it */
	PAGE_OWNERS
};

/* "anon" */
const char *page_owner_name(enum page_owner owner);

/* Frames with the same word in /proc/kpageflags. */
struct page_class {
	uint64_t kpf, frames;
};

/* Frames of one kind that one owner has; of slabs, of one cache. */
struct page_share {
	enum page_owner owner;
	enum page_kind kind;
	uint64_t cache; /* its kmem_cache; 0: not a slab, or not known */
	uint64_t frames;
};

/* Zero-initialise. */
struct page_census {
	struct map stacks; /* frames of page_stacks_read() */
	struct map classes_at, shares_at;
	VEC(struct page_class) classes; /* most frames first, at the end */
	VEC(struct page_share) shares;	/* by owner, most frames first */
	struct page_slabs slabs;	/* names of caches */
	uint64_t frames;		/* in all */
	/* Of these, not in classes, or of a cache that is not told: there are
	 * more of them than any kernel has (limits.h). */
	uint64_t unclassed, uncached;
};

/* Count n frames from `first` on: page_read() of them, in bounded memory. */
int page_census_add(struct kernel *k, struct page_census *c, uint64_t first,
		    uint64_t n, struct err *err);

/* When all are counted: sort, and read the names of caches. */
int page_census_end(struct kernel *k, struct page_census *c, struct err *err);
void page_census_deinit(struct page_census *c);

/* The name of a share's cache, or NULL. */
const char *page_share_cache(const struct page_census *c,
			     const struct page_share *s);

#endif
