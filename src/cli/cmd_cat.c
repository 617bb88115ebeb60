/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi cat: files of the guest's /proc. */
#include "cli/commands.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/proc_show.h"
#include "proc/lookup.h"

struct state {
	bool all;
	struct proc_path *paths;
	size_t n;
	struct proc_lookup found;
};

enum {
	KEY_ALL = 'a'
};

static const struct argp_option options[] = {
	{"all", KEY_ALL, NULL, 0, "The files of that name of all processes", 0},
	{0}};

static int cat_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)arg, (void)err;
	if (key != KEY_ALL)
		return ARGP_ERR_UNKNOWN;
	st->all = true;
	return 0;
}

/* "NAME" of all processes. */
static int of_all(struct proc_path *path, const char *name, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	buf_printf(&b, "*/%s", name);
	return b.oom ? err_nomem(err) : proc_path_parse(b.data, path, err);
}

static int cat_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = 0;

	st->paths = calloc((size_t)n + 1, sizeof(*st->paths));
	if (!st->paths)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++) {
		struct proc_path *path = &st->paths[st->n++];

		rc = st->all ? of_all(path, argv[i], err)
			     : proc_path_parse(argv[i], path, err);
		if (!rc)
			rc = proc_lookup_known(path, err);
	}
	return rc;
}

static int cat_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc = proc_lookup(k, st->paths, st->n, false, &st->found, err);

	return rc ? rc : proc_lookup_read(k, &st->found, PROC_CONTENTS, err);
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
static void cat_show_row(struct out *out, const char *path,
			 const struct proc_match *m)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct row_table *t = &out->rows.top;

	proc_match_text(m, &b);
	out->oom |= b.oom;
	row_add(t);
	row_string(t, PATH, path);
	row_bytes(t, TEXT, b.data, b.len);
	out_flush(out);
}

static void cat_show_match(struct out *out, const struct state *st,
			   const struct proc_match *m)
{
	_cleanup_(buf_deinit) struct buf path = {0};
	const struct proc_part *fault;

	proc_match_path(&st->found, m, &path);
	out->oom |= path.oom;
	if (path.oom)
		return;
	if (!m->values) {
		out_fail(out, ERR_NOT_FOUND, "%s is a directory", path.data);
		return;
	}
	if (proc_match_leads_nowhere(m)) {
		if (!proc_path_is_pattern(&st->paths[m->path]))
			out_fail(out, ERR_NOT_FOUND, "%s leads nowhere",
				 path.data);
		return;
	}
	if (out->json)
		cat_show_row(out, path.data, m);
	else
		proc_show_match(out, m);
	fault = proc_match_fault(m);
	if (fault)
		out_fail(out, ERR_UNREADABLE, "%s: %s%.300s", path.data,
			 fault->torn ? "it is not whole: " : "",
			 fault->why.data);
}

static int cat_show(struct session *s, void *state, struct out *out,
		    struct err *err)
{
	const struct state *st = state;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->found.matches.n; i++)
		cat_show_match(out, st, &st->found.matches.v[i]);
	proc_show_torn(out, &st->found);
	return 0;
}

static void cat_deinit(void *state)
{
	struct state *st = state;

	proc_lookup_deinit(&st->found);
	free(st->paths);
}

const struct cmd cmd_cat = {
	.name = "cat",
	.topic = TOPIC_LOOK,
	.summary = "Print files of the guest's /proc",
	.args = "PATH...",
	.doc = "Byte for byte what the guest's own /proc says (control bytes "
	       "are escaped on a terminal).  PATH is NAME, PID/NAME or "
	       "PID/task/TID/NAME, with /proc/ in front or without; each may "
	       "be "
	       "a pattern, as '*/comm'.",
	.options = options,
	.option = cat_option,
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
