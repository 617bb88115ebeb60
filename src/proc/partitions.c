/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/partitions (block/genhd.c, show_partition()). */
#include <inttypes.h>

#include "kernel/device/block_devices.h"
#include "proc/proc.h"

#define MINOR_BITS 20

/* Whether the disk that device i is on is listed: it is not empty. */
static bool partitions_shows(const struct block_devices *d, size_t i)
{
	const struct block_device *v = d->v.v;
	size_t disk = i;

	while (disk > 0 && v[disk - 1].disk == v[i].disk)
		disk--;
	return !v[i].hidden && v[i].sectors && v[disk].sectors;
}

static int partitions_read(struct kernel *k, struct proc_values *out,
			   struct err *err)
{
	struct proc_part *part = out->parts;
	struct block_devices d = {0};
	struct remarks remarks = {0};
	size_t i;
	int rc = block_devices_read(k, &d, &remarks, err);

	if (!rc && d.v.n)
		buf_puts(&part->text, "major minor  #blocks  name\n\n");
	for (i = 0; i < d.v.n && !rc; i++)
		if (partitions_shows(&d, i))
			buf_printf(&part->text, "%4u  %7u %10" PRIu64 " %s\n",
				   d.v.v[i].dev >> MINOR_BITS,
				   d.v.v[i].dev & ((1u << MINOR_BITS) - 1),
				   d.v.v[i].sectors / 2, d.v.v[i].name);
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	block_devices_deinit(&d);
	return rc;
}

const struct proc_file proc_partitions = {
	.name = "partitions",
	.scope = PROC_SYSTEM,
	.read = partitions_read,
};
