/* SPDX-License-Identifier: BSD-2-Clause */
/* Caches of the slab allocator (SLUB), and what they have. */
#ifndef KERNEL_SLAB_H
#define KERNEL_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* A struct kmem_cache. */
struct slab_cache {
	uint64_t addr;
	char name[64];
	uint32_t size;	      /* from one object to the next */
	uint32_t object_size; /* of these, what is the user's */
	uint32_t per_slab;    /* objects, of slabs of the usual order */
	uint32_t order;
	/* As /proc/slabinfo counts: what CPUs hold back counts as active. */
	uint64_t objects, active, slabs;
	bool counted; /* these are known */
};

struct slab_caches {
	VEC(struct slab_cache) list; /* in the order of slab_caches */
};

/*
 * Read all caches (docs/facts/kernel.md, "Slab"): the list of caches, then the
 * lists of their partial slabs in step, and all that these lead to in a fixed
 * number of batches.  What is damaged is left out, with a remark.  ERR_NO_LINUX
 * where the kernel has no SLUB, or keeps it in no way that is known.  The
 * caller frees with slab_caches_deinit(), also after an error.
 */
int slab_caches_read(struct kernel *k, struct slab_caches *out,
		     struct remarks *remarks, struct err *err);
void slab_caches_deinit(struct slab_caches *c);

/*
 * The first cache of that name; of its counts nothing is known.  ERR_NOT_FOUND,
 * or as above.
 */
int slab_cache_find(struct kernel *k, const char *name, struct slab_cache *out,
		    struct remarks *remarks, struct err *err);

#endif
