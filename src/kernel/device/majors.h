/* SPDX-License-Identifier: BSD-2-Clause */
/* Major numbers of devices, and who has them. */
#ifndef KERNEL_MAJORS_H
#define KERNEL_MAJORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define MAJOR_NAME 64

struct major {
	uint32_t major;
	char name[MAJOR_NAME]; /* raw bytes */
};

struct majors {
	VEC(struct major)
	v; /* by number; of one number in the kernel's order */
};

/*
 * Read those of character devices, or of block devices (chrdevs[],
 * major_names[]: docs/facts/kernel.md, "Registers of the kernel"): some
 * batches. ERR_NO_LINUX: kept in no way that is known; damage is in the
 * remarks.  The caller frees with majors_deinit(), also after an error.
 */
int majors_read(struct kernel *k, bool block, struct majors *out,
		struct remarks *remarks, struct err *err);
void majors_deinit(struct majors *m);

#endif
