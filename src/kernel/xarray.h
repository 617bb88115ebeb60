/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of xarrays: tables of PIDs, page caches, swap caches. */
#ifndef KERNEL_XARRAY_H
#define KERNEL_XARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

struct xarray_range {
	uint64_t first, last; /* indices */
};

/* One array, and which of its entries are wanted. */
struct xarray {
	uint64_t head; /* what its xa_head holds */
	const struct xarray_range
		*ranges; /* ascending, none overlaps another */
	size_t n;
};

/* An entry: of several indices where it is that of a folio of several pages. */
struct xarray_entry {
	size_t of; /* number of the array */
	uint64_t first, last;
	uint64_t value; /* a pointer, or, where it is odd, another value */
};

struct xarray_entries {
	VEC(struct xarray_entry) list; /* ascending by array and index */
	bool torn;		       /* a node was not what it must be */
	uint64_t torn_at;
};

/* False where this kernel has no xarrays (up to 4.19), or none of this form. */
bool xarrays_known(const struct kernel *k);

/*
 * Read what is there of n arrays in the ranges that are wanted, level by level
 * of all of them (docs/facts/kernel.md, "Arrays").  What lies in no such range
 * is not read, and what takes more than `most` nodes, or more than memory has
 * room for, tears them.  The caller frees with xarray_entries_deinit(), also
 * after an error.
 */
int xarrays_read(struct kernel *k, const struct xarray *arrays, size_t n,
		 size_t most, struct xarray_entries *out, struct err *err);

/* Where the entries of an array begin that reach that index, or lie behind. */
size_t xarray_entries_seek(const struct xarray_entries *entries, size_t of,
			   uint64_t index);
/* The entry that stands for that index; NULL: there is none. */
const struct xarray_entry *xarray_entry_at(const struct xarray_entries *entries,
					   size_t of, uint64_t index);
void xarray_entries_deinit(struct xarray_entries *entries);

#endif
