/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc: one table of them, and how each is read. */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task.h"

enum proc_scope {
	PROC_SYSTEM, /* /proc/NAME */
	PROC_PROCESS /* /proc/PID/NAME */
};

/* A file's text, exactly as the guest's kernel prints it. */
struct proc_text {
	struct buf text;
	struct err why; /* code 0: it is whole; else what is missing, or all */
};

struct proc_file {
	const char *name;
	enum proc_scope scope;
	/*
	 * Read it for n processes, or of the system, which is one (tasks is
	 * NULL then): out[i], which is zeroed, for tasks[i].  As many batches
	 * for many processes as for one.  An error is for all of them; what one
	 * lacks is in its `why`.
	 */
	int (*read)(struct kernel *k, const struct task *tasks, size_t n,
		    struct proc_text *out, struct err *err);
};

/* All of them; ends in NULL. */
extern const struct proc_file *const proc_files[];

/* The one of that name, or NULL. */
const struct proc_file *proc_find(enum proc_scope scope, const char *name);

void proc_texts_deinit(struct proc_text *texts, size_t n);

/* What the table lists; each has a file of that name. */
extern const struct proc_file proc_cmdline, proc_kmsg, proc_version;
extern const struct proc_file proc_pid_cmdline, proc_pid_comm, proc_pid_environ,
	proc_pid_maps;

#endif
