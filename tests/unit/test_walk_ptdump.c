/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of whole address spaces, on tables built by hand. */
#include "walk/ptdump.h"

#include <check.h>
#include <stdlib.h>

#include "arch/x86_64.h"
#include "unit/array_machine.h"

enum {
	PGD = 0x1000,
	PUD = 0x2000,
	PMD = 0x3000,
	PTE = 0x4000,
	OTHER = 0x5000
};

/* An address made of its indices; the kernel's half above 255. */
#define LOW(pgd, pud, pmd, pte)                          \
	((uint64_t)(pgd) << 39 | (uint64_t)(pud) << 30 | \
	 (uint64_t)(pmd) << 21 | (uint64_t)(pte) << 12)
#define HIGH(pgd, pud, pmd, pte) \
	(0xffff000000000000ULL | LOW(pgd, pud, pmd, pte))

#define RW  0x63ULL /* P RW A D */
#define RO  0x61ULL
#define USR 0x67ULL

static struct array_machine a;
static struct walk_root root;
static struct ptdump d;

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	root = (struct walk_root){.pgd = PGD, .paging = &paging_4level};
	d = (struct ptdump){.cut = false};
	array_put64(&a, PGD + 511 * 8, PUD | RW);
	array_put64(&a, PUD + 510 * 8, PMD | RW);
}

static void teardown(void)
{
	ptdump_deinit(&d);
	array_machine_deinit(&a);
}

static void dump(enum ptdump_half half)
{
	ck_assert_int_eq(ptdump_read(&a.machine, &root, half, &d, NULL), 0);
}

static void check_run(size_t i, uint64_t va, uint64_t len, unsigned int level)
{
	ck_assert_uint_lt(i, d.runs.n);
	ck_assert_uint_eq(d.runs.v[i].va, va);
	ck_assert_uint_eq(d.runs.v[i].len, len);
	ck_assert_uint_eq(d.runs.v[i].level, level);
}

START_TEST(neighbours_that_are_alike_are_one)
{
	uint64_t base = HIGH(511, 510, 0, 0);

	/* pmd[0], pmd[1]: 2 MiB pages, global, somewhere; A and D differ */
	array_put64(&a, PMD + 0 * 8, 0x200000 | RO | PTE_PS | PTE_G);
	array_put64(&a, PMD + 1 * 8, 0xa00000 | 0x1 | PTE_PS | PTE_G);
	/* pmd[2] -> ptes: two alike, a software bit among them */
	array_put64(&a, PMD + 2 * 8, PTE | RW);
	array_put64(&a, PTE + 0 * 8, 0x30000 | RO | PTE_G);
	array_put64(&a, PTE + 1 * 8, 0x90000 | RO | PTE_G | 1 << 9);
	/* then NX; then writable; then without cache; a hole; one more */
	array_put64(&a, PTE + 2 * 8, 0x31000 | RO | PTE_G | PTE_NX);
	array_put64(&a, PTE + 3 * 8, 0x32000 | RW | PTE_G | PTE_NX);
	array_put64(&a, PTE + 4 * 8, 0x33000 | RW | PTE_G | PTE_NX | PTE_PCD);
	array_put64(&a, PTE + 6 * 8, 0x33000 | RW | PTE_G | PTE_NX | PTE_PCD);
	dump(PTDUMP_BOTH);
	ck_assert_uint_eq(d.runs.n, 6);
	check_run(0, base, 4 << 20, 2);
	ck_assert_uint_eq(d.runs.v[0].attributes, PTE_PS | PTE_G);
	check_run(1, base + (4 << 20), 0x2000, 1);
	ck_assert(!d.runs.v[1].write && !d.runs.v[1].nx && !d.runs.v[1].user);
	check_run(2, base + (4 << 20) + 0x2000, 0x1000, 1);
	ck_assert(d.runs.v[2].nx && !d.runs.v[2].write);
	check_run(3, base + (4 << 20) + 0x3000, 0x1000, 1);
	ck_assert(d.runs.v[3].write);
	check_run(4, base + (4 << 20) + 0x4000, 0x1000, 1);
	check_run(5, base + (4 << 20) + 0x6000, 0x1000, 1);
	ck_assert_uint_eq(d.runs.v[5].attributes, PTE_G | PTE_PCD);
	ck_assert(!d.cut && !d.unreadable.n && !d.reserved.n);
	ck_assert_uint_eq(d.tables[4], 1);
	ck_assert_uint_eq(d.tables[1], 1);
	ck_assert_uint_eq(a.calls, 4); /* one batch for each level */
}
END_TEST

START_TEST(rights_are_those_of_all_levels)
{
	/* The same pmds below a writable entry and one that takes it away. */
	array_put64(&a, PUD + 511 * 8, PMD | 0x61 | PTE_NX);
	array_put64(&a, PMD + 511 * 8, 0x200000 | RW | PTE_PS);
	dump(PTDUMP_HIGH);
	ck_assert_uint_eq(d.runs.n, 2);
	check_run(0, HIGH(511, 510, 511, 0), 2 << 20, 2);
	ck_assert(d.runs.v[0].write && !d.runs.v[0].nx);
	check_run(1, HIGH(511, 511, 511, 0), 2 << 20, 2);
	ck_assert(!d.runs.v[1].write && d.runs.v[1].nx);
	ck_assert_uint_eq(ptdump_last(&d.runs.v[1]), UINT64_MAX);
	ck_assert_uint_eq(d.tables[2], 1);
	ck_assert_uint_eq(d.shared, 1);
}
END_TEST

/* As KASAN's shadow: one page of zeros, one table of each level, 512 GiB. */
START_TEST(shared_tables_are_read_once)
{
	size_t i;

	for (i = 0; i < 512; i++) {
		array_put64(&a, PUD + i * 8, PMD | RW);
		array_put64(&a, PMD + i * 8, PTE | RW);
		array_put64(&a, PTE + i * 8, 0x7000 | RO | PTE_NX);
	}
	dump(PTDUMP_BOTH);
	ck_assert_uint_eq(d.runs.n, 1);
	check_run(0, HIGH(511, 0, 0, 0), 1ULL << 39, 1);
	ck_assert(!d.runs.v[0].write && d.runs.v[0].nx);
	ck_assert_uint_eq(d.tables[1] + d.tables[2] + d.tables[3], 3);
	ck_assert_uint_eq(a.calls, 4);
	ck_assert(!d.cut);
}
END_TEST

START_TEST(tables_in_a_circle)
{
	size_t i;

	/* All of it maps itself: 2^48 bytes, in two halves. */
	for (i = 0; i < 512; i++)
		array_put64(&a, PGD + i * 8, PGD | USR);
	dump(PTDUMP_BOTH);
	ck_assert_uint_eq(d.runs.n, 2);
	check_run(0, 0, 1ULL << 47, 1);
	check_run(1, ~0ULL << 47, 1ULL << 47, 1);
	ck_assert(!d.cut);
	ck_assert_uint_eq(d.tables[4] + d.tables[3] + d.tables[2] + d.tables[1],
			  4);
}
END_TEST

/* Every other entry: 256^4 runs, which nobody wants. */
START_TEST(what_would_never_end_is_cut)
{
	size_t i;

	for (i = 0; i < 512; i += 2)
		array_put64(&a, PGD + i * 8, PGD | USR);
	dump(PTDUMP_BOTH);
	ck_assert(d.cut);
	ck_assert_uint_le(d.runs.n, PTDUMP_RUNS_MAX);
	ck_assert_uint_gt(d.cut_va, d.runs.v[d.runs.n - 2].va);
}
END_TEST

START_TEST(what_is_wrong_is_told)
{
	/* A table outside RAM, one that fails, reserved bits, absent ones. */
	array_put64(&a, PMD + 1 * 8, 0x7fff0000000 | RW);
	array_put64(&a, PMD + 2 * 8, PTE | RW);
	array_put64(&a, PMD + 3 * 8, 0x202000 | RW | PTE_PS);
	array_put64(&a, PMD + 4 * 8, 0x5000 | 0x62);
	array_put64(&a, PMD + 5 * 8, OTHER | RW);
	array_put64(&a, OTHER + 9 * 8, 0x6000 | RW);
	a.fail_from = PTE;
	a.fail_to = PTE + 0x1000;
	dump(PTDUMP_BOTH);
	ck_assert_uint_eq(d.runs.n, 1);
	check_run(0, HIGH(511, 510, 5, 9), 0x1000, 1);
	ck_assert_uint_eq(d.unreadable.n, 2);
	ck_assert_uint_eq(d.unreadable.pa, 0x7fff0000000);
	ck_assert_uint_eq(d.unreadable.va, HIGH(511, 510, 1, 0));
	ck_assert_uint_eq(d.reserved.n, 1);
	ck_assert_uint_eq(d.reserved.va, HIGH(511, 510, 3, 0));
	ck_assert(!d.cut);
	ck_assert_uint_eq(d.tables[1], 1);
}
END_TEST

START_TEST(halves)
{
	size_t i;

	/* The last page below the hole and the first above it are no pair. */
	array_put64(&a, PGD + 255 * 8, PUD | USR);
	array_put64(&a, PGD + 256 * 8, PUD | USR);
	for (i = 0; i < 512; i++)
		array_put64(&a, PUD + i * 8, USR | PTE_PS);
	dump(PTDUMP_LOW);
	ck_assert_uint_eq(d.runs.n, 1);
	check_run(0, LOW(255, 0, 0, 0), 1ULL << 39, 3);
	ptdump_deinit(&d);
	d = (struct ptdump){.cut = false};
	dump(PTDUMP_HIGH);
	ck_assert_uint_eq(d.runs.n, 2);
	check_run(0, HIGH(256, 0, 0, 0), 1ULL << 39, 3);
	ck_assert(d.runs.v[0].user);
	check_run(1, HIGH(511, 0, 0, 0), 1ULL << 39, 3);
	ck_assert(!d.runs.v[1].user);
}
END_TEST

/* The kernel's copy of user entries has NX that does not count. */
START_TEST(pti_poison_does_not_count)
{
	array_put64(&a, PGD + 3 * 8, PUD | USR | PTE_NX);
	array_put64(&a, PUD + 1 * 8, USR | PTE_PS);
	dump(PTDUMP_LOW);
	ck_assert(d.runs.n == 1 && d.runs.v[0].nx);
	ptdump_deinit(&d);
	d = (struct ptdump){.cut = false};
	root.poison = PTE_NX;
	dump(PTDUMP_LOW);
	ck_assert(d.runs.n == 1 && !d.runs.v[0].nx);
}
END_TEST

START_TEST(narrow_tables)
{
	/* 4 bytes an entry: pages of 4 MiB and of 4 KiB. */
	root.paging = &paging_32bit;
	root.pgd = 0x8000;
	array_put32(&a, 0x8000 + 768 * 4, 0x400000 | 0xe3);
	array_put32(&a, 0x8000 + 769 * 4, 0x9000 | 0x67);
	array_put32(&a, 0x9000 + 1023 * 4, 0x9000 | 0x65);
	dump(PTDUMP_BOTH);
	ck_assert_uint_eq(d.runs.n, 2);
	check_run(0, 0xc0000000, 4 << 20, 2);
	check_run(1, 0xc07ff000, 0x1000, 1);
	ck_assert(d.runs.v[1].user && !d.runs.v[1].write && !d.runs.v[1].nx);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ptdump");
	TCase *t = tcase_create("ptdump");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, neighbours_that_are_alike_are_one);
	tcase_add_test(t, rights_are_those_of_all_levels);
	tcase_add_test(t, shared_tables_are_read_once);
	tcase_add_test(t, tables_in_a_circle);
	tcase_add_test(t, what_would_never_end_is_cut);
	tcase_add_test(t, what_is_wrong_is_told);
	tcase_add_test(t, halves);
	tcase_add_test(t, pti_poison_does_not_count);
	tcase_add_test(t, narrow_tables);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
