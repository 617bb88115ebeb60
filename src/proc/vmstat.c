/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/vmstat (mm/vmstat.c, vmstat_show()). */
#include "kernel/alloc/vmstat.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proc/proc.h"

static int vmstat_file_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	struct vmstat *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	rc = vmstat_read(k, v, err);
	out->parts->records = v->n + 1;
	return rc;
}

/* The last line is for programs that look for a counter of old. */
static void vmstat_file_text(const struct proc_values *values, size_t part,
			     size_t record, struct buf *out)
{
	const struct vmstat *v = values->own;

	(void)part;
	if (record < v->n)
		buf_printf(out, "%s %" PRIu64 "\n", v->name[record],
			   v->v[record]);
	else
		buf_puts(out, "nr_unstable 0\n");
}

static void vmstat_file_deinit(struct proc_values *values)
{
	free(values->own);
}

const struct proc_file proc_vmstat = {
	.name = "vmstat",
	.scope = PROC_SYSTEM,
	.read = vmstat_file_read,
	.text = vmstat_file_text,
	.deinit = vmstat_file_deinit,
};
