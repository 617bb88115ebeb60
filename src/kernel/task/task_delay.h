/* SPDX-License-Identifier: BSD-2-Clause */
/* How long tasks waited for what they read. */
#ifndef KERNEL_TASK_DELAY_H
#define KERNEL_TASK_DELAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * Nanoseconds of n tasks, as delayacct_blkio_ticks() counts them: with those of
 * swap up to 5.17.  In two batches; 0 where the kernel does not account for
 * delays, as it says itself, TASK_DELAY_UNKNOWN where they cannot be read.
 */
#define TASK_DELAY_UNKNOWN UINT64_MAX
int task_delays_read(struct kernel *k, const struct task *tasks, size_t n,
		     uint64_t *out, struct err *err);

#endif
