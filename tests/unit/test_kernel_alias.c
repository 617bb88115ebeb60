/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the kernel's own addresses for a frame, on tables made by hand. */
#include "kernel/alias.h"

#include <check.h>
#include <stdlib.h>

#include "arch/x86_64.h"
#include "unit/fake_kernel.h"

#define SIZE	64u
#define VMEMMAP (DIRECT + 0x40000)
#define TEXT	0xffffffff81000000ULL
#define IMAGE	0x80000u
#define END	0x4000u /* of the image */

/* Tables of the image, in pages that nothing else uses. */
#define PGD_PA 0xff000
#define PUD_PA 0xfd000
#define PMD_PA 0xfc000
#define PTE_PA 0xfb000

static struct fake_kernel f;

static void setup(void)
{
	fake_kernel_init(&f);
	fake_sizeof("page", SIZE);
	fake_symbol("_end", TEXT + END);
	f.kernel.vmemmap_base = VMEMMAP;
	f.kernel.text = TEXT;
	f.kernel.phys_text = IMAGE;
	array_put64(&f.memory, PGD_PA + 511 * 8, PUD_PA | 0x63);
	array_put64(&f.memory, PUD_PA + 510 * 8, PMD_PA | 0x63);
	array_put64(&f.memory, PMD_PA + 8 * 8, PTE_PA | 0x63);
	array_put64(&f.memory, PTE_PA, IMAGE | 0x63);
	array_put64(&f.memory, PTE_PA + 8, 0x90063); /* not its frame */
	array_put64(&f.memory, PTE_PA + 3 * 8, (IMAGE + 0x3000) | 0x63);
	array_put64(&f.memory, PTE_PA + 4 * 8, (IMAGE + 0x4000) | 0x63);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static void is(const struct alias *a, enum alias_state state, uint64_t at)
{
	ck_assert_int_eq(a->state, state);
	ck_assert_uint_eq(a->at, at);
}

#define FAR (1ULL << 46)

START_TEST(rules_and_tables)
{
	static const uint64_t pas[] = {
		IMAGE + 0x123,	IMAGE + 0x1000, IMAGE + 0x2000,
		IMAGE + 0x3fff, IMAGE + 0x4000, IMAGE - 1,
		1ULL << 30,	FAR - 1,	FAR};
	struct aliases a[9];
	struct err err = {0};
	size_t i;

	ck_assert_msg(!aliases_find(&f.kernel, pas, 9, a, &err), "%s",
		      err.text);
	for (i = 0; i < 6; i++) {
		is(&a[i].direct, ALIAS_THERE, DIRECT + pas[i]);
		is(&a[i].page, ALIAS_THERE, VMEMMAP + (pas[i] >> 12) * SIZE);
	}
	is(&a[0].image, ALIAS_THERE, TEXT + 0x123);
	is(&a[1].image, ALIAS_OTHER, TEXT + 0x1000);
	is(&a[2].image, ALIAS_NOT_MAPPED, TEXT + 0x2000);
	is(&a[3].image, ALIAS_THERE, TEXT + 0x3fff);
	for (i = 4; i < 9; i++) /* mapped or not: behind _end, before _text */
		is(&a[i].image, ALIAS_NONE, 0);
	is(&a[6].direct, ALIAS_NOT_MAPPED, DIRECT + (1ULL << 30));
	is(&a[6].page, ALIAS_THERE, VMEMMAP + (1ULL << 18) * SIZE);
	is(&a[7].direct, ALIAS_NOT_MAPPED, DIRECT + FAR - 1);
	is(&a[7].page, ALIAS_NOT_MAPPED, VMEMMAP + (FAR >> 12) * SIZE - SIZE);
	is(&a[8].direct, ALIAS_NONE, 0);
	is(&a[8].page, ALIAS_NONE, 0);
}
END_TEST

/* The number of round trips is that of the levels. */
START_TEST(one_batch_a_level)
{
	uint64_t pas[200];
	struct aliases a[200];
	struct err err = {0};
	size_t i;

	for (i = 0; i < 200; i++)
		pas[i] = i << 12;
	f.memory.calls = 0;
	ck_assert_int_eq(aliases_find(&f.kernel, pas, 200, a, &err), 0);
	ck_assert_uint_le(f.memory.calls, 4);
	is(&a[199].direct, ALIAS_THERE, DIRECT + (199 << 12));
}
END_TEST

START_TEST(struct_pages)
{
	uint64_t pfn = 0;
	uint32_t in = 0;

	ck_assert(
		alias_is_page(&f.kernel, VMEMMAP + 0x80 * SIZE + 8, &pfn, &in));
	ck_assert_uint_eq(pfn, 0x80);
	ck_assert_uint_eq(in, 8);
	ck_assert(!alias_is_page(&f.kernel, VMEMMAP - 1, &pfn, &in));
	ck_assert(alias_is_page(&f.kernel, VMEMMAP + (FAR >> 12) * SIZE - 1,
				&pfn, &in));
	ck_assert_uint_eq(pfn, (FAR >> 12) - 1);
	ck_assert(!alias_is_page(&f.kernel, VMEMMAP + (FAR >> 12) * SIZE, &pfn,
				 &in));
	f.kernel.root.paging = &paging_5level;
	ck_assert(alias_is_page(&f.kernel, VMEMMAP + (FAR >> 12) * SIZE, &pfn,
				&in));
}
END_TEST

/* Types that do not tell the size of a struct page. */
START_TEST(no_size)
{
	uint64_t pa = 0x5000, pfn;
	struct aliases a;
	struct err err = {0};
	uint32_t in;

	fake_sizeof("page", 0);
	ck_assert_int_eq(aliases_find(&f.kernel, &pa, 1, &a, &err), 0);
	is(&a.page, ALIAS_NONE, 0);
	is(&a.direct, ALIAS_THERE, DIRECT + pa);
	ck_assert(!alias_is_page(&f.kernel, VMEMMAP, &pfn, &in));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/alias");
	TCase *t = tcase_create("alias");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, rules_and_tables);
	tcase_add_test(t, one_batch_a_level);
	tcase_add_test(t, struct_pages);
	tcase_add_test(t, no_size);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
