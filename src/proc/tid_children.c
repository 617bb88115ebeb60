/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/task/TID/children (fs/proc/array.c, children_seq_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_children.h"
#include "proc/proc.h"

static void children_text(const struct task_children *c, struct proc_part *part)
{
	size_t i;

	if (!c->known) {
		proc_part_unknown(part, false);
		return;
	}
	for (i = 0; i < c->pids.n; i++)
		buf_printf(&part->text, "%" PRIu32 " ", c->pids.v[i]);
	if (!c->torn)
		return;
	part->torn = true;
	buf_puts(&part->why, "the list of its children is damaged");
}

static int children_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	struct task_children *c = calloc(out->n + 1, sizeof(*c));
	size_t i;
	int rc = c ? task_children_read(k, out->tasks, out->n, c, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		children_text(&c[i], &out->parts[i]);
	task_children_deinit(c, out->n);
	free(c);
	return rc;
}

const struct proc_file proc_tid_children = {
	.name = "children",
	.scope = PROC_THREAD,
	.read = children_read,
};
