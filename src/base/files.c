/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories of the user's, and files that appear whole or not at all. */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define TEMP_SECONDS 3600 /* by then its writer is gone */

int files_home_path(const struct files_home *h, char path[PATH_MAX],
		    struct err *err)
{
	const char *base = getenv(h->variable), *home = getenv("HOME");
	int n;

	if (base && *base == '/')
		n = snprintf(path, PATH_MAX, "%s/qvmi", base);
	else if (home && *home == '/')
		n = snprintf(path, PATH_MAX, "%s/%s/qvmi", home, h->fallback);
	else
		return err_set(err, ERR_REFUSED, "neither %s nor HOME is set",
			       h->variable);
	if (n >= PATH_MAX)
		return err_set(err, ERR_REFUSED, "path is too long");
	return 0;
}

int files_sync_dir(int dirfd)
{
	/* Some file systems know no such thing, and say so. */
	return fsync(dirfd) && errno != EINVAL ? -1 : 0;
}

/* Make a directory; the one above it is to remember it.  0, or an errno. */
static int make_dir(const char *path, const char *above)
{
	_cleanup_close_ int fd = -1;

	if (mkdir(path, 0700))
		return errno == EEXIST ? 0 : errno;
	fd = open(*above ? above : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		files_sync_dir(fd);
	return 0;
}

/*
 * Make a directory and those above it; what is there is left alone.  0, or the
 * errno of the first that could not be made.
 */
static int make_dirs(const char *path)
{
	char part[PATH_MAX] = "", above[PATH_MAX] = "";
	const char *slash;
	int first = 0, code;

	for (slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		code = make_dir(part, above);
		first = first ? first : code;
		memcpy(above, part, sizeof(above));
	}
	code = make_dir(path, above);
	return first ? first : code;
}

int files_open_home(const struct files_home *home, bool make, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, rc, why;

	rc = files_home_path(home, path, err);
	if (rc)
		return rc;
	why = make ? make_dirs(path) : 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		/* Not that it is missing, but why it was not made. */
		errno = why ? why : errno;
		return err_sys(err, ERR_SYS, "%s", path);
	}
	if (!fstat(fd, &st) && st.st_uid == geteuid() &&
	    !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return fd;
	close(fd);
	return err_set(err, ERR_REFUSED, "%s is not only yours to write to",
		       path);
}

int files_temporary(int dirfd, const char *name, char *temp, size_t size,
		    struct err *err)
{
	uint64_t number;
	int fd, tries;

	for (tries = 0; tries < 100; tries++) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return err_sys(err, ERR_SYS, "random number");
		snprintf(temp, size, "%s" FILES_TEMPORARY "%016llx", name,
			 (unsigned long long)number);
		fd = openat(dirfd, temp,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
				    O_NOFOLLOW,
			    0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd < 0 ? err_sys(err, ERR_SYS, "%s", temp) : fd;
}

bool files_is_left_over(const char *file, const char *name,
			const struct stat *st)
{
	const char *at = strstr(file, name);

	return at &&
	       !strncmp(at + strlen(name), FILES_TEMPORARY,
			strlen(FILES_TEMPORARY)) &&
	       st->st_mtime < time(NULL) - TEMP_SECONDS;
}

int files_read(int fd, size_t max, struct buf *b)
{
	size_t start = b->len;
	char part[1 << 16];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if ((size_t)n > max - (b->len - start)) {
			errno = EFBIG;
			return -1;
		}
		buf_add(b, part, (size_t)n);
		if (b->oom) {
			errno = ENOMEM;
			return -1;
		}
	}
	return 0;
}

int files_write(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;
	ssize_t n;

	for (; len; len -= (size_t)n, p += n) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return -1;
	}
	return 0;
}

DIR *files_list(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

void files_cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static uint64_t rotate(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

/* Four lanes of 64 bits: about as fast as memory. */
uint64_t files_checksum(const void *bytes, size_t len)
{
	uint64_t lane[4] = {1, 2, 3, 4}, word[4], h = len;
	const uint8_t *p = bytes;
	size_t i, step;

	for (; len; len -= step, p += step) {
		step = len < sizeof(word) ? len : sizeof(word);
		if (step < sizeof(word))
			memset(word, 0, sizeof(word));
		memcpy(word, p, step);
		for (i = 0; i < 4; i++)
			lane[i] = rotate(lane[i] ^ word[i], 29) *
				  0x9e3779b97f4a7c15ULL;
	}
	for (i = 0; i < 4; i++)
		h = rotate(h ^ lane[i], 31) * 0xbf58476d1ce4e5b9ULL;
	return h ^ h >> 32;
}

void files_cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}
