/* SPDX-License-Identifier: BSD-2-Clause */
/* Which mounts a namespace has; a part of mounts.h. */
#ifndef KERNEL_MOUNTS_FIND_H
#define KERNEL_MOUNTS_FIND_H

#include "kernel/fs/mounts.h"

/* Fill v of n spaces with the addresses of their mounts; of trees in no
 * particular order (*ordered false). */
int mounts_find(struct kernel *k, struct mount_space *spaces, size_t n,
		bool *ordered, struct err *err);

#endif
