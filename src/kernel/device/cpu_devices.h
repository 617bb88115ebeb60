/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPUs there are, and which of them the kernel has devices of. */
#ifndef KERNEL_CPU_DEVICES_H
#define KERNEL_CPU_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

enum cpu_state {
	CPU_STATE_POSSIBLE,
	CPU_STATE_PRESENT,
	CPU_STATE_ONLINE,
	CPU_STATE_ENABLED, /* 6.11 */
	CPU_STATES
};

/* The struct device of one CPU (drivers/base/cpu.c, register_cpu()). */
struct cpu_device {
	bool there;
	bool known;   /* and it could be read: */
	bool fixed;   /* it cannot be switched off: offline_disabled */
	bool offline; /* the device is */
};

struct cpu_devices {
	struct cpus cpus;
	size_t stride; /* words of a mask of nr_cpu_ids bits */
	struct {
		bool known;	 /* this kernel has such a mask */
		uint64_t *words; /* the lowest CPU first */
	} state[CPU_STATES];
	uint32_t total; /* CPUs that firmware told of (total_cpus); 0: not known
			 */
	struct cpu_device *v; /* cpus.n */
	bool v_known;	      /* the kernel keeps them in a way that is known */
};

/*
 * Read them: four batches.  ERR_NO_LINUX, ERR_UNREADABLE, ERR_CORRUPT as
 * cpus_read().  The caller frees with cpu_devices_deinit(), also after an
 * error.
 */
int cpu_devices_read(struct kernel *k, struct cpu_devices *out,
		     struct err *err);
void cpu_devices_deinit(struct cpu_devices *d);

#endif
