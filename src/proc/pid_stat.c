/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/stat, and that of a thread (fs/proc/array.c, do_task_stat()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm/mm_numbers.h"
#include "kernel/mm/rss.h"
#include "kernel/task/task_delay.h"
#include "kernel/task/task_group.h"
#include "kernel/task/task_limits.h"
#include "kernel/task/task_numbers.h"
#include "kernel/task/task_signals.h"
#include "kernel/task/task_threads.h"
#include "kernel/task/task_time.h"
#include "kernel/task/task_tty.h"
#include "kernel/stack/x86_64_frame_wchan.h"
#include "proc/proc.h"

/* What the files of tasks are made of: what there is for each thread, those
 * that are asked for first, and what there is for these alone. */
struct stat_values {
	struct task_threads all;
	struct task_numbers *numbers;
	struct task_time *times;
	struct task_group *groups;
	struct task_limits *limits;
	struct task_signals *signals;
	struct task_tty *ttys;
	struct mm_numbers *mm;
	struct rss *rss;
	uint64_t *delays, *wchans, *tty_addrs;
};

static void stat_values_deinit(struct stat_values *s)
{
	task_threads_deinit(&s->all);
	free(s->numbers);
	free(s->times);
	free(s->groups);
	free(s->limits);
	free(s->signals);
	free(s->ttys);
	free(s->mm);
	free(s->rss);
	free(s->delays);
	free(s->wchans);
	free(s->tty_addrs);
}

static int stat_values_init(struct stat_values *s, size_t n, size_t all)
{
	s->numbers = calloc(all + 1, sizeof(*s->numbers));
	s->times = calloc(all + 1, sizeof(*s->times));
	s->groups = calloc(n + 1, sizeof(*s->groups));
	s->limits = calloc(n + 1, sizeof(*s->limits));
	s->signals = calloc(n + 1, sizeof(*s->signals));
	s->ttys = calloc(n + 1, sizeof(*s->ttys));
	s->mm = calloc(n + 1, sizeof(*s->mm));
	s->rss = calloc(n + 1, sizeof(*s->rss));
	s->delays = calloc(n + 1, sizeof(*s->delays));
	s->wchans = calloc(n + 1, sizeof(*s->wchans));
	s->tty_addrs = calloc(n + 1, sizeof(*s->tty_addrs));
	return s->numbers && s->times && s->groups && s->limits && s->signals &&
			       s->ttys && s->mm && s->rss && s->delays &&
			       s->wchans && s->tty_addrs
		       ? 0
		       : ERR_NOMEM;
}

/* Where a process has several threads, it waits nowhere; and up to 5.15 only
 * where the frames say so. */
static int stat_read_wchans(struct kernel *k, const struct task *tasks,
			    size_t n, bool groups, struct stat_values *s,
			    struct err *err)
{
	size_t i;
	int rc = 0;

	if (!task_numbers_have(k, TASK_CORE_STATE))
		rc = x86_64_frame_wchans(k, tasks, n, s->wchans, err);
	for (i = 0; i < n && !rc; i++) {
		const struct task_numbers *t = &s->numbers[i];

		if (t->known[TASK_CORE_STATE])
			s->wchans[i] = t->v[TASK_STATE_WORD] != 0;
		if (groups && t->v[TASK_NR_THREADS] >= 2)
			s->wchans[i] = 0;
	}
	return rc;
}

/* What is read of those alone that are asked for. */
static int stat_read_own(struct kernel *k, const struct task *tasks, size_t n,
			 struct stat_values *s, struct err *err)
{
	size_t i;
	int rc = task_groups_read(k, tasks, n, s->groups, err);

	if (!rc)
		rc = task_limits_read(k, tasks, n, s->limits, err);
	if (!rc)
		rc = task_signals_read(k, tasks, n, s->signals, err);
	if (!rc)
		rc = mm_numbers_read(k, tasks, n, s->mm, err);
	if (!rc)
		rc = rss_of_tasks(k, tasks, n, s->rss, err);
	if (!rc)
		rc = task_delays_read(k, tasks, n, s->delays, err);
	for (i = 0; i < n && !rc; i++)
		s->tty_addrs[i] = s->numbers[i].v[TASK_TTY];
	return rc ? rc : task_ttys_read(k, s->tty_addrs, n, s->ttys, err);
}

static int stat_values_read(struct kernel *k, const struct task *tasks,
			    size_t n, bool groups, struct stat_values *s,
			    struct err *err)
{
	int rc = task_threads_read(k, tasks, n, groups, &s->all, err);

	if (rc)
		return rc;
	if (stat_values_init(s, n, s->all.v.n))
		return err_nomem(err);
	rc = task_numbers_read(k, s->all.v.v, s->all.v.n, s->numbers, err);
	if (!rc)
		rc = task_times_sum(k, s->all.v.v, s->all.v.n,
				    groups ? s->all.of.v : NULL, s->times, err);
	if (!rc)
		rc = stat_read_own(k, tasks, n, s, err);
	return rc ? rc : stat_read_wchans(k, tasks, n, groups, s, err);
}

static void put_unsigned(struct buf *out, uint64_t value)
{
	buf_puts(out, " ");
	buf_decimal(out, value, 0);
}

static void put_signed(struct buf *out, int64_t value)
{
	buf_puts(out, value < 0 ? " -" : " ");
	buf_decimal(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 0);
}

/* Nanoseconds in ticks of USER_HZ, 100 a second. */
static void put_ticks(struct buf *out, uint64_t ns)
{
	put_unsigned(out, ns / 10000000);
}

/* new_encode_dev(), include/linux/kdev_t.h */
static void put_tty(struct buf *out, const struct task_tty *tty)
{
	put_signed(out, (int32_t)((tty->minor & 0xff) | tty->major << 8 |
				  (tty->minor & ~0xffu) << 12));
	put_signed(out, (int32_t)tty->pgrp);
}

#define SIGNAL_STOP_STOPPED 0x1u /* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT   0x4u

/* That of a process is what its threads agreed on, from 5.16 on. */
static int32_t exit_code(const struct task_numbers *t, bool groups)
{
	bool agreed = groups && t->known[TASK_CORE_STATE] &&
		      t->v[TASK_SIGNAL_FLAGS] &
			      (SIGNAL_GROUP_EXIT | SIGNAL_STOP_STOPPED);

	return (int32_t)t->v[agreed ? TASK_GROUP_EXIT_CODE : TASK_EXIT_CODE];
}

/* Add to a process what its other threads, and those that exited, have. */
static void stat_sum(struct stat_values *s, size_t n)
{
	static const enum task_number sums[][2] = {
		{TASK_MIN_FLT, TASK_GROUP_MIN_FLT},
		{TASK_MAJ_FLT, TASK_GROUP_MAJ_FLT},
		{TASK_GTIME, TASK_GROUP_GTIME}};
	size_t i, j;

	for (i = 0; i < s->all.v.n; i++) {
		struct task_numbers *to = &s->numbers[s->all.of.v[i]];

		for (j = 0; j < 3; j++)
			to->v[sums[j][0]] +=
				s->numbers[i].v[sums[j][i < n ? 1 : 0]];
	}
}

#define MAX_RT_PRIO	 100 /* include/linux/sched/prio.h */
#define DEFAULT_PRIO	 120
#define OBSOLETE_SIGNALS 0x7fffffffu /* all that these fields can have */

static void put_identity(struct buf *out, const struct task *task,
			 const struct stat_values *s, size_t i)
{
	const struct task_numbers *t = &s->numbers[i];

	buf_printf(out, "%" PRIu32 " (%s) %c %" PRIu32, task->pid, task->comm,
		   task->state, task->ppid);
	put_unsigned(out, s->groups[i].pgid);
	put_unsigned(out, s->groups[i].sid);
	if (t->v[TASK_TTY])
		put_tty(out, &s->ttys[i]);
	else
		buf_puts(out, " 0 -1");
	put_unsigned(out, task->flags);
}

static void put_usage(struct buf *out, const struct stat_values *s, size_t i)
{
	const struct task_numbers *t = &s->numbers[i];

	put_unsigned(out, t->v[TASK_MIN_FLT]);
	put_unsigned(out, t->v[TASK_CHILD_MIN_FLT]);
	put_unsigned(out, t->v[TASK_MAJ_FLT]);
	put_unsigned(out, t->v[TASK_CHILD_MAJ_FLT]);
	put_ticks(out, s->times[i].user);
	put_ticks(out, s->times[i].system);
	put_ticks(out, t->v[TASK_CHILD_UTIME]);
	put_ticks(out, t->v[TASK_CHILD_STIME]);
	put_signed(out, (int32_t)t->v[TASK_PRIO] - MAX_RT_PRIO);
	put_signed(out, (int32_t)t->v[TASK_STATIC_PRIO] - DEFAULT_PRIO);
	put_unsigned(out, t->v[TASK_NR_THREADS]);
	buf_puts(out, " 0");
	put_ticks(out, s->times[i].start);
}

/* Where its program was is said of none that goes on. */
static void put_memory(struct buf *out, const struct stat_values *s, size_t i)
{
	const struct mm_numbers *mm = &s->mm[i];

	put_unsigned(out, mm->v[MM_TOTAL_VM] * PAGE_SIZE_4K);
	put_unsigned(out, mm->none ? 0 : s->rss[i].rough);
	put_unsigned(out, s->limits[i].soft[TASK_LIMIT_RSS]);
	put_unsigned(out, mm->v[MM_START_CODE]);
	put_unsigned(out, mm->v[MM_END_CODE]);
	put_unsigned(out, mm->v[MM_START_STACK]);
	buf_puts(out, " 0 0");
}

static void put_rest(struct buf *out, const struct stat_values *s, size_t i,
		     bool groups)
{
	static const enum mm_number ends[] = {
		MM_START_DATA, MM_END_DATA,  MM_START_BRK, MM_ARG_START,
		MM_ARG_END,    MM_ENV_START, MM_ENV_END};
	const struct task_numbers *t = &s->numbers[i];
	const struct task_signals *sig = &s->signals[i];
	size_t j;

	put_unsigned(out, sig->pending & OBSOLETE_SIGNALS);
	put_unsigned(out, sig->blocked & OBSOLETE_SIGNALS);
	put_unsigned(out, sig->ignored & OBSOLETE_SIGNALS);
	put_unsigned(out, sig->caught & OBSOLETE_SIGNALS);
	put_unsigned(out, s->wchans[i] ? 1 : 0);
	buf_puts(out, " 0 0");
	put_signed(out, (int32_t)t->v[TASK_EXIT_SIGNAL]);
	put_unsigned(out, t->v[TASK_CPU]);
	put_unsigned(out, t->v[TASK_RT_PRIORITY]);
	put_unsigned(out, t->v[TASK_POLICY]);
	put_ticks(out, s->delays[i]);
	put_ticks(out, t->v[TASK_GTIME]);
	put_ticks(out, t->v[TASK_CHILD_GTIME]);
	for (j = 0; j < sizeof(ends) / sizeof(ends[0]); j++)
		put_unsigned(out, s->mm[i].v[ends[j]]);
	put_signed(out, exit_code(t, groups));
	buf_puts(out, "\n");
}

/* Whether all that a file needs is there. */
static bool stat_known(const struct stat_values *s, size_t i)
{
	static const enum task_number needed[] = {
		TASK_MIN_FLT,	  TASK_MAJ_FLT,	      TASK_GTIME,
		TASK_PRIO,	  TASK_STATIC_PRIO,   TASK_RT_PRIORITY,
		TASK_POLICY,	  TASK_EXIT_SIGNAL,   TASK_EXIT_CODE,
		TASK_NR_THREADS,  TASK_GROUP_MIN_FLT, TASK_GROUP_MAJ_FLT,
		TASK_GROUP_GTIME, TASK_CHILD_MIN_FLT, TASK_CHILD_MAJ_FLT,
		TASK_CHILD_UTIME, TASK_CHILD_STIME,   TASK_CHILD_GTIME};
	const struct task_numbers *t = &s->numbers[i];
	bool known = s->times[i].has_cpu && s->times[i].has_start &&
		     s->limits[i].known && s->signals[i].known &&
		     s->rss[i].known && !s->mm[i].torn &&
		     s->groups[i].has_pgid && s->groups[i].has_sid &&
		     s->delays[i] != TASK_DELAY_UNKNOWN &&
		     (!t->v[TASK_TTY] || s->ttys[i].known);
	size_t j;

	for (j = 0; j < sizeof(needed) / sizeof(needed[0]); j++)
		known &= t->known[needed[j]];
	return known;
}

static bool stat_torn(const struct stat_values *s, size_t i)
{
	return s->numbers[i].torn || s->limits[i].torn || s->signals[i].torn ||
	       s->mm[i].torn || !s->rss[i].known || !s->groups[i].has_pgid ||
	       !s->groups[i].has_sid || s->delays[i] == TASK_DELAY_UNKNOWN;
}

static void stat_text(const struct task *task, const struct stat_values *s,
		      size_t i, bool groups, struct proc_part *part)
{
	if (!stat_known(s, i)) {
		proc_part_unknown(part, stat_torn(s, i));
		return;
	}
	put_identity(&part->text, task, s, i);
	put_usage(&part->text, s, i);
	put_memory(&part->text, s, i);
	put_rest(&part->text, s, i, groups);
	if (!s->all.torn)
		return;
	part->torn = true;
	buf_puts(&part->why, "some of its threads cannot be read");
}

static int stat_texts(struct kernel *k, bool groups, struct proc_values *out,
		      struct err *err)
{
	_cleanup_(stat_values_deinit) struct stat_values s = {0};
	size_t i;
	int rc = stat_values_read(k, out->tasks, out->n, groups, &s, err);

	if (!rc && groups)
		stat_sum(&s, out->n);
	for (i = 0; i < out->n && !rc; i++)
		stat_text(&out->tasks[i], &s, i, groups, &out->parts[i]);
	return rc;
}

static int stat_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return stat_texts(k, true, out, err);
}

static int tid_stat_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	return stat_texts(k, false, out, err);
}

const struct proc_file proc_pid_stat = {
	.name = "stat",
	.scope = PROC_PROCESS,
	.read = stat_read,
};

const struct proc_file proc_tid_stat = {
	.name = "stat",
	.scope = PROC_THREAD,
	.read = tid_stat_read,
};
