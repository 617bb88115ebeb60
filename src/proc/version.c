/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/version: the banner (fs/proc/version.c, version_proc_show()). */
#include "proc/proc.h"

static int read_version(struct kernel *k, const struct task *tasks, size_t n,
			struct proc_text *out, struct err *err)
{
	(void)tasks, (void)n, (void)err;
	if (!*k->banner)
		err_set(&out->why, ERR_UNREADABLE,
			"linux_banner is longer than what is read of it");
	else
		buf_printf(&out->text, "%s\n", k->banner);
	return 0;
}

const struct proc_file proc_version = {
	.name = "version",
	.scope = PROC_SYSTEM,
	.read = read_version,
};
