/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc: one table of them. */
#include "proc/proc.h"

#include <stdlib.h>
#include <string.h>

const struct proc_file *const proc_files[] = {
	&proc_buddyinfo,    &proc_cmdline,
	&proc_kmsg,	    &proc_modules,
	&proc_pagetypeinfo, &proc_slabinfo,
	&proc_version,	    &proc_vmallocinfo,
	&proc_zoneinfo,	    &proc_pid_cmdline,
	&proc_pid_comm,	    &proc_pid_environ,
	&proc_pid_maps,	    NULL,
};

const struct proc_file *proc_find(enum proc_scope scope, const char *name)
{
	const struct proc_file *const *f;

	for (f = proc_files; *f; f++)
		if ((*f)->scope == scope && !strcmp((*f)->name, name))
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
	rc = f->read(k, out, err);
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

void proc_text(const struct proc_values *v, size_t i, size_t record,
	       struct buf *out)
{
	if (v->file->text)
		v->file->text(v, i, record, out);
	else
		buf_add(out, v->parts[i].text.data, v->parts[i].text.len);
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

void proc_row_add(const struct proc_values *v, size_t i, struct row_table *out)
{
	row_add(out);
	row_number(out, PROC_ROW_PID, v->tasks[i].pid);
	row_string(out, PROC_ROW_COMM, v->tasks[i].comm);
}
