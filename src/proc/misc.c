/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/misc (drivers/char/misc.c, misc_seq_show()). */
#include <inttypes.h>

#include "kernel/device/misc_devices.h"
#include "proc/proc.h"

static int misc_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct proc_part *part = out->parts;
	struct remarks remarks = {0};
	struct misc_devices d = {0};
	size_t i;
	int rc = misc_devices_read(k, &d, &remarks, err);

	for (i = 0; i < d.v.n && !rc; i++)
		buf_printf(&part->text, "%3" PRId32 " %s\n", d.v.v[i].minor,
			   d.v.v[i].name);
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	misc_devices_deinit(&d);
	return rc;
}

const struct proc_file proc_misc = {
	.name = "misc",
	.scope = PROC_SYSTEM,
	.read = misc_read,
};
