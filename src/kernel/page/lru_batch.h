/* SPDX-License-Identifier: BSD-2-Clause */
/* References to pages that wait in per-CPU batches for the LRU lists. */
#ifndef KERNEL_LRU_BATCH_H
#define KERNEL_LRU_BATCH_H

#include "base/err.h"
#include "base/map.h"
#include "kernel/kernel.h"

/*
 * Fill counts, which the caller frees: the address of a struct page (head) to
 * the number of references that all CPUs' batches hold on it (mm/swap.c,
 * mm/mlock.c: lru_pvecs up to 5.18, cpu_fbatches since).  Batches that this
 * kernel lacks, or that cannot be read, count nothing.
 */
int lru_batches_read(struct kernel *k, struct map *counts, struct err *err);

#endif
