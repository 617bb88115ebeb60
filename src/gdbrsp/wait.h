/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a descriptor, for so long and not longer, or until a signal. */
#ifndef GDBRSP_WAIT_H
#define GDBRSP_WAIT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A wait without progress.  A signal that comes between the look at the flag
 * and poll() does not end the poll, so it runs in slices.
 */
struct gdbrsp_wait {
	unsigned int timeout_ms;
	const volatile sig_atomic_t *interrupt; /* may be NULL */
	bool held; /* a signal ends nothing, a second one does (2 and more) */
	uint64_t again_us; /* when the second one was seen */
	uint64_t since_ms;
	uint64_t until_us;  /* no wait lasts longer, whatever comes; 0: any */
	uint64_t answer_us; /* likewise, for what is awaited now; 0: any */
	/* Slept before it is looked whether something came; 0: nothing is. */
	unsigned int linger_us;
	void (*tick)(void *arg); /* at each wait and slice; may be NULL */
	void *arg;
};

/* Count the timeout from now: there was progress. */
void gdbrsp_wait_start(struct gdbrsp_wait *w);

/*
 * Wait for poll events on fd.  The events that came; or -1 with errno EINTR
 * (the flag is set), ETIMEDOUT, ETIME (until_us is over), EPROTO (answer_us
 * is), or what poll() says.
 */
int gdbrsp_wait(struct gdbrsp_wait *w, int fd, short events);

/* The words for ETIME; returns ERR_INTERRUPTED. */
int gdbrsp_wait_too_long(struct err *err);

/*
 * The same limits between two steps that do not wait: 0, or ERR_INTERRUPTED
 * where the flag asks for an end, or until_us is over.
 */
int gdbrsp_wait_over(const struct gdbrsp_wait *w, struct err *err);

/* Let `ms` pass; 0, or -1 as above. */
int gdbrsp_wait_idle(struct gdbrsp_wait *w, unsigned int ms);

#endif
