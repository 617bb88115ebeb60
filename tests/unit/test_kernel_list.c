/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of how many batches lists take. */
#include "kernel/list.h"

#include <check.h>
#include <stdlib.h>

#include "unit/fake_kernel.h"

#define LINKS	100
#define HEAD	(DIRECT + 0x800)
#define LINK(i) (DIRECT + 0x1000 + 0x800 * (i))

static struct fake_kernel f;
static uint64_t links[LINKS];
static struct err err;

static void setup(void)
{
	size_t i;

	fake_kernel_init(&f);
	for (i = 0; i < LINKS; i++)
		links[i] = LINK(i * 37 % LINKS);
	fake_ring(&f, HEAD, links, LINKS);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* Batches that it takes to follow the ring. */
static size_t follow(bool packed)
{
	struct list list = {.head = HEAD, .most = LINKS, .packed = packed};
	uint64_t before = f.kernel.machine->stats.batches;
	size_t i;

	ck_assert(!lists_read(&f.kernel, &list, 1, &err));
	ck_assert(!list.torn && !list.cut);
	ck_assert_uint_eq(list.links.n, LINKS);
	for (i = 0; i < LINKS; i++)
		ck_assert_uint_eq(list.links.v[i], links[i]);
	list_deinit(&list);
	return (size_t)(f.kernel.machine->stats.batches - before);
}

START_TEST(from_both_ends)
{
	size_t batches = follow(false);

	ck_assert_uint_ge(batches, LINKS / 2);
	ck_assert_uint_le(batches, LINKS / 2 + 8); /* and tables */
}
END_TEST

/* Two ways through one ring are two lists, which share what all may have. */
START_TEST(all_together)
{
	struct list list[2] = {{.head = HEAD, .most = LINKS},
			       {.head = HEAD, .most = LINKS}};
	size_t i;

	ck_assert(!lists_read_within(&f.kernel, list, 2, 2 * LINKS, &err));
	ck_assert(!list[0].cut && !list[1].cut);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(list[i].links.n, LINKS);
		list_deinit(&list[i]);
		list[i] = (struct list){.head = HEAD, .most = LINKS};
	}
	ck_assert(!lists_read_within(&f.kernel, list, 2, LINKS, &err));
	ck_assert(list[0].cut && list[1].cut);
	ck_assert_uint_eq(list[0].links.n + list[1].links.n, LINKS);
	for (i = 0; i < 2; i++)
		list_deinit(&list[i]);
}
END_TEST

/* What was fetched takes none; what else was fetched, or was not, no harm. */
START_TEST(fetched)
{
	uint64_t some[LINKS + 2];
	size_t i;

	for (i = 0; i < LINKS; i++)
		some[i] = LINK(i);
	some[LINKS] = 8;
	some[LINKS + 1] = DIRECT + 0xf0000;
	ck_assert(!lists_fetch(&f.kernel, some, LINKS + 2, &err));
	ck_assert_uint_le(follow(false), 1);
	machine_drop_cache(f.kernel.machine);
	ck_assert(!lists_fetch(&f.kernel, some, LINKS / 2, &err));
	ck_assert_uint_gt(follow(false), 1);
	ck_assert(!lists_fetch(&f.kernel, some, 0, &err));
}
END_TEST

/* Two to a page, in order: half of the batches. */
START_TEST(packed)
{
	size_t i, batches;

	for (i = 0; i < LINKS; i++)
		links[i] = LINK(i);
	fake_ring(&f, HEAD, links, LINKS);
	batches = follow(true);
	ck_assert_uint_ge(batches, LINKS / 4);
	ck_assert_uint_le(batches, LINKS / 4 + 8);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/list");
	TCase *c = tcase_create("list");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, from_both_ends);
	tcase_add_test(c, all_together);
	tcase_add_test(c, fetched);
	tcase_add_test(c, packed);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
