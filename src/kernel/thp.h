/* SPDX-License-Identifier: BSD-2-Clause */
/* Transparent huge pages: what is set, and which VMAs may have them. */
#ifndef KERNEL_THP_H
#define KERNEL_THP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm.h"
#include "kernel/vma.h"

/* docs/facts/kernel.md, "What a process's memory uses" */
struct thp {
	bool known;
	bool unsupported, always, madvise; /* transparent_hugepage_flags */
	bool has_except; /* MMF_DISABLE_THP_EXCEPT_ADVISED is one of its flags
			  */
	bool any_order;	 /* sizes below 2 MiB have their own settings (6.8) */
	uint64_t orders_always, orders_madvise, orders_inherit;
};

/* Read what is set, in one batch; not known: the kernel has none of it. */
int thp_read(struct kernel *k, struct thp *out, struct err *err);

/*
 * Whether an anonymous VMA of that mm is eligible, as /proc/PID/smaps tells;
 * others are not asked about.
 */
bool thp_eligible(const struct thp *t, const struct mm *mm,
		  const struct vma *v);

#endif
