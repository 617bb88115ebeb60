/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/cgroup (kernel/cgroup/cgroup.c, proc_cgroup_show()). */
#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/task/task_cgroup.h"
#include "proc/proc.h"

/* "4:cpu,cpuacct:", "1:name=systemd:", or "0::" of version 2. */
static void put_hierarchy(const struct task_cgroups *c,
			  const struct cgroup_hierarchy *h, struct buf *out)
{
	const char *comma = "";
	unsigned int bit;

	buf_printf(out, "%" PRIu32 ":", h->id);
	for (bit = 0; bit < CGROUP_SUBSYS_MAX && !h->is_default; bit++) {
		if (!(h->subsystems & 1u << bit))
			continue;
		buf_printf(out, "%s%s", comma, c->subsystems[bit]);
		comma = ",";
	}
	if (h->name[0])
		buf_printf(out, "%sname=%s", comma, h->name);
	buf_puts(out, ":");
}

static void cgroup_text(const struct task_cgroups *c, size_t i,
			struct proc_part *part)
{
	size_t h;

	for (h = 0; h < c->list.n; h++) {
		const struct task_cgroup *of = &c->of[i * c->list.n + h];

		if (!of->path) {
			part->torn = true;
			buf_reset(&part->why);
			buf_puts(&part->why, "a control group cannot be read");
			continue;
		}
		put_hierarchy(c, &c->list.v[h], &part->text);
		buf_printf(&part->text, "%s%s\n", of->path,
			   of->dead ? " (deleted)" : "");
	}
	if (!c->torn || part->torn)
		return;
	part->torn = true;
	buf_puts(&part->why, "the list of hierarchies is damaged");
}

static int cgroup_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	_cleanup_(task_cgroups_deinit) struct task_cgroups c = {0};
	size_t i;
	int rc = task_cgroups_read(k, out->tasks, out->n, &c, err);

	for (i = 0; i < out->n && !rc; i++)
		if (c.known)
			cgroup_text(&c, i, &out->parts[i]);
		else
			proc_part_unknown(&out->parts[i], c.torn);
	return rc;
}

const struct proc_file proc_pid_cgroup = {
	.name = "cgroup",
	.scope = PROC_TASK,
	.needs = "proc_cgroup_show",
	.read = cgroup_read,
};
