/* SPDX-License-Identifier: BSD-2-Clause */
/* What nodes are there for: which have memory, which CPUs, how far apart. */
#ifndef KERNEL_NODE_PLACES_H
#define KERNEL_NODE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpu_masks.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"
#include "kernel/alloc/zone.h"

/* Of enum node_states (include/linux/nodemask.h). */
enum node_state {
	NODE_POSSIBLE,
	NODE_ONLINE,
	NODE_NORMAL_MEMORY,
	NODE_MEMORY,
	NODE_CPU,
	NODE_GENERIC_INITIATOR, /* 5.10 */
	NODE_STATES
};

struct node_places {
	uint32_t most; /* bits of a mask of nodes: MAX_NUMNODES */
	struct {
		bool known;	 /* this kernel has such a state */
		uint64_t *words; /* the lowest node first */
	} state[NODE_STATES];
	struct cpus cpus;
	struct cpu_masks masks; /* CPUs that are online, as in zones.nodes */
	bool distances_known;
	uint32_t n_distances; /* nodes that there is a table for */
	uint8_t *distances;   /* from * n_distances + to */
};

/*
 * Read those of all nodes: some batches (node_states[], node_to_cpumask_map[],
 * numa_distance[]).  ERR_NO_LINUX: kept in no way that is known;
 * ERR_UNREADABLE.  What this kernel lacks is not known.  The caller frees with
 * node_places_deinit(), also after an error.
 */
int node_places_read(struct kernel *k, const struct zones *zones,
		     struct node_places *out, struct err *err);
void node_places_deinit(struct node_places *p);

/* As node_distance() has it (mm/numa_memblks.c, arch/x86/mm/numa.c). */
unsigned int node_distance(const struct node_places *p, uint32_t from,
			   uint32_t to);

#endif
