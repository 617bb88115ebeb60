/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands behind those pages of a process that it does not have. */
#include "qemu/areas.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "qemu/shmem.h"

/* What may be mapped at a time (vm.max_map_count is 65530 by default). */
#define AREAS_MAX (1u << 20)

/* So much of the table is asked for at once: the kernel gives no more. */
#define AREAS_AT_ONCE 4096u

/* "start-end perms offset major:minor inode path", proc_pid_maps(5). */
static bool areas_parse_head(const char *line, struct qemu_area *area)
{
	char perms[5], name[7] = "";

	*area = (struct qemu_area){.fd = -1};
	if (sscanf(line,
		   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %lu %6s",
		   &area->start, &area->end, perms, &area->offset,
		   &area->dev[0], &area->dev[1], &area->inode, name) < 7)
		return false;
	area->shared = perms[3] == 's';
	area->code = perms[2] == 'x';
	/* Whoever has it may give anonymous memory a name. */
	area->special = !area->inode && *name && strcmp(name, "[anon:") != 0;
	if (perms[0] != 'r')
		area->kind = AREA_OPAQUE;
	else if (area->inode)
		area->kind = AREA_FILE;
	else
		area->kind = area->shared ? AREA_OPAQUE : AREA_ZEROS;
	return true;
}

/*
 * Documentation/filesystems/proc.rst, VmFlags (and docs/facts/gdbstub.md,
 * "QEMU's process"): where a page that is not there
 * is to come by userfaultfd (um, ui: a migration that goes on after the guest
 * runs, an image that is loaded lazily), or is no memory (io, pf).
 */
static void areas_parse_flags(const char *line, struct qemu_area *area)
{
	static const char *const flags[] = {" um", " ui", " io", " pf"};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (strstr(line, flags[i]))
			area->kind = AREA_TO_COME;
}

/* How an area lies to what is of interest: before (-1), in (0), behind (1). */
static int areas_place(const struct qemu_areas *a, const char *line)
{
	char *end = NULL;
	uint64_t start = strtoull(line, &end, 16);

	if (*end != '-' || !a->to)
		return 0;
	if (start >= a->to)
		return 1;
	return strtoull(end + 1, NULL, 16) <= a->from ? -1 : 0;
}

static int areas_parse(struct qemu_areas *a, FILE *f, struct err *err)
{
	_cleanup_free_ char *line = NULL;
	struct qemu_area area;
	bool in = false;
	size_t size = 0;
	int place;

	while (getline(&line, &size, f) > 0 && a->list.n < AREAS_MAX) {
		if (!strncmp(line, "VmFlags:", 8) && in)
			areas_parse_flags(line, &a->list.v[a->list.n - 1]);
		place = areas_place(a, line);
		if (place > 0)
			break;
		if (place < 0)
			in = false;
		if (place || !areas_parse_head(line, &area))
			continue;
		if (vec_push(&a->list, area))
			return err_nomem(err);
		in = true;
	}
	return 0;
}

int qemu_areas_load(struct qemu_areas *a, const struct qemu_bound *bound,
		    bool detailed, struct err *err)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	const char *name = detailed ? "smaps" : "maps";
	char buffer[AREAS_AT_ONCE];
	int ret;

	qemu_areas_deinit(a);
	f = files_open(bound->dir, name);
	if (!f)
		return err_sys(err, ERR_SYS, "%s", name);
	setvbuf(f, buffer, _IOFBF, sizeof(buffer));
	ret = areas_parse(a, f, err);
	a->dir = bound->dir;
	a->loaded = !ret;
	a->detailed = detailed;
	return ret;
}

void qemu_areas_deinit(struct qemu_areas *a)
{
	size_t i;

	for (i = 0; i < a->list.n; i++)
		if (a->list.v[i].fd >= 0)
			close(a->list.v[i].fd);
	vec_deinit(&a->list);
	a->loaded = false;
}

/* A regular file for reading; nothing else is opened, for that can block. */
static int areas_open_at(int dirfd, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(dirfd, name, &st, 0) || !S_ISREG(st.st_mode))
		return -1;
	fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/*
 * By /proc/PID/map_files, which takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN
 * (Linux 5.9; before that the latter).
 */
static int areas_open_mapped(int dir, const struct qemu_area *area)
{
	char path[64];

	snprintf(path, sizeof(path), "map_files/%" PRIx64 "-%" PRIx64,
		 area->start, area->end);
	return areas_open_at(dir, path);
}

/* By what is known of it here: to ask a file server can take for ever. */
static bool areas_is_file(int dirfd, const char *name,
			  const struct qemu_area *area)
{
	struct statx st;

	return !statx(dirfd, name, AT_STATX_DONT_SYNC, STATX_INO, &st) &&
	       st.stx_ino == area->inode && st.stx_dev_major == area->dev[0] &&
	       st.stx_dev_minor == area->dev[1];
}

/* By a descriptor: QEMU keeps that of what it has its RAM in. */
static int areas_open_held(int proc, const struct qemu_area *area)
{
	_cleanup_(files_cleanup_dir) DIR *dir = NULL;
	const struct dirent *e;

	dir = files_list(proc, "fd");
	while (dir && (e = readdir(dir)))
		if (areas_is_file(dirfd(dir), e->d_name, area))
			return areas_open_at(dirfd(dir), e->d_name);
	return -1;
}

/* The last area that starts at or before hva, or NULL. */
static struct qemu_area *areas_at(const struct qemu_areas *a, uint64_t hva)
{
	size_t lo = 0, hi = a->list.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->list.v[mid].start <= hva)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && hva < a->list.v[lo - 1].end ? &a->list.v[lo - 1] : NULL;
}

const struct qemu_area *qemu_areas_find(struct qemu_areas *a, uint64_t hva)
{
	struct qemu_area *area = areas_at(a, hva);

	if (!area || area->kind != AREA_FILE || area->fd >= 0)
		return area;
	if (!qemu_shmem_has(a->dir, area->dev)) {
		/* Somebody has mapped it since it was looked at. */
		area->kind = AREA_TO_COME;
		return area;
	}
	area->fd = areas_open_mapped(a->dir, area);
	if (area->fd < 0)
		area->fd = areas_open_held(a->dir, area);
	if (area->fd < 0)
		area->kind = AREA_OPAQUE;
	return area;
}

const char *qemu_areas_refuse(const struct qemu_areas *a, uint64_t hva,
			      uint64_t len)
{
	const struct qemu_area *area = areas_at(a, hva);

	if (!area)
		return "it has nothing";
	if (area->end - hva < len)
		return "it has more than one mapping, or too little,";
	if (area->code || area->special || area->kind == AREA_OPAQUE)
		return "it has what no guest has for memory";
	if (area->kind == AREA_FILE && !qemu_shmem_has(a->dir, area->dev))
		return "it has a file, and one that is neither on tmpfs, "
		       "hugetlbfs, nor a memfd can keep a reader waiting,";
	return NULL;
}

/* How many of len bytes at `at` lie in a hole; 0 where it is not known. */
static size_t area_hole(int fd, off_t at, size_t len)
{
	off_t data = lseek(fd, at, SEEK_DATA);
	struct stat st;

	if (data < 0 && errno == ENXIO && !fstat(fd, &st))
		data = st.st_size; /* a hole up to the end */
	if (data <= at)
		return 0;
	return (uint64_t)(data - at) < len ? (size_t)(data - at) : len;
}

/* How many, at least one, lie in front of the next hole. */
static size_t area_data(int fd, off_t at, size_t len)
{
	off_t hole = lseek(fd, at, SEEK_HOLE);

	if (hole <= at || (uint64_t)(hole - at) > len)
		return len;
	return (size_t)(hole - at);
}

bool qemu_area_read(const struct qemu_area *area, uint64_t hva, void *dst,
		    size_t len)
{
	off_t at = (off_t)(area->offset + (hva - area->start));
	uint8_t *to = dst;
	size_t done;
	ssize_t n;

	for (done = 0; done < len; done += (size_t)n) {
		off_t from = at + (off_t)done;
		size_t hole = area_hole(area->fd, from, len - done);

		n = (ssize_t)hole;
		memset(to + done, 0, hole);
		if (hole)
			continue;
		n = pread(area->fd, to + done,
			  area_data(area->fd, from, len - done), from);
		if (n <= 0)
			return false;
	}
	return true;
}
