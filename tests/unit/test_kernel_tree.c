/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of red-black trees, on memory written by hand. */
#include "kernel/tree.h"

#include <check.h>
#include <stdlib.h>

#include "unit/fake_kernel.h"

#define ROOT	(DIRECT + 0x1000)
#define OTHER	(DIRECT + 0x1100)
#define NODE(i) (DIRECT + 0x10000 + (i)*0x40ULL)

static struct fake_kernel f;
static struct tree trees[2];
static struct err err;

/* A tree of the numbers from `from` to `to`, as even as can be; its root. */
static uint64_t grow(unsigned int from, unsigned int to)
{
	unsigned int middle = from + (to - from) / 2;

	if (from >= to)
		return 0;
	fake_put64(&f, NODE(middle) + 8, grow(middle + 1, to));
	fake_put64(&f, NODE(middle) + 16, grow(from, middle));
	return NODE(middle);
}

static void setup(void)
{
	fake_kernel_init(&f);
	fake_field("rb_root.rb_node", 0, 8);
	fake_field("rb_node.rb_right", 8, 8);
	fake_field("rb_node.rb_left", 16, 8);
	trees[0] = (struct tree){.root = ROOT, .most = 5000};
	trees[1] = (struct tree){.root = OTHER, .most = 5000};
}

static void teardown(void)
{
	tree_deinit(&trees[0]);
	tree_deinit(&trees[1]);
	fake_kernel_deinit(&f);
}

START_TEST(in_order_and_in_step)
{
	size_t i;

	fake_put64(&f, ROOT, grow(0, 1000));
	fake_put64(&f, OTHER, grow(1000, 1003));
	ck_assert_int_eq(trees_read(&f.kernel, trees, 2, &err), 0);
	ck_assert_uint_eq(trees[0].nodes.n, 1000);
	for (i = 0; i < 1000; i++)
		ck_assert_uint_eq(trees[0].nodes.v[i], NODE(i));
	ck_assert_uint_eq(trees[1].nodes.n, 3);
	ck_assert(!trees[0].torn && !trees[0].cut);
	/* the roots, ten levels, and the page tables that lead there */
	ck_assert_uint_le(f.memory.machine.stats.batches, 14);
}
END_TEST

/* As by two pointers to one struct. */
START_TEST(the_same_tree_twice)
{
	fake_put64(&f, ROOT, grow(0, 5));
	trees[1].root = ROOT;
	ck_assert_int_eq(trees_read(&f.kernel, trees, 2, &err), 0);
	ck_assert_uint_eq(trees[0].nodes.n, 5);
	ck_assert_uint_eq(trees[1].nodes.n, 5);
	ck_assert(!trees[0].torn && !trees[1].torn);
}
END_TEST

START_TEST(none_at_all)
{
	trees[1].root = 0;
	ck_assert_int_eq(trees_read(&f.kernel, trees, 2, &err), 0);
	ck_assert_uint_eq(trees[0].nodes.n, 0);
	ck_assert(!trees[0].torn && !trees[1].torn);
	fake_lose(READER_TREE);
	ck_assert_int_ne(trees_read(&f.kernel, trees, 2, &err), 0);
}
END_TEST

START_TEST(larger_than_asked_for)
{
	fake_put64(&f, ROOT, grow(0, 100));
	trees[0].most = 10;
	ck_assert_int_eq(trees_read(&f.kernel, trees, 1, &err), 0);
	ck_assert_uint_eq(trees[0].nodes.n, 10);
	ck_assert(trees[0].cut && !trees[0].torn);
}
END_TEST

START_TEST(damaged)
{
	fake_put64(&f, ROOT, grow(0, 7));
	fake_put64(&f, NODE(0) + 16, NODE(3)); /* back to the top */
	ck_assert_int_eq(trees_read(&f.kernel, trees, 1, &err), 0);
	ck_assert_uint_eq(trees[0].nodes.n, 7);
	ck_assert(trees[0].torn);
	ck_assert_uint_eq(trees[0].torn_at, NODE(3));
	tree_deinit(&trees[0]);
	trees[0] = (struct tree){.root = ROOT, .most = 5000};
	fake_put64(&f, NODE(0) + 16, DIRECT + (1 << 28)); /* to nowhere */
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(trees_read(&f.kernel, trees, 1, &err), 0);
	ck_assert(trees[0].torn);
	ck_assert_uint_eq(trees[0].torn_at, DIRECT + (1 << 28));
}
END_TEST

/* No tree is so deep: a chain to one side is one that lies. */
START_TEST(too_deep)
{
	size_t i;

	fake_put64(&f, ROOT, NODE(0));
	for (i = 0; i < 300; i++)
		fake_put64(&f, NODE(i) + 16, NODE(i + 1));
	ck_assert_int_eq(trees_read(&f.kernel, trees, 1, &err), 0);
	ck_assert(trees[0].torn);
	ck_assert_uint_le(f.memory.machine.stats.batches, 80);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_tree");
	TCase *t = tcase_create("kernel_tree");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_order_and_in_step);
	tcase_add_test(t, the_same_tree_twice);
	tcase_add_test(t, none_at_all);
	tcase_add_test(t, larger_than_asked_for);
	tcase_add_test(t, damaged);
	tcase_add_test(t, too_deep);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
