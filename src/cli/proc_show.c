/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc, shown record by record. */
#include "cli/proc_show.h"

#include "base/cleanup.h"

/* The text of a record, by a buffer that all of them use. */
static void proc_show_record(struct out *out, const struct proc_values *v,
			     size_t i, size_t record, struct buf *b)
{
	buf_reset(b);
	proc_text(v, i, record, b);
	out->oom |= b->oom;
	out_procfs(out, b->data, b->len);
	out_flush(out);
}

void proc_show_text(struct out *out, const struct proc_values *v, size_t i)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t record;

	for (record = 0; record < v->parts[i].records; record++)
		proc_show_record(out, v, i, record, &b);
}

void proc_show_rows(struct out *out, const struct proc_values *v, size_t i)
{
	size_t record;

	for (record = 0; record < v->parts[i].records; record++) {
		v->file->rows(v, i, record, &out->rows.top);
		out_flush(out);
	}
}

void proc_show_match(struct out *out, const struct proc_match *m)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	if (m->is_entry)
		proc_show_record(out, m->values, m->part, m->record, &b);
	else
		proc_show_text(out, m->values, m->part);
	if (proc_match_is_link(m))
		out_text(out, "\n");
}

void proc_show_torn(struct out *out, const struct proc_lookup *l)
{
	if (l->torn.code)
		out_fail(out, ERR_UNREADABLE,
			 "there may be more processes: %.200s", l->torn.text);
}
