/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of page walks on tables built by hand, every entry explained. */
#include "walk/walk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "kernel/x86_64_swap.h"
#include "unit/array_machine.h"
#include "walk/space.h"

/* Tables of the 4-level space: one page each. */
enum {
	PGD = 0x1000,
	PUD = 0x2000,
	PMD = 0x3000,
	PTE = 0x4000,
	PML5 = 0x5000
};

/* An address made of its indices. */
#define VA(pgd, pud, pmd, pte)                           \
	((uint64_t)(pgd) << 39 | (uint64_t)(pud) << 30 | \
	 (uint64_t)(pmd) << 21 | (uint64_t)(pte) << 12)

static struct array_machine a;
static const struct x86_64_swap swap_6_12 = {
	.os.absent = x86_64_absent,
	.known = true,
	.inverted = true,
	.hwpoison = 27,
	.migration = 28,
	.device = 32,
	.marker = 31,
	.swapin_error = 32,
	.pfn_bits = 34,
};
static struct walk_root four, five;

/* A swap entry as Linux >= 4.19 writes it: type on top, offset inverted. */
static uint64_t swap_entry(uint64_t type, uint64_t offset)
{
	return type << 59 | (~(offset << 14) >> 5 & 0x07fffffffffffe00);
}

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	four = (struct walk_root){
		.pgd = PGD, .paging = &paging_4level, .os = &swap_6_12.os};
	five = (struct walk_root){
		.pgd = PML5, .paging = &paging_5level, .os = &swap_6_12.os};

	/* pml5[0]: present, writable, user -> the same PGD page as a P4D */
	array_put64(&a, PML5, PGD | 0x67);
	/* pgd[254]: present, writable, user, accessed, dirty -> PUD */
	array_put64(&a, PGD + 254 * 8, PUD | 0x67);
	/* pgd[255]: read-only and with NX on top */
	array_put64(&a, PGD + 255 * 8, PUD | 0x65 | PTE_NX);
	/* pgd[256]: the first of the kernel half, no user bit */
	array_put64(&a, PGD + 256 * 8, PUD | 0x63);
	/* pgd[1]: PS is reserved at this level */
	array_put64(&a, PGD + 1 * 8, PUD | 0xe7);
	/* pgd[2]: its table lies outside RAM */
	array_put64(&a, PGD + 2 * 8, 0x7fff0000000 | 0x67);
	/* pgd[3]: not present, yet not zero: nothing that Linux writes */
	array_put64(&a, PGD + 3 * 8, 0x5000 | 0x66);

	/* pud[46] -> PMD; high software bits set, which are no address */
	array_put64(&a, PUD + 46 * 8, PMD | 0x67 | 1ULL << 52 | 1ULL << 58);
	/* pud[1]: 1 GiB page at 3 GiB, global, NX */
	array_put64(&a, PUD + 1 * 8, 0xc0000000 | 0x1e3 | PTE_NX);
	/* pud[2]: 1 GiB page with address bit 29 set: reserved */
	array_put64(&a, PUD + 2 * 8, 0xe0000000 | 0xe7);

	/* pmd[419] -> PTE */
	array_put64(&a, PMD + 419 * 8, PTE | 0x67);
	/* pmd[1]: 2 MiB page at 4 MiB with PAT (bit 12), user, writable */
	array_put64(&a, PMD + 1 * 8, 0x400000 | 0x1000 | 0xe7);
	/* pmd[2]: 2 MiB page with address bit 13 set: reserved */
	array_put64(&a, PMD + 2 * 8, 0x402000 | 0xe7);
	/* pmd[3]: huge PROT_NONE: G, PS, address 6 MiB inverted, no P */
	array_put64(&a, PMD + 3 * 8,
		    (~0x600000ULL & PTE_ADDR_2M) | PTE_G | PTE_PS | 0x60);
	/* pmd[4]: huge page on its way elsewhere: migration, write */
	array_put64(&a, PMD + 4 * 8, swap_entry(30, 0x1200));

	/* pte[266]: mtest's own example, bit 63 (NX) and software bits set */
	array_put64(&a, PTE + 266 * 8, 0x8000000106141867);
	/* pte[267]: NX, a protection key and saved-dirty around 0x10a000 */
	array_put64(&a, PTE + 267 * 8,
		    0x10a000 | 0x25 | PTE_NX | 5ULL << 59 | PTE_SAVED_D);
	/* pte[1]: swapped to slot 0x1234 of swap file 2 */
	array_put64(&a, PTE + 1 * 8, swap_entry(2, 0x1234));
	/* pte[2]: migrating from frame 0x77, with young and dirty above it */
	array_put64(&a, PTE + 2 * 8, swap_entry(28, 0x77 | 3ULL << 34));
	/* pte[3]: PROT_NONE (G without P), frame 0x12ab1 inverted */
	array_put64(&a, PTE + 3 * 8, 0x000fffffed54e960);
	/* pte[4]: hardware-poisoned frame 0x99 */
	array_put64(&a, PTE + 4 * 8, swap_entry(27, 0x99));
	/* pte[5]: pte marker, guard (bit 2) */
	array_put64(&a, PTE + 5 * 8, swap_entry(31, 4));
	/* pte[6]: PROT_NONE of a kernel that does not invert */
	array_put64(&a, PTE + 6 * 8, 0x55000 | PTE_G);
	/* pte[7]: zero, stays absent; pte[8]: bit 7 is PAT, no large page */
	array_put64(&a, PTE + 8 * 8, 0x20000 | 0xe7);
}

static void teardown(void)
{
	array_machine_deinit(&a);
}

static struct walk walk(const struct walk_root *root, uint64_t va)
{
	struct walk w;

	ck_assert_int_eq(walk_one(&a.machine, root, va, &w, NULL), 0);
	return w;
}

START_TEST(nx_never_leaks_into_the_address)
{
	/* mtest printed paddr = 0x8000000106141000 here. */
	struct walk w = walk(&four, 0x7f0bb470a000);

	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x106141000);
	ck_assert(w.nx);
	w = walk(&four, 0x7f0bb470a000 + 0xabc);
	ck_assert_uint_eq(w.pa, 0x106141abc);
	w = walk(&four, VA(254, 46, 419, 267) + 1);
	ck_assert_uint_eq(w.pa, 0x10a001);
	w = walk(&four, VA(254, 46, 419, 8));
	ck_assert_uint_eq(w.pa, 0x20000);
	ck_assert_uint_eq(w.page_size, 4096);
}
END_TEST

START_TEST(every_level_is_told)
{
	static const struct {
		uint64_t table, entry;
		unsigned int index, level;
	} want[] = {
		{PGD, PUD | 0x67, 254, 4},
		{PUD, PMD | 0x67 | 1ULL << 52 | 1ULL << 58, 46, 3},
		{PMD, PTE | 0x67, 419, 2},
		{PTE, 0x8000000106141867, 266, 1},
	};
	struct walk w = walk(&four, 0x7f0bb470a000);
	size_t i;

	ck_assert_uint_eq(w.n, 4);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(w.level[i].table, want[i].table);
		ck_assert_uint_eq(w.level[i].entry, want[i].entry);
		ck_assert_uint_eq(w.level[i].index, want[i].index);
		ck_assert_uint_eq(w.level[i].level, want[i].level);
		ck_assert_int_eq(w.level[i].kind,
				 i < 3 ? ENTRY_TABLE : ENTRY_PAGE);
	}
}
END_TEST

START_TEST(large_pages)
{
	struct walk w = walk(&four, VA(254, 46, 1, 5) + 0x123);

	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x405123); /* PAT in bit 12 is no address */
	ck_assert_uint_eq(w.page_size, 2 << 20);
	w = walk(&four, VA(254, 1, 7, 5) + 0x123);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0xc0000000 + (7 << 21) + 0x5123);
	ck_assert_uint_eq(w.page_size, 1 << 30);
}
END_TEST

START_TEST(five_levels)
{
	struct walk w = walk(&five, 0x7f0bb470a000);

	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x106141000);
	ck_assert_uint_eq(w.n, 5);
	ck_assert_str_eq(paging_level_name(five.paging, w.level[0].level),
			 "pgd");
	ck_assert_str_eq(paging_level_name(five.paging, w.level[1].level),
			 "p4d");
	/* pml5[1] is empty, though the address is canonical with 57 bits */
	w = walk(&five, 1ULL << 48);
	ck_assert_int_eq(w.result, WALK_ABSENT);
	ck_assert_uint_eq(w.n, 1);
}
END_TEST

/* Everything that is not a page, each told apart. */
static const struct {
	uint64_t va;
	enum walk_result result;
	uint64_t pa;
	const char *words;
} ends[] = {
	{VA(0, 0, 0, 0), WALK_ABSENT, 0, "pgd[0] = 0x0 (absent)"},
	{VA(254, 0, 0, 0), WALK_ABSENT, 0, "pud[0] = 0x0 (absent)"},
	{VA(254, 46, 419, 7), WALK_ABSENT, 0, "pte[7] = 0x0 (absent)"},
	{VA(254, 46, 419, 1), WALK_SWAPPED, 0, "(swapped)"},
	{VA(254, 46, 419, 2) + 9, WALK_MIGRATING, 0x77009, "(migrating)"},
	{VA(254, 46, 419, 3) + 8, WALK_PROT_NONE, 0x12ab1008, "(prot-none)"},
	{VA(254, 46, 419, 4), WALK_POISONED, 0x99000, "(poisoned)"},
	{VA(254, 46, 419, 5), WALK_MARKER, 0, "(pte-marker)"},
	{VA(254, 46, 419, 6), WALK_PROT_NONE, 0x55000, "(prot-none)"},
	{VA(254, 46, 3, 1), WALK_PROT_NONE, 0x601000, "(prot-none)"},
	{VA(254, 46, 4, 2), WALK_MIGRATING, 0x1202000, "(migrating)"},
	{VA(254, 2, 0, 0), WALK_RESERVED, 0, "(reserved-bit)"},
	{VA(254, 46, 2, 0), WALK_RESERVED, 0, "(reserved-bit)"},
	{VA(1, 0, 0, 0), WALK_RESERVED, 0, "pgd[1] = 0x20e7 (reserved-bit)"},
	{VA(2, 0, 0, 0), WALK_UNREADABLE, 0,
	 "pud[0]: the table at 0x7fff0000000 cannot be read"},
	{VA(3, 0, 0, 0), WALK_NOT_PRESENT, 0, "(not-present)"},
	{0x800000000000, WALK_NON_CANONICAL, 0, "not canonical"},
	{0xffff7fffffffffff, WALK_NON_CANONICAL, 0, "not canonical"},
};

START_TEST(ends_are_told_apart)
{
	struct walk w = walk(&four, ends[_i].va);
	char text[128];

	ck_assert_str_eq(walk_result_name(w.result),
			 walk_result_name(ends[_i].result));
	ck_assert_uint_eq(w.pa, ends[_i].pa);
	walk_describe(&w, text, sizeof(text));
	ck_assert_msg(strstr(text, ends[_i].words), "%s", text);
}
END_TEST

START_TEST(swap_entries_are_decoded)
{
	struct walk w = walk(&four, VA(254, 46, 419, 1));

	ck_assert_uint_eq(w.swap_type, 2);
	ck_assert_uint_eq(w.swap_offset, 0x1234);
	/* Without the kernel's format nothing is guessed. */
	four.os = NULL;
	w = walk(&four, VA(254, 46, 419, 1));
	ck_assert_int_eq(w.result, WALK_NOT_PRESENT);
}
END_TEST

START_TEST(old_swap_entries)
{
	struct x86_64_swap f = swap_6_12;
	struct walk w;

	/* 4.8 to 4.18: type in bits 9-13, offset from 14 on, not inverted */
	f.inverted = false;
	four.os = &f.os;
	array_put64(&a, PTE + 9 * 8, 3ULL << 9 | 0x777ULL << 14);
	w = walk(&four, VA(254, 46, 419, 9));
	ck_assert_int_eq(w.result, WALK_SWAPPED);
	ck_assert_uint_eq(w.swap_type, 3);
	ck_assert_uint_eq(w.swap_offset, 0x777);
}
END_TEST

START_TEST(permissions_are_combined)
{
	/* pgd[254] and below: writable and user down to pmd[1] */
	struct walk w = walk(&four, VA(254, 46, 1, 0));

	ck_assert(w.write && w.user && !w.nx);
	/* pgd[255] takes write away and adds NX */
	w = walk(&four, VA(255, 46, 1, 0));
	ck_assert(!w.write && w.user && w.nx);
	/* pgd[256] takes user away */
	w = walk(&four, 0xffff800000000000 | VA(0, 46, 1, 0));
	ck_assert(w.write && !w.user && !w.nx);
}
END_TEST

START_TEST(pti_poison_does_not_count)
{
	struct walk w;

	four.poison = PTE_NX;
	w = walk(&four, VA(255, 46, 1, 0));
	ck_assert(!w.nx);
	/* Below the top, and in the kernel half, NX is meant. */
	w = walk(&four, VA(254, 46, 419, 266));
	ck_assert(w.nx);
	array_put64(&a, PGD + 256 * 8, PUD | 0x63 | PTE_NX);
	machine_drop_cache(&a.machine);
	w = walk(&four, 0xffff800000000000 | VA(0, 46, 1, 0));
	ck_assert(w.nx);
}
END_TEST

START_TEST(canonical_addresses)
{
	ck_assert(paging_canonical(four.paging, 0x7fffffffffff));
	ck_assert(!paging_canonical(four.paging, 0x800000000000));
	ck_assert(paging_canonical(four.paging, 0xffff800000000000));
	ck_assert(paging_canonical(five.paging, 0x00ffffffffffffff));
	ck_assert(!paging_canonical(five.paging, 0x0100000000000000));
	ck_assert(paging_canonical(five.paging, 0xff00000000000000));
	ck_assert(x86_64_paging_of_cr4(0x751eb0) == &paging_5level);
	ck_assert(x86_64_paging_of_cr4(0x6f0) == &paging_4level);
}
END_TEST

static const char *bits_of(const struct paging *mode, uint64_t entry,
			   unsigned int level, enum walk_entry_kind kind,
			   size_t size)
{
	static char text[128];

	(void)kind;
	paging_entry_bits(mode, level, entry, text, size);
	return text;
}

/* What the bits of an entry are called, in all forms of tables. */
static const struct {
	const struct paging *mode;
	uint64_t entry;
	unsigned int level;
	enum walk_entry_kind kind;
	const char *bits;
} names[] = {
	{&paging_4level, 0x8000000106141867, 1, ENTRY_PAGE,
	 "P RW US A D SOFT_DIRTY NX"},
	{&paging_4level, 0x400000 | 0x10e7, 2, ENTRY_PAGE,
	 "P RW US A D PS PAT"},
	{&paging_5level, PTE | 0x67, 2, ENTRY_TABLE, "P RW US A"},
	{&paging_4level, 0x1067 | 5ULL << 59, 1, ENTRY_PAGE,
	 "P RW US A D PKEY=5"},
	{&paging_4level, 0x1060, 1, ENTRY_END, ""},
	/* a PDPTE: no rights; reserved bits have no name */
	{&paging_pae, 0x1000 | 0x1ff, 3, ENTRY_TABLE, "P PWT PCD"},
	{&paging_pae, 0x8000000000001867, 1, ENTRY_PAGE, "P RW US A D NX"},
	{&paging_pae, 0x4000e7 | 0x1000, 2, ENTRY_PAGE, "P RW US A D PS PAT"},
	{&paging_32bit, 0x801e7, 1, ENTRY_PAGE, "P RW US A D PAT G"},
	{&paging_32bit, 0x4010e3, 2, ENTRY_PAGE, "P RW A D PS PAT"},
	{&paging_32bit_4k, 0x20e7, 2, ENTRY_TABLE, "P RW US A"},
};

START_TEST(entry_bits_have_names)
{
	ck_assert_str_eq(bits_of(names[_i].mode, names[_i].entry,
				 names[_i].level, names[_i].kind, 128),
			 names[_i].bits);
}
END_TEST

START_TEST(names_are_cut)
{
	ck_assert_str_eq(
		bits_of(&paging_4level, 0x8000000106141867, 1, ENTRY_PAGE, 6),
		"P RW ");
}
END_TEST

START_TEST(many_walks_take_one_batch_a_level)
{
	struct walk w[200];
	size_t i;

	for (i = 0; i < 200; i++)
		walk_launch(&w[i], &four, VA(254, 46, 419, i));
	ck_assert_int_eq(walk_run(&a.machine, w, 200, NULL), 0);
	ck_assert_uint_eq(a.machine.stats.batches, 4);
	ck_assert_int_eq(w[1].result, WALK_SWAPPED);
	ck_assert_int_eq(w[100].result, WALK_ABSENT);
}
END_TEST

START_TEST(space_reads_end_where_memory_ends)
{
	uint8_t x[8192];
	struct space_read r[] = {
		/* pte[8] is mapped, pte[9] is not */
		{.root = &four,
		 .va = VA(254, 46, 419, 8) + 0xf00,
		 .dst = x,
		 .len = 0x200},
		{.root = &four, .va = 0x800000000000, .dst = x, .len = 1},
		/* mapped, but to physical memory that is no RAM */
		{.root = &four, .va = 0x7f0bb470a000, .dst = x, .len = 8},
	};
	struct err err;

	memset(a.bytes + 0x20f00, 0x5a, 0x100);
	ck_assert_int_eq(space_read(&a.machine, r, 3, NULL), 0);
	ck_assert_uint_eq(r[0].got, 0x100);
	ck_assert_int_eq(r[0].end, WALK_ABSENT);
	ck_assert_uint_eq(x[0xff], 0x5a);
	ck_assert_uint_eq(r[1].got, 0);
	ck_assert_int_eq(r[1].end, WALK_NON_CANONICAL);
	ck_assert_uint_eq(r[2].got, 0);
	ck_assert_int_eq(r[2].end, WALK_MAPPED);
	ck_assert_int_eq(
		space_read_all(&a.machine, &four, r[0].va, x, 0x200, &err),
		ERR_UNREADABLE);
	ck_assert_str_eq(err.text, "0x7f0bb4609000: pte[9] = 0x0 (absent)");
}
END_TEST

START_TEST(runs_merge_like_neighbours)
{
	struct space_tables tables = {.left = 16};
	struct space_run *runs;
	size_t n;

	/* Under pmd[5]: two pages alike, one read-only, a hole, one more. */
	array_put64(&a, PMD + 5 * 8, 0x6000 | 0x67);
	array_put64(&a, 0x6000 + 0 * 8, 0x30000 | 0x67);
	array_put64(&a, 0x6000 + 1 * 8, 0x90000 | 0x67);
	array_put64(&a, 0x6000 + 2 * 8, 0x50000 | 0x65);
	array_put64(&a, 0x6000 + 4 * 8, 0x60000 | 0x67);
	ck_assert_int_eq(space_runs(&a.machine, &four, VA(254, 46, 5, 0),
				    VA(254, 46, 6, 0), &tables, &runs, &n,
				    NULL),
			 0);
	ck_assert_uint_eq(tables.left, 16 - 4);
	ck_assert_uint_eq(tables.unreadable, 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(runs[0].va, VA(254, 46, 5, 0));
	ck_assert_uint_eq(runs[0].len, 0x2000);
	ck_assert(runs[0].write);
	ck_assert_uint_eq(runs[1].len, 0x1000);
	ck_assert(!runs[1].write);
	ck_assert_uint_eq(runs[2].va, VA(254, 46, 5, 4));
	free(runs);
}
END_TEST

START_TEST(runs_are_bounded)
{
	struct space_tables tables = {.left = 1000};
	struct space_run *runs = NULL;
	struct err err;
	size_t n, i;

	/* A page table that maps itself everywhere: 512^3 pages. */
	for (i = 0; i < 512; i++)
		array_put64(&a, PGD + i * 8, PGD | 0x67);
	ck_assert_int_eq(space_runs(&a.machine, &four, 0, 1ULL << 47, &tables,
				    &runs, &n, &err),
			 ERR_CORRUPT);
	ck_assert_ptr_null(runs);
}
END_TEST

/* A table that cannot be read hides what it maps: that is told. */
START_TEST(tables_that_cannot_be_read_are_counted)
{
	uint64_t last = (1ULL << 47) - 1, *slots = NULL;
	struct space_tables tables = {.left = 1000};
	struct space_extent *extents = NULL;
	struct space_run *runs = NULL;
	size_t n = 1;

	memset(a.bytes, 0, a.size);
	array_put64(&a, PGD + 3 * 8, PUD | 0x67);
	array_put64(&a, PUD + 4 * 8, PMD | 0x67);
	array_put64(&a, PUD + 6 * 8, 0x2000000000 | 0x67); /* no RAM */
	array_put64(&a, PMD + 5 * 8, PTE | 0x67);
	array_put64(&a, PTE + 7 * 8, 0x6000 | 0x67);
	a.fail_from = PTE;
	a.fail_to = PTE + 0x1000;
	ck_assert(!space_extents(&a.machine, &four, 0, last, &tables, &extents,
				 &n, NULL));
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(tables.unreadable, 2);
	ck_assert_uint_eq(tables.pa, 0x2000000000);
	ck_assert_uint_eq(tables.va, VA(3, 6, 0, 0));
	tables = (struct space_tables){.left = 1000, .level = 1};
	ck_assert(!space_runs(&a.machine, &four, 0, last + 1, &tables, &runs,
			      &n, NULL));
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(tables.unreadable, 1);
	ck_assert_uint_eq(tables.va, VA(3, 4, 5, 0));
	tables = (struct space_tables){.left = 1000};
	machine_drop_cache(&a.machine);
	a.fail_from = PUD;
	a.fail_to = PUD + 0x1000;
	ck_assert(!space_slots(&a.machine, &four, 0, last, &tables, &slots, &n,
			       NULL));
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(tables.unreadable, 1);
	ck_assert_uint_eq(tables.pa, PUD);
	free(extents);
	free(runs);
	free(slots);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walk");
	TCase *t = tcase_create("walk");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nx_never_leaks_into_the_address);
	tcase_add_test(t, every_level_is_told);
	tcase_add_test(t, large_pages);
	tcase_add_test(t, five_levels);
	tcase_add_loop_test(t, ends_are_told_apart, 0,
			    sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(t, swap_entries_are_decoded);
	tcase_add_test(t, old_swap_entries);
	tcase_add_test(t, permissions_are_combined);
	tcase_add_test(t, pti_poison_does_not_count);
	tcase_add_test(t, canonical_addresses);
	tcase_add_loop_test(t, entry_bits_have_names, 0,
			    sizeof(names) / sizeof(names[0]));
	tcase_add_test(t, names_are_cut);
	tcase_add_test(t, many_walks_take_one_batch_a_level);
	tcase_add_test(t, space_reads_end_where_memory_ends);
	tcase_add_test(t, runs_merge_like_neighbours);
	tcase_add_test(t, runs_are_bounded);
	tcase_add_test(t, tables_that_cannot_be_read_are_counted);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
