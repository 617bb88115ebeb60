/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi ls: what there is below the guest's /proc. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/proc_show.h"
#include "proc/entries.h"

struct state {
	struct proc_path *paths;
	size_t n;
	struct proc_lookup found;
};

static int ls_add(struct state *st, const char *text, struct err *err)
{
	struct proc_path *path = &st->paths[st->n++];
	int rc = proc_path_parse(text, path, err);

	return rc ? rc : proc_lookup_known(path, err);
}

/* Without any, it is /proc itself. */
static int ls_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = 0;

	st->paths = calloc((size_t)n + 1, sizeof(*st->paths));
	if (!st->paths)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++)
		rc = ls_add(st, argv[i], err);
	return n ? rc : ls_add(st, "", err);
}

static int ls_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc = proc_lookup(k, st->paths, st->n, true, &st->found, err);

	return rc ? rc : proc_lookup_read(k, &st->found, PROC_LINKS, err);
}

enum {
	PATH,
	KIND,
	TARGET,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PATH] = ROW_COLUMN("path", NULL, ROW_GUEST),
	[KIND] = ROW_COLUMN("kind", NULL, ROW_WORDS),
	[TARGET] = ROW_COLUMN("target", NULL, ROW_GUEST),
};

/* A row, or a line as ls -F has it. */
static void ls_show_entry(struct out *out, const struct proc_entry *e)
{
	bool link = e->match && proc_match_is_link(e->match);
	_cleanup_(buf_deinit) struct buf target = {0};
	struct row_table *t = &out->rows.top;

	if (link)
		proc_match_text(e->match, &target);
	out->oom |= target.oom;
	if (!out->json) {
		out_guest(out, e->path, strlen(e->path));
		out_text(out, "%s", e->match ? target.len ? " -> " : "" : "/");
		out_guest(out, target.data ? target.data : "", target.len);
		out_text(out, "\n");
		return;
	}
	row_add(t);
	row_bytes(t, PATH, e->path, strlen(e->path));
	row_string(t, KIND, link ? "link" : e->match ? "file" : "directory");
	if (target.len)
		row_bytes(t, TARGET, target.data, target.len);
}

static int ls_show(struct session *s, void *state, struct out *out,
		   struct err *err)
{
	const struct state *st = state;
	size_t i, j;
	int rc = 0;

	(void)s;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->n && !rc; i++) {
		_cleanup_(proc_entries_deinit) struct proc_entries e = {0};

		rc = proc_entries(&st->found, st->paths, i, &e, err);
		for (j = 0; j < e.v.n && !rc; j++) {
			ls_show_entry(out, &e.v.v[j]);
			out_flush(out);
		}
	}
	proc_show_torn(out, &st->found);
	return rc;
}

static void ls_deinit(void *state)
{
	struct state *st = state;

	proc_lookup_deinit(&st->found);
	free(st->paths);
}

const struct cmd cmd_ls = {
	.name = "ls",
	.topic = TOPIC_LOOK,
	.summary = "List what there is below the guest's /proc",
	.args = "[PATH...]",
	.doc = "The files that 'qvmi cat' can print, and where links lead.  "
	       "PATH is a file or a directory, with /proc/ in front or "
	       "without; each may be a pattern, as '*/exe'.",
	.needs = NEEDS_KERNEL,
	.max_args = -1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = ls_operands,
	.run = ls_run,
	.show = ls_show,
	.deinit = ls_deinit,
};
