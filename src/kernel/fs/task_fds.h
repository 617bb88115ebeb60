/* SPDX-License-Identifier: BSD-2-Clause */
/* The open files of tasks: which descriptor is which struct file. */
#ifndef KERNEL_TASK_FDS_H
#define KERNEL_TASK_FDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct task_fd {
	uint32_t fd;
	bool close_on_exec;
	uint64_t file; /* struct file */
};

enum task_fds_state {
	TASK_FDS_WHOLE,	 /* also where there are none, as of an exited task */
	TASK_FDS_TORN,	 /* a table could not be read: there may be more */
	TASK_FDS_CUT,	 /* there are more than qvmi reads */
	TASK_FDS_UNKNOWN /* the kernel's types do not tell of them */
};

/* Those of one task, in order. */
struct task_fds {
	VEC(struct task_fd) v;
	enum task_fds_state state;
	uint64_t files; /* struct files_struct */
};

/*
 * Those of n tasks, in five batches: of tasks, their files_structs, fdtables,
 * bitmaps, and of the pointers that these tell of (fs/file.c,
 * include/linux/fdtable.h).  At most TASK_FDS_MAX_ALL in all.  The caller frees
 * out[0..n-1] with task_fds_deinit(), also after an error.
 */
int task_fds_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct task_fds *out, struct err *err);
void task_fds_deinit(struct task_fds *f, size_t n);

#endif
