/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads timers that are files, and how long they have still. */
#include "kernel/fs/timerfd.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CLOCK = WANTS_OF(READER_TIMERFD),
	FIELD_TICKS,
	FIELD_FLAGS,
	FIELD_INTERVAL,
	FIELD_TIMER_EXPIRES,
	FIELD_TIMER_BASE,
	FIELD_ALARM_EXPIRES,
	FIELD_ALARM_TYPE,
	FIELD_BASE_CLOCK,
	FIELD_BASE_INDEX
};

static const struct want want_table[] = {
	FIELD(CLOCK, "timerfd_ctx", REQUIRED, "clockid"),
	FIELD(TICKS, "timerfd_ctx", REQUIRED, "ticks"),
	FIELD(FLAGS, "timerfd_ctx", REQUIRED, "settime_flags"),
	FIELD(INTERVAL, "timerfd_ctx", REQUIRED, "tintv"),
	FIELD(TIMER_EXPIRES, "timerfd_ctx", REQUIRED, "t.tmr.node.expires"),
	FIELD(TIMER_BASE, "timerfd_ctx", REQUIRED, "t.tmr.base"),
	FIELD(ALARM_EXPIRES, "timerfd_ctx", REQUIRED, "t.alarm.node.expires"),
	FIELD(ALARM_TYPE, "timerfd_ctx", REQUIRED, "t.alarm.type"),
	FIELD(BASE_CLOCK, "hrtimer_clock_base", REQUIRED, "clockid"),
	FIELD(BASE_INDEX, "hrtimer_clock_base", REQUIRED, "index"),
};

const struct wants timerfd_wants = {.reader = "timers that are files",
				    .v = want_table,
				    .n = WANTS_N(want_table)};

static const uint32_t timer_fields[] = {FIELD_CLOCK,	     FIELD_TICKS,
					FIELD_FLAGS,	     FIELD_INTERVAL,
					FIELD_TIMER_EXPIRES, FIELD_TIMER_BASE,
					FIELD_ALARM_EXPIRES, FIELD_ALARM_TYPE};
static const uint32_t base_fields[] = {FIELD_BASE_CLOCK, FIELD_BASE_INDEX};

/* Clocks (include/uapi/linux/time.h) by the index of their bases, of which
 * there are twice as many (enum hrtimer_base_type, 4.16 to 7.2). */
enum {
	GUEST_REALTIME,
	GUEST_MONOTONIC,
	GUEST_BOOTTIME = 7,
	GUEST_REALTIME_ALARM,
	GUEST_BOOTTIME_ALARM
};
static const int32_t base_clocks[] = {GUEST_MONOTONIC, GUEST_REALTIME,
				      GUEST_BOOTTIME};

#define BASES_OF_A_KIND 4

/* What the time is by one of them; false: it is another one. */
static bool timerfd_now(const struct kernel_clock *clock, int32_t id,
			int64_t *now)
{
	switch (id) {
	case GUEST_MONOTONIC:
		*now = clock->mono;
		return true;
	case GUEST_REALTIME:
		*now = (int64_t)((uint64_t)clock->mono +
				 (uint64_t)clock->offs_real);
		return true;
	case GUEST_BOOTTIME:
		*now = (int64_t)((uint64_t)clock->mono +
				 (uint64_t)clock->offs_boot);
		return true;
	default:
		return false;
	}
}

static bool timerfd_is_alarm(const struct timerfd *t)
{
	return t->clock == GUEST_REALTIME_ALARM ||
	       t->clock == GUEST_BOOTTIME_ALARM;
}

/*
 * By which clock it runs: a relative one of CLOCK_REALTIME by another than it
 * is called.  A timer that is just being moved to another CPU has a base of no
 * clock (migration_base of kernel/time/hrtimer.c); enum alarmtimer_type has
 * REALTIME, then BOOTTIME.
 */
static int32_t timerfd_clock(const struct timerfd *t, const struct records *r,
			     const struct records *bases, size_t i)
{
	uint64_t index = records_u64(bases, i, FIELD_BASE_INDEX);
	int32_t clock = (int32_t)records_u64(bases, i, FIELD_BASE_CLOCK);

	if (timerfd_is_alarm(t))
		return records_u64(r, i, FIELD_ALARM_TYPE) ? GUEST_BOOTTIME
							   : GUEST_REALTIME;
	index %= BASES_OF_A_KIND;
	if (!bases->ok[i] || index >= WANTS_N(base_clocks) ||
	    base_clocks[index] != clock)
		return -1;
	return clock;
}

/* timerfd_get_remaining() */
static void timerfd_take(struct timerfd *t, const struct records *r,
			 const struct records *bases, size_t i,
			 const struct kernel_clock *clock)
{
	int64_t now, expires;

	*t = (struct timerfd){
		.clock = (int32_t)records_u64(r, i, FIELD_CLOCK),
		.ticks = records_u64(r, i, FIELD_TICKS),
		.flags = (uint32_t)records_u64(r, i, FIELD_FLAGS),
		.interval = (int64_t)records_u64(r, i, FIELD_INTERVAL)};
	expires =
		(int64_t)records_u64(r, i,
				     timerfd_is_alarm(t) ? FIELD_ALARM_EXPIRES
							 : FIELD_TIMER_EXPIRES);
	t->known = r->ok[i] &&
		   timerfd_now(clock, timerfd_clock(t, r, bases, i), &now);
	if (!t->known)
		*t = (struct timerfd){0};
	else if (expires > now)
		t->left = (int64_t)((uint64_t)expires - (uint64_t)now);
}

int timerfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		  struct timerfd *out, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records bases = {0};
	struct kernel_clock clock;
	size_t i;
	int rc = at ? kernel_clock_read(k, &clock, err) : err_nomem(err);

	for (i = 0; i < n; i++)
		out[i] = (struct timerfd){0};
	if (rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE)
		return 0;
	if (!rc)
		rc = records_read(k, addrs, n, timer_fields,
				  WANTS_N(timer_fields), &r, err);
	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&r, i, FIELD_TIMER_BASE);
	if (!rc)
		rc = records_read(k, at, n, base_fields, WANTS_N(base_fields),
				  &bases, err);
	for (i = 0; i < n && !rc; i++)
		timerfd_take(&out[i], &r, &bases, i, &clock);
	return rc;
}
