/* SPDX-License-Identifier: BSD-2-Clause */
/* The other threads of processes. */
#ifndef KERNEL_TASK_THREADS_H
#define KERNEL_TASK_THREADS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * v.v[i] counts for v.v[of.v[i]]; those that were asked for come first, and
 * count for themselves.
 */
struct task_threads {
	VEC(struct task) v;
	VEC(size_t) of;
	bool torn; /* there may be more: damage, or TASK_THREADS_MAX_ALL */
};

/*
 * n tasks, and with `groups` for each all other threads of its process.  Where
 * no process has more than one, in as many batches as task_numbers_read(), else
 * also in those of a list of all tasks.  The caller frees them, also after an
 * error.
 */
int task_threads_read(struct kernel *k, const struct task *tasks, size_t n,
		      bool groups, struct task_threads *out, struct err *err);
void task_threads_deinit(struct task_threads *t);

#endif
