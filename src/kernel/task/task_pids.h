/* SPDX-License-Identifier: BSD-2-Clause */
/* By which numbers tasks are known, in each PID namespace that sees them. */
#ifndef KERNEL_TASK_PIDS_H
#define KERNEL_TASK_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/pid.h"
#include "kernel/task/task.h"

enum task_pid {
	TASK_PID_OWN,	  /* of the thread */
	TASK_PID_PROCESS, /* of its process, its process group, its session */
	TASK_PID_GROUP,
	TASK_PID_SESSION,
	TASK_PIDS
};

struct task_pids {
	size_t n;
	struct pids pids;  /* TASK_PIDS times n: of one kind, then the next */
	uint32_t *tracers; /* PID of the thread that traces each, or 0 */
	uint32_t *numa;	   /* its group for NUMA balancing, or 0 */
	bool *known;	   /* its own number could be read */
};

/* Read those of n tasks, in four batches.  The caller frees them, also after an
 * error. */
int task_pids_read(struct kernel *k, const struct task *tasks, size_t n,
		   struct task_pids *out, struct err *err);
void task_pids_deinit(struct task_pids *p);

/* How many namespaces see task i: from the initial one down to its own. */
size_t task_pids_levels(const struct task_pids *p, size_t i);

/* What it is known by in that of a level; 0: by nothing. */
uint32_t task_pids_in(const struct task_pids *p, size_t i, enum task_pid which,
		      size_t level);

#endif
