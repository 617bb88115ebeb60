/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs of one cache, as they were read: which of their objects are free. */
#ifndef KERNEL_SLAB_VIEW_H
#define KERNEL_SLAB_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "kernel/kernel.h"
#include "kernel/alloc/slab_layout.h"

enum slab_state {
	SLAB_UNKNOWN,	   /* the slab's free list makes no sense */
	SLAB_IN_USE,	   /* no list of free objects has it */
	SLAB_FREE,	   /* its slab's list has it */
	SLAB_FREE_ON_CPU,  /* a CPU's own list of that slab has it */
	SLAB_FREE_IN_SHEAF /* a CPU's sheaf, or a node's, has it (6.18) */
};

/* "free on a CPU" */
const char *slab_state_words(enum slab_state state);

/* The largest slab that is looked at: order 9; kernels make up to order 3. */
#define SLAB_PAGES_MAX 512u

/* One slab.  Set the first three. */
struct slab_view {
	uint64_t descriptor; /* its struct slab */
	uint64_t base;	     /* where it begins, in the direct map */
	uint32_t pages;	     /* SLAB_PAGES_MAX at most */
	bool damaged;	     /* it is of another cache, or cannot be read */
	uint64_t cache, freelist;
	uint64_t exts;		 /* its array of slabobj_ext; 0: none */
	uint32_t objects, inuse; /* as its counters say */
	bool turned;		 /* the form of pointers that its list has */
	uint8_t *bytes;		 /* all of it */
	uint8_t *states;	 /* enum slab_state of each object */
};

/*
 * Read n slabs, in two batches, and mark what their own lists have as free: a
 * list that leaves its slab, comes back, or has not as many objects as the
 * counters say, leaves all of them SLAB_UNKNOWN.  The caller frees each with
 * slab_view_deinit(), also after an error.
 */
int slab_views_read(struct kernel *k, const struct slab_layout *l,
		    struct slab_view *views, size_t n, struct err *err);
void slab_view_deinit(struct slab_view *v);

/* What CPUs have of a cache, up to 6.19: arrays of n. */
struct slab_cpus {
	size_t n;
	uint64_t *slab, *freelist, *partial;
	bool *ok;
};

/* Read them: no CPUs (n 0) where the kernel has none of that. */
int slab_cpus_read(struct kernel *k, const struct slab_layout *l,
		   struct slab_cpus *out, struct err *err);
void slab_cpus_deinit(struct slab_cpus *c);

/*
 * Mark what CPUs have in their own lists, and what is in `sheaves` (objects, as
 * slab_sheaves_read() fills it; NULL: none).  A CPU that cannot be read may
 * have any: then what is in use becomes SLAB_UNKNOWN.
 */
void slab_view_mark(const struct slab_layout *l, struct slab_view *v,
		    const struct slab_cpus *cpus, const struct map *sheaves);

/*
 * Whose bytes that array is in: of the slab (7.0), and there in what is behind
 * each object, or behind the last one.
 */
enum slab_exts {
	SLAB_EXTS_ELSEWHERE,
	SLAB_EXTS_IN_OBJECTS,
	SLAB_EXTS_BEHIND
};

enum slab_exts slab_exts_place(const struct slab_layout *l,
			       const struct slab_view *v);

/* What ksize() says of its objects (docs/facts/kernel.md, "Slab"). */
uint32_t slab_ksize(const struct slab_layout *l, const struct slab_view *v);

/* Where an object begins: the user's first byte. */
static inline uint64_t slab_object_at(const struct slab_layout *l,
				      const struct slab_view *v, uint32_t i)
{
	return v->base + (uint64_t)i * l->size + l->left;
}

/*
 * Put all objects that sheaves of that cache have into the map: six batches,
 * and as many as half the longest list of a node has sheaves.  ERR_UNREADABLE,
 * ERR_CORRUPT: not all of them can be told.
 */
int slab_sheaves_read(struct kernel *k, uint64_t cache, struct map *objects,
		      struct err *err);

#endif
