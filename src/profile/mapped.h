/* SPDX-License-Identifier: BSD-2-Clause */
/* A host file mapped for reading. */
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
 * Map a regular file by its descriptor, which stays the caller's.  ERR_SYS, or
 * ERR_CORRUPT for what is no file.
 */
int mapped_open(struct mapped *m, int fd, struct err *err);
void mapped_close(struct mapped *m);

#endif
