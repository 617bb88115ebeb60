/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain numbers of the memory of processes. */
#ifndef KERNEL_MM_NUMBERS_H
#define KERNEL_MM_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Members of mm_struct of these names. */
enum mm_number {
	MM_TOTAL_VM, /* pages; so are those that follow */
	MM_HIWATER_VM,
	MM_HIWATER_RSS,
	MM_LOCKED_VM,
	MM_PINNED_VM,
	MM_DATA_VM,
	MM_STACK_VM,
	MM_EXEC_VM,
	MM_HUGETLB_USAGE,
	MM_PGTABLES_BYTES,
	MM_START_CODE, /* addresses */
	MM_END_CODE,
	MM_START_DATA,
	MM_END_DATA,
	MM_START_BRK,
	MM_START_STACK,
	MM_ARG_START,
	MM_ARG_END,
	MM_ENV_START,
	MM_ENV_END,
	MM_FLAGS,	/* MMF_*, include/linux/sched/coredump.h */
	MM_CORE_STATE,	/* up to 5.15; see TASK_CORE_STATE */
	MM_UNTAG_MASK,	/* 6.4 */
	MM_LOCK_SEQ,	/* 6.4 */
	MM_KSM_MERGING, /* pages: 5.18 */
	MM_KSM_ITEMS,	/* 6.1 */
	MM_KSM_ZERO,	/* 6.6 */
	MM_NUMBERS
};

#define MM_AUXV_MAX 64 /* words that are kept; x86 has 56 at most */

struct mm_numbers {
	bool none; /* a task without memory: nothing else is set */
	bool torn; /* it could not be read: nor is */
	uint64_t v[MM_NUMBERS];
	bool known[MM_NUMBERS];	    /* else: no such member */
	uint64_t auxv[MM_AUXV_MAX]; /* saved_auxv */
	size_t n_auxv;
};

/* Those of n tasks, in one batch. */
int mm_numbers_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct mm_numbers *out, struct err *err);

/* What the kernel keeps of a page that it may merge; 0: not known. */
uint32_t mm_ksm_item_size(const struct kernel *k);

/* Pages that its program's code is in, whole ones. */
uint64_t mm_text_pages(const struct mm_numbers *mm);

#endif
