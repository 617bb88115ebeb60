/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about pages: huge, split, swapped, guarded, poisoned, watched. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define RW	       (PROT_READ | PROT_WRITE)
#define SWAP_PAGES_MAX 768

static char *new_thp(void)
{
	char *p = map_aligned(HUGE, HUGE, MADV_HUGEPAGE);

	fill(p, HUGE);
	return p;
}

/*
 * whole: one entry for 2 MiB. split: one page of it is read-only, so it is
 * mapped by small entries. cut: its last page was unmapped. zero: the huge
 * zero page.
 */
static void thp(void)
{
	char *p = new_thp();

	publish_range("whole", p, HUGE);
	p = new_thp();
	NEED(mprotect(p + 5 * PAGE, PAGE, PROT_READ) == 0);
	publish_range("split", p, HUGE);
	p = new_thp();
	NEED(munmap(p + HUGE - PAGE, PAGE) == 0);
	publish_range("cut", p, HUGE - PAGE);
	p = map_aligned(HUGE, HUGE, MADV_HUGEPAGE);
	(void)*(volatile char *)p;
	publish_range("zero", p, HUGE);
	p = new_thp();
	NEED(mprotect(p, HUGE, PROT_NONE) == 0);
	publish_range("none", p, HUGE);
}

static void hugetlb(void)
{
	int file = open("/mnt/huge/file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int memfd = memfd_create("huge memfd", MFD_CLOEXEC | MFD_HUGETLB);
	char *p = map(HUGE, RW, MAP_PRIVATE | MAP_HUGETLB, -1);

	fill(p, HUGE);
	publish_range("anon", p, HUGE);
	NEED(ftruncate(file, HUGE) == 0);
	p = map(HUGE, RW, MAP_SHARED, file);
	fill(p, HUGE);
	publish_range("file", p, HUGE);
	NEED(ftruncate(memfd, HUGE) == 0);
	p = map(HUGE, RW, MAP_SHARED, memfd);
	fill(p, HUGE);
	publish_range("memfd", p, HUGE);
}

/* How many of N pages from P on are in memory, be it as swap cache. */
static int count_resident(char *p, int n)
{
	unsigned char present[SWAP_PAGES_MAX];
	int count = 0;

	NEED(mincore(p, n * PAGE, present) == 0);
	for (int i = 0; i < n; i++)
		count += present[i] & 1;
	return count;
}

/* Pushes N pages out, trying again while the kernel still holds some. */
static void page_out(char *p, int n)
{
	for (int i = 0; i < 50 && count_resident(p, n) > 0; i++) {
		NEED(madvise(p, n * PAGE, MADV_PAGEOUT) == 0);
		usleep(20000);
	}
	errno = EAGAIN;
	NEED(count_resident(p, n) == 0);
}

/* N pages in swap, but page 3, read back, and page 5, read and written. */
static void swap_out(int n)
{
	volatile char *p = map(n * PAGE, RW, MAP_PRIVATE, -1);

	fill((char *)p, n * PAGE);
	page_out((char *)p, n);
	(void)p[3 * PAGE];
	p[5 * PAGE] = 'S';
	publish_range(NULL, (void *)p, n * PAGE);
}

static void swap_first(void)
{
	swap_out(16);
}

/*
 * A second device of higher priority: swap type 1. The kernel may have set
 * slots of the first one aside, up to 512, and uses those up before.
 */
static void swap_second(void)
{
	NEED(swap_on("/dev/ram1", 10));
	swap_out(SWAP_PAGES_MAX);
}

/* Shared memory in swap: the page tables are empty, the page cache is not. */
static void swap_shared(void)
{
	char *p = map(8 * PAGE, RW, MAP_SHARED, -1);

	fill(p, 8 * PAGE);
	page_out(p, 8);
	publish_range(NULL, p, 8 * PAGE);
}

/* Maps PAGES pages of a file and touches none. */
static void map_untouched(const char *suffix, int fd, size_t pages, int flags)
{
	publish_range(suffix, map(pages * PAGE, PROT_READ, flags, fd),
		      pages * PAGE);
}

/*
 * A file of tmpfs: pages 0 to 3 written, then a hole to the middle of page 6,
 * and two pages beyond its end.
 */
static void unmapped_file(void)
{
	int fd = make_file("/tmp/unmapped", 4);

	NEED(ftruncate(fd, 6 * PAGE + 100) == 0);
	map_untouched("file", fd, 9, MAP_PRIVATE);
	close(fd);
}

/* A disk, whose pages 2 and 5 the kernel has let go of. */
static void unmapped_disk(void)
{
	int fd = make_file("/dev/ram2", 8);
	unsigned char there[8];
	char *p = map(8 * PAGE, PROT_READ, MAP_SHARED, fd);
	int dropped = 0;

	NEED(fsync(fd) == 0);
	for (int i = 0; i < 50 && !dropped; i++) {
		posix_fadvise(fd, 2 * PAGE, PAGE, POSIX_FADV_DONTNEED);
		posix_fadvise(fd, 5 * PAGE, PAGE, POSIX_FADV_DONTNEED);
		usleep(20000);
		NEED(mincore(p, sizeof(there) * PAGE, there) == 0);
		dropped = !(there[2] & 1) && !(there[5] & 1);
	}
	NEED(dropped && there[0] & 1 && there[1] & 1 && there[6] & 1);
	publish_range("disk", p, 8 * PAGE);
	close(fd);
}

/* A folio of 512 pages, where the kernel makes one. */
static void unmapped_large(void)
{
	int fd;

	mkdir("/mnt/large", 0755);
	NEED(mount("large", "/mnt/large", "tmpfs", 0, "huge=always") == 0);
	fd = make_file("/mnt/large/file", HUGE / PAGE);
	map_untouched("large", fd, HUGE / PAGE, MAP_PRIVATE);
	close(fd);
}

/*
 * Swapped out, of it page 60 all zeros, and again in the swap cache what a
 * child reads and the kernel reads with that; which, mincore() tells.
 */
static void unmapped_swap(void)
{
	volatile char *p = map(64 * PAGE, RW, MAP_PRIVATE, -1);
	unsigned char there[64];
	uint64_t cached = 0;
	int fds[2];
	char byte;

	fill((char *)p, 60 * PAGE);
	p[60 * PAGE] = 0;
	fill((char *)p + 61 * PAGE, 3 * PAGE);
	page_out((char *)p, 64);
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	if (spawn("swap reader") == 0) {
		(void)p[PAGE];
		(void)p[3 * PAGE];
		close(fds[1]);
		close(fds[0]);
		settle();
	}
	close(fds[1]);
	NEED(read(fds[0], &byte, 1) == 0);
	close(fds[0]);
	NEED(mincore((char *)p, sizeof(there) * PAGE, there) == 0);
	for (size_t i = 0; i < sizeof(there); i++)
		cached |= (uint64_t)(there[i] & 1) << i;
	publish("unmapped.swap", getpid(), "addr=%p len=%#lx cached=%#lx",
		(char *)p, 64 * PAGE, cached);
}

/* What no table maps, and yet is there; and anonymous memory but for page 2. */
static void unmapped(void)
{
	char *p = map(4 * PAGE, RW, MAP_PRIVATE, -1);

	fill(p + 2 * PAGE, PAGE);
	publish_range("anon", p, 4 * PAGE);
	unmapped_file();
	unmapped_disk();
	unmapped_swap();
	unmapped_large();
}

/* Guard markers in pages 1 and 2, in place of what was there (since 6.13). */
static void guard(void)
{
	char *p = map(4 * PAGE, RW, MAP_PRIVATE, -1);

	fill(p, 4 * PAGE);
	NEED(madvise(p + PAGE, 2 * PAGE, MADV_GUARD_INSTALL) == 0);
	publish_range(NULL, p, 4 * PAGE);
}

static void ignore(int sig)
{
	(void)sig;
}

/* Page 1 has a hardware error, as the kernel was told. */
static void poison(void)
{
	char *p = map(3 * PAGE, RW, MAP_PRIVATE, -1);

	fill(p, 3 * PAGE);
	signal(SIGBUS, ignore);
	NEED(madvise(p + PAGE, PAGE, MADV_HWPOISON) == 0);
	publish_range(NULL, p, 3 * PAGE);
}

/* Page 1 is write-protected by userfaultfd: bit 10 of its entry. */
static void userfault(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	char *p = map(3 * PAGE, RW, MAP_PRIVATE, -1);
	struct uffdio_api api = {.api = UFFD_API,
				 .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP};
	struct uffdio_register reg = {.range = {(uintptr_t)p, 3 * PAGE},
				      .mode = UFFDIO_REGISTER_MODE_WP};
	struct uffdio_writeprotect wp = {.range = {(uintptr_t)p + PAGE, PAGE},
					 .mode = UFFDIO_WRITEPROTECT_MODE_WP};

	fill(p, 3 * PAGE);
	NEED(fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0);
	NEED(ioctl(fd, UFFDIO_REGISTER, &reg) == 0);
	NEED(ioctl(fd, UFFDIO_WRITEPROTECT, &wp) == 0);
	publish_range(NULL, p, 3 * PAGE);
}

const struct scene page_scenes[] = {
	{"thp", thp},
	{"hugetlb", hugetlb},
	{"swap.first", swap_first},
	{"swap.second", swap_second},
	{"swap.shared", swap_shared},
	{"guard", guard},
	{"poison", poison},
	{"userfault", userfault},
	{"unmapped", unmapped},
	{NULL, NULL},
};
