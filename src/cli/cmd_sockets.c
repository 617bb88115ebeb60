/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi sockets: all sockets, and who has them open. */
#include "cli/commands.h"
#include "proc/sockets.h"

static int sockets_run(struct session *s, void *state, struct err *err)
{
	return sockets_read(s->guest.kernel, state, err);
}

static int sockets_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct sockets *sockets = state;
	const char *remark = NULL;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, sockets_columns, sockets_n_columns);
	sockets_rows(sockets, &out->rows.top);
	while ((remark = remarks_next(&sockets->remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "sockets: %s", remark);
	return 0;
}

static void sockets_end(void *state)
{
	sockets_deinit(state);
}

const struct cmd cmd_sockets = {
	.name = "sockets",
	.topic = TOPIC_LOOK,
	.summary = "List sockets and who has them open",
	.doc = "TCP, UDP, raw and Unix sockets of the network namespaces of "
	       "all processes.  A user is COMM/PID:DESCRIPTOR.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct sockets),
	.run = sockets_run,
	.show = sockets_show,
	.deinit = sockets_end,
};
