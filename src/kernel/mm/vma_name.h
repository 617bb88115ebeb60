/* SPDX-License-Identifier: BSD-2-Clause */
/* The last column of /proc/PID/maps. */
#ifndef KERNEL_VMA_NAME_H
#define KERNEL_VMA_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/* ANON_VMA_NAME_MAX_LEN is 80 with its NUL (include/linux/mm_inline.h). */
#define VMA_NAME_MAX 96

/*
 * What names of VMAs come from: those of named anonymous memory and of special
 * mappings, by the address of what points to them, and the gate area.
 */
struct vma_names {
	struct map anon;     /* struct anon_vma_name to its names' indices */
	struct map special;  /* struct vm_special_mapping to its name's */
	struct map ops;	     /* vm_operations_struct to its name function */
	VEC(char *) strings; /* "" unreadable */
	struct vma gate;     /* [vsyscall]; end 0: there is none */
	uint64_t gate_ops_name, special_name; /* functions; 0: not there */
};

/*
 * Read what the VMAs of n lists need, in batches.  Free with _deinit(), also
 * after an error.
 */
int vma_names_read(struct kernel *k, const struct vma_list *lists, size_t n,
		   struct vma_names *out, struct err *err);
void vma_names_deinit(struct vma_names *names);

/* Where a VMA is: in which mm, and the path of its file (NULL: no file). */
struct vma_name_place {
	const struct mm *mm;
	const char *path;
};

/*
 * The name of one VMA in *name, or NULL when it has none; it lives as long as
 * `names` and the path.  0, or ERR_NOT_FOUND where there is a name that cannot
 * be told: then *maker is the function that makes it
 * (vm_operations_struct.name), if that is why, else 0.
 */
int vma_name(struct kernel *k, const struct vma_names *names,
	     const struct vma_name_place *place, const struct vma *v,
	     const char **name, uint64_t *maker);

#endif
