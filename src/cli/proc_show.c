/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc, shown record by record. */
#include "cli/proc_show.h"

#include "base/cleanup.h"

void proc_show_text(struct out *out, const struct proc_values *v, size_t i)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t record;

	for (record = 0; record < v->parts[i].records; record++) {
		buf_reset(&b);
		proc_text(v, i, record, &b);
		out->oom |= b.oom;
		out_procfs(out, b.data, b.len);
		out_flush(out);
	}
}

void proc_show_rows(struct out *out, const struct proc_values *v, size_t i)
{
	size_t record;

	for (record = 0; record < v->parts[i].records; record++) {
		v->file->rows(v, i, record, &out->rows.top);
		out_flush(out);
	}
}
