/* SPDX-License-Identifier: BSD-2-Clause */
/* The special swap types, from the length of swap_info[]. */
#include "kernel/swap_format.h"

#define TYPES 32 /* MAX_SWAPFILES_SHIFT is 5 */
#define NONE  32

/*
 * From low to high: [hwpoison] migration [device-private] [marker]
 * [swap-in error].  With the types of hwpoison and migration taken off, the
 * number of the others tells which they are (docs/facts/kernel.md, "Swap
 * entries").
 */
static const struct {
	bool since_5_19;
	uint8_t rest, device, marker, swapin_error;
} layouts[] = {
	{false, 0, 0, 0, 0}, {false, 2, 2, 0, 0}, {false, 4, 4, 0, 0},
	{true, 0, 0, 0, 0},  {true, 1, 0, 1, 0},  {true, 2, 0, 1, 1},
	{true, 4, 3, 1, 0},  {true, 5, 4, 1, 0},  {true, 6, 4, 1, 1},
};

/* Give `count` types from *next on; NONE when there are none. */
static uint8_t take(unsigned int *next, unsigned int count)
{
	unsigned int first = *next;

	*next += count;
	return count ? (uint8_t)first : NONE;
}

struct walk_swap_format swap_format(const struct kernel *k)
{
	struct walk_swap_format f = {0};
	uint64_t swap_info, next_symbol, va;
	int64_t value;
	bool since_5_19 = profile_constant(k->profile,
					   CONSTANT_PG_ANON_EXCLUSIVE, &value);
	bool hwpoison = profile_symbol(k->profile, "memory_failure", &va);
	unsigned int next, used, i;

	if (!profile_symbol(k->profile, "swap_info", &swap_info) ||
	    !profile_next_symbol(k->profile, swap_info, &next_symbol) ||
	    next_symbol - swap_info > TYPES * 8)
		return f;
	next = (unsigned int)(next_symbol - swap_info) / 8;
	used = next + hwpoison + (since_5_19 ? 3 : 2);
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].since_5_19 != since_5_19 ||
		    used + layouts[i].rest != TYPES)
			continue;
		f.known = true;
		f.inverted = true; /* every kernel with BTF has the L1TF fix */
		f.hwpoison = take(&next, hwpoison);
		f.migration = take(&next, since_5_19 ? 3 : 2);
		f.device = take(&next, layouts[i].device);
		f.marker = take(&next, layouts[i].marker);
		f.swapin_error = take(&next, layouts[i].swapin_error);
		/* MAX_PHYSMEM_BITS 46 or 52 (asm/sparsemem.h) */
		f.pfn_bits = k->root.mode == &walk_mode_5level ? 40 : 34;
	}
	return f;
}
