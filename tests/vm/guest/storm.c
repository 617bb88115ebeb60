/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes that never stand still, only if asked for: qvmi.storm=N. */
#include "guest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW	     (PROT_READ | PROT_WRITE)
#define WINDOW_PAGES 64
#define WAVE_PAGES   1024

/* Shared, so that whoever stands still can be seen from the outside. */
static void *counter(void)
{
	return map(PAGE, RW, MAP_SHARED, -1);
}

/* A short life: some areas come, split, and go; some children exec. */
static void live(uint64_t n)
{
	static const char *const names[] = {"short", "shorter", "a) R (b"};
	char *p;

	prctl(PR_SET_NAME, names[n % 3]);
	for (int i = 0; i < 4; i++) {
		p = map(8 * PAGE, RW, MAP_PRIVATE, -1);
		p[0] = 1;
		mprotect(p + 2 * PAGE, PAGE, PROT_READ);
		munmap(p + (n + i) % 8 * PAGE, PAGE);
	}
	if (n % 8 == 0)
		execl("/bin/busybox", "busybox", "true", NULL);
	_exit(0);
}

/* Forks as fast as it can; counts the children that have ended well. */
static void storm(void)
{
	uint64_t *count = counter();
	int status;
	pid_t pid;

	publish(scene_name, getpid(), "addr=%p", (void *)count);
	close(publish_fd);
	for (uint64_t n = 0;; n++) {
		pid = fork();
		if (pid == 0)
			live(n);
		if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
			++*count;
	}
}

static void storms(void)
{
	int count = param(" qvmi.storm=", 0);
	char label[32];

	for (int i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "storm.%d", i);
		scene_name = label;
		if (spawn(label) == 0)
			storm();
	}
}

/* All that changes in this address space is one window of pages. */
static void mapper(void)
{
	uint64_t *count = counter();
	char *window, *p;

	/* a border on each side, so that no neighbour is merged with it */
	p = map((WINDOW_PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE, -1);
	window = p + PAGE;
	munmap(window, WINDOW_PAGES * PAGE);
	publish(scene_name, getpid(), "addr=%p len=%#lx count=%p", window,
		WINDOW_PAGES * PAGE, (void *)count);
	close(publish_fd);
	for (uint32_t n = 1;; n = n * 1664525 + 1013904223) {
		p = window + (n >> 16) % (WINDOW_PAGES - 4) * PAGE;
		if (n >> 30 == 0)
			munmap(p, 2 * PAGE);
		else if (n >> 30 == 1)
			mprotect(p, 3 * PAGE, PROT_READ);
		else
			mmap(p, (1 + (n >> 12) % 4) * PAGE, RW,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		++*count;
	}
}

/*
 * The number of the round at the start of each page, from the first page to
 * the last: whoever sees them all at one moment sees one step at most.
 */
static void wave(void)
{
	volatile uint64_t *pages;

	pages = map(WAVE_PAGES * PAGE, RW, MAP_PRIVATE, -1);
	for (int i = 0; i < WAVE_PAGES; i++)
		pages[i * PAGE / sizeof(*pages)] = 0;
	publish(scene_name, getpid(), "addr=%p len=%#lx", (void *)pages,
		WAVE_PAGES * PAGE);
	close(publish_fd);
	for (uint64_t round = 1;; round++)
		for (int i = 0; i < WAVE_PAGES; i++)
			pages[i * PAGE / sizeof(*pages)] = round;
}

const struct scene storm_scenes[] = {
	{"storms", storms},
	{"mapper", mapper},
	{"wave", wave},
	{NULL, NULL},
};
