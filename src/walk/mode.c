/* SPDX-License-Identifier: BSD-2-Clause */
/* Paging modes as data: Intel SDM vol. 3A, 4.3 to 4.5. */
#include "walk/walk.h"

#define RIGHTS (PTE_RW | PTE_US | PTE_NX)
#define ALL    (~0ULL)

/* Tables 4-15 to 4-20: a PS that no page can follow is reserved. */
static const struct walk_form long_mode[] = {
	[1] = {.shift = 12,
	       .bits = 9,
	       .page = PTE_ADDR_4K,
	       .rights = RIGHTS,
	       .named = ALL},
	[2] = {.shift = 21,
	       .bits = 9,
	       .large = true,
	       .page = PTE_ADDR_2M,
	       .page_reserved = 0x1fe000,
	       .table = PTE_ADDR_4K,
	       .rights = RIGHTS,
	       .named = ALL},
	[3] = {.shift = 30,
	       .bits = 9,
	       .large = true,
	       .page = PTE_ADDR_1G,
	       .page_reserved = 0x3fffe000,
	       .table = PTE_ADDR_4K,
	       .rights = RIGHTS,
	       .named = ALL},
	[4] = {.shift = 39,
	       .bits = 9,
	       .table = PTE_ADDR_4K,
	       .table_reserved = PTE_PS,
	       .rights = RIGHTS,
	       .named = ALL},
	[5] = {.shift = 48,
	       .bits = 9,
	       .table = PTE_ADDR_4K,
	       .table_reserved = PTE_PS,
	       .rights = RIGHTS,
	       .named = ALL},
};

/* What software may do as it likes, or is reserved, has no name there. */
#define PAE_HIGH  0x7ff0000000000000ULL /* 52 to 62: reserved */
#define PAE_NAMED (PTE_NX | 0x11ff)
#define TOP_NAMED 0x19ULL /* P PWT PCD: table 4-8 */

/* Table 4-8 has bit 5 among them, but QEMU's TCG sets it as A. */
#define TOP_RESERVED (0x1c6 | PAE_HIGH | PTE_NX)

static const struct walk_form pae[] = {
	[1] = {.shift = 12,
	       .bits = 9,
	       .page = PTE_ADDR_4K,
	       .page_reserved = PAE_HIGH,
	       .rights = RIGHTS,
	       .named = PAE_NAMED},
	[2] = {.shift = 21,
	       .bits = 9,
	       .large = true,
	       .page = PTE_ADDR_2M,
	       .page_reserved = 0x1fe000 | PAE_HIGH,
	       .table = PTE_ADDR_4K,
	       .table_reserved = PAE_HIGH,
	       .rights = RIGHTS,
	       .named = PAE_NAMED},
	[3] = {.shift = 30,
	       .bits = 2,
	       .table = PTE_ADDR_4K,
	       .table_reserved = TOP_RESERVED,
	       .named = TOP_NAMED},
};

#define FRAME_32 0xfffff000ULL
#define NAMED_32 0x11ffULL

/* Table 4-4: with PSE-36 bits 13 to 20 of a large page are 32 to 39 of it. */
static const struct walk_form narrow[] = {
	[1] = {.shift = 12,
	       .bits = 10,
	       .page = FRAME_32,
	       .rights = PTE_RW | PTE_US,
	       .named = NAMED_32},
	[2] = {.shift = 22,
	       .bits = 10,
	       .large = true,
	       .page = 0xffc00000,
	       .page_reserved = 1 << 21,
	       .page_high = 0x1fe000,
	       .high_shift = 19,
	       .table = FRAME_32,
	       .rights = PTE_RW | PTE_US,
	       .named = NAMED_32},
};

static const struct walk_form narrow_small[] = {
	[1] = {.shift = 12,
	       .bits = 10,
	       .page = FRAME_32,
	       .rights = PTE_RW | PTE_US,
	       .named = NAMED_32},
	[2] = {.shift = 22,
	       .bits = 10,
	       .table = FRAME_32,
	       .rights = PTE_RW | PTE_US,
	       .named = NAMED_32},
};

const struct walk_mode walk_mode_4level = {.name = "4-level",
					   .levels = 4,
					   .va_bits = 48,
					   .entry_bytes = 8,
					   .halves = true,
					   .root = CR3_ADDR,
					   .form = long_mode};
const struct walk_mode walk_mode_5level = {.name = "5-level",
					   .levels = 5,
					   .va_bits = 57,
					   .entry_bytes = 8,
					   .halves = true,
					   .root = CR3_ADDR,
					   .form = long_mode};
const struct walk_mode walk_mode_pae = {.name = "PAE",
					.levels = 3,
					.va_bits = 32,
					.entry_bytes = 8,
					.root = 0xffffffe0,
					.form = pae};
const struct walk_mode walk_mode_32bit = {.name = "32-bit",
					  .levels = 2,
					  .va_bits = 32,
					  .entry_bytes = 4,
					  .root = FRAME_32,
					  .form = narrow};
const struct walk_mode walk_mode_32bit_4k = {.name = "32-bit without PSE",
					     .levels = 2,
					     .va_bits = 32,
					     .entry_bytes = 4,
					     .root = FRAME_32,
					     .form = narrow_small};

const struct walk_mode *walk_mode_of_cr4(uint64_t cr4)
{
	return cr4 & CR4_LA57 ? &walk_mode_5level : &walk_mode_4level;
}

const struct walk_mode *walk_mode_of_vcpu(const struct vcpu *v)
{
	if (!(v->cr0 & CR0_PE) || !(v->cr0 & CR0_PG))
		return NULL;
	if (v->efer & EFER_LMA)
		return walk_mode_of_cr4(v->cr4);
	if (v->cr4 & CR4_PAE)
		return &walk_mode_pae;
	return v->cr4 & CR4_PSE ? &walk_mode_32bit : &walk_mode_32bit_4k;
}

bool walk_canonical(const struct walk_mode *mode, uint64_t va)
{
	uint64_t high = va >> (mode->va_bits - 1);

	if (!mode->halves)
		return va >> mode->va_bits == 0;
	return high == 0 || high == ~0ULL >> (mode->va_bits - 1);
}

uint64_t walk_extend(const struct walk_mode *mode, uint64_t va)
{
	unsigned int drop = 64 - mode->va_bits;

	if (!mode->halves)
		return va << drop >> drop;
	return (uint64_t)((int64_t)(va << drop) >> drop);
}
