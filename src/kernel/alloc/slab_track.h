/* SPDX-License-Identifier: BSD-2-Clause */
/* Who allocated objects of a slab, and who freed them before. */
#ifndef KERNEL_SLAB_TRACK_H
#define KERNEL_SLAB_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/alloc/slab_view.h"

/* Each object has one of both; enum track_item of mm/slub.c. */
enum slab_track_item {
	SLAB_ALLOCATED,
	SLAB_FREED,
	SLAB_TRACKS
};

struct slab_track {
	uint64_t addr; /* in the code that called the allocator; 0: not known */
	uint32_t pid, cpu; /* the task's that did, and where it ran */
};

/*
 * What object `index` of a slab that was read says, where the cache keeps that
 * (SLAB_STORE_USER; docs/facts/kernel.md, "Debugging of slabs"); zeros where it
 * does not, or nobody has done it yet.
 */
struct slab_track slab_track_of(const struct kernel *k,
				const struct slab_layout *l,
				const struct slab_view *v, uint32_t index,
				enum slab_track_item item);

/* Objects in use that one place in the code has allocated. */
struct slab_user {
	uint64_t addr;
	uint64_t objects;
	uint32_t pid_first, pid_last; /* the lowest and the highest */
};

struct slab_users {
	struct map at;
	VEC(struct slab_user) list; /* SLAB_USERS_MAX at most */
	uint64_t more;		    /* objects of others */
};

/* Count those of a slab that slab_view_mark() has marked.  0 or ERR_NOMEM. */
int slab_users_add(struct slab_users *u, const struct kernel *k,
		   const struct slab_layout *l, const struct slab_view *v);

/* When all are counted: who has most comes first. */
void slab_users_sort(struct slab_users *u);
void slab_users_deinit(struct slab_users *u);

#endif
