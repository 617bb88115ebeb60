/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about pages that several share, and that tell what they see. */
#include "guest.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define RW	  (PROT_READ | PROT_WRITE)
#define KSM	  "/sys/kernel/mm/ksm/"
#define KSM_PAGES 4
#define LAZY	  64

/* Says "QVMI-SEES WHO VALUE" whenever the first word of a page changes. */
static void tell(const char *who, const volatile uint64_t *word, int pipe_end)
{
	const struct timespec tick = {.tv_nsec = 500000000};
	uint64_t seen = *word;

	for (close(publish_fd);; nanosleep(&tick, NULL)) {
		if (*word == seen)
			continue;
		seen = *word;
		dprintf(1, "QVMI-SEES %s %#lx\n", who, seen);
		if (pipe_end >= 0 && read(pipe_end, &seen, sizeof(seen)) == 8)
			dprintf(1, "QVMI-SEES in-pipe %#lx\n", seen);
		seen = *word;
	}
}

/* Parent and child share a page until one of them writes. */
static void both(void)
{
	char *p = map(PAGE, RW, MAP_PRIVATE, -1);

	fill(p, PAGE);
	if (spawn("both child") == 0) {
		publish_range("child", p, PAGE);
		tell("child", (void *)p, -1);
	}
	publish_range("parent", p, PAGE);
	tell("parent", (void *)p, -1);
}

/* A file, mapped privately but not written to by one, shared by another. */
static void seen(void)
{
	int fd = make_file("/tmp/seen", 1);
	char *p;

	if (spawn("seen shared") == 0) {
		p = map(PAGE, RW, MAP_SHARED, fd);
		publish_range("shared", p, PAGE);
		tell("shared", (void *)p, -1);
	}
	p = map(PAGE, RW, MAP_PRIVATE, fd);
	(void)*(volatile char *)p;
	publish_range("private", p, PAGE);
	tell("private", (void *)p, -1);
}

static int ksm_count(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 ? atoi(text) : -1;
}

/* Pages alike, merged into one; then merging is turned off again. */
static void ksm(void)
{
	char *p = map(KSM_PAGES * PAGE, RW, MAP_PRIVATE, -1);
	int before = ksm_count(KSM "pages_sharing");

	for (int i = 0; i < KSM_PAGES; i++)
		memset(p + i * PAGE, 'k', PAGE);
	NEED(madvise(p, KSM_PAGES * PAGE, MADV_MERGEABLE) == 0);
	NEED(write_file(KSM "sleep_millisecs", "1") &&
	     write_file(KSM "run", "1"));
	for (int i = 0; i < 200; i++) {
		if (ksm_count(KSM "pages_sharing") >= before + KSM_PAGES - 1)
			break;
		usleep(50000);
	}
	NEED(write_file(KSM "run", "0"));
	NEED(ksm_count(KSM "pages_sharing") >= before + KSM_PAGES - 1);
	publish_range(NULL, p, KSM_PAGES * PAGE);
}

/* A page that lies in a pipe, too, with no entry of a page table for it. */
static void in_pipe(void)
{
	char *p = map(PAGE, RW, MAP_PRIVATE, -1);
	struct iovec piece = {p, PAGE};
	int fds[2];

	fill(p, PAGE);
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	NEED(vmsplice(fds[1], &piece, 1, 0) == (ssize_t)PAGE);
	publish_range(NULL, p, PAGE);
	tell("pipe", (void *)p, fds[0]);
}

/* Pages that may be dropped, until they are written to again: page 1. */
static void lazy_free(void)
{
	char *p = map(LAZY * PAGE, RW, MAP_PRIVATE, -1);

	fill(p, LAZY * PAGE);
	NEED(madvise(p, LAZY * PAGE, MADV_FREE) == 0);
	p[PAGE] = 'L';
	publish_range(NULL, p, LAZY * PAGE);
}

const struct scene share_scenes[] = {
	{"both", both},	      {"seen", seen},		{"ksm", ksm},
	{"in_pipe", in_pipe}, {"lazy_free", lazy_free}, {NULL, NULL},
};
