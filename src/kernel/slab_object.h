/* SPDX-License-Identifier: BSD-2-Clause */
/* One object of the slab allocator: of which cache, and whether it is free. */
#ifndef KERNEL_SLAB_OBJECT_H
#define KERNEL_SLAB_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

enum slab_state {
	SLAB_UNKNOWN,	   /* the slab's free list makes no sense */
	SLAB_IN_USE,	   /* no list of free objects has it */
	SLAB_FREE,	   /* its slab's list has it */
	SLAB_FREE_ON_CPU,  /* a CPU's own list of that slab has it */
	SLAB_FREE_IN_SHEAF /* a CPU's sheaf, or a node's, has it (6.18) */
};

struct slab_object {
	uint64_t start; /* the user's first byte */
	uint64_t cache; /* its struct kmem_cache */
	char name[64];
	uint32_t size;		 /* from one object to the next */
	uint32_t object_size;	 /* what is the user's */
	uint64_t slab;		 /* where its slab begins */
	uint32_t index, objects; /* which it is there, and of how many */
	bool inside;		 /* the address is one of the user's bytes */
	enum slab_state state;
};

/*
 * The object that a kernel address in the direct map lies in.  ERR_NOT_FOUND:
 * no slab is there, or the address is beside its objects.
 */
int slab_object_read(struct kernel *k, uint64_t va, struct slab_object *out,
		     struct err *err);

/* "free on a CPU" */
const char *slab_state_words(enum slab_state state);

/*
 * For slab_object.c: whether a sheaf of that cache has the object, in six
 * batches and as many as half the longest list of a node has sheaves.
 */
int slab_sheaves_have(struct kernel *k, uint64_t cache, uint64_t object,
		      bool *have, struct err *err);

#endif
