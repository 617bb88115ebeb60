/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of /proc/PID/pagemap. */
#ifndef KERNEL_PAGEMAP_H
#define KERNEL_PAGEMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/* Words of n pages from va on, which lies on a page, of a process. */
struct pagemap {
	const struct mm *mm;
	const struct vma_list *vmas; /* of that mm */
	uint64_t va;
	size_t n;
	uint64_t *words; /* the caller's */
	struct err why;	 /* code 0; ERR_UNREADABLE: areas or tables are torn */
};

/*
 * Fill in the words of n processes, as root reads them (docs/facts/kernel.md,
 * "What a process's memory uses"): in as many batches whatever both n are,
 * unless tables are torn.  What is wrong with one is in its `why`; an error is
 * for all.
 */
int pagemaps_read(struct kernel *k, struct pagemap *maps, size_t n,
		  struct err *err);

#endif
