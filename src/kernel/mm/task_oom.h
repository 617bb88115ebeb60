/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom the kernel would end where memory runs out. */
#ifndef KERNEL_TASK_OOM_H
#define KERNEL_TASK_OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * The score of /proc/PID/oom_score: 0 for a task that is not to be ended; 667
 * where it has nothing and no adjustment.
 */
struct task_oom {
	uint64_t score;
	bool known, torn; /* neither: this kernel's types do not tell */
};

/*
 * Those of n tasks, as oom_badness() of mm/oom_kill.c judges them now
 * (docs/facts/kernel.md, "Status of processes"), in some ten batches,
 * and those of a list of all threads where a leader with others has exited.
 */
int task_oom_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct task_oom *out, struct err *err);

#endif
