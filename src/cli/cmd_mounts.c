/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi mounts: what is mounted where. */
#include "cli/commands.h"
#include "cli/of_process.h"
#include "proc/mount_rows.h"

static int mounts_operands(void *state, char **argv, int n, struct err *err)
{
	struct of_process *p = state;

	p->pid = 1;
	if (!n && !p->all)
		return 0;
	return of_process_operands(&cmd_mounts, p, argv, n, err);
}

static int mounts_run(struct session *s, void *state, struct err *err)
{
	return of_process_read(&proc_mount_rows, false, s, state, err);
}

static int mounts_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	(void)err;
	return of_process_show(s, state, "mounts", out);
}

const struct cmd cmd_mounts = {
	.name = "mounts",
	.topic = TOPIC_LOOK,
	.summary = "List what is mounted where",
	.args = "[PID]\n--all",
	.doc = "The mounts of the namespace that a process is in, of PID 1 "
	       "where none is named; with --all those of each namespace, below "
	       "the first process that is in it.",
	.needs = NEEDS_KERNEL,
	.options = of_process_options,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct of_process),
	.option = of_process_option,
	.operands = mounts_operands,
	.run = mounts_run,
	.show = mounts_show,
	.deinit = of_process_deinit,
};
