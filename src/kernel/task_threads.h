/* SPDX-License-Identifier: BSD-2-Clause */
/* The other threads of processes. */
#ifndef KERNEL_TASK_THREADS_H
#define KERNEL_TASK_THREADS_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task.h"

/* v[i] is a thread of the task of[i] that was asked for; those come first. */
struct task_threads {
	struct task *v;
	size_t *of;
	size_t n;
	bool torn; /* there may be more */
};

/*
 * n tasks and all other threads of those that are leaders of a process, each
 * once.  Where none has more than one thread, in as many batches as
 * task_numbers_read(), else also in those of a list of all tasks.  The caller
 * frees them, also after an error.
 */
int task_threads_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_threads *out, struct err *err);
void task_threads_deinit(struct task_threads *t);

#endif
