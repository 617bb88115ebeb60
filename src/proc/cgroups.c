/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/cgroups (kernel/cgroup/cgroup-v1.c, proc_cgroupstats_show()). */
#include <inttypes.h>

#include "kernel/task/cgroup_subsys.h"
#include "proc/proc.h"

static int cgroups_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct buf *text = &out->parts->text;
	struct cgroup_controllers all;
	size_t i;
	int rc = cgroup_controllers_read(k, &all, err);

	if (rc)
		return rc;
	buf_puts(text, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
	for (i = 0; i < all.n; i++)
		if (all.v[i].shown)
			buf_printf(text, "%s\t%" PRId32 "\t%" PRId32 "\t%d\n",
				   all.v[i].name, all.v[i].hierarchy,
				   all.v[i].groups, all.v[i].enabled);
	return 0;
}

const struct proc_file proc_cgroups = {
	.name = "cgroups",
	.scope = PROC_SYSTEM,
	.read = cgroups_read,
};
