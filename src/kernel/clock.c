/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own idea of what time it is. */
#include "kernel/clock.h"

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TK_DATA_TIMEKEEPER = WANTS_OF(READER_CLOCK),
	FIELD_TK_OFFS_REAL,
	FIELD_TK_OFFS_BOOT,
	FIELD_CLOCKSOURCE_MULT,
	FIELD_CLOCKSOURCE_SHIFT
};

static const struct want want_table[] = {
	FIELD(TK_DATA_TIMEKEEPER, "tk_data", OPTIONAL, "timekeeper"), /* 6.13 */
	FIELD(TK_OFFS_REAL, "timekeeper", OPTIONAL, "offs_real"),
	FIELD(TK_OFFS_BOOT, "timekeeper", OPTIONAL, "offs_boot"),
	FIELD(CLOCKSOURCE_MULT, "clocksource", OPTIONAL, "mult"),
	FIELD(CLOCKSOURCE_SHIFT, "clocksource", OPTIONAL, "shift"),
};

const struct wants clock_wants = {
	.reader = "the time", .v = want_table, .n = WANTS_N(want_table)};

/* Behind a seqcount, where no type tells (up to 6.12: an anonymous struct). */
#define TIMEKEEPER_AT 8

int kernel_boot_time(struct kernel *k, int64_t *ns, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TK_OFFS_REAL,
					  FIELD_TK_OFFS_BOOT};
	const struct profile_field *at =
		profile_field(k->profile, FIELD_TK_DATA_TIMEKEEPER);
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t va;
	int rc;

	if ((!profile_symbol(k->profile, "timekeeper_data", &va) &&
	     !profile_symbol(k->profile, "tk_core", &va)) ||
	    !profile_field(k->profile, fields[0])->present ||
	    !profile_field(k->profile, fields[1])->present)
		return err_set(err, ERR_NOT_FOUND,
			       "this kernel keeps its time %s "
			       "(timekeeper_data, tk_core)",
			       profile_keeps(k->profile));
	va += at->present ? at->offset : TIMEKEEPER_AT;
	rc = records_read(k, &va, 1, fields, 2, &r, err);
	if (!rc && !r.ok[0])
		rc = err_set(err, ERR_UNREADABLE,
			     "the timekeeper cannot be read");
	if (!rc)
		*ns = (int64_t)(records_u64(&r, 0, fields[0]) -
				records_u64(&r, 0, fields[1]));
	return rc;
}

#define NS_PER_S 1000000000ULL
#define USER_HZ	 100u

int kernel_hz(struct kernel *k, uint32_t *hz, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CLOCKSOURCE_MULT,
					  FIELD_CLOCKSOURCE_SHIFT};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t va, shift, tick;
	int rc;

	*hz = 0;
	if (!profile_symbol(k->profile, "clocksource_jiffies", &va))
		return 0;
	rc = records_read(k, &va, 1, fields, 2, &r, err);
	if (rc)
		return rc;
	shift = records_u64(&r, 0, FIELD_CLOCKSOURCE_SHIFT);
	tick = shift < 32 ? records_u64(&r, 0, FIELD_CLOCKSOURCE_MULT) >> shift
			  : 0;
	if (tick)
		*hz = (uint32_t)((NS_PER_S + tick / 2) / tick);
	return 0;
}

uint64_t kernel_clock_ticks(uint64_t jiffies, uint32_t hz)
{
	uint64_t tick = (NS_PER_S + hz / 2) / hz;

	return jiffies * tick / (NS_PER_S / USER_HZ);
}
