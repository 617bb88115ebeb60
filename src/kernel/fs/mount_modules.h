/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of file systems that may be in modules. */
#ifndef KERNEL_MOUNT_MODULES_H
#define KERNEL_MOUNT_MODULES_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/fs/mount_super.h"
#include "kernel/kernel.h"

/*
 * Of n super blocks those whose functions are not known so far (MOUNT_UNKNOWN);
 * nothing is read where there are none.  Modules' symbols and types are read
 * once for all of them (kernel/code/symbols.h, module_types.h), then each
 * kind's own in some batches.
 */
int mount_modules_read(struct kernel *k, struct mount_super *v, size_t n,
		       struct err *err);

#endif
