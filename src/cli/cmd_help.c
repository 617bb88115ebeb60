/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi help: what there is. */
#include "cli/commands.h"

#include "base/cleanup.h"

struct state {
	const struct cmd *about; /* NULL: all */
};

static int operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if (!n)
		return 0;
	st->about = cmd_find(argv[0]);
	if (st->about)
		return 0;
	return err_set(err, ERR_USAGE, "there is no command '%s'", argv[0]);
}

enum {
	NAME,
	SUMMARY,
	ARGS
};

static const struct out_column columns[] = {
	[NAME] = OUT_COLUMN("name", "COMMAND", OUT_WORDS),
	[SUMMARY] = OUT_COLUMN("summary", "SUMMARY", OUT_WORDS),
	[ARGS] = OUT_COLUMN("arguments", "ARGUMENTS", OUT_WORDS),
};

static void add_row(struct out_table *t, const struct cmd *c)
{
	out_row(t);
	out_string(t, NAME, c->name);
	out_string(t, SUMMARY, c->summary);
	if (c->args)
		out_string(t, ARGS, c->args);
}

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct state *st = state;
	size_t i;

	(void)s;
	out_begin(out, OUT_LINES, columns, 3);
	if (!out->json)
		return cmd_help_text(st->about, &out->lines, err);
	for (i = 0; cmd_table[i]; i++)
		if (!st->about || cmd_table[i] == st->about)
			add_row(&out->rows, cmd_table[i]);
	return 0;
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "List the commands, or tell about one",
	.args = "[COMMAND]",
	.needs = NEEDS_NOTHING,
	.max_args = 1,
	.state_size = sizeof(struct state),
	.operands = operands,
	.show = show,
};
