/* SPDX-License-Identifier: BSD-2-Clause */
/* The columns of ps: one table of names, titles, keys, and what fills them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/ps.h"

/* Where a value goes: a column of the out, for text or for JSON. */
struct cell {
	struct row_table *t;
	size_t column;
	bool json;
};

typedef void put_fn(const struct cell *to, const struct ps_data *d, size_t i);

static void put_pid(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].tgid);
}

static void put_tid(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].pid);
}

static void put_ppid(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].ppid);
}

static void put_uid(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].euid);
}

static void put_ruid(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].uid);
}

static void put_state(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_bytes(to->t, to->column, &d->tasks.v[i].state, 1);
}

static void put_rss(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->rss && d->rss[i].known)
		row_number(to->t, to->column,
			   rss_total(&d->rss[i]) * PAGE_SIZE_4K);
}

static void put_kthread(const struct cell *to, const struct ps_data *d,
			size_t i)
{
	row_number(to->t, to->column, task_is_kthread(&d->tasks.v[i]));
}

static void put_task(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].addr);
}

static void put_torn(const struct cell *to, const struct ps_data *d, size_t i)
{
	row_number(to->t, to->column, d->tasks.v[i].torn);
}

static void put_bracketed(const struct cell *to, const struct task *task)
{
	char text[sizeof(task->comm) + 2];
	size_t n = strnlen(task->comm, sizeof(task->comm));

	text[0] = '[';
	memcpy(text + 1, task->comm, n);
	text[n + 1] = ']';
	row_bytes(to->t, to->column, text, n + 2);
}

/* Kernel threads stand in brackets, as in ps. */
static void put_comm(const struct cell *to, const struct ps_data *d, size_t i)
{
	const struct task *task = &d->tasks.v[i];

	if (!to->json && task_is_kthread(task))
		put_bracketed(to, task);
	else
		row_bytes(to->t, to->column, task->comm,
			  strnlen(task->comm, sizeof(task->comm)));
}

/* As ps shows it: blanks between arguments, or the name where there is none. */
static void put_args_text(const struct cell *to, const struct task *task,
			  const struct task_args *args)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t n = args->len, at;

	while (n && !args->bytes[n - 1])
		n--;
	if (!n) {
		put_bracketed(to, task);
		return;
	}
	buf_add(&b, args->bytes, n);
	for (at = 0; at < b.len; at++)
		if (!b.data[at])
			b.data[at] = ' ';
	if (args->state == TASK_ARGS_CUT)
		buf_puts(&b, " ...");
	if (b.oom)
		to->t->rows->oom = true;
	else
		row_bytes(to->t, to->column, b.data, b.len);
}

static void put_args(const struct cell *to, const struct ps_data *d, size_t i)
{
	const struct task_args *args = &d->args[i];

	if (args->state == TASK_ARGS_ABSENT)
		return;
	if (!to->json)
		put_args_text(to, &d->tasks.v[i], args);
	else if (args->state != TASK_ARGS_NONE)
		row_bytes(to->t, to->column, args->bytes, args->len);
}

static void put_threads(const struct cell *to, const struct ps_data *d,
			size_t i)
{
	if (d->groups[i].has_threads)
		row_number(to->t, to->column, d->groups[i].threads);
}

static void put_pgid(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->groups[i].has_pgid)
		row_number(to->t, to->column, d->groups[i].pgid);
}

static void put_sid(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->groups[i].has_sid)
		row_number(to->t, to->column, d->groups[i].sid);
}

/* Nanoseconds as [DAYS-]HH:MM:SS, in JSON as microseconds. */
static void put_ns(const struct cell *to, uint64_t ns)
{
	uint64_t s = ns / 1000000000, days = s / 86400;
	char text[40];
	int n = 0;

	if (to->json) {
		row_number(to->t, to->column, ns / 1000);
		return;
	}
	if (days)
		n = snprintf(text, sizeof(text), "%" PRIu64 "-", days);
	snprintf(text + n, sizeof(text) - (size_t)n, "%02u:%02u:%02u",
		 (unsigned int)(s / 3600 % 24), (unsigned int)(s / 60 % 60),
		 (unsigned int)(s % 60));
	row_string(to->t, to->column, text);
}

static void put_start(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->times[i].has_start)
		put_ns(to, d->times[i].start);
}

static void ps_columns_put_time(const struct cell *to, const struct ps_data *d,
				size_t i)
{
	if (d->times[i].has_cpu)
		put_ns(to, d->times[i].user + d->times[i].system);
}

static void put_utime(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->times[i].has_cpu)
		put_ns(to, d->times[i].user);
}

static void put_stime(const struct cell *to, const struct ps_data *d, size_t i)
{
	if (d->times[i].has_cpu)
		put_ns(to, d->times[i].system);
}

#define NAMESPACE(kind)                                              \
	static void put_ns_##kind(const struct cell *to,             \
				  const struct ps_data *d, size_t i) \
	{                                                            \
		if (d->ns[i].inum[TASK_NS_##kind])                   \
			row_number(to->t, to->column,                \
				   d->ns[i].inum[TASK_NS_##kind]);   \
	}

NAMESPACE(CGROUP)
NAMESPACE(IPC)
NAMESPACE(MNT)
NAMESPACE(NET)
NAMESPACE(PID)
NAMESPACE(TIME)
NAMESPACE(USER)
NAMESPACE(UTS)

/*
 * `name` on the command line, NULL for what only JSON has; `json` is the type
 * there where it differs from that of the text.
 */
struct column {
	const char *name, *key, *title;
	enum row_type type, json;
	unsigned int needs;
	enum {
		CHOSEN,	 /* where it is asked for */
		IN_JSON, /* ...and in JSON always */
		USUAL	 /* ...and in text, where nothing is asked for */
	} when;
	put_fn *put;
};

/* What text and JSON show alike, and what they do not. */
#define SAME(n, t, ty, ne, w, p)                                     \
	{                                                            \
		.name = (n), .key = (n), .title = (t), .type = (ty), \
		.json = (ty), .needs = (ne), .when = (w), .put = (p) \
	}
#define OTHER(n, k, t, ty, j, ne, w, p)                              \
	{                                                            \
		.name = (n), .key = (k), .title = (t), .type = (ty), \
		.json = (j), .needs = (ne), .when = (w), .put = (p)  \
	}
#define ONLY_JSON(k, ty, p)                                              \
	{                                                                \
		.key = (k), .type = (ty), .json = (ty), .when = IN_JSON, \
		.put = (p)                                               \
	}

static const struct column columns[] = {
	SAME("pid", "PID", ROW_COUNT, 0, USUAL, put_pid),
	SAME("tid", "TID", ROW_COUNT, 0, IN_JSON, put_tid),
	SAME("ppid", "PPID", ROW_COUNT, 0, USUAL, put_ppid),
	SAME("uid", "UID", ROW_COUNT, 0, USUAL, put_uid),
	SAME("ruid", "RUID", ROW_COUNT, 0, IN_JSON, put_ruid),
	SAME("state", "STATE", ROW_WORDS, 0, USUAL, put_state),
	SAME("rss", "RSS", ROW_KIB, PS_RSS, USUAL, put_rss),
	SAME("threads", "THREADS", ROW_COUNT, PS_GROUP, CHOSEN, put_threads),
	SAME("pgid", "PGID", ROW_COUNT, PS_GROUP, CHOSEN, put_pgid),
	SAME("sid", "SID", ROW_COUNT, PS_GROUP, CHOSEN, put_sid),
	OTHER("start", "start_us", "START", ROW_WORDS, ROW_COUNT, PS_START,
	      CHOSEN, put_start),
	OTHER("time", "time_us", "TIME", ROW_WORDS, ROW_COUNT, PS_TIME, CHOSEN,
	      ps_columns_put_time),
	OTHER("utime", "utime_us", "UTIME", ROW_WORDS, ROW_COUNT, PS_TIME,
	      CHOSEN, put_utime),
	OTHER("stime", "stime_us", "STIME", ROW_WORDS, ROW_COUNT, PS_TIME,
	      CHOSEN, put_stime),
	SAME("cgroupns", "CGROUPNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_CGROUP),
	SAME("ipcns", "IPCNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_IPC),
	SAME("mntns", "MNTNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_MNT),
	SAME("netns", "NETNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_NET),
	SAME("pidns", "PIDNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_PID),
	SAME("timens", "TIMENS", ROW_COUNT, PS_NS, CHOSEN, put_ns_TIME),
	SAME("userns", "USERNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_USER),
	SAME("utsns", "UTSNS", ROW_COUNT, PS_NS, CHOSEN, put_ns_UTS),
	ONLY_JSON("kernel_thread", ROW_FLAG, put_kthread),
	ONLY_JSON("task", ROW_HEX, put_task),
	ONLY_JSON("torn", ROW_FLAG, put_torn),
	/* Names and command lines are last, for they can be long. */
	OTHER("comm", "comm", "COMM", ROW_GUEST, ROW_GUEST, 0, USUAL, put_comm),
	OTHER("args", "args", "ARGS", ROW_GUEST, ROW_GUEST, PS_ARGS, CHOSEN,
	      put_args),
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))
_Static_assert(2 * N_COLUMNS <= PS_COLUMNS_MAX, "a column has two places");

/* Whether the text shows something else than JSON. */
static bool has_two(const struct column *c)
{
	return c->put == put_comm || c->put == put_args || c->type != c->json;
}

static void cli_ps_columns_add(struct ps_columns *c, size_t which, bool text,
			       bool json)
{
	const struct column *from = &columns[which];

	c->list[c->n] = (struct ps_column){.which = which, .json = !text};
	c->out[c->n++] =
		(struct row_column){.key = json ? from->key : NULL,
				    .title = text ? from->title : NULL,
				    .type = text ? from->type : from->json};
}

/* In the text, and in JSON. */
static void ps_columns_choose(struct ps_columns *c, size_t which)
{
	c->needs |= columns[which].needs;
	cli_ps_columns_add(c, which, true, !has_two(&columns[which]));
	if (has_two(&columns[which]))
		cli_ps_columns_add(c, which, false, true);
}

static bool is_there(const struct ps_columns *c, size_t which)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->list[i].which == which)
			return true;
	return false;
}

static int say_unknown(const char *name, size_t len, struct err *err)
{
	char all[300] = "";
	size_t i, n = 0;

	for (i = 0; i < N_COLUMNS && n < sizeof(all); i++)
		if (columns[i].name)
			n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
					      n ? ", " : "", columns[i].name);
	return err_set(err, ERR_USAGE, "no column '%.*s'; there are: %s",
		       (int)(len < 40 ? len : 40), name, all);
}

int ps_columns_add(struct ps_columns *c, const char *names, struct err *err)
{
	size_t len, i;

	for (;; names += len + 1) {
		len = strcspn(names, ",");
		for (i = 0; i < N_COLUMNS; i++)
			if (columns[i].name && strlen(columns[i].name) == len &&
			    !memcmp(columns[i].name, names, len))
				break;
		if (i == N_COLUMNS)
			return say_unknown(names, len, err);
		if (is_there(c, i))
			return err_set(err, ERR_USAGE,
				       "column '%s' is there already",
				       columns[i].name);
		ps_columns_choose(c, i);
		if (!names[len])
			return 0;
	}
}

void ps_columns_end(struct ps_columns *c, bool threads, bool tree)
{
	bool chosen = c->n;
	size_t i;

	for (i = 0; i < N_COLUMNS && !chosen; i++)
		if (columns[i].when == USUAL ||
		    (threads && columns[i].put == put_tid))
			ps_columns_choose(c, i);
	for (i = 0; i < c->n; i++)
		c->out[i].tree =
			tree && columns[c->list[i].which].put == put_comm;
	for (i = 0; i < N_COLUMNS; i++)
		if (columns[i].when != CHOSEN && !is_there(c, i))
			cli_ps_columns_add(c, i, false, true);
}

void ps_show(struct row_table *t, const struct ps_columns *c,
	     const struct ps_data *d, size_t i)
{
	size_t n;

	row_add(t);
	for (n = 0; n < c->n; n++) {
		const struct cell to = {t, n, c->list[n].json};

		columns[c->list[n].which].put(&to, d, i);
	}
}
