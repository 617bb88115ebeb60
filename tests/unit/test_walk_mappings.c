/* SPDX-License-Identifier: BSD-2-Clause */
/* Who maps a frame, on tables made by hand. */
#include "walk/mappings.h"

#include <check.h>
#include <stdlib.h>

#include "arch/x86_64.h"
#include "unit/array_machine.h"

/* Two address spaces, which share the table of a pmd. */
enum {
	PGD = 0x1000,
	PUD = 0x2000,
	PMD = 0x3000,
	PTE = 0x4000,
	PGD2 = 0x5000,
	PUD2 = 0x6000,
	PTE2 = 0x7000,
	FRAME = 0x20000
};

#define VA(pgd, pud, pmd, pte)                           \
	((uint64_t)(pgd) << 39 | (uint64_t)(pud) << 30 | \
	 (uint64_t)(pmd) << 21 | (uint64_t)(pte) << 12)
#define LOW_END ((1ULL << 47) - 1)

static struct array_machine a;
static struct walk_root one, two;
static struct mappings found;
static struct space_tables tables;
static struct err err;

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	one = (struct walk_root){.pgd = PGD, .paging = &paging_4level};
	two = (struct walk_root){.pgd = PGD2, .paging = &paging_4level};
	array_put64(&a, PGD, PUD | 0x67);
	array_put64(&a, PUD, PMD | 0x67);
	array_put64(&a, PMD, PTE | 0x67);
	array_put64(&a, PTE + 5 * 8, FRAME | 0x67 | PTE_NX);
	array_put64(&a, PTE + 6 * 8, (FRAME + 0x1000) | 0x67);
	array_put64(&a, PTE + 9 * 8, FRAME | 0x65);
	/* pmd[1]: 2 MiB from 0 on, which holds the frame, too */
	array_put64(&a, PMD + 8, 0xe1 | PTE_NX);
	array_put64(&a, PGD2, PUD2 | 0x67);
	array_put64(&a, PUD2 + 3 * 8, PMD | 0x65);
	array_put64(&a, PGD2 + 511 * 8, PUD2 | 0x63);
	found = (struct mappings){0};
	tables = (struct space_tables){.left = 100};
	err = (struct err){0};
}

static void teardown(void)
{
	mappings_deinit(&found);
	array_machine_deinit(&a);
}

static int find(const struct mappings_space *spaces, size_t n, uint64_t pa)
{
	return mappings_find(&a.machine, spaces, n, pa, &tables, &found, &err);
}

static void is(size_t i, size_t space, uint64_t va, uint64_t size)
{
	ck_assert_uint_eq(found.list.v[i].space, space);
	ck_assert_uint_eq(found.list.v[i].va, va);
	ck_assert_uint_eq(found.list.v[i].page_size, size);
	ck_assert_int_eq(found.list.v[i].result, WALK_MAPPED);
}

START_TEST(all_that_map)
{
	const struct mappings_space spaces[] = {{&one, 0, LOW_END},
						{&two, 0, LOW_END}};
	const struct mapping *m;

	ck_assert_int_eq(find(spaces, 2, FRAME + 0x123), 0);
	ck_assert_uint_eq(found.list.n, 6);
	is(0, 0, VA(0, 0, 0, 5) + 0x123, 4096);
	is(1, 0, VA(0, 0, 0, 9) + 0x123, 4096);
	is(2, 0, VA(0, 0, 1, 0) + FRAME + 0x123, 2 << 20);
	is(3, 1, VA(0, 3, 0, 5) + 0x123, 4096);
	is(4, 1, VA(0, 3, 0, 9) + 0x123, 4096);
	is(5, 1, VA(0, 3, 1, 0) + FRAME + 0x123, 2 << 20);
	m = found.list.v;
	ck_assert(m[0].write && m[0].user && m[0].nx);
	ck_assert(!m[1].write && m[1].user && !m[1].nx);
	ck_assert(!m[2].write && !m[2].user && m[2].nx);
	ck_assert(!m[3].write && m[3].user && m[3].nx); /* by its pud */
	ck_assert_uint_eq(tables.unreadable, 0);
	ck_assert_uint_eq(a.calls, 4); /* one for each level */
}
END_TEST

/* Only the part that was asked for; the upper half has its own addresses. */
START_TEST(parts_of_spaces)
{
	const struct mappings_space spaces[] = {
		{&two, -(1ULL << 47), UINT64_MAX},
		{&one, VA(0, 0, 0, 6), VA(0, 0, 1, 0) + FRAME - 1}};

	ck_assert_int_eq(find(spaces, 2, FRAME), 0);
	ck_assert_uint_eq(found.list.n, 4);
	is(0, 0, 0xffff000000000000 | VA(511, 3, 0, 5), 4096);
	is(3, 1, VA(0, 0, 0, 9), 4096);
}
END_TEST

START_TEST(nobody)
{
	const struct mappings_space space = {&one, 0, LOW_END};

	ck_assert_int_eq(find(&space, 1, 0x400000), 0);
	ck_assert_uint_eq(found.list.n, 0);
}
END_TEST

/* Tables that are not there, and more of them than there can be. */
START_TEST(bad_tables)
{
	const struct mappings_space space = {&one, 0, LOW_END};
	size_t i;

	array_put64(&a, PMD + 2 * 8, 0x7ff000 | 0x67);
	ck_assert_int_eq(find(&space, 1, FRAME), 0);
	ck_assert_uint_eq(found.list.n, 3);
	ck_assert_uint_eq(tables.unreadable, 1);
	ck_assert_uint_eq(tables.pa, 0x7ff000);
	ck_assert_uint_eq(tables.va, VA(0, 0, 2, 0));
	for (i = 0; i < 512; i++)
		array_put64(&a, PGD + i * 8, PGD | 0x67); /* in a circle */
	tables = (struct space_tables){.left = 1000};
	ck_assert_int_eq(find(&space, 1, FRAME), ERR_CORRUPT);
}
END_TEST

/* A table that leads to itself everywhere: it ends where it is clear that not
 * all can be read, before any of them is. */
START_TEST(tables_without_end)
{
	const struct walk_root self = {.pgd = PUD2, .paging = &paging_4level};
	const struct mappings_space space = {&self, 0, UINT64_MAX};
	size_t i;

	for (i = 0; i < 512; i++)
		array_put64(&a, PUD2 + i * 8, PUD2 | 0x67);
	tables.left = 8000;
	ck_assert_int_eq(find(&space, 1, FRAME), ERR_CORRUPT);
	ck_assert_str_eq(err.text, "page tables: more tables than can be");
	ck_assert_uint_eq(tables.left, 8000 - 1 - 512);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walk/mappings");
	TCase *t = tcase_create("mappings");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_that_map);
	tcase_add_test(t, parts_of_spaces);
	tcase_add_test(t, nobody);
	tcase_add_test(t, bad_tables);
	tcase_add_test(t, tables_without_end);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
