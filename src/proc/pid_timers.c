/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/timers (fs/proc/base.c, show_timer()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_timers.h"
#include "proc/proc.h"

#define SIGEV_THREAD_ID 4u /* a bit beside the others */

static const char *const ways[] = {"signal", "none", "thread"};

static void timer_text(const struct task_timer *t, struct proc_part *part)
{
	uint32_t way = t->notify & ~SIGEV_THREAD_ID;

	if (way >= sizeof(ways) / sizeof(ways[0])) {
		part->torn = true;
		return;
	}
	buf_printf(&part->text,
		   "ID: %" PRId32 "\nsignal: %" PRId32 "/%016" PRIx64 "\n",
		   t->id, t->signo, t->value);
	buf_printf(&part->text, "notify: %s/%s.%" PRIu32 "\n", ways[way],
		   t->notify & SIGEV_THREAD_ID ? "tid" : "pid", t->pid);
	buf_printf(&part->text, "ClockID: %" PRId32 "\n", t->clock);
}

static void timers_text(const struct task_timers *t, struct proc_part *part)
{
	size_t i;

	if (!t->known) {
		proc_part_unknown(part, false);
		return;
	}
	part->torn = t->torn;
	for (i = 0; i < t->v.n; i++)
		timer_text(&t->v.v[i], part);
	if (part->torn)
		buf_puts(&part->why, "some of its timers cannot be read");
}

static int timers_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct task_timers *t = calloc(out->n + 1, sizeof(*t));
	size_t i;
	int rc = t ? task_timers_read(k, out->tasks, out->n, t, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		timers_text(&t[i], &out->parts[i]);
	task_timers_deinit(t, out->n);
	free(t);
	return rc;
}

const struct proc_file proc_pid_timers = {
	.name = "timers",
	.scope = PROC_PROCESS,
	.needs = "show_timer",
	.read = timers_read,
};
