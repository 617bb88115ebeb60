/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are read as bytes at offsets, for they are too long for a text. */
#ifndef PROC_BYTES_H
#define PROC_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * Bytes of a PROC_BYTES that are asked for, and what came of it.
 * Zero-initialise, set what is first.
 */
struct proc_bytes {
	const struct task *task; /* whose; NULL: the system's */
	uint64_t offset;
	void *dst;
	size_t len;
	/*
	 * Of a file of memory, where offset and len are of whole pages: a byte
	 * for each, which becomes 1 where the page is there, and 0 where it is
	 * not.  NULL: up to the first that is not there.
	 */
	uint8_t *pages;

	size_t got; /* less than len where the file ends */
	/* Code 0, or what is wrong with these: ERR_NOT_FOUND: there are none;
	 * ERR_USAGE: not at such an offset, or not so many; ERR_UNREADABLE. */
	struct err why;
};

/* What came of one file of bytes, whose words are in its `why`: 0, or, where
 * it is not its own, an error for all. */
int proc_bytes_settle(struct proc_bytes *b, int rc, struct err *err);

/* As proc_file.bytes(), one by one; what read() returns is settled. */
int proc_bytes_each(struct kernel *k, struct proc_bytes *b, size_t n,
		    int (*read)(struct kernel *k, struct proc_bytes *b,
				struct err *err),
		    struct err *err);

#endif
