/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a descriptor, for so long and not longer, or until a signal. */
#include "gdbrsp/wait.h"

#include <errno.h>
#include <stddef.h>

#include "base/clock.h"
#include "gdbrsp/limits.h"

#define SLICE_MS 50

void gdbrsp_wait_start(struct gdbrsp_wait *w)
{
	w->since_ms = clock_now_us() / 1000;
}

/*
 * Whether signals end it.  Where one alone does not, the second leaves some
 * time: what is to be put back mostly is by then.
 */
static bool is_over(struct gdbrsp_wait *w, uint64_t now_us)
{
	if (!w->interrupt || *w->interrupt <= (w->held ? 1 : 0))
		return false;
	if (w->held && !w->again_us)
		w->again_us = now_us;
	return !w->held || now_us - w->again_us >= GDBRSP_AGAIN_MS * 1000;
}

/* No more than the milliseconds up to a moment, if there is one. */
static uint64_t up_to(uint64_t ms, uint64_t now_us, uint64_t until_us)
{
	if (until_us && (until_us - now_us) / 1000 < ms)
		return (until_us - now_us) / 1000 + 1;
	return ms;
}

/* The milliseconds left, capped; -1 with errno set where none are. */
static int slice(struct gdbrsp_wait *w, unsigned int cap)
{
	uint64_t now_us = clock_now_us(), left;
	uint64_t passed = now_us / 1000 - w->since_ms;

	errno = is_over(w, now_us)			 ? EINTR
		: w->until_us && now_us >= w->until_us	 ? ETIME
		: passed >= w->timeout_ms		 ? ETIMEDOUT
		: w->answer_us && now_us >= w->answer_us ? EPROTO
							 : 0;
	if (errno)
		return -1;
	left = up_to(w->timeout_ms - passed, now_us, w->until_us);
	left = up_to(left, now_us, w->answer_us);
	return (int)(left < cap ? left : cap);
}

static void linger(const struct gdbrsp_wait *w)
{
	const struct timespec t = {.tv_nsec = 1000L * w->linger_us};

	if (w->linger_us)
		nanosleep(&t, NULL);
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
		linger(w);
		ret = poll(&p, 1, ms);
		if (ret > 0)
			return p.revents;
		if (ret < 0 && errno != EINTR)
			return -1;
	}
}

int gdbrsp_wait_too_long(struct err *err)
{
	return err_set(err, ERR_INTERRUPTED,
		       "the guest has stood still as long as it may");
}

int gdbrsp_wait_over(const struct gdbrsp_wait *w, struct err *err)
{
	if (w->interrupt && *w->interrupt > (w->held ? 1 : 0))
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (w->until_us && clock_now_us() >= w->until_us)
		return gdbrsp_wait_too_long(err);
	return 0;
}

int gdbrsp_wait_idle(struct gdbrsp_wait *w, unsigned int ms)
{
	int left = slice(w, ms);

	if (left < 0)
		return -1;
	poll(NULL, 0, left);
	return 0;
}
