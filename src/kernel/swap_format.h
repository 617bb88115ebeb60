/* SPDX-License-Identifier: BSD-2-Clause */
/* How this kernel writes page-table entries that are not present. */
#ifndef KERNEL_SWAP_FORMAT_H
#define KERNEL_SWAP_FORMAT_H

#include "kernel/kernel.h"

/*
 * Derive the software swap types from what the kernel has: the length of
 * swap_info[] is MAX_SWAPFILES, the types above it are the special ones
 * (include/linux/swap.h, 5.2 to 7.2).  Not known where that does not add up.
 */
struct walk_swap_format swap_format(const struct kernel *k);

#endif
