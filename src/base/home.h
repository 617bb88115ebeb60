/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that are the user's own, reached by no way that others choose. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* Where a user's files of one kind are: $VARIABLE/qvmi, or ~/FALLBACK/qvmi. */
struct home {
	const char *variable; /* "XDG_CACHE_HOME" */
	const char *fallback; /* ".cache" */
	const char *system;   /* "/var/cache": SYSTEM/qvmi, see below */
};

/*
 * Open that directory, with `make` after making it and those above it (mode
 * 0700): its descriptor, and in `path` where it is ("" where nothing says so).
 *
 * Each directory on the way is opened from the one above it, never through a
 * link, and belongs to root or the user; others may write to none of them, but
 * where the sticky bit keeps them from moving what is not theirs.  The last is
 * the user's, with mode 0700: where others could read it, they no longer can.
 *
 * Where the environment leads root through a directory of another user (sudo
 * that keeps HOME), it is not listened to: SYSTEM/qvmi takes its place.
 *
 * ERR_NOT_FOUND: it is not there, and `make` is not set; ERR_SYS; ERR_REFUSED
 * for what is not as above, or where the environment does not say where it is.
 */
int home_open(const struct home *h, bool make, char path[PATH_MAX],
	      struct err *err);

#endif
