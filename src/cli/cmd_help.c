/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi help: what there is. */
#include "cli/commands.h"

#include <string.h>

#include "cli/help.h"

struct state {
	const struct cmd *about; /* NULL: all */
	bool options;		 /* those that all commands share */
};

static int help_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if (!n)
		return 0;
	st->options = !strcmp(argv[0], "options");
	if (st->options)
		return 0;
	return cmd_find(argv[0], &st->about, err);
}

enum {
	NAME,
	TOPIC,
	SUMMARY,
	ARGS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", NULL, ROW_WORDS),
	[TOPIC] = ROW_COLUMN("topic", NULL, ROW_WORDS),
	[SUMMARY] = ROW_COLUMN("summary", NULL, ROW_WORDS),
	[ARGS] = ROW_COLUMN("arguments", NULL, ROW_WORDS),
};

static void help_add_command(struct row_table *t, const struct cmd *c)
{
	row_add(t);
	row_string(t, NAME, c->name);
	row_string(t, TOPIC, cmd_topics[c->topic]);
	row_string(t, SUMMARY, c->summary);
	if (c->args)
		row_string(t, ARGS, c->args);
}

static void add_options(struct row_table *t, const struct argp_option *o)
{
	for (; o->name || o->doc; o++) {
		if (!o->name)
			continue; /* a heading */
		row_add(t);
		row_printf(t, NAME, "--%s", o->name);
		row_string(t, SUMMARY, o->doc);
		if (o->arg)
			row_string(t, ARGS, o->arg);
	}
}

static void help_show_rows(struct row_table *t, const struct state *st)
{
	size_t i;

	if (st->options) {
		add_options(t, cmd_common_options);
		add_options(t, options_table);
		return;
	}
	for (i = 0; cmd_table[i]; i++)
		if (!st->about || cmd_table[i] == st->about)
			help_add_command(t, cmd_table[i]);
}

static int help_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;

	(void)s;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	if (out->json)
		help_show_rows(&out->rows.top, st);
	else if (st->options)
		return help_of_options(&out->lines, err);
	else if (st->about)
		return help_of_command(st->about, &out->lines, err);
	else
		return help_of_program(&out->lines, err);
	return 0;
}

const struct cmd cmd_help = {
	.name = "help",
	.topic = TOPIC_GUEST,
	.summary = "List the commands; tell about one, or about shared options",
	.args = "[COMMAND|options]",
	.needs = NEEDS_NOTHING,
	.max_args = 1,
	.state_size = sizeof(struct state),
	.operands = help_operands,
	.show = help_show,
};
