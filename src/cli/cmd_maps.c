/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi maps: /proc/PID/maps of one process or of all. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/maps.h"
#include "kernel/mm.h"
#include "kernel/task.h"
#include "proc/maps.h"

struct state {
	bool all;
	uint64_t pid;
	struct task_list list; /* with all */
	struct task task;      /* without */
	const struct task *tasks;
	size_t n;
	struct maps_set maps;
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
		  : maps_read(s->guest.kernel, st->tasks, st->n, &st->maps,
			      err);
}

enum {
	PID,
	COMM,
	START,
	END,
	PERMS,
	OFFSET,
	MAJOR,
	MINOR,
	INODE,
	PATH,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", NULL, ROW_GUEST),
	[START] = ROW_COLUMN("start", NULL, ROW_HEX),
	[END] = ROW_COLUMN("end", NULL, ROW_HEX),
	[PERMS] = ROW_COLUMN("perms", NULL, ROW_WORDS),
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", NULL, ROW_COUNT),
	[PATH] = ROW_COLUMN("path", NULL, ROW_GUEST),
};

static void maps_show_rows(struct out *out, const struct task *task,
			   const struct maps *maps)
{
	struct row_table *t = &out->rows.top;
	const struct map_entry *e;
	size_t i;

	for (i = 0; i < maps->n; i++) {
		e = &maps->v[i];
		row_add(t);
		row_number(t, PID, task->pid);
		row_string(t, COMM, task->comm);
		row_number(t, START, e->start);
		row_number(t, END, e->end);
		row_string(t, PERMS, e->perms);
		row_number(t, OFFSET, e->offset);
		row_number(t, MAJOR, e->major);
		row_number(t, MINOR, e->minor);
		row_number(t, INODE, e->ino);
		if (e->name)
			row_string(t, PATH, e->name);
		out_flush(out);
	}
}

static void maps_show_text(struct out *out, bool heading,
			   const struct task *task, const struct maps *maps)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	if (heading) {
		out_text(out, "==> %u ", task->pid);
		out_guest(out, task->comm, strlen(task->comm));
		out_text(out, " <==\n");
	}
	for (i = 0; i < maps->n; i++) {
		buf_reset(&b);
		proc_maps_line(&maps->v[i], &b);
		out->oom |= b.oom;
		out_procfs(out, b.data, b.len);
		out_flush(out);
	}
}

/* Rows of all that have no name since this function makes it. */
static size_t count_made_by(const struct state *st, uint64_t maker)
{
	size_t i, row, n = 0;

	for (i = 0; i < st->n; i++)
		for (row = 0; row < st->maps.v[i].n; row++)
			n += st->maps.v[i].v[row].maker == maker;
	return n;
}

static void note_maker(struct session *s, const struct state *st,
		       uint64_t maker, struct out *out)
{
	const char *name = "";
	uint64_t offset = 0;
	char where[160];
	size_t n = count_made_by(st, maker);

	snprintf(where, sizeof(where), "0x%" PRIx64, maker);
	if (profile_nearest(s->guest.kernel->profile, maker, &name, &offset) &&
	    !offset)
		snprintf(where, sizeof(where), "%s", name);
	out_note(out,
		 "maps: %zu row%s without %s name: %s makes it, which qvmi "
		 "does not know",
		 n, n == 1 ? "" : "s", n == 1 ? "its" : "their", where);
}

/* Each function that is not known, once. */
static void note_makers(struct session *s, const struct state *st,
			struct out *out)
{
	_cleanup_(map_deinit) struct map told = {0};
	size_t i, row;

	for (i = 0; i < st->n; i++)
		for (row = 0; row < st->maps.v[i].n; row++) {
			uint64_t maker = st->maps.v[i].v[row].maker;

			if (!maker || map_get(&told, maker, NULL))
				continue;
			if (map_put(&told, maker, 0)) {
				out->oom = true;
				return;
			}
			note_maker(s, st, maker, out);
		}
}

static int maps_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	size_t i;

	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->n; i++) {
		if (out->json)
			maps_show_rows(out, &st->tasks[i], &st->maps.v[i]);
		else
			maps_show_text(out, st->all, &st->tasks[i],
				       &st->maps.v[i]);
		if (st->maps.v[i].torn)
			out_fail(out, ERR_UNREADABLE,
				 "maps of pid %u are not whole: %s",
				 st->tasks[i].pid, st->maps.v[i].why);
	}
	note_makers(s, st, out);
	if (st->list.torn)
		out_fail(out, ERR_UNREADABLE, "maps: tasks are missing: %s",
			 st->list.why);
	return 0;
}

static void cmd_maps_deinit(void *state)
{
	struct state *st = state;

	maps_deinit(&st->maps);
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
