/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether files about mounts escape "#". */
#ifndef KERNEL_MOUNT_HASH_H
#define KERNEL_MOUNT_HASH_H

#include "base/err.h"
#include "kernel/kernel.h"

enum mount_hash {
	MOUNT_HASH_UNKNOWN,
	MOUNT_HASH_PLAIN,
	MOUNT_HASH_ESCAPED
};

/*
 * mangle() of fs/proc_namespace.c has the characters that it escapes as a
 * string, " \t\n\\#" or, in 5.10, " \t\n\\": whether the first of them is
 * in the image's read-only data, of which all is read for that, some MiB.
 */
int mount_hash_read(struct kernel *k, enum mount_hash *out, struct err *err);

#endif
