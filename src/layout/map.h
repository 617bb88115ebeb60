/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of the kernel's virtual memory: regions, what is mapped, borders. */
#ifndef LAYOUT_MAP_H
#define LAYOUT_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/guest.h"
#include "kernel/x86_64_layout.h"
#include "rows/rows.h"
#include "walk/ptdump.h"

/* As far as a browser is to be asked for. */
#define LAYOUT_MAP_MAPPINGS 20000u

#define LAYOUT_KINDS	    4u /* of write, no_execute */

/* What is mapped of a region: bytes, by level and kind. */
struct layout_mapped {
	uint64_t all;
	uint64_t by[PAGING_MAX_LEVELS + 1][LAYOUT_KINDS];
};

/* The kernel's regions. */
struct layout_map {
	const struct paging *paging;
	struct ptdump dump; /* with what could not be told of it */
	struct x86_64_layout layout;
	struct layout_mapped mapped[X86_64_REGIONS_MAX];
	struct x86_64_border borders[X86_64_BORDERS_MAX];
	size_t n_borders;
};

/* As ptdump_read().  The caller deinits, also after an error; *out is zero
 * before. */
int layout_map_read(struct guest *g, struct layout_map *out, struct err *err);
void layout_map_deinit(struct layout_map *m);

/* Its one row, of the tables "regions" and "borders"; the columns are chosen
 * here. */
void layout_map_rows(const struct layout_map *m, struct rows *rows);

/* The same with each mapping, LAYOUT_MAP_MAPPINGS at most, and how many more
 * there are. */
void layout_map_page_rows(const struct layout_map *m, struct rows *rows);

#endif
