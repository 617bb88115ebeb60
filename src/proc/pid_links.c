/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/exe, cwd and root (fs/proc/base.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/fs/task_paths.h"
#include "proc/proc.h"

static void link_text(const struct path_job *job, struct proc_part *out)
{
	if (job->text)
		buf_puts(&out->text, job->text);
	else if (job->fault)
		proc_part_path(out, job->fault, job->fault_at);
}

static int links_read(enum task_path which, struct kernel *k,
		      struct proc_values *out, struct err *err)
{
	struct path_job *jobs = calloc(out->n + 1, sizeof(*jobs));
	size_t i;
	int rc;

	if (!jobs)
		return err_nomem(err);
	rc = task_paths_read(k, out->tasks, out->n, which, jobs, err);
	for (i = 0; i < out->n; i++) {
		if (!rc)
			link_text(&jobs[i], &out->parts[i]);
		free(jobs[i].text);
	}
	free(jobs);
	return rc;
}

static int exe_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return links_read(TASK_PATH_EXE, k, out, err);
}

static int cwd_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return links_read(TASK_PATH_CWD, k, out, err);
}

static int root_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return links_read(TASK_PATH_ROOT, k, out, err);
}

const struct proc_file proc_pid_cwd = {
	.name = "cwd",
	.scope = PROC_TASK,
	.kind = PROC_LINK,
	.read = cwd_read,
};

const struct proc_file proc_pid_exe = {
	.name = "exe",
	.scope = PROC_TASK,
	.kind = PROC_LINK,
	.read = exe_read,
};

const struct proc_file proc_pid_root = {
	.name = "root",
	.scope = PROC_TASK,
	.kind = PROC_LINK,
	.read = root_read,
};
