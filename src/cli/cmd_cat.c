/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi cat: files of the guest's /proc. */
#include "cli/commands.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "base/vec.h"
#include "cli/cat_file.h"
#include "cli/proc_show.h"
#include "guest/number.h"
#include "proc/lookup.h"

/* What of a file of bytes was read. */
struct cat_bytes {
	size_t match;
	uint8_t *data;
	size_t len;
	struct err why; /* code 0: all that there is */
};

struct state {
	bool all;
	bool file; /* no files of /proc, but those of its file systems: */
	struct cat_files files;
	uint64_t offset, length; /* of files of bytes; length 0: none */
	VEC(struct cat_bytes) bytes;
	struct proc_path *paths;
	size_t n;
	struct proc_lookup found;
};

enum {
	KEY_ALL = 'a',
	KEY_FILE = 'f',
	KEY_COMPLETE = 'c',
	KEY_OFFSET = 'o',
	KEY_LENGTH = 'n'
};

/* Of what has no end that is worth while: of one file, and of all. */
#define LENGTH_MAX     (64u << 20)
#define LENGTH_ALL_MAX (1ULL << 30)

static const struct argp_option options[] = {
	{"all", KEY_ALL, NULL, 0, "The files of that name of all processes", 0},
	{"file", KEY_FILE, NULL, 0,
	 "Files of the guest's own file systems, PID:PATH, out of its memory",
	 0},
	{"require-complete", KEY_COMPLETE, NULL, 0,
	 "Print none of such a file that is not in memory as a whole", 0},
	{"offset", KEY_OFFSET, "BYTES", 0,
	 "Where to begin in a file that is read at offsets (0)", 0},
	{"length", KEY_LENGTH, "BYTES", 0, "How much to read of such a file",
	 0},
	{0}};

static int cat_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_ALL:
		st->all = true;
		return 0;
	case KEY_FILE:
		st->file = true;
		return 0;
	case KEY_COMPLETE:
		st->files.complete = true;
		return 0;
	case KEY_OFFSET:
		return number_parse_size(arg, "offset", INT64_MAX, &st->offset,
					 err);
	case KEY_LENGTH:
		return number_parse_size(arg, "length", LENGTH_MAX, &st->length,
					 err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
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

	if (st->file && st->all)
		return err_set(err, ERR_USAGE, "--file takes no --all");
	for (i = 0; i < n && !rc && st->file; i++)
		rc = cat_files_add(&st->files, argv[i], err);
	if (st->file)
		return rc;
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

static bool is_bytes(const struct proc_match *m)
{
	return m->file && m->file->kind == PROC_BYTES;
}

/* Room for what is asked for of each of them. */
static int cat_bytes_add(struct state *st, size_t match, struct err *err)
{
	struct cat_bytes b = {.match = match};

	if ((st->bytes.n + 1) * st->length > LENGTH_ALL_MAX)
		return err_set(err, ERR_REFUSED,
			       "these are more bytes than are read at once");
	b.data = malloc((size_t)st->length + 1);
	if (b.data && !vec_push(&st->bytes, b))
		return 0;
	free(b.data);
	return err_nomem(err);
}

/* All that is asked for of one file, together. */
static int cat_bytes_read(struct kernel *k, struct state *st,
			  const struct proc_file *file, struct err *err)
{
	const struct proc_match *m = st->found.matches.v;
	_cleanup_free_ struct proc_bytes *v =
		calloc(st->bytes.n + 1, sizeof(*v));
	size_t i, n = 0;
	int rc;

	if (!v)
		return err_nomem(err);
	for (i = 0; i < st->bytes.n; i++) {
		const struct cat_bytes *b = &st->bytes.v[i];

		if (m[b->match].file != file)
			continue;
		v[n++] = (struct proc_bytes){
			.task = !(file->scope & PROC_TASK)
					? NULL
					: &st->found.tasks.v[m[b->match].task],
			.offset = st->offset,
			.dst = b->data,
			.len = (size_t)st->length};
	}
	rc = n ? file->bytes(k, v, n, err) : 0;
	for (i = n = 0; i < st->bytes.n && !rc; i++) {
		struct cat_bytes *b = &st->bytes.v[i];

		if (m[b->match].file != file)
			continue;
		b->len = v[n].got;
		b->why = v[n++].why;
	}
	return rc;
}

/* Only that memory or the guest is gone is an error. */
static int cat_read_bytes(struct kernel *k, struct state *st, struct err *err)
{
	const struct proc_file *const *f;
	size_t i;
	int rc = 0;

	for (i = 0; i < st->found.matches.n && !rc; i++)
		if (is_bytes(&st->found.matches.v[i]))
			rc = cat_bytes_add(st, i, err);
	for (f = proc_files; *f && !rc; f++)
		if ((*f)->kind == PROC_BYTES)
			rc = cat_bytes_read(k, st, *f, err);
	return rc;
}

static int cat_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct kernel *k = s->guest.kernel;
	int rc;

	if (st->file)
		return cat_files_read(s, &st->files, err);
	rc = proc_lookup(k, st->paths, st->n, false, &st->found, err);

	if (!rc)
		rc = proc_lookup_read(k, &st->found, PROC_CONTENTS, err);
	if (!rc && st->length)
		rc = cat_read_bytes(k, st, err);
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
static void cat_show_row(struct out *out, const char *path, const void *bytes,
			 size_t len)
{
	struct row_table *t = &out->rows.top;

	row_add(t);
	row_string(t, PATH, path);
	row_bytes(t, TEXT, bytes, len);
	out_flush(out);
}

static void cat_show_text(struct out *out, const char *path,
			  const struct proc_match *m)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	if (!out->json) {
		proc_show_match(out, m);
		return;
	}
	proc_match_text(m, &b);
	out->oom |= b.oom;
	cat_show_row(out, path, b.data, b.len);
}

/* A pattern passes over those of which nothing was asked for. */
static void cat_show_bytes(struct out *out, const struct state *st,
			   const char *path, const struct proc_match *m)
{
	const struct cat_bytes *b = st->bytes.v;
	const struct cat_bytes *end = b + st->bytes.n;

	while (b < end && &st->found.matches.v[b->match] != m)
		b++;
	if (b == end) {
		if (!proc_path_is_pattern(&st->paths[m->path]))
			out_fail(out, ERR_NOT_FOUND,
				 "%s is read at offsets: say how much "
				 "(--length)",
				 path);
		return;
	}
	if (out->json)
		cat_show_row(out, path, b->data, b->len);
	else
		out_procfs(out, (const char *)b->data, b->len);
	if (b->why.code)
		out_fail(out, ERR_UNREADABLE, "%s: %.300s", path, b->why.text);
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
	if (is_bytes(m)) {
		cat_show_bytes(out, st, path.data, m);
		return;
	}
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
	cat_show_text(out, path.data, m);
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
	if (st->file) {
		cat_files_show(&st->files, out);
		return 0;
	}
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->found.matches.n; i++)
		cat_show_match(out, st, &st->found.matches.v[i]);
	proc_show_torn(out, &st->found);
	return 0;
}

static void cat_deinit(void *state)
{
	struct state *st = state;
	size_t i;

	for (i = 0; i < st->bytes.n; i++)
		free(st->bytes.v[i].data);
	vec_deinit(&st->bytes);
	cat_files_deinit(&st->files);
	proc_lookup_deinit(&st->found);
	free(st->paths);
}

const struct cmd cmd_cat = {
	.name = "cat",
	.topic = TOPIC_LOOK,
	.summary = "Print files of the guest's /proc",
	.args = "PATH...\n--file PID:PATH...",
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
