/* SPDX-License-Identifier: BSD-2-Clause */
/* All counters of memory management that have a name. */
#ifndef KERNEL_VMSTAT_H
#define KERNEL_VMSTAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define VMSTAT_MAX  768
#define VMSTAT_NAME 48

/* The lines of /proc/vmstat, in their order (mm/vmstat.c). */
struct vmstat {
	size_t n;
	uint64_t v[VMSTAT_MAX];
	char name[VMSTAT_MAX][VMSTAT_NAME];
};

/*
 * Read them: a fixed number of batches (docs/facts/kernel.md, "Memory in use").
 * ERR_NO_LINUX: kept in no way that is known; ERR_UNREADABLE.
 */
int vmstat_read(struct kernel *k, struct vmstat *out, struct err *err);

#endif
