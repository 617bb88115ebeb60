/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc: one table of them. */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/proc_entry.h"

#define PROC_ENTRY(name) &proc_##name,
const struct proc_file *const proc_files[] = {PROC_FILES(PROC_ENTRY) NULL};
#undef PROC_ENTRY

bool proc_is_dir(const struct proc_file *f)
{
	return f->kind == PROC_TEXT_DIR || f->kind == PROC_LINK_DIR;
}

bool proc_is_empty_dir(const struct buf *entry)
{
	return entry->len && entry->data[entry->len - 1] == '/';
}

bool proc_is_link(const struct proc_values *v, size_t i, size_t record)
{
	return v->file->kind == PROC_LINK_DIR ||
	       (v->file->is_link && v->file->is_link(v, i, record));
}

bool proc_is_there(const struct proc_file *f, const struct profile *p)
{
	uint64_t va;

	return !f->needs || profile_symbol(p, f->needs, &va);
}

int proc_is_listed(const struct proc_file *f, struct kernel *k, bool *there,
		   struct err *err)
{
	*there = proc_is_there(f, k->profile);
	return *there && f->by_module ? proc_entry_find(k, f->name, there, err)
				      : 0;
}

const struct proc_file *proc_find(enum proc_scope scope, const char *name)
{
	const struct proc_file *const *f;

	for (f = proc_files; *f; f++)
		if (((*f)->scope & scope) && !strcmp((*f)->name, name))
			return *f;
	return NULL;
}

int proc_read(const struct proc_file *f, struct kernel *k,
	      const struct task *tasks, size_t n, struct proc_values *out,
	      struct err *err)
{
	size_t i;
	int rc;

	*out = (struct proc_values){.file = f, .tasks = tasks};
	out->parts = calloc(n + 1, sizeof(*out->parts));
	if (!out->parts)
		return err_nomem(err);
	out->n = n;
	rc = f->read ? f->read(k, out, err)
		     : err_set(err, ERR_REFUSED,
			       "it is not read as a whole, but at offsets");
	for (i = 0; i < n && !rc; i++) {
		struct proc_part *part = &out->parts[i];

		if (!f->text)
			part->records = 1;
		if (part->text.oom || part->why.oom)
			rc = err_nomem(err);
	}
	return rc;
}

void proc_values_deinit(struct proc_values *v)
{
	size_t i;

	if (v->own)
		v->file->deinit(v);
	for (i = 0; i < v->n; i++) {
		buf_deinit(&v->parts[i].text);
		buf_deinit(&v->parts[i].why);
	}
	free(v->parts);
	*v = (struct proc_values){0};
}

bool proc_is_own_error(int code)
{
	return code != ERR_NOMEM && code != ERR_NO_GUEST &&
	       code != ERR_INTERRUPTED && code != ERR_SYS;
}

int proc_values_fail(struct proc_values *v, const struct err *why,
		     struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < v->n; i++) {
		struct proc_part *part = &v->parts[i];

		part->records = v->file->text ? 0 : 1;
		part->torn = false;
		part->missing = true;
		buf_reset(&part->text);
		buf_reset(&part->why);
		buf_puts(&part->why, why->text);
		if (part->why.oom)
			rc = err_nomem(err);
	}
	return rc;
}

void proc_text(const struct proc_values *v, size_t i, size_t record,
	       struct buf *out)
{
	if (v->file->text)
		v->file->text(v, i, record, out);
	else
		buf_add(out, v->parts[i].text.data, v->parts[i].text.len);
}

bool proc_record_is_whole(const struct proc_values *v, size_t i, size_t record)
{
	_cleanup_(buf_deinit) struct buf text = {0};

	if (!v->parts[i].why.len)
		return true;
	if (v->file->is_whole)
		return v->file->is_whole(v, i, record);
	proc_text(v, i, record, &text);
	return text.len;
}

void proc_part_remarks(struct proc_part *part, const struct remarks *r)
{
	const char *first = remarks_next(r, NULL);

	part->why.oom |= r->texts.oom;
	if (!first)
		return;
	part->torn = true;
	buf_puts(&part->why, first);
	if (r->n > 1)
		buf_printf(&part->why, "; and %u more", r->n - 1);
}

void proc_part_unknown(struct proc_part *part, bool torn)
{
	part->torn = torn;
	buf_puts(&part->why, torn ? "it cannot be read"
				  : "the kernel's types do not tell of it");
}

void proc_part_path(struct proc_part *part, enum path_fault fault, uint64_t at)
{
	static const char *const words[] = {
		[PATH_SOUND] = "a path is not there",
		[PATH_TORN] = "a path is torn at",
		[PATH_LIMIT] = "a path goes further than qvmi follows it, at",
		[PATH_UNKNOWN] = "it has a name that is not known, made by",
	};

	buf_puts(&part->why, words[fault]);
	if (fault)
		buf_printf(&part->why, " 0x%" PRIx64, at);
}

void proc_row_add(const struct proc_values *v, size_t i, struct row_table *out)
{
	row_add(out);
	row_number(out, PROC_ROW_PID, v->tasks[i].pid);
	row_string(out, PROC_ROW_COMM, v->tasks[i].comm);
}
