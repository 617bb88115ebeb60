/* SPDX-License-Identifier: BSD-2-Clause */
/* Instances of inotify and fanotify: what they watch. */
#ifndef KERNEL_FSNOTIFY_H
#define KERNEL_FSNOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* What is watched (enum fsnotify_obj_type of linux/fsnotify_backend.h). */
enum fsnotify_object {
	FSNOTIFY_NOTHING, /* any more, or something else, which has no line */
	FSNOTIFY_INODE,	  /* ino, dev, generation, handle */
	FSNOTIFY_MOUNT,	  /* number: its id */
	FSNOTIFY_SUPER,	  /* dev */
	FSNOTIFY_MOUNTS,  /* those of a namespace; number: its inode */
	FSNOTIFY_OBJECTS
};

/* How the file system of a file names it by a handle (fs/exportfs/expfs.c). */
enum fsnotify_handle {
	FSNOTIFY_HANDLE_UNKNOWN,
	FSNOTIFY_HANDLE_NONE,
	FSNOTIFY_HANDLE_INO32, /* type 1: inode, generation */
	FSNOTIFY_HANDLE_SHMEM  /* type 1: generation, inode in 64 bits */
};

/* One struct fsnotify_mark (fs/notify/fdinfo.c, 5.10 to 7.2). */
struct fsnotify_mark {
	enum fsnotify_object object;
	int32_t wd;	  /* of inotify */
	uint32_t mask;	  /* IN_*, FAN_* */
	uint32_t ignored; /* of fanotify: what it is not told */
	uint32_t flags;	  /* of fanotify: FAN_MARK_* */
	uint64_t ino;
	uint32_t dev; /* dev_t of its file system */
	uint32_t generation;
	uint32_t number;
	enum fsnotify_handle handle;
};

/* Marks of instance i are v[of[i].first] and on, in the kernel's order. */
struct fsnotify_groups {
	struct fsnotify_mark *v;
	struct fsnotify_group {
		size_t first, n;
		bool known; /* all of them are there, with their handles */
		/* of fanotify: FAN_* that it was made with, and O_* of files
		 * that it opens */
		uint32_t flags, file_flags;
	} * of;
};

enum fsnotify_kind {
	FSNOTIFY_INOTIFY,
	FSNOTIFY_FANOTIFY
};

/*
 * Read n struct fsnotify_groups of a kind: their lists (list.h), and five
 * batches more, six of fanotify.  FSNOTIFY_MARKS_MAX_ALL of them at most.  What
 * cannot be read is not known.  The caller frees with fsnotify_groups_deinit(),
 * also after an error.
 */
int fsnotify_groups_read(struct kernel *k, enum fsnotify_kind kind,
			 const uint64_t *addrs, size_t n,
			 struct fsnotify_groups *out, struct err *err);
void fsnotify_groups_deinit(struct fsnotify_groups *g);

#endif
