/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the parts of a program were moved when it was started. */
#ifndef KERNEL_X86_64_MOVED_H
#define KERNEL_X86_64_MOVED_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/mm/mm_layout.h"

/* Where mappings end by default: STACK_TOP, whatever the paging can do. */
uint64_t x86_64_window(const struct mm_layout *l);

/* What is moved by a random distance when a program is started. */
enum x86_64_moved {
	X86_64_MMAP,	/* downwards: mmap_base, before it is aligned */
	X86_64_STACK,	/* downwards: its end, from x86_64_window() */
	X86_64_HEAP,	/* upwards: its start, from the end of the program */
	X86_64_PROGRAM, /* upwards: where it can be moved */
	X86_64_MOVED
};

struct x86_64_distance {
	bool known;
	uint64_t by, most; /* bytes; most UINT64_MAX: not known */
};

/* What of it the areas tell; 0: not known. */
struct x86_64_edges {
	uint64_t program_start, program_end, stack_end;
};

/*
 * The distances (docs/facts/kernel.md, "Layout of a process").  One that cannot
 * be is not known.
 */
void x86_64_distances(const struct mm_layout *l, const struct mm_settings *s,
		      const struct x86_64_edges *e,
		      struct x86_64_distance out[X86_64_MOVED]);

#endif
