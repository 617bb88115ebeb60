/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks have read and written. */
#ifndef KERNEL_TASK_IO_H
#define KERNEL_TASK_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Members of struct task_io_accounting, include/linux/task_io_accounting.h. */
enum task_io_number {
	TASK_IO_RCHAR,
	TASK_IO_WCHAR,
	TASK_IO_SYSCR,
	TASK_IO_SYSCW,
	TASK_IO_READ_BYTES,
	TASK_IO_WRITE_BYTES,
	TASK_IO_CANCELLED,
	TASK_IO_NUMBERS
};

struct task_io {
	uint64_t v[TASK_IO_NUMBERS];
	bool known, torn; /* neither: this kernel does not count it */
};

/*
 * Those of n tasks; with `groups`, those of their processes: of all threads,
 * and of those that have exited.  In as many batches as task_threads_read(),
 * and two.
 */
int task_io_read(struct kernel *k, const struct task *tasks, size_t n,
		 bool groups, struct task_io *out, struct err *err);

#endif
