/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks by the lists that link them, for kernels whose PIDs are in no table. */
#ifndef KERNEL_TASKLIST_H
#define KERNEL_TASKLIST_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/task/task.h"

/*
 * Fill addr and pid of all processes, or of the n that have those numbers,
 * which ascend (n 0: all), in order of pid: the list from init_task.tasks
 * (include/linux/sched.h), followed from both ends at once. With threads set
 * also the other threads of each, by signal_struct.thread_head (3.14 and
 * later), all processes at once.  A list that does not close marks the tasks as
 * torn.  ERR_NO_LINUX when the profile lacks symbol or member.
 */
int tasklist_read(struct kernel *k, const uint32_t *only, size_t n,
		  bool threads, struct task_list *out, struct err *err);

#endif
