/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own idea of what time it is. */
#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * When it booted, by its clock as that is set now: nanoseconds since 1970, UTC.
 * From timekeeper.offs_real - offs_boot (docs/facts/kernel.md, "Time of day").
 * ERR_NOT_FOUND: this kernel has neither.
 */
int kernel_boot_time(struct kernel *k, int64_t *ns, struct err *err);

/*
 * Jiffies in a second: clocksource_jiffies has the length of one, in
 * nanoseconds.  0: that is not known.
 */
int kernel_hz(struct kernel *k, uint32_t *hz, struct err *err);

/* Jiffies as ticks of USER_HZ, 100 in a second (kernel/time/time.c,
 * jiffies_to_clock_t()). */
uint64_t kernel_clock_ticks(uint64_t jiffies, uint32_t hz);

#endif
