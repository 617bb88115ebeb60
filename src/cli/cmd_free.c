/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi free: how much memory is free. */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "proc/free.h"

static int free_run(struct session *s, void *state, struct err *err)
{
	return meminfo_read(s->guest.kernel, state, err);
}

static int free_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	(void)s, (void)err;
	out_begin(out, OUT_LINES, proc_free_columns, PROC_FREE_COLUMNS);
	if (out->json) {
		proc_free_rows(state, &out->rows.top);
	} else {
		proc_free_text(state, &b);
		out->oom |= b.oom;
		out_procfs(out, b.data, b.len);
	}
	out_flush(out);
	return 0;
}

const struct cmd cmd_free = {
	.name = "free",
	.topic = TOPIC_LOOK,
	.summary = "Show how much memory is free",
	.doc = "What free(1) prints, in KiB; 'cat meminfo' prints all that the "
	       "kernel says of it.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.state_size = sizeof(struct meminfo),
	.run = free_run,
	.show = free_show,
};
