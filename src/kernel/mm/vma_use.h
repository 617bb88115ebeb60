/* SPDX-License-Identifier: BSD-2-Clause */
/* How much memory each VMA uses, counted as the kernel's own smaps does. */
#ifndef KERNEL_VMA_USE_H
#define KERNEL_VMA_USE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/* Digits of pss behind the point. */
#define VMA_PSS_SHIFT 12

/*
 * struct mem_size_stats (fs/proc/task_mmu.c): bytes; those of pss are shifted
 * left by VMA_PSS_SHIFT, for a frame is divided by how many map it.
 */
struct vma_use {
	uint64_t rss, shared_clean, shared_dirty, private_clean, private_dirty;
	uint64_t referenced, anonymous, lazy_free, ksm;
	uint64_t anon_thp, shmem_thp, file_thp;
	uint64_t shared_hugetlb, private_hugetlb;
	uint64_t swap;
	uint64_t pss, pss_anon, pss_file, pss_shmem, pss_dirty, pss_locked;
	uint64_t swap_pss;
	uint64_t unknown;      /* frames that could not be judged */
	uint64_t uncounted;    /* frames beyond what is counted at once */
	uint64_t unknown_swap; /* pages in swap whose share is not known */
};

#define VMA_NODES 64

/* struct numa_maps: pages, those of hugetlbfs counted as one each. */
struct vma_numa {
	uint64_t pages, anon, active, writeback, dirty, swap_cache;
	uint64_t most_maps; /* of any of them */
	uint64_t node[VMA_NODES];
};

/* Of many VMAs, those of lists[i] from v[first[i]] on. */
struct vma_uses {
	struct vma_use *v;
	struct vma_numa *numa; /* by vma_numas_read() alone */
	size_t *first;
	size_t unreadable; /* tables: what they map is not counted */
	uint64_t table;	   /* the physical address of the first of them */
};

/*
 * Count for all VMAs of n lists, of these mms: a batch for each level of page
 * tables, then as page_uses_read(), and one more; others where a huge page is
 * mapped, or swap in use.  The caller frees with vma_uses_deinit(), also after
 * an error.
 */
int vma_uses_read(struct kernel *k, const struct mm *mms,
		  const struct vma_list *lists, size_t n, struct vma_uses *out,
		  struct err *err);
void vma_uses_deinit(struct vma_uses *u);

/* The same for `numa`; of v only `unknown` is set. */
int vma_numas_read(struct kernel *k, const struct mm *mms,
		   const struct vma_list *lists, size_t n, struct vma_uses *out,
		   struct err *err);

/* Add what one uses to a sum of some. */
void vma_use_add(struct vma_use *sum, const struct vma_use *one);

#endif
