/* SPDX-License-Identifier: BSD-2-Clause */
/* A dump of page tables by region of the map of virtual memory. */
#ifndef LAYOUT_PTDUMP_PARTS_H
#define LAYOUT_PTDUMP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/x86_64_layout.h"
#include "walk/ptdump.h"

/* A part of a run that lies in one region (NULL: there is no map of them). */
struct ptdump_part {
	size_t run; /* its number */
	uint64_t va, last;
	const struct x86_64_region *region;
};

/* Of the kernel's own space, or of one of its processes; all borrowed. */
struct ptdump_space {
	const struct ptdump *dump;
	const struct paging *paging;
	const struct x86_64_layout *layout; /* n is 0: not known */
};

/* The part behind *part, from {0} on; false at the end. */
bool ptdump_next_part(const struct ptdump_space *s, struct ptdump_part *part);

#endif
