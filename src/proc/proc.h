/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc: one table of them, how each is read, and what it shows. */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/task.h"
#include "rows/rows.h"

enum proc_scope {
	PROC_SYSTEM, /* /proc/NAME */
	PROC_PROCESS /* /proc/PID/NAME */
};

/*
 * What one process, or the system, has of a file: as many records, in order.
 * As in a seq_file of the kernel (fs/seq_file.c), a record is what is shown at
 * once: a line or several.
 */
struct proc_part {
	size_t records;
	struct buf text; /* of a file that is read as text: its one record */
	struct buf why;	 /* empty: it is whole; else what is missing, or all */
	bool torn;	 /* some is there, and why is a reason, no sentence */
};

/* A file as it was when the guest stood still, of n processes. */
struct proc_values {
	const struct proc_file *file;
	const struct task *tasks; /* of whom; borrowed.  NULL: the system's */
	struct proc_part *parts;  /* of each */
	size_t n;
	void *own; /* the file's own values, or NULL */
};

/*
 * One file.  read() runs while the guest stands still; text(), rows() and
 * notes() run when it has been let go, and read nothing.
 */
struct proc_file {
	const char *name;
	enum proc_scope scope;
	/*
	 * Fill out->parts, which are zeroed, and out->own.  As many batches for
	 * many processes as for one.  An error is for all of them; what one
	 * lacks is in its `why`.  A part's buffers may run out of memory.
	 */
	int (*read)(struct kernel *k, struct proc_values *out, struct err *err);
	/* Append a record of part i as the guest's kernel prints it; NULL: the
	 * parts have the text. */
	void (*text)(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out);
	/* NULL: it has no rows.  Those of a process begin with
	 * PROC_ROW_COLUMNS, and are added with proc_row_add(). */
	const struct row_column *columns;
	size_t n_columns;
	/* Add the rows of a record of part i, of these columns: one mostly,
	 * none for a heading. */
	void (*rows)(const struct proc_values *v, size_t i, size_t record,
		     struct row_table *out);
	/* Append what cannot be told of all parts together, and why, each with
	 * its NUL; NULL: nothing. */
	void (*notes)(const struct proc_values *v, const struct profile *p,
		      struct buf *out);
	/* Free v->own, which is not NULL; after an error of read(), too. */
	void (*deinit)(struct proc_values *v);
};

/* All of them; ends in NULL. */
extern const struct proc_file *const proc_files[];

/* The one of that name, or NULL. */
const struct proc_file *proc_find(enum proc_scope scope, const char *name);

/*
 * Read a file of n processes, or of the system (tasks is NULL then, n 1).  The
 * tasks must outlive the values, which the caller frees with
 * proc_values_deinit(), also after an error.
 */
int proc_read(const struct proc_file *f, struct kernel *k,
	      const struct task *tasks, size_t n, struct proc_values *out,
	      struct err *err);
void proc_values_deinit(struct proc_values *v);

/* Append a record of part i, as the guest's kernel prints it. */
void proc_text(const struct proc_values *v, size_t i, size_t record,
	       struct buf *out);

/* Say in a part what was damaged: the first remark, and how many more. */
void proc_part_remarks(struct proc_part *part, const struct remarks *r);

/* The columns with which those of a process's file begin. */
enum {
	PROC_ROW_PID,
	PROC_ROW_COMM,
	PROC_ROW_OWN /* the first of the file's own */
};

#define PROC_ROW_COLUMNS                                     \
	[PROC_ROW_PID] = ROW_COLUMN("pid", NULL, ROW_COUNT), \
	[PROC_ROW_COMM] = ROW_COLUMN("comm", NULL, ROW_GUEST)

/* Start a row of part i, a process: whose it is stands in it. */
void proc_row_add(const struct proc_values *v, size_t i, struct row_table *out);

/* What the table lists; each has a file of that name. */
extern const struct proc_file proc_buddyinfo, proc_cmdline, proc_kmsg,
	proc_modules, proc_pagetypeinfo, proc_slabinfo, proc_version,
	proc_vmallocinfo, proc_zoneinfo;
extern const struct proc_file proc_pid_cmdline, proc_pid_comm, proc_pid_environ,
	proc_pid_maps;

#endif
