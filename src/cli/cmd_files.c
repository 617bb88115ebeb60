/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi files: the open files of a process, or of all. */
#include "cli/commands.h"
#include "cli/of_process.h"
#include "proc/pid_fd.h"

static int files_operands(void *state, char **argv, int n, struct err *err)
{
	return of_process_operands(&cmd_files, state, argv, n, err);
}

static int files_run(struct session *s, void *state, struct err *err)
{
	return of_process_read(&proc_open_files, false, s, state, err);
}

static int files_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	(void)err;
	return of_process_show(s, state, "files", out);
}

const struct cmd cmd_files = {
	.name = "files",
	.topic = TOPIC_LOOK,
	.summary = "List the open files of a process",
	.args = "PID\n--all",
	.doc = "A row for each descriptor: what it leads to, how it was "
	       "opened, and where in it the process is.  'cat PID/fdinfo/3' "
	       "prints what the guest's own /proc says of one.",
	.needs = NEEDS_KERNEL,
	.options = of_process_options,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct of_process),
	.option = of_process_option,
	.operands = files_operands,
	.run = files_run,
	.show = files_show,
	.deinit = of_process_deinit,
};
