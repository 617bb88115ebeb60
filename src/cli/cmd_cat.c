/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi cat: files of the guest's /proc. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/proc_show.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "proc/proc.h"

/* One operand. */
struct wanted {
	const char *path; /* as given */
	const struct proc_file *file;
	uint32_t pid; /* of PROC_PROCESS */
	struct task task;
	const struct proc_values *values; /* NULL: it is not read yet */
	size_t part;			  /* of these */
};

struct state {
	struct wanted *v;
	struct task *tasks;	   /* of each, by file */
	size_t n;		   /* of both */
	struct proc_values *files; /* each for all that go with it */
	size_t n_files;
};

static int no_such_file(const char *path, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	const struct proc_file *const *f;

	for (f = proc_files; *f; f++)
		buf_printf(&b, "%s%s%s", b.len ? ", " : "",
			   (*f)->scope == PROC_PROCESS ? "PID/" : "",
			   (*f)->name);
	if (b.oom)
		return err_nomem(err);
	return err_set(err, ERR_USAGE, "'%.100s': there are %s", path, b.data);
}

/* "version", "89/maps", each with /proc/ in front or without. */
static int parse_path(struct wanted *w, const char *path, struct err *err)
{
	static const char proc[] = "/proc/";
	const char *at = path, *slash;
	char pid[ADDR_MAX_PID_DIGITS + 1];
	uint64_t value;

	w->path = path;
	if (!strncmp(at, proc, sizeof(proc) - 1))
		at += sizeof(proc) - 1;
	slash = strchr(at, '/');
	w->file = slash ? proc_find(PROC_PROCESS, slash + 1)
			: proc_find(PROC_SYSTEM, at);
	if (!w->file)
		return no_such_file(path, err);
	if (!slash)
		return 0;
	snprintf(pid, sizeof(pid), "%.*s", (int)(slash - at), at);
	if (number_parse(slash - at < (int)sizeof(pid) ? pid : at, "PID",
			 ADDR_MAX_PID, &value, err))
		return ERR_USAGE;
	w->pid = (uint32_t)value;
	return 0;
}

static int cat_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = 0;

	st->v = calloc((size_t)n + 1, sizeof(*st->v));
	st->tasks = calloc((size_t)n + 1, sizeof(*st->tasks));
	st->files = calloc((size_t)n + 1, sizeof(*st->files));
	if (!st->v || !st->tasks || !st->files)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++)
		rc = parse_path(&st->v[st->n++], argv[i], err);
	return rc;
}

static bool is_of_process(const struct wanted *w)
{
	return w->file->scope == PROC_PROCESS;
}

/* The processes of all operands, in one go. */
static int cat_find_tasks(struct kernel *k, struct state *st, struct err *err)
{
	_cleanup_free_ uint32_t *pids = calloc(st->n + 1, sizeof(*pids));
	_cleanup_free_ struct task *tasks = calloc(st->n + 1, sizeof(*tasks));
	struct err torn = {0};
	size_t i, n = 0;
	int rc = 0;

	if (!pids || !tasks)
		return err_nomem(err);
	for (i = 0; i < st->n; i++)
		if (is_of_process(&st->v[i]))
			pids[n++] = st->v[i].pid;
	if (n)
		rc = tasks_find(k, pids, n, tasks, &torn, err);
	for (i = n = 0; i < st->n && !rc; i++) {
		struct wanted *w = &st->v[i];

		if (!is_of_process(w))
			continue;
		w->task = tasks[n++];
		if (!w->task.addr)
			rc = err_wrap(err, task_missing(w->pid, &torn, err),
				      "%.100s", w->path);
	}
	return rc;
}

/* Whether operand i is read with `first`: the same file, of a process. */
static bool goes_with(const struct state *st, size_t first, size_t i)
{
	return i == first ||
	       (st->v[i].file == st->v[first].file && is_of_process(&st->v[i]));
}

/* The file of operand `first`, and of all behind that go with it; *done are
 * read. */
static int cat_read_file(struct kernel *k, struct state *st, size_t first,
			 size_t *done, struct err *err)
{
	struct proc_values *values = &st->files[st->n_files++];
	struct task *tasks = st->tasks + *done;
	size_t i, n = 0;
	int rc;

	for (i = first; i < st->n; i++)
		if (goes_with(st, first, i)) {
			st->v[i].values = values;
			st->v[i].part = n;
			tasks[n++] = st->v[i].task;
		}
	*done += n;
	rc = proc_read(st->v[first].file, k,
		       is_of_process(&st->v[first]) ? tasks : NULL, n, values,
		       err);
	return rc ? err_wrap(err, rc, "%.100s", st->v[first].path) : 0;
}

static int cat_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	size_t i, done = 0;
	int rc = cat_find_tasks(s->guest.kernel, st, err);

	for (i = 0; i < st->n && !rc; i++)
		if (!st->v[i].values)
			rc = cat_read_file(s->guest.kernel, st, i, &done, err);
	return rc;
}

enum {
	PATH,
	TEXT,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PATH] = ROW_COLUMN("path", NULL, ROW_WORDS),
	[TEXT] = ROW_COLUMN("text", NULL, ROW_GUEST),
};

/* A row with all of the file. */
static void cat_show_row(struct out *out, const struct wanted *w)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct row_table *t = &out->rows.top;
	size_t record;

	for (record = 0; record < w->values->parts[w->part].records; record++)
		proc_text(w->values, w->part, record, &b);
	out->oom |= b.oom;
	row_add(t);
	row_string(t, PATH, w->path);
	row_bytes(t, TEXT, b.data, b.len);
	out_flush(out);
}

static int cat_show(struct session *s, void *state, struct out *out,
		    struct err *err)
{
	const struct state *st = state;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->n; i++) {
		const struct wanted *w = &st->v[i];
		const struct proc_part *part = &w->values->parts[w->part];

		if (out->json)
			cat_show_row(out, w);
		else
			proc_show_text(out, w->values, w->part);
		if (part->why.len)
			out_fail(out, ERR_UNREADABLE, "%.100s: %s%.300s",
				 w->path, part->torn ? "it is not whole: " : "",
				 part->why.data);
	}
	return 0;
}

static void cat_deinit(void *state)
{
	struct state *st = state;
	size_t i;

	for (i = 0; i < st->n_files; i++)
		proc_values_deinit(&st->files[i]);
	free(st->files);
	free(st->tasks);
	free(st->v);
}

const struct cmd cmd_cat = {
	.name = "cat",
	.topic = TOPIC_LOOK,
	.summary = "Print files of the guest's /proc",
	.args = "PATH...",
	.doc = "Byte for byte what the guest's own /proc says (control bytes "
	       "are escaped on a terminal).  PATH is NAME or PID/NAME, with "
	       "/proc/ in front or without.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = -1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = cat_operands,
	.run = cat_run,
	.show = cat_show,
	.deinit = cat_deinit,
};
