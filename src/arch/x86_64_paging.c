/* SPDX-License-Identifier: BSD-2-Clause */
/* x86 paging as data: Intel SDM vol. 3A, 4.3 to 4.5. */
#include "arch/x86_64.h"

#define RIGHTS (PTE_RW | PTE_US | PTE_NX)
#define ALL    (~0ULL)

/* Tables 4-15 to 4-20: a PS that no page can follow is reserved. */
static const struct paging_form long_mode[] = {
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

static const struct paging_form pae[] = {
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
static const struct paging_form narrow[] = {
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

static const struct paging_form narrow_small[] = {
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

/* SDM vol. 3A 4.5; software bits as in Linux pgtable_types.h. */
static const struct paging_bit bits[] = {
	{"P", 0, 1, PAGING_IN_ANY, "present: the CPU goes on with this entry",
	 "not present: the CPU stops here, and all other bits are the "
	 "system's"},
	{"RW", 1, 1, PAGING_IN_ANY,
	 "may be written to, as far as this entry goes",
	 "no writes to anything below"},
	{"US", 2, 1, PAGING_IN_ANY, "user mode may, as far as this entry goes",
	 "for the kernel alone"},
	{"PWT", 3, 1, PAGING_IN_ANY, "cached write-through, with PCD and PAT",
	 "cached write-back, with PCD and PAT"},
	{"PCD", 4, 1, PAGING_IN_ANY, "not cached, with PWT and PAT",
	 "cached, with PWT and PAT"},
	{"A", 5, 1, PAGING_IN_ANY,
	 "accessed: the CPU has gone this way since the bit was cleared",
	 "not used since the bit was cleared"},
	{"D", 6, 1, PAGING_IN_LEAF,
	 "dirty: the page was written to this way since the bit was cleared",
	 "not written to since the bit was cleared"},
	{"PAT", 7, 1, PAGING_IN_PTE,
	 "the upper half of the table of memory types, with PCD and PWT",
	 "the lower half of the table of memory types, with PCD and PWT"},
	{"PS", 7, 1, PAGING_IN_HUGE,
	 "page size: this entry is a page, a large one, and the walk ends here",
	 NULL},
	{"PS", 7, 1, PAGING_IN_TABLE | PAGING_QUIET,
	 "reserved here: the CPU faults",
	 "page size: no large page, so the walk goes on"},
	{"G", 8, 1, PAGING_IN_LEAF, "global: the TLB keeps it when CR3 changes",
	 "not global: it leaves the TLB with its address space"},
	{"SPECIAL", 9, 1, PAGING_IN_LEAF,
	 "Linux: nobody counts the mappings of this page",
	 "Linux: the page is counted as usual"},
	{"UFFD_WP", 10, 1, PAGING_IN_LEAF,
	 "Linux: userfaultfd is told of the next write",
	 "Linux: no userfaultfd waits for a write"},
	{"SOFT_DIRTY", 11, 1, PAGING_IN_LEAF,
	 "Linux: written to since somebody reset the bit",
	 "Linux: not written to since somebody reset the bit"},
	{"PAT", 12, 1, PAGING_IN_HUGE,
	 "the upper half of the table of memory types, with PCD and PWT",
	 "the lower half of the table of memory types, with PCD and PWT"},
	{"SAVED_DIRTY", 58, 1, PAGING_IN_LEAF,
	 "Linux: the page is dirty, though D is clear, for no write is allowed",
	 "Linux: D alone tells whether the page is dirty"},
	{"NX", 63, 1, PAGING_IN_ANY,
	 "no execute: no instruction is fetched from anything below",
	 "instructions may be fetched, as far as this entry goes"},
	{"PKEY", 59, 4, PAGING_IN_LEAF,
	 "protection key: PKRU says for each key what user mode may", NULL},
	{NULL, 0, 0, 0, NULL, NULL},
};

/* arch/x86/mm/dump_pagetables.c, printk_prot() */
static const struct paging_column columns[] = {
	{"PWT", PTE_PWT, PTE_PWT}, {"PCD", PTE_PCD, PTE_PCD},
	{"PSE", 0, PTE_PS},	   {"PAT", PTE_PS, PTE_PAT_HUGE},
	{"GLB", PTE_G, PTE_G},	   {NULL, 0, 0},
};

#define ATTRIBUTES (PTE_PWT | PTE_PCD | PTE_PS | PTE_G | PTE_PAT_HUGE)

static uint8_t denied(const struct paging_form *f, uint64_t entry)
{
	unsigned int d = 0;

	if (f->rights & PTE_RW && !(entry & PTE_RW))
		d |= DENIED_WRITE;
	if (f->rights & PTE_US && !(entry & PTE_US))
		d |= DENIED_USER;
	if (entry & f->rights & PTE_NX)
		d |= DENIED_USER_EXEC | DENIED_KERNEL_EXEC;
	return (uint8_t)d;
}

static void x86_64_paging_decode(const struct paging_family *family,
				 unsigned int level, uint64_t entry,
				 struct paging_entry *e)
{
	const struct paging_form *f = &family->form[level];
	bool page = level == 1 || (f->large && entry & PTE_PS);

	*e = (struct paging_entry){.kind = PAGING_ABSENT};
	if (!(entry & PTE_P))
		return;
	e->denied = denied(f, entry);
	e->kind = page ? PAGING_PAGE : PAGING_TABLE;
	if (entry & (page ? f->page_reserved : f->table_reserved))
		e->kind = PAGING_RESERVED;
	e->pa = page ? (entry & f->page) | (entry & f->page_high)
						   << f->high_shift
		     : entry & f->table;
}

#define FAMILY(bytes, mask, forms)                                          \
	{                                                                   \
		.entry_bytes = (bytes), .root = (mask), .form = (forms),    \
		.bits = bits, .attributes = ATTRIBUTES, .columns = columns, \
		.decode = x86_64_paging_decode                              \
	}

static const struct paging_family long_family = FAMILY(8, CR3_ADDR, long_mode),
				  pae_family = FAMILY(8, 0xffffffe0, pae),
				  narrow_family = FAMILY(4, FRAME_32, narrow),
				  narrow_4k_family =
					  FAMILY(4, FRAME_32, narrow_small);

const struct paging paging_4level = {&long_family, 4, 48, PAGING_BOTH,
				     "4-level"};
const struct paging paging_5level = {&long_family, 5, 57, PAGING_BOTH,
				     "5-level"};
const struct paging paging_pae = {&pae_family, 3, 32, PAGING_LOW, "PAE"};
const struct paging paging_32bit = {&narrow_family, 2, 32, PAGING_LOW,
				    "32-bit"};
const struct paging paging_32bit_4k = {&narrow_4k_family, 2, 32, PAGING_LOW,
				       "32-bit without PSE"};

const struct paging *x86_64_paging_of_cr4(uint64_t cr4)
{
	return cr4 & CR4_LA57 ? &paging_5level : &paging_4level;
}

const struct paging *x86_64_paging(const struct vcpu *v)
{
	uint64_t cr4 = v->reg[X86_CR4];

	if (!(v->reg[X86_CR0] & CR0_PE) || !(v->reg[X86_CR0] & CR0_PG))
		return NULL;
	if (v->reg[X86_EFER] & EFER_LMA)
		return x86_64_paging_of_cr4(cr4);
	if (cr4 & CR4_PAE)
		return &paging_pae;
	return cr4 & CR4_PSE ? &paging_32bit : &paging_32bit_4k;
}
