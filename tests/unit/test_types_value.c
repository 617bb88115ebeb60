/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of values of types, out of bytes. */
#include "types/value.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "unit/btf_kit.h"

static struct btf_kit kit;
static struct buf blob;
static struct btf btf;
static char text[2048];
static uint32_t t_int, t_char, t_u64, t_bool;
static const struct value_opts all = {.depth = 9, .elements = 9, .signs = true};

static void setup(void)
{
	kit = (struct btf_kit){0};
	blob = (struct buf){0};
	btf = (struct btf){0};
	t_int = kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	t_char = kit_btf_int(&kit, "char", 1, 8);
	t_u64 = kit_btf_int(&kit, "long unsigned int", 8, 64);
	t_bool = kit_btf_int(&kit, "_Bool", 1, 8 | 4 << 24);
}

static void teardown(void)
{
	btf_deinit(&btf);
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
}

static void take(void *ctx, const struct value *v)
{
	static const char letters[] = "{}~nbepsx+";
	size_t used = strlen(text), room = sizeof(text) - used;
	char *at = text + used;

	(void)ctx;
	used = (size_t)snprintf(at, room, "%s%c",
				v->name && v->kind != VALUE_CLOSE ? v->name
								  : "",
				letters[v->kind]);
	at += used;
	room -= used;
	if (!v->known)
		snprintf(at, room, "? ");
	else if (v->kind == VALUE_STRING)
		snprintf(at, room, "%.*s ", (int)v->len,
			 (const char *)v->bytes);
	else if (v->kind == VALUE_BYTES)
		snprintf(at, room, "%zu ", v->len);
	else if (v->kind < VALUE_NUMBER)
		snprintf(at, room, " ");
	else if (v->is_signed)
		snprintf(at, room, "%" PRId64 "%s ", (int64_t)v->number,
			 v->word ? v->word : "");
	else
		snprintf(at, room, "%" PRIu64 "%s ", v->number,
			 v->word ? v->word : "");
}

static const char *values(uint32_t id, const void *bytes, size_t len,
			  const struct value_opts *opts)
{
	if (!blob.len) {
		kit_btf_blob(&kit, 24, 0, &blob);
		ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, NULL), 0);
	}
	*text = '\0';
	ck_assert(value_walk(&btf, id, bytes, len, opts, take, NULL));
	return text;
}

START_TEST(numbers)
{
	const uint8_t bytes[32] = {0xfe, 0xff, 0xff, 0xff, 1,	 2,    'h',
				   'i',	 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				   0xff, 0x7f, 0xfb, 0xff, 0xff, 0xff, 0x10};
	uint32_t e, p, s, id;

	e = kit_btf_type(&kit, "e", BTF_ENUM, 2, true, 4);
	kit_btf_named(&kit, "MINUS", (uint32_t)-5);
	kit_btf_named(&kit, "SEVEN", 7);
	p = kit_btf_type(&kit, "", BTF_PTR, 0, false, t_int);
	s = kit_btf_array(&kit, t_char, 2);
	id = kit_btf_type(&kit, "s", BTF_STRUCT, 7, false, 32);
	kit_btf_member(&kit, "i", t_int, 0);
	kit_btf_member(&kit, "b", t_bool, 32);
	kit_btf_member(&kit, "c", t_bool, 40);
	kit_btf_member(&kit, "s", s, 48);
	kit_btf_member(&kit, "u", t_u64, 64);
	kit_btf_member(&kit, "e", e, 128);
	kit_btf_member(&kit, "p", p, 160);
	ck_assert_str_eq(values(id, bytes, 32, &all),
			 "{ in-2 bb1 cn2 sshi un9223372036854775807 "
			 "ee-5MINUS pp16 } ");
	ck_assert_str_eq(values(id, bytes, 19, &all),
			 "{? in-2 bb1 cn2 sshi un9223372036854775807 ee? pp? "
			 "}? ");
	ck_assert_str_eq(values(e, bytes, 4, &all), "e-2 ");
}
END_TEST

START_TEST(bit_fields)
{
	const uint8_t bytes[16] = {0xb5, 0x01, 0, 0, 0, 0, 0, 0x80,
				   0x81, 0,    0, 0, 0, 0, 0, 0};
	uint32_t id = kit_btf_type(&kit, "s", BTF_STRUCT, 4, true, 16);

	kit_btf_member(&kit, "a", t_int, 3 << 24);	/* 101: -3 */
	kit_btf_member(&kit, "b", t_int, 6 << 24 | 3);	/* 110110: -10 */
	kit_btf_member(&kit, "c", t_u64, 9 << 24 | 63); /* in both */
	kit_btf_member(&kit, "d", t_bool, 1 << 24 | 0);
	ck_assert_str_eq(values(id, bytes, 16, &all),
			 "{ an-3 bn-10 cn259 db1 } ");
	ck_assert_str_eq(values(id, bytes, 8, &all),
			 "{? an-3 bn-10 cn? db1 }? ");
}
END_TEST

START_TEST(depth_and_elements)
{
	const struct value_opts little = {.depth = 1, .elements = 2};
	const struct value_opts flat = {0};
	const uint8_t bytes[48] = {[0] = 1, [8] = 2, [16] = 3, [24] = 4};
	uint32_t inner, anon, id, arr;

	inner = kit_btf_struct(&kit, "inner", 8, "x", t_u64);
	anon = kit_btf_struct(&kit, "", 8, "y", inner);
	arr = kit_btf_array(&kit, t_u64, 4);
	id = kit_btf_type(&kit, "s", BTF_STRUCT, 3, false, 48);
	kit_btf_member(&kit, "in", inner, 0);
	kit_btf_member(&kit, "", anon, 64);
	kit_btf_member(&kit, "a", arr, 128);
	ck_assert_str_eq(values(id, bytes, 48, &all),
			 "{ in{ xn1 } { y{ xn2 } } a{ n3 n4 n0 n0 } } ");
	ck_assert_str_eq(values(id, bytes, 48, &little),
			 "{ in{ xn1 } { y{ xn2 } } a{ n3 n4 +2 } } ");
	ck_assert_str_eq(values(id, bytes, 48, &flat), "{ in~ { y~ } a~ } ");
	ck_assert_str_eq(values(arr, bytes, 32, &little), "{ n1 n2 +2 } ");
}
END_TEST

static void count(void *ctx, const struct value *v)
{
	(void)v;
	++*(size_t *)ctx;
}

/* An end is found where there is none, and no byte is read that is not there.
 */
START_TEST(without_end)
{
	const struct value_opts many = {.depth = 64, .elements = UINT32_MAX};
	uint32_t self, huge, odd;
	size_t n = 0;

	self = kit_btf_type(&kit, "", BTF_STRUCT, 2, false, 8);
	kit_btf_member(&kit, "", self, 0);
	kit_btf_member(&kit, "", self, 0);
	huge = kit_btf_array(&kit, t_u64, UINT32_MAX);
	odd = kit_btf_int(&kit, "__int128", 16, 128);
	ck_assert_str_eq(values(odd, "0123456789abcdef", 16, &all), "x16 ");
	ck_assert(!value_walk(&btf, self, NULL, 0, &many, count, &n));
	ck_assert_uint_le(n, VALUE_STEPS);
	n = 0;
	ck_assert(!value_walk(&btf, huge, NULL, 0, &many, count, &n));
	ck_assert_uint_le(n, VALUE_STEPS);
	ck_assert_str_eq(values(1000, NULL, 0, &all), "x0 ");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("types/value");
	TCase *t = tcase_create("value");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers);
	tcase_add_test(t, bit_fields);
	tcase_add_test(t, depth_and_elements);
	tcase_add_test(t, without_end);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
