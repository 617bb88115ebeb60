/* SPDX-License-Identifier: BSD-2-Clause */
/* A host file in memory. */
#ifndef PROFILE_MAPPED_H
#define PROFILE_MAPPED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Zero-initialise; an empty file has len 0 and no bytes. */
struct mapped {
	const uint8_t *bytes;
	size_t len;
};

/*
 * Map a regular file by its descriptor, which stays the caller's: only one
 * that nobody else can write to.  Where a file shrinks under its mapping,
 * SIGBUS ends the reader, and bytes that were checked may be others when they
 * are used.  ERR_SYS, or ERR_CORRUPT for what is no file.
 */
int mapped_open(struct mapped *m, int fd, struct err *err);

/*
 * The same of anybody's file: a copy of its bytes, which stays as it is.
 * ERR_REFUSED where it has more than `max`; ERR_SYS, ERR_CORRUPT, ERR_NOMEM.
 */
int mapped_read(struct mapped *m, int fd, size_t max, struct err *err);
void mapped_close(struct mapped *m);

/* The length of a regular file; ERR_SYS, or ERR_CORRUPT for what is none. */
int mapped_length(int fd, size_t *len, struct err *err);

#endif
