/* SPDX-License-Identifier: BSD-2-Clause */
/* Range walks the other way round: who maps a frame. */
#ifndef WALK_MAPPINGS_H
#define WALK_MAPPINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"
#include "walk/space.h"

/* A part [start, last] of an address space. */
struct mappings_space {
	const struct walk_root *root;
	uint64_t start, last;
};

/* An entry that has the frame: where, and what it permits. */
struct mapping {
	size_t space;		 /* whose tables it is in */
	uint64_t va;		 /* of the byte that was asked for */
	uint64_t page_size;	 /* of the page around it */
	enum walk_result result; /* as walk_has_frame() has it */
	bool write, user, nx;
};

struct mappings {
	VEC(struct mapping) list;
};

/*
 * All mappings of the byte at pa in n spaces, by space and address.  All tables
 * are read once, level by level of all spaces together, so many at a time that
 * memory stays bounded; `tables` as for space_runs(), for all of them together.
 * The caller frees with mappings_deinit(), also after an error.
 */
int mappings_find(struct machine *m, const struct mappings_space *spaces,
		  size_t n, uint64_t pa, struct space_tables *tables,
		  struct mappings *out, struct err *err);
void mappings_deinit(struct mappings *m);

#endif
