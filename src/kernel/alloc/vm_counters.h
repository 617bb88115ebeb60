/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of memory that the kernel keeps for all zones and nodes together. */
#ifndef KERNEL_VM_COUNTERS_H
#define KERNEL_VM_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define VM_COUNTERS_MAX 256

/* Those of one kind, in the order of its enum; one below 0 is 0, as shown. */
struct vm_counters {
	size_t n;
	uint64_t v[VM_COUNTERS_MAX];
};

/* vm_zone_stat[], vm_node_stat[] and vm_numa_event[] (mm/vmstat.c). */
struct vm_globals {
	struct vm_counters zone, node; /* in pages, but for some in bytes */
	struct vm_counters numa;       /* none where CONFIG_NUMA is not set */
};

/* One batch.  ERR_NO_LINUX: kept in no way that is known. */
int vm_globals_read(struct kernel *k, struct vm_globals *out, struct err *err);

#endif
