/* SPDX-License-Identifier: BSD-2-Clause */
/* The free lists of the buddy allocator, counted block by block. */
#ifndef KERNEL_ZONE_FREE_H
#define KERNEL_ZONE_FREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/alloc/zone.h"

/* Types of blocks (MIGRATE_TYPES): there are up to 6. */
#define ZONE_TYPES_MAX 16

struct zone_free {
	size_t n_orders, n_types;
	char type[ZONE_TYPES_MAX][16]; /* "Movable"; "" not known */
	uint64_t *counts; /* zone after zone, order by order, by type */
};

/*
 * Walk the lists of all zones in step: as many batches as half the longest has
 * blocks.  A list that is damaged, goes in a circle or is too long, and a block
 * that is not where one of its order can be, is told by a remark, and so is an
 * order whose blocks are not as many as nr_free says.  The caller frees with
 * zone_free_deinit(), also after an error.
 */
int zone_free_read(struct kernel *k, const struct zones *zones,
		   struct zone_free *out, struct remarks *remarks,
		   struct err *err);
void zone_free_deinit(struct zone_free *f);

/* Blocks of a zone (its place in zones.list). */
uint64_t zone_free_count(const struct zone_free *f, size_t zone, size_t order,
			 size_t type);

#endif
