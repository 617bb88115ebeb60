/* SPDX-License-Identifier: BSD-2-Clause */
/* Areas of the kernel's own virtual memory: vmalloc, vmap, ioremap. */
#ifndef KERNEL_VMALLOC_H
#define KERNEL_VMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* Flags of a struct vm_struct (include/linux/vmalloc.h). */
#define VMALLOC_IOREMAP	      0x1u
#define VMALLOC_ALLOC	      0x2u
#define VMALLOC_MAP	      0x4u
#define VMALLOC_USERMAP	      0x8u
#define VMALLOC_DMA_COHERENT  0x10u
#define VMALLOC_UNINITIALIZED 0x20u
#define VMALLOC_NO_GUARD      0x40u
#define VMALLOC_SPARSE	      0x1000u /* 6.9 */

enum vmalloc_kind {
	VMALLOC_AREA,	 /* it has a vm_struct */
	VMALLOC_RAM,	 /* vm_map_ram() */
	VMALLOC_NOTHING, /* being made or taken down: not shown */
	VMALLOC_UNPURGED /* freed, and still in page tables */
};

/* So many pages of an area are on that node. */
struct vmalloc_share {
	uint32_t node, pages;
};

struct vmalloc_area {
	enum vmalloc_kind kind;
	uint64_t start, size; /* with the guard page, if it has one */
	uint64_t caller;      /* an address in code; 0: none */
	uint64_t phys;	      /* of a device's memory; 0: none */
	uint64_t pages;	      /* struct page *[n_pages] */
	uint64_t n_pages;
	uint64_t flags;
	VEC(struct vmalloc_share) shares; /* none: not known, or no pages */
};

struct vmalloc {
	VEC(struct vmalloc_area) areas; /* in the order of /proc/vmallocinfo */
};

/*
 * Read all areas (docs/facts/kernel.md, "vmalloc"): the lists in step, what
 * they lead to in two batches, and the pages of all areas in two.  What is
 * damaged is left out, with a remark.  ERR_NO_LINUX where the kernel keeps them
 * in no way that is known.  The caller frees with vmalloc_deinit(), also after
 * an error.
 */
int vmalloc_read(struct kernel *k, struct vmalloc *out, struct remarks *remarks,
		 struct err *err);
void vmalloc_deinit(struct vmalloc *v);

/* Its part in vmalloc_nodes.c: on which nodes the pages are. */
int vmalloc_read_nodes(struct kernel *k, struct vmalloc *v,
		       struct remarks *remarks, struct err *err);

#endif
