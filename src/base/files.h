/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that appear whole or not at all, and what is read whole. */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"

/* What temporary files are called: NAME.tmp- and 16 digits. */
#define FILES_TEMPORARY ".tmp-"

/*
 * A new file of mode 0600 and an unused name of that kind, which is put into
 * temp: its descriptor, or ERR_SYS.
 */
int files_temporary(int dirfd, const char *name, char *temp, size_t size,
		    struct err *err);

/*
 * A file that takes its name when it is whole, in place of what has that name.
 * Until then it has none, or a temporary one (`temp`) where the file system
 * knows no files without.  Zero-initialise with fd -1; dirfd is borrowed.
 */
struct files_new {
	int fd, dirfd;
	char name[NAME_MAX + 1], temp[NAME_MAX + 1];
};

/* ERR_SYS; all is written to f->fd. */
int files_new_open(struct files_new *f, int dirfd, const char *name,
		   struct err *err);

/* Have what was written survive; then, let it have the name.  ERR_SYS. */
int files_new_sync(struct files_new *f, struct err *err);
int files_new_keep(struct files_new *f, struct err *err);

/* Nothing is left of one that was not kept. */
void files_new_close(struct files_new *f);

/* How long the NAME of such a file is; 0: it is none. */
size_t files_temporary_of(const char *file);

/* Whether its writer left it behind. */
bool files_is_left_over(const struct stat *st);

/*
 * Append all that there is to be read, at most `max` bytes: 0, or -1 with errno
 * (EFBIG: there is more).
 */
int files_read(int fd, size_t max, struct buf *b);

/* Write all of it: 0, or -1 with errno. */
int files_write(int fd, const void *bytes, size_t len);

/* Have what was done to a directory survive: 0, or -1 with errno. */
int files_sync_dir(int dirfd);

/*
 * Read `len` bytes from a place on: how many came, fewer where the file ends;
 * -1 with errno.
 */
ssize_t files_read_at(int fd, void *to, size_t len, uint64_t at);

/* Below a directory that is open: a file for reading, and a directory to be
 * listed (".": itself); NULL with errno. */
FILE *files_open(int dirfd, const char *path);
DIR *files_list(int dirfd, const char *path);

/* The next of them; NULL with errno 0 at the end, else with what went wrong. */
struct dirent *files_next(DIR *dir);
void files_cleanup_dir(DIR **dir);
void files_cleanup_file(FILE **file);

/* A checksum that detects damage, nothing more. */
uint64_t files_checksum(const void *bytes, size_t len);

#define FILES_LANES 4

/*
 * The same of what comes in pieces: begins as FILES_SUM; all pieces but the
 * last are of FILES_SUM_STEP bytes, or a multiple.
 */
struct files_sum {
	uint64_t lane[FILES_LANES];
	uint64_t len;
};

#define FILES_SUM               \
	{                       \
		{1, 2, 3, 4}, 0 \
	}
#define FILES_SUM_STEP (FILES_LANES * sizeof(uint64_t))

void files_sum_add(struct files_sum *s, const void *bytes, size_t len);
uint64_t files_sum_end(const struct files_sum *s);

#endif
