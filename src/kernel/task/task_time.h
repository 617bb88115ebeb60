/* SPDX-License-Identifier: BSD-2-Clause */
/* When tasks started, and how long CPUs worked for them. */
#ifndef KERNEL_TASK_TIME_H
#define KERNEL_TASK_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* In nanoseconds. */
struct task_time {
	uint64_t start;	       /* since boot, sleep of the machine included */
	uint64_t user, system; /* as /proc/PID/stat has them, not yet cut */
	bool has_start, has_cpu;
};

/*
 * The times of n tasks.  What a task spent in user and system mode is counted
 * in ticks, which lie; /proc shows the runtime, which is exact, split in
 * proportion to these (kernel/sched/cputime.c, cputime_adjust()), and so does
 * this.  With `groups`, which takes all threads of each process among the
 * tasks, a leader's are those of its whole process, with the threads that have
 * exited.  A task that runs is counted up to its last tick.
 */
int task_times_read(struct kernel *k, const struct task *tasks, size_t n,
		    bool groups, struct task_time *out, struct err *err);

/*
 * The same, where tasks[i] counts for tasks[of[i]], and those that count for
 * themselves have the sums, of threads that have exited, too.  An index of none
 * of them: for nobody.
 */
int task_times_sum(struct kernel *k, const struct task *tasks, size_t n,
		   const size_t *of, struct task_time *out, struct err *err);

#endif
