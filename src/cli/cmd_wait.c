/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi wait: looks at a guest until something is so. */
#include "cli/commands.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/device/printk.h"
#include "kernel/task/task.h"

#define INTERVAL_MS 500

enum kind {
	KIND_PROC,
	KIND_PID,
	KIND_GONE,
	KIND_DMESG,
	N_KINDS
};

static const char *const kinds[N_KINDS] = {
	[KIND_PROC] = "proc:",
	[KIND_PID] = "pid:",
	[KIND_GONE] = "gone:",
	[KIND_DMESG] = "dmesg:",
};

/* One operand; once it was met it is, whatever comes later. */
struct condition {
	const char *text; /* as given */
	enum kind kind;
	const char *name; /* of KIND_PROC */
	uint32_t pid;
	regex_t regex; /* of KIND_DMESG, compiled where... */
	bool has_regex;
	bool met;
	uint32_t by_pid;    /* the process that met it; 0: none did */
	struct buf by_text; /* the line of the log */
};

struct state {
	struct condition *v;
	size_t n;
	bool any;
	unsigned int timeout_ms, interval_ms; /* 0: none, the default */
	uint64_t since_us;
	/* What was read in this pause. */
	struct task_list tasks;
	struct printk_log log;
};

enum {
	KEY_ANY = 0x2000,
	KEY_TIMEOUT,
	KEY_INTERVAL
};

static const struct argp_option options[] = {
	{"any", KEY_ANY, NULL, 0, "One of the conditions will do", 0},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "Give up after so long, with exit status 124 (default: never)", 0},
	{"interval", KEY_INTERVAL, "SECONDS", 0,
	 "From one look to the next (default 0.5)", 0},
	{0}};

static int wait_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_ANY:
		st->any = true;
		return 0;
	case KEY_TIMEOUT:
		return number_parse_ms(arg, "--timeout", &st->timeout_ms, err);
	case KEY_INTERVAL:
		return number_parse_ms(arg, "--interval", &st->interval_ms,
				       err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* "/REGEX/", an extended one (regex(7)). */
static int parse_regex(struct condition *c, const char *text, struct err *err)
{
	size_t len = strlen(text);
	_cleanup_free_ char *inner = NULL;
	char why[128];
	int rc;

	if (len < 3 || text[0] != '/' || text[len - 1] != '/')
		return err_set(err, ERR_USAGE,
			       "'%.200s' is not of the form dmesg:/REGEX/",
			       c->text);
	inner = strndup(text + 1, len - 2);
	if (!inner)
		return err_nomem(err);
	rc = regcomp(&c->regex, inner, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);
	c->has_regex = !rc;
	if (!rc)
		return 0;
	regerror(rc, &c->regex, why, sizeof(why));
	return err_set(err, ERR_USAGE, "'%.200s': %s", c->text, why);
}

static int parse_condition(struct condition *c, const char *text,
			   struct err *err)
{
	const char *behind;
	uint64_t pid = 0;
	int rc = 0;

	c->text = text;
	for (c->kind = 0; c->kind < N_KINDS; c->kind++)
		if (!strncmp(text, kinds[c->kind], strlen(kinds[c->kind])))
			break;
	if (c->kind == N_KINDS)
		return err_set(err, ERR_USAGE,
			       "'%.200s' is none of proc:NAME, pid:N, "
			       "gone:PID, dmesg:/REGEX/",
			       text);
	behind = text + strlen(kinds[c->kind]);
	switch (c->kind) {
	case KIND_PROC:
		c->name = behind;
		if (!*behind)
			rc = err_set(err, ERR_USAGE, "'%s' names no process",
				     text);
		break;
	case KIND_PID:
	case KIND_GONE:
		rc = number_parse(behind, "PID", ADDR_MAX_PID, &pid, err);
		c->pid = (uint32_t)pid;
		break;
	case KIND_DMESG:
		rc = parse_regex(c, behind, err);
		break;
	case N_KINDS:
		break;
	}
	return rc;
}

static int wait_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = 0;

	st->since_us = clock_now_us();
	st->v = calloc((size_t)n + 1, sizeof(*st->v));
	if (!st->v)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++)
		rc = parse_condition(&st->v[st->n++], argv[i], err);
	return rc;
}

static bool wants_log(const struct state *st, bool log)
{
	size_t i;

	for (i = 0; i < st->n; i++)
		if (!st->v[i].met && (st->v[i].kind == KIND_DMESG) == log)
			return true;
	return false;
}

static int wait_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = 0;

	if (wants_log(st, false))
		rc = task_list_read(s->guest.kernel, false, &st->tasks, err);
	if (!rc && wants_log(st, true))
		rc = printk_read(s->guest.kernel, &st->log, err);
	return rc;
}

/* Names in the kernel have 15 bytes: longer ones are cut there. */
static bool has_name(const struct task *t, const char *name)
{
	size_t len = strlen(t->comm);

	return !strcmp(t->comm, name) ||
	       (len == 15 && !strncmp(t->comm, name, len));
}

/* Whether there is such a process, one that has not exited. */
static bool find_process(const struct state *st, struct condition *c)
{
	size_t i;

	for (i = 0; i < st->tasks.n; i++) {
		const struct task *t = &st->tasks.v[i];

		if (t->state == 'Z' || t->state == 'X')
			continue;
		if (c->kind == KIND_PROC ? has_name(t, c->name)
					 : t->pid == c->pid) {
			c->by_pid = t->pid;
			return true;
		}
	}
	return false;
}

static bool find_line(const struct state *st, struct condition *c)
{
	size_t i;

	for (i = 0; i < st->log.v.n; i++) {
		const struct printk_record *r = &st->log.v.v[i];
		_cleanup_free_ char *text = strndup(r->text, r->len);

		if (!text || regexec(&c->regex, text, 0, NULL, 0))
			continue;
		buf_add(&c->by_text, text, strlen(text));
		return true;
	}
	return false;
}

/* All of it counts, and what was not looked at is never gone. */
static void judge_one(const struct state *st, struct condition *c)
{
	switch (c->kind) {
	case KIND_PROC:
	case KIND_PID:
		c->met = find_process(st, c);
		break;
	case KIND_GONE:
		c->met = !find_process(st, c) && !st->tasks.torn;
		break;
	case KIND_DMESG:
		c->met = find_line(st, c);
		break;
	case N_KINDS:
		break;
	}
}

static void wait_forget(struct state *st)
{
	task_list_deinit(&st->tasks);
	printk_deinit(&st->log);
	st->tasks = (struct task_list){0};
	st->log = (struct printk_log){0};
}

/* Whether a later look may find another thing there: a guest that starts. */
static bool may_pass(int code)
{
	return !code || code == ERR_NO_GUEST || code == ERR_NO_LINUX ||
	       code == ERR_UNREADABLE || code == ERR_CORRUPT;
}

static void wait_give_up(const struct state *st, struct err *err)
{
	struct err why = *err;
	size_t i;

	for (i = 0; st->v[i].met; i++)
		;
	err_set(err, ERR_TIMEOUT, "%.200s did not come about in time%s%.200s",
		st->v[i].text, why.code ? "; at last " : "", why.text);
}

static unsigned int wait_judge(void *state, struct err *err)
{
	struct state *st = state;
	unsigned int interval = st->interval_ms ? st->interval_ms : INTERVAL_MS;
	uint64_t passed_ms = (clock_now_us() - st->since_us) / 1000;
	size_t i, met = 0;

	for (i = 0; i < st->n && !err->code; i++)
		if (!st->v[i].met)
			judge_one(st, &st->v[i]);
	for (i = 0; i < st->n; i++)
		met += st->v[i].met;
	wait_forget(st);
	if (met == st->n || (st->any && met)) {
		*err = (struct err){0};
		return 0;
	}
	if (!may_pass(err->code))
		return 0;
	if (st->timeout_ms && passed_ms >= st->timeout_ms) {
		wait_give_up(st, err);
		return 0;
	}
	if (st->timeout_ms && st->timeout_ms - passed_ms < interval)
		return (unsigned int)(st->timeout_ms - passed_ms);
	return interval;
}

enum {
	CONDITION,
	MET,
	PID,
	TEXT,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[CONDITION] = ROW_COLUMN("condition", "CONDITION", ROW_WORDS),
	[MET] = ROW_COLUMN("met", "MET", ROW_FLAG),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[TEXT] = ROW_COLUMN("text", "TEXT", ROW_GUEST),
};

static int wait_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	const struct state *st = state;
	struct row_table *t = &out->rows.top;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->n; i++) {
		const struct condition *c = &st->v[i];

		row_add(t);
		row_string(t, CONDITION, c->text);
		row_number(t, MET, c->met);
		if (c->by_pid)
			row_number(t, PID, c->by_pid);
		if (c->by_text.len)
			row_bytes(t, TEXT, c->by_text.data, c->by_text.len);
		out->oom |= c->by_text.oom;
	}
	return 0;
}

static void wait_deinit(void *state)
{
	struct state *st = state;
	size_t i;

	wait_forget(st);
	for (i = 0; st->v && i < st->n; i++) {
		if (st->v[i].has_regex)
			regfree(&st->v[i].regex);
		buf_deinit(&st->v[i].by_text);
	}
	free(st->v);
}

const struct cmd cmd_wait = {
	.name = "wait",
	.topic = TOPIC_LOOK,
	.summary = "Wait until something is so in the guest",
	.args = "CONDITION...",
	.doc = "CONDITION is proc:NAME (a process of that name is there), "
	       "pid:N, gone:PID, or dmesg:/REGEX/ (the kernel's log has such a "
	       "line).  QEMU need not run yet.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = wait_option,
	.operands = wait_operands,
	.run = wait_run,
	.judge = wait_judge,
	.show = wait_show,
	.deinit = wait_deinit,
};
