/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads which CPUs there are, and their devices. */
#include "kernel/device/cpu_devices.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_DEVICE_OFFLINE = WANTS_OF(READER_CPU_DEVICES),
	FIELD_DEVICE_FIXED
};

static const struct want want_table[] = {
	FIELD(DEVICE_OFFLINE, "device", OPTIONAL, "offline"),
	FIELD(DEVICE_FIXED, "device", OPTIONAL, "offline_disabled"),
};

const struct wants cpu_devices_wants = {
	.reader = "devices of CPUs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t device_fields[] = {FIELD_DEVICE_OFFLINE,
					 FIELD_DEVICE_FIXED};

static const char *const state_symbols[CPU_STATES] = {
	[CPU_STATE_POSSIBLE] = "__cpu_possible_mask",
	[CPU_STATE_PRESENT] = "__cpu_present_mask",
	[CPU_STATE_ONLINE] = "__cpu_online_mask",
	[CPU_STATE_ENABLED] = "__cpu_enabled_mask",
};

static int cpu_states_read(struct kernel *k, struct cpu_devices *out,
			   struct err *err)
{
	struct variable v[CPU_STATES + 1] = {0};
	size_t i, j;
	int rc;

	for (i = 0; i < CPU_STATES; i++) {
		out->state[i].words = calloc(out->stride + 1, 8);
		if (!out->state[i].words)
			return err_nomem(err);
		v[i] = (struct variable){.name = state_symbols[i],
					 .size = out->stride * 8,
					 .to = out->state[i].words};
	}
	v[CPU_STATES] = (struct variable){.name = "total_cpus", .size = 4};
	rc = variables_read(k, v, CPU_STATES + 1, err);
	out->total = (uint32_t)v[CPU_STATES].value;
	for (i = 0; i < CPU_STATES && !rc; i++) {
		out->state[i].known = v[i].known;
		for (j = 0; j < out->stride; j++)
			out->state[i].words[j] = le64(&out->state[i].words[j]);
	}
	return rc;
}

/* Each CPU's pointer to it, NULL where it was not registered, or not any more.
 */
static int cpu_devices_find(struct kernel *k, const struct cpu_devices *d,
			    struct cpu_variable *at, struct err *err)
{
	at->size = 8;
	profile_symbol(k->profile, "cpu_sys_devices", &at->va);
	return cpu_variables_read(k, &d->cpus, at, 1, err);
}

static int cpu_devices_fill(struct kernel *k, const struct cpu_variable *at,
			    struct cpu_devices *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs =
		calloc(out->cpus.n + 1, sizeof(*addrs));
	size_t i, n = 0;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < out->cpus.n; i++)
		if (cpus_is_possible(&out->cpus, i) &&
		    le64(cpu_variable_of(at, i)))
			addrs[n++] = le64(cpu_variable_of(at, i));
	rc = records_read(k, addrs, n, device_fields, WANTS_N(device_fields),
			  &r, err);
	for (i = 0, n = 0; i < out->cpus.n && !rc; i++) {
		struct cpu_device *d = &out->v[i];

		d->there = cpus_is_possible(&out->cpus, i) &&
			   le64(cpu_variable_of(at, i));
		if (!d->there)
			continue;
		d->known = r.ok[n] && records_have(&r, FIELD_DEVICE_OFFLINE) &&
			   records_have(&r, FIELD_DEVICE_FIXED);
		d->fixed = records_u64(&r, n, FIELD_DEVICE_FIXED);
		d->offline = records_u64(&r, n, FIELD_DEVICE_OFFLINE);
		n++;
	}
	return rc;
}

int cpu_devices_read(struct kernel *k, struct cpu_devices *out, struct err *err)
{
	struct cpu_variable at = {0};
	int rc;

	*out = (struct cpu_devices){0};
	rc = cpus_read(k, &out->cpus, err);
	if (rc)
		return rc;
	out->stride = (out->cpus.n + 63) / 64;
	out->v = calloc(out->cpus.n + 1, sizeof(*out->v));
	if (!out->v)
		return err_nomem(err);
	rc = cpu_states_read(k, out, err);
	if (!rc)
		rc = cpu_devices_find(k, out, &at, err);
	out->v_known = at.known;
	if (!rc && at.known)
		rc = cpu_devices_fill(k, &at, out, err);
	cpu_variables_deinit(&at, 1);
	return rc;
}

void cpu_devices_deinit(struct cpu_devices *d)
{
	size_t i;

	for (i = 0; i < CPU_STATES; i++)
		free(d->state[i].words);
	free(d->v);
	cpus_deinit(&d->cpus);
	*d = (struct cpu_devices){0};
}
