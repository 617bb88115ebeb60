/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/autogroup (kernel/sched/autogroup.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/autogroup.h"
#include "proc/proc.h"

static int autogroup_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct autogroup *groups = calloc(out->n + 1, sizeof(*groups));
	size_t i;
	int rc = groups ? autogroups_read(k, out->tasks, out->n, groups, err)
			: err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (!groups[i].known)
			proc_part_unknown(&out->parts[i], groups[i].torn);
		else if (groups[i].is_group)
			buf_printf(&out->parts[i].text,
				   "/autogroup-%" PRId64 " nice %" PRId32 "\n",
				   groups[i].id, groups[i].nice);
	free(groups);
	return rc;
}

const struct proc_file proc_pid_autogroup = {
	.name = "autogroup",
	.scope = PROC_PROCESS,
	.needs = "proc_sched_autogroup_show_task",
	.read = autogroup_read,
};
