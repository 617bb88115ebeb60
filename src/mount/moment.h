/* SPDX-License-Identifier: BSD-2-Clause */
/* One moment of a guest's /proc: its tasks, and the files that were read. */
#ifndef MOUNT_MOMENT_H
#define MOUNT_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"
#include "proc/proc.h"

/* Whose file is to be read. */
enum moment_reach {
	MOMENT_ONE,	  /* the system's, or that of one task */
	MOMENT_PROCESSES, /* of all processes */
	MOMENT_THREADS	  /* of all their threads, too */
};

struct moment_want {
	const struct proc_file *file;
	enum moment_reach reach;
	uint32_t pid;	  /* of MOMENT_ONE: the task; 0: the system */
	uint64_t used_us; /* when it was asked for last */
};

/* A file as it was read, for the tasks in it. */
struct moment_reading {
	struct moment_want want;
	struct proc_values values;
	struct task *tasks; /* in order of their numbers */
	struct err failure; /* code 0, or why it could not be read */
};

struct moment {
	uint64_t taken_us;
	const struct profile *profile; /* of its kernel; borrowed */
	struct task_list tasks;	       /* all, in order of their numbers */
	VEC(struct moment_reading *) readings;
	VEC(const struct proc_file *) absent; /* their modules are not loaded */
};

/*
 * In a pause: read all tasks, and each file that is wanted, once for all whose
 * it is, unless the kernel has no such file.  As many batches for many tasks as
 * for one.  A file that cannot be read says so in its own reading; an error is
 * for all.  The kernel must outlive the moment, which the caller frees with
 * moment_deinit(), also after an error.
 */
int moment_take(struct kernel *k, const struct moment_want *wants, size_t n,
		struct moment *out, struct err *err);

/* In the same pause: one more file, which takes the place of what was read of
 * it before. */
int moment_add(struct kernel *k, const struct moment_want *want,
	       struct moment *m, struct err *err);

/* Whether it has what is wanted, or more of it. */
bool moment_has(const struct moment *m, const struct moment_want *want);

/*
 * In another pause: read what is wanted and was not read.  Where that is of
 * tasks all of these are read anew, for those that are gone are not to be
 * looked at.  Each reading is of one pause; all are dropped where a number is
 * another task's now.  Errors as moment_take(), and then it is to be given up.
 */
int moment_extend(struct kernel *k, const struct moment_want *wants, size_t n,
		  struct moment *m, struct err *err);

void moment_deinit(struct moment *m);

/* Whether there is such a file in this guest then. */
bool moment_is_there(const struct moment *m, const struct proc_file *file);

/* The task of that number, a thread's too; NULL: there is none. */
const struct task *moment_task(const struct moment *m, uint32_t pid);

/*
 * What was read of a file for a task, or for the system (pid 0): the part is
 * that of the values.  NULL: it was not read for that one.
 */
struct moment_reading *moment_find(const struct moment *m,
				   const struct proc_file *file, uint32_t pid,
				   size_t *part);

#endif
