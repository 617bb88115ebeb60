/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of kernel threads that are longer than task_struct.comm. */
#ifndef KERNEL_KTHREAD_H
#define KERNEL_KTHREAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * Complete the comm of the kernel threads among n tasks as proc_task_name()
 * does (fs/proc/array.c): a workqueue's worker says what it works on or did
 * last ("kworker/0:1-events"), others have a full name (>= 5.17).  kthreads[i]
 * is the struct kthread of tasks[i].  What is not there stays as it is.
 */
int kthread_names(struct kernel *k, struct task *tasks, size_t n,
		  const uint64_t *kthreads, struct err *err);

#endif
