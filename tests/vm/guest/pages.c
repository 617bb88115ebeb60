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
	{NULL, NULL},
};
