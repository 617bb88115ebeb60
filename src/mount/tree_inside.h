/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the tree have from each other. */
#ifndef MOUNT_TREE_INSIDE_H
#define MOUNT_TREE_INSIDE_H

#include "mount/tree.h"

/* What is only looked up may be of a moment that is as old as this. */
#define TREE_LOOKUP_US 100000u

/* How long what is opened may be of the same moment. */
uint64_t mount_tree_lasts_us(const struct mount_tree *t);

/* A moment that is not older; it has what is wanted, if it is a new one. */
int mount_tree_fresh(struct mount_tree *t, uint64_t most_us, struct err *err);

/*
 * Stop the guest, do that work with its kernel, and let it go; an error of the
 * work is one of the guest.  A moment of another kernel is dropped first.
 */
int mount_tree_pause(struct mount_tree *t,
		     int (*work)(struct mount_tree *t, struct kernel *k,
				 void *ctx, struct err *err),
		     void *ctx, struct err *err);

/* The same for bytes of a file; while the guest is held at once, and then an
 * error of the work is not one of the guest. */
int mount_tree_work(struct mount_tree *t,
		    int (*work)(struct mount_tree *t, struct kernel *k,
				void *ctx, struct err *err),
		    void *ctx, struct err *err);

/* Whether what lies in that file, a directory of links, can be an object. */
bool mount_tree_is_object(const struct proc_file *f, const char *name);

/* Tell that a file cannot be read, and why; of each file once. */
void mount_tree_lacks(struct mount_tree *t, const struct proc_file *f,
		      const struct err *why);

/*
 * Want a file: of one task at first, and where another one's is asked for, too,
 * of all of them, for that is what programs like ps go on to do.  ERR_NOMEM.
 */
int mount_tree_want(struct mount_tree *t, const struct proc_file *file,
		    uint32_t pid, bool thread);

/* Forget what nobody has asked for in a while. */
void mount_tree_drop_wants(struct mount_tree *t);

/*
 * A file that is wanted is lacking: want n more that are likely to be asked for
 * next.  Those that are wanted of fewer tasks than it is; and, for who goes
 * through a directory, those behind it.  ERR_NOMEM.
 */
int mount_tree_look_ahead(struct mount_tree *t, const struct proc_file *file,
			  size_t n);

/* Before that: what a path leads to will be asked for.  ERR_NOMEM. */
int mount_tree_expect(struct mount_tree *t, const char *path);

/*
 * What was read of a place's file, for its task: put into the place.  Where the
 * moment does not have it there is a new one, in which the task may be gone:
 * ERR_NOT_FOUND.
 */
int mount_tree_read(struct mount_tree *t, struct mount_tree_place *p,
		    struct err *err);

/* What goes on of a path behind another one, whole parts of it: "" where they
 * are the same, NULL where it is not below that. */
const char *mount_tree_behind(const char *path, const char *above);

/* The file that a path is of, and *rest, what goes on behind its name; NULL:
 * no kernel has one. */
const struct proc_file *mount_tree_file(const struct proc_path *path,
					const char **rest);

/* Whether the kernel of this moment has such a file.  Without a moment: whether
 * all have. */
bool mount_tree_is_there(const struct mount_tree *t, const struct proc_file *f);

/* The same, where a path is. */
bool mount_tree_has(const struct mount_tree *t, const struct proc_path *path,
		    const struct proc_file *f);

/* What kind a file is. */
enum mount_tree_kind mount_tree_kind_of(const struct proc_file *f);

#endif
