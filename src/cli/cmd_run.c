/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi run: a command of this host that sees the guest's /proc. */
#include "cli/commands.h"

#include <signal.h>

#include "cli/complain.h"
#include "cli/serving.h"
#include "cli/start.h"
#include "mount/command.h"

struct state {
	char **argv; /* ends in NULL */
	int status;
	struct serving serving;
	struct command command;
};

static const struct argp_option options[] = {SERVING_OPTIONS, {0}};

static int cmd_run_option(void *state, int key, const char *arg,
			  struct err *err)
{
	struct state *st = state;

	return serving_option(&st->serving, key, arg, err);
}

/* They are the end of the program's own, which ends in NULL. */
static int cmd_run_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)n, (void)err;
	st->argv = argv;
	return 0;
}

static void cmd_run_ready(void *state)
{
	struct state *st = state;

	command_go(&st->command);
}

/* What is typed to end the command is not for us, as in system(3). */
static int cmd_run_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc, device;

	st->serving.serve.numbers = true;
	st->serving.serve.beside = true;
	st->serving.ready = cmd_run_ready;
	st->serving.state = st;
	if (s->options->json)
		return err_set(err, ERR_USAGE,
			       "--json: what is printed is the command's");
	rc = command_start(&st->command, st->argv, start_undo, &device, err);
	if (!rc)
		rc = serve_open(&st->serving.serve, device, "/proc", true, err);
	if (rc)
		return rc;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	return 0;
}

static int cmd_run_hold(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return serving_hold(&st->serving, s, st->command.ended, err);
}

static int cmd_run_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	struct state *st = state;
	struct err why = {0};
	int rc = serving_run(&st->serving, s, st->command.ended, err);

	out_begin(out, OUT_LINES, NULL, 0);
	/* A signal ends us, and by that the command. */
	if (rc || signals_caught())
		return rc;
	st->status = command_end(&st->command, &why);
	complain_err(&why);
	return 0;
}

static int cmd_run_status(const void *state)
{
	const struct state *st = state;

	return st->status;
}

static void cmd_run_deinit(void *state)
{
	struct state *st = state;

	serve_close(&st->serving.serve);
	command_end(&st->command, NULL);
}

const struct cmd cmd_run = {
	.name = "run",
	.topic = TOPIC_LOOK,
	.summary = "Run a command of this host on the guest's /proc",
	.args = "-- COMMAND [ARGUMENT...]",
	.doc = "In a mount namespace of its own, where /proc is the tree of "
	       "'qvmi mount'.  Its exit status is the command's; 127 where "
	       "there is no such command.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.parts = true,
	.state_size = sizeof(struct state),
	.option = cmd_run_option,
	.operands = cmd_run_operands,
	.prepare = cmd_run_prepare,
	.run = cmd_run_hold,
	.show = cmd_run_show,
	.status = cmd_run_status,
	.deinit = cmd_run_deinit,
};
