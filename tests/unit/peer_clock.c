/* SPDX-License-Identifier: BSD-2-Clause */
/* Time for tests with a peer: poll() and clock_gettime() in place of libc's. */
#include "unit/peer_clock.h"

#include <check.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/sockios.h>

/* Shared with the peer: odd while it waits, another number each time. */
static atomic_uint *turns;

static uint64_t leapt_ms;
static struct timespec began;

void peer_clock_start(void)
{
	atomic_uint *page;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(page != MAP_FAILED);
	if (!turns)
		clock_gettime(CLOCK_MONOTONIC, &began);
	turns = page;
}

void peer_clock_wait_begins(void)
{
	atomic_fetch_add(turns, 1);
}

void peer_clock_wait_ends(void)
{
	atomic_fetch_add(turns, 1);
}

/* Nothing is on its way, and the peer waits for more. */
static bool both_wait(int fd)
{
	unsigned int turn = atomic_load(turns);
	int sent = 0, came = 0;

	return turn % 2 && !ioctl(fd, SIOCOUTQ, &sent) && !sent &&
	       !ioctl(fd, SIOCINQ, &came) && !came &&
	       atomic_load(turns) == turn;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	const struct timespec ms = {.tv_nsec = 1000000};
	struct timespec whole = {timeout / 1000, timeout % 1000 * 1000000};
	int ret;

	if (!turns)
		return ppoll(fds, n, timeout < 0 ? NULL : &whole, NULL);
	while (n) {
		ret = ppoll(fds, n, &ms, NULL);
		if (ret)
			return ret;
		if (both_wait(fds->fd))
			break;
	}
	leapt_ms += (uint64_t)timeout;
	return 0;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!turns || id != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, id, ts);
	*ts = began;
	ts->tv_sec += (time_t)(leapt_ms / 1000);
	ts->tv_nsec += (long)(leapt_ms % 1000 * 1000000);
	if (ts->tv_nsec >= 1000000000) {
		ts->tv_nsec -= 1000000000;
		ts->tv_sec++;
	}
	return 0;
}
