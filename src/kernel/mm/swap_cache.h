/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of swap that are in memory still, or again. */
#ifndef KERNEL_SWAP_CACHE_H
#define KERNEL_SWAP_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* A place in a swap area, as a swap entry has it. */
struct swap_slot {
	uint8_t type;	 /* below 32 */
	uint64_t offset; /* in pages, of 58 bits */
};

/*
 * As the kernel writes it where no page table dictates the form: in struct
 * pages, and in the page cache of shared memory (docs/facts/kernel.md, "Swap
 * areas").
 */
uint64_t swap_slot_value(const struct swap_slot *slot);
struct swap_slot swap_slot_of(uint64_t value);

enum swap_state {
	SWAP_OUT,     /* in the swap area alone */
	SWAP_CACHED,  /* a page in memory has it, or is about to */
	SWAP_ZEROS,   /* of zeros, which nobody wrote to the area (6.12) */
	SWAP_UNKNOWN, /* this kernel's way is not known, or memory is torn */
};

struct swap_found {
	enum swap_state state;
	uint64_t page; /* SWAP_CACHED: the struct page of its folio */
};

/*
 * What became of n slots: a number of batches that does not depend on n.  What
 * the page says of itself is not looked at.
 */
int swap_slots_find(struct kernel *k, const struct swap_slot *slots, size_t n,
		    struct swap_found *out, struct err *err);

#define SWAP_COUNT_UNKNOWN UINT32_MAX

/*
 * How many page tables have each of n slots, as swp_swapcount() counts, or
 * SWAP_COUNT_UNKNOWN; as many batches whatever n is.
 */
int swap_slots_count(struct kernel *k, const struct swap_slot *slots, size_t n,
		     uint32_t *counts, struct err *err);

#endif
