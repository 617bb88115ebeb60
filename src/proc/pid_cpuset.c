/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/cpuset (kernel/cgroup/cpuset.c, proc_cpuset_show()). */
#include <stdlib.h>

#include "kernel/task/task_cpuset.h"
#include "proc/proc.h"

static int cpuset_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	char **paths = calloc(out->n + 1, sizeof(*paths));
	bool known = false;
	size_t i;
	int rc = paths ? task_cpusets_read(k, out->tasks, out->n, paths, &known,
					   err)
		       : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (paths[i])
			buf_printf(&out->parts[i].text, "%s\n", paths[i]);
		else
			proc_part_unknown(&out->parts[i], known);
	for (i = 0; paths && i < out->n; i++)
		free(paths[i]);
	free(paths);
	return rc;
}

const struct proc_file proc_pid_cpuset = {
	.name = "cpuset",
	.scope = PROC_TASK,
	.needs = "proc_cpuset_show",
	.read = cpuset_read,
};
