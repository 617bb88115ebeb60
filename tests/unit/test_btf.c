/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the BTF reader on blobs of every kind, and hostile ones. */
#include "types/btf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/btf_kit.h"
#include "unit/kallsyms_kit.h"

static struct btf_kit kit;
static struct buf blob;
static uint32_t visits;
static struct btf btf;

static void setup(void)
{
	kit = (struct btf_kit){0};
	blob = (struct buf){0};
	btf = (struct btf){0};
	visits = 100000;
}

static void teardown(void)
{
	btf_deinit(&btf);
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
}

static void load(uint32_t hdr_len)
{
	kit_btf_blob(&kit, hdr_len, 0, &blob);
	ck_assert_uint_eq(btf_blob_size(blob.data, blob.len), blob.len);
	ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, NULL), 0);
}

/* One of each kind, with what follows it, and a last one to be reached. */
static void add_every_kind(void)
{
	kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 1);
	kit_btf_array(&kit, 1, 10);
	kit_btf_type(&kit, "s", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&kit, "a", 1, 0);
	kit_btf_type(&kit, "u", BTF_UNION, 1, false, 4);
	kit_btf_member(&kit, "b", 1, 0);
	kit_btf_type(&kit, "e", BTF_ENUM, 2, true, 4);
	kit_btf_u32(&kit, kit_btf_string(&kit, "MINUS"));
	kit_btf_u32(&kit, (uint32_t)-5);
	kit_btf_u32(&kit, kit_btf_string(&kit, "SEVEN"));
	kit_btf_u32(&kit, 7);
	kit_btf_type(&kit, "fwd", BTF_FWD, 0, true, 0);
	kit_btf_type(&kit, "t", BTF_TYPEDEF, 0, false, 1);
	kit_btf_type(&kit, "", BTF_VOLATILE, 0, false, 8);
	kit_btf_type(&kit, "", BTF_CONST, 0, false, 9);
	kit_btf_type(&kit, "", BTF_RESTRICT, 0, false, 10);
	kit_btf_type(&kit, "proto", BTF_FUNC_PROTO, 2, false, 1);
	kit_btf_u32(&kit, 0);
	kit_btf_u32(&kit, 1);
	kit_btf_u32(&kit, 0);
	kit_btf_u32(&kit, 0);
	kit_btf_type(&kit, "f", BTF_FUNC, 2, false, 12); /* vlen: linkage */
	kit_btf_type(&kit, "v", BTF_VAR, 0, false, 1);
	kit_btf_u32(&kit, 1);
	kit_btf_type(&kit, ".data..percpu", BTF_DATASEC, 1, false, 100);
	kit_btf_u32(&kit, 14);
	kit_btf_u32(&kit, 0);
	kit_btf_u32(&kit, 4);
	kit_btf_type(&kit, "double", BTF_FLOAT, 0, false, 8);
	kit_btf_type(&kit, "tag", BTF_DECL_TAG, 0, false, 4);
	kit_btf_u32(&kit, (uint32_t)-1);
	kit_btf_type(&kit, "user", BTF_TYPE_TAG, 0, true, 11);
	kit_btf_type(&kit, "wide", BTF_ENUM64, 1, false, 8);
	kit_btf_u32(&kit, kit_btf_string(&kit, "BIG"));
	kit_btf_u32(&kit, 0x89abcdef);
	kit_btf_u32(&kit, 0x1234567);
	kit_btf_type(&kit, "last", BTF_STRUCT, 0, false, 77);
}

START_TEST(every_kind_is_passed)
{
	struct btf_enumerator e;
	struct btf_type t;

	add_every_kind();
	load(_i);
	ck_assert_uint_eq(btf.cut, 0);
	ck_assert(btf_type(&btf, kit.n, &t));
	ck_assert_str_eq(t.name, "last");
	ck_assert_uint_eq(t.size, 77);
	ck_assert(!btf_type(&btf, 0, &t));
	ck_assert(!btf_type(&btf, kit.n + 1, &t));
	ck_assert(btf_behind(&btf, 18, &t)); /* five modifiers to the int */
	ck_assert_str_eq(t.name, "int");
	ck_assert_uint_eq(btf_size(&btf, 3), 40);
	ck_assert_uint_eq(btf_size(&btf, 2), 8);
	ck_assert(btf_type(&btf, 6, &t));
	ck_assert(btf_enumerator(&t, 0, &e));
	ck_assert_int_eq(e.value, -5);
	ck_assert(!btf_enumerator(&t, 2, &e));
	ck_assert(btf_type(&btf, 19, &t));
	ck_assert(btf_enumerator(&t, 0, &e));
	ck_assert_int_eq(e.value, 0x123456789abcdef);
}
END_TEST

START_TEST(what_follows_a_record)
{
	struct btf_variable v;
	int32_t component = 0;
	struct btf_param p;
	struct btf_array a;
	struct btf_type t;
	struct btf_int i;

	add_every_kind();
	load(24);
	ck_assert(btf_type(&btf, 1, &t) && btf_int(&t, &i));
	ck_assert_uint_eq(i.bits, 32);
	ck_assert(!btf_array(&t, &a) && !btf_param(&t, 0, &p));
	ck_assert(btf_type(&btf, 3, &t) && btf_array(&t, &a));
	ck_assert_uint_eq(a.elem, 1);
	ck_assert_uint_eq(a.n, 10);
	ck_assert(!btf_int(&t, &i) && !btf_variable(&t, 0, &v));
	ck_assert(btf_type(&btf, 12, &t) && btf_param(&t, 0, &p));
	ck_assert_uint_eq(p.type, 1);
	ck_assert(btf_param(&t, 1, &p) && !p.type && !*p.name);
	ck_assert(!btf_param(&t, 2, &p));
	ck_assert(btf_type(&btf, 15, &t) && btf_variable(&t, 0, &v));
	ck_assert_uint_eq(v.type, 14);
	ck_assert_uint_eq(v.size, 4);
	ck_assert(!btf_variable(&t, 1, &v) && !btf_component(&t, &component));
	ck_assert(btf_type(&btf, 17, &t) && btf_component(&t, &component));
	ck_assert_int_eq(component, -1);
}
END_TEST

/* A module's: a struct of its own with a member of its base's type. */
START_TEST(split_goes_on_behind_its_base)
{
	struct btf_kit own = {.n = 0};
	struct buf split_blob = {0};
	struct btf_member m;
	struct btf_type t;
	struct btf split;
	uint32_t last, strings, name;

	add_every_kind();
	load(24);
	last = kit.n;
	strings = (uint32_t)btf.strings_len;
	kit_btf_type(&own, "mine", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&own, "of", last, 0);
	kit_btf_blob(&own, 24, 0, &split_blob);
	/* Names as they are numbered there, but for the member's: the base's.
	 */
	name = strings + 1;
	memcpy(split_blob.data + 24, &name, sizeof(name));
	name = 1;
	memcpy(split_blob.data + 36, &name, sizeof(name));
	ck_assert_int_eq(btf_init_split(&split, &btf, split_blob.data,
					split_blob.len, NULL),
			 0);
	ck_assert_uint_eq(btf_end(&btf), last + 1);
	ck_assert_uint_eq(btf_end(&split), last + 2);
	ck_assert(btf_type(&split, last + 1, &t));
	ck_assert_str_eq(t.name, "mine");
	ck_assert(btf_member(&t, 0, &m));
	ck_assert_str_eq(m.name, btf_string(&btf, 1));
	ck_assert_uint_eq(btf_size(&split, m.type), 77);
	ck_assert(btf_type(&split, last, &t));
	ck_assert_str_eq(t.name, "last");
	ck_assert(!btf_type(&split, last + 2, &t));
	btf_deinit(&split);
	buf_deinit(&split_blob);
	kit_btf_deinit(&own);
}
END_TEST

/* struct { int a; union { struct { int b; int c[2]; }; long d; }; outer o; } */
static uint32_t add_nested(void)
{
	uint32_t integer, array, inner, either, named, id;

	integer = kit_btf_int(&kit, "int", 4, 32);
	array = kit_btf_array(&kit, integer, 2);
	inner = kit_btf_type(&kit, "", BTF_STRUCT, 2, false, 12);
	kit_btf_member(&kit, "b", integer, 0);
	kit_btf_member(&kit, "c", array, 32);
	either = kit_btf_type(&kit, "", BTF_UNION, 2, false, 12);
	kit_btf_member(&kit, "", inner, 0);
	kit_btf_member(&kit, "d", integer, 0);
	named = kit_btf_type(&kit, "named", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&kit, "x", integer, 0);
	id = kit_btf_type(&kit, "outer", BTF_STRUCT, 4, false, 24);
	kit_btf_member(&kit, "a", integer, 0);
	kit_btf_member(&kit, "", either, 32);
	kit_btf_member(&kit, "o", named, 128);
	kit_btf_member(&kit, "many", array, 160);
	return id;
}

START_TEST(members_are_found_in_depth)
{
	static const struct {
		const char *path;
		bool found;
		uint32_t offset, size;
	} cases[] = {
		{"a", true, 0, 4},    {"b", true, 4, 4}, /* anonymous struct in
							    anonymous union */
		{"c", true, 8, 8},    {"d", true, 4, 4},  {"o", true, 16, 4},
		{"o.x", true, 16, 4}, {"x", false, 0, 0}, /* a named member is
							     not looked through
							   */
		{"c.b", false, 0, 0},			  /* nor an array */
		{"o.", false, 0, 0},  {"", false, 0, 0},  {"oo", false, 0, 0},
	};
	struct btf_place p;
	uint32_t id = add_nested();
	size_t i;

	load(24);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(btf_find(&btf, id, cases[i].path, &visits, &p) ==
				      cases[i].found,
			      "%s", cases[i].path);
		if (!cases[i].found)
			continue;
		ck_assert_uint_eq(p.offset, cases[i].offset);
		ck_assert_uint_eq(p.size, cases[i].size);
		ck_assert_uint_eq(p.bit_size, 0);
	}
}
END_TEST

/* Bitfields: kflag with the width in the offset, or the width in the INT. */
START_TEST(bitfields_of_both_encodings)
{
	uint32_t integer = kit_btf_int(&kit, "int", 4, 32);
	uint32_t five = kit_btf_int(&kit, "unsigned", 4, 5 | 3 << 16);
	struct btf_place p;

	kit_btf_type(&kit, "new", BTF_STRUCT, 2, true, 8);
	kit_btf_member(&kit, "f", integer, 15u << 24 | 17);
	kit_btf_member(&kit, "plain", integer, 32);
	kit_btf_type(&kit, "old", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&kit, "g", five, 8);
	load(24);
	ck_assert(btf_find(&btf, 3, "f", &visits, &p)); /* bits 17 to 31 */
	ck_assert_uint_eq(p.offset, 2);
	ck_assert_uint_eq(p.bit_offset, 1);
	ck_assert_uint_eq(p.bit_size, 15);
	ck_assert_uint_eq(p.size, 2);
	ck_assert(btf_find(&btf, 3, "plain", &visits, &p));
	ck_assert_uint_eq(p.offset, 4);
	ck_assert_uint_eq(p.bit_size, 0);
	ck_assert(btf_find(&btf, 4, "g", &visits, &p)); /* bits 11 to 15 */
	ck_assert_uint_eq(p.offset, 1);
	ck_assert_uint_eq(p.bit_offset, 3);
	ck_assert_uint_eq(p.bit_size, 5);
	ck_assert_uint_eq(p.size, 1);
}
END_TEST

/* No integer is wider than 64 bits; the encodings have room for 255. */
START_TEST(bitfields_have_at_most_64_bits)
{
	uint32_t integer = kit_btf_int(&kit, "int", 8, 64);
	uint32_t wide = kit_btf_int(&kit, "wide", 16, 100);
	struct btf_place p;

	kit_btf_type(&kit, "new", BTF_STRUCT, 2, true, 32);
	kit_btf_member(&kit, "most", integer, 64u << 24);
	kit_btf_member(&kit, "more", integer, 65u << 24);
	kit_btf_type(&kit, "old", BTF_STRUCT, 1, false, 16);
	kit_btf_member(&kit, "more", wide, 0);
	load(24);
	ck_assert(btf_find(&btf, 3, "most", &visits, &p));
	ck_assert_uint_eq(p.bit_size, 64);
	ck_assert(!btf_find(&btf, 3, "more", &visits, &p));
	ck_assert(!btf_find(&btf, 4, "more", &visits, &p));
}
END_TEST

/* vlen has 24 bits and kinds 7 since 7.2. */
START_TEST(wide_vlen)
{
	struct btf_type t;
	uint32_t i;

	kit_btf_int(&kit, "int", 4, 32);
	kit_btf_type(&kit, "big", BTF_STRUCT, 70000, false, 4);
	for (i = 0; i < 70000; i++)
		kit_btf_member(&kit, "", 1, 0);
	kit_btf_type(&kit, "last", BTF_STRUCT, 0, false, 1);
	load(24);
	ck_assert(btf_type(&btf, 3, &t));
	ck_assert_str_eq(t.name, "last");
}
END_TEST

static void add_unknown_kind(void)
{
	uint32_t kind;

	kit_btf_int(&kit, "int", 4, 32);
	kit_btf_type(&kit, "new", 33, 2, false, 0);
	for (kind = 0; kind < 3; kind++) /* 4 bytes, and 4 per element */
		kit_btf_u32(&kit, 0xffffffff);
	kit_btf_type(&kit, "last", BTF_STRUCT, 0, false, 1);
	for (kind = 0; kind <= 33; kind++) {
		kit_put(&kit.layout, kind == 33 ? 4 : 0, 1);
		kit_put(&kit.layout, kind == 33 ? 4 : 0, 1);
		kit_put(&kit.layout, 0, 2);
	}
}

START_TEST(unknown_kinds_are_passed_by_the_layout)
{
	struct btf_type t;

	add_unknown_kind();
	load(32);
	ck_assert_uint_eq(btf.cut, 0);
	ck_assert(btf_type(&btf, 3, &t));
	ck_assert_str_eq(t.name, "last");
}
END_TEST

START_TEST(unknown_kinds_end_the_scan)
{
	struct btf_type t;

	add_unknown_kind();
	load(24);
	ck_assert_uint_eq(btf.cut, 33);
	ck_assert(btf_type(&btf, 1, &t));
	ck_assert(!btf_type(&btf, 2, &t));
}
END_TEST

START_TEST(cycles_end)
{
	struct btf_place p;
	struct btf_type t;

	/* typedef to itself, through const */
	kit_btf_type(&kit, "a", BTF_TYPEDEF, 0, false, 2);
	kit_btf_type(&kit, "", BTF_CONST, 0, false, 1);
	/* an anonymous struct in itself, a thousand times */
	kit_btf_type(&kit, "", BTF_STRUCT, 1000, false, 8);
	while (kit.types.len < 24 + 12 + 1000 * 12)
		kit_btf_member(&kit, "", 3, 64);
	/* arrays of themselves */
	kit_btf_array(&kit, 4, 1000);
	load(24);
	ck_assert(!btf_behind(&btf, 1, &t));
	ck_assert_uint_eq(btf_size(&btf, 1), 0);
	ck_assert(!btf_find(&btf, 3, "x", &visits, &p));
	ck_assert_uint_eq(visits, 0); /* all that it was given */
	ck_assert_uint_eq(btf_size(&btf, 4), 0);
}
END_TEST

START_TEST(bad_headers_are_refused)
{
	static const struct {
		size_t at;
		uint8_t value;
	} damage[] = {
		{0, 0},	    /* magic */
		{2, 2},	    /* version */
		{4, 20},    /* header too short */
		{4, 26},    /* or not aligned */
		{7, 1},	    /* or huge */
		{11, 0xff}, /* types far outside */
		{15, 0xff}, /* or very long */
		{19, 0x7f}, /* strings far outside */
		{23, 0x7f}, /* or very long */
	};
	struct err err;
	char old;

	add_every_kind();
	kit_btf_blob(&kit, 24, 0, &blob);
	old = blob.data[damage[_i].at];
	blob.data[damage[_i].at] = (char)damage[_i].value;
	ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, &err),
			 ERR_CORRUPT);
	blob.data[damage[_i].at] = old;
	ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, &err), 0);
}
END_TEST

static void use_all(const struct btf *b)
{
	struct btf_enumerator e;
	struct btf_member m;
	struct btf_place p;
	struct btf_type t;
	uint32_t id, i;

	for (id = 0; id < 40; id++) {
		btf_size(b, id);
		btf_find(b, id, "a.b", &visits, &p);
		btf_find(b, id, "f", &visits, &p);
		if (!btf_type(b, id, &t))
			continue;
		for (i = 0; i < 4; i++) {
			btf_member(&t, i, &m);
			btf_enumerator(&t, i, &e);
		}
	}
}

/* Cut at every length, and with every byte changed. */
START_TEST(damage_is_harmless)
{
	size_t i, len;
	uint8_t *copy;

	add_every_kind();
	add_nested();
	kit_btf_blob(&kit, _i, 0, &blob);
	for (i = 0; i < blob.len * 2; i++) {
		len = i < blob.len ? i : blob.len;
		copy = malloc(len + !len);
		memcpy(copy, blob.data, len);
		if (i >= blob.len)
			copy[i - blob.len] ^= (uint8_t)(1 + i * 37 % 255);
		if (!btf_init(&btf, copy, len, NULL))
			use_all(&btf);
		btf_deinit(&btf);
		free(copy);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("btf");
	TCase *t = tcase_create("btf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_kind_is_passed, 24, 25);
	tcase_add_loop_test(t, every_kind_is_passed, 32, 33);
	tcase_add_test(t, what_follows_a_record);
	tcase_add_test(t, split_goes_on_behind_its_base);
	tcase_add_test(t, members_are_found_in_depth);
	tcase_add_test(t, bitfields_of_both_encodings);
	tcase_add_test(t, bitfields_have_at_most_64_bits);
	tcase_add_test(t, wide_vlen);
	tcase_add_test(t, unknown_kinds_are_passed_by_the_layout);
	tcase_add_test(t, unknown_kinds_end_the_scan);
	tcase_add_test(t, cycles_end);
	tcase_add_loop_test(t, bad_headers_are_refused, 0, 9);
	tcase_add_loop_test(t, damage_is_harmless, 24, 25);
	tcase_add_loop_test(t, damage_is_harmless, 32, 33);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
