/* SPDX-License-Identifier: BSD-2-Clause */
/* What is set of tasks: numbers that have a file in /proc/PID each. */
#ifndef KERNEL_TASK_SETTINGS_H
#define KERNEL_TASK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task.h"

enum task_setting {
	TASK_OOM_SCORE_ADJ, /* signal_struct, a signed short */
	TASK_LOGINUID,	    /* of the initial user namespace */
	TASK_SESSIONID,
	TASK_TIMERSLACK_NS,
	TASK_PERSONALITY,
	TASK_MM_FLAGS, /* MMF_*, include/linux/sched/coredump.h */
	TASK_SETTINGS
};

struct task_settings {
	uint64_t v[TASK_SETTINGS];
	bool known[TASK_SETTINGS]; /* else: no such member, or it has no mm */
	bool torn;		   /* something could not be read */
};

/* Those of n tasks, in two batches. */
int task_settings_read(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_settings *out, struct err *err);

#endif
