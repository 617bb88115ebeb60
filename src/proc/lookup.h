/* SPDX-License-Identifier: BSD-2-Clause */
/* What paths below /proc, and patterns of them, lead to in this guest. */
#ifndef PROC_LOOKUP_H
#define PROC_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "kernel/task/task.h"
#include "proc/path.h"
#include "proc/proc.h"

/* One file, or one entry of a directory. */
struct proc_match {
	size_t path;		      /* the one that led there */
	const struct proc_file *file; /* NULL: a directory of a task, or: */
	bool is_tasks;		      /* the directory PID/task */
	enum proc_scope scope;	      /* one of them */
	size_t process;		      /* below whose PID; index into tasks */
	size_t task;		      /* whose it is; index into tasks */
	const struct proc_values *values; /* NULL: not read yet */
	size_t part;			  /* of these */
	bool is_entry;			  /* of a directory: */
	size_t record;
	/* Of a directory: the pattern of what is looked for in it; "" is all,
	 * NULL nothing but itself. */
	const char *pattern;
};

/* A file of many tasks, as it was read. */
struct proc_reading {
	struct proc_values values;
	struct task *tasks;
};

struct proc_lookup {
	VEC(struct task) tasks;		/* by process, then by number */
	VEC(struct proc_match) matches; /* in order of the paths */
	VEC(struct proc_reading *) readings;
	struct err torn; /* code 0, or why there may be more tasks */
};

/*
 * Find what the n paths lead to; with `below` also all that lies below them.
 * The paths must outlive *out.  Of files that have entries these are read, each
 * file once for all tasks that have it; as many batches for many paths as for
 * one.  ERR_NOT_FOUND: a path leads to no task, or to no entry; ERR_UNREADABLE:
 * where these are kept that cannot be told.  The tasks and
 * values belong to *out, which the caller frees with proc_lookup_deinit(), also
 * after an error.
 */
int proc_lookup(struct kernel *k, const struct proc_path *paths, size_t n,
		bool below, struct proc_lookup *out, struct err *err);
void proc_lookup_deinit(struct proc_lookup *l);

/* Kinds of files, a bit each. */
#define PROC_DIRS     (1u << PROC_TEXT_DIR | 1u << PROC_LINK_DIR)
#define PROC_LINKS    (1u << PROC_LINK)
#define PROC_CONTENTS (1u << PROC_TEXT | PROC_LINKS)

/*
 * Read the values of all matches of these kinds that have none yet, of
 * directories where they were looked into; as many batches for a file of many
 * tasks as of one.  Of several files one that cannot be read keeps no other
 * from being shown: its parts say why.
 */
int proc_lookup_read(struct kernel *k, struct proc_lookup *l,
		     unsigned int kinds, struct err *err);

/*
 * How a file fits a name there; what goes on below a text fits nothing.  `rest`
 * as proc_path_match() sets it.
 */
enum proc_path_match proc_file_fits(const struct proc_file *f,
				    enum proc_scope scope, const char *name,
				    const char **rest);

/*
 * Whether files of such a name can be: one that leads nowhere in any guest is
 * ERR_USAGE, and the words tell what there is.
 */
int proc_lookup_known(const struct proc_path *path, struct err *err);

/* Append the path of a match below /proc: "89/fd/3". */
void proc_match_path(const struct proc_lookup *l, const struct proc_match *m,
		     struct buf *out);

/* Append its text: all records of a file, or the one that an entry is. */
void proc_match_text(const struct proc_match *m, struct buf *out);

/* Whether it is a symbolic link. */
bool proc_match_is_link(const struct proc_match *m);

/* Whether it is a directory. */
bool proc_match_is_dir(const struct proc_match *m);

/* Whether it is a link that leads nowhere: a kernel thread has no exe. */
bool proc_match_leads_nowhere(const struct proc_match *m);

/* Why it is not whole (struct proc_part), or NULL. */
const struct proc_part *proc_match_fault(const struct proc_match *m);

#endif
