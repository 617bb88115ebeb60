/* SPDX-License-Identifier: BSD-2-Clause */
/* How Linux writes page-table entries of x86-64 that are not present. */
#include "kernel/readers.h"
#include "kernel/x86_64_swap.h"

#include "arch/x86_64.h"
#include "kernel/kernel.h"
#include "kernel/x86_64.h"

/* What is wanted of the types. */
enum {
	CONSTANT_PG_ANON_EXCLUSIVE = WANTS_OF(READER_X86_64_SWAP)
};

static const struct want want_table[] = {
	CONSTANT(PG_ANON_EXCLUSIVE, "pageflags",
		 "PG_anon_exclusive"), /* 5.19 */
};

const struct wants x86_64_swap_wants = {
	.reader = "swap entries", .v = want_table, .n = WANTS_N(want_table)};

/* The frame in a non-present entry; its address bits may be inverted. */
static uint64_t hidden_frame(uint64_t entry, uint64_t mask)
{
	/* Since the L1TF fix; docs/facts/kernel.md, "Page-table entries". */
	if ((entry >> 46 & 0x3f) == 0x3f)
		entry = ~entry;
	return entry & mask;
}

/* Software types of swap entries are the top ones of 0..31, in this order. */
static enum walk_result swap_result(const struct x86_64_swap *f,
				    unsigned int type)
{
	if (type >= f->swapin_error)
		return WALK_POISONED;
	if (type >= f->marker)
		return WALK_MARKER;
	if (type >= f->device)
		return WALK_DEVICE;
	if (type >= f->migration)
		return WALK_MIGRATING;
	return type >= f->hwpoison ? WALK_POISONED : WALK_SWAPPED;
}

/*
 * Its type and offset, before and since the L1TF fix: docs/facts/kernel.md,
 * "Swap entries".
 */
static void end_swapped(const struct x86_64_swap *f, struct walk *w,
			uint64_t entry)
{
	if (!f->known) {
		walk_end(w, WALK_NOT_PRESENT);
		return;
	}
	if (f->inverted) {
		w->swap_type = (uint8_t)(entry >> 59);
		w->swap_offset = (~entry << 5) >> 14;
	} else {
		w->swap_type = (entry >> 9) & 31;
		w->swap_offset = entry >> 14;
	}
	walk_end(w, swap_result(f, w->swap_type));
	if (w->result == WALK_MIGRATING || w->result == WALK_DEVICE)
		w->swap_offset &= (1ULL << f->pfn_bits) - 1;
	if (w->result == WALK_MIGRATING || w->swap_type == f->hwpoison)
		w->pa = (w->swap_offset << 12) + walk_in_page(w);
}

/* Known for long mode alone. */
void x86_64_absent(const struct walk_os *os, struct walk *w, uint64_t entry,
		   unsigned int level)
{
	const struct paging *p = w->root->paging;

	if (level > 2 || p->half != PAGING_BOTH) {
		walk_end(w, WALK_NOT_PRESENT);
	} else if (entry & PTE_G || (level == 2 && entry & PTE_PS)) {
		/* _PAGE_PROTNONE is the global bit; a huge page that is being
		 * split keeps PS (pmd_mkinvalid()). */
		walk_end(w, WALK_PROT_NONE);
		w->pa = hidden_frame(entry, p->family->form[level].page) |
			walk_in_page(w);
	} else {
		end_swapped((const struct x86_64_swap *)os, w, entry);
	}
}

/* docs/facts/kernel.md, "Page-table entries" and "Swap entries" */
#define NOT_PRESENT                                                       \
	{                                                                 \
		"P", 0, 1, PAGING_IN_ANY, NULL,                           \
			"not present: the CPU stops here, and all other " \
			"bits are the system's"                           \
	}
#define LAST_PART                         \
	{                                 \
		NULL, 0, 0, 0, NULL, NULL \
	}

static const struct paging_bit prot_none_parts[] = {
	NOT_PRESENT,
	{"PROT_NONE", 8, 1, PAGING_IN_ANY,
	 "Linux: the page is kept, and nobody may use it", NULL},
	{"frame", 12, 40, PAGING_IN_ANY,
	 "where the page lies; Linux turns these bits over, so that a CPU "
	 "that speculates finds nothing there (L1TF)",
	 NULL},
	LAST_PART,
};

static const struct paging_bit swap_parts[] = {
	NOT_PRESENT,
	{"SOFT_DIRTY", 1, 1, PAGING_IN_ANY,
	 "Linux: written to since somebody reset the bit", NULL},
	{"UFFD_WP", 2, 1, PAGING_IN_ANY,
	 "Linux: userfaultfd is told of the next write", NULL},
	{"EXCLUSIVE", 3, 1, PAGING_IN_ANY,
	 "Linux: an anonymous page of this process alone", NULL},
	{"offset", 9, 50, PAGING_IN_ANY,
	 "Linux: the slot, these bits turned over (L1TF)", NULL},
	{"type", 59, 5, PAGING_IN_ANY,
	 "Linux: which swap area, or what else the entry is", NULL},
	LAST_PART,
};

const struct paging_bit *x86_64_absent_parts(const struct walk_os *os,
					     const struct walk *w)
{
	const struct x86_64_swap *f = (const struct x86_64_swap *)os;

	if (w->result == WALK_PROT_NONE)
		return prot_none_parts;
	return f->inverted && w->result != WALK_NOT_PRESENT ? swap_parts : NULL;
}

static const struct x86_64_swap unknown = {.os = {
						   .absent = x86_64_absent,
						   .parts = x86_64_absent_parts,
					   }};

const struct walk_os *kernel_absent(const struct arch *arch)
{
	return arch == &arch_x86_64 ? &unknown.os : NULL;
}

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
static uint8_t x86_64_swap_take(unsigned int *next, unsigned int count)
{
	unsigned int first = *next;

	*next += count;
	return count ? (uint8_t)first : NONE;
}

struct x86_64_swap x86_64_swap(const struct kernel *k)
{
	struct x86_64_swap f = unknown;
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
		f.hwpoison = x86_64_swap_take(&next, hwpoison);
		f.migration = x86_64_swap_take(&next, since_5_19 ? 3 : 2);
		f.device = x86_64_swap_take(&next, layouts[i].device);
		f.marker = x86_64_swap_take(&next, layouts[i].marker);
		f.swapin_error =
			x86_64_swap_take(&next, layouts[i].swapin_error);
		f.pfn_bits = (uint8_t)x86_64_pfn_bits(k->root.paging);
	}
	return f;
}
