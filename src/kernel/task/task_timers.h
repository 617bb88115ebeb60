/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX timers of processes: timer_create(2). */
#ifndef KERNEL_TASK_TIMERS_H
#define KERNEL_TASK_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct task_timer {
	int32_t id, clock, signo;
	uint64_t value;	 /* that goes with the signal */
	uint32_t notify; /* SIGEV_*, include/uapi/asm-generic/siginfo.h */
	uint32_t pid;	 /* of the process or thread that is told */
};

struct task_timers {
	VEC(struct task_timer) v; /* in the kernel's order */
	bool known;		  /* else: this kernel's types do not tell */
	bool torn;		  /* some of them cannot be read */
};

/*
 * Those of n tasks' processes, into out, which is zeroed.  The number of
 * batches grows with the longest list alone.  The caller frees them with
 * task_timers_deinit(), also after an error.
 */
int task_timers_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_timers *out, struct err *err);
void task_timers_deinit(struct task_timers *t, size_t n);

#endif
