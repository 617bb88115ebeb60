/* SPDX-License-Identifier: BSD-2-Clause */
/* How many blocks of pages of each type zones have. */
#ifndef KERNEL_ZONE_BLOCKS_H
#define KERNEL_ZONE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_free.h"

/* counts[zone][type], of as many zones as there are. */
struct zone_blocks {
	uint64_t (*counts)[ZONE_TYPES_MAX];
};

/*
 * Count, as /proc/pagetypeinfo does, from the start of each zone on every 512th
 * frame that has a struct page of that zone, by the type of its block.  What
 * cannot be told is remarked on.  The caller frees with zone_blocks_deinit(),
 * also after an error.
 */
int zone_blocks_read(struct kernel *k, const struct zones *zones,
		     struct zone_blocks *out, struct remarks *remarks,
		     struct err *err);
void zone_blocks_deinit(struct zone_blocks *b);

#endif
