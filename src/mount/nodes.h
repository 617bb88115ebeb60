/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel is told of the nodes of a tree. */
#ifndef MOUNT_NODES_H
#define MOUNT_NODES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "mount/inodes.h"
#include "mount/tree.h"

/* The node of who looks itself up by its number: one of its own, for the kernel
 * holds on to each directory by one name alone. */
#define NODES_OWN "self/."

/* "89", "fd": "89/fd"; false: there is no such long path.  out has room for
 * PROC_PATH_MAX. */
bool nodes_join(const char *dir, const char *name, char *out);

/* What the tree knows the path of a node by: itself, or what is put into out,
 * which has room for PROC_PATH_MAX. */
const char *nodes_in_tree(const char *path, char *out);

/* How long the record is that begins there: up to a line that does not begin
 * with a blank. */
size_t nodes_record(const char *text, size_t len, size_t from);

mode_t nodes_mode(enum mount_tree_kind kind);

/* Whose it is: what is a task's is its user's. */
struct inode_owner nodes_owner(const struct mount_tree_place *p);

/* What is told of the node of a place; as in procfs its times are those of when
 * it was asked for first. */
struct stat nodes_stat(const struct mount_tree *t,
		       const struct mount_tree_place *p, const char *path,
		       const struct inode_told *told);

/* The same of a text, whatever has become of whose it was. */
struct stat nodes_stat_text(const char *path, const struct inode_told *told);

#endif
