/* SPDX-License-Identifier: BSD-2-Clause */
/* From command lines to options and state, by argp. */
#include "cli/cmd.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

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
	struct options *options;
	void *state;
	enum cmd_ask *ask;
	struct err *err;
	char **args; /* operands */
	int n_args, first_arg;
};

/* The entry of an option as typed: its name, or one short letter. */
static const struct argp_option *find_in(const struct argp_option *o,
					 const char *name, size_t len)
{
	for (; o && (o->name || o->key || o->doc); o++) {
		if (o->name && len > 1 && !strncmp(o->name, name, len))
			return o;
		if (len == 1 && o->key == *name)
			return o;
	}
	return NULL;
}

static const struct argp_option *find_option(const struct call *c,
					     const char *name, size_t len)
{
	const struct argp_option *o;

	o = find_in(c->cmd ? c->cmd->options : NULL, name, len);
	if (!o)
		o = find_in(options_table, name, len);
	if (!o)
		o = find_in(cmd_common_options, name, len);
	return o;
}

/* What is wrong with the word that argp stopped at; false: nothing. */
static bool blame_long(const struct call *c, const char *word)
{
	size_t len = strcspn(word + 2, "=");
	const struct argp_option *o = find_option(c, word + 2, len);

	if (!o)
		err_set(c->err, ERR_USAGE, "unknown option '%s'", word);
	else if (o->arg && !word[2 + len])
		err_set(c->err, ERR_USAGE, "option '%s' needs a value: %s",
			word, o->arg);
	else if (!o->arg && word[2 + len])
		err_set(c->err, ERR_USAGE, "option '--%s' takes no value",
			o->name);
	else
		return false;
	return true;
}

static bool blame_short(const struct call *c, const char *word)
{
	const struct argp_option *o;
	const char *p;

	for (p = word + 1; *p; p++) {
		o = find_option(c, p, 1);
		if (!o) {
			err_set(c->err, ERR_USAGE, "unknown option '-%c'", *p);
			return true;
		}
		if (o->arg && p[1])
			return false;
		if (o->arg) {
			err_set(c->err, ERR_USAGE,
				"option '-%c' needs a value: %s", *p, o->arg);
			return true;
		}
	}
	return false;
}

static bool blame(const struct call *c, const struct argp_state *st, int i)
{
	const char *word = i > 0 && i < st->argc ? st->argv[i] : "";

	if (word[0] != '-' || !word[1])
		return false;
	return word[1] == '-' ? blame_long(c, word) : blame_short(c, word);
}

/* argp met an option it cannot take: one of these two words. */
static error_t explain(const struct call *c, const struct argp_state *st)
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
		*c->ask = CMD_HELP;
		return 0;
	case 'V':
		*c->ask = CMD_VERSION;
		return 0;
	case ARGP_KEY_ARGS:
		c->args = st->argv + st->next;
		c->first_arg = st->next;
		c->n_args = st->argc - st->next;
		return 0;
	case ARGP_KEY_ERROR:
		return explain(c, st);
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
	return options_take(c->options, key, arg, c->err);
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

int cmd_parse_top(int argc, char **argv, struct options *o, int *next,
		  enum cmd_ask *ask, struct err *err)
{
	struct call c = {
		.options = o, .ask = ask, .err = err, .first_arg = argc};
	struct parser p;

	*ask = CMD_RUN;
	parser_init(&p, NULL);
	if (argp_parse(&p.top, argc, argv, SILENT | ARGP_IN_ORDER, NULL, &c))
		return usage_error(NULL, err->code ? err->code : ERR_USAGE,
				   err);
	*next = c.first_arg;
	return 0;
}

static int check_count(const struct cmd *c, const struct call *call)
{
	if (call->n_args < c->min_args)
		return err_set(call->err, ERR_USAGE,
			       call->n_args ? "too few operands, wanted: %s"
					    : "operands are missing: %s",
			       c->args);
	if (c->max_args >= 0 && call->n_args > c->max_args)
		return err_set(call->err, ERR_USAGE,
			       "one operand too many: '%s'",
			       call->args[c->max_args]);
	return 0;
}

int cmd_parse(const struct cmd *c, int argc, char **argv, struct options *o,
	      void *state, enum cmd_ask *ask, struct err *err)
{
	struct call call = {
		.cmd = c, .options = o, .state = state, .ask = ask, .err = err};
	struct parser p;
	int rc;

	*ask = CMD_RUN;
	parser_init(&p, c);
	if (argp_parse(&p.top, argc, argv, SILENT, NULL, &call))
		return usage_error(c, err->code ? err->code : ERR_USAGE, err);
	if (*ask != CMD_RUN)
		return 0;
	rc = check_count(c, &call);
	if (!rc && c->operands)
		rc = c->operands(state, call.args, call.n_args, err);
	return usage_error(c, rc, err);
}
