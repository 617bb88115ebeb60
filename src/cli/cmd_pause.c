/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi pause and resume: stop the guest, or let it run, and leave it so. */
#include "cli/commands.h"
#include "cli/found.h"

enum {
	ADDRESS,
	FOUND,
	LEFT = FOUND + FOUND_N,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("gdb", "Stub at", ROW_WORDS),
	FOUND_COLUMNS(FOUND),
	[LEFT] = ROW_COLUMN("left", "Left", ROW_WORDS),
};

static int cmd_pause_show(struct session *s, struct out *out, const char *left)
{
	struct source_info info = {0};

	source_info(&s->guest.source, &info);
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(&out->rows.top);
	row_string(&out->rows.top, ADDRESS, info.address);
	found_show(&out->rows.top, FOUND, s);
	row_string(&out->rows.top, LEFT,
		   info.left_otherwise ? info.left_otherwise : left);
	return 0;
}

static int pause_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	(void)state, (void)err;
	return cmd_pause_show(s, out, "paused");
}

static int resume_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	(void)state, (void)err;
	return cmd_pause_show(s, out, "running");
}

const struct cmd cmd_pause = {
	.name = "pause",
	.topic = TOPIC_GUEST,
	.summary = "Stop the guest, and leave it so",
	.doc = "The guest stands still until `qvmi resume`, a monitor's "
	       "'cont', or a debugger lets it run.  Refused where QEMU would "
	       "let it run by itself.  Needs no Linux in it.",
	.needs = NEEDS_MACHINE,
	.leave = LEAVE_PAUSED,
	.show = pause_show,
};

const struct cmd cmd_resume = {
	.name = "resume",
	.topic = TOPIC_GUEST,
	.summary = "Let the guest run, whoever stopped it",
	.doc = "Also puts the stub back where a debugger died in mid-session. "
	       "Refused where QEMU's own 'cont' would not start it, or does "
	       "more than the stub can.  Needs no Linux in the guest.",
	.needs = NEEDS_MACHINE,
	.leave = LEAVE_RUNNING,
	.show = resume_show,
};
