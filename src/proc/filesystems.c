/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/filesystems (fs/filesystems.c). */
#include "kernel/fs/fs_types.h"
#include "proc/proc.h"

static int filesystems_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	struct proc_part *part = out->parts;
	struct remarks remarks = {0};
	struct fs_types types = {0};
	size_t i;
	int rc = fs_types_read(k, &types, &remarks, err);

	for (i = 0; i < types.v.n && !rc; i++)
		buf_printf(&part->text, "%s\t%s\n",
			   types.v.v[i].needs_device ? "" : "nodev",
			   types.v.v[i].name);
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	fs_types_deinit(&types);
	return rc;
}

const struct proc_file proc_filesystems = {
	.name = "filesystems",
	.scope = PROC_SYSTEM,
	.read = filesystems_read,
};
