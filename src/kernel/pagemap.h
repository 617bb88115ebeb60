/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of /proc/PID/pagemap. */
#ifndef KERNEL_PAGEMAP_H
#define KERNEL_PAGEMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm.h"
#include "kernel/vma.h"

/* Words of n pages from va on, which lies on a page. */
struct pagemap {
	uint64_t va;
	size_t n;
	uint64_t *words; /* the caller's */
};

/*
 * Fill in the words, as root reads them (docs/facts/kernel.md, "What a
 * process's memory uses"), of an mm and its VMAs: in as many batches whatever n
 * is.  ERR_UNREADABLE where areas or page tables are torn.
 */
int pagemap_read(struct kernel *k, const struct mm *mm,
		 const struct vma_list *vmas, struct pagemap *out,
		 struct err *err);

#endif
