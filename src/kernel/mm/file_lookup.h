/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by the path that a process has them by, out of the cache of names. */
#ifndef KERNEL_FILE_LOOKUP_H
#define KERNEL_FILE_LOOKUP_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct found_file {
	uint64_t inode;
	uint64_t mapping; /* its address_space */
	uint32_t mode;	  /* S_IFMT and rights */
};

/*
 * Walk a path as path_lookupat() of fs/namei.c would for a task, in its root
 * directory or, where the path does not begin with a slash, its working
 * directory; through mounts, and through symbolic links whose text is in
 * memory.  A few batches for each component.  ERR_NOT_FOUND: there is no such
 * file, or the cache of names does not know it, which the words tell apart.
 */
int file_lookup(struct kernel *k, const struct task *t, const char *path,
		struct found_file *out, struct err *err);

#endif
