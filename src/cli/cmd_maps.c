/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi maps: /proc/PID/maps of one process or of all. */
#include "cli/commands.h"

#include <string.h>

#include "base/cleanup.h"
#include "cli/proc_show.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/mm.h"
#include "kernel/task.h"
#include "proc/proc.h"

struct state {
	bool all;
	uint64_t pid;
	struct task_list list; /* with all */
	struct task task;      /* without */
	const struct task *tasks;
	size_t n;
	struct proc_values maps;
};

static const struct argp_option options[] = {
	{"all", 'a', NULL, 0, "All processes", 0}, {0}};

static int maps_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)arg;
	(void)err;
	if (key != 'a')
		return ARGP_ERR_UNKNOWN;
	st->all = true;
	return 0;
}

static int maps_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if (st->all && n)
		return err_set(err, ERR_USAGE, "--all takes no PID");
	if (!st->all && !n)
		return cmd_missing(&cmd_maps, err);
	return st->all ? 0
		       : number_parse(argv[0], "PID", ADDR_MAX_PID, &st->pid,
				      err);
}

static int choose_all(struct session *s, struct state *st, struct err *err)
{
	int rc = task_list_read(s->guest.kernel, false, &st->list, err);

	task_list_keep_memory(&st->list);
	st->tasks = st->list.v;
	st->n = st->list.n;
	return rc;
}

static int choose_one(struct session *s, struct state *st, struct err *err)
{
	struct mm mm;
	int rc = task_find(s->guest.kernel, (uint32_t)st->pid, &st->task, err);

	if (!rc)
		rc = mm_of_task(s->guest.kernel, &st->task, &mm, err);
	if (rc)
		return rc;
	st->tasks = &st->task;
	st->n = 1;
	return 0;
}

static int maps_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = st->all ? choose_all(s, st, err) : choose_one(s, st, err);

	return rc ? rc
		  : proc_read(&proc_pid_maps, s->guest.kernel, st->tasks, st->n,
			      &st->maps, err);
}

static void maps_show_heading(struct out *out, const struct task *task)
{
	out_text(out, "==> %u ", task->pid);
	out_guest(out, task->comm, strlen(task->comm));
	out_text(out, " <==\n");
}

static void maps_show_notes(const struct session *s, const struct state *st,
			    struct out *out)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t at;

	proc_pid_maps.notes(&st->maps, s->guest.kernel->profile, &b);
	out->oom |= b.oom;
	for (at = 0; at < b.len; at += strlen(b.data + at) + 1)
		out_note(out, "maps: %s", b.data + at);
}

static int maps_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	const struct state *st = state;
	size_t i;

	(void)err;
	out_begin(out, OUT_LINES, proc_pid_maps.columns,
		  proc_pid_maps.n_columns);
	for (i = 0; i < st->n; i++) {
		const struct proc_part *part = &st->maps.parts[i];

		if (out->json) {
			proc_show_rows(out, &st->maps, i);
		} else {
			if (st->all)
				maps_show_heading(out, &st->tasks[i]);
			proc_show_text(out, &st->maps, i);
		}
		if (part->why.len)
			out_fail(out, ERR_UNREADABLE,
				 "maps of pid %u are not whole: %s",
				 st->tasks[i].pid, part->why.data);
	}
	maps_show_notes(s, st, out);
	if (st->list.torn)
		out_fail(out, ERR_UNREADABLE, "maps: tasks are missing: %s",
			 st->list.why);
	return 0;
}

static void cmd_maps_deinit(void *state)
{
	struct state *st = state;

	proc_values_deinit(&st->maps);
	task_list_deinit(&st->list);
}

const struct cmd cmd_maps = {
	.name = "maps",
	.topic = TOPIC_LOOK,
	.summary = "Print /proc/PID/maps",
	.args = "PID\n--all",
	.doc = "Byte for byte what the guest's own /proc says (control bytes "
	       "are escaped on a terminal).  With --all, a line '==> PID COMM "
	       "<==' goes before each process that has memory.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.max_args = 1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.option = maps_option,
	.operands = maps_operands,
	.run = maps_run,
	.show = maps_show,
	.deinit = cmd_maps_deinit,
};
