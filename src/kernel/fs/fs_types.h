/* SPDX-License-Identifier: BSD-2-Clause */
/* Types of file systems that the kernel has. */
#ifndef KERNEL_FS_TYPES_H
#define KERNEL_FS_TYPES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define FS_TYPE_NAME 64

struct fs_type {
	char name[FS_TYPE_NAME]; /* raw bytes */
	bool needs_device;
};

struct fs_types {
	VEC(struct fs_type) v; /* in the order of the kernel's list */
};

/*
 * Read them (file_systems: docs/facts/kernel.md, "Registers of the kernel"): a
 * batch for each, for each tells where the next one is, and two more.
 * ERR_NO_LINUX: kept in no way that is known; damage is in the remarks.  The
 * caller frees with fs_types_deinit(), also after an error.
 */
int fs_types_read(struct kernel *k, struct fs_types *out,
		  struct remarks *remarks, struct err *err);
void fs_types_deinit(struct fs_types *t);

#endif
