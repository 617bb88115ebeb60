/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own idea of what time it is. */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* What its timekeeper says, as of its last tick: nanoseconds. */
struct kernel_clock {
	int64_t mono;	   /* CLOCK_MONOTONIC */
	int64_t offs_boot; /* what CLOCK_BOOTTIME is ahead of that */
	int64_t offs_real; /* what CLOCK_REALTIME is ahead of it */
};

/*
 * Read it (docs/facts/kernel.md, "Time of day").  How far the time has gone on
 * since is known to the guest's clock alone, which cannot be asked: not at all
 * where a vCPU works, some seconds where all are idle.  ERR_NOT_FOUND: this
 * kernel has none.
 */
int kernel_clock_read(struct kernel *k, struct kernel_clock *out,
		      struct err *err);

/*
 * Ticks in a second (CONFIG_HZ), by the clock of jiffies (docs/facts/kernel.md,
 * "CPUs"); 0: it is not told.
 */
int kernel_hz(struct kernel *k, uint32_t *hz, struct err *err);

/*
 * When it booted, by its clock as that is set now: nanoseconds since 1970, UTC.
 * From timekeeper.offs_real - offs_boot (docs/facts/kernel.md, "Time of day").
 * ERR_NOT_FOUND: this kernel has neither.
 */
int kernel_boot_time(struct kernel *k, int64_t *ns, struct err *err);

/* Jiffies as ticks of USER_HZ, 100 in a second (kernel/time/time.c,
 * jiffies_to_clock_t()). */
uint64_t kernel_clock_ticks(uint64_t jiffies, uint32_t hz);

#endif
