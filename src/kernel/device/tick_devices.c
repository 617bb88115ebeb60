/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads ticks of CPUs and the devices that make them. */
#include "kernel/device/tick_devices.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types: numbers and functions in their order. */
enum {
	FIELD_TD_DEVICE = WANTS_OF(READER_TICK_DEVICES),
	FIELD_TD_MODE,
	FIELD_DEVICE_NAME,
	FIELD_DEVICE_MAX,
	FIELD_DEVICE_MIN,
	FIELD_DEVICE_RETRIES,
	FIELD_DEVICE_MULT,
	FIELD_DEVICE_SHIFT,
	FIELD_DEVICE_STATE,
	FIELD_DEVICE_NEXT,
	FIELD_FUNCTION,
	FIELD_NUMBER = FIELD_FUNCTION + TICK_FUNCTIONS
};

#define FUNCTION(id, member)                          \
	[WANTS_INDEX(FIELD_FUNCTION + TICK_##id)] = { \
		WANT_FIELD, REQUIRED, "clock_event_device", member}
#define NUMBER(id, need, member)                                     \
	[WANTS_INDEX(FIELD_NUMBER + TICK_##id)] = {WANT_FIELD, need, \
						   "tick_sched", member}

static const struct want want_table[] = {
	FIELD(TD_DEVICE, "tick_device", REQUIRED, "evtdev"),
	FIELD(TD_MODE, "tick_device", REQUIRED, "mode"),
	FIELD(DEVICE_NAME, "clock_event_device", REQUIRED, "name"),
	FIELD(DEVICE_MAX, "clock_event_device", REQUIRED, "max_delta_ns"),
	FIELD(DEVICE_MIN, "clock_event_device", REQUIRED, "min_delta_ns"),
	FIELD(DEVICE_RETRIES, "clock_event_device", REQUIRED, "retries"),
	FIELD(DEVICE_MULT, "clock_event_device", REQUIRED, "mult"),
	FIELD(DEVICE_SHIFT, "clock_event_device", REQUIRED, "shift"),
	FIELD(DEVICE_STATE, "clock_event_device", REQUIRED,
	      "state_use_accessors"),
	FIELD(DEVICE_NEXT, "clock_event_device", REQUIRED, "next_event"),
	FUNCTION(SET_NEXT, "set_next_event"),
	FUNCTION(SHUTDOWN, "set_state_shutdown"),
	FUNCTION(PERIODIC, "set_state_periodic"),
	FUNCTION(ONESHOT, "set_state_oneshot"),
	FUNCTION(ONESHOT_STOPPED, "set_state_oneshot_stopped"),
	FUNCTION(RESUME, "tick_resume"),
	FUNCTION(HANDLER, "event_handler"),
	NUMBER(NOHZ_MODE, OPTIONAL, "nohz_mode"),
	NUMBER(LAST, REQUIRED, "last_tick"),
	NUMBER(STOPPED, OPTIONAL, "tick_stopped"),
	NUMBER(IDLE_JIFFIES, OPTIONAL, "idle_jiffies"),
	NUMBER(CALLS, REQUIRED, "idle_calls"),
	NUMBER(SLEEPS, REQUIRED, "idle_sleeps"),
	NUMBER(ENTRY, REQUIRED, "idle_entrytime"),
	NUMBER(WAKE, REQUIRED, "idle_waketime"),
	NUMBER(EXIT, OPTIONAL, "idle_exittime"),
	NUMBER(SLEEP, OPTIONAL, "idle_sleeptime"),
	NUMBER(IOWAIT, OPTIONAL, "iowait_sleeptime"),
	NUMBER(LAST_JIFFIES, REQUIRED, "last_jiffies"),
	NUMBER(NEXT, REQUIRED, "next_timer"),
	NUMBER(EXPIRES, REQUIRED, "idle_expires"),
	NUMBER(FLAGS, OPTIONAL, "flags"),
};

const struct wants tick_devices_wants = {
	.reader = "ticks of CPUs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t td_fields[] = {FIELD_TD_DEVICE, FIELD_TD_MODE};
static const uint32_t name_fields[] = {FIELD_DEVICE_NAME};

/* CPUs that are online, the broadcast device behind them, and their devices
 * for waking up behind these. */
struct tick_work {
	struct kernel *k;
	const struct cpus *cpus;
	struct tick_devices *out;
	struct remarks *remarks;
	uint64_t *at; /* of what is read next */
	struct records ticks, tds, devices, wakeups;
};

static void tick_work_deinit(struct tick_work *w)
{
	free(w->at);
	records_deinit(&w->ticks);
	records_deinit(&w->tds);
	records_deinit(&w->devices);
	records_deinit(&w->wakeups);
}

static int tick_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "ticks of CPUs are kept in no way that is known",
			       err);
}

/* Ticks and tick_devices: of each CPU, and the one for broadcasts. */
static int tick_scheds(struct tick_work *w, struct err *err)
{
	uint64_t sched, td, broadcast = 0, *tds = w->at + w->cpus->n;
	uint32_t ids[TICK_NUMBERS];
	struct records_want wants[] = {{w->at, 0, ids, TICK_NUMBERS},
				       {tds, 0, td_fields, 2}};
	struct records got[2] = {{0}};
	size_t i, n = 0;
	int rc;

	if (!profile_symbol(w->k->profile, "tick_cpu_sched", &sched) ||
	    !profile_symbol(w->k->profile, "tick_cpu_device", &td))
		return tick_unknown(w->k, err);
	profile_symbol(w->k->profile, "tick_broadcast_device", &broadcast);
	for (i = 0; i < TICK_NUMBERS; i++)
		ids[i] = FIELD_NUMBER + (uint32_t)i;
	for (i = 0; i < w->cpus->n; i++) {
		if (!cpus_is_online(w->cpus, i))
			continue;
		w->at[n] = sched + w->cpus->offsets[i];
		tds[n++] = td + w->cpus->offsets[i];
	}
	tds[n] = broadcast;
	wants[0].n = w->out->n = n;
	wants[1].n = n + 1;
	rc = records_read_all(w->k, wants, 2, got, err);
	w->ticks = got[0];
	w->tds = got[1];
	return rc;
}

static int tick_scheds_take(struct tick_work *w, struct err *err)
{
	struct tick_devices *d = w->out;
	size_t i, j;

	d->ticks = calloc(d->n + 1, sizeof(*d->ticks));
	d->of = calloc(d->n + 1, sizeof(*d->of));
	if (!d->ticks || !d->of)
		return err_nomem(err);
	for (j = 0; j < TICK_NUMBERS; j++) {
		uint32_t id = FIELD_NUMBER + (uint32_t)j;

		d->has[j] = profile_field(w->k->profile, id)->present;
		for (i = 0; i < d->n; i++)
			d->ticks[i].v[j] = records_u64(&w->ticks, i, id);
	}
	for (i = 0; i <= d->n; i++) {
		d->of[i].mode = (int32_t)records_u64(&w->tds, i, FIELD_TD_MODE);
		if (!w->tds.ok[i] || (i < d->n && !w->ticks.ok[i]))
			remarks_add(w->remarks, "ticks of CPUs cannot be read");
	}
	return 0;
}

static void tick_device_take(struct tick_work *w, size_t i)
{
	const struct records *r = &w->devices;
	struct tick_device *t = &w->out->of[i];
	size_t j;

	t->has_device = records_u64(&w->tds, i, FIELD_TD_DEVICE) != 0;
	if (t->has_device && !r->ok[i])
		remarks_add(w->remarks, "a device of ticks cannot be read");
	t->max_ns = records_u64(r, i, FIELD_DEVICE_MAX);
	t->min_ns = records_u64(r, i, FIELD_DEVICE_MIN);
	t->retries = records_u64(r, i, FIELD_DEVICE_RETRIES);
	t->mult = (uint32_t)records_u64(r, i, FIELD_DEVICE_MULT);
	t->shift = (uint32_t)records_u64(r, i, FIELD_DEVICE_SHIFT);
	t->state = (uint32_t)records_u64(r, i, FIELD_DEVICE_STATE);
	t->next_event = (int64_t)records_u64(r, i, FIELD_DEVICE_NEXT);
	for (j = 0; j < TICK_FUNCTIONS; j++)
		t->function[j] =
			records_u64(r, i, FIELD_FUNCTION + (uint32_t)j);
}

/* Devices, those that wake CPUs up, and then the names of both. */
static int tick_devices_of(struct tick_work *w, const struct cpu_variable *wake,
			   struct err *err)
{
	uint32_t ids[8 + TICK_FUNCTIONS], n_ids = 0, f;
	size_t n = w->out->n + 1, i, cpu = 0;
	uint64_t *wakeups = w->at + n;
	_cleanup_free_ char **to = calloc(2 * n + 1, sizeof(*to));
	struct records_want wants[] = {{w->at, n, ids, 0},
				       {wakeups, n, name_fields, 1}};
	struct records got[2] = {{0}};
	int rc;

	if (!to)
		return err_nomem(err);
	for (f = FIELD_DEVICE_NAME; f < FIELD_NUMBER; f++)
		ids[n_ids++] = f;
	wants[0].n_fields = n_ids;
	for (i = 0; i < n; i++, cpu++) {
		w->at[i] = records_u64(&w->tds, i, FIELD_TD_DEVICE);
		while (cpu < w->cpus->n && !cpus_is_online(w->cpus, cpu))
			cpu++;
		wakeups[i] = wake->known && cpu < w->cpus->n
				     ? le64(cpu_variable_of(wake, cpu))
				     : 0;
	}
	rc = records_read_all(w->k, wants, 2, got, err);
	w->devices = got[0];
	w->wakeups = got[1];
	for (i = 0; i < n && !rc; i++) {
		tick_device_take(w, i);
		w->out->of[i].has_wakeup = wakeups[i] != 0;
		w->at[i] = records_u64(&w->devices, i, FIELD_DEVICE_NAME);
		wakeups[i] = records_u64(&w->wakeups, i, FIELD_DEVICE_NAME);
		to[i] = w->out->of[i].name;
		to[n + i] = w->out->of[i].wakeup;
	}
	return rc ? rc
		  : records_strings(w->k, w->at, 2 * n, TICK_NAME, to, NULL,
				    err);
}

static int tick_masks(struct tick_work *w, struct err *err)
{
	static const char *const names[] = {"tick_broadcast_mask",
					    "tick_broadcast_oneshot_mask"};
	uint64_t at[2] = {0};
	struct cpu_masks *m = &w->out->masks;
	size_t i;
	int rc;

	for (i = 0; i < 2; i++)
		profile_symbol(w->k->profile, names[i], &at[i]);
	rc = cpu_masks_read(w->k, w->cpus, at, 2, m, err);
	for (i = 0; i < 2 && !rc; i++)
		if (!m->known[i])
			remarks_add(w->remarks, "the CPUs that ticks are "
						"broadcast to cannot be read");
	return rc;
}

int tick_devices_read(struct kernel *k, const struct cpus *cpus,
		      struct tick_devices *out, struct remarks *remarks,
		      struct err *err)
{
	_cleanup_(tick_work_deinit) struct tick_work w = {
		.k = k,
		.cpus = cpus,
		.out = out,
		.remarks = remarks,
		.at = calloc(2 * cpus->n + 4, sizeof(*w.at))};
	struct cpu_variable wake = {.size = 8};
	int rc = profile_check_reader(k->profile, READER_TICK_DEVICES, err);

	if (!w.at)
		return err_nomem(err);
	out->has_wakeup = profile_symbol(
		k->profile, "tick_oneshot_wakeup_device", &wake.va);
	if (!rc)
		rc = cpu_variables_read(k, cpus, &wake, 1, err);
	if (!rc)
		rc = tick_scheds(&w, err);
	if (!rc)
		rc = tick_scheds_take(&w, err);
	if (!rc)
		rc = tick_devices_of(&w, &wake, err);
	cpu_variables_deinit(&wake, 1);
	return rc ? rc : tick_masks(&w, err);
}

void tick_devices_deinit(struct tick_devices *d)
{
	free(d->ticks);
	free(d->of);
	cpu_masks_deinit(&d->masks);
}
