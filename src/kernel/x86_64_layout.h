/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of the virtual memory of x86-64 Linux, as this guest has it. */
#ifndef KERNEL_X86_64_LAYOUT_H
#define KERNEL_X86_64_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * A stretch of the 64-bit space.  Together they are all of it, without gaps;
 * what is between those that have a name is "hole".
 */
struct x86_64_region {
	const char *name;   /* "direct_map" */
	const char *words;  /* as Documentation/arch/x86/x86_64/mm.rst has it */
	const char *marker; /* as arch/x86/mm/dump_pagetables.c, or NULL */
	uint64_t start, last;
};

#define X86_64_REGIONS_MAX 40

struct x86_64_layout {
	struct x86_64_region v[X86_64_REGIONS_MAX];
	size_t n; /* ascending */
};

/*
 * docs/facts/kernel.md, "The map of virtual memory": bases by the kernel's
 * variables, areas by the symbols of what uses them.  Nothing is read.
 */
void x86_64_layout(const struct kernel *k, struct x86_64_layout *out);

/* The region of an address. */
const struct x86_64_region *x86_64_region_of(const struct x86_64_layout *l,
					     uint64_t va);

/* A border that the kernel has a name for: "_etext", "VMALLOC_START". */
struct x86_64_border {
	const char *name;
	uint64_t value;
};

#define X86_64_BORDERS_MAX 24

/*
 * Those that this kernel tells, n of them, in the order of the table: by its
 * symbols, or the resources of its image.
 */
int x86_64_borders(struct kernel *k, const struct x86_64_layout *l,
		   struct x86_64_border out[X86_64_BORDERS_MAX], size_t *n,
		   struct err *err);

#endif
