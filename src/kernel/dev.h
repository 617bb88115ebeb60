/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's dev_t: major << 20 | minor (include/linux/kdev_t.h). */
#ifndef KERNEL_DEV_H
#define KERNEL_DEV_H

#include <stdint.h>

static inline uint32_t dev_major(uint32_t dev)
{
	return dev >> 20;
}

static inline uint32_t dev_minor(uint32_t dev)
{
	return dev & 0xfffff;
}

#endif
