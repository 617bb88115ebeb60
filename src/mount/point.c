/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory that is mounted on, and is free again whatever happens. */
#include "mount/point.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/cleanup.h"
#include "base/files.h"

#define DEVICE "/dev/fuse"

static int check_device(struct err *err)
{
	if (!access(DEVICE, R_OK | W_OK))
		return 0;
	if (errno == ENOENT)
		return err_set(err, ERR_REFUSED,
			       "there is no " DEVICE ": load the kernel's "
			       "module (modprobe fuse), or give the device to "
			       "this container");
	return err_sys(err, ERR_REFUSED, DEVICE " cannot be used");
}

/*
 * Whether the server of what is mounted there is gone: docs/facts/fuse.md, "The
 * device".  What the kernel still knows of it would do for stat(2).
 */
static bool is_dead(const char *directory)
{
	struct statfs fs;

	return statfs(directory, &fs) &&
	       (errno == ENOTCONN || errno == ECONNABORTED);
}

static int check_directory(const char *name, struct err *err)
{
	_cleanup_(files_cleanup_dir) DIR *dir = NULL;
	const struct dirent *entry;
	struct stat st, above;

	if (is_dead(name))
		return err_set(err, ERR_REFUSED,
			       "%.200s: what was mounted there is gone: umount "
			       "it first",
			       name);
	if (stat(name, &st))
		return err_sys(err, ERR_NOT_FOUND, "%.200s", name);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_REFUSED, "%.200s is no directory",
			       name);
	dir = files_list(AT_FDCWD, name);
	if (!dir || fstatat(dirfd(dir), "..", &above, 0))
		return err_sys(err, ERR_REFUSED, "%.200s", name);
	if (above.st_dev != st.st_dev || above.st_ino == st.st_ino)
		return err_set(err, ERR_REFUSED,
			       "%.200s: something is mounted there; umount it "
			       "first, or take another directory",
			       name);
	while ((entry = files_next(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return err_set(err, ERR_REFUSED,
				       "%.200s is not empty; take an empty "
				       "directory",
				       name);
	return 0;
}

int point_init(struct point *p, const char *directory, struct err *err)
{
	_cleanup_free_ char *absolute = NULL;
	int rc = check_directory(directory, err);

	*p = (struct point){.control = -1};
	if (rc)
		return rc;
	absolute = realpath(directory, NULL);
	if (!absolute)
		return err_sys(err, ERR_SYS, "%.200s", directory);
	snprintf(p->directory, sizeof(p->directory), "%s", absolute);
	return check_device(err);
}

int point_mount(const char *directory, bool allow_other, struct err *err)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	char options[128];

	if (fd < 0)
		return check_device(err) ? ERR_REFUSED
					 : err_sys(err, ERR_REFUSED, DEVICE);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%u,group_id=%u%s", fd, getuid(),
		 getgid(), allow_other ? ",allow_other" : "");
	if (!mount("qvmi", directory, "fuse.qvmi",
		   MS_NOSUID | MS_NODEV | MS_NOEXEC, options))
		return fd;
	close(fd);
	return err_sys(err, ERR_SYS, "cannot mount on %.200s", directory);
}

/* As fusermount3 does it for who is not root. */
static int unmount(const char *directory)
{
	int status = -1;
	pid_t pid;

	if (!geteuid())
		return umount2(directory, MNT_DETACH);
	pid = fork();
	if (!pid) {
		execlp("fusermount3", "fusermount3", "-u", "-q", "-z", "--",
		       directory, (char *)NULL);
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/*
 * All copies of the device are closed when its server is gone: until then the
 * question waits, and then it fails as on nothing else.
 */
static _Noreturn void keeper_run(const struct point *p)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(is_dead(p->directory) && unmount(p->directory));
}

int point_keep(struct point *p, struct err *err)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return err_sys(err, ERR_SYS, "socketpair");
	pid = aside_fork("qvmi-unmount");
	if (!pid) {
		dup2(ends[1], STDIN_FILENO);
		syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, 0);
		close(STDOUT_FILENO);
		keeper_run(p);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return err_sys(err, ERR_SYS, "fork");
	}
	p->keeper = pid;
	p->control = ends[0];
	return 0;
}

int point_leave(struct point *p, struct err *err)
{
	int status = 0;
	pid_t pid = p->keeper;

	if (!pid)
		return 0;
	p->keeper = 0;
	close(p->control);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;
	if (!status)
		return 0;
	return err_set(err, ERR_SYS,
		       "%.200s could not be unmounted: fusermount3 -u does it",
		       p->directory);
}
