/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64 paging as data, stage 1: docs/facts/aarch64.md, "Descriptors". */
#include "arch/aarch64.h"

/* Descriptors (D8.3.1, D8.3.2). */
#define VALID		  (1ULL << 0)
#define TABLE		  (1ULL << 1) /* else a block; at the last level a page */
#define AP_USER		  (1ULL << 6)
#define AP_READONLY	  (1ULL << 7)
#define DBM		  (1ULL << 51) /* writable, though clean: AP_READONLY then */
#define PXN		  (1ULL << 53)
#define UXN		  (1ULL << 54)
#define PXN_TABLE	  (1ULL << 59)
#define UXN_TABLE	  (1ULL << 60)
#define AP_TABLE_NO_USER  (1ULL << 61)
#define AP_TABLE_READONLY (1ULL << 62)

/* Bits `low` up to `high` of an address. */
#define SPAN(low, high) ((~0ULL >> (63 - (high))) & ~0ULL << (low))

/*
 * A level of granule g: the address ends at bit `end`; `more` bits of the entry
 * belong `up` bits further up.
 */
#define FORM(level, g, end, block, more, up)                       \
	[level] = {.shift = (g) + ((level)-1) * ((g)-3),           \
		   .bits = (g)-3,                                  \
		   .large = (block),                               \
		   .page = SPAN((g) + ((level)-1) * ((g)-3), end), \
		   .page_high = (more),                            \
		   .high_shift = (up),                             \
		   .table = SPAN(g, end),                          \
		   .named = ~0ULL}

/* Where blocks are: D8.3.1.  DS adds bits 51:50 of an address as 9:8. */
static const struct paging_form forms_4k[] = {
	FORM(1, 12, 47, false, 0, 0), FORM(2, 12, 47, true, 0, 0),
	FORM(3, 12, 47, true, 0, 0), FORM(4, 12, 47, false, 0, 0)};
static const struct paging_form forms_4k_ds[] = {
	FORM(1, 12, 49, false, 0x300, 42), FORM(2, 12, 49, true, 0x300, 42),
	FORM(3, 12, 49, true, 0x300, 42), FORM(4, 12, 49, true, 0x300, 42),
	FORM(5, 12, 49, false, 0x300, 42)};
static const struct paging_form forms_16k[] = {
	FORM(1, 14, 47, false, 0, 0), FORM(2, 14, 47, true, 0, 0),
	FORM(3, 14, 47, false, 0, 0), FORM(4, 14, 47, false, 0, 0)};
static const struct paging_form forms_16k_ds[] = {
	FORM(1, 14, 49, false, 0x300, 42), FORM(2, 14, 49, true, 0x300, 42),
	FORM(3, 14, 49, true, 0x300, 42), FORM(4, 14, 49, false, 0x300, 42)};
static const struct paging_form forms_64k[] = {FORM(1, 16, 47, false, 0, 0),
					       FORM(2, 16, 47, true, 0, 0),
					       FORM(3, 16, 47, false, 0, 0)};
/* With physical addresses of 52 bits: 51:48 are 15:12. */
static const struct paging_form forms_64k_52[] = {
	FORM(1, 16, 47, false, 0xf000, 36), FORM(2, 16, 47, true, 0xf000, 36),
	FORM(3, 16, 47, true, 0xf000, 36)};

/* Software's bits as in Linux pgtable-prot.h. */
static const struct paging_bit bits[] = {
	{"V", 0, 1, PAGING_IN_ANY,
	 "valid: the CPU goes on with this descriptor",
	 "not valid: the CPU stops here, and all other bits are the system's"},
	{"TABLE", 1, 1, PAGING_IN_ANY | PAGING_QUIET,
	 "a table, or at the last level a page", "a block: the walk ends here"},
	{"ATTR", 2, 3, PAGING_IN_LEAF, "memory type: a place in MAIR_EL1",
	 NULL},
	{"NS", 5, 1, PAGING_IN_LEAF,
	 "non-secure, for who walks in the secure state",
	 "secure, for who walks in the secure state"},
	{"USER", 6, 1, PAGING_IN_LEAF,
	 "AP[1]: EL0 may use it, as far as this descriptor goes",
	 "AP[1]: for the kernel alone"},
	{"RDONLY", 7, 1, PAGING_IN_LEAF, "AP[2]: no writes",
	 "AP[2]: may be written to"},
	{"SH", 8, 2, PAGING_IN_LEAF | PAGING_QUIET,
	 "shareability: whose caches agree on it", NULL},
	{"AF", 10, 1, PAGING_IN_ANY, "accessed",
	 "not accessed: the first access sets it, or faults"},
	{"NG", 11, 1, PAGING_IN_LEAF, "not global: it is one ASID's",
	 "global: the same in all address spaces"},
	{"GP", 50, 1, PAGING_IN_LEAF,
	 "guarded page: indirect branches land on BTI alone",
	 "indirect branches land anywhere"},
	{"DBM", 51, 1, PAGING_IN_LEAF,
	 "may be written to: the CPU clears AP[2] with the first write",
	 "AP[2] alone says whether it may be written to"},
	{"CONT", 52, 1, PAGING_IN_LEAF,
	 "contiguous: one TLB entry does for a group of neighbours",
	 "stands for itself"},
	{"PXN", 53, 1, PAGING_IN_LEAF,
	 "the kernel fetches no instruction from it",
	 "the kernel may fetch instructions"},
	{"UXN", 54, 1, PAGING_IN_LEAF, "EL0 fetches no instruction from it",
	 "EL0 may fetch instructions"},
	{"DIRTY", 55, 1, PAGING_IN_LEAF, "Linux: the page is dirty",
	 "Linux: AP[2] and DBM tell whether it is dirty"},
	{"SPECIAL", 56, 1, PAGING_IN_LEAF,
	 "Linux: nobody counts the mappings of this page",
	 "Linux: the page is counted as usual"},
	{"PXN_TABLE", 59, 1, PAGING_IN_TABLE,
	 "the kernel fetches no instruction from anything below",
	 "says nothing of what the kernel fetches"},
	{"UXN_TABLE", 60, 1, PAGING_IN_TABLE,
	 "EL0 fetches no instruction from anything below",
	 "says nothing of what EL0 fetches"},
	{"NO_USER", 61, 1, PAGING_IN_TABLE, "nothing below is EL0's",
	 "says nothing of EL0"},
	{"RDONLY", 62, 1, PAGING_IN_TABLE, "nothing below may be written to",
	 "says nothing of writes"},
	{NULL, 0, 0, 0, NULL, NULL},
};

/* AttrIndx bit by bit, inner shareable, not global (D8.3.2). */
static const struct paging_column columns[] = {
	{"ATTR0", 1 << 2, 1 << 2}, {"ATTR1", 1 << 3, 1 << 3},
	{"ATTR2", 1 << 4, 1 << 4}, {"SHD", 3 << 8, 3 << 8},
	{"NG", 1 << 11, 1 << 11},  {NULL, 0, 0},
};

#define ATTRIBUTES (SPAN(2, 4) | SPAN(8, 9) | SPAN(11, 11))

static uint8_t denied_by_table(uint64_t entry)
{
	unsigned int d = 0;

	if (entry & AP_TABLE_READONLY)
		d |= DENIED_WRITE;
	if (entry & AP_TABLE_NO_USER)
		d |= DENIED_USER;
	if (entry & UXN_TABLE)
		d |= DENIED_USER_EXEC;
	if (entry & PXN_TABLE)
		d |= DENIED_KERNEL_EXEC;
	return (uint8_t)d;
}

static uint8_t denied_by_page(uint64_t entry)
{
	unsigned int d = 0;

	if (entry & AP_READONLY && !(entry & DBM))
		d |= DENIED_WRITE;
	if (!(entry & AP_USER))
		d |= DENIED_USER;
	if (entry & UXN)
		d |= DENIED_USER_EXEC;
	if (entry & PXN)
		d |= DENIED_KERNEL_EXEC;
	return (uint8_t)d;
}

static void aarch64_paging_decode(const struct paging_family *family,
				  unsigned int level, uint64_t entry,
				  struct paging_entry *e)
{
	const struct paging_form *f = &family->form[level];
	bool table = entry & TABLE && level > 1;

	*e = (struct paging_entry){.kind = PAGING_ABSENT};
	if (!(entry & VALID))
		return;
	e->pa = (entry & (table ? f->table : f->page)) |
		(entry & f->page_high) << f->high_shift;
	if (table) {
		e->kind = PAGING_TABLE;
		e->denied = family->flat ? 0 : denied_by_table(entry);
	} else if (level == 1 ? (entry & TABLE) != 0 : f->large) {
		e->kind = PAGING_PAGE;
		e->denied = denied_by_page(entry);
	} else {
		e->kind = PAGING_RESERVED;
	}
}

/* docs/facts/aarch64.md, "Roots" */
#define FAMILY(forms, is_flat, mask, high)                                  \
	{                                                                   \
		.entry_bytes = 8, .flat = (is_flat), .root = (mask),        \
		.root_high = (high), .root_shift = 46, .form = (forms),     \
		.bits = bits, .attributes = ATTRIBUTES, .columns = columns, \
		.decode = aarch64_paging_decode                             \
	}
#define NARROW(forms, flat) FAMILY(forms, flat, 0x0000fffffffffffe, 0)
#define WIDE(forms, flat)   FAMILY(forms, flat, 0x0000ffffffffffc0, 0x3c)

enum granule {
	G4K,
	G4K_DS,
	G16K,
	G16K_DS,
	G64K,
	G64K_52,
	GRANULES
};

/* [1]: tables take no rights (HPDn). */
static const struct paging_family families[GRANULES][2] = {
	[G4K] = {NARROW(forms_4k, false), NARROW(forms_4k, true)},
	[G4K_DS] = {WIDE(forms_4k_ds, false), WIDE(forms_4k_ds, true)},
	[G16K] = {NARROW(forms_16k, false), NARROW(forms_16k, true)},
	[G16K_DS] = {WIDE(forms_16k_ds, false), WIDE(forms_16k_ds, true)},
	[G64K] = {NARROW(forms_64k, false), NARROW(forms_64k, true)},
	[G64K_52] = {WIDE(forms_64k_52, false), WIDE(forms_64k_52, true)},
};

#define MIN_BITS 25 /* D8.2: TxSZ up to 39 */
#define MAX_BITS 52

/* As many levels as it takes; the top one has what is left. */
#define ROW(g, flat, which, width, shift, words)                             \
	[(width)-MIN_BITS] = {&families[g][flat], ((width)-4) / ((shift)-3), \
			      width, which, words " granule, " #width " bits"}
#define ROWS(g, flat, which, s, w)                                            \
	{                                                                     \
		ROW(g, flat, which, 25, s, w), ROW(g, flat, which, 26, s, w), \
			ROW(g, flat, which, 27, s, w),                        \
			ROW(g, flat, which, 28, s, w),                        \
			ROW(g, flat, which, 29, s, w),                        \
			ROW(g, flat, which, 30, s, w),                        \
			ROW(g, flat, which, 31, s, w),                        \
			ROW(g, flat, which, 32, s, w),                        \
			ROW(g, flat, which, 33, s, w),                        \
			ROW(g, flat, which, 34, s, w),                        \
			ROW(g, flat, which, 35, s, w),                        \
			ROW(g, flat, which, 36, s, w),                        \
			ROW(g, flat, which, 37, s, w),                        \
			ROW(g, flat, which, 38, s, w),                        \
			ROW(g, flat, which, 39, s, w),                        \
			ROW(g, flat, which, 40, s, w),                        \
			ROW(g, flat, which, 41, s, w),                        \
			ROW(g, flat, which, 42, s, w),                        \
			ROW(g, flat, which, 43, s, w),                        \
			ROW(g, flat, which, 44, s, w),                        \
			ROW(g, flat, which, 45, s, w),                        \
			ROW(g, flat, which, 46, s, w),                        \
			ROW(g, flat, which, 47, s, w),                        \
			ROW(g, flat, which, 48, s, w),                        \
			ROW(g, flat, which, 49, s, w),                        \
			ROW(g, flat, which, 50, s, w),                        \
			ROW(g, flat, which, 51, s, w),                        \
			ROW(g, flat, which, 52, s, w)                         \
	}
#define HALVES(g, flat, s, w)                            \
	{                                                \
		ROWS(g, flat, PAGING_LOW, s, w),         \
			ROWS(g, flat, PAGING_HIGH, s, w) \
	}
#define BOTH(g, s, w)                                  \
	{                                              \
		HALVES(g, 0, s, w), HALVES(g, 1, s, w) \
	}

static const struct paging rows[GRANULES][2][2][MAX_BITS - MIN_BITS + 1] = {
	[G4K] = BOTH(G4K, 12, "4K"),	[G4K_DS] = BOTH(G4K_DS, 12, "4K"),
	[G16K] = BOTH(G16K, 14, "16K"), [G16K_DS] = BOTH(G16K_DS, 14, "16K"),
	[G64K] = BOTH(G64K, 16, "64K"), [G64K_52] = BOTH(G64K_52, 16, "64K"),
};

/* The two fields are coded differently: docs/facts/aarch64.md, "Translation
 * control". */
static int granule(uint64_t tcr, unsigned int root)
{
	static const int8_t low[] = {G4K, G64K, G16K, -1};
	static const int8_t high[] = {-1, G16K, G4K, G64K};
	int g = root == A64_TTBR0 ? low[tcr >> 14 & 3] : high[tcr >> 30 & 3];

	if (g == G64K)
		return (tcr >> 32 & 7) == TCR_IPS_52 ? G64K_52 : G64K;
	return g >= 0 && tcr & TCR_DS ? g + 1 : g;
}

const struct paging *aarch64_paging_of_tcr(uint64_t tcr, unsigned int root)
{
	unsigned int size = tcr >> (root == A64_TTBR0 ? 0 : 16) & 0x3f;
	bool flat = tcr & (root == A64_TTBR0 ? TCR_HPD0 : TCR_HPD1);
	int g = granule(tcr, root);

	if (g < 0 || size > 64 - MIN_BITS || size < 64 - MAX_BITS ||
	    ((g == G4K || g == G16K) && size < 16))
		return NULL;
	return &rows[g][flat][root][64 - size - MIN_BITS];
}
