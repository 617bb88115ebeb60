/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that the tree has beside those of /proc: memory of the guest. */
#ifndef MOUNT_MEMORY_H
#define MOUNT_MEMORY_H

#include "proc/proc.h"

/*
 * In the directory mem, both read page by page:
 *
 *	mem/phys	RAM, at its physical addresses; holes are zeros, and it
 *			ends where RAM ends
 *	mem/kernel	what the kernel's tables map, at its virtual addresses
 *			without the top bit, which no offset of a file has
 */
extern const struct proc_file memory_phys, memory_kernel;

/* All files of the tree: proc_files, then these; ends in NULL. */
extern const struct proc_file *const mount_files[];

/* The bit that all of the kernel's addresses have. */
#define MEMORY_KERNEL_HALF ((uint64_t)1 << 63)

#endif
