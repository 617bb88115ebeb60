/* SPDX-License-Identifier: BSD-2-Clause */
/* A file that the user named as a source of symbols and types. */
#ifndef PROFILE_FILE_H
#define PROFILE_FILE_H

#include "profile/parts.h"

/*
 * Take what the file has: a vmlinux, a vmlinuz (bzImage) of any compression, a
 * System.map, or a profile saved by qvmi; told apart by content.
 * ERR_NOT_FOUND or ERR_CORRUPT for a file that is none.  Types may be missing
 * afterwards.
 */
int file_load(const char *path, struct parts *p, struct err *err);

/* Compare it with the guest: ERR_REFUSED for a file of another kernel. */
int file_check(const char *path, const struct profile_image *img,
	       const struct parts *p, struct err *err);

#endif
