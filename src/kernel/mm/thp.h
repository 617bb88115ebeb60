/* SPDX-License-Identifier: BSD-2-Clause */
/* Transparent huge pages: what is set, and which VMAs may have them. */
#ifndef KERNEL_THP_H
#define KERNEL_THP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/* docs/facts/kernel.md, "What a process's memory uses" */
struct thp {
	bool known;
	bool unsupported, always, madvise; /* transparent_hugepage_flags */
	bool has_except; /* MMF_DISABLE_THP_EXCEPT_ADVISED is one of its flags
			  */
	bool any_order;	 /* sizes below 2 MiB have their own settings (6.8) */
	uint64_t orders_always, orders_madvise, orders_inherit;
	/* Of shared memory: shmem_huge, and operations of its VMAs. */
	int32_t shmem;
	uint64_t shmem_orders; /* of files without a name; all, or some (6.10)
				*/
	uint64_t shmem_ops, shmem_anon_ops, shm_ops;
};

/* Read what is set, in one batch; not known: the kernel has none of it. */
int thp_read(struct kernel *k, struct thp *out, struct err *err);

/* Whether a VMA has shared memory, or a file of tmpfs; not segments of huge
 * pages, which have operations of shared memory, too. */
bool thp_is_shmem(const struct thp *t, const struct vma *v);

#define THP_HUGE_UNKNOWN (-1)

/*
 * What the file systems of n such files say of huge pages (shmem_sb_info.huge),
 * in four batches, or two where the files were read; THP_HUGE_UNKNOWN where it
 * cannot be read.
 */
int thp_mounts_read(struct kernel *k, const uint64_t *files, size_t n, int *out,
		    struct err *err);

enum thp_answer {
	THP_NO,
	THP_YES,
	THP_UNKNOWN
};

/*
 * Whether a VMA of that mm is eligible, as /proc/PID/smaps tells; huge is what
 * was read of the file system of one that thp_is_shmem().  No other file is.
 */
enum thp_answer thp_eligible(const struct thp *t, const struct mm *mm,
			     const struct vma *v, int huge);

#endif
