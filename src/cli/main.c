/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi: parse, look while the guest stands still, let it go, then print. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sanitized.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/help.h"
#include "cli/remedy.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/tables.h"
#include "gdbrsp/wait.h"

/* The limit is an option's: who set it is told so. */
static void name_limit(struct err *err)
{
	struct err why = *err;

	if (why.code == ERR_INTERRUPTED && !target_signal_caught())
		err_set(err, why.code,
			"%.400s (--max-pause): ask for less, or allow more",
			why.text);
}

/* What went wrong, and how the guest was left: one line. */
static void join_errors(struct err *err, const struct err *release_err)
{
	struct err both = *err;

	if (err->code && release_err->code)
		snprintf(both.text, sizeof(both.text), "%.250s; %.250s",
			 err->text, release_err->text);
	else if (release_err->code)
		both = *release_err;
	*err = both;
}

/* What helps a guest that could not be put back. */
static void advise(struct err *err)
{
	struct err why = *err;

	if (why.code && strstr(why.text, TARGET_STRANDED))
		err_set(err, why.code, "%.470s; 'qvmi resume' lets it run",
			why.text);
}

static int write_all(const struct buf *b, struct err *err)
{
	size_t done = 0;
	ssize_t n;

	while (done < b->len) {
		n = write(STDOUT_FILENO, b->data + done, b->len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){STDOUT_FILENO, POLLOUT, 0}, 1,
			     -1);
		else if (n < 0 && errno != EINTR)
			return err_sys(err, ERR_SYS, "cannot write the output");
	}
	return 0;
}

static int print(struct out *out, const struct stats *stats, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	const char *note = NULL;
	int rc;

	if (out->json)
		rc = out_as_json(out, stats, &b) ? err_nomem(err) : 0;
	else
		rc = out_as_text(out, &b, err);
	if (rc)
		return rc;
	rc = out->write_failure.code ? out->write_failure.code
				     : write_all(&b, err);
	if (out->write_failure.code)
		*err = out->write_failure;
	while (!out->json && (note = out_next_note(out, note)))
		complain("note: ", note);
	return rc;
}

/* One command from here to its end. */
struct run {
	int argc;
	char **argv;
	const struct cmd *cmd;
	void *state;
	struct cmd_line line;
	struct session session;
	struct out out;
	uint64_t started_us;
	bool no_command; /* on the command line */
	bool printed;	 /* the answer is out, with its statistics in JSON */
};

static bool take_stats(const struct run *r, struct stats *stats)
{
	if (!r->line.options.stats || !session_stats(&r->session, stats))
		return false;
	stats->wall_us = gdbrsp_now_us() - r->started_us;
	return true;
}

static void print_stats(const struct run *r)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct stats stats;

	if ((r->out.json && r->printed) || !take_stats(r, &stats))
		return;
	stats_line(&stats, &b);
	fputs(b.data ? b.data : "", stderr);
}

/* Print the answer, and in JSON what went wrong in place of one. */
static void answer(struct run *r, bool have_answer, struct err *err)
{
	struct err print_err = {0};
	struct stats stats;
	bool have;

	/* A signal ends qvmi now: nobody has to read for that. */
	if (!have_answer && (!r->out.json || target_signal_caught()))
		return;
	if (!have_answer)
		out_no_answer(&r->out);
	r->out.failure = *err;
	session_notes(&r->session, &r->out);
	have = take_stats(r, &stats);
	r->printed = !print(&r->out, have ? &stats : NULL, &print_err);
	if (!r->printed && !err->code)
		*err = print_err;
}

/* Die by the signal that was caught, so that a shell sees it. */
static void follow_signal(void)
{
	int sig = target_signal_caught();

	if (!sig)
		return;
	raise(sig);
	exit(128 + sig); /* it was ignored or blocked */
}

static enum needs needs_now(const struct cmd *c, const void *state)
{
	return c->needs_now ? c->needs_now(state) : c->needs;
}

/* All that happens while the guest stands still. */
static int look(struct run *r, struct err *err)
{
	int rc;

	rc = r->cmd->draws && !r->out.json ? tables_load(&r->out, err) : 0;
	if (!rc && r->cmd->prepare)
		rc = r->cmd->prepare(&r->session, r->state, err);
	if (!rc)
		rc = session_open(&r->session, needs_now(r->cmd, r->state),
				  err);
	if (!rc && r->cmd->run)
		rc = r->cmd->run(&r->session, r->state, err);
	return rc;
}

/* The code counts: words may be left of what went well in the end. */
static void settle(struct err *err, int code)
{
	if (!code)
		*err = (struct err){0};
	err->code = code;
}

static int execute(struct run *r)
{
	struct err err = {0}, release_err = {0};
	bool have_answer = false;
	int rc;

	session_init(&r->session, &r->line.options, r->cmd->name);
	rc = look(r, &err);
	settle(&release_err, session_release(&r->session, &release_err));
	if (!rc && !guest_moved(&r->session.guest)) {
		rc = r->cmd->show(&r->session, r->state, &r->out, &err);
		have_answer = !rc;
	}
	settle(&err, rc);
	remedy_word(&err);
	name_limit(&err);
	if (have_answer)
		err = r->out.failure;
	if (err.code == ERR_UNREADABLE || err.code == ERR_NOT_FOUND ||
	    err.code == ERR_REFUSED)
		cmd_hint(&r->line, &err);
	if (err.code && !have_answer && !release_err.code &&
	    session_left(&r->session))
		err_set(&release_err, err.code, "%s",
			session_left(&r->session));
	join_errors(&err, &release_err);
	advise(&err);
	answer(r, have_answer, &err);
	complain_err(&err);
	print_stats(r);
	session_deinit(&r->session);
	follow_signal();
	return (int)status_of(err.code);
}

/* 0: stdout is no terminal, or does not tell. */
static unsigned int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

static int run_command(struct run *r)
{
	int status;

	out_init(&r->out, r->cmd->name, r->line.options.json,
		 isatty(STDOUT_FILENO) != 0);
	r->out.width = terminal_width();
	r->out.write = write_all;
	status = execute(r);
	out_deinit(&r->out);
	return status;
}

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
		rc = write_all(&b, &err);
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
	enum target_leave *leave = &r->line.options.guest.target.leave;

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

/* A command line that is wrong. */
static int refuse(struct run *r, struct err *err)
{
	out_init(&r->out, r->cmd ? r->cmd->name : NULL, wants_json(r), false);
	answer(r, false, err);
	complain_err(err);
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
	rc = state ? cmd_parse(r->cmd, argc, argv, &r->line, state, &err)
		   : err_nomem(&err);
	if (!rc)
		rc = settle_leave(r, &err);
	if (rc)
		status = refuse(r, &err);
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
		.argc = argc, .argv = argv, .started_us = gdbrsp_now_us()};
	int rc, next = argc;

	if (complain_make_room(&err) || start(&err))
		return refuse(&r, &err);
	rc = options_init(&r.line.options, &err);
	r.line.options.guest.target.rescued = complain_rescue;
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
	return refuse(&r, &err);
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
