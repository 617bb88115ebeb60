/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/devices (fs/proc/devices.c, devinfo_show()). */
#include <inttypes.h>

#include "kernel/device/majors.h"
#include "proc/proc.h"

static int devices_put(struct kernel *k, bool block, struct buf *out,
		       struct remarks *remarks, struct err *err)
{
	struct majors m = {0};
	size_t i;
	int rc = majors_read(k, block, &m, remarks, err);

	buf_puts(out, block ? "\nBlock devices:\n" : "Character devices:\n");
	for (i = 0; i < m.v.n && !rc; i++)
		buf_printf(out, "%3" PRIu32 " %s\n", m.v.v[i].major,
			   m.v.v[i].name);
	majors_deinit(&m);
	return rc;
}

static int devices_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct proc_part *part = out->parts;
	struct remarks remarks = {0};
	int rc = devices_put(k, false, &part->text, &remarks, err);

	if (!rc)
		rc = devices_put(k, true, &part->text, &remarks, err);
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	return rc;
}

const struct proc_file proc_devices = {
	.name = "devices",
	.scope = PROC_SYSTEM,
	.read = devices_read,
};
