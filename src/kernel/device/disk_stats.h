/* SPDX-License-Identifier: BSD-2-Clause */
/* What was read from disks and written to them. */
#ifndef KERNEL_DISK_STATS_H
#define KERNEL_DISK_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/device/block_devices.h"
#include "kernel/kernel.h"

/* enum stat_group (include/linux/blk_types.h) */
enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_DISCARD,
	DISK_FLUSH,
	DISK_OPS
};

/* A struct disk_stats (include/linux/part_stat.h), of all CPUs. */
struct disk_stat {
	uint64_t ns[DISK_OPS], sectors[DISK_OPS], ios[DISK_OPS];
	uint64_t merges[DISK_OPS];
	uint64_t ticks;	      /* in which something was under way */
	uint32_t in_flight;   /* requests that are under way now */
	bool in_flight_known; /* else only the driver could say */
	bool known;
};

/*
 * Read those of n disks and partitions, which were read: four batches at most
 * (docs/facts/kernel.md, "Devices of a class").
 */
int disk_stats_read(struct kernel *k, const struct block_device *devices,
		    size_t n, struct disk_stat *out, struct err *err);

#endif
