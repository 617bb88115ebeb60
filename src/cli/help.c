/* SPDX-License-Identifier: BSD-2-Clause */
/* Help as text: of the program, of a command, of what all commands share. */
#include "cli/help.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* What a parser that only prints needs. */
struct request {
	FILE *f;
	unsigned int flags;
};

/* Inside a parse, for argp_help() would know no filter. */
static error_t help_print(int key, char *arg, struct argp_state *st)
{
	const struct request *r = st->input;

	(void)arg;
	if (key == ARGP_KEY_END)
		argp_state_help(st, r->f, r->flags);
	return 0;
}

/*
 * Drop the remark that short options take the arguments of long ones.  The
 * rest is the text itself, never a copy: glibc reads a synopsis of several
 * lines once more behind its free() (argp_args_usage() in argp-help.c, 2.36).
 */
static char *help_filter(int key, const char *text, void *input)
{
	char *same;

	(void)input;
	if (key == ARGP_KEY_HELP_DUP_ARGS_NOTE)
		return NULL;
	memcpy(&same, &text, sizeof(same));
	return same;
}

/* Append what argp says of these options; name: as in a synopsis. */
static int help_add(struct argp *a, const char *name, unsigned int flags,
		    struct buf *b, struct err *err)
{
	_cleanup_free_ char *text = NULL;
	char argv0[64], *argv[] = {argv0, NULL};
	struct request r = {.flags = flags};
	char *gap;
	size_t n = 0;
	int rc;

	snprintf(argv0, sizeof(argv0), "%s", name);
	r.f = open_memstream(&text, &n);
	if (!r.f)
		return err_nomem(err);
	a->parser = help_print;
	a->help_filter = help_filter;
	rc = argp_parse(a, 1, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &r);
	if (fclose(r.f) || rc)
		return err_nomem(err);
	/* The place of options that are all hidden is an empty line. */
	while ((gap = strstr(text, "\n\n\n")))
		memmove(gap, gap + 1, strlen(gap));
	n = strlen(text);
	buf_add(b, text, n > 1 && text[n - 2] == '\n' ? n - 1 : n);
	return b->oom ? err_nomem(err) : 0;
}

int help_of_command(const struct cmd *c, struct buf *b, struct err *err)
{
	/* Not listed here, but the synopsis has its [OPTION...] from them. */
	static const struct argp_option shared[] = {
		{"json", 'J', NULL, OPTION_HIDDEN, NULL, 0}, {0}};
	const struct argp hidden = {.options = shared};
	const struct argp_child children[] = {{.argp = &hidden}, {0}};
	char name[32], doc[2048];
	struct argp a = {.options = c->options,
			 .args_doc = c->args,
			 .doc = doc,
			 .children = children};
	int rc;

	snprintf(name, sizeof(name), "qvmi %s", c->name);
	snprintf(doc, sizeof(doc), "%s.%s%s", c->summary, c->doc ? "\v" : "",
		 c->doc ? c->doc : "");
	rc = help_add(&a, name,
		      ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, b,
		      err);
	if (rc)
		return rc;
	buf_puts(b, "\n'qvmi help options' lists the options that all commands "
		    "take.\n");
	return b->oom ? err_nomem(err) : 0;
}

int help_of_options(struct buf *b, struct err *err)
{
	const struct argp target = {.options = options_table};
	const struct argp_child children[] = {{.argp = &target}, {0}};
	struct argp a = {.options = cmd_common_options, .children = children};

	buf_puts(b, "Options that all commands take, before or behind the "
		    "command's name:\n\n");
	return help_add(&a, "qvmi", ARGP_HELP_LONG, b, err);
}

static void help_add_topic(enum topic topic, struct buf *b)
{
	size_t i;

	buf_printf(b, "\n%s:\n", cmd_topics[topic]);
	for (i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->topic == topic)
			buf_printf(b, "  %-12s %s\n", cmd_table[i]->name,
				   cmd_table[i]->summary);
}

int help_of_program(struct buf *b, struct err *err)
{
	size_t i;

	buf_puts(b, "Usage: qvmi [OPTION...] COMMAND [ARGUMENT...]\n"
		    "Look into a running Linux guest through QEMU's gdb stub "
		    "(qemu -s).\n");
	for (i = 0; i < N_TOPICS; i++)
		help_add_topic((enum topic)i, b);
	buf_puts(b, "\n'qvmi help COMMAND' tells more about a command, "
		    "'qvmi help options' about the\noptions that all of them "
		    "take.\n");
	return b->oom ? err_nomem(err) : 0;
}
