/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files of a fake kernel, as tests of what they say want them. */
#ifndef TESTS_OPEN_FILE_KIT_H
#define TESTS_OPEN_FILE_KIT_H

#include "base/buf.h"
#include "unit/fake_kernel.h"

/* Where file n lies, and what it leads to. */
#define FILE_AT(n) (DIRECT + 0x10000 + (n)*0x100)
#define MOUNT	   (DIRECT + 0x20000)
#define INODE(n)   (DIRECT + 0x21000 + (n)*0x100)
#define OPS(n)	   (DIRECT + 0x23000 + (n)*0x100)
#define DATA(n)	   (DIRECT + 0x24000 + (n)*0x100)
#define NOWHERE	   (DIRECT + 0x7fff0000) /* where no memory is */

/* The members that open files are read by. */
void open_file_kit_fields(void);

/* File n, whose inode is 70 + n, shown by a function, 0: none. */
void open_file_kit_put(struct fake_kernel *f, unsigned int n, uint64_t show);

/*
 * What the n special files from `first` on, 16 at most, say, one of each of
 * out: "?" where that is not known.  In *batches is how many it took to read
 * that of all of them; NULL: nobody asks.
 */
void open_file_kit_say(struct fake_kernel *f, unsigned int first,
		       unsigned int n, struct buf *out, uint64_t *batches);

#endif
