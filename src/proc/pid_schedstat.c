/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/schedstat (fs/proc/base.c, proc_pid_schedstat()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_numbers.h"
#include "proc/proc.h"

static int schedstat_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct task_numbers *t = calloc(out->n + 1, sizeof(*t));
	size_t i;
	int rc = t ? task_numbers_read(k, out->tasks, out->n, t, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (t[i].known[TASK_RUNTIME] && t[i].known[TASK_RUN_DELAY] &&
		    t[i].known[TASK_TIMES_RUN])
			buf_printf(&out->parts[i].text,
				   "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
				   t[i].v[TASK_RUNTIME], t[i].v[TASK_RUN_DELAY],
				   t[i].v[TASK_TIMES_RUN]);
		else
			proc_part_unknown(&out->parts[i], t[i].torn);
	free(t);
	return rc;
}

const struct proc_file proc_pid_schedstat = {
	.name = "schedstat",
	.scope = PROC_TASK,
	.read = schedstat_read,
};
