/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the tree have from each other. */
#ifndef MOUNT_TREE_INSIDE_H
#define MOUNT_TREE_INSIDE_H

#include "mount/tree.h"

/* What is only looked up may be of a moment that is as old as this. */
#define TREE_LOOKUP_US 100000u

/* How long what is opened may be of the same moment. */
uint64_t tree_lasts_us(const struct tree *t);

/* A moment that is not older; it has what is wanted, if it is a new one. */
int tree_fresh(struct tree *t, uint64_t most_us, struct err *err);

/* Before that: what a path leads to will be asked for.  ERR_NOMEM. */
int tree_expect(struct tree *t, const char *path);

/*
 * What was read of a place's file, for its task: put into the place.  Where the
 * moment does not have it there is a new one, in which the task may be gone:
 * ERR_NOT_FOUND.
 */
int tree_read(struct tree *t, struct tree_place *p, struct err *err);

/* What goes on of a path behind another one, whole parts of it: "" where they
 * are the same, NULL where it is not below that. */
const char *tree_behind(const char *path, const char *above);

/* The file that a path is of, and *rest, what goes on behind its name; NULL:
 * there is none. */
const struct proc_file *tree_file(const struct proc_path *path,
				  const char **rest);

/* What kind a file is, or an entry of it. */
enum tree_kind tree_kind_of(const struct proc_file *f, bool entry);

#endif
