/* SPDX-License-Identifier: BSD-2-Clause */
/* What the threads of a process have in common: signal_struct. */
#ifndef KERNEL_TASK_GROUP_H
#define KERNEL_TASK_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Numbers are those of the initial PID namespace, as in its /proc. */
struct task_group {
	uint32_t threads;   /* that have not exited */
	uint32_t pgid, sid; /* process group, session; 0 of kernel threads */
	bool has_threads, has_pgid, has_sid;
};

/* Those of n tasks (include/linux/sched/signal.h), in three batches. */
int task_groups_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_group *out, struct err *err);

#endif
