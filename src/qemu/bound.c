/* SPDX-License-Identifier: BSD-2-Clause */
/* One process of this host, held so that none can take its place. */
#include "qemu/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/map.h"
#include "qemu/find_process.h"

static int bound_open(struct qemu_bound *b, pid_t pid, struct err *err)
{
	char path[32];

	b->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (b->pidfd < 0)
		return err_sys(err, ERR_SYS,
			       errno == ENOSYS
				       ? "a process cannot be held here, "
					 "pidfd_open(2) is missing"
				       : "pidfd_open");
	snprintf(path, sizeof(path), "/proc/%ld", (long)pid);
	b->dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0)
		return err_sys(err, ERR_SYS, "%s", path);
	b->mem = openat(b->dir, "mem", O_RDONLY | O_CLOEXEC);
	if (b->mem < 0)
		return err_sys(err, ERR_SYS, "%s/mem", path);
	return 0;
}

/* pidfd_open(2): there is something to read once the process has ended. */
static bool bound_has_ended(const struct qemu_bound *b)
{
	struct pollfd p = {.fd = b->pidfd, .events = POLLIN};
	const struct timespec at_once = {.tv_sec = 0};

	return ppoll(&p, 1, &at_once, NULL) != 0;
}

int qemu_bound_open(struct qemu_bound *b, pid_t pid, struct err *err)
{
	struct qemu_bound new = {.pid = pid, .pidfd = -1, .dir = -1, -1};
	int ret = bound_open(&new, pid, err), error = errno;

	/* While it has not ended its number is no other one's. */
	if (!ret && bound_has_ended(&new)) {
		errno = error = ESRCH;
		ret = err_sys(err, ERR_SYS, "/proc/%ld", (long)pid);
	}
	if (ret) {
		qemu_bound_close(&new);
		errno = error;
		return ret;
	}
	qemu_bound_close(b);
	*b = new;
	return 0;
}

void qemu_bound_close(struct qemu_bound *b)
{
	if (b->pid) {
		cleanup_close(&b->pidfd);
		cleanup_close(&b->dir);
		cleanup_close(&b->mem);
	}
	*b = (struct qemu_bound){.pid = 0};
}

bool qemu_bound_lives(const struct qemu_bound *b)
{
	char byte;

	/* 0: that memory is gone; EIO: it is there, but nothing at 0. */
	return !bound_has_ended(b) && pread(b->mem, &byte, 1, 0) != 0;
}

bool qemu_bound_is_of(const struct qemu_bound *b, uid_t uid)
{
	_cleanup_(files_cleanup_file) FILE *f = files_open(b->dir, "status");
	unsigned int id[4]; /* real, effective, saved, of the file system */
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Uid: %u %u %u %u", &id[0], &id[1], &id[2],
			   &id[3]) == 4)
			return id[0] == uid && id[1] == uid && id[2] == uid &&
			       id[3] == uid;
	return false;
}

bool qemu_bound_holds(const struct qemu_bound *b, int fd, unsigned long inode)
{
	char path[32];

	snprintf(path, sizeof(path), "fd/%d", fd);
	return qemu_is_socket(b->dir, path, inode);
}

/* The one that the thread has for itself; 0: it is not there (Linux 4.1). */
static long bound_number(const struct qemu_bound *b, const char *tid)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[300], line[256];
	long number;

	snprintf(path, sizeof(path), "task/%s/status", tid);
	f = files_open(b->dir, path);
	while (f && fgets(line, sizeof(line), f))
		if (qemu_read_nspid(line, &number))
			return number;
	return 0;
}

/* By the numbers that they have for themselves. */
static int bound_list_threads(const struct qemu_bound *b, struct map *own)
{
	_cleanup_(files_cleanup_dir) DIR *dir = files_list(b->dir, "task");
	const struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (map_put(own, (uint64_t)bound_number(b, e->d_name), 1))
			return ERR_NOMEM;
	return 0;
}

bool qemu_bound_has_threads(const struct qemu_bound *b,
			    const struct monitor_cpus *cpus)
{
	_cleanup_(map_deinit) struct map own = {0};
	uint64_t there;
	char name[32];
	size_t i;
	long tid;

	for (i = 0; i < cpus->v.n; i++) {
		tid = cpus->v.v[i].thread_id;
		if (tid <= 0)
			return false;
		/* One of them all, where a thread turns all vCPUs:
		 * docs/facts/gdbstub.md, "The monitor". */
		if (map_get(&own, (uint64_t)tid, &there))
			continue;
		/* Mostly it is called by that number here, too. */
		snprintf(name, sizeof(name), "%ld", tid);
		if (bound_number(b, name) == tid) {
			if (map_put(&own, (uint64_t)tid, 1))
				return false;
			continue;
		}
		if (bound_list_threads(b, &own) ||
		    !map_get(&own, (uint64_t)tid, &there))
			return false;
	}
	return true;
}
