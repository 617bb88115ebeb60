/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about anonymous memory and the shape of an address space. */
#include "guest.h"

#include <alloca.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA	     0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define RW	 (PROT_READ | PROT_WRITE)
#define PMD_SPAN HUGE
#define PUD_SPAN (1UL << 30)
#define PGD_SPAN (1UL << 39)

/* Maps LEN bytes at exactly ADDR, filled; false if that place is taken. */
static bool map_at(uint64_t addr, size_t len)
{
	void *want = (void *)addr;
	void *p =
		mmap(want, len, RW,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != MAP_FAILED && p != want)
		munmap(p, len);
	if (p != want)
		return false;
	fill(p, len);
	return true;
}

static void heap(void)
{
	char *p = sbrk(64 * PAGE);

	NEED(p != (char *)-1);
	p = (char *)(((uintptr_t)p + PAGE - 1) & -PAGE);
	fill(p, 32 * PAGE);
	publish_range(NULL, p, 32 * PAGE);
}

/* Half a megabyte deep: grown by faults far below its first size. */
static void stack(void)
{
	char *p = alloca(512 << 10);

	p = (char *)(((uintptr_t)p + PAGE - 1) & -PAGE);
	for (size_t at = (512 << 10) - 2 * PAGE; at > 0; at -= PAGE)
		sprintf(p + at, "stack at %zx", at);
	publish_range(NULL, p + PAGE, 64 * PAGE);
	settle();
}

/* PROT_NONE of pages that have frames, and read-only ones. */
static void protections(void)
{
	static const struct {
		const char *name;
		int prot;
	} table[] = {
		{"none", PROT_NONE},
		{"read", PROT_READ},
		{"write", PROT_WRITE},
		{"exec", PROT_EXEC},
		{"read_exec", PROT_READ | PROT_EXEC},
		{"all", PROT_READ | PROT_WRITE | PROT_EXEC},
	};
	char *p;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		p = map(4 * PAGE, RW, MAP_PRIVATE, -1);
		fill(p, 4 * PAGE);
		NEED(mprotect(p, 4 * PAGE, table[i].prot) == 0);
		publish_range(table[i].name, p, 4 * PAGE);
	}
}

/* Pages 0, 1: the zero page; page 2 written; page 3 never touched. */
static void zero(void)
{
	volatile char *p = map(4 * PAGE, RW, MAP_PRIVATE, -1);

	(void)p[0];
	(void)p[PAGE];
	strcpy((char *)p + 2 * PAGE, "zero page 2");
	publish_range(NULL, (void *)p, 4 * PAGE);
}

/* Named areas; no kernel without CONFIG_ANON_VMA_NAME has them. */
static void named(void)
{
	void *private = map(2 * PAGE, RW, MAP_PRIVATE, -1);
	void *shared = map(2 * PAGE, RW, MAP_SHARED, -1);

	NEED(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, private, 2 * PAGE,
		   "qvmi name") == 0);
	publish_range("private", private, 2 * PAGE);
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, shared, 2 * PAGE,
		  "qvmi shared") == 0)
		publish_range("shared", shared, 2 * PAGE);
}

/* Parent and child share page 0; the child has written page 1 anew. */
static void fork_shared(void)
{
	char *p = map(2 * PAGE, RW, MAP_PRIVATE, -1);
	int fds[2];
	char byte;

	fill(p, 2 * PAGE);
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	if (spawn("fork child") == 0) {
		strcpy(p + PAGE, "written by the child");
		publish_range("child", p, 2 * PAGE);
		close(fds[1]);
		close(fds[0]);
		settle();
	}
	close(fds[1]);
	NEED(read(fds[0], &byte, 1) == 0);
	close(fds[0]);
	publish_range("parent", p, 2 * PAGE);
}

/* A thousand areas of one page each: a maple tree of several levels. */
static void many(void)
{
	char *p = map(1000 * PAGE, RW, MAP_PRIVATE, -1);

	for (size_t i = 0; i < 1000; i += 2)
		NEED(mprotect(p + i * PAGE, PAGE, PROT_READ) == 0);
	publish_range(NULL, p, 1000 * PAGE);
}

/* A page in every second terabyte, in as many page tables as possible. */
static void sparse(void)
{
	uint64_t first = 1UL << 40, step = (1UL << 41) + PUD_SPAN + PMD_SPAN;
	int n = 0;

	while (n < 30 && map_at(first + n * step, PAGE))
		n++;
	publish("sparse", getpid(), "addr=%#lx len=%#lx step=%#lx count=%d",
		first, PAGE, step, n);
}

/* Across each kind of page-table border, and both ends of user space. */
static void borders(void)
{
	uint64_t base = 64 * PGD_SPAN;
	const struct {
		const char *name;
		uint64_t addr;
		size_t len;
	} table[] = {
		{"pgd", base - PAGE, 2 * PAGE},
		{"pud", base + 3 * PUD_SPAN - PAGE, 2 * PAGE},
		{"pmd", base + 9 * PMD_SPAN - PAGE, 2 * PAGE},
		{"low", 0x10000, PAGE},
		{"top", 0x7fffffffe000, PAGE},
		/* only with five levels, and only since it is asked for */
		{"high", 1UL << 52, 2 * PAGE},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (map_at(table[i].addr, table[i].len))
			publish_range(table[i].name, (void *)table[i].addr,
				      table[i].len);
}

/* Areas that differ in what smaps calls VmFlags. */
static void advised(void)
{
	static const struct {
		const char *name;
		int advice;
	} table[] = {
		{"dontfork", MADV_DONTFORK},
		{"dontdump", MADV_DONTDUMP},
		{"wipeonfork", MADV_WIPEONFORK},
		{"mergeable", MADV_MERGEABLE},
		{"hugepage", MADV_HUGEPAGE},
		{"nohugepage", MADV_NOHUGEPAGE},
		{"sequential", MADV_SEQUENTIAL},
		{"random", MADV_RANDOM},
	};
	char *p;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		p = map(2 * PAGE, RW, MAP_PRIVATE, -1);
		fill(p, 2 * PAGE);
		NEED(madvise(p, 2 * PAGE, table[i].advice) == 0);
		publish_range(table[i].name, p, 2 * PAGE);
	}
	p = map(2 * PAGE, RW, MAP_PRIVATE, -1);
	NEED(mlock(p, 2 * PAGE) == 0);
	publish_range("locked", p, 2 * PAGE);
	p = map(2 * PAGE, RW, MAP_PRIVATE | MAP_GROWSDOWN, -1);
	publish_range("growsdown", p, 2 * PAGE);
	p = map(2 * PAGE, RW, MAP_PRIVATE | MAP_NORESERVE, -1);
	publish_range("noreserve", p, 2 * PAGE);
}

/* Protection keys lie in bits 59 to 62 of an entry. */
static void pkeys(void)
{
	int key = pkey_alloc(0, 0);
	char *p = map(2 * PAGE, RW, MAP_PRIVATE, -1);

	NEED(key > 0);
	fill(p, 2 * PAGE);
	NEED(pkey_mprotect(p, 2 * PAGE, RW, key) == 0);
	publish("pkey", getpid(), "addr=%p len=%#lx key=%d", p, 2 * PAGE, key);
}

/*
 * What a test changes from outside: `data` is read ten times a second, and
 * `code` (mov $imm32, %eax; ret) is called; a change of either is printed.
 */
static void watch(void)
{
	static const unsigned char code[] = {0xb8, 0x44, 0x33,
					     0x22, 0x11, 0xc3};
	const struct timespec tick = {.tv_nsec = 100000000};
	volatile uint64_t *data = map(PAGE, RW, MAP_PRIVATE, -1);
	char *text = map(PAGE, RW | PROT_EXEC, MAP_PRIVATE, -1);
	unsigned int (*call)(void) = (void *)text;
	unsigned int result;
	uint64_t seen;

	*data = seen = 0x1122334455667788;
	memcpy(text, code, sizeof(code));
	result = call();
	publish_range("data", (void *)data, PAGE);
	publish_range("code", text, PAGE);
	for (close(publish_fd);; nanosleep(&tick, NULL)) {
		if (*data != seen) {
			seen = *data;
			dprintf(1, "QVMI-WATCH data 0x%lx\n", seen);
		}
		if (call() != result) {
			result = call();
			dprintf(1, "QVMI-WATCH code 0x%x\n", result);
		}
	}
}

const struct scene anon_scenes[] = {
	{"heap", heap},	     {"stack", stack},	 {"prot", protections},
	{"zero", zero},	     {"named", named},	 {"fork", fork_shared},
	{"many", many},	     {"sparse", sparse}, {"border", borders},
	{"advice", advised}, {"pkey", pkeys},	 {"watch", watch},
	{NULL, NULL},
};
