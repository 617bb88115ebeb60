/* SPDX-License-Identifier: BSD-2-Clause */
/* What init prepares before the first scene: mounts, modules, swap, sysctls. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

struct mounting {
	const char *dir, *type, *source, *options;
	unsigned long flags;
};

static const struct mounting kernel_mounts[] = {
	{"/proc", "proc", "proc", "", 0},
	{"/sys", "sysfs", "sysfs", "", 0},
	{"/sys/kernel/tracing", "tracefs", "tracing", "", 0},
	{"/dev", "devtmpfs", "devtmpfs", "", 0},
	{NULL, NULL, NULL, NULL, 0},
};

static const struct mounting mounts[] = {
	{"/dev/shm", "tmpfs", "shm", "", 0},
	{"/tmp", "tmpfs", "tmp", "", 0},
	{"/mnt", "", "", "", 0},
	{"/mnt/huge", "hugetlbfs", "huge", "", 0},
	/* a mount on a mount, so that a path crosses two mount points */
	{"/mnt/outer", "tmpfs", "outer", "", 0},
	{"/mnt/outer/dir", "", "", "", 0},
	{"/mnt/outer/dir/inner", "tmpfs", "inner", "", 0},
	{"/mnt/outer/dir/inner/deep", "", "", "", 0},
	{"/mnt/bind", NULL, "/mnt/outer/dir/inner/deep", "", MS_BIND},
	{"/mnt/lower", "", "", "", 0},
	{"/mnt/layers", "tmpfs", "layers", "", 0},
	{"/mnt/layers/upper", "", "", "", 0},
	{"/mnt/layers/work", "", "", "", 0},
	{"/mnt/merged", "", "", "", 0},
	{"/mnt/ns", "", "", "", 0},
	/* what /proc has to escape */
	{"/mnt/a b\\#\t", "tmpfs", "sou rce#", "size=64k,mode=700",
	 MS_NOSUID | MS_NOATIME},
	{NULL, NULL, NULL, NULL, 0},
};

/*
 * Everything that would change memory behind a test's back is off: khugepaged,
 * NUMA hinting, and huge pages where nobody asked for them.
 */
static const struct {
	const char *path, *value;
} sysctls[] = {
	{"/proc/sys/vm/nr_hugepages", "8"},
	{"/proc/sys/kernel/numa_balancing", "0"},
	{"/sys/kernel/mm/transparent_hugepage/enabled", "madvise"},
	/* the kernel turns these off where it has under 512 MiB */
	{"/sys/kernel/mm/transparent_hugepage/defrag", "madvise"},
	{"/sys/kernel/mm/transparent_hugepage/use_zero_page", "1"},
	{"/sys/kernel/mm/transparent_hugepage/khugepaged/"
	 "scan_sleep_millisecs",
	 "4000000000"},
	{"/sys/kernel/mm/transparent_hugepage/khugepaged/"
	 "alloc_sleep_millisecs",
	 "4000000000"},
};

static void mount_all(const struct mounting *at)
{
	for (; at->dir; at++) {
		mkdir(at->dir, 0755);
		if (at->type && !*at->type)
			continue;
		if (mount(at->source, at->dir, at->type, at->flags,
			  at->options) < 0)
			printf("QVMI-SKIP mount %s: %s\n", at->dir,
			       strerror(errno));
	}
}

static void load_modules(void)
{
	FILE *list = fopen("/modules/load", "r");
	char name[64], path[96];
	int fd;

	while (list && fscanf(list, "%63s", name) == 1) {
		snprintf(path, sizeof(path), "/modules/%s.ko", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd,
			    strcmp(name, "brd") ? "" : "rd_nr=3 rd_size=4096",
			    0) < 0)
			printf("QVMI-SKIP module %s: %s\n", name,
			       strerror(errno));
		close(fd);
	}
	if (list)
		fclose(list);
}

/* mkswap and swapon; the header is union swap_header of linux/swap.h */
bool swap_on(const char *dev, int prio)
{
	static union {
		char page[PAGE];
		struct {
			char boot[1024];
			uint32_t version, last_page, nr_badpages;
		};
	} head;
	int fd = open(dev, O_RDWR | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	bool ok;

	head.version = 1;
	head.last_page = size / PAGE - 1;
	memcpy(head.page + PAGE - 10, "SWAPSPACE2", 10);
	ok = fd >= 0 && pwrite(fd, head.page, PAGE, 0) == (ssize_t)PAGE &&
	     fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok && swapon(dev, SWAP_FLAG_PREFER | prio) == 0;
}

void setup(void)
{
	mount_all(kernel_mounts);
	load_modules();
	if (param(" qvmi.disk=", 0))
		boot_disk();
	mount_all(mounts);
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
		write_file(sysctls[i].path, sysctls[i].value);
	if (!swap_on("/dev/ram0", 5))
		printf("QVMI-SKIP swap: %s\n", strerror(errno));
}
