/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/comm (fs/proc/base.c, comm_show(): not escaped). */
#include "proc/proc.h"

static int read_comm(struct kernel *k, struct proc_values *out, struct err *err)
{
	size_t i;

	(void)k, (void)err;
	for (i = 0; i < out->n; i++)
		buf_printf(&out->parts[i].text, "%s\n", out->tasks[i].comm);
	return 0;
}

const struct proc_file proc_pid_comm = {
	.name = "comm",
	.scope = PROC_TASK,
	.read = read_comm,
};
