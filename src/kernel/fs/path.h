/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of files, as d_path() prints them. */
#ifndef KERNEL_PATH_H
#define KERNEL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* A place in the tree of mounts: struct path. */
struct path_at {
	uint64_t mnt;	 /* struct vfsmount */
	uint64_t dentry; /* struct dentry */
};

/*
 * The root directory of PID 1, which readers of its /proc have as a rule; 0
 * where there is none, or it cannot be read: then paths are those from the root
 * of all mounts.
 */
int path_root(struct kernel *k, struct path_at *root, struct err *err);

/* Why a path could not be resolved. */
enum path_fault {
	PATH_SOUND,
	PATH_TORN,   /* a structure cannot be read, or leads nowhere */
	PATH_LIMIT,  /* longer, or more of them, than qvmi follows */
	PATH_UNKNOWN /* a function makes it up that qvmi does not know */
};

/* A path to resolve, and what became of it. */
struct path_job {
	struct path_at at;
	struct path_at from; /* the reader's root directory; 0: PID 1's */
	bool bare;  /* as __d_path(): no name is made up, none is deleted */
	char *text; /* raw bytes; NULL where it was not resolved */
	enum path_fault fault; /* then: why */
	uint64_t fault_at;     /* the structure, or the function */
	bool made_up;	       /* it has no path, but a made-up name */
	bool escaped;	       /* its mount does not show it: "/" is no name */
	bool outside;	       /* of the reader's root directory */
};

/*
 * Resolve n paths as fs/d_path.c does for a reader in the root directory of
 * PID 1 or `from`, with " (deleted)" and the names of files without a path
 * ("pipe:[12]") where not `bare`.  Breadth-first, every distinct dentry and
 * mount is read once. The caller frees each text.
 */
int path_resolve(struct kernel *k, struct path_job *jobs, size_t n,
		 struct err *err);

#endif
