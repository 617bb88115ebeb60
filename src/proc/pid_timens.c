/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/timens_offsets (kernel/time/namespace.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/time_ns.h"
#include "proc/proc.h"

static void put_offset(const char *clock, const struct time_ns_offset *offset,
		       struct buf *out)
{
	buf_printf(out, "%-10s %10" PRId64 " %9" PRId64 "\n", clock, offset->s,
		   offset->ns);
}

static int timens_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct time_ns *ns = calloc(out->n + 1, sizeof(*ns));
	size_t i;
	int rc = ns ? time_ns_read(k, out->tasks, out->n, ns, err)
		    : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++) {
		if (ns[i].none)
			continue;
		if (!ns[i].known) {
			proc_part_unknown(&out->parts[i], ns[i].torn);
			continue;
		}
		put_offset("monotonic", &ns[i].monotonic, &out->parts[i].text);
		put_offset("boottime", &ns[i].boottime, &out->parts[i].text);
	}
	free(ns);
	return rc;
}

const struct proc_file proc_pid_timens_offsets = {
	.name = "timens_offsets",
	.scope = PROC_PROCESS,
	.needs = "proc_timens_show_offsets",
	.read = timens_read,
};
