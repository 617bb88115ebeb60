/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi: the command line. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/sanitized.h"
#include "cli/complain.h"
#include "cli/help.h"
#include "cli/run.h"
#include "cli/start.h"
#include "cli/status.h"

/* Help and version: text that needs no guest. */
static int tell(const struct cmd *c, enum cmd_ask ask)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct err err = {0};
	int rc = 0;

	if (ask == CMD_VERSION)
		buf_puts(&b, "qvmi " QVMI_VERSION "\n");
	else
		rc = c ? help_of_command(c, &b, &err)
		       : help_of_program(&b, &err);
	if (!rc)
		rc = run_write(&b, &err);
	complain_err(&err);
	return (int)status_of(rc);
}

static int find_command(struct run *r, const char *name, struct err *err)
{
	struct err why = {0};

	r->no_command = !name;
	if (!name)
		return err_set(err, ERR_USAGE, "a command is missing");
	if (!cmd_find(name, &r->cmd, &why))
		return 0;
	return err_set(err, ERR_USAGE, "%.400s (see 'qvmi help')", why.text);
}

/* Commands that exist to leave the guest in a state take no other. */
static int settle_leave(struct run *r, struct err *err)
{
	enum qemu_leave *leave = &r->line.options.qemu.leave;

	if (r->cmd->leave == LEAVE_AS_FOUND)
		return 0;
	if (*leave != LEAVE_AS_FOUND && *leave != r->cmd->leave)
		return err_set(err, ERR_USAGE, "--leave contradicts '%s'",
			       r->cmd->name);
	*leave = r->cmd->leave;
	return 0;
}

/* argp stops at a mistake: JSON may be asked for behind it. */
static bool wants_json(const struct run *r)
{
	int i;

	for (i = 1; i < r->argc && strcmp(r->argv[i], "--") != 0; i++)
		if (!strcmp(r->argv[i], "--json") || !strcmp(r->argv[i], "-J"))
			return true;
	return r->line.options.json;
}

/* For who types the bare name; no answer, so it goes where errors go. */
static void list_commands(void)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct err err = {0};

	if (!help_of_program(&b, &err))
		fputs(b.data, stderr);
}

static void show_place(const struct run *r)
{
	const char *text = NULL;
	size_t at = 0;

	if (r->state && r->cmd->place)
		text = r->cmd->place(r->state, &at);
	if (text)
		complain_place(text, at);
}

/* A command line that is wrong. */
static int main_refuse(struct run *r, struct err *err)
{
	out_init(&r->out, r->cmd ? r->cmd->name : NULL, wants_json(r), false);
	run_answer(r, false, err);
	complain_err(err);
	show_place(r);
	if (!r->out.json && r->no_command)
		list_commands();
	out_deinit(&r->out);
	return (int)status_of(err->code);
}

/* The command line from the command's name on. */
static int run_line(struct run *r, int argc, char **argv)
{
	_cleanup_free_ void *state = calloc(1, r->cmd->state_size + 1);
	struct err err = {0};
	int rc, status;

	r->state = state;
	r->own_argc = argc;
	r->own_argv = argv;
	rc = state ? cmd_parse(r->cmd, argc, argv, &r->line, state, &err)
		   : err_nomem(&err);
	if (!rc)
		rc = settle_leave(r, &err);
	if (rc)
		status = main_refuse(r, &err);
	else if (r->line.ask != CMD_RUN)
		status = tell(r->cmd, r->line.ask);
	else
		status = run_command(r);
	if (state && r->cmd->deinit)
		r->cmd->deinit(state);
	return status;
}

static int run_all(int argc, char **argv)
{
	struct err err = {0};
	struct run r = {
		.argc = argc, .argv = argv, .started_us = clock_now_us()};
	int rc, next = argc;

	if (complain_make_room(&err) || start(&err))
		return main_refuse(&r, &err);
	rc = options_init(&r.line.options, &err);
	r.line.options.qemu.rescued = complain_rescue;
	if (!rc)
		rc = cmd_parse_top(argc, argv, &r.line, &next, &err);
	if (!rc && r.line.ask != CMD_RUN)
		return tell(NULL, r.line.ask);
	/* It takes as long as all before it, and escaping asks for it. */
	setlocale(LC_CTYPE, "");
	if (!rc)
		rc = find_command(&r, argv[next], &err);
	if (!rc)
		return run_line(&r, argc - next, argv + next);
	return main_refuse(&r, &err);
}

/*
 * All is written and freed: what libraries would do at the end touches pages of
 * each of them, and takes as long as their start.
 */
int main(int argc, char **argv)
{
	int status = run_all(argc, argv);

	if (!SANITIZED)
		_exit(status);
	return status;
}
