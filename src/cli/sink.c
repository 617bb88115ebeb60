/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that commands write: where they go, and how they get there. */
#include "cli/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/*
 * Whether a path leads to where standard output goes, as /dev/stdout does, and
 * the shell has that file open.
 */
static bool is_stdout(const char *path, const struct stat *there)
{
	struct stat out;

	return !strcmp(path, "-") ||
	       (there && !fstat(STDOUT_FILENO, &out) && !S_ISCHR(out.st_mode) &&
		there->st_dev == out.st_dev && there->st_ino == out.st_ino);
}

static int open_straight(const char *path, const struct stat *there,
			 struct sink_place *place, struct err *err)
{
	if (!S_ISCHR(there->st_mode) && !S_ISFIFO(there->st_mode))
		return err_set(err, ERR_REFUSED,
			       "'%s' is there and neither a file, a pipe nor a "
			       "character device",
			       path);
	place->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	place->straight = place->fd >= 0;
	return place->straight ? 0 : err_sys(err, ERR_SYS, "%s", path);
}

static int open_dir(struct session *s, const char *path,
		    struct sink_place *place, struct err *err)
{
	_cleanup_free_ char *dir = strdup(path), *base = strdup(path);
	const char *name;

	if (!dir || !base)
		return err_nomem(err);
	name = basename(base);
	if (strlen(name) >= sizeof(place->name)) {
		errno = ENAMETOOLONG;
		return err_sys(err, ERR_SYS, "%.200s", path);
	}
	memcpy(place->name, name, strlen(name) + 1);
	s->save_dir = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->save_dir < 0 ? err_sys(err, ERR_SYS, "%s", path) : 0;
}

int sink_find(struct session *s, const char *path, bool straight,
	      struct sink_place *place, struct err *err)
{
	struct stat st;
	bool there;

	place->path = path;
	there = !stat(path, &st);
	if (straight && is_stdout(path, there ? &st : NULL)) {
		place->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
		place->straight = place->is_stdout = place->fd >= 0;
		return place->straight
			       ? 0
			       : err_sys(err, ERR_SYS, "standard output");
	}
	if (!there || S_ISREG(st.st_mode))
		return open_dir(s, path, place, err);
	if (straight)
		return open_straight(path, &st, place, err);
	/* It is replaced as a whole: that must not happen to a device. */
	return err_set(err, ERR_REFUSED, "'%s' is there and no regular file",
		       path);
}

void sink_place_deinit(struct sink_place *place)
{
	if (place->straight)
		close(place->fd);
	place->straight = false;
}

struct sink {
	int fd;
	uint64_t bytes; /* that were written */
	int error;	/* errno of what failed; 0 */
};

/* One write, or a wait for room; false: it failed, and errno says how. */
static bool sink_step(struct sink *k, const char *bytes, size_t n, size_t *done)
{
	ssize_t rc;

	if (signals_caught()) {
		errno = EINTR;
		return false;
	}
	rc = write(k->fd, bytes + *done, n - *done);
	if (rc > 0) {
		*done += (size_t)rc;
		k->bytes += (uint64_t)rc;
	} else if (rc < 0 && errno == EAGAIN) {
		poll(&(struct pollfd){k->fd, POLLOUT, 0}, 1, -1);
	} else if (rc == 0 || errno != EINTR) {
		return false;
	}
	return true;
}

static ssize_t sink_write(void *cookie, const char *bytes, size_t n)
{
	struct sink *k = cookie;
	size_t done = 0;

	while (done < n && !k->error)
		if (!sink_step(k, bytes, n, &done))
			k->error = errno;
	return (ssize_t)done;
}

static int sink_close(FILE *stream, const struct sink *k, struct err *err)
{
	bool failed = fclose(stream) != 0;

	if (k->error == EINTR)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	errno = k->error;
	if (k->error)
		return err_sys(err, ERR_SYS, "cannot be written");
	return failed ? err_nomem(err) : 0;
}

int sink_fill(int fd, sink_write_fn *write, const void *ctx, uint64_t *bytes,
	      struct err *err)
{
	const cookie_io_functions_t functions = {.write = sink_write};
	struct sink sink = {.fd = fd};
	FILE *stream = fopencookie(&sink, "w", functions);
	struct err why = {0};
	int rc;

	if (!stream)
		return err_nomem(err);
	rc = write(ctx, stream, err);
	if (sink_close(stream, &sink, &why) && !rc)
		rc = err_pass(err, &why);
	*bytes = sink.bytes;
	return rc;
}

int sink_save(const struct session *s, const struct sink_place *place,
	      sink_write_fn *write, const void *ctx, uint64_t *bytes,
	      struct err *err)
{
	struct files_new file = {.fd = -1};
	int rc;

	if (place->straight) {
		rc = sink_fill(place->fd, write, ctx, bytes, err);
		return rc ? err_wrap(err, rc, "%s", place->path) : 0;
	}
	rc = files_new_open(&file, s->save_dir, place->name, err);
	if (rc)
		return rc;
	rc = sink_fill(file.fd, write, ctx, bytes, err);
	if (rc)
		err_wrap(err, rc, "%s", place->path);
	if (!rc)
		rc = files_new_sync(&file, err);
	if (!rc)
		rc = files_new_keep(&file, err);
	files_new_close(&file);
	return rc;
}

int sink_find_beside(struct session *s, const char *path,
		     struct sink_place *place, struct err *err)
{
	int rc;

	if (!*path)
		return err_set(err, ERR_USAGE, "the file name is empty");
	rc = sink_find(s, path, true, place, err);
	if (!rc && s->options->watch_ms)
		rc = err_set(err, ERR_USAGE,
			     "--watch: a file is written once, not again and "
			     "again");
	if (!rc && place->is_stdout && s->options->json)
		rc = err_set(err, ERR_USAGE,
			     "%s is standard output, where --json has its "
			     "answer",
			     path);
	return rc;
}

int sink_save_beside(struct session *s, const struct sink_place *place,
		     sink_write_fn *write, const void *ctx, struct err *err)
{
	uint64_t bytes;
	int rc;

	signals_catch(&s->signals);
	rc = sink_save(s, place, write, ctx, &bytes, err);
	signals_restore(&s->signals);
	return rc;
}
