/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/io, and that of a thread (fs/proc/base.c, do_io_accounting()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_io.h"
#include "proc/proc.h"

static const char *const names[TASK_IO_NUMBERS] = {
	[TASK_IO_RCHAR] = "rchar",
	[TASK_IO_WCHAR] = "wchar",
	[TASK_IO_SYSCR] = "syscr",
	[TASK_IO_SYSCW] = "syscw",
	[TASK_IO_READ_BYTES] = "read_bytes",
	[TASK_IO_WRITE_BYTES] = "write_bytes",
	[TASK_IO_CANCELLED] = "cancelled_write_bytes",
};

static int io_texts(struct kernel *k, bool groups, struct proc_values *out,
		    struct err *err)
{
	struct task_io *io = calloc(out->n + 1, sizeof(*io));
	size_t i, number;
	int rc = io ? task_io_read(k, out->tasks, out->n, groups, io, err)
		    : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++) {
		if (!io[i].known)
			proc_part_unknown(&out->parts[i], io[i].torn);
		for (number = 0; number < TASK_IO_NUMBERS && io[i].known;
		     number++)
			buf_printf(&out->parts[i].text, "%s: %" PRIu64 "\n",
				   names[number], io[i].v[number]);
	}
	free(io);
	return rc;
}

static int io_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	return io_texts(k, true, out, err);
}

static int tid_io_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	return io_texts(k, false, out, err);
}

const struct proc_file proc_pid_io = {
	.name = "io",
	.scope = PROC_PROCESS,
	.read = io_read,
};

const struct proc_file proc_tid_io = {
	.name = "io",
	.scope = PROC_THREAD,
	.read = tid_io_read,
};
