/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that appear whole or not at all, and what is read whole. */
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
#define TEMP_DIGITS  16u
#define MAX_TRIES    100

int files_sync_dir(int dirfd)
{
	/* Some file systems know no such thing, and say so. */
	return fsync(dirfd) && errno != EINVAL ? -1 : 0;
}

/* NAME.tmp- and a number that nobody guesses. */
static int files_temporary_name(const char *name, char *temp, size_t size)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return -1;
	snprintf(temp, size, "%s" FILES_TEMPORARY "%016llx", name,
		 (unsigned long long)number);
	return 0;
}

int files_temporary(int dirfd, const char *name, char *temp, size_t size,
		    struct err *err)
{
	int fd, tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		if (files_temporary_name(name, temp, size))
			return err_sys(err, ERR_SYS, "random number");
		fd = openat(dirfd, temp,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
				    O_NOFOLLOW,
			    0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd < 0 ? err_sys(err, ERR_SYS, "%s", temp) : fd;
}

/* How linkat() finds a file that has no name: open(2), "O_TMPFILE". */
struct files_self {
	char path[32];
};

static struct files_self files_self(int fd)
{
	struct files_self self;

	snprintf(self.path, sizeof(self.path), "/proc/self/fd/%d", fd);
	return self;
}

/* Nothing is left of it, however the process ends; -1: there is no such. */
static int files_nameless(int dirfd)
{
	int fd = openat(dirfd, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd >= 0 && access(files_self(fd).path, F_OK))
		cleanup_close(&fd);
	return fd;
}

int files_new_open(struct files_new *f, int dirfd, const char *name,
		   struct err *err)
{
	*f = (struct files_new){.fd = -1, .dirfd = dirfd};
	if (strlen(name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return err_sys(err, ERR_SYS, "%.100s...", name);
	}
	memcpy(f->name, name, strlen(name));
	/* No link leads to another file system. */
	if (!strchr(name, '/'))
		f->fd = files_nameless(dirfd);
	if (f->fd < 0)
		f->fd = files_temporary(dirfd, name, f->temp, sizeof(f->temp),
					NULL);
	return f->fd < 0 ? err_sys(err, ERR_SYS, "%s", name) : 0;
}

int files_new_sync(struct files_new *f, struct err *err)
{
	return fsync(f->fd) ? err_sys(err, ERR_SYS, "%s", f->name) : 0;
}

static int files_new_link(const struct files_new *f, const char *name)
{
	return linkat(AT_FDCWD, files_self(f->fd).path, f->dirfd, name,
		      AT_SYMLINK_FOLLOW);
}

/*
 * It takes its name where nothing has that; else a temporary one, since no link
 * replaces a file.  -1 with errno.
 */
static int files_new_name(struct files_new *f)
{
	int rc = files_new_link(f, f->name), tries;

	for (tries = 0; rc && errno == EEXIST && tries < MAX_TRIES; tries++) {
		rc = files_temporary_name(f->name, f->temp, sizeof(f->temp));
		if (!rc)
			rc = files_new_link(f, f->temp);
		if (rc)
			*f->temp = '\0';
	}
	return rc;
}

int files_new_keep(struct files_new *f, struct err *err)
{
	if ((!*f->temp && files_new_name(f)) ||
	    (*f->temp && renameat(f->dirfd, f->temp, f->dirfd, f->name)))
		return err_sys(err, ERR_SYS, "%s", f->name);
	*f->temp = '\0';
	return 0;
}

void files_new_close(struct files_new *f)
{
	if (f->fd < 0)
		return;
	if (*f->temp)
		unlinkat(f->dirfd, f->temp, 0);
	cleanup_close(&f->fd);
}

size_t files_temporary_of(const char *file)
{
	const char *at = strstr(file, FILES_TEMPORARY), *number;

	if (!at)
		return 0;
	number = at + strlen(FILES_TEMPORARY);
	return strlen(number) == TEMP_DIGITS &&
			       strspn(number, "0123456789abcdef") == TEMP_DIGITS
		       ? (size_t)(at - file)
		       : 0;
}

bool files_is_left_over(const struct stat *st)
{
	return st->st_mtime < time(NULL) - TEMP_SECONDS;
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

ssize_t files_read_at(int fd, void *to, size_t len, uint64_t at)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, (char *)to + done, len - done,
			  (off_t)(at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

FILE *files_open(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

DIR *files_list(int dirfd, const char *path)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

struct dirent *files_next(DIR *dir)
{
	errno = 0;
	return readdir(dir);
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
static void sum_step(uint64_t lane[FILES_LANES], const void *bytes)
{
	uint64_t word[FILES_LANES];
	size_t i;

	memcpy(word, bytes, sizeof(word));
	/* So that they stay in registers: 4 MB are summed up at each start. */
#pragma GCC unroll 4
	for (i = 0; i < FILES_LANES; i++)
		lane[i] = rotate(lane[i] ^ word[i], 29) * 0x9e3779b97f4a7c15ULL;
}

void files_sum_add(struct files_sum *s, const void *bytes, size_t len)
{
	uint64_t lane[FILES_LANES], last[FILES_LANES] = {0};
	size_t i, rest = len % sizeof(last);

	memcpy(lane, s->lane, sizeof(lane));
	for (i = 0; i < len - rest; i += sizeof(last))
		sum_step(lane, (const uint8_t *)bytes + i);
	if (rest) {
		memcpy(last, (const uint8_t *)bytes + i, rest);
		sum_step(lane, last);
	}
	memcpy(s->lane, lane, sizeof(lane));
	s->len += len;
}

uint64_t files_sum_end(const struct files_sum *s)
{
	uint64_t h = s->len;
	size_t i;

	for (i = 0; i < FILES_LANES; i++)
		h = rotate(h ^ s->lane[i], 31) * 0xbf58476d1ce4e5b9ULL;
	return h ^ h >> 32;
}

uint64_t files_checksum(const void *bytes, size_t len)
{
	struct files_sum sum = FILES_SUM;

	files_sum_add(&sum, bytes, len);
	return files_sum_end(&sum);
}

void files_cleanup_file(FILE **file)
{
	if (*file)
		fclose(*file);
}
