/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals of tasks: which wait, which are blocked, what is done with them. */
#ifndef KERNEL_TASK_SIGNALS_H
#define KERNEL_TASK_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Sets: signal N is bit N - 1. */
struct task_signals {
	uint64_t pending, shared; /* for the thread, and for its process */
	uint64_t blocked, ignored, caught;
	bool known, torn; /* neither: this kernel's types do not tell */
};

/* Those of n tasks, in two batches. */
int task_signals_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_signals *out, struct err *err);

#endif
