/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi cgroup: control groups, and which processes are in them. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/members.h"
#include "kernel/task/cgroup_values.h"
#include "kernel/task/task.h"
#include "kernel/task/task_cgroup.h"
#include "kernel/task/task_ns.h"

struct state {
	const char *path; /* of the group that is meant; NULL: all */
	struct task_list tasks;
	struct task_cgroups groups;
	struct task_ns *ns;	      /* of each task, with a path */
	struct cgroup_values *values; /* of its group of version 2, without */
};

/* A task in a group of a hierarchy. */
struct member {
	size_t hierarchy, task;
	const struct task_cgroup *group;
};

static int cgroup_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if (n && argv[0][0] != '/')
		return err_set(err, ERR_USAGE,
			       "'%.100s' is no path of a control group: it "
			       "begins with '/'",
			       argv[0]);
	st->path = n ? argv[0] : NULL;
	return 0;
}

static void cgroup_free(struct state *st)
{
	task_list_deinit(&st->tasks);
	task_cgroups_deinit(&st->groups);
	st->groups = (struct task_cgroups){0};
	free(st->ns);
	free(st->values);
	st->ns = NULL;
	st->values = NULL;
}

/* What the groups of version 2 use; once for each task that is in one. */
static int cgroup_read_values(struct kernel *k, struct state *st,
			      struct err *err)
{
	const struct task_cgroups *c = &st->groups;
	_cleanup_free_ uint64_t *at = calloc(st->tasks.n + 1, sizeof(*at));
	size_t i, h;

	st->values = calloc(st->tasks.n + 1, sizeof(*st->values));
	if (!at || !st->values)
		return err_nomem(err);
	for (i = 0; c->known && i < st->tasks.n; i++)
		for (h = 0; h < c->list.n; h++)
			if (c->list.v[h].is_default)
				at[i] = c->of[i * c->list.n + h].at;
	return cgroup_values_read(k, at, st->tasks.n, st->values, err);
}

static int cgroup_read_ns(struct kernel *k, struct state *st, struct err *err)
{
	st->ns = calloc(st->tasks.n + 1, sizeof(*st->ns));
	return st->ns ? task_ns_read(k, st->tasks.v, st->tasks.n, st->ns, err)
		      : err_nomem(err);
}

static int cgroup_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc;

	cgroup_free(st);
	rc = task_list_read(k, false, &st->tasks, err);
	if (!rc)
		rc = task_cgroups_read(k, st->tasks.v, st->tasks.n, &st->groups,
				       err);
	if (!rc && !st->groups.known && !st->groups.torn)
		rc = err_set(err, ERR_NO_LINUX,
			     "cgroup: this kernel keeps control groups in no "
			     "way that qvmi knows");
	if (rc)
		return rc;
	return st->path ? cgroup_read_ns(k, st, err)
			: cgroup_read_values(k, st, err);
}

enum {
	HIERARCHY,
	CONTROLLERS,
	PATH,
	PROCESSES,
	MEMORY,
	MEMORY_MAX,
	PIDS,
	PIDS_MAX,
	PID,
	COMM,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[HIERARCHY] = ROW_COLUMN("hierarchy", "HIERARCHY", ROW_COUNT),
	[CONTROLLERS] = ROW_COLUMN("controllers", "CONTROLLERS", ROW_GUEST),
	[PATH] = ROW_COLUMN("path", "PATH", ROW_GUEST),
	[PROCESSES] = ROW_COLUMN("processes", "NPROCS", ROW_COUNT),
	[MEMORY] = ROW_COLUMN("memory", "MEMORY", ROW_SIZE),
	[MEMORY_MAX] = ROW_COLUMN("memory_max", "MEMORY_MAX", ROW_SIZE),
	[PIDS] = ROW_COLUMN("pids", "PIDS", ROW_COUNT),
	[PIDS_MAX] = ROW_COLUMN("pids_max", "PIDS_MAX", ROW_COUNT),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
};

enum {
	OF_HIERARCHY,
	OF_MEMBER,
	N_OF = OF_MEMBER + N_MEMBER_COLUMNS
};

static const struct row_column member_columns[] = {
	[OF_HIERARCHY] = ROW_COLUMN("hierarchy", "HIERARCHY", ROW_COUNT),
	MEMBER_COLUMNS(OF_MEMBER),
};

/* By hierarchy, path and task. */
static int member_order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int paths;

	if (x->hierarchy != y->hierarchy)
		return x->hierarchy < y->hierarchy ? -1 : 1;
	paths = strcmp(x->group->path, y->group->path);
	if (paths)
		return paths;
	return x->task < y->task ? -1 : x->task > y->task;
}

static bool members_are_together(const struct member *a, const struct member *b)
{
	return a->hierarchy == b->hierarchy &&
	       !strcmp(a->group->path, b->group->path);
}

/* All that are wanted, sorted, so that those of one group are side by side; and
 * how many could not be read. */
static struct member *cgroup_members(const struct state *st, size_t *n,
				     size_t *unknown)
{
	const struct task_cgroups *c = &st->groups;
	struct member *v;
	size_t i, h;

	*n = *unknown = 0;
	v = calloc(st->tasks.n * c->list.n + 1, sizeof(*v));
	for (i = 0; v && c->known && i < st->tasks.n; i++)
		for (h = 0; h < c->list.n; h++) {
			const struct task_cgroup *g = &c->of[i * c->list.n + h];

			*unknown += !g->path;
			if (g->path &&
			    (!st->path || !strcmp(g->path, st->path)))
				v[(*n)++] = (struct member){h, i, g};
		}
	if (v)
		qsort(v, *n, sizeof(*v), member_order);
	return v;
}

/* "cpu,cpuacct", "name=systemd"; nothing of version 2. */
static void cgroup_row_controllers(const struct state *st,
				   const struct cgroup_hierarchy *h,
				   struct row_table *t)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	unsigned int bit;

	for (bit = 0; bit < CGROUP_SUBSYS_MAX && !h->is_default; bit++)
		if (h->subsystems & 1u << bit)
			buf_printf(&b, "%s%s", b.len ? "," : "",
				   st->groups.subsystems[bit]);
	if (h->name[0])
		buf_printf(&b, "%sname=%s", b.len ? "," : "", h->name);
	t->rows->oom |= b.oom;
	if (b.len)
		row_bytes(t, CONTROLLERS, b.data, b.len);
}

static void cgroup_row_values(const struct cgroup_values *v,
			      struct row_table *t)
{
	if (v->has_memory)
		row_number(t, MEMORY, v->memory);
	if (v->has_memory && v->memory_max != CGROUP_NO_LIMIT)
		row_number(t, MEMORY_MAX, v->memory_max);
	if (v->has_pids)
		row_number(t, PIDS, v->pids);
	if (v->has_pids && v->pids_max != CGROUP_NO_LIMIT)
		row_number(t, PIDS_MAX, v->pids_max);
}

static void cgroup_show_groups(const struct state *st, const struct member *v,
			       size_t n, struct row_table *t)
{
	size_t i, j;

	for (i = 0; i < n; i = j) {
		const struct cgroup_hierarchy *h =
			&st->groups.list.v[v[i].hierarchy];
		const struct task *first = &st->tasks.v[v[i].task];

		for (j = i; j < n && members_are_together(&v[i], &v[j]); j++)
			;
		row_add(t);
		row_number(t, HIERARCHY, h->id);
		cgroup_row_controllers(st, h, t);
		row_string(t, PATH, v[i].group->path);
		row_number(t, PROCESSES, j - i);
		if (h->is_default)
			cgroup_row_values(&st->values[v[i].task], t);
		row_number(t, PID, first->pid);
		row_string(t, COMM, first->comm);
	}
}

static void cgroup_show_members(const struct state *st, const struct member *v,
				size_t n, struct row_table *t)
{
	size_t i;

	for (i = 0; i < n; i++) {
		row_add(t);
		row_number(t, OF_HIERARCHY,
			   st->groups.list.v[v[i].hierarchy].id);
		member_row_put(t, OF_MEMBER, &st->tasks.v[v[i].task],
			       st->ns[v[i].task].pid);
	}
}

static int cgroup_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;
	size_t n, unknown;
	_cleanup_free_ struct member *v = cgroup_members(st, &n, &unknown);

	(void)s;
	if (!v)
		return err_nomem(err);
	out_begin(out, OUT_TABLE, st->path ? member_columns : columns,
		  st->path ? N_OF : N_COLUMNS);
	if (st->path)
		cgroup_show_members(st, v, n, &out->rows.top);
	else
		cgroup_show_groups(st, v, n, &out->rows.top);
	if (st->tasks.torn)
		out_fail(out, ERR_UNREADABLE,
			 "cgroup: there may be more processes: %.200s",
			 st->tasks.why);
	else if (st->groups.torn || !st->groups.known || unknown)
		out_fail(out, ERR_UNREADABLE,
			 "cgroup: a list of control groups is damaged");
	else if (st->path && !n)
		return err_set(err, ERR_NOT_FOUND,
			       "cgroup: no process is in a control group "
			       "%.200s",
			       st->path);
	else if (!st->groups.list.n)
		out_note(out, "no hierarchy of control groups was mounted");
	return 0;
}

static void cgroup_deinit(void *state)
{
	cgroup_free(state);
}

const struct cmd cmd_cgroup = {
	.name = "cgroup",
	.topic = TOPIC_LOOK,
	.summary = "List control groups, or the processes in one",
	.args = "[PATH]",
	.doc = "Each control group that a process is in, of each hierarchy "
	       "that was mounted: that of version 2 is number 0; with how many "
	       "processes are in it, the first of them, and in version 2 how "
	       "much memory and how many tasks it has and may have at most.  "
	       "With the PATH of "
	       "a group, from the hierarchy's root on, all processes in it, "
	       "and their PIDs as they see them themselves.",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = cgroup_operands,
	.run = cgroup_run,
	.show = cgroup_show,
	.deinit = cgroup_deinit,
};
