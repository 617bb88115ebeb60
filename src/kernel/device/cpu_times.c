/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what CPUs have spent their time on, and their queues. */
#include "kernel/device/cpu_times.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_CPUSTAT = WANTS_OF(READER_CPU_TIMES),
	FIELD_STAT_ELAPSES,
	FIELD_STAT_ENTRY,
	FIELD_STAT_STEAL,
	FIELD_TICK_ACTIVE,
	FIELD_TICK_FLAGS,
	FIELD_TICK_ENTRY,
	FIELD_TICK_IDLE,
	FIELD_TICK_IOWAIT,
	FIELD_RQ_RUNNING,
	FIELD_RQ_SWITCHES,
	FIELD_RQ_IOWAIT,
	CONSTANT_USER,
	CONSTANT_NICE,
	CONSTANT_SYSTEM,
	CONSTANT_IDLE,
	CONSTANT_IOWAIT,
	CONSTANT_IRQ,
	CONSTANT_SOFTIRQ,
	CONSTANT_STEAL,
	CONSTANT_GUEST,
	CONSTANT_GUEST_NICE
};

static const struct want want_table[] = {
	FIELD(CPUSTAT, "kernel_cpustat", OPTIONAL, "cpustat"),
	FIELD(STAT_ELAPSES, "kernel_cpustat", OPTIONAL, "idle_elapse"),
	FIELD(STAT_ENTRY, "kernel_cpustat", OPTIONAL, "idle_entrytime"),
	FIELD(STAT_STEAL, "kernel_cpustat", OPTIONAL, "idle_stealtime"),
	FIELD(TICK_ACTIVE, "tick_sched", OPTIONAL, "idle_active"),
	FIELD(TICK_FLAGS, "tick_sched", OPTIONAL, "flags"), /* 6.10 */
	FIELD(TICK_ENTRY, "tick_sched", OPTIONAL, "idle_entrytime"),
	FIELD(TICK_IDLE, "tick_sched", OPTIONAL, "idle_sleeptime"),
	FIELD(TICK_IOWAIT, "tick_sched", OPTIONAL, "iowait_sleeptime"),
	FIELD(RQ_RUNNING, "rq", OPTIONAL, "nr_running"),
	FIELD(RQ_SWITCHES, "rq", OPTIONAL, "nr_switches"),
	FIELD(RQ_IOWAIT, "rq", OPTIONAL, "nr_iowait"),
	CONSTANT(USER, "cpu_usage_stat", "CPUTIME_USER"),
	CONSTANT(NICE, "cpu_usage_stat", "CPUTIME_NICE"),
	CONSTANT(SYSTEM, "cpu_usage_stat", "CPUTIME_SYSTEM"),
	CONSTANT(IDLE, "cpu_usage_stat", "CPUTIME_IDLE"),
	CONSTANT(IOWAIT, "cpu_usage_stat", "CPUTIME_IOWAIT"),
	CONSTANT(IRQ, "cpu_usage_stat", "CPUTIME_IRQ"),
	CONSTANT(SOFTIRQ, "cpu_usage_stat", "CPUTIME_SOFTIRQ"),
	CONSTANT(STEAL, "cpu_usage_stat", "CPUTIME_STEAL"),
	CONSTANT(GUEST, "cpu_usage_stat", "CPUTIME_GUEST"),
	CONSTANT(GUEST_NICE, "cpu_usage_stat", "CPUTIME_GUEST_NICE"),
};

const struct wants cpu_times_wants = {
	.reader = "times of CPUs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t stat_fields[] = {
	FIELD_CPUSTAT,
	FIELD_STAT_ELAPSES,
	FIELD_STAT_ENTRY,
	FIELD_STAT_STEAL,
};

static const uint32_t tick_fields[] = {
	FIELD_TICK_ACTIVE, FIELD_TICK_FLAGS,  FIELD_TICK_ENTRY,
	FIELD_TICK_IDLE,   FIELD_TICK_IOWAIT,
};

static const uint32_t rq_fields[] = {
	FIELD_RQ_RUNNING,
	FIELD_RQ_SWITCHES,
	FIELD_RQ_IOWAIT,
};

/* TS_FLAG_IDLE_ACTIVE (kernel/time/tick-sched.h) */
#define TICK_IDLE_ACTIVE (1u << 2)

#define NS_PER_US	 1000u

enum {
	OF_STAT,
	OF_TICK,
	OF_RQ,
	KINDS
};

struct load_reader {
	const struct kernel *k;
	const struct cpus *cpus;
	const struct kernel_clock *clock;
	struct records r[KINDS];
	bool nohz; /* idle CPUs have no tick that would count their time */
};

static void load_reader_deinit(struct load_reader *r)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		records_deinit(&r->r[i]);
}

/* How long it has been idle since, by the last tick of another. */
static uint64_t load_since(const struct load_reader *r, uint64_t entry)
{
	int64_t delta = (int64_t)((uint64_t)r->clock->mono - entry);

	return delta > 0 ? (uint64_t)delta : 0;
}

/* 7.x: such time is added to what ticks have counted. */
static void load_add_elapsed(const struct load_reader *r, size_t cpu,
			     struct cpu_load *out)
{
	const struct records *stat = &r->r[OF_STAT];
	const uint8_t *steal = records_bytes(stat, cpu, FIELD_STAT_STEAL);
	uint64_t since, stolen;
	bool iowait = out->blocked != 0;

	if (!steal || records_size(stat, FIELD_STAT_STEAL) < 16 ||
	    !records_u64(stat, cpu, FIELD_STAT_ELAPSES))
		return;
	since = load_since(r, records_u64(stat, cpu, FIELD_STAT_ENTRY));
	stolen = le64(steal + (iowait ? 8 : 0));
	out->ns[iowait ? CPU_IOWAIT : CPU_IDLE] +=
		since - (stolen < since ? stolen : since);
}

/* Up to then it is kept apart, and shown in whole microseconds. */
static void load_take_tick(const struct load_reader *r, size_t cpu,
			   struct cpu_load *out)
{
	const struct records *tick = &r->r[OF_TICK];
	uint64_t active =
		records_u64(tick, cpu, FIELD_TICK_FLAGS) & TICK_IDLE_ACTIVE;
	uint64_t idle = records_u64(tick, cpu, FIELD_TICK_IDLE);
	uint64_t iowait = records_u64(tick, cpu, FIELD_TICK_IOWAIT);

	if (records_have(tick, FIELD_TICK_ACTIVE))
		active = records_u64(tick, cpu, FIELD_TICK_ACTIVE);
	if (active)
		*(out->blocked ? &iowait : &idle) +=
			load_since(r, records_u64(tick, cpu, FIELD_TICK_ENTRY));
	out->ns[CPU_IDLE] = idle - idle % NS_PER_US;
	out->ns[CPU_IOWAIT] = iowait - iowait % NS_PER_US;
}

static void load_take(const struct load_reader *r, size_t cpu,
		      struct cpu_load *out)
{
	const struct records *stat = &r->r[OF_STAT], *rq = &r->r[OF_RQ];
	const uint8_t *times = records_bytes(stat, cpu, FIELD_CPUSTAT);
	size_t room = records_size(stat, FIELD_CPUSTAT) / 8, i;
	int64_t at;

	for (i = 0; i < CPU_TIMES; i++)
		if (profile_constant(r->k->profile, CONSTANT_USER + (uint32_t)i,
				     &at) &&
		    at >= 0 && (uint64_t)at < room)
			out->ns[i] = le64(times + at * 8);
	out->running = (uint32_t)records_u64(rq, cpu, FIELD_RQ_RUNNING);
	out->switches = records_u64(rq, cpu, FIELD_RQ_SWITCHES);
	out->blocked = (uint32_t)records_u64(rq, cpu, FIELD_RQ_IOWAIT);
	if (records_have(stat, FIELD_STAT_ELAPSES))
		load_add_elapsed(r, cpu, out);
	else if (r->nohz && cpus_is_online(r->cpus, cpu))
		load_take_tick(r, cpu, out);
}

/* Each CPU's own; an address of 0 is one that is not read. */
static int load_read_all(struct kernel *k, struct load_reader *r,
			 struct err *err)
{
	static const char *const symbols[KINDS] = {
		"kernel_cpustat", "tick_cpu_sched", "runqueues"};
	size_t n = r->cpus->n, i, kind;
	_cleanup_free_ uint64_t *at = calloc(KINDS * n + 1, sizeof(*at));
	const struct records_want wants[KINDS] = {
		{at, n, stat_fields, WANTS_N(stat_fields)},
		{at + n, n, tick_fields, WANTS_N(tick_fields)},
		{at + 2 * n, n, rq_fields, WANTS_N(rq_fields)}};
	uint64_t va;

	if (!at)
		return err_nomem(err);
	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < n; i++)
			if (cpus_is_possible(r->cpus, i) &&
			    profile_symbol(k->profile, symbols[kind], &va))
				at[kind * n + i] = va + r->cpus->offsets[i];
	return records_read_all(k, wants, KINDS, r->r, err);
}

int cpu_loads_read(struct kernel *k, const struct cpus *cpus,
		   const struct kernel_clock *clock, struct cpu_loads *out,
		   struct err *err)
{
	_cleanup_(load_reader_deinit) struct load_reader r = {
		.k = k, .cpus = cpus, .clock = clock};
	struct variable nohz = {.name = "tick_nohz_active", .size = 4};
	size_t i;
	int rc;

	out->v = calloc(cpus->n + 1, sizeof(*out->v));
	if (!out->v)
		return err_nomem(err);
	rc = variables_read(k, &nohz, 1, err);
	if (!rc)
		rc = load_read_all(k, &r, err);
	if (rc)
		return rc;
	r.nohz = nohz.value && records_have(&r.r[OF_TICK], FIELD_TICK_IDLE);
	out->known = records_have(&r.r[OF_STAT], FIELD_CPUSTAT) &&
		     records_have(&r.r[OF_RQ], FIELD_RQ_RUNNING) &&
		     records_have(&r.r[OF_RQ], FIELD_RQ_IOWAIT);
	for (i = 0; i < cpus->n; i++) {
		if (!cpus_is_possible(cpus, i))
			continue;
		out->known =
			out->known && r.r[OF_STAT].ok[i] && r.r[OF_RQ].ok[i];
		load_take(&r, i, &out->v[i]);
	}
	return 0;
}

void cpu_loads_deinit(struct cpu_loads *l)
{
	free(l->v);
	*l = (struct cpu_loads){0};
}
