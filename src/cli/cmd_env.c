/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi env, qvmi cmdline: strings that a process was started with. */
#include "cli/commands.h"

#include <string.h>

#include "base/cleanup.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/mm/mm.h"
#include "kernel/task/task.h"
#include "kernel/mm/task_args.h"

struct state {
	uint64_t pid;
	struct task task;
	struct task_args strings; /* each with its NUL */
};

static int env_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)n;
	return number_parse(argv[0], "PID", ADDR_MAX_PID, &st->pid, err);
}

/* The task, which has to have memory. */
static int env_find(struct kernel *k, struct state *st, struct err *err)
{
	struct mm mm;
	int rc = task_find(k, (uint32_t)st->pid, &st->task, err);

	return rc ? rc : mm_of_task(k, &st->task, &mm, err);
}

static int env_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc = env_find(k, st, err);

	return rc ? rc : task_environ_read(k, &st->task, 1, &st->strings, err);
}

static int cmdline_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc = env_find(k, st, err);

	return rc ? rc : task_args_read(k, &st->task, 1, &st->strings, err);
}

enum {
	PID,
	NAME, /* of cmdline: which argument */
	VALUE,
	N_COLUMNS
};

static const struct row_column env_columns[] = {
	[PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[NAME] = ROW_COLUMN("name", NULL, ROW_GUEST),
	[VALUE] = ROW_COLUMN("value", NULL, ROW_GUEST),
};

static const struct row_column cmdline_columns[] = {
	[PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[NAME] = ROW_COLUMN("index", NULL, ROW_COUNT),
	[VALUE] = ROW_COLUMN("argument", NULL, ROW_GUEST),
};

static void env_show_row(struct row_table *t, const struct state *st,
			 const char *string, size_t len)
{
	const char *sign = memchr(string, '=', len);
	size_t name = sign ? (size_t)(sign - string) : len;

	row_add(t);
	row_number(t, PID, st->task.pid);
	row_bytes(t, NAME, string, name);
	if (sign)
		row_bytes(t, VALUE, sign + 1, len - name - 1);
}

static void cmdline_show_row(struct row_table *t, const struct state *st,
			     size_t index, const char *string, size_t len)
{
	row_add(t);
	row_number(t, PID, st->task.pid);
	row_number(t, NAME, index);
	row_bytes(t, VALUE, string, len);
}

/* What of the strings is not there, and why. */
static void env_show_fault(const struct state *st, struct out *out)
{
	if (st->strings.state == TASK_ARGS_ABSENT)
		out_fail(out, ERR_UNREADABLE,
			 "pid %u: not all of it is in memory, or can be read",
			 st->task.pid);
	else if (st->strings.state == TASK_ARGS_CUT)
		out_fail(out, ERR_UNREADABLE,
			 "pid %u: only the first %zu bytes are read",
			 st->task.pid, st->strings.len);
}

/* A line for each string; the last may lack its NUL. */
static void env_show_strings(const struct state *st, bool is_env,
			     struct out *out)
{
	const char *at = st->strings.bytes, *end = at + st->strings.len;
	size_t index = 0, len;

	for (; at < end; at += len + 1) {
		len = strnlen(at, (size_t)(end - at));
		if (!out->json) {
			out_guest(out, at, len);
			out_text(out, "\n");
		} else if (is_env) {
			env_show_row(&out->rows.top, st, at, len);
		} else {
			cmdline_show_row(&out->rows.top, st, index++, at, len);
		}
	}
}

static int env_show(struct session *s, void *state, struct out *out,
		    struct err *err)
{
	const struct state *st = state;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, env_columns, N_COLUMNS);
	if (st->strings.bytes)
		env_show_strings(st, true, out);
	env_show_fault(st, out);
	return 0;
}

static int cmdline_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct state *st = state;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, cmdline_columns, N_COLUMNS);
	if (st->strings.bytes)
		env_show_strings(st, false, out);
	env_show_fault(st, out);
	return 0;
}

static void env_deinit(void *state)
{
	struct state *st = state;

	task_args_deinit(&st->strings, 1);
}

const struct cmd cmd_env = {
	.name = "env",
	.topic = TOPIC_LOOK,
	.summary = "Print the environment of a process",
	.args = "PID",
	.doc = "As it is in the process's own memory, a line for each; the "
	       "process may have changed it since it was started.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = env_operands,
	.run = env_run,
	.show = env_show,
	.deinit = env_deinit,
};

const struct cmd cmd_cmdline = {
	.name = "cmdline",
	.topic = TOPIC_LOOK,
	.summary = "Print the arguments of a process",
	.args = "PID",
	.doc = "As they are in the process's own memory, a line for each.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = env_operands,
	.run = cmdline_run,
	.show = cmdline_show,
	.deinit = env_deinit,
};
