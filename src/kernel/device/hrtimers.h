/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of high resolution that wait, clock by clock of each CPU. */
#ifndef KERNEL_HRTIMERS_H
#define KERNEL_HRTIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

struct hrtimer {
	uint64_t at, function;
	int64_t soft, hard; /* when it may expire, and must */
	uint8_t state;	    /* is_queued, from 7.1 on */
};

/* A struct hrtimer_clock_base. */
struct hrtimer_base {
	uint64_t at, get_time;
	int32_t index;
	int64_t offset;	     /* of its clock, to CLOCK_MONOTONIC */
	size_t first, count; /* its timers, the next one first */
};

/* Numbers of a struct hrtimer_cpu_base. */
enum hrtimer_number {
	HRTIMER_EXPIRES_NEXT,
	HRTIMER_HRES_ACTIVE,
	HRTIMER_EVENTS,
	HRTIMER_RETRIES,
	HRTIMER_HANGS,
	HRTIMER_MAX_HANG,
	HRTIMER_NUMBERS
};

struct hrtimer_cpu {
	uint32_t cpu;
	uint64_t v[HRTIMER_NUMBERS];
};

struct hrtimers {
	VEC(struct hrtimer_cpu) cpus; /* that are online */
	size_t n_bases;		      /* of each: HRTIMER_MAX_CLOCK_BASES */
	struct hrtimer_base *bases;   /* of each in turn */
	bool has_get_time;	      /* up to 6.17 */
	VEC(struct hrtimer) timers;
};

/*
 * Read them (hrtimer_bases; include/linux/hrtimer_defs.h,
 * kernel/time/timer_list.c): a batch for each level of the deepest tree of
 * timers, and two more.  ERR_NO_LINUX: kept in no way that is known; damage is
 * in the remarks.  The caller frees with hrtimers_deinit(), also after an
 * error.
 */
int hrtimers_read(struct kernel *k, const struct cpus *cpus,
		  struct hrtimers *out, struct remarks *remarks,
		  struct err *err);
void hrtimers_deinit(struct hrtimers *h);

#endif
