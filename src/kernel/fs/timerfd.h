/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers that are files. */
#ifndef KERNEL_TIMERFD_H
#define KERNEL_TIMERFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* One struct timerfd_ctx (fs/timerfd.c, timerfd_show(), 5.10 to 7.2). */
struct timerfd {
	bool known;	/* false: it cannot be read, and nothing else is set */
	int32_t clock;	/* CLOCK_* */
	uint64_t ticks; /* that nobody has read yet */
	uint32_t flags; /* TFD_TIMER_* that it was set with */
	int64_t left;	/* nanoseconds from the last tick of the guest's own
			   clock on (clock.h); 0: it is not set, or over */
	int64_t interval;
};

/* Read n of them in two batches, and the guest's clock; without that none is
 * known.  ERR_NO_LINUX: nor are they where types do not tell of them. */
int timerfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		  struct timerfd *out, struct err *err);

#endif
