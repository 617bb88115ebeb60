/* SPDX-License-Identifier: BSD-2-Clause */
/* All slabs of one cache, and what is in each. */
#ifndef KERNEL_SLAB_FIND_H
#define KERNEL_SLAB_FIND_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/alloc/slab_check.h"
#include "kernel/alloc/slab_layout.h"
#include "kernel/alloc/slab_track.h"

/* Which list has a slab. */
enum slab_where {
	SLAB_NOWHERE,	  /* none, and it has free objects: on its way */
	SLAB_FULL,	  /* none, as it has no free object; or that of full
			     ones, where the cache is debugged */
	SLAB_PARTIAL,	  /* that of a node */
	SLAB_CPU,	  /* a CPU works on it */
	SLAB_CPU_PARTIAL, /* that of a CPU */
	SLAB_WHERES
};

/* "partial" */
const char *slab_where_words(enum slab_where where);

struct slab_found {
	uint64_t base;	     /* where it begins, in the direct map */
	uint64_t descriptor; /* its struct slab */
	uint32_t pages, objects;
	int32_t node; /* NUMA; -1 not known */
	int32_t cpu;  /* whose it is; -1: none */
	enum slab_where where;
	bool damaged;	/* it cannot be read, or makes no sense */
	uint64_t first; /* of its objects, in slab_contents.states */
};

/* What is in all slabs of a cache. */
struct slab_contents {
	struct slab_layout layout;
	VEC(struct slab_found) slabs; /* by where they begin */
	VEC(uint8_t) states;	      /* enum slab_state of each object */
	struct slab_damages damages;
	struct slab_users users; /* where the cache keeps them */
};

/*
 * Look through struct pages of all RAM for slabs of the cache at `cache`, and
 * through its lists for where each of them is; then at their objects, a part
 * of the slabs at a time.  What is damaged is told by a remark.  Errors as of
 * slab_layout_read(); ERR_REFUSED: it has more slabs or objects than limits.h
 * allows.  The caller frees with slab_contents_deinit(), also after an error.
 */
int slab_contents_read(struct kernel *k, uint64_t cache,
		       struct slab_contents *out, struct remarks *remarks,
		       struct err *err);
void slab_contents_deinit(struct slab_contents *c);

#endif
