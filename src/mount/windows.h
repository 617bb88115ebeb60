/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that was read, with what comes behind it. */
#ifndef MOUNT_WINDOWS_H
#define MOUNT_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proc/proc.h"

/* A file of bytes that is open: while the process has that memory. */
struct mount_tree_bytes {
	const struct proc_file *file;
	uint32_t pid; /* 0: the system's */
	uint64_t mm;
};

/* How much is read with what is asked for: little at first, and where somebody
 * goes on behind it twice as much each time. */
#define WINDOW_FIRST (64u << 10)
#define WINDOW_MOST  (8u << 20)
#define WINDOWS	     8

/* A stretch of whole pages of a file of memory, of one moment. */
struct window {
	struct mount_tree_bytes of;
	uint64_t at;
	size_t len;   /* up to the end of the file; 0: there is none */
	size_t asked; /* without that end */
	uint8_t *bytes;
	uint8_t *there;	   /* of each page */
	uint64_t taken_us; /* when */
	uint64_t used;	   /* by which call last */
};

/* Zero-initialise.  The one that was not used for longest is given up first, so
 * that they have 64 MiB at most. */
struct windows {
	struct window v[WINDOWS];
	uint64_t calls;
};

/* One that has all of [at, at + len) up to its file's end, and was taken at
 * `since` or later; or NULL. */
const struct window *windows_find(struct windows *w,
				  const struct mount_tree_bytes *of,
				  const struct proc_bytes *b, uint64_t since);

/*
 * One for that, to be filled in; len is 0 until then.  ahead: with what is
 * likely to be asked for next.  NULL: no memory.
 */
struct window *windows_take(struct windows *w,
			    const struct mount_tree_bytes *of,
			    const struct proc_bytes *b, bool ahead);

/* Take bytes out of one, up to the first page that is not there: b->got.
 * ERR_UNREADABLE: the first one is not. */
int window_copy(const struct window *w, struct proc_bytes *b, struct err *err);

/* What was read holds no more. */
void windows_forget(struct windows *w);
void windows_deinit(struct windows *w);

#endif
