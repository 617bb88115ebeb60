/* SPDX-License-Identifier: BSD-2-Clause */
/* How Linux writes page-table entries of x86-64 that are not present. */
#ifndef KERNEL_X86_64_SWAP_H
#define KERNEL_X86_64_SWAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arch.h"
#include "walk/walk.h"

struct kernel;

/*
 * As swapops.h and pgtable_64.h have it.  Types count from 0 to 31; a first of
 * 32 means that there is no such type.
 */
struct x86_64_swap {
	struct walk_os os;
	bool known;	      /* false: say WALK_NOT_PRESENT, decode nothing */
	bool inverted;	      /* address bits inverted (L1TF fix) */
	uint8_t hwpoison;     /* type of hardware-poisoned pages */
	uint8_t migration;    /* first type of migration entries */
	uint8_t device;	      /* first type of device-private entries */
	uint8_t marker;	      /* type of pte markers */
	uint8_t swapin_error; /* type of swap-in errors (6.0 to 6.2) */
	uint8_t pfn_bits;     /* pfn width in the offset of such types */
};

/* walk_os.absent of a struct x86_64_swap. */
void x86_64_absent(const struct walk_os *os, struct walk *w, uint64_t entry,
		   unsigned int level);

/* walk_os.parts of one: what of such an entry means what. */
const struct paging_bit *x86_64_absent_parts(const struct walk_os *os,
					     const struct walk *w);

/*
 * How entries of a guest are read whose kernel is not known: all but swap
 * entries is told.  NULL: nothing is known of such CPUs.
 */
const struct walk_os *kernel_absent(const struct arch *arch);

/*
 * Derive the software swap types from what the kernel has: the length of
 * swap_info[] is MAX_SWAPFILES, the types above it are the special ones
 * (include/linux/swap.h, 5.2 to 7.2).  Not known where that does not add up.
 */
struct x86_64_swap x86_64_swap(const struct kernel *k);

#endif
