/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how much tasks had to wait. */
#include "kernel/task/pressure.h"

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_GROUP_TOTAL = WANTS_OF(READER_PRESSURE),
	FIELD_GROUP_AVERAGE,
	FIELD_KEY_ENABLED,
	CONSTANT_IO,
	CONSTANT_MEMORY,
	CONSTANT_CPU,
	CONSTANT_CPU_FULL
};

static const struct want want_table[] = {
	FIELD(GROUP_TOTAL, "psi_group", OPTIONAL, "total"),
	FIELD(GROUP_AVERAGE, "psi_group", OPTIONAL, "avg"),
	FIELD(KEY_ENABLED, "static_key", OPTIONAL, "enabled"),
	CONSTANT(IO, "psi_res", "PSI_IO"),
	CONSTANT(MEMORY, "psi_res", "PSI_MEM"),
	CONSTANT(CPU, "psi_res", "PSI_CPU"),
	CONSTANT(CPU_FULL, "psi_states", "PSI_CPU_FULL"), /* 5.13 */
};

const struct wants pressure_wants = {
	.reader = "pressure", .v = want_table, .n = WANTS_N(want_table)};

#define NS_PER_US 1000u

static struct pressure pressure_take(const struct records *r, size_t state)
{
	const uint8_t *total = records_bytes(r, 0, FIELD_GROUP_TOTAL);
	const uint8_t *average = records_bytes(r, 0, FIELD_GROUP_AVERAGE);
	struct pressure p = {0};
	size_t i;

	if ((state + 1) * 24 > records_size(r, FIELD_GROUP_AVERAGE) ||
	    (state + 1) * 8 > records_size(r, FIELD_GROUP_TOTAL))
		return p;
	for (i = 0; i < 3; i++)
		p.average[i] = le64(average + state * 24 + i * 8);
	p.total_us = le64(total + state * 8) / NS_PER_US;
	return p;
}

/* Without psi=1 in kernels that want it, or with psi=0, it has no such files.
 */
static int pressure_check(struct kernel *k, struct err *err)
{
	const struct profile_field *enabled =
		profile_field(k->profile, FIELD_KEY_ENABLED);
	struct variable disabled = {.name = "psi_disabled",
				    .size = enabled->present ? 4 : 0,
				    .offset = enabled->offset};
	int rc = variables_read(k, &disabled, 1, err);

	if (!rc && (int32_t)disabled.value > 0)
		rc = err_set(err, ERR_NOT_FOUND,
			     "this guest does not measure pressure: its kernel "
			     "does with psi=1 on its command line");
	return rc;
}

int pressure_read(struct kernel *k, enum pressure_kind kind,
		  struct pressure_lines *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_GROUP_TOTAL,
					  FIELD_GROUP_AVERAGE};
	_cleanup_(records_deinit) struct records r = {0};
	int64_t number, full;
	uint64_t va;
	int rc;

	*out = (struct pressure_lines){0};
	if (!profile_symbol(k->profile, "psi_system", &va) ||
	    !profile_field(k->profile, FIELD_GROUP_TOTAL)->present ||
	    !profile_field(k->profile, FIELD_GROUP_AVERAGE)->present ||
	    !profile_constant(k->profile, CONSTANT_IO + (uint32_t)kind,
			      &number) ||
	    number < 0 || number > PRESSURES)
		return profile_unknown(k->profile,
				       "this kernel keeps pressure in no way "
				       "that is known",
				       err);
	rc = pressure_check(k, err);
	if (!rc)
		rc = records_read(k, &va, 1, fields, 2, &r, err);
	if (!rc && !r.ok[0])
		rc = err_set(err, ERR_UNREADABLE, "pressure cannot be read");
	if (rc)
		return rc;
	out->some = pressure_take(&r, (size_t)number * 2);
	if (kind == PRESSURE_CPU) {
		/* there is always a task that has it: said to be 0 */
		out->has_full =
			profile_constant(k->profile, CONSTANT_CPU_FULL, &full);
	} else {
		out->has_full = true;
		out->full = pressure_take(&r, (size_t)number * 2 + 1);
	}
	return 0;
}
