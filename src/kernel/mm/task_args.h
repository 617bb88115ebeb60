/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines, out of the memory of their processes. */
#ifndef KERNEL_TASK_ARGS_H
#define KERNEL_TASK_ARGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

enum task_args_state {
	TASK_ARGS_NONE,	  /* a kernel thread, or one that has exited */
	TASK_ARGS_WHOLE,  /* may be empty */
	TASK_ARGS_CUT,	  /* longer than TASK_ARGS_MAX, or one too many */
	TASK_ARGS_ABSENT, /* not all of it is in memory, or readable */
};

/* /proc/PID/cmdline: arguments, each with its NUL; bytes are the process's. */
struct task_args {
	enum task_args_state state;
	char *bytes; /* NULL unless WHOLE or CUT */
	size_t len;
};

/*
 * Those of n tasks into out, which is zeroed: a few batches.  The caller
 * frees them with task_args_deinit(), also after an error.
 */
int task_args_read(struct kernel *k, const struct task *tasks, size_t n,
		   struct task_args *out, struct err *err);

/*
 * The same of /proc/PID/environ: what lies between env_start and env_end (fs/
 * proc/base.c, environ_read()).
 */
int task_environ_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_args *out, struct err *err);
void task_args_deinit(struct task_args *args, size_t n);

#endif
