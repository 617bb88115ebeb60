/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/cmdline and environ, out of the processes' own memory. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm/task_args.h"
#include "proc/proc.h"

typedef int args_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_args *out, struct err *err);

/* A kernel thread has none: the file is empty. */
static void args_text(const struct task_args *a, struct proc_part *out)
{
	switch (a->state) {
	case TASK_ARGS_NONE:
		return;
	case TASK_ARGS_ABSENT:
		buf_puts(&out->why,
			 "it is not all in memory, or cannot be read");
		return;
	case TASK_ARGS_CUT:
		buf_printf(
			&out->why,
			"it is longer than the %zu bytes that are read of it",
			a->len);
		break;
	case TASK_ARGS_WHOLE:
		break;
	}
	buf_add(&out->text, a->bytes, a->len);
}

static int args_texts(args_read *read, struct kernel *k,
		      struct proc_values *out, struct err *err)
{
	struct task_args *args = calloc(out->n + 1, sizeof(*args));
	size_t i;
	int rc;

	if (!args)
		return err_nomem(err);
	rc = read(k, out->tasks, out->n, args, err);
	for (i = 0; !rc && i < out->n; i++)
		args_text(&args[i], &out->parts[i]);
	task_args_deinit(args, out->n);
	free(args);
	return rc;
}

static int read_cmdlines(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	return args_texts(task_args_read, k, out, err);
}

static int read_environs(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	return args_texts(task_environ_read, k, out, err);
}

const struct proc_file proc_pid_cmdline = {
	.name = "cmdline",
	.scope = PROC_TASK,
	.read = read_cmdlines,
};

const struct proc_file proc_pid_environ = {
	.name = "environ",
	.scope = PROC_TASK,
	.read = read_environs,
};
