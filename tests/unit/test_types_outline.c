/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of types as text: names, declarations, offsets, holes. */
#include "types/outline.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "types/members.h"
#include "types/named.h"
#include "unit/btf_kit.h"

static struct btf_kit kit;
static struct buf blob, text;
static struct btf btf;
static struct outline outline;
static uint32_t t_int, t_char, t_long;

static void setup(void)
{
	kit = (struct btf_kit){0};
	blob = text = (struct buf){0};
	btf = (struct btf){0};
	outline = (struct outline){0};
	t_int = kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	t_char = kit_btf_int(&kit, "char", 1, 8);
	t_long = kit_btf_int(&kit, "long unsigned int", 8, 64);
}

static void teardown(void)
{
	outline_deinit(&outline);
	btf_deinit(&btf);
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
	buf_deinit(&text);
}

static const char *shown(uint32_t id)
{
	if (!blob.len) {
		kit_btf_blob(&kit, 24, 0, &blob);
		ck_assert_int_eq(btf_init(&btf, blob.data, blob.len, NULL), 0);
	}
	buf_reset(&text);
	outline_deinit(&outline);
	outline = (struct outline){0};
	ck_assert_int_eq(outline_type(&outline, &btf, id,
				      members_enums_tell(&btf), NULL),
			 0);
	outline_text(&outline, &text);
	return text.data;
}

static uint32_t pointer_to(uint32_t id)
{
	return kit_btf_type(&kit, "", BTF_PTR, 0, false, id);
}

static uint32_t function(uint32_t returns, uint32_t param)
{
	uint32_t id = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 1, false, returns);

	kit_btf_named(&kit, "arg", param);
	return id;
}

START_TEST(holes_and_bit_fields)
{
	uint32_t id = kit_btf_type(&kit, "s", BTF_STRUCT, 6, true, 96);

	kit_btf_member(&kit, "a", t_char, 0);
	kit_btf_member(&kit, "b", t_int, 32);
	kit_btf_member(&kit, "c", t_int, 3 << 24 | 64);
	kit_btf_member(&kit, "d", t_int, 5 << 24 | 69);
	kit_btf_member(&kit, "e", t_long, 128);
	kit_btf_member(&kit, "f", t_char, 64 * 8);
	ck_assert_str_eq(
		shown(id),
		"struct s {\n"
		"\tchar                       a;                    /*     0 "
		"    1 */\n"
		"\n"
		"\t/* XXX 3 bytes hole, try to pack */\n"
		"\n"
		"\tint                        b;                    /*     4 "
		"    4 */\n"
		"\tint                        c:3;                  /*     8: "
		"0  4 */\n"
		"\n"
		"\t/* XXX 2 bits hole, try to pack */\n"
		"\n"
		"\tint                        d:5;                  /*     8: "
		"5  4 */\n"
		"\n"
		"\t/* XXX 22 bits hole, try to pack */\n"
		"\t/* XXX 4 bytes hole, try to pack */\n"
		"\n"
		"\tlong unsigned int          e;                    /*    16 "
		"    8 */\n"
		"\n"
		"\t/* XXX 40 bytes hole, try to pack */\n"
		"\n"
		"\t/* --- cacheline 1 boundary (64 bytes) --- */\n"
		"\tchar                       f;                    /*    64 "
		"    1 */\n"
		"\n"
		"\t/* size: 96, cachelines: 2, members: 6 */\n"
		"\t/* sum members: 14, holes: 3, sum holes: 47 */\n"
		"\t/* sum bitfield members: 8 bits, bit holes: 2, sum bit "
		"holes: 24 bits */\n"
		"\t/* padding: 31 */\n"
		"\t/* last cacheline: 32 bytes */\n"
		"};\n");
}
END_TEST

/* What has no name is written out, at its place in the outermost. */
START_TEST(structs_without_a_name)
{
	uint32_t inner, both, two, id;

	inner = kit_btf_type(&kit, "", BTF_STRUCT, 2, false, 8);
	kit_btf_member(&kit, "x", t_int, 0);
	kit_btf_member(&kit, "y", t_int, 32);
	both = kit_btf_type(&kit, "", BTF_UNION, 2, false, 8);
	kit_btf_member(&kit, "z", t_long, 0);
	kit_btf_member(&kit, "", inner, 0);
	two = kit_btf_array(&kit, both, 2);
	id = kit_btf_type(&kit, "s", BTF_STRUCT, 3, false, 32);
	kit_btf_member(&kit, "first", t_long, 0);
	kit_btf_member(&kit, "", both, 64);
	kit_btf_member(&kit, "last", two, 128);
	shown(id);
	ck_assert_ptr_nonnull(strstr(text.data, "\tunion {\n"
						"\t\tlong unsigned int  z;"));
	ck_assert_ptr_nonnull(strstr(text.data, "\t\t\tint        y;"));
	ck_assert_ptr_nonnull(strstr(text.data, "/*    12     4 */\n\t\t};"));
	ck_assert_ptr_nonnull(strstr(text.data, "\n\t};                   "));
	ck_assert_ptr_nonnull(strstr(text.data, "\n\t} last[2];  "));
	ck_assert_ptr_nonnull(strstr(text.data, "/*    16    16 */\n\n\t/* "
						"size: 32, cachelines: 1, "
						"members: 3 */\n"));
}
END_TEST

START_TEST(declarations)
{
	uint32_t chars = pointer_to(t_char), cb, cbs, name, self, id;

	cb = pointer_to(function(t_int, chars));
	cbs = kit_btf_array(&kit, cb, 4);
	name = kit_btf_array(&kit, t_char, 16);
	self = pointer_to(kit.n + 2);
	id = kit_btf_type(&kit, "s", BTF_STRUCT, 4, false, 64);
	kit_btf_member(&kit, "self", self, 0);
	kit_btf_member(&kit, "call", cb, 64);
	kit_btf_member(&kit, "calls", cbs, 128);
	kit_btf_member(&kit, "name", name, 384);
	shown(id);
	ck_assert_ptr_nonnull(strstr(text.data, "\tint                        "
						"(*call)(char *arg);"));
	ck_assert_ptr_nonnull(strstr(text.data, " (*calls[4])(char *arg);"));
	ck_assert_ptr_nonnull(strstr(text.data, "\tchar                       "
						"name[16];"));
}
END_TEST

START_TEST(other_kinds)
{
	uint32_t e, fn, td, fwd, anon, tds, var;

	e = kit_btf_type(&kit, "e", BTF_ENUM, 2, true, 4);
	kit_btf_named(&kit, "MINUS", (uint32_t)-5);
	kit_btf_named(&kit, "SEVENTY", 70);
	fn = kit_btf_type(&kit, "go", BTF_FUNC, 1, false,
			  function(0, pointer_to(t_char)));
	td = kit_btf_type(&kit, "t", BTF_TYPEDEF, 0, false, pointer_to(t_int));
	fwd = kit_btf_type(&kit, "far", BTF_FWD, 0, true, 0);
	anon = kit_btf_struct(&kit, "", 4, "counter", t_int);
	tds = kit_btf_type(&kit, "atomic", BTF_TYPEDEF, 0, false, anon);
	var = kit_btf_type(&kit, "v", BTF_VAR, 0, false, t_long);
	kit_btf_u32(&kit, 0);
	ck_assert_str_eq(shown(e), "enum e {\n\tMINUS   = -5,\n"
				   "\tSEVENTY = 70,\n};\n");
	ck_assert_str_eq(shown(fn), "void go(char *arg);\n");
	ck_assert_str_eq(shown(td), "typedef int *t; /* size: 8 */\n");
	ck_assert_str_eq(shown(fwd), "union far;\n");
	ck_assert_str_eq(shown(var), "long unsigned int v; /* size: 8 */\n");
	ck_assert_str_eq(shown(t_int), "int; /* size: 4 */\n");
	shown(tds);
	ck_assert_ptr_nonnull(strstr(text.data, "typedef struct {\n\tint  "));
	ck_assert_ptr_nonnull(strstr(text.data, "\n} atomic;\n"));
}
END_TEST

/* Types that hold themselves, and pointers that lead in a circle. */
START_TEST(without_end)
{
	uint32_t id, circle;

	id = kit_btf_type(&kit, "", BTF_STRUCT, 2, false, 8);
	kit_btf_member(&kit, "", id, 0);
	kit_btf_member(&kit, "", id, 0);
	circle = kit_btf_type(&kit, "", BTF_PTR, 0, false, kit.n + 1);
	shown(id);
	ck_assert(outline.cut);
	ck_assert_uint_le(outline.items.n, OUTLINE_MAX_ITEMS);
	buf_reset(&text);
	outline_type_name(&btf, circle, &text);
	ck_assert_uint_lt(text.len, 1000);
	ck_assert_int_eq(outline_type(&outline, &btf, circle, false, NULL),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(outline_type(&outline, &btf, 1000, false, NULL),
			 ERR_NOT_FOUND);
}
END_TEST

static size_t found(const char *name, uint32_t *first)
{
	struct types_named n = {0};
	size_t count;

	ck_assert_int_eq(types_named_find(&n, &btf, name), 0);
	count = n.ids.n;
	*first = count ? n.ids.v[0] : 0;
	types_named_deinit(&n);
	return count;
}

START_TEST(names)
{
	uint32_t s, second, typedef_s, fwd, first;

	kit_btf_type(&kit, "s", BTF_FWD, 0, false, 0);
	s = kit_btf_struct(&kit, "s", 4, "a", t_int);
	typedef_s = kit_btf_type(&kit, "s", BTF_TYPEDEF, 0, false, s);
	second = kit_btf_struct(&kit, "s", 8, "b", t_long);
	fwd = kit_btf_type(&kit, "far", BTF_FWD, 0, false, 0);
	kit_btf_type(&kit, "tag", BTF_TYPE_TAG, 0, false, s);
	shown(s);
	ck_assert_uint_eq(found("s", &first), 3);
	ck_assert_uint_eq(first, s);
	ck_assert_uint_eq(found("struct s", &first), 2);
	ck_assert_uint_eq(found("typedef s", &first), 1);
	ck_assert_uint_eq(first, typedef_s);
	ck_assert_uint_eq(found("struct s___2", &first), 1);
	ck_assert_uint_eq(first, second);
	ck_assert_uint_eq(found("s___3", &first), 1);
	ck_assert_uint_eq(found("s___4", &first), 0);
	ck_assert_uint_eq(found("s___1", &first), 0);
	ck_assert_uint_eq(found("union s", &first), 0);
	ck_assert_uint_eq(found("far", &first), 1);
	ck_assert_uint_eq(first, fwd);
	ck_assert_uint_eq(found("tag", &first), 0);
	ck_assert_uint_eq(found("", &first), 0);
	ck_assert_uint_eq(found("struct ", &first), 0);
	ck_assert_uint_eq(found("int", &first), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("types/outline");
	TCase *t = tcase_create("outline");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, holes_and_bit_fields);
	tcase_add_test(t, structs_without_a_name);
	tcase_add_test(t, declarations);
	tcase_add_test(t, other_kinds);
	tcase_add_test(t, without_end);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
