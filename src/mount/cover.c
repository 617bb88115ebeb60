/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command would see of this host beside /proc, and sees of the guest. */
#include "mount/cover.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Who is logged in here, or was, and who tells of users: docs/facts/fuse.md,
 * "What programs ask for beside /proc". */
static const char *const hidden[] = {
	"/run/utmp",
	"/var/run/utmp",
	"/var/log/wtmp",
	"/var/log/btmp",
	"/var/log/lastlog",
	"/run/nscd/socket",
	"/var/run/nscd/socket",
};

/* What the tree has beside /proc, in order of what is bound over what. */
static const struct {
	const char *in_tree, *at;
} covered[] = {
	{"/proc/.sys", "/sys"},
	{"/proc/.dev/kmsg", "/dev/kmsg"},
	{"/proc/.etc/passwd", "/etc/passwd"},
	{"/proc/.etc/group", "/etc/group"},
};

#define LOOKUPS "/etc/nsswitch.conf"

/* Users and groups of the guest are in files, whoever else has ours. */
static const char lookups[] = "passwd: files\n"
			      "group: files\n"
			      "shadow: files\n"
			      "hosts: files\n";

static int cover_bind(const char *from, const char *at, struct err *err)
{
	if (!mount(from, at, NULL, MS_BIND, NULL))
		return 0;
	return err_sys(err, ERR_SYS, "cannot put the guest's over %s", at);
}

/* A file system of one file that is bound, and then seen nowhere else. */
static int cover_put_lookups(struct err *err)
{
	static const char file[] = "/sys/nsswitch.conf";
	_cleanup_close_ int fd = -1;
	int rc;

	if (access(LOOKUPS, F_OK) || access("/sys", F_OK))
		return 0;
	if (mount("qvmi", "/sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=755"))
		return err_sys(err, ERR_SYS, "cannot mount on /sys");
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	rc = fd < 0 || files_write(fd, lookups, sizeof(lookups) - 1)
		     ? err_sys(err, ERR_SYS, "%s", file)
		     : cover_bind(file, LOOKUPS, err);
	umount2("/sys", MNT_DETACH);
	return rc;
}

int cover_host(struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < COUNT(hidden) && !rc; i++)
		if (!access(hidden[i], F_OK))
			rc = cover_bind("/dev/null", hidden[i], err);
	return rc ? rc : cover_put_lookups(err);
}

/* The first line of a file; "": it has none. */
static void cover_line(const char *path, char *out, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/* As the kernel calls a machine that has no name. */
#define NO_NAME "(none)"

/* gethostname(2) is of a namespace that is this command's alone. */
static int cover_take_name(struct err *err)
{
	char name[65];

	cover_line("/proc/sys/kernel/hostname", name, sizeof(name));
	if (!*name)
		snprintf(name, sizeof(name), NO_NAME);
	if (sethostname(name, strlen(name)))
		return err_sys(err, ERR_SYS, "sethostname");
	cover_line("/proc/sys/kernel/domainname", name, sizeof(name));
	if (setdomainname(name, strlen(name)))
		return err_sys(err, ERR_SYS, "setdomainname");
	return 0;
}

/* How many a list like "0-3,8" has; 0: it is none. */
static unsigned long cover_count(const char *list)
{
	unsigned long first, last, n = 0;
	char *end;

	for (; *list; list = end + (*end == ',')) {
		first = last = strtoul(list, &end, 10);
		if (end != list && *end == '-')
			last = strtoul(end + 1, &end, 10);
		if (end == list || last < first || (*end && *end != ','))
			return 0;
		n += last - first + 1;
	}
	return n;
}

/* nproc(1) asks the kernel else, where a variable of OpenMP does not tell. */
static void cover_tell_cpus(void)
{
	char list[4096], number[24];
	unsigned long n;

	cover_line("/sys/devices/system/cpu/online", list, sizeof(list));
	n = cover_count(list);
	snprintf(number, sizeof(number), "%lu", n);
	if (n)
		setenv("OMP_NUM_THREADS", number, 0);
}

int cover_with_guest(struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < COUNT(covered) && !rc; i++)
		if (!access(covered[i].at, F_OK))
			rc = cover_bind(covered[i].in_tree, covered[i].at, err);
	if (!rc)
		rc = cover_take_name(err);
	if (!rc)
		cover_tell_cpus();
	return rc;
}
