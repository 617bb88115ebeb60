/* SPDX-License-Identifier: BSD-2-Clause */
/* Swap areas: the files and devices that pages are swapped out to. */
#ifndef KERNEL_SWAP_AREA_H
#define KERNEL_SWAP_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* docs/facts/kernel.md, "Swap areas" */
struct swap_area {
	bool known;	/* false: nothing else is set */
	uint64_t pages; /* slots that can be used */
	uint64_t used;	/* of these */
	int32_t priority;
	bool is_device; /* else a file */
	char *path;	/* raw bytes; NULL where it cannot be told */
};

/* Types that there can be: 5 bits of an entry. */
#define SWAP_TYPES_MAX 32u

/*
 * Where the structures of n types lie, below 32 each, as one batch; 0: it is
 * not told.
 */
int swap_areas_find(struct kernel *k, const unsigned int *types, size_t n,
		    uint64_t *at, struct err *err);

/*
 * The area of a type that a swap entry has; one that is not there, or of which
 * the kernel's types do not tell, is not known.  The caller frees with
 * swap_area_deinit(), also after an error.
 */
int swap_area_read(struct kernel *k, unsigned int type, struct swap_area *out,
		   struct err *err);
void swap_area_deinit(struct swap_area *area);

/*
 * Those of all types at once, into out[0 .. SWAP_TYPES_MAX - 1], of which *n
 * were ever in use; the same holds for each.
 */
int swap_areas_read(struct kernel *k, struct swap_area *out, size_t *n,
		    struct err *err);

#endif
