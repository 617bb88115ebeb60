/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices are memory: where what is mapped never waits for anybody. */
#include "qemu/shmem.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/files.h"

#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB (21u << 26)
#define MFD_HUGE_1GB (30u << 26)
#endif

/*
 * The kernel has one mount of its own for shmem, and one for each size of huge
 * pages, which no table lists: a file that we make there tells.  It takes no
 * page.  An answer is no where a size is not there.
 */
static bool shmem_is_own(unsigned int flags, const unsigned int dev[2])
{
	_cleanup_close_ int fd = memfd_create("qvmi", MFD_CLOEXEC | flags);
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && major(st.st_dev) == dev[0] &&
	       minor(st.st_dev) == dev[1];
}

/*
 * proc_pid_mountinfo(5): "ID parent major:minor root point options [fields] -
 * type source options"; spaces within are written as \040.
 */
static bool shmem_is_line(const char *line, const unsigned int dev[2])
{
	const char *type = strstr(line, " - ");
	unsigned int at[2];
	char name[16];

	return type && sscanf(line, "%*u %*u %u:%u", &at[0], &at[1]) == 2 &&
	       at[0] == dev[0] && at[1] == dev[1] &&
	       sscanf(type, " - %15s", name) == 1 &&
	       (!strcmp(name, "tmpfs") || !strcmp(name, "hugetlbfs"));
}

static bool shmem_is_mounted(int proc, const unsigned int dev[2])
{
	_cleanup_(files_cleanup_file) FILE *f = files_open(proc, "mountinfo");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	while (f && getline(&line, &size, f) > 0)
		if (shmem_is_line(line, dev))
			return true;
	return false;
}

bool qemu_shmem_has(int proc, const unsigned int dev[2])
{
	static const unsigned int kinds[] = {0, MFD_HUGETLB | MFD_HUGE_2MB,
					     MFD_HUGETLB | MFD_HUGE_1GB};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (shmem_is_own(kinds[i], dev))
			return true;
	return shmem_is_mounted(proc, dev);
}
