/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands behind those pages of a process that it does not have. */
#include "target/areas.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

/* What may be mapped at a time (vm.max_map_count is 65530 by default). */
#define AREAS_MAX (1u << 20)

/* "start-end perms offset major:minor inode path", proc_pid_maps(5). */
static bool areas_parse_head(const char *line, struct target_area *area)
{
	char perms[5];

	*area = (struct target_area){.fd = -1};
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %lu",
		   &area->start, &area->end, perms, &area->offset,
		   &area->dev[0], &area->dev[1], &area->inode) != 7)
		return false;
	area->shared = perms[3] == 's';
	if (perms[0] != 'r')
		area->kind = AREA_OPAQUE;
	else if (area->inode)
		area->kind = AREA_FILE;
	else
		area->kind = area->shared ? AREA_OPAQUE : AREA_ZEROS;
	return true;
}

/*
 * Documentation/filesystems/proc.rst, VmFlags: where a page that is not there
 * is to come by userfaultfd (um, ui: a migration that goes on after the guest
 * runs, an image that is loaded lazily), or is no memory (io, pf).
 */
static void areas_parse_flags(const char *line, struct target_area *area)
{
	static const char *const opaque[] = {" um", " ui", " io", " pf"};
	size_t i;

	for (i = 0; i < sizeof(opaque) / sizeof(*opaque); i++)
		if (strstr(line, opaque[i]))
			area->kind = AREA_OPAQUE;
}

static int areas_parse(struct target_areas *a, FILE *f, struct err *err)
{
	_cleanup_free_ char *line = NULL;
	struct target_area area;
	size_t size = 0;

	while (getline(&line, &size, f) > 0 && a->list.n < AREAS_MAX) {
		if (!strncmp(line, "VmFlags:", 8) && a->list.n)
			areas_parse_flags(line, &a->list.v[a->list.n - 1]);
		else if (areas_parse_head(line, &area) &&
			 vec_push(&a->list, area))
			return err_nomem(err);
	}
	return 0;
}

int target_areas_load(struct target_areas *a, pid_t pid, struct err *err)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;
	char path[64];
	int ret;

	if (a->pid == pid)
		return 0;
	target_areas_deinit(a);
	snprintf(path, sizeof(path), "/proc/%ld/smaps", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return err_sys(err, ERR_SYS, "%s", path);
	ret = areas_parse(a, f, err);
	if (!ret)
		a->pid = pid;
	return ret;
}

void target_areas_deinit(struct target_areas *a)
{
	size_t i;

	for (i = 0; i < a->list.n; i++)
		if (a->list.v[i].fd >= 0)
			close(a->list.v[i].fd);
	vec_deinit(&a->list);
	a->pid = 0;
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
static int areas_open_mapped(pid_t pid, const struct target_area *area)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/%ld/map_files/%" PRIx64 "-%" PRIx64,
		 (long)pid, area->start, area->end);
	return areas_open_at(AT_FDCWD, path);
}

static bool areas_is_file(int dirfd, const char *name,
			  const struct target_area *area)
{
	struct stat st;

	return !fstatat(dirfd, name, &st, 0) && st.st_ino == area->inode &&
	       major(st.st_dev) == area->dev[0] &&
	       minor(st.st_dev) == area->dev[1];
}

/* By a descriptor: QEMU keeps that of what it has its RAM in. */
static int areas_open_held(pid_t pid, const struct target_area *area)
{
	_cleanup_(files_cleanup_dir) DIR *dir = NULL;
	const struct dirent *e;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (areas_is_file(dirfd(dir), e->d_name, area))
			return areas_open_at(dirfd(dir), e->d_name);
	return -1;
}

/* The last area that starts at or before hva, or NULL. */
static struct target_area *areas_at(const struct target_areas *a, uint64_t hva)
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

const struct target_area *target_areas_find(struct target_areas *a,
					    uint64_t hva)
{
	struct target_area *area = areas_at(a, hva);

	if (!area || area->kind != AREA_FILE || area->fd >= 0)
		return area;
	area->fd = areas_open_mapped(a->pid, area);
	if (area->fd < 0)
		area->fd = areas_open_held(a->pid, area);
	if (area->fd < 0)
		area->kind = AREA_OPAQUE;
	return area;
}

bool target_areas_cover(const struct target_areas *a, uint64_t hva,
			uint64_t len)
{
	const struct target_area *area = areas_at(a, hva);
	const struct target_area *end = a->list.v + a->list.n;
	uint64_t next = hva;

	for (; area && area < end && area->start <= next; area++) {
		next = area->end;
		if (next - hva >= len)
			return true;
	}
	return false;
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

bool target_area_read(const struct target_area *area, uint64_t hva, void *dst,
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
