/* SPDX-License-Identifier: BSD-2-Clause */
/* How /proc/PID/smaps of this kernel looks: its lines, and names of flags. */
#ifndef KERNEL_VMA_FLAGS_H
#define KERNEL_VMA_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

#define VMA_FLAGS_BITS 64

/* docs/facts/kernel.md, "What a process's memory uses" */
struct vma_flags {
	bool pss_dirty;		      /* there is such a line (6.0) */
	bool ksm;		      /* (6.7) */
	bool wide;		      /* THPeligible has a width (6.8) */
	bool pkeys;		      /* protection keys are in use */
	char name[VMA_FLAGS_BITS][3]; /* of each bit; "" is not shown */
};

/* By what the kernel's types, symbols and vCPUs tell; reads nothing. */
void vma_flags_init(const struct kernel *k, struct vma_flags *out);

/* The protection key in a VMA's flags. */
unsigned int vma_flags_pkey(uint64_t flags);

#endif
