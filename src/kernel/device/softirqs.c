/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads counts of soft interrupts. */
#include "kernel/device/softirqs.h"

#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_STAT_IRQS = WANTS_OF(READER_SOFTIRQS),
	FIELD_STAT_SOFTIRQS
};

static const struct want want_table[] = {
	FIELD(STAT_IRQS, "kernel_stat", OPTIONAL, "irqs_sum"),
	FIELD(STAT_SOFTIRQS, "kernel_stat", OPTIONAL, "softirqs"),
};

const struct wants softirqs_wants = {
	.reader = "soft interrupts", .v = want_table, .n = WANTS_N(want_table)};

int softirqs_read(struct kernel *k, const struct cpus *cpus,
		  struct softirqs *out, struct err *err)
{
	const struct profile_field *irqs =
		profile_field(k->profile, FIELD_STAT_IRQS);
	const struct profile_field *soft =
		profile_field(k->profile, FIELD_STAT_SOFTIRQS);
	struct cpu_variable v[2] = {{0}};
	uint64_t va;
	int rc;

	if (soft->size / 4 > SOFTIRQS_MAX || !soft->present || !irqs->present ||
	    !profile_symbol(k->profile, "kstat", &va))
		return profile_unknown(k->profile,
				       "this kernel counts interrupts in no "
				       "way that is known",
				       err);
	out->n = soft->size / 4;
	v[0] = (struct cpu_variable){.va = va + soft->offset,
				     .size = soft->size};
	v[1] = (struct cpu_variable){.va = va + irqs->offset, .size = 8};
	rc = cpu_variables_read(k, cpus, v, 2, err);
	out->counts = v[0];
	out->irqs = v[1];
	return rc ? rc
		  : records_string_array(k, "softirq_to_name", out->n,
					 SOFTIRQ_NAME, (char *)out->name, err);
}

void softirqs_deinit(struct softirqs *s)
{
	cpu_variables_deinit(&s->counts, 1);
	cpu_variables_deinit(&s->irqs, 1);
}

uint32_t softirq_count(const struct softirqs *s, size_t i, size_t cpu)
{
	return le32(cpu_variable_of(&s->counts, cpu) + i * 4);
}
