/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi maps: /proc/PID/maps of one process or of all. */
#include "cli/commands.h"

#include <string.h>

#include "cli/of_process.h"
#include "cli/proc_show.h"

static int maps_operands(void *state, char **argv, int n, struct err *err)
{
	return of_process_operands(&cmd_maps, state, argv, n, err);
}

static int maps_run(struct session *s, void *state, struct err *err)
{
	return of_process_read(&proc_pid_maps, true, s, state, err);
}

static void maps_show_heading(struct out *out, const struct task *task)
{
	out_text(out, "==> %u ", task->pid);
	out_guest(out, task->comm, strlen(task->comm));
	out_text(out, " <==\n");
}

static int maps_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	const struct of_process *p = state;
	size_t i;

	(void)err;
	out_begin(out, OUT_LINES, proc_pid_maps.columns,
		  proc_pid_maps.n_columns);
	for (i = 0; i < p->n; i++) {
		if (out->json) {
			proc_show_rows(out, &p->values, i);
		} else {
			if (p->all)
				maps_show_heading(out, &p->tasks[i]);
			proc_show_text(out, &p->values, i);
		}
		of_process_fault(p, i, "maps", out);
	}
	of_process_notes(s, p, "maps", out);
	of_process_torn(p, "maps", out);
	return 0;
}

const struct cmd cmd_maps = {
	.name = "maps",
	.topic = TOPIC_LOOK,
	.summary = "Print /proc/PID/maps",
	.args = "PID\n--all",
	.doc = "Byte for byte what the guest's own /proc says (control bytes "
	       "are escaped on a terminal).  With --all, a line '==> PID COMM "
	       "<==' goes before each process that has memory.",
	.needs = NEEDS_KERNEL,
	.options = of_process_options,
	.max_args = 1,
	.repeats = true,
	.state_size = sizeof(struct of_process),
	.option = of_process_option,
	.operands = maps_operands,
	.run = maps_run,
	.show = maps_show,
	.deinit = of_process_deinit,
};
