/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/limits (fs/proc/base.c, proc_pid_limits()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_limits.h"
#include "proc/proc.h"

static const struct {
	const char *name, *unit; /* NULL: it has none */
} limits[TASK_LIMITS] = {
	{"Max cpu time", "seconds"},	 {"Max file size", "bytes"},
	{"Max data size", "bytes"},	 {"Max stack size", "bytes"},
	{"Max core file size", "bytes"}, {"Max resident set", "bytes"},
	{"Max processes", "processes"},	 {"Max open files", "files"},
	{"Max locked memory", "bytes"},	 {"Max address space", "bytes"},
	{"Max file locks", "locks"},	 {"Max pending signals", "signals"},
	{"Max msgqueue size", "bytes"},	 {"Max nice priority", NULL},
	{"Max realtime priority", NULL}, {"Max realtime timeout", "us"},
};

static void print_limit(uint64_t value, struct buf *out)
{
	if (value == TASK_LIMIT_NONE)
		buf_printf(out, "%-20s ", "unlimited");
	else
		buf_printf(out, "%-20" PRIu64 " ", value);
}

static void limits_text(const struct task_limits *l, struct buf *out)
{
	size_t i;

	buf_printf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		   "Hard Limit", "Units");
	for (i = 0; i < TASK_LIMITS; i++) {
		buf_printf(out, "%-25s ", limits[i].name);
		print_limit(l->soft[i], out);
		print_limit(l->hard[i], out);
		if (limits[i].unit)
			buf_printf(out, "%-10s", limits[i].unit);
		buf_puts(out, "\n");
	}
}

static int limits_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct task_limits *l = calloc(out->n + 1, sizeof(*l));
	size_t i;
	int rc = l ? task_limits_read(k, out->tasks, out->n, l, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (l[i].known)
			limits_text(&l[i], &out->parts[i].text);
		else
			proc_part_unknown(&out->parts[i], l[i].torn);
	free(l);
	return rc;
}

const struct proc_file proc_pid_limits = {
	.name = "limits",
	.scope = PROC_TASK,
	.read = limits_read,
};
