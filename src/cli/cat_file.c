/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the guest's file systems, out of its page cache. */
#include "cli/cat_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/mm/file_lookup.h"
#include "kernel/task/task.h"

int cat_files_add(struct cat_files *f, const char *name, struct err *err)
{
	const char *colon = strchr(name, ':');
	_cleanup_free_ char *pid = NULL;
	struct cat_file file = {.name = name};
	int rc;

	if (!colon || !colon[1])
		return err_set(err, ERR_USAGE,
			       "'%.100s' is no file of a process: PID:PATH is "
			       "wanted",
			       name);
	pid = strndup(name, (size_t)(colon - name));
	if (!pid)
		return err_nomem(err);
	file.path = colon + 1;
	rc = number_parse(pid, "PID", ADDR_MAX_PID, &file.pid, err);
	if (!rc && vec_push(&f->v, file))
		rc = err_nomem(err);
	return rc;
}

/* Where its pages are, and what they hold. */
static int cat_file_read(struct kernel *k, struct cat_file *f, struct err *err)
{
	struct found_file found = {0};
	struct task task;
	int rc = task_find(k, (uint32_t)f->pid, &task, err);

	if (!rc)
		rc = file_lookup(k, &task, f->path, &found, err);
	if (!rc && !S_ISREG(found.mode) && !S_ISBLK(found.mode))
		rc = err_set(err, ERR_NOT_FOUND, "%s",
			     S_ISDIR(found.mode) ? "it is a directory"
						 : "it is no regular file");
	if (!rc)
		rc = cached_file_find(k, found.mapping, &f->file, err);
	if (rc)
		return rc;
	f->bytes = malloc((size_t)f->file.size + 1);
	if (!f->bytes)
		return err_nomem(err);
	return cached_file_read(k, &f->file, f->bytes, (size_t)f->file.size,
				err);
}

int cat_files_read(struct session *s, struct cat_files *f, struct err *err)
{
	size_t i;

	for (i = 0; i < f->v.n; i++) {
		struct cat_file *file = &f->v.v[i];
		int rc = cat_file_read(s->guest.kernel, file, &file->why);

		if (!rc)
			continue;
		free(file->bytes);
		file->bytes = NULL;
		if (rc != ERR_NOT_FOUND && rc != ERR_UNREADABLE &&
		    rc != ERR_REFUSED && rc != ERR_CORRUPT)
			return err_pass(err, &file->why);
	}
	return 0;
}

enum {
	PATH,
	TEXT,
	SIZE,
	RESIDENT,
	MISSING,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PATH] = ROW_COLUMN("path", NULL, ROW_GUEST),
	[TEXT] = ROW_COLUMN("text", NULL, ROW_GUEST),
	[SIZE] = ROW_COLUMN("size", NULL, ROW_COUNT),
	[RESIDENT] = ROW_COLUMN("resident", NULL, ROW_COUNT),
	[MISSING] = ROW_COLUMN("missing", NULL, ROW_TABLE),
};

static const struct row_column missing_columns[] = {
	ROW_COLUMN("offset", NULL, ROW_COUNT),
	ROW_COLUMN("length", NULL, ROW_COUNT),
	ROW_COLUMN("why", NULL, ROW_WORDS),
};

/* Pages beyond the end are none of the file's. */
static bool is_missing(const struct cat_file *f, const struct unmapped_run *r)
{
	return r->va < f->file.size && !unmapped_has_bytes(r->kind);
}

static void cat_file_row(const struct cat_file *f, struct row_table *t)
{
	size_t i;

	row_add(t);
	row_string(t, PATH, f->name);
	row_bytes(t, TEXT, f->bytes, (size_t)f->file.size);
	row_number(t, SIZE, f->file.size);
	row_number(t, RESIDENT, cached_file_resident(&f->file));
	t = row_subtable(t, MISSING, missing_columns, 3);
	for (i = 0; i < f->file.runs.list.n; i++) {
		const struct unmapped_run *r = &f->file.runs.list.v[i];

		if (!is_missing(f, r))
			continue;
		row_add(t);
		row_number(t, 0, r->va);
		row_number(t, 1,
			   r->len < f->file.size - r->va
				   ? r->len
				   : f->file.size - r->va);
		row_string(t, 2, unmapped_name(r->kind));
	}
}

static void cat_file_missing(const struct cat_file *f, bool printed,
			     struct out *out)
{
	uint64_t resident = cached_file_resident(&f->file);
	size_t i = 0;

	while (i < f->file.runs.list.n &&
	       !is_missing(f, &f->file.runs.list.v[i]))
		i++;
	if (i == f->file.runs.list.n)
		return;
	out_fail(out, ERR_UNREADABLE,
		 "%s: %" PRIu64 " of its %" PRIu64
		 " bytes are not in memory, the first at %" PRIu64 "%s",
		 f->name, f->file.size - resident, f->file.size,
		 f->file.runs.list.v[i].va,
		 printed ? ": zeros stand for them" : "");
}

void cat_files_show(const struct cat_files *f, struct out *out)
{
	size_t i;

	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < f->v.n; i++) {
		const struct cat_file *file = &f->v.v[i];
		bool whole =
			cached_file_resident(&file->file) == file->file.size;
		bool print = file->bytes && (whole || !f->complete);

		if (!file->bytes) {
			out_fail(out, file->why.code, "%s: %.300s", file->name,
				 file->why.text);
			continue;
		}
		if (print && out->json)
			cat_file_row(file, &out->rows.top);
		else if (print)
			out_procfs(out, (const char *)file->bytes,
				   (size_t)file->file.size);
		cat_file_missing(file, print, out);
		out_flush(out);
	}
}

void cat_files_deinit(struct cat_files *f)
{
	size_t i;

	for (i = 0; i < f->v.n; i++) {
		cached_file_deinit(&f->v.v[i].file);
		free(f->v.v[i].bytes);
	}
	vec_deinit(&f->v);
}
