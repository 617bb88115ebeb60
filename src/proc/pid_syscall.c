/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/syscall (fs/proc/base.c, proc_pid_syscall()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/stack/x86_64_syscall.h"
#include "proc/proc.h"

static void syscall_text(const struct x86_64_syscall *s, struct buf *out)
{
	size_t i;

	if (s->running) {
		buf_puts(out, "running\n");
		return;
	}
	buf_printf(out, "%" PRId32, s->nr);
	for (i = 0; i < SYSCALL_ARGS && s->nr >= 0; i++)
		buf_printf(out, " 0x%" PRIx64, s->args[i]);
	buf_printf(out, " 0x%" PRIx64 " 0x%" PRIx64 "\n", s->sp, s->ip);
}

static int syscall_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct x86_64_syscall *s = calloc(out->n + 1, sizeof(*s));
	size_t i;
	int rc = s ? x86_64_syscalls_read(k, out->tasks, out->n, s, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (s[i].known)
			syscall_text(&s[i], &out->parts[i].text);
		else
			proc_part_unknown(&out->parts[i], true);
	free(s);
	return rc;
}

const struct proc_file proc_pid_syscall = {
	.name = "syscall",
	.scope = PROC_TASK,
	.read = syscall_read,
};
