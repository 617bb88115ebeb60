/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories that are the user's own, reached by no way that others choose. */
#include "base/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/* The way down a path. */
struct way {
	const struct home *home;
	const char *path;
	bool make;
	bool foreign; /* it leads through a directory of another user */
	int fd;	      /* of the directory that is reached */
	struct err *err;
};

static void way_deinit(struct way *w)
{
	cleanup_close(&w->fd);
}

/* Why not, of the directory that the first `len` letters of the path name. */
static int way_refuse(struct way *w, size_t len, const char *why)
{
	return err_set(w->err, ERR_REFUSED,
		       "%.150s: %.*s %s; set %s to a directory of your own",
		       w->path, (int)(len < 150 ? len : 150), w->path, why,
		       w->home->variable);
}

/*
 * Whether others can put something else in its place, or into it.  A group
 * that has the user's own number is the private one that adduser makes.
 */
static bool others_write(const struct stat *st)
{
	bool private = st->st_gid == st->st_uid && st->st_uid == geteuid();

	return st->st_mode & S_IWOTH || (st->st_mode & S_IWGRP && !private);
}

/* A directory on the way, which is open. */
static int way_check(struct way *w, size_t len)
{
	struct stat st;

	if (fstat(w->fd, &st))
		return err_sys(w->err, ERR_SYS, "%s", w->path);
	w->foreign = st.st_uid && st.st_uid != geteuid();
	if (w->foreign)
		return way_refuse(w, len, "belongs to another user");
	if (others_write(&st) && !(st.st_mode & S_ISVTX))
		return way_refuse(w, len,
				  "is not only its owner's to write to");
	return 0;
}

/* The last one. */
static int way_check_last(struct way *w)
{
	struct stat st;

	if (fstat(w->fd, &st))
		return err_sys(w->err, ERR_SYS, "%s", w->path);
	if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(w->err, ERR_REFUSED,
			       "%s is not only yours to write to", w->path);
	/* Who can open it can hold its lock.  To read, it need not be locked:
	 * on a disk that is read-only it may stay as it is. */
	if (st.st_mode & (S_IRWXG | S_IRWXO) && fchmod(w->fd, S_IRWXU) &&
	    w->make)
		return err_sys(w->err, ERR_SYS, "%s", w->path);
	return 0;
}

/* Make a directory; the one above it is to remember it.  0, or -1 with errno.
 */
static int way_make(const struct way *w, const char *name)
{
	_cleanup_close_ int above = -1;

	if (mkdirat(w->fd, name, S_IRWXU))
		return errno == EEXIST ? 0 : -1;
	above = openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above >= 0)
		files_sync_dir(above);
	return 0;
}

/* What cannot be opened as a directory: a link is none, either. */
static int way_fail(struct way *w, const char *name, size_t len)
{
	int code = errno;
	struct stat st;

	if (!fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISLNK(st.st_mode))
		return err_set(w->err, ERR_REFUSED,
			       "%.150s: %.*s is a link, which is not followed; "
			       "set %s to where it leads",
			       w->path, (int)(len < 150 ? len : 150), w->path,
			       w->home->variable);
	errno = code;
	return err_sys(w->err,
		       code == ENOENT && !w->make ? ERR_NOT_FOUND : ERR_SYS,
		       "%s", w->path);
}

/* Go down to `name`, which ends after `len` letters of the path. */
static int way_down(struct way *w, const char *name, size_t len)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	/* Some on the way may be entered, but not read. */
	const int how = w->path[len] ? O_PATH | flags : O_RDONLY | flags;
	int fd = openat(w->fd, name, how);

	if (fd < 0 && errno == ENOENT && w->make && !way_make(w, name))
		fd = openat(w->fd, name, how);
	if (fd < 0)
		return way_fail(w, name, len);
	close(w->fd);
	w->fd = fd;
	return w->path[len] ? way_check(w, len) : way_check_last(w);
}

/* Go all the way: a descriptor, or a negative code. */
static int way_go(struct way *w)
{
	const char *path = w->path;
	char name[NAME_MAX + 1];
	size_t at, end;
	int rc, fd;

	w->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w->fd < 0)
		return err_sys(w->err, ERR_SYS, "/");
	rc = way_check(w, 1);
	for (at = 0; !rc && path[at]; at = end) {
		at += strspn(path + at, "/");
		end = at + strcspn(path + at, "/");
		if (end - at > NAME_MAX) {
			errno = ENAMETOOLONG;
			return err_sys(w->err, ERR_SYS, "%s", path);
		}
		memcpy(name, path + at, end - at);
		name[end - at] = '\0';
		rc = way_down(w, name, end);
	}
	if (rc)
		return rc;
	fd = w->fd;
	w->fd = -1;
	return fd;
}

/* Its path, by the environment. */
static int home_path(const struct home *h, char path[PATH_MAX], struct err *err)
{
	const char *base = secure_getenv(h->variable);
	const char *home = secure_getenv("HOME");
	int n;

	*path = '\0';
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

int home_open(const struct home *h, bool make, char path[PATH_MAX],
	      struct err *err)
{
	_cleanup_(way_deinit) struct way user = {
		.home = h, .path = path, .make = make, .fd = -1, .err = err};
	_cleanup_(way_deinit) struct way system = user;
	int rc = home_path(h, path, err);

	if (rc)
		return rc;
	rc = way_go(&user);
	if (rc >= 0 || !user.foreign || geteuid())
		return rc;
	if (err)
		*err = (struct err){0};
	snprintf(path, PATH_MAX, "%s/qvmi", h->system);
	return way_go(&system);
}
