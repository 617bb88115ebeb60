/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths in kernfs, which control groups are directories of. */
#ifndef KERNEL_KERNFS_PATH_H
#define KERNEL_KERNFS_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * The paths of n struct kernfs_nodes from the root of their hierarchy on: "/"
 * of that itself, else "/a/b"; NULL where one is not there, or a part of it
 * cannot be read, or it is longer than PATH_MAX, as the kernel shows none
 * (cgroup_path_ns_locked(), kernel/cgroup/cgroup.c), or where all together are
 * more than is kept (KERNFS_PATHS_MAX_ALL).  paths[] is of n NULLs; the caller
 * frees each, also after an error.  Two batches for each level of the deepest.
 */
int kernfs_paths_read(struct kernel *k, const uint64_t *nodes, size_t n,
		      char **paths, struct err *err);

#endif
