/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the benchmark's own commands as qvmi runs its commands, and records
 * what any command of both reads:
 *
 *     workload COMMAND [OPTION...] [OPERAND...]
 *     workload --trace FILE COMMAND [OPTION...] [OPERAND...]
 *
 * With --trace the answer is not printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "cli/tables.h"
#include "gdbrsp/wait.h"

static const struct cmd *const own[] = {&bench_pick, &bench_translate,
					&bench_scale};

static int find(const char *name, const struct cmd **cmd, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(own[i]->name, name)) {
			*cmd = own[i];
			return 0;
		}
	return cmd_find(name, cmd, err);
}

struct job {
	const struct cmd *cmd;
	const char *trace; /* NULL: none is wanted */
	void *state;
	struct cmd_line line;
	struct session session;
	struct recorder recorder;
	struct out out;
	uint64_t started_us;
};

/* In two steps, so that what opening the kernel reads is recorded too. */
static int open_recorded(struct job *j, enum needs needs, struct err *err)
{
	struct session *s = &j->session;
	int rc = session_attach(s, needs, err);

	if (rc)
		return rc;
	recorder_start(&j->recorder, s->guest.machine);
	return needs == NEEDS_TARGET ? 0
				     : guest_find_kernel(&s->guest, needs, err);
}

static int look(struct job *j, struct err *err)
{
	enum needs needs =
		j->cmd->needs_now ? j->cmd->needs_now(j->state) : j->cmd->needs;
	int rc = j->trace ? open_recorded(j, needs, err)
			  : session_open(&j->session, needs, err);

	return rc ? rc : j->cmd->run(&j->session, j->state, err);
}

static int tell(struct job *j, struct err *err)
{
	_cleanup_(buf_deinit) struct buf text = {0};
	struct stats stats;
	int rc = j->cmd->show(&j->session, j->state, &j->out, err);

	if (!rc)
		rc = out_as_text(&j->out, &text, err);
	if (rc)
		return rc;
	fputs(text.data ? text.data : "", stdout);
	fflush(stdout);
	if (!j->line.options.stats || !session_stats(&j->session, &stats))
		return 0;
	stats.wall_us = gdbrsp_now_us() - j->started_us;
	buf_reset(&text);
	stats_line(&stats, &text);
	fputs(text.data ? text.data : "", stderr);
	return 0;
}

static int execute(struct job *j, struct err *err)
{
	struct err left = {0};
	int rc, release_rc;

	session_init(&j->session, &j->line.options, "workload");
	out_init(&j->out, j->cmd->name, false, false);
	rc = tables_load(&j->out, err);
	if (!rc)
		rc = look(j, err);
	release_rc = session_release(&j->session, &left);
	if (!rc && release_rc)
		rc = err_set(err, release_rc, "%s", left.text);
	if (!rc)
		rc = j->trace ? trace_save(&j->recorder.trace, j->trace, err)
			      : tell(j, err);
	out_deinit(&j->out);
	session_deinit(&j->session);
	trace_deinit(&j->recorder.trace);
	return rc;
}

/* The command line from the command's name on. */
static int run(struct job *j, int argc, char **argv, struct err *err)
{
	int rc;

	if (argc > 0 && find(argv[0], &j->cmd, err))
		return ERR_USAGE;
	if (!j->cmd || !j->cmd->run)
		return err_set(err, ERR_USAGE,
			       "usage: workload [--trace FILE] COMMAND ...");
	j->state = calloc(1, j->cmd->state_size + 1);
	if (!j->state)
		return err_nomem(err);
	rc = options_init(&j->line.options, err);
	if (!rc)
		rc = cmd_parse(j->cmd, argc, argv, &j->line, j->state, err);
	if (!rc)
		rc = execute(j, err);
	if (j->cmd->deinit)
		j->cmd->deinit(j->state);
	free(j->state);
	return rc;
}

int main(int argc, char **argv)
{
	struct job j = {.started_us = gdbrsp_now_us()};
	struct err err = {0};
	int skip = 1;

	if (argc > 2 && !strcmp(argv[1], "--trace")) {
		j.trace = argv[2];
		skip = 3;
	}
	if (!run(&j, argc - skip, argv + skip, &err))
		return 0;
	fprintf(stderr, "workload: %s\n", err.text);
	return 1;
}
