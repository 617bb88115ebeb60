/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks that no CPU runs are in the middle of: who called whom. */
#ifndef KERNEL_X86_64_TRACE_H
#define KERNEL_X86_64_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/task/task.h"

#define TRACE_MAX 64u /* MAX_STACK_TRACE_DEPTH, fs/proc/base.c */

/* Of one task; empty where a CPU runs it, or it has no stack any more. */
struct task_trace {
	uint64_t ips[TRACE_MAX]; /* where each will go on, but the scheduler */
	size_t n;
	uint64_t wchan; /* __get_wchan() of arch/x86/kernel/process.c */
	bool traced;	/* a tracer keeps who called the last */
	bool torn;	/* its stack cannot be read */
};

/* Of n tasks. */
struct task_traces {
	struct task_trace *v;
	bool known; /* else a remark says why none is */
	struct remarks remarks;
};

/*
 * Read those of n tasks, in as many batches as of one.  They are not known
 * where this kernel's rules for unwinding are not, or are not proven.  The
 * caller frees them, also after an error.
 */
int task_traces_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_traces *out, struct err *err);
void task_traces_deinit(struct task_traces *t);

#endif
