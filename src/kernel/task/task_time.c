/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads times of tasks, and adjusts them as the kernel does. */
#include "kernel/task/task_time.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_TIME),
	FIELD_TASK_START_BOOT,
	FIELD_TASK_UTIME,
	FIELD_TASK_STIME,
	FIELD_TASK_RUNTIME,
	FIELD_TASK_PREV_UTIME,
	FIELD_TASK_PREV_STIME,
	FIELD_SIGNAL_UTIME,
	FIELD_SIGNAL_STIME,
	FIELD_SIGNAL_RUNTIME,
	FIELD_SIGNAL_PREV_UTIME,
	FIELD_SIGNAL_PREV_STIME
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", OPTIONAL, "signal"),
	FIELD(TASK_START_BOOT, "task_struct", OPTIONAL,
	      "start_boottime|real_start_time"), /* 5.5 */
	FIELD(TASK_UTIME, "task_struct", OPTIONAL, "utime"),
	FIELD(TASK_STIME, "task_struct", OPTIONAL, "stime"),
	FIELD(TASK_RUNTIME, "task_struct", OPTIONAL, "se.sum_exec_runtime"),
	FIELD(TASK_PREV_UTIME, "task_struct", OPTIONAL, "prev_cputime.utime"),
	FIELD(TASK_PREV_STIME, "task_struct", OPTIONAL, "prev_cputime.stime"),
	FIELD(SIGNAL_UTIME, "signal_struct", OPTIONAL, "utime"),
	FIELD(SIGNAL_STIME, "signal_struct", OPTIONAL, "stime"),
	FIELD(SIGNAL_RUNTIME, "signal_struct", OPTIONAL, "sum_sched_runtime"),
	FIELD(SIGNAL_PREV_UTIME, "signal_struct", OPTIONAL,
	      "prev_cputime.utime"),
	FIELD(SIGNAL_PREV_STIME, "signal_struct", OPTIONAL,
	      "prev_cputime.stime"),
};

const struct wants task_time_wants = {
	.reader = "times of processes",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* What a task or a process has used; `prev` is what /proc said last. */
struct usage {
	uint64_t user, system, runtime, prev_user, prev_system;
	bool known;
};

static uint64_t scale(uint64_t part, uint64_t whole, uint64_t of)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)part * of / whole);
}

/*
 * cputime_adjust(): the parts make up the runtime, and neither ever becomes
 * less than it was (docs/facts/kernel.md, "Times and command lines").
 */
static void adjust(const struct usage *u, struct task_time *out)
{
	uint64_t system = u->system, user, ticks = u->user + u->system;

	out->has_cpu = u->known;
	out->user = u->prev_user;
	out->system = u->prev_system;
	if (u->prev_user + u->prev_system >= u->runtime)
		return;
	if (!u->system)
		system = 0;
	else if (!u->user)
		system = u->runtime;
	else if (ticks > u->user)
		system = scale(u->system, ticks, u->runtime);
	if (system < u->prev_system)
		system = u->prev_system;
	user = u->runtime - system;
	if (system > u->runtime || user < u->prev_user) {
		user = u->prev_user;
		system = u->runtime - user;
	}
	out->user = user;
	out->system = system;
}

static const uint32_t task_fields[] = {
	FIELD_TASK_UTIME,      FIELD_TASK_STIME,      FIELD_TASK_RUNTIME,
	FIELD_TASK_PREV_UTIME, FIELD_TASK_PREV_STIME, FIELD_TASK_START_BOOT,
	FIELD_TASK_SIGNAL,
};

static const uint32_t signal_fields[] = {
	FIELD_SIGNAL_UTIME,	 FIELD_SIGNAL_STIME,	  FIELD_SIGNAL_RUNTIME,
	FIELD_SIGNAL_PREV_UTIME, FIELD_SIGNAL_PREV_STIME,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The five numbers of fields[0..4], of object i. */
static struct usage usage_of(const struct records *r, size_t i,
			     const uint32_t *fields)
{
	struct usage u = {
		.user = records_u64(r, i, fields[0]),
		.system = records_u64(r, i, fields[1]),
		.runtime = records_u64(r, i, fields[2]),
		.prev_user = records_u64(r, i, fields[3]),
		.prev_system = records_u64(r, i, fields[4]),
		.known = r->ok[i],
	};
	size_t f;

	for (f = 0; f < 5; f++)
		u.known &= records_have(r, fields[f]);
	return u;
}

/* Add what one thread used to the sum of its process. */
static void add_thread(struct usage *sum, const struct usage *u)
{
	sum->user += u->user;
	sum->system += u->system;
	sum->runtime += u->runtime;
	sum->known &= u->known;
}

/* thread_group_cputime(): what exited threads left behind, and the others. */
static int sum_groups(struct kernel *k, size_t n, const size_t *of,
		      const struct records *r, struct task_time *out,
		      struct err *err)
{
	_cleanup_(records_deinit) struct records signals = {0};
	_cleanup_free_ struct usage *sums = calloc(n + 1, sizeof(*sums));
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!sums || !addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (of[i] == i)
			addrs[i] = records_u64(r, i, FIELD_TASK_SIGNAL);
	rc = records_read(k, addrs, n, signal_fields, COUNT(signal_fields),
			  &signals, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		sums[i] = usage_of(&signals, i, signal_fields);
	for (i = 0; i < n; i++) {
		struct usage u = usage_of(r, i, task_fields);

		if (of[i] < n)
			add_thread(&sums[of[i]], &u);
	}
	for (i = 0; i < n; i++)
		if (of[i] == i)
			adjust(&sums[i], &out[i]);
	return 0;
}

int task_times_sum(struct kernel *k, const struct task *tasks, size_t n,
		   const size_t *of, struct task_time *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task_fields, COUNT(task_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		struct usage u = usage_of(&r, i, task_fields);

		out[i] = (struct task_time){
			.start = records_u64(&r, i, FIELD_TASK_START_BOOT),
			.has_start = r.ok[i] &&
				     records_have(&r, FIELD_TASK_START_BOOT)};
		adjust(&u, &out[i]);
	}
	return rc || !of ? rc : sum_groups(k, n, of, &r, out, err);
}

/* Each thread's leader, where it is among the tasks. */
static int find_leaders(const struct task *tasks, size_t n, size_t *of)
{
	_cleanup_(map_deinit) struct map leaders = {0};
	uint64_t at;
	size_t i;

	for (i = 0; i < n; i++)
		if (tasks[i].pid == tasks[i].tgid &&
		    map_put(&leaders, tasks[i].tgid, i))
			return ERR_NOMEM;
	for (i = 0; i < n; i++)
		of[i] = map_get(&leaders, tasks[i].tgid, &at) ? (size_t)at
							      : SIZE_MAX;
	return 0;
}

int task_times_read(struct kernel *k, const struct task *tasks, size_t n,
		    bool groups, struct task_time *out, struct err *err)
{
	_cleanup_free_ size_t *of = calloc(n + 1, sizeof(*of));

	if (!of || find_leaders(tasks, n, of))
		return err_nomem(err);
	return task_times_sum(k, tasks, n, groups ? of : NULL, out, err);
}
