/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of nodes and zones, and the pages that CPUs keep for themselves. */
#ifndef KERNEL_ZONE_STATS_H
#define KERNEL_ZONE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/alloc/vm_counters.h"
#include "kernel/alloc/zone.h"

#define ZONE_STATS_MAX	  128
#define ZONE_STAT_NAME	  32
#define ZONE_RESERVES_MAX 8

/* What a CPU keeps of a zone: struct per_cpu_pages. */
struct zone_pcp {
	int32_t count, high, batch, high_min, high_max, threshold;
};

/* One zone's; stat[] is as large as the kernel's enum says. */
struct zone_stat {
	uint64_t stat[ZONE_STATS_MAX]; /* enum zone_stat_item, in pages */
	uint64_t numa[ZONE_STATS_MAX]; /* enum numa_stat_item */
	int64_t reserve[ZONE_RESERVES_MAX];
	uint64_t reserved_highatomic, free_highatomic;
	struct zone_pcp *cpus; /* one for each of zone_stats.cpus */
};

struct node_stat {
	uint64_t stat[ZONE_STATS_MAX]; /* enum node_stat_item, as shown */
	uint32_t kswapd_failures;
};

/* What this kernel's /proc/zoneinfo has (docs/facts/kernel.md, "Nodes and
 * zones"). */
struct zone_lines {
	bool boost, cma, promo, high_limits, highatomic;
};

struct zone_stats {
	struct zone_stat *zone; /* as in zones.list */
	struct node_stat *node; /* as in zones.nodes */
	size_t n_zones;
	size_t n_stats, n_numa, n_node_stats, n_reserves;
	/* Names of these, one behind the other; "" where not known. */
	char (*name)[ZONE_STAT_NAME];
	uint32_t *cpus; /* numbers of those that are online */
	size_t n_cpus;
	struct zone_lines lines;
};

/*
 * Read those of all zones: a fixed number of batches.  ERR_NO_LINUX,
 * ERR_UNREADABLE.  The caller frees with zone_stats_deinit(), also after an
 * error.
 */
int zone_stats_read(struct kernel *k, const struct zones *zones,
		    struct zone_stats *out, struct err *err);
void zone_stats_deinit(struct zone_stats *s);

/* Make of n counters of nodes, by enum node_stat_item, what is shown of them.
 */
void zone_stats_show(const struct kernel *k, uint64_t *node_stats, size_t n);

/* The counters of node `node` of zones.nodes, and of its zones together, as the
 * kernel keeps them; those of NUMA are left out. */
void zone_stats_of_node(const struct kernel *k, const struct zones *zones,
			const struct zone_stats *s, size_t node,
			struct vm_globals *out);

/* Its part in zone_pcp.c: which CPUs there are, what each keeps, and what it
 * adds to NUMA counters. */
int zone_pcp_read(struct kernel *k, const struct zones *zones,
		  struct zone_stats *out, struct err *err);

#endif
