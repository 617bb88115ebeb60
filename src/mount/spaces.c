/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces in which a process may mount what nobody else sees, and sees
 * nothing of this host. */
#include "mount/spaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/*
 * What may forbid it, and the value by which it does: docs/facts/fuse.md,
 * "Namespaces without root".
 */
static const struct setting {
	const char *name; /* as sysctl(8) has it */
	const char *path;
	const char *forbids;
} settings[] = {
	{"kernel.unprivileged_userns_clone",
	 "/proc/sys/kernel/unprivileged_userns_clone", "0"},
	{"kernel.apparmor_restrict_unprivileged_userns",
	 "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"},
	{"user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", "0"},
	{"user.max_mnt_namespaces", "/proc/sys/user/max_mnt_namespaces", "0"},
	{"user.max_net_namespaces", "/proc/sys/user/max_net_namespaces", "0"},
	{"user.max_ipc_namespaces", "/proc/sys/user/max_ipc_namespaces", "0"},
	{"user.max_uts_namespaces", "/proc/sys/user/max_uts_namespaces", "0"},
};

/* What is asked for by other ways than files: the network, its name, and what
 * processes share. */
#define SPACES	   (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

#define N_SETTINGS (sizeof(settings) / sizeof(*settings))

static bool setting_forbids(const struct setting *s)
{
	_cleanup_close_ int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, s->forbids);
}

static int spaces_refuse(int error, struct err *err)
{
	size_t i;

	for (i = 0; i < N_SETTINGS; i++)
		if (setting_forbids(&settings[i]))
			return err_set(err, ERR_REFUSED,
				       "this host lets no such user have "
				       "namespaces: %s is %s (sysctl)",
				       settings[i].name, settings[i].forbids);
	errno = error;
	return err_sys(
		err, ERR_REFUSED,
		"this host does not give namespaces (unshare); in a "
		"container, its seccomp profile or missing CAP_SYS_ADMIN "
		"may be why");
}

static bool write_text(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && !files_write(fd, text, strlen(text));
}

/* One ID, the same inside and outside. */
static bool map_one(const char *path, unsigned int id)
{
	char text[48];

	snprintf(text, sizeof(text), "%u %u 1\n", id, id);
	return write_text(path, text);
}

static int enter_user(uid_t user, gid_t group, struct err *err)
{
	/* Else its files in /proc are root's. */
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER | SPACES))
		return spaces_refuse(errno, err);
	if (!map_one("/proc/self/uid_map", user) ||
	    !write_text("/proc/self/setgroups", "deny") ||
	    !map_one("/proc/self/gid_map", group))
		return spaces_refuse(errno, err);
	return 0;
}

int spaces_enter(struct err *err)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	int rc = 0;

	if (unshare(SPACES))
		rc = enter_user(user, group, err);
	/* What is mounted here is not to be seen outside. */
	if (!rc && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		rc = spaces_refuse(errno, err);
	return rc;
}
