/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of following the kernel's log: each record once, whatever happens. */
#include "proc/kmsg_follow.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct printk_log log_now;
static struct kmsg_follow follow;
static struct kmsg_news news;

static void setup(void)
{
	follow = (struct kmsg_follow){0};
}

static void teardown(void)
{
	vec_deinit(&log_now.v);
}

/* Records [from, to), each a second after the one before. */
static void put_log(uint64_t from, uint64_t to)
{
	vec_deinit(&log_now.v);
	log_now = (struct printk_log){.pending = PRINTK_SETTLED};
	for (; from < to; from++)
		ck_assert_int_eq(
			vec_push(&log_now.v,
				 {.seq = from, .ts_nsec = from * 1000000000}),
			0);
}

static void expect(size_t first, size_t end, uint64_t lost, bool anew)
{
	kmsg_follow(&follow, &log_now, &news);
	ck_assert_uint_eq(news.first, first);
	ck_assert_uint_eq(news.end, end);
	ck_assert_uint_eq(news.lost, lost);
	ck_assert(news.anew == anew);
}

START_TEST(each_record_once)
{
	put_log(0, 0);
	expect(0, 0, 0, false);
	put_log(0, 5);
	expect(0, 5, 0, false);
	expect(5, 5, 0, false);
	put_log(0, 7);
	expect(5, 7, 0, false);
	/* older ones are overwritten, what is new is not */
	put_log(4, 10);
	expect(3, 6, 0, false);
	put_log(10, 12);
	expect(0, 2, 0, false);
}
END_TEST

START_TEST(what_was_there_before_is_no_loss)
{
	put_log(100, 103);
	expect(0, 3, 0, false);
}
END_TEST

START_TEST(what_was_overwritten_is_told)
{
	put_log(0, 5);
	expect(0, 5, 0, false);
	put_log(8, 12);
	expect(0, 4, 3, false);
	put_log(8, 13);
	expect(4, 5, 0, false);
}
END_TEST

/* One that is being written, and all behind it, come when it is complete. */
START_TEST(what_is_not_complete_waits)
{
	put_log(0, 6);
	log_now.pending = 3;
	expect(0, 3, 0, false);
	expect(3, 3, 0, false);
	put_log(0, 7);
	log_now.pending = 6;
	expect(3, 6, 0, false);
	log_now.pending = PRINTK_SETTLED;
	expect(6, 7, 0, false);
	/* the oldest is: nothing is lost */
	put_log(8, 9);
	log_now.pending = 7;
	expect(0, 0, 0, false);
	ck_assert_uint_eq(follow.next, 7);
}
END_TEST

START_TEST(another_boot)
{
	put_log(0, 9);
	expect(0, 9, 0, false);
	put_log(0, 4);
	expect(0, 4, 0, true);
	/* as long as the one before, and none of it */
	put_log(0, 4);
	log_now.v.v[3].ts_nsec++;
	expect(0, 4, 0, true);
	put_log(0, 0);
	expect(0, 0, 0, true);
}
END_TEST

START_TEST(damage_is_told_once)
{
	put_log(0, 3);
	log_now.damaged = 2;
	expect(0, 3, 0, false);
	ck_assert_uint_eq(news.damaged, 2);
	expect(3, 3, 0, false);
	ck_assert_uint_eq(news.damaged, 0);
	/* one that makes no sense is not overwritten, too */
	put_log(4, 6);
	log_now.damaged = 3;
	expect(0, 2, 0, false);
	ck_assert_uint_eq(news.damaged, 1);
}
END_TEST

static const struct {
	const char *text;
	int code;
	uint8_t levels;
} levels[] = {
	{"emerg", 0, 0x01},	  {"debug", 0, 0x80},
	{"err,warn", 0, 0x18},	  {"err+", 0, 0x0f},
	{"emerg+", 0, 0x01},	  {"debug+", 0, 0xff},
	{"+info", 0, 0xc0},	  {"+emerg", 0, 0xff},
	{"crit,+debug", 0, 0x84}, {"", ERR_USAGE, 0},
	{"err,", ERR_USAGE, 0},	  {",err", ERR_USAGE, 0},
	{"error", ERR_USAGE, 0},  {"er", ERR_USAGE, 0},
	{"+err+", ERR_USAGE, 0},  {"+", ERR_USAGE, 0},
	{"3", ERR_USAGE, 0},	  {"err warn", ERR_USAGE, 0},
};

START_TEST(names_of_levels)
{
	struct err err = {0};
	uint8_t found = 0;

	ck_assert_int_eq(kmsg_levels_parse(levels[_i].text, &found, &err),
			 levels[_i].code);
	ck_assert_uint_eq(found, levels[_i].levels);
	ck_assert_int_eq(!levels[_i].code, !*err.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/kmsg_follow");
	TCase *t = tcase_create("kmsg_follow");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_record_once);
	tcase_add_test(t, what_was_there_before_is_no_loss);
	tcase_add_test(t, what_was_overwritten_is_told);
	tcase_add_test(t, what_is_not_complete_waits);
	tcase_add_test(t, another_boot);
	tcase_add_test(t, damage_is_told_once);
	tcase_add_loop_test(t, names_of_levels, 0,
			    (int)(sizeof(levels) / sizeof(levels[0])));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
