/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices of a class, as /sys/class has them. */
#ifndef KERNEL_CLASS_DEVICES_H
#define KERNEL_CLASS_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

struct class_devices {
	VEC(uint64_t) at; /* struct device, in the order of their coming */
};

/*
 * Read those of the class at a symbol (docs/facts/kernel.md, "Devices of a
 * class"): a batch for every two, and up to 6.3 two more, then one for every
 * two classes.  ERR_NO_LINUX: kept in no way that is known; damage is in the
 * remarks.  The caller frees with class_devices_deinit(), also after an error.
 */
int class_devices_read(struct kernel *k, const char *symbol,
		       struct class_devices *out, struct remarks *remarks,
		       struct err *err);
void class_devices_deinit(struct class_devices *d);

#endif
