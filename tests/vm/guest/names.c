/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about files with names of other kinds: made up, long, or several. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/bpf.h>
#include <linux/dma-buf.h>
#include <linux/perf_event.h>
#include <linux/udmabuf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

#define RW (PROT_READ | PROT_WRITE)

/* Two pages of a buffer, which udmabuf makes of a memfd (from 4.20 on). */
static void dmabuf(const char *suffix, const char *name)
{
	int memfd = memfd_create("buffer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	struct udmabuf_create create = {.memfd = memfd,
					.flags = UDMABUF_FLAGS_CLOEXEC,
					.size = 2 * PAGE};
	char *p;
	int fd;

	NEED(dev >= 0 && memfd >= 0 && ftruncate(memfd, 2 * PAGE) == 0);
	NEED(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	fd = ioctl(dev, UDMABUF_CREATE, &create);
	NEED(fd >= 0);
	NEED(!name || ioctl(fd, DMA_BUF_SET_NAME_B, name) == 0);
	p = map(2 * PAGE, RW, MAP_SHARED, fd);
	fill(p, 2 * PAGE);
	publish_range(suffix, p, 2 * PAGE);
}

static void dmabufs(void)
{
	dmabuf("named", "my buffer");
	dmabuf("bare", NULL);
	dmabuf("newline", "two\nlines\\and \377");
	dmabuf("long", "as long as the name of a buffer");
}

/* The name is "/secretmem (deleted)"; the kernel may have it turned off. */
static void secret(void)
{
	int fd = syscall(SYS_memfd_secret, O_CLOEXEC);
	char *p;

	NEED(fd >= 0 && ftruncate(fd, 2 * PAGE) == 0);
	p = map(2 * PAGE, RW, MAP_SHARED, fd);
	fill(p, 2 * PAGE);
	publish_range(NULL, p, 2 * PAGE);
}

/* The name is "anon_inode:[perf_event]"; the event never happens. */
static void perf(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_DUMMY};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			 PERF_FLAG_FD_CLOEXEC);
	volatile char *p;

	NEED(fd >= 0);
	p = map(3 * PAGE, RW, MAP_SHARED, fd);
	(void)p[0], (void)p[PAGE];
	publish_range(NULL, (void *)p, 3 * PAGE);
}

/* The name is "anon_inode:bpf-map"; the values are vmalloc's. */
static void bpf(void)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
			       .key_size = 4,
			       .value_size = 8,
			       .max_entries = 1024,
			       .map_flags = BPF_F_MMAPABLE};
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
	int fd;
	char *p;

	/* up to 5.10 root has a limit for all maps together */
	NEED(setrlimit(RLIMIT_MEMLOCK, &all) == 0);
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	NEED(fd >= 0);
	p = map(2 * PAGE, RW, MAP_SHARED, fd);
	fill(p, 2 * PAGE);
	publish_range(NULL, p, 2 * PAGE);
}

/* The kernel itself maps the ring: "/[aio] (deleted)". */
static void aio(void)
{
	aio_context_t ring = 0;

	NEED(syscall(SYS_io_setup, 8, &ring) == 0);
	publish_range(NULL, (void *)ring, PAGE);
}

/* One file of two names, mapped by the second; both are right. */
static void links(void)
{
	int fd = make_file("/tmp/first-link", 2);
	volatile char *p;

	close(fd);
	NEED(link("/tmp/first-link", "/tmp/second-link") == 0);
	fd = open("/tmp/second-link", O_RDONLY | O_CLOEXEC);
	NEED(fd >= 0);
	p = map(2 * PAGE, PROT_READ, MAP_SHARED, fd);
	(void)p[0], (void)p[PAGE];
	publish_range(NULL, (void *)p, 2 * PAGE);
}

/* Its first name is gone, but not the second. */
static void left_link(void)
{
	int fd = make_file("/tmp/gone-link", 1);
	volatile char *p = map(PAGE, PROT_READ, MAP_SHARED, fd);

	(void)p[0];
	NEED(link("/tmp/gone-link", "/tmp/left-link") == 0);
	NEED(unlink("/tmp/gone-link") == 0);
	publish_range(NULL, (void *)p, PAGE);
}

/* A page of the kernel image that many processes map, and what it reads. */
static void vdso(void)
{
	char line[256];
	FILE *maps = fopen("/proc/self/maps", "r");
	struct timespec now;
	char *p;

	NEED(maps && clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	while (fgets(line, sizeof(line), maps)) {
		NEED(sscanf(line, "%p", (void **)&p) == 1);
		if (strstr(line, "[vvar]"))
			publish_range("vvar", p, PAGE);
		if (strstr(line, "[vdso]")) {
			(void)*(volatile char *)p;
			publish_range("code", p, PAGE);
		}
	}
	fclose(maps);
}

/* A block device, whose cache is that of an inode without a name. */
static void block(void)
{
	int fd = open("/dev/ram2", O_RDWR | O_CLOEXEC);
	volatile char *p;

	NEED(fd >= 0);
	p = map(2 * PAGE, PROT_READ, MAP_SHARED, fd);
	(void)p[0], (void)p[PAGE];
	publish_range(NULL, (void *)p, 2 * PAGE);
}

/* N directories, each in the one before, and a file in the last. */
static void descend(const char *suffix, const char *top, const char *name,
		    int n)
{
	volatile char *p;
	int fd;

	NEED(mkdir(top, 0755) == 0 && chdir(top) == 0);
	for (int i = 0; i < n; i++)
		NEED(mkdir(name, 0755) == 0 && chdir(name) == 0);
	fd = make_file("file", 1);
	p = map(PAGE, PROT_READ, MAP_SHARED, fd);
	(void)p[0];
	/* Neighbours are one area only where they allow the same. */
	for (int i = 0; i < param(" qvmi.again=", 0); i++)
		map(PAGE, i % 2 ? PROT_READ : PROT_NONE, MAP_SHARED, fd);
	close(fd);
	publish_range(suffix, (void *)p, PAGE);
}

/* Longer than any path that can be named, and deeper. */
static void paths(void)
{
	char name[201];

	memset(name, 'd', 200);
	name[200] = '\0';
	descend("long", "/tmp/long", name, 23);
	descend("deep", "/tmp/deep", "d", param(" qvmi.names=", 0));
}

/* Moved out of the directory that its mount shows: /proc says "/". */
static void escaped(void)
{
	static const char *const dirs[] = {"/tmp/jail", "/tmp/jail/seen",
					   "/tmp/jail/seen/dir", "/tmp/window"};
	volatile char *p;
	int fd;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		NEED(mkdir(dirs[i], 0755) == 0);
	NEED(mount("/tmp/jail/seen", "/tmp/window", NULL, MS_BIND, NULL) == 0);
	fd = make_file("/tmp/window/dir/file", 1);
	p = map(PAGE, PROT_READ, MAP_SHARED, fd);
	(void)p[0];
	NEED(rename("/tmp/jail/seen/dir", "/tmp/jail/dir") == 0);
	publish_range(NULL, (void *)p, PAGE);
}

/*
 * Files of persistent memory: the guest has it where its command line says
 * memmap=SIZE!START.  mke2fs makes an ext2, which ext4 mounts.
 */
static void dax(void)
{
	int pages = 4, fd;
	char *p;

	NEED(system("/bin/busybox mke2fs -b 4096 /dev/pmem0 >/dev/null 2>&1") ==
	     0);
	NEED(mkdir("/mnt/dax", 0755) == 0);
	NEED(mount("/dev/pmem0", "/mnt/dax", "ext4", 0, "dax") == 0);
	fd = make_file("/mnt/dax/file", pages);
	p = map(pages * PAGE, RW, MAP_SHARED, fd);
	for (int i = 0; i < pages - 1; i++)
		p[i * PAGE] = 'D';
	publish_range("shared", p, pages * PAGE);
	p = map(pages * PAGE, RW, MAP_PRIVATE, fd);
	(void)*(volatile char *)p;
	p[PAGE] = 'C';
	publish_range("private", p, pages * PAGE);
}

const struct scene dax_scenes[] = {
	{"dax", dax},
	{NULL, NULL},
};

const struct scene name_scenes[] = {
	{"dmabuf", dmabufs},
	{"secret", secret},
	{"perf", perf},
	{"bpf", bpf},
	{"aio", aio},
	{"links", links},
	{"left_link", left_link},
	{"vdso", vdso},
	{"block", block},
	{"paths", paths},
	{"escaped", escaped},
	{NULL, NULL},
};
