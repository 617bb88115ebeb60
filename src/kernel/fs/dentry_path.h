/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths inside a file system, whatever is mounted where. */
#ifndef KERNEL_DENTRY_PATH_H
#define KERNEL_DENTRY_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * The paths of n dentries from the roots of their file systems on, as
 * dentry_path_raw() has them ("/" is the root itself), all in step; NULL where
 * one cannot be read or is beyond what is followed; and in deleted, which may
 * be NULL, whether its own name is gone.  The caller frees each, also after an
 * error.
 */
int dentry_paths_read(struct kernel *k, const uint64_t *dentries, size_t n,
		      char **out, bool *deleted, struct err *err);

#endif
