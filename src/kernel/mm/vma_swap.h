/* SPDX-License-Identifier: BSD-2-Clause */
/* What of VMAs is swapped out, counted as the kernel's own smaps does. */
#ifndef KERNEL_VMA_SWAP_H
#define KERNEL_VMA_SWAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/swap_cache.h"
#include "kernel/mm/vma.h"
#include "kernel/mm/vma_use.h"

/* An entry of a page table that is a place in swap. */
struct vma_swap {
	uint32_t vma; /* in vma_uses.v */
	struct swap_slot slot;
};

/* Count n of them: bytes, and the share that each has of its slot. */
int vma_swaps_count(struct kernel *k, const struct vma_swap *v, size_t n,
		    struct vma_uses *out, struct err *err);

/*
 * Count pages of shared memory that no page table tells of, for they are in
 * swap; when all else is counted.  One batch where no swap is in use.
 */
int vma_shmem_swap(struct kernel *k, const struct vma_list *lists, size_t n,
		   struct vma_uses *out, struct err *err);

#endif
