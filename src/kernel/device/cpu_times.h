/* SPDX-License-Identifier: BSD-2-Clause */
/* What CPUs have spent their time on, and what they have to do. */
#ifndef KERNEL_CPU_TIMES_H
#define KERNEL_CPU_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/clock.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

/* In the order of enum cpu_usage_stat's lines in /proc/stat. */
enum cpu_time {
	CPU_USER,
	CPU_NICE,
	CPU_SYSTEM,
	CPU_IDLE,
	CPU_IOWAIT,
	CPU_IRQ,
	CPU_SOFTIRQ,
	CPU_STEAL,
	CPU_GUEST,
	CPU_GUEST_NICE,
	CPU_TIMES
};

/* What one CPU has; of one that is not possible, zeros. */
struct cpu_load {
	uint64_t ns[CPU_TIMES];
	uint64_t switches;
	uint32_t running; /* tasks that are, or want to */
	uint32_t blocked; /* tasks that wait for a device */
};

struct cpu_loads {
	struct cpu_load *v; /* one for each of cpus->n */
	bool known;	    /* this kernel's types tell of all */
};

/*
 * Read those of all CPUs (docs/facts/kernel.md, "Times of CPUs"): two batches.
 * The caller frees with cpu_loads_deinit(), also after an error.
 */
int cpu_loads_read(struct kernel *k, const struct cpus *cpus,
		   const struct kernel_clock *clock, struct cpu_loads *out,
		   struct err *err);
void cpu_loads_deinit(struct cpu_loads *l);

#endif
