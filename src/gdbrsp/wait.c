/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a descriptor, for so long and not longer, or until a signal. */
#include "gdbrsp/wait.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#define SLICE_MS 50

uint64_t gdbrsp_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void gdbrsp_wait_start(struct gdbrsp_wait *w)
{
	w->since_ms = gdbrsp_now_us() / 1000;
}

/* The milliseconds left, capped; -1 with errno set where none are. */
static int slice(const struct gdbrsp_wait *w, unsigned int cap)
{
	uint64_t now_us = gdbrsp_now_us(), left;
	uint64_t passed = now_us / 1000 - w->since_ms;

	if (w->interrupt && *w->interrupt) {
		errno = EINTR;
		return -1;
	}
	if (w->until_us && now_us >= w->until_us) {
		errno = ETIME;
		return -1;
	}
	if (passed >= w->timeout_ms) {
		errno = ETIMEDOUT;
		return -1;
	}
	left = w->timeout_ms - passed;
	if (w->until_us && (w->until_us - now_us) / 1000 < left)
		left = (w->until_us - now_us) / 1000 + 1;
	return (int)(left < cap ? left : cap);
}

int gdbrsp_wait(struct gdbrsp_wait *w, int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	int ms, ret;

	for (;;) {
		ms = slice(w, SLICE_MS);
		if (ms < 0)
			return -1;
		if (w->tick)
			w->tick(w->arg);
		ret = poll(&p, 1, ms);
		if (ret > 0)
			return p.revents;
		if (ret < 0 && errno != EINTR)
			return -1;
	}
}

int gdbrsp_wait_idle(struct gdbrsp_wait *w, unsigned int ms)
{
	int left = slice(w, ms);

	if (left < 0)
		return -1;
	poll(NULL, 0, left);
	return 0;
}
