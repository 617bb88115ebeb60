/* SPDX-License-Identifier: BSD-2-Clause */
/* What VMAs use while it is counted, for the files that do it. */
#ifndef KERNEL_VMA_USE_WORK_H
#define KERNEL_VMA_USE_WORK_H

#include "base/vec.h"
#include "kernel/page/page_use.h"
#include "kernel/mm/vma_swap.h"
#include "kernel/mm/vma_use.h"

#define PAGES_2M 512u

/* An entry of a page table, and the frame behind it. */
struct use_entry {
	uint64_t pfn;
	uint32_t vma; /* in vma_uses.v */
	uint8_t level;
	bool present, young, dirty;
	bool locked, hugetlb; /* of the VMA */
	bool left_out;	      /* there are too many: said, and not counted */
};

/* So many frames of one that are asked for, each by itself. */
static inline uint64_t use_frames(const struct use_entry *e)
{
	return e->level == 2 && !e->hugetlb ? PAGES_2M : 1;
}

/* Frames in order, each once, and what was read of them. */
struct use_set {
	VEC(uint64_t) pfns;
	struct page_use *uses;
};

void use_set_deinit(struct use_set *s);

struct use_work {
	struct kernel *k;
	const struct vma_list *lists;
	const size_t *list_of; /* which list each range is of */
	struct vma_uses *out;
	VEC(struct use_entry) entries;
	VEC(struct vma_swap) swaps;
	struct use_set heads;  /* the first frame of each entry */
	struct use_set others; /* of huge pages that are shared */
	bool numa;	       /* it is for numa_maps, whose rules are others */
	bool since_6_1;	     /* poisoned pages count, of which none is mapped */
	bool since_6_11;     /* what is not present counts as shared */
	bool since_6_6;	     /* huge pages are judged as others are */
	bool overlooks_none; /* huge pages without access do not count */
	bool huge;	     /* an entry maps a huge page */
	uint64_t huge_zero;  /* its pfn */
};

void use_work_deinit(struct use_work *w);

/* Read all entries, and the struct pages behind them; k, lists and out are set,
 * and out is empty. */
int use_gather(struct use_work *w, const struct mm *mms, size_t n,
	       struct err *err);

/* Read the struct pages behind the entries. */
int use_read_pages(struct use_work *w, struct err *err);

/* What was read of a frame. */
const struct page_use *use_of(const struct use_work *w, uint64_t pfn);

#endif
