/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/version: the banner (fs/proc/version.c, version_proc_show()). */
#include "proc/proc.h"

static int read_version(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct proc_part *part = out->parts;

	(void)err;
	if (!*k->banner)
		buf_puts(&part->why,
			 "linux_banner is longer than what is read of it");
	else
		buf_printf(&part->text, "%s\n", k->banner);
	return 0;
}

const struct proc_file proc_version = {
	.name = "version",
	.scope = PROC_SYSTEM,
	.read = read_version,
};
