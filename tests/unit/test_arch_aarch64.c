/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of aarch64: forms of tables by TCR, walks of tables built by hand. */
#include "arch/aarch64.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/array_machine.h"
#include "walk/space.h"
#include "walk/walk.h"

#define RAM 0x400000u

/* TCR_EL1 of real guests: granule, bits and levels that they run with. */
static const struct {
	uint64_t tcr;
	unsigned int root;
	const char *name; /* NULL: there is no such form */
	unsigned int levels;
	uint8_t shift[5]; /* from the top */
	unsigned int top; /* entries of the top table */
} forms[] = {
	/* 5.10, 6.1, 7.2 on a cortex-a57 */
	{0x00400034b5503510,
	 0,
	 "4K granule, 48 bits",
	 4,
	 {39, 30, 21, 12},
	 512},
	{0x00500074b5503510,
	 1,
	 "4K granule, 48 bits",
	 4,
	 {39, 30, 21, 12},
	 512},
	{0x04500074b5503510,
	 1,
	 "4K granule, 48 bits",
	 4,
	 {39, 30, 21, 12},
	 512},
	/* 6.12 with 52 bits, and with pages of 16 KiB 7.2 */
	{0x095001f6b54c350c,
	 1,
	 "4K granule, 52 bits",
	 5,
	 {48, 39, 30, 21, 12},
	 16},
	{0x0d5001f6754cb50c,
	 1,
	 "16K granule, 52 bits",
	 4,
	 {47, 36, 25, 14},
	 32},
	{0x0d5001f6754cb50c,
	 0,
	 "16K granule, 52 bits",
	 4,
	 {47, 36, 25, 14},
	 32},
	/* T1SZ and TG1, T0SZ and TG0 by hand */
	{25ULL << 16 | 2ULL << 30,
	 1,
	 "4K granule, 39 bits",
	 3,
	 {30, 21, 12},
	 512},
	{28ULL << 16 | 1ULL << 30,
	 1,
	 "16K granule, 36 bits",
	 2,
	 {25, 14},
	 2048},
	{17ULL << 16 | 1ULL << 30,
	 1,
	 "16K granule, 47 bits",
	 3,
	 {36, 25, 14},
	 2048},
	{16ULL << 16 | 1ULL << 30,
	 1,
	 "16K granule, 48 bits",
	 4,
	 {47, 36, 25, 14},
	 2},
	{22ULL << 16 | 3ULL << 30,
	 1,
	 "64K granule, 42 bits",
	 2,
	 {29, 16},
	 8192},
	{16ULL << 16 | 3ULL << 30,
	 1,
	 "64K granule, 48 bits",
	 3,
	 {42, 29, 16},
	 64},
	{12ULL << 16 | 3ULL << 30 | 6ULL << 32,
	 1,
	 "64K granule, 52 bits",
	 3,
	 {42, 29, 16},
	 1024},
	{32 | 1ULL << 14, 0, "64K granule, 32 bits", 2, {29, 16}, 8},
	{24 | 2ULL << 14, 0, "16K granule, 40 bits", 3, {36, 25, 14}, 16},
	{39, 0, "4K granule, 25 bits", 2, {21, 12}, 16},
	/* reserved: a granule, and sizes that none has */
	{16ULL << 16, 1, NULL, 0, {0}, 0},
	{16 | 3ULL << 14, 0, NULL, 0, {0}, 0},
	{40, 0, NULL, 0, {0}, 0},
	{12, 0, NULL, 0, {0}, 0},
	{11 | 1ULL << 59, 0, NULL, 0, {0}, 0},
};

START_TEST(tcr_tells_the_form)
{
	const struct paging *p =
		aarch64_paging_of_tcr(forms[_i].tcr, forms[_i].root);
	unsigned int i;

	if (!forms[_i].name) {
		ck_assert_ptr_null(p);
		return;
	}
	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->name, forms[_i].name);
	ck_assert_uint_eq(p->levels, forms[_i].levels);
	for (i = 0; i < p->levels; i++)
		ck_assert_uint_eq(p->family->form[p->levels - i].shift,
				  forms[_i].shift[i]);
	ck_assert_uint_eq(1U << paging_bits(p, p->levels), forms[_i].top);
	ck_assert_int_eq(p->half, forms[_i].root ? PAGING_HIGH : PAGING_LOW);
}
END_TEST

static struct array_machine a;

static void setup(void)
{
	array_machine_init(&a, RAM);
	a.machine.arch = &arch_aarch64;
}

static void teardown(void)
{
	array_machine_deinit(&a);
}

static struct walk walk(uint64_t tcr, unsigned int root, uint64_t ttbr,
			uint64_t va)
{
	/* The walk has it for as long as it is looked at. */
	static struct walk_root r;
	struct walk w;

	r = (struct walk_root){.pgd = ttbr,
			       .paging = aarch64_paging_of_tcr(tcr, root)};
	ck_assert_ptr_nonnull(r.paging);
	machine_drop_cache(&a.machine);
	ck_assert_int_eq(walk_one(&a.machine, &r, va, &w, NULL), 0);
	return w;
}

#define TCR_4K_48  0x00500074b5503510
#define TCR_4K_39  (25ULL << 16 | 2ULL << 30 | 25)
#define TCR_4K_52  0x095001f6b54c350c
#define TCR_16K_47 (17ULL << 16 | 1ULL << 30)
#define TCR_64K_42 (22ULL << 16 | 3ULL << 30)
#define TCR_64K_52 (12ULL << 16 | 3ULL << 30 | 6ULL << 32)

/* Kernel text of 6.1 and a user's page as guests had them. */
#define ASID 0x0216000000000000ULL
#define CNP  1ULL

START_TEST(four_levels_of_4k)
{
	struct walk w;

	/* TTBR1 with an ASID and CnP; 0xffff800008010123: 256, 0, 64, 16 */
	array_put64(&a, 0x1000 + 256 * 8, 0x2003);
	array_put64(&a, 0x2000, 0x3003);
	array_put64(&a, 0x3000 + 64 * 8, 0x4003);
	/* valid page, AF, inner shareable, read-only, UXN */
	array_put64(&a, 0x4000 + 16 * 8, 0x0040000000100783);
	w = walk(TCR_4K_48, 1, 0x1000 | ASID | CNP, 0xffff800008010123);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x100123);
	ck_assert_uint_eq(w.page_size, 4096);
	ck_assert(!w.write && !w.user && !w.nx);
	ck_assert_uint_eq(w.n, 4);
	ck_assert_uint_eq(w.level[0].table, 0x1000);
	/* a block of 2 MiB, writable, PXN and UXN */
	array_put64(&a, 0x3000 + 65 * 8, 0x0060000000200701);
	w = walk(TCR_4K_48, 1, 0x1000, 0xffff800008212345);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x212345);
	ck_assert_uint_eq(w.page_size, 2 << 20);
	ck_assert(w.write && !w.user && w.nx);
	/* no address of the low half goes this way */
	w = walk(TCR_4K_48, 1, 0x1000, 0x800008010123);
	ck_assert_int_eq(w.result, WALK_NON_CANONICAL);
	w = walk(TCR_4K_48, 0, 0x1000, 0xffff800008010123);
	ck_assert_int_eq(w.result, WALK_NON_CANONICAL);
}
END_TEST

START_TEST(user_pages)
{
	struct walk w;

	/* 39 bits: 1, 2, 3; user tables carry PXNTable since 5.13 */
	array_put64(&a, 0x1000 + 1 * 8, 0x0800000000002003);
	array_put64(&a, 0x2000 + 2 * 8, 0x0800000000003003);
	/* written to: DBM, DIRTY and UXN set, read-only clear */
	array_put64(&a, 0x3000 + 3 * 8, 0x00e8000000100f43);
	w = walk(TCR_4K_39, 0, 0x1000, 0x40403010);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x100010);
	ck_assert(w.write && w.user && w.nx);
	/* clean: read-only, but DBM tells that it may be written */
	array_put64(&a, 0x3000 + 4 * 8, 0x0068000000100fc3);
	w = walk(TCR_4K_39, 0, 0x1000, 0x40404010);
	ck_assert(w.write && w.user && w.nx);
	/* text: user, read-only, PXN and no UXN */
	array_put64(&a, 0x3000 + 5 * 8, 0x0020000000100fc3);
	w = walk(TCR_4K_39, 0, 0x1000, 0x40405010);
	ck_assert(!w.write && w.user && !w.nx);
	/* what a table takes its pages do not have, unless HPD0 is set */
	array_put64(&a, 0x2000 + 6 * 8, 0x7000000000003003);
	w = walk(TCR_4K_39, 0, 0x1000, 0x40c05010);
	ck_assert(!w.write && !w.user);
	w = walk(TCR_4K_39 | TCR_HPD0, 0, 0x1000, 0x40c03010);
	ck_assert(w.write && w.user);
}
END_TEST

/* Each end, in the tables of above. */
static const struct {
	uint64_t entry;
	unsigned int level;
	enum walk_result result;
} ends[] = {
	{0, 1, WALK_ABSENT},
	{0, 3, WALK_ABSENT},
	/* software's own: not known */
	{0x00e0000000100f82, 1, WALK_NOT_PRESENT},
	{0x20300, 1, WALK_NOT_PRESENT},
	{0x04e0000000200f80, 2, WALK_NOT_PRESENT},
	/* no page of the last level, no block of the first */
	{0x100701, 1, WALK_RESERVED},
	{0x100701, 4, WALK_RESERVED},
	/* a table outside RAM */
	{0x7fff0000003, 2, WALK_UNREADABLE},
};

START_TEST(ends_are_told_apart)
{
	struct walk w;

	array_put64(&a, 0x1000, 0x2003);
	array_put64(&a, 0x2000, 0x3003);
	array_put64(&a, 0x3000, 0x4003);
	array_put64(&a, 0x5000 - 0x1000 * ends[_i].level, ends[_i].entry);
	w = walk(TCR_4K_48, 0, 0x1000, 0x10);
	ck_assert_str_eq(walk_result_name(w.result),
			 walk_result_name(ends[_i].result));
}
END_TEST

START_TEST(wide_addresses)
{
	struct walk w;

	/* DS: 51:50 are bits 9:8; the top table has 16 entries, anywhere */
	array_put64(&a, 0x1080 + 15 * 8, 0x2003);
	array_put64(&a, 0x2000 + 511 * 8, 0x3003);
	array_put64(&a, 0x3000 + 511 * 8, 0x4003);
	array_put64(&a, 0x4000 + 511 * 8, 0x5003);
	array_put64(&a, 0x5000 + 511 * 8, 0x0002000000001e43);
	w = walk(TCR_4K_52, 1, 0x1080, UINT64_MAX - 0xfff);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.n, 5);
	ck_assert_uint_eq(w.pa, 0x000a000000001000);
	/* a block of 512 GiB is one with DS alone */
	array_put64(&a, 0x2000, 0x0000008000000701);
	w = walk(TCR_4K_52, 1, 0x1080, 0xffff000000000000 + 0x123456);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.page_size, 1ULL << 39);
	ck_assert_uint_eq(w.pa, 0x000c008000123456);
	/* the root too: 51:48 are bits 5:2 */
	w = walk(TCR_4K_52, 1, 0x1080 | 1 << 2, UINT64_MAX);
	ck_assert_int_eq(w.result, WALK_UNREADABLE);
	ck_assert_uint_eq(w.level[0].table, 0x0001000000001080);
	/* 64 KiB: 51:48 are bits 15:12 */
	array_put64(&a, 0x10000 + 1023 * 8, 0x20003);
	array_put64(&a, 0x20000 + 8191 * 8, 0x0040000000301701);
	w = walk(TCR_64K_52, 1, 0x10000, UINT64_MAX);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.page_size, 1ULL << 29);
	ck_assert_uint_eq(w.pa, 0x000100001fffffff);
}
END_TEST

START_TEST(other_granules)
{
	struct walk w;

	/* 16K, 47 bits: 2048 entries, 1024 of them... 1, 2, 3 */
	array_put64(&a, 0x10000 + 1 * 8, 0x14003);
	array_put64(&a, 0x14000 + 2 * 8, 0x18003);
	array_put64(&a, 0x18000 + 3 * 8, 0x104703);
	w = walk(TCR_16K_47, 1, 0x10000,
		 (~0ULL << 47) + (1ULL << 36) + (2 << 25) + (3 << 14) + 5);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x104005);
	ck_assert_uint_eq(w.page_size, 16384);
	/* blocks of 32 MiB */
	array_put64(&a, 0x14000 + 4 * 8, 0x2000701);
	w = walk(TCR_16K_47, 1, 0x10000,
		 (~0ULL << 47) + (1ULL << 36) + (4 << 25) + 0x1abcdef);
	ck_assert_uint_eq(w.pa, 0x3abcdef);
	ck_assert_uint_eq(w.page_size, 32 << 20);
	/* 64K, 42 bits: 8192 entries and as many; blocks of 512 MiB */
	array_put64(&a, 0x20000 + 8191 * 8, 0x30003);
	array_put64(&a, 0x30000 + 8190 * 8, 0x110703);
	array_put64(&a, 0x20000 + 2 * 8, 0x20000701);
	w = walk(TCR_64K_42, 1, 0x20000, UINT64_MAX - 0x1ffff);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x110000);
	w = walk(TCR_64K_42, 1, 0x20000, (~0ULL << 42) + (2ULL << 29) + 7);
	ck_assert_uint_eq(w.pa, 0x20000007);
	ck_assert_uint_eq(w.page_size, 512 << 20);
}
END_TEST

/* Tables that lead to themselves come to an end, one by one and by range. */
START_TEST(a_circle_ends)
{
	const struct walk_root root = {
		.pgd = 0x1000, .paging = aarch64_paging_of_tcr(TCR_4K_48, 0)};
	struct space_tables tables = {.left = 64};
	struct space_run *runs = NULL;
	struct err err = {0};
	struct walk w;
	size_t n = 0, i;

	for (i = 0; i < 512; i++)
		array_put64(&a, 0x1000 + i * 8, 0x1003);
	w = walk(TCR_4K_48, 0, 0x1000, 0x123456789abc);
	ck_assert_int_eq(w.result, WALK_MAPPED);
	ck_assert_uint_eq(w.pa, 0x1abc);
	ck_assert_int_eq(space_runs(&a.machine, &root, 0, 1ULL << 48, &tables,
				    &runs, &n, &err),
			 ERR_CORRUPT);
}
END_TEST

START_TEST(ranges)
{
	const struct walk_root root = {
		.pgd = 0x10000, .paging = aarch64_paging_of_tcr(TCR_16K_47, 1)};
	struct space_tables tables = {.left = 8};
	struct space_run *runs = NULL;
	size_t n = 0;

	/* two pages at the very end of the address space */
	array_put64(&a, 0x10000 + 2047 * 8, 0x14003);
	array_put64(&a, 0x14000 + 2047 * 8, 0x18003);
	array_put64(&a, 0x18000 + 2046 * 8, 0x104703);
	array_put64(&a, 0x18000 + 2047 * 8, 0x10c703);
	ck_assert_int_eq(space_runs(&a.machine, &root, ~0ULL << 47, 0, &tables,
				    &runs, &n, NULL),
			 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(runs[0].va, UINT64_MAX - 0x7fff);
	ck_assert_uint_eq(runs[0].len, 0x8000);
	free(runs);
}
END_TEST

static struct vcpu vcpu(uint64_t cpsr, uint64_t sctlr, uint64_t tcr)
{
	struct vcpu v = {.arch = &arch_aarch64};

	v.reg[A64_CPSR] = cpsr;
	v.reg[A64_SCTLR_EL1] = sctlr;
	v.reg[A64_TCR_EL1] = tcr;
	v.reg[A64_TTBR0_EL1] = 0x1000 | ASID;
	v.reg[A64_TTBR1_EL1] = 0x2000 | ASID | CNP;
	return v;
}

START_TEST(modes)
{
	struct vcpu v = vcpu(0x600003c5, 0x30d5d91d, TCR_4K_48);
	const struct arch *arch = v.arch;
	uint64_t tag;

	ck_assert_str_eq(arch->mode(&v), "AArch64");
	ck_assert_int_eq(arch->level(&v), 1);
	ck_assert(!arch->user_mode(&v));
	ck_assert_uint_eq(vcpu_table(&v, 0, arch->paging(&v, 0)), 0x1000);
	ck_assert_uint_eq(vcpu_table(&v, 1, arch->paging(&v, 1)), 0x2000);
	/* Linux has the ASID in TTBR1 (A1), of 16 bits (AS) */
	ck_assert(!arch->tag(&v, 0, &tag));
	ck_assert(arch->tag(&v, 1, &tag) && tag == 0x216);
	/* the top byte of user addresses does not count, here the other's too
	 */
	ck_assert_uint_eq(arch->strip(&v, 0, 0xab00123456789abc),
			  0x123456789abc);
	ck_assert_uint_eq(arch->strip(&v, 1, 0x00ff800012345678),
			  0xffff800012345678);
	/* user mode, and a process of 32 bits */
	v.reg[A64_CPSR] = 0x60000000;
	ck_assert(arch->user_mode(&v) && arch->level(&v) == 0);
	v.reg[A64_CPSR] = 0x20000010;
	ck_assert(arch->user_mode(&v));
	ck_assert_str_eq(arch->mode(&v), "AArch32");
	/* no walks by a root that is off, nor without the MMU */
	v.reg[A64_TCR_EL1] |= TCR_EPD1;
	ck_assert_ptr_nonnull(arch->paging(&v, 0));
	ck_assert_ptr_null(arch->paging(&v, 1));
	v.reg[A64_SCTLR_EL1] = 0;
	ck_assert_ptr_null(arch->paging(&v, 0));
}
END_TEST

/* What EL1 has is left from boot then, and right on one CPU at best. */
START_TEST(a_host_with_vhe)
{
	struct vcpu v = vcpu(0x600003c9, 0, TCR_4K_39);

	v.reg[A64_HCR_EL2] = 0x488000000;
	v.reg[A64_SCTLR_EL2] = 0x30d5d91d;
	v.reg[A64_TCR_EL2] = TCR_4K_48;
	v.reg[A64_TTBR0_EL2] = 0x5000;
	v.reg[A64_TTBR1_EL2] = 0x6000;
	ck_assert_int_eq(v.arch->level(&v), 2);
	ck_assert_str_eq(v.arch->paging(&v, 1)->name, "4K granule, 48 bits");
	ck_assert_uint_eq(vcpu_root(&v, 0), 0x5000);
	ck_assert_uint_eq(vcpu_root(&v, 1), 0x6000);
}
END_TEST

/* What is set in an entry, in words. */
static const struct {
	uint64_t entry;
	unsigned int level;
	const char *words;
} bits[] = {
	{0x0040000000100783, 1, "V RDONLY AF UXN"},
	{0x00e8000000100f43, 1, "V USER AF NG DBM PXN UXN DIRTY"},
	{0x0060000000200711, 2, "V ATTR=4 AF PXN UXN"},
	{0x0800000000002003, 3, "V PXN_TABLE"},
	{0x0800000000002403, 3, "V AF PXN_TABLE"},
	{0x00e0000000100f82, 1, ""},
};

START_TEST(entries_in_words)
{
	const struct paging *p = aarch64_paging_of_tcr(TCR_4K_48, 0);
	char text[128];

	paging_entry_bits(p, bits[_i].level, bits[_i].entry, text,
			  sizeof(text));
	ck_assert_str_eq(text, bits[_i].words);
}
END_TEST

#define COUNT(x) ((int)(sizeof(x) / sizeof((x)[0])))

int main(void)
{
	Suite *s = suite_create("arch/aarch64");
	TCase *t = tcase_create("arch/aarch64");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, tcr_tells_the_form, 0, COUNT(forms));
	tcase_add_test(t, four_levels_of_4k);
	tcase_add_test(t, user_pages);
	tcase_add_loop_test(t, ends_are_told_apart, 0, COUNT(ends));
	tcase_add_test(t, wide_addresses);
	tcase_add_test(t, other_granules);
	tcase_add_test(t, a_circle_ends);
	tcase_add_test(t, ranges);
	tcase_add_test(t, modes);
	tcase_add_test(t, a_host_with_vhe);
	tcase_add_loop_test(t, entries_in_words, 0, COUNT(bits));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
