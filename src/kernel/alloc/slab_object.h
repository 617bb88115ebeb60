/* SPDX-License-Identifier: BSD-2-Clause */
/* One object of the slab allocator: of which cache, and whether it is free. */
#ifndef KERNEL_SLAB_OBJECT_H
#define KERNEL_SLAB_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/alloc/slab_track.h"
#include "kernel/alloc/slab_view.h"

struct slab_object {
	uint64_t start; /* the user's first byte */
	uint64_t cache; /* its struct kmem_cache */
	char name[64];
	uint32_t size;		 /* from one object to the next */
	uint32_t object_size;	 /* what is the user's */
	uint32_t ksize;		 /* what may be used, as ksize() says */
	uint64_t slab;		 /* where its slab begins */
	uint32_t index, objects; /* which it is there, and of how many */
	bool inside;		 /* the address is one of the user's bytes */
	enum slab_state state;
	struct slab_track tracks[SLAB_TRACKS]; /* zeros where there are none */
};

/*
 * The object that a kernel address in the direct map lies in.  ERR_NOT_FOUND:
 * no slab is there, or the address is beside its objects.
 */
int slab_object_read(struct kernel *k, uint64_t va, struct slab_object *out,
		     struct err *err);

#endif
