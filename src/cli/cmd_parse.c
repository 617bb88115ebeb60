/* SPDX-License-Identifier: BSD-2-Clause */
/* From command lines to options and state, by argp. */
#include "cli/cmd.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/blame.h"
#include "guest/addr.h"
#include "guest/number.h"

/* argp shall say nothing itself: one line of ours names the mistake. */
#define SILENT (ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP)

const struct argp_option cmd_common_options[] = {
	{"help", 'h', NULL, 0, "Print help, of a command where one is named",
	 -1},
	{"version", 'V', NULL, 0, "Print the version", -1},
	{0}};

/* What the parsers of one command line share. */
struct call {
	const struct cmd *cmd; /* NULL: the part before the command */
	struct cmd_line *line;
	void *state;
	struct err *err;
	char **args; /* operands */
	int n_args, first_arg;
};

static bool blame(const struct call *c, const struct argp_state *st, int i)
{
	return i > 0 && i < st->argc && blame_word(c->cmd, st->argv[i], c->err);
}

/* argp met an option it cannot take: one of these two words. */
static error_t parse_explain(const struct call *c, const struct argp_state *st)
{
	if (!c->err->code && !blame(c, st, st->next - 1) &&
	    !blame(c, st, st->next))
		err_set(c->err, ERR_USAGE, "options that make no sense");
	return 0;
}

static error_t parse_common(int key, char *arg, struct argp_state *st)
{
	struct call *c = st->input;
	int i;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		for (i = 0; st->root_argp->children[i].argp; i++)
			st->child_inputs[i] = c;
		return 0;
	case 'h':
		c->line->ask = CMD_HELP;
		return 0;
	case 'V':
		c->line->ask = CMD_VERSION;
		return 0;
	case ARGP_KEY_ARGS:
		c->args = st->argv + st->next;
		c->first_arg = st->next;
		c->n_args = st->argc - st->next;
		return 0;
	case ARGP_KEY_ERROR:
		return parse_explain(c, st);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* argp's own keys are no options of ours. */
static bool special(int key)
{
	return (key & 0x1000000) != 0 || key == ARGP_KEY_ARG;
}

static error_t parse_target(int key, char *arg, struct argp_state *st)
{
	struct call *c = st->input;

	if (special(key))
		return ARGP_ERR_UNKNOWN;
	return options_take(&c->line->options, key, arg, c->err);
}

static error_t parse_own(int key, char *arg, struct argp_state *st)
{
	struct call *c = st->input;

	if (special(key) || !c->cmd->option)
		return ARGP_ERR_UNKNOWN;
	return c->cmd->option(c->state, key, arg, c->err);
}

/* The argp of a command (or of none), in storage of the caller. */
struct parser {
	struct argp top, own, target;
	struct argp_child children[3];
};

static void parser_init(struct parser *p, const struct cmd *c)
{
	*p = (struct parser){
		.top = {.options = cmd_common_options,
			.parser = parse_common,
			.children = p->children},
		.own = {.options = c ? c->options : NULL, .parser = parse_own},
		.target = {.options = options_table, .parser = parse_target},
	};
	p->children[0] = (struct argp_child){.argp = &p->target};
	if (c && c->options) {
		p->children[1] = p->children[0];
		p->children[0] = (struct argp_child){.argp = &p->own};
	}
}

/* Context in front, the next step behind. */
static int usage_error(const struct cmd *c, int code, struct err *err)
{
	size_t n;

	if (code != ERR_USAGE)
		return code;
	if (c)
		err_wrap(err, code, "%s", c->name);
	n = strlen(err->text);
	snprintf(err->text + n, sizeof(err->text) - n,
		 " (see 'qvmi %s%s--help')", c ? c->name : "", c ? " " : "");
	return code;
}

int cmd_parse_top(int argc, char **argv, struct cmd_line *l, int *next,
		  struct err *err)
{
	struct call c = {.line = l, .err = err, .first_arg = argc};
	struct parser p;

	l->ask = CMD_RUN;
	*l->meant = '\0';
	parser_init(&p, NULL);
	if (argp_parse(&p.top, argc, argv, SILENT | ARGP_IN_ORDER, NULL, &c))
		return usage_error(NULL, err->code ? err->code : ERR_USAGE,
				   err);
	*next = c.first_arg;
	return 0;
}

int cmd_missing(const struct cmd *c, struct err *err)
{
	const char *second = strchr(c->args, '\n');
	int n = (int)strcspn(c->args, "\n");

	return err_set(err, ERR_USAGE, "operands are missing, wanted: %.*s%s%s",
		       n, c->args, second ? ", or " : "",
		       second ? second + 1 : "");
}

static int check_count(const struct cmd *c, const struct call *call)
{
	if (call->n_args < c->min_args)
		return cmd_missing(c, call->err);
	if (c->max_args >= 0 && call->n_args > c->max_args)
		return err_set(call->err, ERR_USAGE,
			       "one operand too many: '%s'",
			       call->args[c->max_args]);
	return 0;
}

/* "323 16" where the command takes addresses: "323:16", perhaps. */
static void guess_address(const struct call *c, char *meant, size_t size)
{
	const char *pid = c->n_args > 1 ? c->args[0] : "";
	const char *at = c->n_args > 1 ? c->args[1] : "";
	const char *end = at;
	uint64_t value;

	if (!c->cmd->args || !strstr(c->cmd->args, "ADDRESS") || !*pid ||
	    pid[strspn(pid, "0123456789")] || strlen(pid) > ADDR_MAX_PID_DIGITS)
		return;
	if (number_scan(&end, 10, &value) == NUMBER_OK && !*end)
		snprintf(meant, size, "%s:%s", pid, at);
}

int cmd_parse(const struct cmd *c, int argc, char **argv, struct cmd_line *l,
	      void *state, struct err *err)
{
	struct call call = {.cmd = c, .line = l, .state = state, .err = err};
	struct parser p;
	int rc;

	parser_init(&p, c);
	if (argp_parse(&p.top, argc, argv, SILENT, NULL, &call))
		return usage_error(c, err->code ? err->code : ERR_USAGE, err);
	if (l->ask != CMD_RUN)
		return 0;
	guess_address(&call, l->meant, sizeof(l->meant));
	rc = check_count(c, &call);
	if (!rc && c->operands)
		rc = c->operands(state, call.args, call.n_args, err);
	if (rc)
		cmd_hint(l, err);
	return usage_error(c, rc, err);
}

void cmd_hint(const struct cmd_line *l, struct err *err)
{
	size_t n = strlen(err->text);

	if (*l->meant)
		snprintf(err->text + n, sizeof(err->text) - n,
			 "; did you mean %s?", l->meant);
}
