/* SPDX-License-Identifier: BSD-2-Clause */
/* Where CPUs are: in which core, die and package, and with which others. */
#ifndef KERNEL_X86_64_TOPOLOGY_H
#define KERNEL_X86_64_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpu_masks.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

enum topology_id {
	TOPOLOGY_PACKAGE,
	TOPOLOGY_DIE,
	TOPOLOGY_CLUSTER,
	TOPOLOGY_CORE,
	TOPOLOGY_IDS
};

/* The CPUs that share these with one. */
enum topology_mask {
	TOPOLOGY_OF_CORE,
	TOPOLOGY_OF_CLUSTER,
	TOPOLOGY_OF_DIE,
	TOPOLOGY_OF_PACKAGE,
	TOPOLOGY_MASKS
};

struct topology_cpu {
	uint32_t id[TOPOLOGY_IDS]; /* as they are printed, as an int */
	bool id_known[TOPOLOGY_IDS];
};

struct topology {
	struct topology_cpu *v; /* of each CPU, where it is online */
	/* Of CPU i: masks[i * TOPOLOGY_MASKS + enum topology_mask]. */
	struct cpu_masks masks;
};

/*
 * Read that of all CPUs that are online (struct cpuinfo_x86, and the per-CPU
 * variables cpu_sibling_map, cpu_l2c_shared_map, cpu_die_map, cpu_core_map;
 * arch/x86/include/asm/topology.h, 5.10 - 7.2): four batches.  What is not
 * known is no error.  The caller frees with topology_deinit(), also after an
 * error.
 */
int topology_read(struct kernel *k, const struct cpus *cpus,
		  struct topology *out, struct err *err);
void topology_deinit(struct topology *t);

#endif
