/* SPDX-License-Identifier: BSD-2-Clause */
/* One command: look while the guest stands still, let it go, then print. */
#include "cli/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/files.h"
#include "cli/complain.h"
#include "cli/remedy.h"
#include "cli/status.h"
#include "cli/tables.h"

/* The limit is an option's: who set it is told so. */
static void name_limit(struct err *err)
{
	struct err why = *err;

	if (why.code == ERR_INTERRUPTED && !signals_caught())
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

static bool is_stranded(const struct err *err)
{
	return err->code && strstr(err->text, QEMU_STRANDED);
}

/* What helps a guest that could not be put back. */
static void advise(struct err *err)
{
	struct err why = *err;

	if (is_stranded(err))
		err_set(err, why.code, "%.470s; 'qvmi resume' lets it run",
			why.text);
}

int run_write(const struct buf *b, struct err *err)
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
				     : run_write(&b, err);
	if (out->write_failure.code)
		*err = out->write_failure;
	while (!out->json && (note = out_next_note(out, note)))
		complain("note: ", note);
	return rc;
}

static bool take_stats(const struct run *r, struct stats *stats)
{
	if (!r->line.options.stats || !session_stats(&r->session, stats))
		return false;
	stats->wall_us = clock_now_us() - r->started_us;
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
void run_answer(struct run *r, bool have_answer, struct err *err)
{
	struct err print_err = {0};
	struct stats stats;
	bool have;

	/* A signal ends qvmi now: nobody has to read for that. */
	if (!have_answer && (!r->out.json || signals_caught()))
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
	int sig = signals_caught();

	if (!sig)
		return;
	raise(sig);
	exit(128 + sig); /* it was ignored or blocked */
}

static enum needs run_needs_now(const struct cmd *c, const void *state)
{
	return c->needs_now ? c->needs_now(state) : c->needs;
}

/* What changes a guest is done once: it has opened the journal, perhaps. */
static int check_repeats(const struct run *r, struct err *err)
{
	if (!r->line.options.watch_ms ||
	    (r->cmd->repeats && !r->session.editor.journal))
		return 0;
	return err_set(err, ERR_USAGE,
		       "--watch: '%s' is not repeated here, only what reads a "
		       "guest is",
		       r->cmd->name);
}

/* All that happens while the guest stands still. */
static int run_look(struct run *r, struct err *err)
{
	int rc;

	rc = check_repeats(r, err);
	if (!rc && r->cmd->draws && !r->out.json)
		rc = tables_load(&r->out, err);
	if (!rc && r->cmd->prepare)
		rc = r->cmd->prepare(&r->session, r->state, err);
	if (!rc)
		rc = check_repeats(r, err);
	if (!rc)
		rc = session_open(&r->session, run_needs_now(r->cmd, r->state),
				  err);
	if (!rc && r->cmd->parts)
		rc = guest_part(&r->session.guest, err);
	if (!rc && r->cmd->run)
		rc = r->cmd->run(&r->session, r->state, err);
	return rc;
}

/* The code counts: words may be left of what went well in the end. */
static void run_settle(struct err *err, int code)
{
	if (!code)
		*err = (struct err){0};
	err->code = code;
}

/* Fill the answer, on a terminal in place of the one before. */
static int run_show(struct run *r, struct err *err)
{
	char home[] = "\033[H\033[J"; /* ECMA-48: CUP, ED */
	const struct buf b = {.data = home, .len = sizeof(home) - 1};

	if (r->line.options.watch_ms && r->out.terminal && !r->out.json &&
	    !(r->cmd->follows && r->cmd->follows(r->state)))
		run_write(&b, NULL);
	return r->cmd->show(&r->session, r->state, &r->out, err);
}

/*
 * For a command that waits: whether there is to be another pause.  One in which
 * the guest ran says nothing, and is not the last.
 */
static int run_judge(struct run *r, int code, struct err *err,
		     struct err *release_err)
{
	run_settle(err, code);
	if (r->resumed && release_err->code) {
		*err = *release_err;
		*release_err = (struct err){0};
	}
	if (!release_err->code)
		r->again_ms = r->cmd->judge(r->state, err);
	return err->code;
}

/* One pause, and what came of it; its code. */
static int run_once(struct run *r)
{
	struct err err = {0}, release_err = {0};
	bool have_answer = false;
	int rc;

	r->again_ms = 0;
	rc = run_look(r, &err);
	run_settle(&release_err, session_release(&r->session, &release_err));
	r->resumed =
		guest_resumed(&r->session.guest) && !is_stranded(&release_err);
	if (r->cmd->judge)
		rc = run_judge(r, rc, &err, &release_err);
	if (r->again_ms && !signals_caught())
		return rc;
	if (!rc && !guest_moved(&r->session.guest)) {
		rc = run_show(r, &err);
		have_answer = !rc;
	}
	run_settle(&err, rc);
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
	run_answer(r, have_answer, &err);
	complain_err(&err);
	print_stats(r);
	return err.code;
}

/* 0: stdout is no terminal, or does not tell. */
static unsigned int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

/* What one answer needs, but for the state of the command. */
static void begin_answer(struct run *r)
{
	out_init(&r->out, r->cmd->name, r->line.options.json,
		 isatty(STDOUT_FILENO) != 0);
	r->out.width = terminal_width();
	r->out.one_line = r->line.options.watch_ms != 0;
	r->out.write = run_write;
	r->printed = false;
}

/* The same command line once more: what it left in its state is gone, but for
 * what it keeps. */
static int parse_again(struct run *r, struct err *err)
{
	size_t n = (size_t)r->own_argc + 1, kept_size = r->cmd->kept_size;
	char **argv = calloc(n, sizeof(*argv));
	_cleanup_free_ uint8_t *kept = malloc(kept_size + 1);
	struct cmd_line line = r->line;
	int rc;

	free(r->borrowed);
	r->borrowed = argv;
	if (!argv || !kept)
		return err_nomem(err);
	memcpy(kept, r->state, kept_size);
	if (r->cmd->deinit)
		r->cmd->deinit(r->state);
	memset(r->state, 0, r->cmd->state_size);
	memcpy(argv, r->own_argv, n * sizeof(*argv));
	rc = cmd_parse(r->cmd, r->own_argc, argv, &line, r->state, err);
	memcpy(r->state, kept, kept_size);
	return rc;
}

/*
 * Whether the next pause may be a better one: the guest may have a kernel
 * again, for it is rebooting, perhaps; and nobody need meddle with that one.
 */
static bool goes_on(const struct run *r, int code)
{
	return !code || (code == ERR_NO_LINUX && r->rounds > 1) ||
	       (code == ERR_NO_GUEST && r->resumed);
}

/* Until a signal ends it, or the guest does, or what is looked at. */
static int run_rounds(struct run *r)
{
	struct err err = {0};
	int code;

	for (;;) {
		r->started_us = clock_now_us();
		r->rounds++;
		begin_answer(r);
		code = run_once(r);
		out_deinit(&r->out);
		if (!r->cmd->judge)
			r->again_ms =
				goes_on(r, code) ? r->line.options.watch_ms : 0;
		if (!r->again_ms || signals_caught())
			return code;
		poll(NULL, 0, (int)r->again_ms);
		if (r->cmd->judge)
			continue;
		code = parse_again(r, &err);
		complain_err(&err);
		if (code)
			return code;
	}
}

/* One for the same words the next time; of what changes the guest, none. */
static uint64_t run_question(const struct run *r)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	int i;

	for (i = 0; r->cmd->repeats && i < r->own_argc; i++)
		buf_add(&b, r->own_argv[i], strlen(r->own_argv[i]) + 1);
	return b.len && !b.oom ? files_checksum(b.data, b.len) : 0;
}

int run_command(struct run *r)
{
	int code;

	if (r->cmd->follows && !r->line.options.watch_ms)
		r->line.options.watch_ms = r->cmd->follows(r->state);
	r->line.options.qemu.again =
		r->line.options.watch_ms || r->cmd->judge || r->cmd->parts;
	r->line.options.guest.question = run_question(r);
	session_init(&r->session, &r->line.options, r->cmd->name);
	code = run_rounds(r);
	session_deinit(&r->session);
	free(r->borrowed);
	follow_signal();
	return code || !r->cmd->status ? (int)status_of(code)
				       : r->cmd->status(r->state);
}
