/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc, and some beside it: one table of them, how each is read, and
 * what it shows. */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/fs/path.h"
#include "kernel/remarks.h"
#include "kernel/task/task.h"
#include "proc/bytes.h"
#include "proc/files.h"
#include "rows/rows.h"

/* Where a file is: one or several of them. */
enum proc_scope {
	PROC_SYSTEM = 1 << 0,  /* /proc/NAME */
	PROC_PROCESS = 1 << 1, /* /proc/PID/NAME */
	PROC_THREAD = 1 << 2,  /* /proc/PID/task/TID/NAME */
	PROC_BESIDE = 1 << 3,  /* /NAME: beside /proc */
	PROC_TASK = PROC_PROCESS | PROC_THREAD
};

enum proc_kind {
	PROC_TEXT,
	PROC_LINK, /* a symbolic link; its text is where it leads, if anywhere
		    */
	PROC_TEXT_DIR, /* a directory of texts, a record each */
	PROC_LINK_DIR, /* a directory of symbolic links, a record each */
	PROC_BYTES     /* bytes at offsets, too many to be read at once */
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
	bool missing;	 /* of a directory: there may be more records */
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
	const char *name; /* "net/tcp": in the directory net */
	enum proc_scope scope;
	enum proc_kind kind;
	/* Each read(2) gets one record at most: what goes on with a blank
	 * belongs to the line before it. */
	bool by_records;
	/* A function that kernels with such a file have; NULL: all have it. */
	const char *needs;
	/* It is there when a module is: the guest's own /proc is asked. */
	bool by_module;
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
	/* Append the name of a record in a directory of such: "3", or with
	 * directories between, "kernel/hostname"; with a slash behind it, that
	 * of a directory in which there is nothing. */
	void (*entry)(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out);
	/* Whether a record of a PROC_TEXT_DIR is a symbolic link; NULL: none
	 * is. */
	bool (*is_link)(const struct proc_values *v, size_t i, size_t record);
	/* Of a directory whose part says why it is not whole: whether that
	 * record is; NULL: those that have a text are. */
	bool (*is_whole)(const struct proc_values *v, size_t i, size_t record);
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
	/*
	 * Of a PROC_BYTES, which has this alone: read bytes of n processes, or
	 * of the system, while the guest stands still, in as many batches for
	 * many processes as for one.  What is wrong with one is in its `why`;
	 * an error is for all, and nothing can be read any more.
	 */
	int (*bytes)(struct kernel *k, struct proc_bytes *b, size_t n,
		     struct err *err);
	bool memory; /* of a PROC_BYTES: these are of memory, page by page */
};

/* All of them; ends in NULL. */
extern const struct proc_file *const proc_files[];

/* Whether it is a directory, of whose entries it has a record each. */
bool proc_is_dir(const struct proc_file *f);

/* Whether the name of a record is that of a directory with nothing in it. */
bool proc_is_empty_dir(const struct buf *entry);

/* Whether a record of a directory is a symbolic link. */
bool proc_is_link(const struct proc_values *v, size_t i, size_t record);

/* Whether that kernel has such a file at all (see `needs`). */
bool proc_is_there(const struct proc_file *f, const struct profile *p);

/* The same where modules are asked for, too: while the guest stands still;
 * batches only for a file by_module (kernel/fs/proc_entry.h). */
int proc_is_listed(const struct proc_file *f, struct kernel *k, bool *there,
		   struct err *err);

/* The one of that name there, or NULL. */
const struct proc_file *proc_find(enum proc_scope scope, const char *name);

/*
 * Read a file of n processes, or of the system (tasks is NULL then, n 1);
 * ERR_REFUSED: it is one of bytes.  The
 * tasks must outlive the values, which the caller frees with
 * proc_values_deinit(), also after an error.
 */
int proc_read(const struct proc_file *f, struct kernel *k,
	      const struct task *tasks, size_t n, struct proc_values *out,
	      struct err *err);
void proc_values_deinit(struct proc_values *v);

/*
 * Whether an error of proc_read() is that file's own: others can be read in the
 * same pause.  Then proc_values_fail() says it in each part, which has nothing
 * but that; ERR_NOMEM.
 */
bool proc_is_own_error(int code);
int proc_values_fail(struct proc_values *v, const struct err *why,
		     struct err *err);

/* Append a record of part i, as the guest's kernel prints it. */
void proc_text(const struct proc_values *v, size_t i, size_t record,
	       struct buf *out);

/* Whether a record of a directory is whole, whatever others are. */
bool proc_record_is_whole(const struct proc_values *v, size_t i, size_t record);

/* Say in a part what was damaged: the first remark, and how many more. */
void proc_part_remarks(struct proc_part *part, const struct remarks *r);

/* Say in a part that it is not known: it could not be read, or this kernel's
 * types lack what tells. */
void proc_part_unknown(struct proc_part *part, bool torn);

/* Say in a part why a path could not be resolved; struct path_job has both. */
void proc_part_path(struct proc_part *part, enum path_fault fault, uint64_t at);

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

#endif
