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
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/sockios.h>

/* Shared with the peer. */
struct clock {
	atomic_uint turns; /* odd while it waits, another number each time */
	atomic_ullong leapt_ms;
	atomic_ullong wake_ms; /* when it has slept enough; 0: it does not */
};

static struct clock *now;

static struct timespec began;

void peer_clock_start(void)
{
	unsigned long long leapt_ms = now ? now->leapt_ms : 0;
	struct clock *page;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(page != MAP_FAILED);
	if (!now)
		clock_gettime(CLOCK_MONOTONIC, &began);
	now = page;
	now->leapt_ms = leapt_ms;
}

/* What is there is still to be read when it waits no more: it shows. */
void peer_clock_await(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	atomic_fetch_add(&now->turns, 1);
	ppoll(&p, 1, NULL, NULL);
	atomic_fetch_add(&now->turns, 1);
}

/* Nothing is on its way. */
static bool is_empty(int fd)
{
	int sent = 0, came = 0;

	return !ioctl(fd, SIOCOUTQ, &sent) && !sent &&
	       !ioctl(fd, SIOCINQ, &came) && !came;
}

/*
 * How far time can leap: not at all where one has something to do, and not past
 * where the peer wakes up.
 */
static unsigned long long leap(int fd, int timeout)
{
	unsigned int turn = atomic_load(&now->turns);
	unsigned long long ms = (unsigned long long)timeout;
	unsigned long long wake_ms = now->wake_ms, at = now->leapt_ms;

	if (wake_ms && at + ms > wake_ms)
		ms = wake_ms - at;
	return turn % 2 && is_empty(fd) && atomic_load(&now->turns) == turn ? ms
									    : 0;
}

/* By another name, since libc's declaration says that it does not look at what
 * it is asked. */
int clock_poll(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");

int clock_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	const struct timespec none = {0}, ms = {.tv_nsec = 1000000};
	struct timespec whole = {timeout / 1000, timeout % 1000 * 1000000};
	unsigned long long some = 0;
	bool first;
	int ret;

	/* Who does not wait for an answer is not in the play. */
	if (!now || (n && !(fds->events & POLLIN)))
		return ppoll(fds, n, timeout < 0 ? NULL : &whole, NULL);
	for (first = true; n && !some; first = false) {
		ret = ppoll(fds, n, first ? &none : &ms, NULL);
		if (ret)
			return ret;
		some = leap(fds->fd, timeout);
	}
	now->leapt_ms += n ? some : (unsigned long long)timeout;
	return 0;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	if (!now || id != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, id, ts);
	*ts = began;
	ts->tv_sec += (time_t)(now->leapt_ms / 1000);
	ts->tv_nsec += (long)(now->leapt_ms % 1000 * 1000000);
	if (ts->tv_nsec >= 1000000000) {
		ts->tv_nsec -= 1000000000;
		ts->tv_sec++;
	}
	return 0;
}

void peer_clock_leap(unsigned int ms)
{
	now->leapt_ms += ms;
}

bool peer_clock_sleep(int fd, unsigned int ms)
{
	char bytes[4096];
	ssize_t n = -1;

	now->wake_ms = now->leapt_ms + ms;
	atomic_fetch_add(&now->turns, 1);
	while (n && now->leapt_ms < now->wake_ms) {
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n < 0)
			usleep(100);
	}
	atomic_fetch_add(&now->turns, 1);
	now->wake_ms = 0;
	return n != 0;
}
