/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/execdomains (kernel/exec_domain.c): the same in all kernels from 4.1
 * on. */
#include "proc/proc.h"

static int execdomains_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	(void)k, (void)err;
	buf_puts(&out->parts->text, "0-0\tLinux           \t[kernel]\n");
	return 0;
}

const struct proc_file proc_execdomains = {
	.name = "execdomains",
	.scope = PROC_SYSTEM,
	.read = execdomains_read,
};
