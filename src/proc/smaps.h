/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc/PID/smaps and smaps_rollup are made of; for their own files. */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include "kernel/mm/thp.h"
#include "kernel/mm/vma_flags.h"
#include "kernel/mm/vma_use.h"
#include "proc/maps.h"

/* What proc_values.own of both is. */
struct smaps {
	struct maps maps;
	struct vma_uses uses;
	struct vma_flags form;
	struct thp thp;
	struct map mounts; /* struct file of shared memory to what its file
			    * system says of huge pages, + 1 */
};

/* The VMA of a record, the last of which may be the gate; and what it uses. */
const struct vma *smaps_vma(const struct smaps *s, size_t i, size_t record);
const struct vma_use *smaps_use(const struct smaps *s, size_t i, size_t record);
/* All that part i uses. */
struct vma_use smaps_sum(const struct smaps *s, size_t i);

/* Whether huge pages may be in it. */
enum thp_answer smaps_eligible(const struct smaps *s, size_t i,
			       const struct vma *v);

/* Two letters and a blank for each of its flags. */
void smaps_put_flags(const struct smaps *s, uint64_t flags, struct buf *out);

/*
 * What is used, as columns of both: X(NUMBER, key, title, member of struct
 * vma_use, how far that is shifted).
 */
#define SMAPS_USES(X)                                                   \
	X(RSS, "rss", "RSS", rss, 0)                                    \
	X(PSS, "pss", "PSS", pss, VMA_PSS_SHIFT)                        \
	X(PSS_DIRTY, "pss_dirty", NULL, pss_dirty, VMA_PSS_SHIFT)       \
	X(PSS_ANON, "pss_anon", NULL, pss_anon, VMA_PSS_SHIFT)          \
	X(PSS_FILE, "pss_file", NULL, pss_file, VMA_PSS_SHIFT)          \
	X(PSS_SHMEM, "pss_shmem", NULL, pss_shmem, VMA_PSS_SHIFT)       \
	X(SHARED_CLEAN, "shared_clean", "S_CLEAN", shared_clean, 0)     \
	X(SHARED_DIRTY, "shared_dirty", "S_DIRTY", shared_dirty, 0)     \
	X(PRIVATE_CLEAN, "private_clean", "P_CLEAN", private_clean, 0)  \
	X(PRIVATE_DIRTY, "private_dirty", "P_DIRTY", private_dirty, 0)  \
	X(REFERENCED, "referenced", NULL, referenced, 0)                \
	X(ANONYMOUS, "anonymous", "ANON", anonymous, 0)                 \
	X(KSM, "ksm", NULL, ksm, 0)                                     \
	X(LAZY_FREE, "lazy_free", NULL, lazy_free, 0)                   \
	X(ANON_HUGE, "anon_huge_pages", "HUGE", anon_thp, 0)            \
	X(SHMEM_PMD, "shmem_pmd_mapped", NULL, shmem_thp, 0)            \
	X(FILE_PMD, "file_pmd_mapped", NULL, file_thp, 0)               \
	X(SHARED_HUGETLB, "shared_hugetlb", NULL, shared_hugetlb, 0)    \
	X(PRIVATE_HUGETLB, "private_hugetlb", NULL, private_hugetlb, 0) \
	X(SWAP, "swap", "SWAP", swap, 0)                                \
	X(SWAP_PSS, "swap_pss", NULL, swap_pss, VMA_PSS_SHIFT)          \
	X(LOCKED, "locked", NULL, pss_locked, VMA_PSS_SHIFT)

#define SMAPS_USE_NUMBER(number, key, title, member, shift) SMAPS_##number,
enum {
	SMAPS_USES(SMAPS_USE_NUMBER) SMAPS_USE_COLUMNS
};
#undef SMAPS_USE_NUMBER

/* Columns and rows of the two. */
enum {
	SMAPS_START = PROC_ROW_OWN,
	SMAPS_END,
	SMAPS_PERMS,
	SMAPS_SIZE,
	SMAPS_PAGE_SIZE,
	SMAPS_USE, /* these */
	SMAPS_THP_ELIGIBLE = SMAPS_USE + SMAPS_USE_COLUMNS,
	SMAPS_PROTECTION_KEY,
	SMAPS_VM_FLAGS,
	SMAPS_OFFSET,
	SMAPS_MAJOR,
	SMAPS_MINOR,
	SMAPS_INODE,
	SMAPS_PATH,
	SMAPS_COLUMNS
};
enum {
	SMAPS_ROLLUP_USE = PROC_ROW_OWN,
	SMAPS_ROLLUP_COLUMNS = SMAPS_ROLLUP_USE + SMAPS_USE_COLUMNS
};
extern const struct row_column smaps_columns[SMAPS_COLUMNS];
extern const struct row_column smaps_rollup_columns[SMAPS_ROLLUP_COLUMNS];
void smaps_rows(const struct proc_values *v, size_t i, size_t record,
		struct row_table *out);
void smaps_rollup_rows(const struct proc_values *v, size_t i, size_t record,
		       struct row_table *out);

#endif
