/* SPDX-License-Identifier: BSD-2-Clause */
/* How the memory of each node is used, as the kernel sums it up. */
#ifndef KERNEL_NODE_MEMINFO_H
#define KERNEL_NODE_MEMINFO_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/alloc/meminfo.h"
#include "kernel/alloc/zone_stats.h"
#include "kernel/kernel.h"

struct node_meminfo {
	/* Those of zones.nodes: the lines that a node has, of which "Cached" is
	 * all that is cached. */
	struct meminfo *node;
	bool aligned; /* numbers of files' huge pages, too (6.6) */
};

/*
 * Sum up what was read of all nodes, and read their huge pages: two batches
 * (drivers/base/node.c, mm/hugetlb.c; docs/facts/kernel.md, "Nodes and zones").
 * ERR_UNREADABLE.  The caller frees with node_meminfo_deinit(), also after an
 * error.
 */
int node_meminfo_read(struct kernel *k, const struct zones *zones,
		      const struct zone_stats *stats, struct node_meminfo *out,
		      struct err *err);
void node_meminfo_deinit(struct node_meminfo *m);

#endif
