/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks and their partitions. */
#ifndef KERNEL_BLOCK_DEVICES_H
#define KERNEL_BLOCK_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define BLOCK_NAME 48 /* disk_name, "p" and a number */

struct block_device {
	uint64_t addr;	       /* struct block_device; up to 5.10 hd_struct */
	uint64_t disk;	       /* its struct gendisk */
	uint32_t partition;    /* 0: the whole disk */
	uint32_t dev;	       /* kernel dev_t: major << 20 | minor */
	uint64_t sectors;      /* of 512 bytes */
	bool hidden;	       /* its disk is not to be listed */
	char name[BLOCK_NAME]; /* raw bytes */
};

struct block_devices {
	VEC(struct block_device)
	v; /* by disk, in the order of their coming;
	      those of a disk by number */
};

/*
 * Read all: those of the class block (see class_devices_read()), and three
 * batches.  Errors as there.  The caller frees with block_devices_deinit(),
 * also after an error.
 */
int block_devices_read(struct kernel *k, struct block_devices *out,
		       struct remarks *remarks, struct err *err);
void block_devices_deinit(struct block_devices *d);

/*
 * Fill the disks, the partitions and the names of n, whose `addr` is that of a
 * struct block_device, as kernels have them from 5.11 on: two batches.  What
 * cannot be read has no name.
 */
int block_devices_name(struct kernel *k, struct block_device *v, size_t n,
		       struct err *err);

#endif
