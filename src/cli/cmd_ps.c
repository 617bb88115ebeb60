/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi ps: processes and threads. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/tree.h"
#include "kernel/rss.h"
#include "kernel/task.h"

struct state {
	bool threads, tree;
	struct task_list tasks;
	struct rss *rss; /* one per task */
};

enum {
	KEY_TREE = 0x100
};

static const struct argp_option options[] = {
	{"threads", 't', NULL, 0, "Show threads too", 0},
	{"tree", KEY_TREE, NULL, 0, "Draw who is whose child", 0},
	{0}};

static int option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)arg;
	(void)err;
	if (key == 't')
		st->threads = true;
	else if (key == KEY_TREE)
		st->tree = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static int read_rss(struct session *s, struct state *st, struct err *err)
{
	st->rss = calloc(st->tasks.n + 1, sizeof(*st->rss));
	if (!st->rss)
		return err_nomem(err);
	return rss_of_tasks(s->kernel, st->tasks.v, st->tasks.n, st->rss, err);
}

static int run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = task_list_read(s->kernel, st->threads, &st->tasks, err);

	return rc ? rc : read_rss(s, st, err);
}

enum {
	PID,
	TID,
	PPID,
	UID,
	RUID,
	STATE,
	RSS,
	KTHREAD,
	TASK,
	TORN,
	COMM,
	COMMAND,
	N_COLUMNS
};

/* Four looks of one set of columns: with or without TID, list or tree. */
#define COLUMNS(tid_title, is_tree)                                      \
	{                                                                \
		[PID] = OUT_COLUMN("pid", "PID", OUT_COUNT),             \
		[TID] = OUT_COLUMN("tid", (tid_title), OUT_COUNT),       \
		[PPID] = OUT_COLUMN("ppid", "PPID", OUT_COUNT),          \
		[UID] = OUT_COLUMN("uid", "UID", OUT_COUNT),             \
		[RUID] = OUT_COLUMN("ruid", NULL, OUT_COUNT),            \
		[STATE] = OUT_COLUMN("state", "STATE", OUT_WORDS),       \
		[RSS] = OUT_COLUMN("rss", "RSS", OUT_KIB),               \
		[KTHREAD] = OUT_COLUMN("kernel_thread", NULL, OUT_FLAG), \
		[TASK] = OUT_COLUMN("task", NULL, OUT_HEX),              \
		[TORN] = OUT_COLUMN("torn", NULL, OUT_FLAG),             \
		[COMM] = OUT_COLUMN("comm", NULL, OUT_GUEST),            \
		[COMMAND] = {.key = NULL,                                \
			     .title = "COMM",                            \
			     .type = OUT_GUEST,                          \
			     .tree = (is_tree)},                         \
	}

static const struct out_column columns[2][2][N_COLUMNS] = {
	{COLUMNS(NULL, false), COLUMNS(NULL, true)},
	{COLUMNS("TID", false), COLUMNS("TID", true)},
};

/* Kernel threads stand in brackets, as in ps. */
static void show_comm(struct out_table *t, const struct task *task)
{
	char text[sizeof(task->comm) + 2];
	size_t n = strnlen(task->comm, sizeof(task->comm));

	out_bytes(t, COMM, task->comm, n);
	if (!task_is_kthread(task)) {
		out_bytes(t, COMMAND, task->comm, n);
		return;
	}
	text[0] = '[';
	memcpy(text + 1, task->comm, n);
	text[n + 1] = ']';
	out_bytes(t, COMMAND, text, n + 2);
}

static void show_task(struct out_table *t, const struct task *task,
		      const struct rss *rss)
{
	out_row(t);
	out_number(t, PID, task->tgid);
	out_number(t, TID, task->pid);
	out_number(t, TASK, task->addr);
	out_number(t, TORN, task->torn);
	out_number(t, KTHREAD, task_is_kthread(task));
	out_number(t, PPID, task->ppid);
	out_number(t, UID, task->euid);
	out_number(t, RUID, task->uid);
	out_bytes(t, STATE, &task->state, 1);
	if (rss->known)
		out_number(t, RSS, rss_total(rss) * PAGE_SIZE_4K);
	show_comm(t, task);
}

static int show_tree(struct out_table *t, const struct task_list *l,
		     struct err *err)
{
	_cleanup_free_ size_t *parents = calloc(l->n + 1, sizeof(*parents));
	size_t i;

	if (!parents || tree_parents(l->v, l->n, parents))
		return err_nomem(err);
	for (i = 0; i < l->n; i++)
		if (parents[i] != TREE_ROOT)
			out_parent(t, i, parents[i]);
	return 0;
}

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct state *st = state;
	size_t i, torn = 0, unknown = 0;

	(void)s;
	out_begin(out, OUT_TABLE, columns[st->threads][st->tree], N_COLUMNS);
	for (i = 0; i < st->tasks.n; i++) {
		show_task(&out->rows, &st->tasks.v[i], &st->rss[i]);
		torn += st->tasks.v[i].torn;
		unknown += !st->rss[i].known;
	}
	if (torn)
		out_note(out,
			 "%zu tasks could be read only in part (\"torn\" in "
			 "JSON)",
			 torn);
	if (unknown)
		out_note(out,
			 "the RSS of %zu tasks is not known: not all of its "
			 "counters are within reach",
			 unknown);
	if (st->tasks.torn)
		out_fail(out, ERR_UNREADABLE, "ps: tasks are missing: %s",
			 st->tasks.why);
	return st->tree ? show_tree(&out->rows, &st->tasks, err) : 0;
}

static void deinit(void *state)
{
	struct state *st = state;

	task_list_deinit(&st->tasks);
	free(st->rss);
}

const struct cmd cmd_ps = {
	.name = "ps",
	.summary = "List processes",
	.doc = "UID is the effective one, RSS is in KiB (in JSON: bytes).  "
	       "Kernel threads stand in brackets.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.state_size = sizeof(struct state),
	.option = option,
	.run = run,
	.show = show,
	.deinit = deinit,
};
