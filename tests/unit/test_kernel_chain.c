/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of chains that lead only forward. */
#include "kernel/chain.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define LINK(i) (DIRECT + 0x1000 + (i)*16ULL)
#define NEXT	0x20 /* where objects have their pointer */
#define OBJ(i)	(DIRECT + 0x4000 + (i)*0x40ULL)

static struct fake_kernel f;
static struct chains c;

static void setup(void)
{
	fake_kernel_init(&f);
}

static void teardown(void)
{
	chains_deinit(&c);
	fake_kernel_deinit(&f);
}

/* Follow them anew; how many batches that took. */
static uint64_t follow(const uint64_t *firsts, size_t n, struct chain_kind kind)
{
	uint64_t before;

	chains_deinit(&c);
	machine_drop_cache(&f.memory.machine);
	before = f.memory.machine.stats.batches;
	ck_assert_int_eq(chains_read(&f.kernel, firsts, n, &kind, &c, NULL), 0);
	return f.memory.machine.stats.batches - before;
}

static void is_link(size_t i, size_t of, size_t nr, uint64_t at)
{
	ck_assert_uint_lt(i, c.links.n);
	ck_assert_uint_eq(c.links.v[i].of, of);
	ck_assert_uint_eq(c.links.v[i].nr, nr);
	ck_assert_uint_eq(c.links.v[i].at, at);
}

static const struct chain_kind ten = CHAIN_OF_LINKS(10);

/* Chains of 3, of none, and of 1 link, which ends in an odd number. */
START_TEST(in_step)
{
	const uint64_t firsts[] = {LINK(0), 0, LINK(5)};
	size_t i;

	fake_put64(&f, LINK(0), LINK(1));
	fake_put64(&f, LINK(1), LINK(2));
	fake_put64(&f, LINK(5), 0xb);
	follow(firsts, 3, ten);
	ck_assert_uint_eq(c.links.n, 4);
	for (i = 0; i < 3; i++)
		is_link(i, 0, i, LINK(i));
	is_link(3, 2, 0, LINK(5));
	ck_assert(!c.cut && !c.torn_at);
}
END_TEST

/* As many batches for two chains as for the longer one of them. */
START_TEST(batches)
{
	const uint64_t firsts[] = {LINK(0), LINK(0x100)};
	struct chain_kind many = CHAIN_OF_LINKS(100);
	uint64_t one;
	size_t i;

	for (i = 0; i < 30; i++) /* each on a page of its own */
		fake_put64(&f, LINK(0x100 * i), LINK(0x100 * (i + 2)));
	fake_put64(&f, LINK(0x100 * 30), 0);
	fake_put64(&f, LINK(0x100 * 31), 0);
	one = follow(firsts, 1, many);
	ck_assert_uint_eq(c.links.n, 16);
	ck_assert_uint_eq(follow(firsts, 2, many), one);
	ck_assert_uint_eq(c.links.n, 32);
}
END_TEST

/* By the address of the next object, and of its member that leads on. */
START_TEST(kinds)
{
	const uint64_t firsts[] = {OBJ(0)}, inside[] = {OBJ(0) + NEXT};
	struct chain_kind kind = {.next = NEXT, .most = 10};

	fake_put64(&f, OBJ(0) + NEXT, OBJ(1));
	fake_put64(&f, OBJ(1) + NEXT, OBJ(2));
	follow(firsts, 1, kind);
	ck_assert_uint_eq(c.links.n, 3);
	is_link(2, 0, 2, OBJ(2));
	fake_put64(&f, OBJ(0) + NEXT, OBJ(1) + NEXT);
	fake_put64(&f, OBJ(1) + NEXT, OBJ(2) + NEXT);
	kind.inside = true;
	follow(inside, 1, kind);
	ck_assert_uint_eq(c.links.n, 3);
	is_link(0, 0, 0, OBJ(0));
	is_link(2, 0, 2, OBJ(2));
	ck_assert(!c.cut && !c.torn_at);
}
END_TEST

/* What chains_remark() says; "" for nothing. */
static void is_remarked(const char *text)
{
	struct remarks remarks = {0};

	chains_remark(&c, "things", &remarks);
	ck_assert_uint_eq(remarks.n, *text ? 1 : 0);
	if (*text)
		ck_assert_str_eq(remarks_next(&remarks, NULL), text);
	remarks_deinit(&remarks);
}

START_TEST(cut)
{
	const uint64_t firsts[] = {LINK(0)};
	size_t i;

	for (i = 0; i < 3; i++)
		fake_put64(&f, LINK(i), LINK(i + 1));
	follow(firsts, 1, (struct chain_kind)CHAIN_OF_LINKS(4));
	ck_assert_uint_eq(c.links.n, 4);
	ck_assert(!c.cut);
	is_remarked("");
	follow(firsts, 1, (struct chain_kind)CHAIN_OF_LINKS(3));
	ck_assert_uint_eq(c.links.n, 3);
	ck_assert(c.cut);
	is_remarked("there are more things than qvmi reads");
}
END_TEST

/* In a ring; in no pointer; where nothing is; odd, where that ends none. */
START_TEST(torn)
{
	const uint64_t firsts[] = {LINK(0)};
	const uint64_t bad[] = {LINK(0), 0x1238, DIRECT + 0x40000000};
	struct chain_kind plain = {.inside = true, .most = 10};
	size_t i;

	for (i = 0; i < 3; i++) {
		fake_put64(&f, LINK(0), LINK(1));
		fake_put64(&f, LINK(1), bad[i]);
		follow(firsts, 1, ten);
		ck_assert_uint_eq(c.torn_at, bad[i]);
		ck_assert_uint_ge(c.links.n, 2);
	}
	is_remarked("a list of things is torn at 0xffff888040000000");
	fake_put64(&f, LINK(1), 0x3);
	follow(firsts, 1, ten);
	ck_assert_uint_eq(c.torn_at, 0);
	follow(firsts, 1, plain);
	ck_assert_uint_eq(c.torn_at, 0x3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/chain");
	TCase *t = tcase_create("chain");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_step);
	tcase_add_test(t, batches);
	tcase_add_test(t, kinds);
	tcase_add_test(t, cut);
	tcase_add_test(t, torn);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
