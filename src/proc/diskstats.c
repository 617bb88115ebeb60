/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/diskstats (block/genhd.c, diskstats_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/device/block_devices.h"
#include "kernel/clock.h"
#include "kernel/device/disk_stats.h"
#include "proc/proc.h"

#define MINOR_BITS 20
#define NS_PER_MS  1000000u
#define MS_PER_S   1000u

/* jiffies_to_msecs() (kernel/time/time.c), which rounds up where it must. */
static uint32_t diskstats_ticks_ms(uint64_t ticks, uint32_t hz)
{
	return (uint32_t)((ticks * MS_PER_S + hz - 1) / hz);
}

static uint32_t diskstats_ms(uint64_t ns)
{
	return (uint32_t)(ns / NS_PER_MS);
}

/* How many, how many were merged, how many sectors, and how long. */
static void diskstats_put_op(const struct disk_stat *s, enum disk_op op,
			     struct buf *out)
{
	buf_printf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32,
		   s->ios[op], s->merges[op], s->sectors[op],
		   diskstats_ms(s->ns[op]));
}

static void diskstats_put(const struct block_device *d,
			  const struct disk_stat *s, uint32_t hz,
			  struct buf *out)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < DISK_OPS; i++)
		all += s->ns[i];
	buf_printf(out, "%4u %7u %s", d->dev >> MINOR_BITS,
		   d->dev & ((1u << MINOR_BITS) - 1), d->name);
	diskstats_put_op(s, DISK_READ, out);
	diskstats_put_op(s, DISK_WRITE, out);
	buf_printf(out, " %" PRIu32 " %" PRIu32 " %" PRIu32, s->in_flight,
		   diskstats_ticks_ms(s->ticks, hz), diskstats_ms(all));
	diskstats_put_op(s, DISK_DISCARD, out);
	buf_printf(out, " %" PRIu64 " %" PRIu32 "\n", s->ios[DISK_FLUSH],
		   diskstats_ms(s->ns[DISK_FLUSH]));
}

/* Those of disks, and of partitions that are not empty. */
static int diskstats_put_all(struct kernel *k, const struct block_devices *d,
			     struct buf *out, struct remarks *remarks,
			     struct err *err)
{
	_cleanup_free_ struct disk_stat *s = calloc(d->v.n + 1, sizeof(*s));
	uint32_t hz = 0;
	size_t i;
	int rc =
		s ? disk_stats_read(k, d->v.v, d->v.n, s, err) : err_nomem(err);

	if (!rc)
		rc = kernel_hz(k, &hz, err);
	if (!rc && !hz)
		rc = profile_unknown(k->profile,
				     "how long a tick is is kept in no way "
				     "that is known",
				     err);
	for (i = 0; i < d->v.n && !rc; i++) {
		const struct block_device *b = &d->v.v[i];

		if (b->partition && !b->sectors)
			continue;
		if (!s[i].known || !s[i].in_flight_known)
			remarks_add(remarks,
				    "%s is left out: %s cannot be told",
				    b->name,
				    s[i].known ? "how many requests are under "
						 "way"
					       : "what it did");
		else
			diskstats_put(b, &s[i], hz, out);
	}
	return rc;
}

static int diskstats_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct proc_part *part = out->parts;
	struct block_devices d = {0};
	struct remarks remarks = {0};
	int rc = block_devices_read(k, &d, &remarks, err);

	if (!rc)
		rc = diskstats_put_all(k, &d, &part->text, &remarks, err);
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	block_devices_deinit(&d);
	return rc;
}

const struct proc_file proc_diskstats = {
	.name = "diskstats",
	.scope = PROC_SYSTEM,
	.read = diskstats_read,
};
