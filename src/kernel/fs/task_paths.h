/* SPDX-License-Identifier: BSD-2-Clause */
/* Where tasks are: their program, working directory and root. */
#ifndef KERNEL_TASK_PATHS_H
#define KERNEL_TASK_PATHS_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/fs/path.h"
#include "kernel/task/task.h"

/* As links in /proc/PID lead there (fs/proc/base.c). */
enum task_path {
	TASK_PATH_EXE, /* mm_struct.exe_file */
	TASK_PATH_CWD, /* fs_struct.pwd */
	TASK_PATH_ROOT /* fs_struct.root */
};

/*
 * One such path of n tasks, into out[i].  Its at.dentry is 0 where a task has
 * none: a kernel thread has no program, one that has exited nothing at all.
 * As many batches as for one but for those of path_resolve(); the caller frees
 * each text, also after an error.
 */
int task_paths_read(struct kernel *k, const struct task *tasks, size_t n,
		    enum task_path which, struct path_job *out,
		    struct err *err);

#endif
