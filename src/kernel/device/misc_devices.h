/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices of the major number 10. */
#ifndef KERNEL_MISC_DEVICES_H
#define KERNEL_MISC_DEVICES_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define MISC_NAME 64

struct misc_device {
	int32_t minor;
	char name[MISC_NAME]; /* raw bytes; "" where it has none */
};

struct misc_devices {
	VEC(struct misc_device) v; /* in the order of the kernel's list */
};

/*
 * Read them (misc_list; struct miscdevice): a batch for every two, and two
 * more.  ERR_NO_LINUX: kept in no way that is known; damage is in the remarks.
 * The caller frees with misc_devices_deinit(), also after an error.
 */
int misc_devices_read(struct kernel *k, struct misc_devices *out,
		      struct remarks *remarks, struct err *err);
void misc_devices_deinit(struct misc_devices *d);

#endif
