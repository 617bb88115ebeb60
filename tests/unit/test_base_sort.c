/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of numbers in order. */
#include <check.h>
#include <stdlib.h>

#include "base/sort.h"

#define MOST 5000

static uint64_t v[MOST];

/* Numbers of these bits; their sum. */
static uint64_t fill(size_t n, uint64_t mask)
{
	uint64_t seed = 1, sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		v[i] = (seed ^ seed >> 29) & mask;
		sum += v[i];
	}
	return sum;
}

static void check_sorted(size_t n, uint64_t sum)
{
	size_t i;

	for (i = 0; i < n; i++) {
		ck_assert(!i || v[i - 1] <= v[i]);
		sum -= v[i];
	}
	ck_assert_uint_eq(sum, 0);
}

/* Few or many, of one digit or of all, the same or not. */
static const size_t sizes[] = {0, 1, 2, 255, 256, MOST};
static const uint64_t masks[] = {0, 0x3ff, 0xfffff, 0x7f000000000000ff,
				 UINT64_MAX - 1};

#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))
#define MASKS ((int)(sizeof(masks) / sizeof(masks[0])))

START_TEST(numbers_in_order)
{
	size_t n = sizes[_i % SIZES];
	uint64_t sum = fill(n, masks[_i / SIZES]);

	sort_u64(v, n);
	check_sorted(n, sum);
}
END_TEST

START_TEST(numbers_once)
{
	size_t n = sizes[_i % SIZES], i, once;
	uint64_t first;

	fill(n, masks[_i / SIZES]);
	first = v[0];
	once = sort_u64_once(v, n);
	ck_assert_uint_eq(once != 0, n != 0);
	for (i = 1; i < once; i++)
		ck_assert_uint_lt(v[i - 1], v[i]);
	i = sort_u64_find(v, once, first);
	ck_assert(!n || (i < once && v[i] == first));
	ck_assert_uint_eq(sort_u64_find(v, once, UINT64_MAX), once);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sort");
	TCase *t = tcase_create("numbers");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, numbers_in_order, 0, SIZES * MASKS);
	tcase_add_loop_test(t, numbers_once, 0, SIZES * MASKS);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
