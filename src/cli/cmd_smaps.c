/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi smaps: what mappings of a process use, or all processes. */
#include "cli/commands.h"
#include "cli/of_process.h"

static int smaps_operands(void *state, char **argv, int n, struct err *err)
{
	return of_process_operands(&cmd_smaps, state, argv, n, err);
}

static int smaps_run(struct session *s, void *state, struct err *err)
{
	struct of_process *p = state;

	return of_process_read(p->all ? &proc_pid_smaps_rollup
				      : &proc_pid_smaps,
			       true, s, p, err);
}

static int smaps_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	(void)err;
	return of_process_show(s, state, "smaps", out);
}

const struct cmd cmd_smaps = {
	.name = "smaps",
	.topic = TOPIC_LOOK,
	.summary = "Show what memory mappings of a process use",
	.args = "PID\n--all",
	.doc = "What /proc/PID/smaps says, as a table, in KiB; with --all a "
	       "row for each process, as /proc/PID/smaps_rollup.  'cat "
	       "PID/smaps' prints the file itself.",
	.needs = NEEDS_KERNEL,
	.options = of_process_options,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct of_process),
	.option = of_process_option,
	.operands = smaps_operands,
	.run = smaps_run,
	.show = smaps_show,
	.deinit = of_process_deinit,
};
