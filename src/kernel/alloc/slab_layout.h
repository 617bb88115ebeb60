/* SPDX-License-Identifier: BSD-2-Clause */
/* How the objects of a slab cache lie in its slabs. */
#ifndef KERNEL_SLAB_LAYOUT_H
#define KERNEL_SLAB_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * One object's place in a slab, `size` bytes of it (mm/slub.c,
 * calculate_sizes(); docs/facts/kernel.md, "Slab" and "Debugging of slabs"):
 *
 *   +------+-------------+-------+---------+-------+-----+
 *   | left | object      | right | next    | track | pad |
 *   +------+-------------+-------+---------+-------+-----+
 *          0        object_size inuse
 *
 * All but the object are there only of caches that are debugged, or whose
 * objects must not have a pointer in them while they are free.  `offset` is
 * where that pointer to the next free object is, from 0 on.
 */
struct slab_layout {
	uint64_t cache;
	char name[64];
	uint32_t size, object_size, inuse, left, offset;
	uint64_t random;   /* where pointers are hardened */
	bool hardened;	   /* CONFIG_SLAB_FREELIST_HARDENED */
	uint64_t cpu_slab; /* per-CPU pointer, up to 6.19; 0: none */
	bool red_zones;	   /* on both sides */
	bool poison;	   /* what is between objects */
	bool poison_free;  /* free objects, too */
	bool tracks;	   /* who allocated and freed */
	bool rcu;	   /* RCU may read objects after they were freed */
	bool kasan;	   /* KASAN has what is behind them */
};

/*
 * Read that of the cache at `cache`.  ERR_CORRUPT: no cache can be so;
 * ERR_NO_LINUX: this kernel has them in no way that is known.
 */
int slab_layout_read(struct kernel *k, uint64_t cache, struct slab_layout *out,
		     struct err *err);

#endif
