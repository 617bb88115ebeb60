/* SPDX-License-Identifier: BSD-2-Clause */
/* VMAs of processes, from the red-black tree or the maple tree. */
#ifndef KERNEL_VMA_H
#define KERNEL_VMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"

/* docs/facts/kernel.md, "Areas of a process" */
#define VM_READ	      0x00000001ULL
#define VM_WRITE      0x00000002ULL
#define VM_EXEC	      0x00000004ULL
#define VM_SHARED     0x00000008ULL
#define VM_MAYSHARE   0x00000080ULL
#define VM_GROWSDOWN  0x00000100ULL
#define VM_UFFD	      0x00000200ULL /* VM_UFFD_MISSING */
#define VM_PFNMAP     0x00000400ULL
#define VM_LOCKED     0x00002000ULL
#define VM_IO	      0x00004000ULL
#define VM_SEQ_READ   0x00008000ULL
#define VM_RAND_READ  0x00010000ULL
#define VM_DONTEXPAND 0x00040000ULL
#define VM_HUGETLB    0x00400000ULL
#define VM_MIXEDMAP   0x10000000ULL
#define VM_HUGEPAGE   0x20000000ULL
#define VM_NOHUGEPAGE 0x40000000ULL
#define VM_MERGEABLE  0x80000000ULL

/* One vm_area_struct: [start, end). */
struct vma {
	uint64_t addr;
	uint64_t start, end;
	uint64_t flags; /* VM_* */
	uint64_t pgoff; /* offset in the file, in pages */
	uint64_t mm, file, ops, private_data;
	uint64_t policy;    /* struct mempolicy, 0: none */
	uint64_t anon_name; /* struct anon_vma_name, 0: none */
	uint64_t next;	    /* vm_next, up to 6.0 */
};

/* The VMAs of one mm in order of address; torn: some are missing. */
struct vma_list {
	struct vma *v;
	size_t n;
	bool torn;
	char why[128];
};

/*
 * Read the VMAs of n mms into out[n], breadth-first: one batch per tree
 * level, then one for all VMAs.  A mm that is not readable gives an empty,
 * torn list.  The caller frees with vma_lists_deinit(), also after an error.
 */
int vma_lists_read(struct kernel *k, const struct mm *mms, size_t n,
		   struct vma_list *out, struct err *err);
void vma_lists_deinit(struct vma_list *lists, size_t n);

/* The VMA that holds va (end exclusive), or NULL. */
const struct vma *vma_find(const struct vma_list *l, uint64_t va);

#endif
