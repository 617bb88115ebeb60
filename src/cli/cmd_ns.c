/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi ns: namespaces, and which processes are in them. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/members.h"
#include "guest/number.h"
#include "kernel/task/task.h"
#include "kernel/task/task_ns.h"

/* Those that a task is in; not those that its children will be in. */
#define KINDS TASK_NS_PID_FOR_CHILDREN

struct state {
	bool has_kind, has_inum; /* which are meant; neither: all */
	enum task_ns_kind kind;
	uint32_t inum;
	struct task_list tasks;
	struct task_ns *ns; /* of each */
};

/* One namespace; its tasks are counted. */
struct space {
	enum task_ns_kind kind;
	uint32_t inum;
	size_t first, n; /* its first task, and how many */
};

static int ns_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	uint64_t value;

	if (!n)
		return 0;
	for (st->kind = 0; st->kind < KINDS; st->kind++)
		if (!strcmp(argv[0], task_ns_name(st->kind))) {
			st->has_kind = true;
			return 0;
		}
	if (number_parse(argv[0], "namespace", UINT32_MAX, &value, err))
		return err_set(err, ERR_USAGE,
			       "'%.40s' is neither a type of namespaces "
			       "(cgroup, ipc, mnt, net, pid, time, user, uts) "
			       "nor the number of one",
			       argv[0]);
	st->has_inum = true;
	st->inum = (uint32_t)value;
	return 0;
}

static void ns_free(struct state *st)
{
	task_list_deinit(&st->tasks);
	free(st->ns);
	st->ns = NULL;
}

static int ns_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	ns_free(st);
	rc = task_list_read(s->guest.kernel, false, &st->tasks, err);
	if (rc)
		return rc;
	st->ns = calloc(st->tasks.n + 1, sizeof(*st->ns));
	return st->ns ? task_ns_read(s->guest.kernel, st->tasks.v, st->tasks.n,
				     st->ns, err)
		      : err_nomem(err);
}

enum {
	NS,
	TYPE,
	PROCESSES,
	PID,
	UID,
	COMM,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NS] = ROW_COLUMN("ns", "NS", ROW_COUNT),
	[TYPE] = ROW_COLUMN("type", "TYPE", ROW_WORDS),
	[PROCESSES] = ROW_COLUMN("processes", "NPROCS", ROW_COUNT),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[UID] = ROW_COLUMN("uid", "UID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
};

static const struct row_column member_columns[] = {
	MEMBER_COLUMNS(0),
};

static int space_order(const void *a, const void *b)
{
	const struct space *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->inum != y->inum)
		return x->inum < y->inum ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static bool ns_is_wanted(const struct state *st, enum task_ns_kind kind,
			 uint32_t inum)
{
	return inum && (!st->has_kind || kind == st->kind);
}

/* A row for each namespace: sorted, so that those of one are side by side. */
static int ns_show_spaces(const struct state *st, struct row_table *t,
			  struct err *err)
{
	_cleanup_free_ struct space *v =
		calloc(st->tasks.n * KINDS + 1, sizeof(*v));
	size_t i, j, n = 0;
	enum task_ns_kind kind;

	if (!v)
		return err_nomem(err);
	for (i = 0; i < st->tasks.n; i++)
		for (kind = 0; kind < KINDS; kind++)
			if (ns_is_wanted(st, kind, st->ns[i].inum[kind]))
				v[n++] = (struct space){
					kind, st->ns[i].inum[kind], i, 1};
	qsort(v, n, sizeof(*v), space_order);
	for (i = 0; i < n; i = j) {
		const struct task *first = &st->tasks.v[v[i].first];

		for (j = i;
		     j < n && v[j].kind == v[i].kind && v[j].inum == v[i].inum;
		     j++)
			;
		row_add(t);
		row_number(t, NS, v[i].inum);
		row_string(t, TYPE, task_ns_name(v[i].kind));
		row_number(t, PROCESSES, j - i);
		row_number(t, PID, first->pid);
		row_number(t, UID, first->uid);
		row_string(t, COMM, first->comm);
	}
	return 0;
}

/* A row for each process in one; how many. */
static size_t ns_show_members(const struct state *st, struct row_table *t)
{
	size_t i, n = 0;
	enum task_ns_kind kind;

	for (i = 0; i < st->tasks.n; i++) {
		for (kind = 0; kind < KINDS && st->ns[i].inum[kind] != st->inum;
		     kind++)
			;
		if (kind == KINDS)
			continue;
		n++;
		row_add(t);
		member_row_put(t, 0, &st->tasks.v[i], st->ns[i].pid);
	}
	return n;
}

static int ns_show(struct session *s, void *state, struct out *out,
		   struct err *err)
{
	const struct state *st = state;
	int rc = 0;

	(void)s;
	out_begin(out, OUT_TABLE, st->has_inum ? member_columns : columns,
		  st->has_inum ? N_MEMBER_COLUMNS : N_COLUMNS);
	if (!st->has_inum)
		rc = ns_show_spaces(st, &out->rows.top, err);
	else if (!ns_show_members(st, &out->rows.top))
		rc = err_set(err, ERR_NOT_FOUND,
			     "ns: no process is in a namespace %u", st->inum);
	if (st->tasks.torn)
		out_fail(out, ERR_UNREADABLE,
			 "ns: there may be more processes: %.200s",
			 st->tasks.why);
	return rc;
}

static void ns_deinit(void *state)
{
	ns_free(state);
}

const struct cmd cmd_ns = {
	.name = "ns",
	.topic = TOPIC_LOOK,
	.summary = "List namespaces, or the processes in one",
	.args = "[TYPE|NUMBER]",
	.doc = "As lsns(8): each namespace with how many processes are in it, "
	       "and the first of them.  TYPE is cgroup, ipc, mnt, net, pid, "
	       "time, user or uts; of the namespace with a NUMBER all "
	       "processes, and their PIDs as they see them themselves.",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = ns_operands,
	.run = ns_run,
	.show = ns_show,
	.deinit = ns_deinit,
};
