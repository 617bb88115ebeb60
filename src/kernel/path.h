/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of files, as d_path() prints them. */
#ifndef KERNEL_PATH_H
#define KERNEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define PATH_BYTES_MAX	    4096
#define PATH_COMPONENTS_MAX 1024

/* A place in the tree of mounts: struct path. */
struct path_at {
	uint64_t mnt;	 /* struct vfsmount */
	uint64_t dentry; /* struct dentry */
};

/* A path to resolve, and what became of it. */
struct path_job {
	struct path_at at;
	char *text;	  /* raw bytes; NULL where it could not be followed */
	uint64_t torn_at; /* then: the structure that could not be followed */
};

/*
 * Resolve n paths as fs/d_path.c does for a reader in the root directory of
 * PID 1, with " (deleted)" and the names of files without a path
 * ("pipe:[12]").  Breadth-first, every distinct dentry and mount is read once.
 * The caller frees each text.
 */
int path_resolve(struct kernel *k, struct path_job *jobs, size_t n,
		 struct err *err);

#endif
