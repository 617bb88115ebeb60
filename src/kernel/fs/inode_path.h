/* SPDX-License-Identifier: BSD-2-Clause */
/* From inodes to names that people know them by. */
#ifndef KERNEL_INODE_PATH_H
#define KERNEL_INODE_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* An inode whose name is wanted, and what was found. */
struct inode_path {
	uint64_t inode, sb; /* addresses of it and its super_block */
	char *text;	    /* raw bytes; NULL: no name, or none that is sure */
};

/*
 * A name of each of n inodes, as /proc would print it.  Of several names (hard
 * links) one that has not been deleted; seen through a mount in the namespace
 * of PID 1, else in another one.  An inode that many files share, each of which
 * makes up a name of its own (anon_inode), has none; neither has one that only
 * mounts of the kernel's own show (layers of overlayfs), nor one whose file
 * system is not mounted at its root.  The caller frees each text, also after an
 * error.
 */
int inode_paths_read(struct kernel *k, struct inode_path *v, size_t n,
		     struct err *err);

#endif
