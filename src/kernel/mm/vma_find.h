/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses of all VMAs of many mms, out of their trees. */
#ifndef KERNEL_VMA_FIND_H
#define KERNEL_VMA_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/*
 * A VMA that a tree holds: for mms[mm], at addr; a maple tree also says which
 * range [start, last] it must cover (0, 0: unknown).
 */
struct vma_found {
	size_t mm;
	uint64_t addr;
	uint64_t start, last;
};

struct vma_finds {
	VEC(struct vma_found) list;
};

/* What may still be found, and whether it is a limit of ours that says so. */
struct vma_share {
	size_t left;
	bool ours;
};

/* Of each of the mms, and of all of them. */
struct vma_budget {
	struct vma_share *of, all;
};

/*
 * By what each mm says of itself and memory has room for, within the limits
 * above; 0 or ERR_NOMEM.
 */
int vma_budget_init(struct kernel *k, const struct mm *mms, size_t n,
		    struct vma_budget *b);
void vma_budget_deinit(struct vma_budget *b);

/* One more node or VMA of that mm: false, and the list torn, beyond it. */
bool vma_budget_take(struct vma_budget *b, size_t mm, struct vma_list *lists,
		     uint64_t addr);

/*
 * Walk the maple trees (>= 6.1; include/linux/maple_tree.h, lib/maple_tree.c)
 * of n mms breadth-first: one batch per level over all of them.  What is found
 * is appended in order of address per mm; a tree that is not sound marks
 * lists[mm] torn.
 */
int maple_find(struct kernel *k, const struct mm *mms, size_t n,
	       struct vma_finds *out, struct vma_list *lists, struct err *err);

/*
 * The same for the red-black trees of 6.0 and before (mm_struct.mm_rb), in no
 * particular order.
 */
int rbtree_find(struct kernel *k, const struct mm *mms, size_t n,
		struct vma_finds *out, struct vma_list *lists, struct err *err);

/* Mark a list torn; the first reason stays. */
void vma_list_tear(struct vma_list *l, const char *what, uint64_t addr);

#endif
