/* SPDX-License-Identifier: BSD-2-Clause */
/* Inotify instances: which files they watch. */
#ifndef KERNEL_INOTIFY_H
#define KERNEL_INOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* How the file system of a file names it by a handle (fs/exportfs/expfs.c). */
enum inotify_handle {
	INOTIFY_HANDLE_UNKNOWN,
	INOTIFY_HANDLE_NONE,
	INOTIFY_HANDLE_INO32, /* type 1: inode, generation */
	INOTIFY_HANDLE_SHMEM  /* type 1: generation, inode in 64 bits */
};

/* One struct inotify_inode_mark (fs/notify/fdinfo.c, 5.10 to 7.2). */
struct inotify_watch {
	bool is_inode; /* else it has no line */
	int32_t wd;
	uint32_t mask; /* IN_* */
	uint64_t ino;
	uint32_t dev; /* dev_t of its file system */
	uint32_t generation;
	enum inotify_handle handle;
};

/* Those of instance i are v[of[i].first] and on, in the kernel's order. */
struct inotifies {
	struct inotify_watch *v;
	struct inotify_range {
		size_t first, n;
		bool known; /* all of them are there, with their handles */
	} * of;
};

/*
 * Read n struct fsnotify_groups: their lists (list.h), and five batches more.
 * INOTIFY_WATCHES_MAX_ALL of them at most.  What cannot be read is not known.
 * The caller frees with inotifies_deinit(), also after an error.
 */
int inotifies_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct inotifies *out, struct err *err);
void inotifies_deinit(struct inotifies *w);

#endif
