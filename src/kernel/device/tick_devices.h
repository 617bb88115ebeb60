/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes the ticks of CPUs, and when they had none. */
#ifndef KERNEL_TICK_DEVICES_H
#define KERNEL_TICK_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpu_masks.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* Members of struct tick_sched of these names (kernel/time/tick-sched.h). */
enum tick_number {
	TICK_NOHZ_MODE, /* up to 6.8 */
	TICK_LAST,
	TICK_STOPPED, /* up to 6.8 */
	TICK_IDLE_JIFFIES,
	TICK_CALLS,
	TICK_SLEEPS,
	TICK_ENTRY,
	TICK_WAKE,
	TICK_EXIT, /* up to 7.0, as the next two */
	TICK_SLEEP,
	TICK_IOWAIT,
	TICK_LAST_JIFFIES,
	TICK_NEXT,
	TICK_EXPIRES,
	TICK_FLAGS, /* 6.9: TS_FLAG_* */
	TICK_NUMBERS
};

struct tick_sched {
	uint64_t v[TICK_NUMBERS];
};

/* Functions of a struct clock_event_device, in the order in which
 * /proc/timer_list shows them. */
enum tick_function {
	TICK_SET_NEXT,
	TICK_SHUTDOWN,
	TICK_PERIODIC,
	TICK_ONESHOT,
	TICK_ONESHOT_STOPPED,
	TICK_RESUME,
	TICK_HANDLER,
	TICK_FUNCTIONS
};

#define TICK_NAME 32

/* A struct tick_device, and its struct clock_event_device. */
struct tick_device {
	int32_t mode;
	bool has_device;
	char name[TICK_NAME], wakeup[TICK_NAME]; /* raw bytes */
	bool has_wakeup;
	uint64_t max_ns, min_ns, retries;
	uint32_t mult, shift, state;
	int64_t next_event;
	uint64_t function[TICK_FUNCTIONS];
};

struct tick_devices {
	size_t n; /* CPUs that are online, in order */
	struct tick_sched *ticks;
	bool has[TICK_NUMBERS];
	struct tick_device *of; /* of each; behind them, the broadcast device */
	struct cpu_masks masks; /* tick_broadcast_mask, .._oneshot_mask */
	bool has_wakeup;	/* 5.14 */
};

/*
 * Read them: five batches, and one more where masks are apart.  ERR_NO_LINUX:
 * kept in no way that is known; damage is in the remarks.  The caller frees
 * with tick_devices_deinit(), also after an error.
 */
int tick_devices_read(struct kernel *k, const struct cpus *cpus,
		      struct tick_devices *out, struct remarks *remarks,
		      struct err *err);
void tick_devices_deinit(struct tick_devices *d);

#endif
