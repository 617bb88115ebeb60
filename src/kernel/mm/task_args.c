/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads command lines as get_mm_cmdline() does (fs/proc/base.c, >= 5.3). */
#include "kernel/mm/task_args.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/mm/mm.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_ARG_START = WANTS_OF(READER_TASK_ARGS),
	FIELD_MM_ARG_END,
	FIELD_MM_ENV_START,
	FIELD_MM_ENV_END
};

static const struct want want_table[] = {
	FIELD(MM_ARG_START, "mm_struct", OPTIONAL, "arg_start"),
	FIELD(MM_ARG_END, "mm_struct", OPTIONAL, "arg_end"),
	FIELD(MM_ENV_START, "mm_struct", OPTIONAL, "env_start"),
	FIELD(MM_ENV_END, "mm_struct", OPTIONAL, "env_end"),
};

const struct wants task_args_wants = {
	.reader = "command lines", .v = want_table, .n = WANTS_N(want_table)};

/* Where a process says that its arguments, and its environment, are. */
struct range {
	uint64_t arg_start, arg_end, env_start, env_end;
};

struct reading {
	struct kernel *k;
	const struct task *tasks;
	size_t n;
	struct task_args *out;
	struct mm *mms;
	struct range *ranges;
	struct space_read *reads; /* two for each */
	char *last;		  /* the last byte of each */
};

static void task_args_reading_deinit(struct reading *r)
{
	free(r->mms);
	free(r->ranges);
	free(r->reads);
	free(r->last);
}

static int reading_init(struct reading *r)
{
	r->mms = calloc(r->n + 1, sizeof(*r->mms));
	r->ranges = calloc(r->n + 1, sizeof(*r->ranges));
	r->reads = calloc(2 * r->n + 1, sizeof(*r->reads));
	r->last = calloc(r->n + 1, 1);
	return r->mms && r->ranges && r->reads && r->last ? 0 : ERR_NOMEM;
}

static int read_ranges(struct reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MM_ARG_START, FIELD_MM_ARG_END,
					  FIELD_MM_ENV_START, FIELD_MM_ENV_END};
	_cleanup_(records_deinit) struct records mms = {0};
	_cleanup_free_ uint64_t *addrs = calloc(r->n + 1, sizeof(*addrs));
	bool known = true;
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		addrs[i] = r->mms[i].addr;
	rc = records_read(r->k, addrs, r->n, fields, 4, &mms, err);
	for (i = 0; i < 4 && !rc; i++)
		known &= records_have(&mms, fields[i]);
	for (i = 0; i < r->n && !rc; i++) {
		r->ranges[i] =
			(struct range){records_u64(&mms, i, FIELD_MM_ARG_START),
				       records_u64(&mms, i, FIELD_MM_ARG_END),
				       records_u64(&mms, i, FIELD_MM_ENV_START),
				       records_u64(&mms, i, FIELD_MM_ENV_END)};
		if (!r->mms[i].addr)
			continue;
		r->out[i].state = known && mms.ok[i] && r->mms[i].readable
					  ? TASK_ARGS_WHOLE
					  : TASK_ARGS_ABSENT;
	}
	return rc;
}

/* Room for `len` bytes of command line i, within *left for all of them. */
static int make_room(struct task_args *args, uint64_t len, size_t *left)
{
	args->len = len < TASK_ARGS_MAX ? (size_t)len : TASK_ARGS_MAX;
	if (args->len > *left)
		args->len = *left;
	if (args->len < len)
		args->state = TASK_ARGS_CUT;
	*left -= args->len;
	free(args->bytes);
	args->bytes = calloc(args->len + 1, 1);
	return args->bytes ? 0 : ERR_NOMEM;
}

static void task_args_ask(struct reading *r, size_t i, size_t at, uint64_t va,
			  void *dst, size_t len)
{
	r->reads[at] = (struct space_read){
		.root = &r->mms[i].root, .va = va, .dst = dst, .len = len};
}

/* What was asked for command line i by read `at` must be there whole. */
static void task_args_settle(struct reading *r, size_t i, size_t at)
{
	if (r->reads[at].got == r->reads[at].len)
		return;
	free(r->out[i].bytes);
	r->out[i] = (struct task_args){.state = TASK_ARGS_ABSENT};
}

static bool has_bytes(const struct task_args *args)
{
	return args->state == TASK_ARGS_WHOLE || args->state == TASK_ARGS_CUT;
}

/* All between arg_start and arg_end, and the last byte. */
static int read_arguments(struct reading *r, size_t *left, struct err *err)
{
	size_t i, at = 0;
	int rc;

	for (i = 0; i < r->n; i++) {
		const struct range *m = &r->ranges[i];
		uint64_t len = m->arg_end > m->arg_start
				       ? m->arg_end - m->arg_start
				       : 0;

		if (!has_bytes(&r->out[i]))
			continue;
		if (make_room(&r->out[i], len, left))
			return err_nomem(err);
		task_args_ask(r, i, at++, m->arg_start, r->out[i].bytes,
			      r->out[i].len);
		task_args_ask(r, i, at++, m->arg_end - 1, &r->last[i],
			      len ? 1 : 0);
	}
	rc = space_read(r->k->machine, r->reads, at, err);
	for (i = at = 0; i < r->n && !rc; i++) {
		if (!has_bytes(&r->out[i]))
			continue;
		task_args_settle(r, i, at++);
		if (has_bytes(&r->out[i]))
			task_args_settle(r, i, at);
		at++;
	}
	return rc;
}

/*
 * setproctitle(3) writes over the NUL at the end, and into the environment
 * behind it: docs/facts/kernel.md, "Times and command lines"
 */
static int read_titles(struct reading *r, size_t *left, struct err *err)
{
	size_t i, at = 0;
	int rc = 0;

	for (i = 0; i < r->n; i++) {
		const struct range *m = &r->ranges[i];
		bool behind = m->env_start == m->arg_end &&
			      m->env_end >= m->env_start;
		uint64_t len =
			(behind ? m->env_end : m->arg_end) - m->arg_start;

		if (!has_bytes(&r->out[i]) || !r->last[i])
			continue;
		if (len > PAGE_SIZE_4K)
			len = PAGE_SIZE_4K;
		*left += r->out[i].len;
		r->out[i].state = TASK_ARGS_WHOLE;
		if (make_room(&r->out[i], len, left))
			return err_nomem(err);
		task_args_ask(r, i, at++, m->arg_start, r->out[i].bytes,
			      r->out[i].len);
	}
	rc = space_read(r->k->machine, r->reads, at, err);
	for (i = at = 0; i < r->n && !rc; i++) {
		struct task_args *args = &r->out[i];

		if (!has_bytes(args) || !r->last[i])
			continue;
		/* What is behind the NUL need not be there. */
		args->len = strnlen(args->bytes, r->reads[at].got);
		if (args->len < r->reads[at].got)
			args->len++;
		else
			task_args_settle(r, i, at);
		at++;
	}
	return rc;
}

/* All between env_start and env_end; 0 for both where there is none yet. */
static int read_environments(struct reading *r, size_t *left, struct err *err)
{
	size_t i, at = 0;
	int rc;

	for (i = 0; i < r->n; i++) {
		const struct range *m = &r->ranges[i];

		if (!has_bytes(&r->out[i]))
			continue;
		if (make_room(&r->out[i],
			      m->env_end > m->env_start
				      ? m->env_end - m->env_start
				      : 0,
			      left))
			return err_nomem(err);
		task_args_ask(r, i, at++, m->env_start, r->out[i].bytes,
			      r->out[i].len);
	}
	rc = space_read(r->k->machine, r->reads, at, err);
	for (i = at = 0; i < r->n && !rc; i++)
		if (has_bytes(&r->out[i]))
			task_args_settle(r, i, at++);
	return rc;
}

/* What both begin with. */
static int reading_begin(struct reading *r, struct err *err)
{
	int rc;

	if (reading_init(r))
		return err_nomem(err);
	rc = mm_of_tasks(r->k, r->tasks, r->n, r->mms, err);
	return rc ? rc : read_ranges(r, err);
}

int task_environ_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_args *out, struct err *err)
{
	_cleanup_(task_args_reading_deinit) struct reading r = {
		.k = k, .tasks = tasks, .n = n, .out = out};
	size_t left = TASK_ARGS_ALL_MAX;
	int rc = reading_begin(&r, err);

	return rc ? rc : read_environments(&r, &left, err);
}

int task_args_read(struct kernel *k, const struct task *tasks, size_t n,
		   struct task_args *out, struct err *err)
{
	_cleanup_(task_args_reading_deinit) struct reading r = {
		.k = k, .tasks = tasks, .n = n, .out = out};
	size_t left = TASK_ARGS_ALL_MAX;
	int rc = reading_begin(&r, err);

	if (!rc)
		rc = read_arguments(&r, &left, err);
	return rc ? rc : read_titles(&r, &left, err);
}

void task_args_deinit(struct task_args *args, size_t n)
{
	size_t i;

	for (i = 0; args && i < n; i++)
		free(args[i].bytes);
}
