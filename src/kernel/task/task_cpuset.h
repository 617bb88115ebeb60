/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cpuset tasks are in. */
#ifndef KERNEL_TASK_CPUSET_H
#define KERNEL_TASK_CPUSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * The paths of n tasks' cpusets from the root of their hierarchy on, or NULL
 * where one cannot be read; paths[] is of n NULLs, the caller frees each, also
 * after an error.  *known is false where this kernel's types do not tell.  Two
 * batches for each level of the deepest, and four.
 */
int task_cpusets_read(struct kernel *k, const struct task *tasks, size_t n,
		      char **paths, bool *known, struct err *err);

#endif
