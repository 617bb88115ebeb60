/* SPDX-License-Identifier: BSD-2-Clause */
/* What a tree needs of a guest. */
#ifndef MOUNT_TREE_GUEST_H
#define MOUNT_TREE_GUEST_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "mount/windows.h"

/* Bytes that are to be written into a file of memory. */
struct mount_tree_write {
	const struct mount_tree_bytes *of;
	uint64_t offset; /* in the file */
	const void *src;
	size_t len;
};

/* Whoever can stop the guest. */
struct mount_tree_guest {
	/* Stop it and find its kernel; *other: it is another one, or another
	 * boot of it, than the one before. */
	int (*stop)(void *ctx, struct kernel **k, bool *other, struct err *err);
	/* Let it go, also after an error of stop().  An error: what was read is
	 * not of one moment. */
	int (*go)(void *ctx, struct err *err);
	/*
	 * Write bytes between stop() and go(), all or none; NULL: nothing is
	 * written.  ERR_REFUSED: they may not be, and the words say why.
	 */
	int (*write)(void *ctx, const struct mount_tree_write *w,
		     struct err *err);
	/* Tell the user what goes wrong; once for as long as it does. */
	void (*complain)(void *ctx, const struct err *err);
	void *ctx;
};

#endif
