/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits of processes: what setrlimit(2) has set. */
#ifndef KERNEL_TASK_LIMITS_H
#define KERNEL_TASK_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Numbers of limits, include/uapi/asm-generic/resource.h. */
#define TASK_LIMIT_RSS	      5
#define TASK_LIMIT_SIGPENDING 11
#define TASK_LIMITS	      16
#define TASK_LIMIT_NONE	      UINT64_MAX

struct task_limits {
	uint64_t soft[TASK_LIMITS], hard[TASK_LIMITS];
	bool known, torn; /* neither: this kernel's types do not tell */
};

/* Those of n tasks (signal_struct.rlim[]), in two batches. */
int task_limits_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_limits *out, struct err *err);

#endif
