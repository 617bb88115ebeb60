/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi ps: processes and threads. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "cli/ps.h"
#include "cli/tree.h"
#include "guest/number.h"
#include "kernel/idr.h"

struct numbers {
	VEC(uint32_t) list; /* ascending; none: any will do */
};

struct state {
	bool threads, tree, no_kthreads;
	struct numbers pids, uids;
	VEC(const char *) names;
	struct ps_columns columns;
	struct ps_order order;
	struct ps_data data;
	struct numbers missing; /* of pids */
};

enum {
	KEY_TREE = 0x100,
	KEY_NO_KTHREADS,
	KEY_SORT
};

static const struct argp_option options[] = {
	{"threads", 't', NULL, 0, "Show threads too", 0},
	{"tree", KEY_TREE, NULL, 0, "Draw who is whose child", 0},
	{"pid", 'p', "PID[,PID]", 0, "Only these processes", 0},
	{"name", 'C', "NAME", 0, "Only what has this name (COMM)", 0},
	{"uid", 'u', "UID[,UID]", 0, "Only what these users run (UID)", 0},
	{"no-kthreads", KEY_NO_KTHREADS, NULL, 0, "No kernel threads", 0},
	{"columns", 'o', "NAME[,NAME]", 0,
	 "Show these columns (see qvmi-ps(1))", 0},
	{"sort", KEY_SORT, "[-]NAME[,NAME]", 0,
	 "Sort by these, with - from the largest on", 0},
	{0}};

static void numbers_deinit(struct numbers *n)
{
	vec_deinit(&n->list);
}

/* "1,2,3": `what` they are, and the most that one can be. */
static int parse_numbers(const char *text, const char *what, uint32_t max,
			 struct numbers *out, struct err *err)
{
	_cleanup_free_ char *copy = strdup(text);
	char *at = copy, *name;
	uint64_t value = 0;
	int rc = copy ? 0 : err_nomem(err);

	while (!rc && at) {
		name = strsep(&at, ",");
		rc = number_parse(name, what, max, &value, err);
		if (!rc && vec_push(&out->list, (uint32_t)value))
			rc = err_nomem(err);
	}
	return rc;
}

static int ps_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case 't':
		st->threads = true;
		return 0;
	case KEY_TREE:
		st->tree = true;
		return 0;
	case KEY_NO_KTHREADS:
		st->no_kthreads = true;
		return 0;
	case 'p':
		return parse_numbers(arg, "--pid", PID_MAX_LIMIT, &st->pids,
				     err);
	case 'u':
		return parse_numbers(arg, "--uid", UINT32_MAX, &st->uids, err);
	case 'C':
		return vec_push(&st->names, arg) ? err_nomem(err) : 0;
	case 'o':
		return ps_columns_add(&st->columns, arg, err);
	case KEY_SORT:
		return ps_order_add(&st->order, &st->columns, arg, err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int ps_by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void sort(struct numbers *n)
{
	if (n->list.n)
		qsort(n->list.v, n->list.n, sizeof(*n->list.v), ps_by_number);
}

static int ps_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)argv;
	(void)n;
	if (st->tree && st->order.n)
		return err_set(err, ERR_USAGE,
			       "a tree is not sorted: --tree or --sort");
	sort(&st->pids);
	sort(&st->uids);
	ps_columns_end(&st->columns, st->threads, st->tree);
	return 0;
}

static bool fits_number(const struct numbers *n, uint32_t value)
{
	return !n->list.n || bsearch(&value, n->list.v, n->list.n,
				     sizeof(value), ps_by_number);
}

static bool fits_name(const struct state *st, const struct task *task)
{
	size_t i;

	for (i = 0; i < st->names.n; i++)
		if (!strncmp(st->names.v[i], task->comm, sizeof(task->comm)))
			return true;
	return !st->names.n;
}

/* Whether a task has a row: all that was asked for must fit. */
static bool ps_fits(const struct state *st, const struct task *task)
{
	return (st->threads || task->pid == task->tgid) &&
	       !(st->no_kthreads && task_is_kthread(task)) &&
	       fits_number(&st->pids, task->tgid) &&
	       fits_number(&st->uids, task->euid) && fits_name(st, task);
}

/* The PIDs that no process has. */
static int find_missing(struct state *st, struct err *err)
{
	const struct task *t = st->data.tasks.v, *end = t + st->data.tasks.n;
	size_t i;

	for (i = 0; i < st->pids.list.n; i++) {
		uint32_t pid = st->pids.list.v[i];

		while (t < end && (t->pid != t->tgid || t->pid < pid))
			t++;
		if ((t == end || t->pid != pid) &&
		    vec_push(&st->missing.list, pid))
			return err_nomem(err);
	}
	return 0;
}

/* Those that are asked for; for the time of a process all of its threads. */
static int ps_read_tasks(struct kernel *k, struct state *st, struct err *err)
{
	bool threads = st->threads || st->columns.needs & PS_TIME;
	const struct numbers *pids = &st->pids;

	if (pids->list.n && !threads)
		return task_list_find(k, pids->list.v, pids->list.n,
				      &st->data.tasks, err);
	return task_list_read(k, threads, &st->data.tasks, err);
}

static int keep_rows(struct state *st, struct err *err)
{
	struct ps_data *d = &st->data;
	_cleanup_free_ bool *keep = calloc(d->tasks.n + 1, sizeof(*keep));
	size_t i;

	if (!keep)
		return err_nomem(err);
	for (i = 0; i < d->tasks.n; i++)
		keep[i] = ps_fits(st, &d->tasks.v[i]);
	ps_keep(d, keep);
	return 0;
}

static int ps_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = ps_read_tasks(s->guest.kernel, st, err);

	if (!rc)
		rc = find_missing(st, err);
	if (!rc)
		rc = ps_read_times(s->guest.kernel, &st->columns, !st->threads,
				   &st->data, err);
	if (!rc)
		rc = keep_rows(st, err);
	return rc ? rc : ps_read(s->guest.kernel, &st->columns, &st->data, err);
}

static int show_tree(struct row_table *t, const struct task_list *l,
		     struct err *err)
{
	_cleanup_free_ size_t *parents = calloc(l->n + 1, sizeof(*parents));
	size_t i;

	if (!parents || tree_parents(l->v, l->n, parents))
		return err_nomem(err);
	for (i = 0; i < l->n; i++)
		if (parents[i] != TREE_ROOT)
			row_parent(t, i, parents[i]);
	return 0;
}

/* What of the rows is not known, and why. */
static void note_unknown(const struct ps_data *d, struct out *out)
{
	size_t i, torn = 0, rss = 0, absent = 0, cut = 0;

	for (i = 0; i < d->tasks.n; i++) {
		torn += d->tasks.v[i].torn;
		rss += d->rss && !d->rss[i].known;
		absent += d->args && d->args[i].state == TASK_ARGS_ABSENT;
		cut += d->args && d->args[i].state == TASK_ARGS_CUT;
	}
	if (torn)
		out_note(out,
			 "%zu tasks could be read only in part (\"torn\" in "
			 "JSON)",
			 torn);
	if (rss)
		out_note(out,
			 "the RSS of %zu tasks is not known: not all of its "
			 "counters are within reach",
			 rss);
	if (absent)
		out_note(out,
			 "the command lines of %zu tasks are not known: not "
			 "all of them is in memory",
			 absent);
	if (cut)
		out_note(out, "the command lines of %zu tasks are cut", cut);
}

static void fail_missing(const struct state *st, struct out *out)
{
	const struct task_list *l = &st->data.tasks;
	struct err torn = {0}, err = {0};
	size_t i;

	if (l->torn)
		err_set(&torn, ERR_UNREADABLE, "%s", l->why);
	for (i = 0; i < st->missing.list.n; i++) {
		task_missing(st->missing.list.v[i], &torn, &err);
		out_fail(out, err.code, "ps: %s", err.text);
	}
}

static int cmd_ps_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	struct state *st = state;
	const struct ps_data *d = &st->data;
	_cleanup_free_ size_t *order = ps_order_make(&st->order, d);
	size_t i;

	(void)s;
	if (!order)
		return err_nomem(err);
	out_begin(out, OUT_TABLE, st->columns.out, st->columns.n);
	for (i = 0; i < d->tasks.n; i++)
		ps_show(&out->rows.top, &st->columns, d, order[i]);
	note_unknown(d, out);
	fail_missing(st, out);
	if (d->tasks.torn && !st->pids.list.n)
		out_fail(out, ERR_UNREADABLE, "ps: tasks are missing: %s",
			 d->tasks.why);
	if (!d->tasks.n && !st->missing.list.n)
		out_fail(out, ERR_NOT_FOUND, "ps: there is no such process");
	return st->tree ? show_tree(&out->rows.top, &d->tasks, err) : 0;
}

static void ps_deinit(void *state)
{
	struct state *st = state;

	numbers_deinit(&st->pids);
	numbers_deinit(&st->uids);
	numbers_deinit(&st->missing);
	vec_deinit(&st->names);
	ps_data_deinit(&st->data);
}

const struct cmd cmd_ps = {
	.name = "ps",
	.topic = TOPIC_LOOK,
	.summary = "List processes",
	.doc = "UID is the effective one, RSS is in KiB (in JSON: bytes).  "
	       "Kernel threads stand in brackets.  What is shown fits all of "
	       "-p, -C, -u and --no-kthreads that are given.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = ps_option,
	.operands = ps_operands,
	.run = ps_run,
	.show = cmd_ps_show,
	.deinit = ps_deinit,
};
