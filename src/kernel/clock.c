/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own idea of what time it is. */
#include "kernel/clock.h"

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_TK_DATA_TIMEKEEPER = WANTS_OF(READER_CLOCK),
	FIELD_TK_OFFS_REAL,
	FIELD_TK_OFFS_BOOT,
	FIELD_TK_BASE,
	FIELD_TK_NSEC,
	FIELD_TK_SHIFT,
	FIELD_CLOCK_MULT,
	FIELD_CLOCK_SHIFT
};

static const struct want want_table[] = {
	FIELD(TK_DATA_TIMEKEEPER, "tk_data", OPTIONAL, "timekeeper"), /* 6.13 */
	FIELD(TK_OFFS_REAL, "timekeeper", OPTIONAL, "offs_real"),
	FIELD(TK_OFFS_BOOT, "timekeeper", OPTIONAL, "offs_boot"),
	FIELD(TK_BASE, "timekeeper", OPTIONAL, "tkr_mono.base"),
	FIELD(TK_NSEC, "timekeeper", OPTIONAL, "tkr_mono.xtime_nsec"),
	FIELD(TK_SHIFT, "timekeeper", OPTIONAL, "tkr_mono.shift"),
	FIELD(CLOCK_MULT, "clocksource", OPTIONAL, "mult"),
	FIELD(CLOCK_SHIFT, "clocksource", OPTIONAL, "shift"),
};

const struct wants clock_wants = {
	.reader = "the time", .v = want_table, .n = WANTS_N(want_table)};

/* Behind a seqcount, where no type tells (up to 6.12: an anonymous struct). */
#define TIMEKEEPER_AT 8

static const uint32_t clock_fields[] = {
	FIELD_TK_OFFS_REAL, FIELD_TK_OFFS_BOOT, FIELD_TK_BASE,
	FIELD_TK_NSEC,	    FIELD_TK_SHIFT,
};

static int clock_read(struct kernel *k, struct records *r, struct err *err)
{
	const struct profile_field *at =
		profile_field(k->profile, FIELD_TK_DATA_TIMEKEEPER);
	uint64_t va;
	int rc;

	if ((!profile_symbol(k->profile, "timekeeper_data", &va) &&
	     !profile_symbol(k->profile, "tk_core", &va)) ||
	    !profile_field(k->profile, FIELD_TK_OFFS_REAL)->present ||
	    !profile_field(k->profile, FIELD_TK_OFFS_BOOT)->present)
		return err_set(err, ERR_NOT_FOUND,
			       "this kernel keeps its time %s "
			       "(timekeeper_data, tk_core)",
			       profile_keeps(k->profile));
	va += at->present ? at->offset : TIMEKEEPER_AT;
	rc = records_read(k, &va, 1, clock_fields, WANTS_N(clock_fields), r,
			  err);
	if (!rc && !r->ok[0])
		rc = err_set(err, ERR_UNREADABLE,
			     "the timekeeper cannot be read");
	return rc;
}

int kernel_clock_read(struct kernel *k, struct kernel_clock *out,
		      struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	int rc = clock_read(k, &r, err);

	if (!rc)
		*out = (struct kernel_clock){
			.mono = (int64_t)(records_u64(&r, 0, FIELD_TK_BASE) +
					  (records_u64(&r, 0, FIELD_TK_NSEC) >>
					   (records_u64(&r, 0, FIELD_TK_SHIFT) &
					    63))),
			.offs_boot =
				(int64_t)records_u64(&r, 0, FIELD_TK_OFFS_BOOT),
			.offs_real = (int64_t)records_u64(&r, 0,
							  FIELD_TK_OFFS_REAL)};
	return rc;
}

int kernel_boot_time(struct kernel *k, int64_t *ns, struct err *err)
{
	struct kernel_clock clock;
	int rc = kernel_clock_read(k, &clock, err);

	if (!rc)
		*ns = (int64_t)((uint64_t)clock.offs_real -
				(uint64_t)clock.offs_boot);
	return rc;
}

#define NS_PER_S 1000000000u
#define USER_HZ	 100u

int kernel_hz(struct kernel *k, uint32_t *hz, struct err *err)
{
	const struct profile_field *mult =
		profile_field(k->profile, FIELD_CLOCK_MULT);
	const struct profile_field *shift =
		profile_field(k->profile, FIELD_CLOCK_SHIFT);
	struct variable v[] = {{.name = "clocksource_jiffies",
				.size = mult->present ? 4 : 0,
				.offset = mult->offset},
			       {.name = "clocksource_jiffies",
				.size = shift->present ? 4 : 0,
				.offset = shift->offset}};
	int rc = variables_read(k, v, 2, err);
	/* nanoseconds of a tick */
	uint64_t tick = v[0].value >> (v[1].value & 31);

	*hz = !rc && tick ? (uint32_t)((NS_PER_S + tick / 2) / tick) : 0;
	return rc;
}

uint64_t kernel_clock_ticks(uint64_t jiffies, uint32_t hz)
{
	uint64_t tick = (NS_PER_S + hz / 2) / hz;

	return jiffies * tick / (NS_PER_S / USER_HZ);
}
