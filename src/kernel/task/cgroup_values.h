/* SPDX-License-Identifier: BSD-2-Clause */
/* What control groups use, and may use. */
#ifndef KERNEL_CGROUP_VALUES_H
#define KERNEL_CGROUP_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define CGROUP_NO_LIMIT UINT64_MAX /* "max" */

/* The files memory.current and memory.max, in bytes, and pids.current and
 * pids.max of a group; it has them where that controller is on in it. */
struct cgroup_values {
	bool has_memory, has_pids;
	uint64_t memory, memory_max;
	uint64_t pids, pids_max;
};

/*
 * Those of n groups of the hierarchy of version 2, by their struct cgroup
 * (mm/memcontrol.c, kernel/cgroup/pids.c): three batches.  What this kernel's
 * types do not tell is not there; a group that cannot be read has none.
 */
int cgroup_values_read(struct kernel *k, const uint64_t *groups, size_t n,
		       struct cgroup_values *out, struct err *err);

#endif
