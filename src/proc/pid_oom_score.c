/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/oom_score (fs/proc/base.c, proc_oom_score()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/mm/task_oom.h"
#include "proc/proc.h"

static int oom_score_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct task_oom *oom = calloc(out->n + 1, sizeof(*oom));
	size_t i;
	int rc = oom ? task_oom_read(k, out->tasks, out->n, oom, err)
		     : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (oom[i].known)
			buf_printf(&out->parts[i].text, "%" PRIu64 "\n",
				   oom[i].score);
		else
			proc_part_unknown(&out->parts[i], oom[i].torn);
	free(oom);
	return rc;
}

const struct proc_file proc_pid_oom_score = {
	.name = "oom_score",
	.scope = PROC_TASK,
	.read = oom_score_read,
};
