/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/ns: the namespaces of a task (fs/proc/namespaces.c). */
#include <stdlib.h>

#include "kernel/task/task_ns.h"
#include "proc/proc.h"

/* In the order of their names. */
static const struct {
	enum task_ns_kind kind;
	const char *name;
} spaces[] = {
	{TASK_NS_CGROUP, "cgroup"},
	{TASK_NS_IPC, "ipc"},
	{TASK_NS_MNT, "mnt"},
	{TASK_NS_NET, "net"},
	{TASK_NS_PID, "pid"},
	{TASK_NS_PID_FOR_CHILDREN, "pid_for_children"},
	{TASK_NS_TIME, "time"},
	{TASK_NS_TIME_FOR_CHILDREN, "time_for_children"},
	{TASK_NS_USER, "user"},
	{TASK_NS_UTS, "uts"},
};

#define SPACES (sizeof(spaces) / sizeof(spaces[0]))

/* Which a task has: a record each. */
struct ns_part {
	size_t which[SPACES];
	uint32_t inum[SPACES];
};

/* One that leads nowhere, or may, is missing. */
static void ns_take(const struct task_ns *ns, struct ns_part *out,
		    struct proc_part *part)
{
	bool missing = ns->torn;
	size_t j;

	for (j = 0; j < SPACES; j++) {
		uint32_t inum = ns->inum[spaces[j].kind];

		missing |= !inum && ns->at[spaces[j].kind];
		if (!inum)
			continue;
		out->which[part->records] = j;
		out->inum[part->records++] = inum;
	}
	if (!missing)
		return;
	part->torn = true;
	part->missing = true;
	buf_puts(&part->why, "some namespaces cannot be read");
}

static int ns_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct task_ns *ns = calloc(out->n + 1, sizeof(*ns));
	struct ns_part *parts = calloc(out->n + 1, sizeof(*parts));
	size_t i;
	int rc;

	out->own = parts;
	rc = ns && parts ? task_ns_read(k, out->tasks, out->n, ns, err)
			 : err_nomem(err);
	for (i = 0; i < out->n && !rc; i++)
		ns_take(&ns[i], &parts[i], &out->parts[i]);
	free(ns);
	return rc;
}

static void ns_entry(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out)
{
	const struct ns_part *p = (const struct ns_part *)v->own + i;

	buf_puts(out, spaces[p->which[record]].name);
}

static void ns_text(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out)
{
	const struct ns_part *p = (const struct ns_part *)v->own + i;

	buf_printf(out, "%s:[%u]", task_ns_name(spaces[p->which[record]].kind),
		   p->inum[record]);
}

static void ns_deinit(struct proc_values *v)
{
	free(v->own);
}

const struct proc_file proc_pid_ns = {
	.name = "ns",
	.scope = PROC_TASK,
	.kind = PROC_LINK_DIR,
	.read = ns_read,
	.text = ns_text,
	.entry = ns_entry,
	.deinit = ns_deinit,
};
