/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what everything stands on: errors, cursor, map, vector, buffer. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/digits.h"
#include "base/err.h"
#include "base/files.h"
#include "base/map.h"
#include "base/populate.h"
#include "base/vec.h"

START_TEST(errors_are_wrapped_on_the_way_up)
{
	struct err err = {0};

	ck_assert_int_eq(err_set(&err, ERR_UNREADABLE, "pmd[%d] = 0x0", 17),
			 ERR_UNREADABLE);
	ck_assert_int_eq(err_wrap(&err, ERR_UNREADABLE, "vma 0x%x", 0x1c00),
			 ERR_UNREADABLE);
	err_wrap(&err, ERR_UNREADABLE, "maps of pid %d", 89);
	ck_assert_str_eq(err.text, "maps of pid 89: vma 0x1c00: pmd[17] = 0x0");
	errno = ENOENT;
	ck_assert_int_eq(err_sys(&err, ERR_SYS, "open %s", "x"), ERR_SYS);
	ck_assert_str_eq(err.text, "open x: No such file or directory");
	/* Nobody needs to listen. */
	ck_assert_int_eq(err_set(NULL, ERR_SYS, "x"), ERR_SYS);
	ck_assert_int_eq(err_wrap(NULL, ERR_SYS, "x"), ERR_SYS);
}
END_TEST

START_TEST(long_errors_are_cut)
{
	struct err err = {0};
	char longer[2000];
	int i;

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&err, ERR_SYS, "%s", longer);
	for (i = 0; i < 100; i++)
		err_wrap(&err, ERR_SYS, "ctx %d", i);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert_int_eq(strncmp(err.text, "ctx 99: ctx 98: ", 16), 0);
}
END_TEST

START_TEST(cursor_reads_what_is_there)
{
	static const uint8_t bytes[] = {1, 2, 0, 3, 0, 0,   0,	 4, 0,	 0,
					0, 0, 0, 0, 0, 'h', 'i', 0, 'n', 'o'};
	struct cursor c;

	cursor_init(&c, bytes, sizeof(bytes));
	ck_assert_uint_eq(cursor_u8(&c), 1);
	ck_assert_uint_eq(cursor_u16(&c), 2);
	ck_assert_uint_eq(cursor_u32(&c), 3);
	ck_assert_uint_eq(cursor_u64(&c), 4);
	ck_assert_str_eq(cursor_cstr(&c), "hi");
	ck_assert_uint_eq(cursor_left(&c), 2);
	/* No NUL: no string, and the cursor stays bad. */
	ck_assert_ptr_null(cursor_cstr(&c));
	ck_assert(c.bad);
	ck_assert_uint_eq(cursor_u8(&c), 0);
	ck_assert_uint_eq(cursor_left(&c), 0);
}
END_TEST

START_TEST(cursor_on_nothing)
{
	struct cursor c;

	cursor_init(&c, NULL, 0);
	ck_assert_ptr_nonnull(cursor_bytes(&c, 0));
	ck_assert_uint_eq(cursor_left(&c), 0);
	ck_assert(!c.bad);
	ck_assert_ptr_null(cursor_cstr(&c));
	ck_assert(c.bad);
}
END_TEST

START_TEST(cursor_never_leaves_its_bytes)
{
	static const uint8_t bytes[8] = {0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff};
	struct cursor c;

	cursor_init(&c, bytes, 7);
	ck_assert_uint_eq(cursor_u64(&c), 0);
	ck_assert(c.bad);
	cursor_init(&c, bytes, 8);
	cursor_skip(&c, SIZE_MAX);
	ck_assert(c.bad);
	cursor_init(&c, bytes, 8);
	cursor_seek(&c, 8);
	ck_assert(!c.bad);
	ck_assert_ptr_null(cursor_bytes(&c, 1));
	cursor_init(&c, bytes, 8);
	cursor_seek(&c, 9);
	ck_assert(c.bad);
}
END_TEST

START_TEST(map_keeps_every_key)
{
	struct map m = {0};
	uint64_t i, val;

	for (i = 0; i < 10000; i++)
		ck_assert_int_eq(map_put(&m, i << 12, i), 0);
	ck_assert_int_eq(map_put(&m, UINT64_MAX, 7), 0);
	ck_assert_uint_eq(m.n, 10001);
	for (i = 0; i < 10000; i++) {
		ck_assert(map_get(&m, i << 12, &val));
		ck_assert_uint_eq(val, i);
	}
	ck_assert(map_get(&m, UINT64_MAX, &val));
	ck_assert(!map_get(&m, 1, &val));
	ck_assert_int_eq(map_put(&m, 0, 99), 0);
	ck_assert(map_get(&m, 0, &val));
	ck_assert_uint_eq(val, 99);
	ck_assert_uint_eq(m.n, 10001);
	map_deinit(&m);
	ck_assert(!map_get(&m, 0, NULL));
}
END_TEST

START_TEST(vector_grows)
{
	VEC(uint32_t) v = {0};
	uint32_t i;

	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(vec_push(&v, i), 0);
	ck_assert_uint_eq(v.n, 1000);
	ck_assert_uint_eq(v.v[999], 999);
	ck_assert_int_eq(vec_reserve(&v, SIZE_MAX / 2), ERR_NOMEM);
	ck_assert_uint_eq(v.v[500], 500);
	vec_deinit(&v);
	ck_assert_ptr_null(v.v);
}
END_TEST

START_TEST(buffer_is_a_string)
{
	struct buf b = {0};

	buf_puts(&b, "a");
	buf_printf(&b, "%d-%s", 42, "x");
	buf_add(&b, "\0y", 2);
	ck_assert_uint_eq(b.len, 7);
	ck_assert_mem_eq(b.data, "a42-x\0y", 8);
	buf_reset(&b);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(b.data, "");
	buf_take(&b, strdup("abc"), 3);
	buf_take(&b, strdup("defg"), 2);
	ck_assert_str_eq(b.data, "abcde");
	buf_add(&b, "!", 1);
	ck_assert_str_eq(b.data, "abcde!");
	buf_deinit(&b);
}
END_TEST

/* As printf() has it, for every length of a number. */
START_TEST(digits_are_those_of_printf)
{
	char want[40], got[40];
	unsigned int bit, least;

	for (bit = 0; bit <= 64; bit++) {
		uint64_t v = bit < 64 ? 1ULL << bit : 0;

		v = bit % 3 ? v : v - 1;
		for (least = 1; least <= 16; least += 5) {
			*digits_hex(got, v, least) = '\0';
			snprintf(want, sizeof(want), "%0*" PRIx64, (int)least,
				 v);
			ck_assert_str_eq(got, want);
		}
		*digits_decimal(got, v) = '\0';
		snprintf(want, sizeof(want), "%" PRIu64, v);
		ck_assert_str_eq(got, want);
	}
}
END_TEST

/* So are columns, where numbers and words are wider, too. */
START_TEST(columns_are_those_of_printf)
{
	static const uint64_t numbers[] = {0, 9999999, 10000000, 123456789,
					   UINT64_MAX};
	static const char *const words[] = {
		"", "Rss:", "sixteen columns:", "more than sixteen:"};
	struct buf b = {0};
	char want[64];
	size_t n, w;

	for (n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
		for (w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
			snprintf(want, sizeof(want), "%-16s%8" PRIu64, words[w],
				 numbers[n]);
			buf_reset(&b);
			buf_padded(&b, words[w], 16);
			buf_decimal(&b, numbers[n], 8);
			ck_assert_str_eq(b.data, want);
		}
	buf_deinit(&b);
}
END_TEST

/* A sum in pieces is that of the whole, and tells each byte and the length. */
START_TEST(sums_in_pieces)
{
	uint8_t bytes[5 * FILES_SUM_STEP];
	size_t len, piece, at, n;
	uint64_t whole;

	for (at = 0; at < sizeof(bytes); at++)
		bytes[at] = (uint8_t)(at * 7);
	for (len = 0; len <= sizeof(bytes); len++) {
		whole = files_checksum(bytes, len);
		for (piece = FILES_SUM_STEP; piece <= 3 * FILES_SUM_STEP;
		     piece += FILES_SUM_STEP) {
			struct files_sum sum = FILES_SUM;

			for (at = 0; at < len; at += n) {
				n = len - at < piece ? len - at : piece;
				files_sum_add(&sum, bytes + at, n);
			}
			ck_assert_uint_eq(files_sum_end(&sum), whole);
		}
		for (at = 0; at < len; at++) {
			bytes[at] ^= 0x10;
			ck_assert_uint_ne(files_checksum(bytes, len), whole);
			bytes[at] ^= 0x10;
		}
		if (len)
			ck_assert_uint_ne(files_checksum(bytes, len - 1),
					  whole);
	}
}
END_TEST

/* All of it is there, for free(). */
START_TEST(memory_of_any_length)
{
	static const size_t lens[] = {
		1,	  4096,		  (2u << 20) - 1,
		2u << 20, (2u << 20) + 1, (6u << 20) + 4097};
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
		unsigned char *p = populate_alloc_huge(lens[i]);

		ck_assert_ptr_nonnull(p);
		if (i % 2)
			populate(p, lens[i]);
		memset(p, 0xaa, lens[i]);
		ck_assert_uint_eq(p[lens[i] - 1], 0xaa);
		free(p);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, errors_are_wrapped_on_the_way_up);
	tcase_add_test(t, long_errors_are_cut);
	tcase_add_test(t, cursor_reads_what_is_there);
	tcase_add_test(t, cursor_on_nothing);
	tcase_add_test(t, cursor_never_leaves_its_bytes);
	tcase_add_test(t, map_keeps_every_key);
	tcase_add_test(t, vector_grows);
	tcase_add_test(t, buffer_is_a_string);
	tcase_add_test(t, digits_are_those_of_printf);
	tcase_add_test(t, columns_are_those_of_printf);
	tcase_add_test(t, sums_in_pieces);
	tcase_add_test(t, memory_of_any_length);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
