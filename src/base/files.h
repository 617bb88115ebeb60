/* SPDX-License-Identifier: BSD-2-Clause */
/* What qvmi keeps on this host: directories of the user's, files made whole. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

/* Where a user's files of one kind are: $VARIABLE/qvmi, or ~/FALLBACK/qvmi. */
struct files_home {
	const char *variable; /* "XDG_CACHE_HOME" */
	const char *fallback; /* ".cache" */
};

/* Its path; ERR_REFUSED where the environment does not say. */
int files_home_path(const struct files_home *home, char path[PATH_MAX],
		    struct err *err);

/*
 * Open that directory, with `make` after making it and those above it (mode
 * 0700): its descriptor, or ERR_SYS; ERR_REFUSED where the environment does
 * not say where it is, it belongs to somebody else, or others may write to it.
 */
int files_open_home(const struct files_home *home, bool make, struct err *err);

/* What temporary files are called: NAME.tmp- and letters. */
#define FILES_TEMPORARY ".tmp-"

/*
 * A new file of mode 0600 and an unused name of that kind, which is put into
 * temp: its descriptor, or ERR_SYS.
 */
int files_temporary(int dirfd, const char *name, char *temp, size_t size,
		    struct err *err);

/* Whether a temporary file of NAME (a suffix will do) is one that its writer
 * left behind. */
bool files_is_left_over(const char *file, const char *name,
			const struct stat *st);

/*
 * Append all that there is to be read, at most `max` bytes: 0, or -1 with errno
 * (EFBIG: there is more).
 */
int files_read(int fd, size_t max, struct buf *b);

/* Write all of it: 0, or -1 with errno. */
int files_write(int fd, const void *bytes, size_t len);

/* Have what was done to a directory survive: 0, or -1 with errno. */
int files_sync_dir(int dirfd);

/* List a directory by its descriptor, which stays open; NULL with errno. */
DIR *files_list(int dirfd);
void files_cleanup_dir(DIR **dir);
void files_cleanup_file(FILE **file);

/* A checksum that detects damage, nothing more. */
uint64_t files_checksum(const void *bytes, size_t len);

#endif
