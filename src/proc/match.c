/* SPDX-License-Identifier: BSD-2-Clause */
/* What a path below /proc led to, as its own path and text. */
#include "proc/lookup.h"

#include "base/cleanup.h"

void proc_match_path(const struct proc_lookup *l, const struct proc_match *m,
		     struct buf *out)
{
	const char *slash = "";

	if (m->scope == PROC_BESIDE)
		slash = "/";
	if (m->scope & PROC_TASK) {
		buf_printf(out, "%u", l->tasks.v[m->process].pid);
		slash = "/";
	}
	if (m->scope == PROC_THREAD)
		buf_puts(out, "/task");
	if (m->scope == PROC_THREAD && !m->is_tasks)
		buf_printf(out, "/%u", l->tasks.v[m->task].pid);
	if (m->file)
		buf_printf(out, "%s%s", slash, m->file->name);
	if (m->is_entry) {
		buf_puts(out, "/");
		m->file->entry(m->values, m->part, m->record, out);
	}
}

void proc_match_text(const struct proc_match *m, struct buf *out)
{
	size_t record;

	if (m->is_entry) {
		proc_text(m->values, m->part, m->record, out);
		return;
	}
	for (record = 0; record < m->values->parts[m->part].records; record++)
		proc_text(m->values, m->part, record, out);
}

bool proc_match_is_link(const struct proc_match *m)
{
	return m->file &&
	       (m->file->kind == PROC_LINK ||
		(m->is_entry && proc_is_link(m->values, m->part, m->record)));
}

bool proc_match_is_dir(const struct proc_match *m)
{
	return !m->file || (proc_is_dir(m->file) && !m->is_entry);
}

bool proc_match_leads_nowhere(const struct proc_match *m)
{
	_cleanup_(buf_deinit) struct buf text = {0};

	if (!proc_match_is_link(m) || proc_match_fault(m))
		return false;
	proc_match_text(m, &text);
	return !text.len && !text.oom;
}

const struct proc_part *proc_match_fault(const struct proc_match *m)
{
	const struct proc_part *part = &m->values->parts[m->part];

	if (m->is_entry && !part->missing &&
	    proc_record_is_whole(m->values, m->part, m->record))
		return NULL;
	return part->why.len ? part : NULL;
}

enum proc_path_match proc_file_fits(const struct proc_file *f,
				    enum proc_scope scope, const char *name,
				    const char **rest)
{
	enum proc_path_match fit;

	if (!(f->scope & scope))
		return PROC_PATH_DIFFERS;
	fit = proc_path_match(name, f->name, rest);
	return fit == PROC_PATH_BELOW && !proc_is_dir(f) ? PROC_PATH_DIFFERS
							 : fit;
}

/* So many bytes of names are told: an error has no room for all. */
#define NAMES_MAX 300u

static void put_where(enum proc_scope scope, struct buf *out)
{
	if (scope == PROC_THREAD)
		buf_puts(out, "PID/task/TID/");
	else if (scope != PROC_SYSTEM)
		buf_puts(out, scope == PROC_BESIDE ? "/" : "PID/");
}

/* What there is beside it. */
static int no_such_file(const struct proc_path *path, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	const struct proc_file *const *f;
	size_t more = 0;

	for (f = proc_files; *f; f++) {
		if (!((*f)->scope & path->scope))
			continue;
		if (b.len > NAMES_MAX) {
			more++;
			continue;
		}
		buf_puts(&b, b.len ? ", " : "");
		put_where(path->scope, &b);
		buf_printf(&b, "%s%s", (*f)->name, proc_is_dir(*f) ? "/" : "");
	}
	if (more)
		buf_printf(&b, ", and %zu more", more);
	if (b.oom)
		return err_nomem(err);
	return err_set(err, ERR_USAGE, "'%.100s': there are %s", path->whole,
		       b.data);
}

int proc_lookup_known(const struct proc_path *path, struct err *err)
{
	const struct proc_file *const *f;
	const char *rest;

	if (!*path->name)
		return 0;
	for (f = proc_files; *f; f++)
		if (proc_file_fits(*f, path->scope, path->name, &rest) !=
		    PROC_PATH_DIFFERS)
			return 0;
	return no_such_file(path, err);
}
