/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of swap areas while they are looked up, for the files that do it. */
#ifndef KERNEL_SWAP_WORK_H
#define KERNEL_SWAP_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/swap_cache.h"

#define SWAP_TYPES 32 /* MAX_SWAPFILES_SHIFT is 5 */

/* What is known of the areas, by type; max 0: nothing. */
struct swap_infos {
	uint64_t max[SWAP_TYPES], zeromap[SWAP_TYPES], clusters[SWAP_TYPES];
	uint64_t map[SWAP_TYPES]; /* how often each slot is used, a byte each */
};

/* A slot that its area has, and which of those it is that were asked for. */
struct swap_wanted {
	uint64_t value;
	size_t number;
};

struct swap_work {
	struct kernel *k;
	struct swap_found *out;
	struct swap_wanted *v; /* in order */
	size_t n;
	struct swap_infos infos;
};

/*
 * Read 8 bytes at an address for each that is wanted; 0 where the address is,
 * or where it cannot be read.  addrs and words may be the same.
 */
int swap_read_words(struct swap_work *w, const uint64_t *addrs, uint64_t *words,
		    struct err *err);

/* Up to 6.17: by trees of pages, by offset. */
int swap_find_in_trees(struct swap_work *w, struct err *err);

#endif
