/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain numbers of tasks, of their signals and files. */
#ifndef KERNEL_TASK_NUMBERS_H
#define KERNEL_TASK_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Members of these names, zero-extended from their size. */
enum task_number {
	/* task_struct */
	TASK_LOGINUID, /* of the initial user namespace */
	TASK_SESSIONID,
	TASK_TIMERSLACK_NS,
	TASK_PERSONALITY,
	TASK_MIN_FLT,
	TASK_MAJ_FLT,
	TASK_GTIME, /* in nanoseconds */
	TASK_PRIO,
	TASK_STATIC_PRIO,
	TASK_RT_PRIORITY,
	TASK_POLICY,
	TASK_EXIT_SIGNAL,
	TASK_EXIT_CODE,
	TASK_CPU,
	TASK_NVCSW,
	TASK_NIVCSW,
	TASK_STATE_WORD, /* __state */
	TASK_ON_RQ,
	TASK_ATOMIC_FLAGS,
	TASK_SECCOMP_MODE,
	TASK_SECCOMP_FILTERS,
	TASK_PTRACE,
	TASK_FEATURES, /* x86: of shadow stacks */
	TASK_FEATURES_LOCKED,
	TASK_RUNTIME,	/* nanoseconds that CPUs worked for it */
	TASK_RUN_DELAY, /* that it waited for one */
	TASK_TIMES_RUN,
	TASK_PATCH_STATE,
	TASK_VFORK_DONE, /* addresses: what its parent waits for; and that */
	TASK_REAL_PARENT,
	/* signal_struct */
	TASK_OOM_SCORE_ADJ, /* a signed short */
	TASK_NR_THREADS,
	TASK_GROUP_MIN_FLT, /* of threads that have exited */
	TASK_GROUP_MAJ_FLT,
	TASK_GROUP_GTIME,
	TASK_CHILD_MIN_FLT, /* of children that have exited */
	TASK_CHILD_MAJ_FLT,
	TASK_CHILD_UTIME,
	TASK_CHILD_STIME,
	TASK_CHILD_GTIME,
	TASK_SIGNAL_FLAGS,
	TASK_GROUP_EXIT_CODE,
	TASK_CORE_STATE, /* 5.16; before, see MM_CORE_STATE */
	TASK_TTY,	 /* address of its tty_struct */
	/* fs_struct, and fdtable */
	TASK_UMASK,
	TASK_MAX_FDS,
	TASK_NUMBERS
};

struct task_numbers {
	uint64_t v[TASK_NUMBERS];
	bool known[TASK_NUMBERS]; /* else: no such member, or no such object */
	bool torn;		  /* something could not be read */
};

/* Whether this kernel has such a member, whatever tasks can be read. */
bool task_numbers_have(const struct kernel *k, enum task_number number);

/* Those of n tasks, in three batches. */
int task_numbers_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_numbers *out, struct err *err);

#endif
