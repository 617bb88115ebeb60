/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/sched (kernel/sched/debug.c, proc_sched_show_task()). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/task/task_numbers.h"
#include "kernel/sched/task_sched.h"
#include "proc/proc.h"

/* How a number is shown. */
enum how {
	PLAIN,
	SIGNED, /* an int */
	TIMES,	/* nanoseconds, as milliseconds */
	MASKED	/* without UTIL_AVG_UNCHANGED */
};

#define UNCHANGED 0x80000000u

struct line {
	enum sched_number number;
	enum how how;
	const char *name;
};

static const struct line first_lines[] = {
	{SCHED_EXEC_START, TIMES, "se.exec_start"},
	{SCHED_VRUNTIME, TIMES, "se.vruntime"},
	{SCHED_SUM_RUNTIME, TIMES, "se.sum_exec_runtime"},
	{SCHED_MIGRATIONS, PLAIN, "se.nr_migrations"},
};

static const struct line counted_lines[] = {
	{SCHED_SLEEP_RUNTIME, TIMES, "sum_sleep_runtime"},
	{SCHED_BLOCK_RUNTIME, TIMES, "sum_block_runtime"},
	{SCHED_WAIT_START, TIMES, "wait_start"},
	{SCHED_SLEEP_START, TIMES, "sleep_start"},
	{SCHED_BLOCK_START, TIMES, "block_start"},
	{SCHED_SLEEP_MAX, TIMES, "sleep_max"},
	{SCHED_BLOCK_MAX, TIMES, "block_max"},
	{SCHED_EXEC_MAX, TIMES, "exec_max"},
	{SCHED_SLICE_MAX, TIMES, "slice_max"},
	{SCHED_WAIT_MAX, TIMES, "wait_max"},
	{SCHED_WAIT_SUM, TIMES, "wait_sum"},
	{SCHED_WAIT_COUNT, PLAIN, "wait_count"},
	{SCHED_IOWAIT_SUM, TIMES, "iowait_sum"},
	{SCHED_IOWAIT_COUNT, PLAIN, "iowait_count"},
	{SCHED_COLD, PLAIN, "nr_migrations_cold"},
	{SCHED_FAILED_AFFINE, PLAIN, "nr_failed_migrations_affine"},
	{SCHED_FAILED_RUNNING, PLAIN, "nr_failed_migrations_running"},
	{SCHED_FAILED_HOT, PLAIN, "nr_failed_migrations_hot"},
	{SCHED_FORCED, PLAIN, "nr_forced_migrations"},
	{SCHED_WAKEUPS, PLAIN, "nr_wakeups"},
	{SCHED_WAKEUPS_SYNC, PLAIN, "nr_wakeups_sync"},
	{SCHED_WAKEUPS_MIGRATE, PLAIN, "nr_wakeups_migrate"},
	{SCHED_WAKEUPS_LOCAL, PLAIN, "nr_wakeups_local"},
	{SCHED_WAKEUPS_REMOTE, PLAIN, "nr_wakeups_remote"},
	{SCHED_WAKEUPS_AFFINE, PLAIN, "nr_wakeups_affine"},
	{SCHED_WAKEUPS_ATTEMPTS, PLAIN, "nr_wakeups_affine_attempts"},
	{SCHED_WAKEUPS_PASSIVE, PLAIN, "nr_wakeups_passive"},
	{SCHED_WAKEUPS_IDLE, PLAIN, "nr_wakeups_idle"},
};

static const struct line core_line[] = {
	{SCHED_CORE_IDLE, TIMES, "core_forceidle_sum"},
};

static const struct line load_lines[] = {
	{SCHED_NVCSW, PLAIN, "nr_voluntary_switches"},
	{SCHED_NIVCSW, PLAIN, "nr_involuntary_switches"},
	{SCHED_WEIGHT, PLAIN, "se.load.weight"},
	{SCHED_LOAD_SUM, PLAIN, "se.avg.load_sum"},
	{SCHED_RUNNABLE_SUM, PLAIN, "se.avg.runnable_sum"},
	{SCHED_UTIL_SUM, PLAIN, "se.avg.util_sum"},
	{SCHED_LOAD_AVG, PLAIN, "se.avg.load_avg"},
	{SCHED_RUNNABLE_AVG, PLAIN, "se.avg.runnable_avg"},
	{SCHED_UTIL_AVG, PLAIN, "se.avg.util_avg"},
	{SCHED_UPDATED, PLAIN, "se.avg.last_update_time"},
	{SCHED_EST_EWMA, PLAIN, "se.avg.util_est.ewma"},
	{SCHED_EST_ENQUEUED, MASKED, "se.avg.util_est.enqueued"},
	{SCHED_EST, MASKED, "se.avg.util_est"},
};

static const struct line policy_lines[] = {
	{SCHED_POLICY, PLAIN, "policy"},
	{SCHED_PRIO, SIGNED, "prio"},
};

static const struct line deadline_lines[] = {
	{SCHED_DL_RUNTIME, PLAIN, "dl.runtime"},
	{SCHED_DL_DEADLINE, PLAIN, "dl.deadline"},
};

static const struct line fair_line[] = {
	{SCHED_SLICE, PLAIN, "se.slice"},
};

#define N(lines) (sizeof(lines) / sizeof((lines)[0]))

static void put_number(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, "%-45s:%21" PRId64 "\n", name, value);
}

/* nsec_high() and nsec_low(), kernel/sched/debug.c */
static void put_times(struct buf *out, const char *name, uint64_t ns)
{
	bool negative = (int64_t)ns < 0;
	uint64_t size = negative ? -ns : ns;
	int64_t high = (int64_t)(size / 1000000);

	buf_printf(out, "%-45s:%14" PRId64 ".%06" PRIu64 "\n", name,
		   negative ? -high : high, size % 1000000);
}

static void put_lines(const struct task_sched *t, const struct line *lines,
		      size_t n, const char *prefix, struct buf *out)
{
	char name[64];
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t v = t->v[lines[i].number];

		if (!t->known[lines[i].number])
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix, lines[i].name);
		if (lines[i].how == TIMES)
			put_times(out, name, v);
		else if (lines[i].how == SIGNED)
			put_number(out, name, (int32_t)v);
		else if (lines[i].how == MASKED)
			put_number(out, name, (uint32_t)v & ~UNCHANGED);
		else
			put_number(out, name, (int64_t)v);
	}
}

/* Without any, -1. */
static uint64_t average(uint64_t sum, uint64_t n)
{
	return n ? sum / n : UINT64_MAX;
}

static void put_counted(const struct task_scheds *s, const struct task_sched *t,
			uint64_t switches, struct buf *out)
{
	if (!s->counts)
		return;
	put_lines(t, counted_lines, N(counted_lines),
		  s->in_entity ? "se.statistics." : "", out);
	put_times(out, "avg_atom", average(t->v[SCHED_SUM_RUNTIME], switches));
	put_times(out, "avg_per_cpu",
		  average(t->v[SCHED_SUM_RUNTIME], t->v[SCHED_MIGRATIONS]));
	put_lines(t, core_line, 1, "", out);
}

static void put_uclamp(const struct task_sched *t, struct buf *out)
{
	if (!t->has_uclamp)
		return;
	put_number(out, "uclamp.min", t->uclamp[UCLAMP_MIN]);
	put_number(out, "uclamp.max", t->uclamp[UCLAMP_MAX]);
	put_number(out, "effective uclamp.min", t->effective[UCLAMP_MIN]);
	put_number(out, "effective uclamp.max", t->effective[UCLAMP_MAX]);
}

/* include/uapi/linux/sched.h */
enum {
	POLICY_NORMAL,
	POLICY_BATCH = 3,
	POLICY_DEADLINE = 6,
	POLICY_EXT
};

/* What is shown of a policy; `ext` is ext_sched_class, 0: there is none. */
static void put_policy(const struct task_sched *t, uint64_t ext,
		       struct buf *out)
{
	uint64_t policy = t->v[SCHED_POLICY];

	put_lines(t, policy_lines, N(policy_lines), "", out);
	if (policy == POLICY_DEADLINE)
		put_lines(t, deadline_lines, N(deadline_lines), "", out);
	else if (policy == POLICY_NORMAL || policy == POLICY_BATCH ||
		 (policy == POLICY_EXT && ext))
		put_lines(t, fair_line, 1, "", out);
	if (ext)
		put_number(out, "ext.enabled", t->v[SCHED_CLASS] == ext);
	/* What it takes to ask for the time twice: qvmi reads at one moment. */
	put_number(out, "clock-delta", 0);
}

/* sched_show_numa() */
static void put_numa(const struct task_scheds *s, size_t i, struct buf *out)
{
	const struct task_sched *t = &s->v[i];
	size_t j;

	if (!t->has_numa)
		return;
	if (t->has_mm)
		put_number(out, "mm->numa_scan_seq", t->scan_seq);
	put_number(out, "numa_pages_migrated", (int64_t)t->migrated);
	put_number(out, "numa_preferred_nid", t->preferred);
	put_number(out, "total_numa_faults", (int64_t)t->faults);
	buf_printf(out, "current_node=%" PRId32 ", numa_group_id=%" PRId32 "\n",
		   t->node, t->group);
	for (j = 0; j < s->n_nodes; j++) {
		const struct numa_faults *f = &s->numa[i * s->n_nodes + j];

		buf_printf(out,
			   "numa_faults node=%" PRIu32 " task_private=%" PRIu64
			   " task_shared=%" PRIu64 " group_private=%" PRIu64
			   " group_shared=%" PRIu64 "\n",
			   f->node, f->task_private, f->task_shared,
			   f->group_private, f->group_shared);
	}
}

static void sched_put(const struct task_scheds *s, size_t i, uint64_t ext,
		      struct buf *out)
{
	const struct task_sched *t = &s->v[i];
	uint64_t switches = t->v[SCHED_NVCSW] + t->v[SCHED_NIVCSW];

	buf_puts(out, "------------------------------------------------------"
		      "-------------\n");
	put_lines(t, first_lines, N(first_lines), "", out);
	put_counted(s, t, switches, out);
	put_number(out, "nr_switches", (int64_t)switches);
	put_lines(t, load_lines, N(load_lines), "", out);
	put_uclamp(t, out);
	put_policy(t, ext, out);
	put_numa(s, i, out);
}

static int sched_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	struct task_numbers *t = calloc(out->n + 1, sizeof(*t));
	struct task_scheds s = {0};
	uint64_t ext = 0;
	size_t i;
	int rc = t ? task_numbers_read(k, out->tasks, out->n, t, err)
		   : err_nomem(err);

	profile_symbol(k->profile, "ext_sched_class", &ext);
	if (!rc)
		rc = task_scheds_read(k, out->tasks, out->n, &s, err);
	for (i = 0; i < out->n && !rc; i++) {
		struct proc_part *part = &out->parts[i];

		if (s.v[i].torn || !t[i].known[TASK_NR_THREADS]) {
			proc_part_unknown(part, s.v[i].torn || t[i].torn);
			continue;
		}
		buf_printf(&part->text,
			   "%s (%" PRIu32 ", #threads: %" PRId32 ")\n",
			   s.v[i].comm, out->tasks[i].pid,
			   (int32_t)t[i].v[TASK_NR_THREADS]);
		sched_put(&s, i, ext, &part->text);
	}
	task_scheds_deinit(&s);
	free(t);
	return rc;
}

const struct proc_file proc_pid_sched = {
	.name = "sched",
	.scope = PROC_TASK,
	.needs = "proc_sched_show_task",
	.read = sched_read,
};
