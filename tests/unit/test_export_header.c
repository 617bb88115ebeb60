/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the C header: declarations, layout, names, and hostile types. */
#include "export/header.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "types/btf.h"
#include "unit/btf_kit.h"
#include "unit/kallsyms_kit.h"

static struct btf_kit kit;
static struct buf blob;
static char *text;
static size_t text_len;
static struct err err;

static void setup(void)
{
	kit = (struct btf_kit){0};
	blob = (struct buf){0};
	text = NULL;
	err = (struct err){0};
	kit_btf_int(&kit, "int", 4, 32 | 1 << 24); /* 1 */
	kit_btf_int(&kit, "char", 1, 8);	   /* 2 */
	kit_btf_int(&kit, "long unsigned int", 8, 64);
	kit_btf_int(&kit, "_Bool", 1, 8 | 4 << 24); /* 4 */
}

#define INT   1u
#define CHAR  2u
#define ULONG 3u
#define BOOL  4u

static void teardown(void)
{
	kit_btf_deinit(&kit);
	buf_deinit(&blob);
	free(text);
}

/* Of a blob, which `p` borrows. */
static int header_to(FILE *out)
{
	struct portrait p = {.release = "6.1.0-test"};
	int rc;

	ck_assert_int_eq(vec_push(&p.types, {.btf = (uint8_t *)blob.data,
					     .len = blob.len}),
			 0);
	rc = export_header(&p, out, &err);
	vec_deinit(&p.types);
	return rc;
}

static int header(void)
{
	FILE *out;
	int rc;

	kit_btf_blob(&kit, 24, 0, &blob);
	out = open_memstream(&text, &text_len);
	ck_assert_ptr_nonnull(out);
	rc = header_to(out);
	fclose(out);
	return rc;
}

static void has(const char *part)
{
	if (!strstr(text, part))
		ck_abort_msg("no\n%s\nin\n%s", part, text);
}

static void has_not(const char *part)
{
	if (strstr(text, part))
		ck_abort_msg("there is\n%s\nin\n%s", part, text);
}

static void comes_before(const char *first, const char *second)
{
	has(first);
	has(second);
	ck_assert(strstr(text, first) < strstr(text, second));
}

static uint32_t add(const char *name, uint32_t kind, uint32_t type)
{
	return kit_btf_type(&kit, name, kind, 0, false, type);
}

static uint32_t pointer(uint32_t to)
{
	return add("", BTF_PTR, to);
}

START_TEST(declarators)
{
	uint32_t proto, p, q, a, inner;

	p = pointer(CHAR);
	proto = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 2, false, p);
	kit_btf_named(&kit, "fmt", p);
	kit_btf_named(&kit, "", 0);
	q = pointer(proto);
	a = kit_btf_array(&kit, q, 3);
	kit_btf_struct(&kit, "calls", 24, "all", a);
	inner = kit_btf_array(&kit, INT, 2);
	kit_btf_struct(&kit, "grid", 24, "cells",
		       kit_btf_array(&kit, inner, 3));
	kit_btf_struct(&kit, "to_array", 8, "row", pointer(inner));
	add("callback_t", BTF_TYPEDEF, proto);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	add("nothing_t", BTF_TYPEDEF, kit.n);
	kit_btf_struct(&kit, "flexible", 0, "data",
		       kit_btf_array(&kit, CHAR, 0));
	ck_assert_int_eq(header(), 0);
	has("struct calls {\n\tchar *(*all[3])(char *fmt, ...);\n};\n");
	has("\tint cells[3][2];\n");
	has("\tint (*row)[2];\n");
	has("typedef char *callback_t(char *fmt, ...);\n");
	has("typedef void nothing_t(void);\n");
	has("struct flexible {\n\tchar data[0];\n};\n");
	has("#ifndef __VMLINUX_H__\n#define __VMLINUX_H__\n");
	has("preserve_access_index");
	has(" * Linux 6.1.0-test\n");
}
END_TEST

START_TEST(qualifiers)
{
	uint32_t c = add("", BTF_CONST, CHAR), p = pointer(c), cp, v, tag;

	cp = add("", BTF_CONST, p);
	v = add("", BTF_VOLATILE, add("", BTF_CONST, INT));
	kit_btf_type(&kit, "q", BTF_STRUCT, 6, false, 48);
	kit_btf_member(&kit, "a", p, 0);
	kit_btf_member(&kit, "b", cp, 64);
	kit_btf_member(&kit, "c", v, 128);
	kit_btf_member(&kit, "d", kit.n + 2, 192);
	kit_btf_member(&kit, "e", kit.n + 5, 256);
	kit_btf_member(&kit, "f", kit.n + 8, 320);
	kit_btf_array(&kit, c, 2);
	add("", BTF_CONST, kit.n); /* of an array: nothing */
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	pointer(add("", BTF_VOLATILE, kit.n));
	tag = add("user", BTF_TYPE_TAG, CHAR);
	add("", BTF_RESTRICT, pointer(tag));
	ck_assert_int_eq(header(), 0);
	has("\tconst char *a;\n");
	has("\tconst char * const b;\n");
	has("\tvolatile const int c;\n");
	has("\tconst char d[2];\n");
	has("\tvoid (*e)(void);\n");
	has("\tchar * restrict f;\n");
	has_not("user");
}
END_TEST

START_TEST(what_is_needed_comes_first)
{
	/* 5: outer, of inner (6) and a pointer to a typedef (9) of it */
	kit_btf_type(&kit, "outer", BTF_STRUCT, 2, false, 16);
	kit_btf_member(&kit, "in", 6, 0);
	kit_btf_member(&kit, "t", 8, 64);
	kit_btf_struct(&kit, "inner", 8, "up", 7);
	pointer(5);
	pointer(9);
	add("outer_t", BTF_TYPEDEF, 5);
	kit_btf_struct(&kit, "last", 16, "o", 9);
	ck_assert_int_eq(header(), 0);
	comes_before("struct outer;\n", "struct inner {");
	comes_before("struct inner {", "struct outer {");
	comes_before("typedef struct outer outer_t;", "struct outer {");
	comes_before("struct outer {", "struct last {");
	has("\touter_t *t;\n");
	has("\touter_t o;\n");
}
END_TEST

START_TEST(anonymous_ones_stand_inside)
{
	kit_btf_type(&kit, "", BTF_UNION, 2, false, 8); /* 5 */
	kit_btf_member(&kit, "a", INT, 0);
	kit_btf_member(&kit, "b", ULONG, 0);
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4); /* 6 */
	kit_btf_named(&kit, "ALONE", 1);
	kit_btf_type(&kit, "s", BTF_STRUCT, 3, false, 16);
	kit_btf_member(&kit, "", 5, 0);
	kit_btf_member(&kit, "e", 6, 64);
	kit_btf_member(&kit, "f", 8, 96);
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4); /* 8 */
	kit_btf_named(&kit, "SHARED", 2);
	add("shared_t", BTF_TYPEDEF, 8);
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4); /* 10 */
	kit_btf_named(&kit, "NOBODYS", 3);
	ck_assert_int_eq(header(), 0);
	has("struct s {\n\tunion {\n\t\tint a;\n\t\tlong unsigned int b;\n"
	    "\t};\n\tenum {\n\t\tALONE = 1,\n\t} e;\n"
	    "\tenum unnamed_8 f;\n};\n");
	has("enum unnamed_8 {\n\tSHARED = 2,\n};\n");
	has("typedef enum unnamed_8 shared_t;\n");
	has("enum {\n\tNOBODYS = 3,\n};\n");
}
END_TEST

/* As gcc has them with -fms-extensions: `struct inner;` in a struct. */
START_TEST(a_struct_without_a_member_name)
{
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4); /* 5 */
	kit_btf_named(&kit, "ONCE", 1);
	kit_btf_struct(&kit, "inner", 4, "e", 5);
	kit_btf_struct(&kit, "outer", 4, "", add("", BTF_CONST, 6));
	ck_assert_int_eq(header(), 0);
	has("struct outer {\n\tstruct {\n\t\tenum unnamed_5 e;\n\t};\n};\n");
	has("struct inner {\n\tenum unnamed_5 e;\n};\n");
}
END_TEST

START_TEST(second_names)
{
	kit_btf_struct(&kit, "twice", 4, "a", INT);   /* 5 */
	kit_btf_struct(&kit, "twice", 8, "b", ULONG); /* 6 */
	kit_btf_type(&kit, "twice", BTF_FWD, 0, false, 0);
	kit_btf_type(&kit, "twice", BTF_FWD, 0, true, 0); /* a union: 8 */
	add("thing", BTF_TYPEDEF, pointer(6));
	add("thing", BTF_TYPEDEF, pointer(8));
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "thing", 1);
	ck_assert_int_eq(header(), 0);
	has("struct twice {\n\tint a;\n};\n");
	has("struct twice___2 {\n\tlong unsigned int b;\n};\n");
	has("union twice___3;\n");
	has("typedef struct twice___2 *thing;\n");
	has("typedef union twice___3 *thing___2;\n");
	has("\tthing___3 = 1,\n");
}
END_TEST

START_TEST(bit_fields)
{
	kit_btf_type(&kit, "bits", BTF_STRUCT, 6, true, 16);
	kit_btf_member(&kit, "a", INT, 3 << 24 | 0);
	kit_btf_member(&kit, "b", INT, 5 << 24 | 4);	/* a bit between */
	kit_btf_member(&kit, "c", INT, 30u << 24 | 32); /* C puts it there */
	kit_btf_member(&kit, "d", BOOL, 1 << 24 | 72);	/* not there */
	kit_btf_member(&kit, "e", CHAR, 80);
	kit_btf_member(&kit, "f", CHAR, 7 << 24 | 96);
	ck_assert_int_eq(header(), 0);
	has("struct bits {\n\tint a: 3;\n\tchar: 1;\n\tint b: 5;\n"
	    "\tint c: 30;\n\tchar: 2;\n\tchar: 8;\n\t_Bool d: 1;\n"
	    "\tchar e;\n\tchar: 8;\n\tchar f: 7;\n};\n");
}
END_TEST

/* The width in the INT, as before kernels had the flag. */
START_TEST(bit_fields_of_old)
{
	uint32_t old = kit_btf_int(&kit, "int", 4, 3 | 1 << 24 | 2 << 16);

	kit_btf_type(&kit, "old", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&kit, "a", old, 8);
	ck_assert_int_eq(header(), 0);
	has("struct old {\n\tchar: 8;\n\tchar: 2;\n\tint a: 3;\n};\n");
}
END_TEST

START_TEST(packed_where_it_takes_that)
{
	kit_btf_type(&kit, "odd", BTF_STRUCT, 2, false, 9);
	kit_btf_member(&kit, "a", CHAR, 0);
	kit_btf_member(&kit, "b", ULONG, 8);
	kit_btf_type(&kit, "long_end", BTF_STRUCT, 1, false, 9);
	kit_btf_member(&kit, "a", ULONG, 0);
	kit_btf_type(&kit, "across", BTF_STRUCT, 2, true, 8);
	kit_btf_member(&kit, "a", INT, 20 << 24 | 0);
	kit_btf_member(&kit, "b", INT, 20 << 24 | 20);
	kit_btf_type(&kit, "u", BTF_UNION, 1, false, 5);
	kit_btf_member(&kit, "a", INT, 0);
	/* It may lie anywhere, and makes nothing packed. */
	kit_btf_type(&kit, "holder", BTF_STRUCT, 2, false, 10);
	kit_btf_member(&kit, "a", CHAR, 0);
	kit_btf_member(&kit, "o", 5, 8);
	ck_assert_int_eq(header(), 0);
	has("struct odd {\n\tchar a;\n\tlong unsigned int b;\n"
	    "} __attribute__((packed));\n");
	has("struct long_end {\n\tlong unsigned int a;\n\tchar: 8;\n"
	    "} __attribute__((packed));\n");
	has("struct across {\n\tint a: 20;\n\tint b: 20;\n\tchar: 8;\n"
	    "\tshort: 16;\n} __attribute__((packed));\n");
	has("union u {\n\tint a;\n\tunsigned char __hole0[5];\n"
	    "} __attribute__((packed));\n");
	has("struct holder {\n\tchar a;\n\tstruct odd o;\n};\n");
}
END_TEST

START_TEST(holes)
{
	kit_btf_type(&kit, "holes", BTF_STRUCT, 3, false, 4096);
	kit_btf_member(&kit, "a", CHAR, 0);
	kit_btf_member(&kit, "b", INT, 32);  /* C leaves it by itself */
	kit_btf_member(&kit, "c", INT, 128); /* and this not */
	kit_btf_type(&kit, "empty", BTF_STRUCT, 0, false, 0);
	kit_btf_type(&kit, "hidden", BTF_STRUCT, 0, false, 12);
	ck_assert_int_eq(header(), 0);
	has("struct holes {\n\tchar a;\n\tint b;\n\tlong: 64;\n\tint c;\n"
	    "\tunsigned char __hole0[4076];\n};\n");
	has("struct empty {\n};\n");
	has("struct hidden {\n\tlong: 64;\n\tint: 32;\n};\n");
}
END_TEST

START_TEST(enums)
{
	uint32_t id;

	kit_btf_type(&kit, "e1", BTF_ENUM, 2, false, 1);
	kit_btf_named(&kit, "SMALL", 255);
	kit_btf_named(&kit, "BIT", 1u << 31);
	kit_btf_type(&kit, "e2", BTF_ENUM, 1, true, 2);
	kit_btf_named(&kit, "MINUS", (uint32_t)-2);
	kit_btf_type(&kit, "e8", BTF_ENUM, 1, false, 8);
	kit_btf_named(&kit, "WORD", 1);
	id = kit_btf_type(&kit, "e64", BTF_ENUM64, 1, false, 8);
	kit_btf_u32(&kit, kit_btf_string(&kit, "HUGE"));
	kit_btf_u32(&kit, 0);
	kit_btf_u32(&kit, 1u << 31);
	kit_btf_type(&kit, "f64", BTF_ENUM64, 1, true, 8);
	kit_btf_u32(&kit, kit_btf_string(&kit, "DEEP"));
	kit_btf_u32(&kit, 0);
	kit_btf_u32(&kit, (uint32_t)-1);
	add("", BTF_ENUM, 4);
	kit_btf_type(&kit, "later", BTF_ENUM, 0, false, 4);
	kit_btf_struct(&kit, "user", 8, "p", pointer(kit.n));
	kit_btf_struct(&kit, "whole", 4, "e", kit.n - 2);
	kit_btf_struct(&kit, "has", 8, "e", id);
	ck_assert_int_eq(header(), 0);
	has("enum e1 {\n\tSMALL = 255,\n\tBIT = 2147483648,\n"
	    "} __attribute__((mode(QI)));\n");
	has("enum e2 {\n\tMINUS = -2,\n} __attribute__((mode(HI)));\n");
	has("enum e8 {\n\tWORD = 1,\n} __attribute__((mode(DI)));\n");
	has("enum e64 {\n\tHUGE = 9223372036854775808ULL,\n};\n");
	has("enum f64 {\n\tDEEP = -4294967296LL,\n};\n");
	has("enum later;\n");
	has("\tenum later *p;\n");
	has("struct whole {\n\t/* left out: e */\n\tint: 32;\n};\n");
	has("\tenum e64 e;\n");
}
END_TEST

/* No enum of that kernel says whether it is signed: as btf.h takes them. */
START_TEST(enums_of_old)
{
	kit_btf_type(&kit, "e", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "MINUS", (uint32_t)-1);
	ck_assert_int_eq(header(), 0);
	has("\tMINUS = -1,\n");
}
END_TEST

START_TEST(words_of_c)
{
	kit_btf_int(&kit, "__Poly8_t", 1, 8);
	kit_btf_int(&kit, "int", 16, 128 | 1 << 24); /* by name only */
	add("bool", BTF_TYPEDEF, BOOL);
	kit_btf_type(&kit, "", BTF_ENUM, 2, false, 4);
	kit_btf_named(&kit, "false", 0);
	kit_btf_named(&kit, "true", 1);
	add("__builtin_va_list", BTF_TYPEDEF, INT);
	kit_btf_struct(&kit, "class", 4, "switch", INT);
	kit_btf_struct(&kit, "goto", 16, "x", 6);
	ck_assert_int_eq(header(), 0);
	has("typedef unsigned char __Poly8_t;\n");
	has("typedef __int128 int_;\n");
	has("202311L\ntypedef _Bool bool;\n#endif\n");
	has("202311L\nenum {\n\tfalse = 0,\n\ttrue = 1,\n};\n#endif\n");
	has("typedef int __builtin_va_list_;\n");
	has("struct class {\n\tint switch_;\n};\n");
	has("struct goto_ {\n\tint_ x;\n};\n");
}
END_TEST

START_TEST(kfuncs)
{
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 1, false, 0); /* 5 */
	kit_btf_named(&kit, "p", 9);
	add("bpf_thing", BTF_FUNC, 5);
	kit_btf_type(&kit, "bpf_kfunc", BTF_DECL_TAG, 0, false, 6);
	kit_btf_u32(&kit, (uint32_t)-1);
	add("thing_t", BTF_TYPEDEF, INT);
	pointer(8);
	add("bpf_other", BTF_FUNC, 5);
	kit_btf_type(&kit, "other", BTF_DECL_TAG, 0, false, 10);
	kit_btf_u32(&kit, (uint32_t)-1);
	ck_assert_int_eq(header(), 0);
	has("#ifndef BPF_NO_KFUNC_PROTOTYPES\n");
	has("extern void bpf_thing(thing_t *p) __weak __ksym;\n#endif\n");
	has_not("bpf_other");
}
END_TEST

START_TEST(names_are_made_identifiers)
{
	char *longest = malloc(5001);

	memset(longest, 'n', 5000);
	longest[5000] = '\0';
	kit_btf_type(&kit, "a */ #include \"x\"\nint b;", BTF_STRUCT, 4, false,
		     32);
	kit_btf_member(&kit, "c\\\n\"d", INT, 0);
	kit_btf_member(&kit, "9lives", INT, 32);
	kit_btf_member(&kit, "*/", 77, 64); /* is left out */
	kit_btf_member(&kit, longest, INT, 96);
	kit_btf_type(&kit, "x*", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "\xff\x01", 3);
	kit_btf_struct(&kit, "x/", 4, "a", INT);
	add("t;", BTF_TYPEDEF, INT);
	ck_assert_int_eq(header(), 0);
	free(longest);
	has("struct a_____include__x__int_b_ {\n\tint c___d;\n"
	    "\tint _9lives;\n\t/* left out: __ */\n\tint: 32;\n\tint nnn");
	has("enum x_ {\n\t__ = 3,\n};\n");
	has("struct x____2 {\n"); /* `x_` is an enum's */
	has("typedef int t_;\n");
	has_not("\xff");
	has_not("include ");
	ck_assert_uint_lt(text_len, 4000);
}
END_TEST

START_TEST(what_c_cannot_have_is_left_out)
{
	uint32_t proto, id;

	/* 5: in itself, and a union that says so of it */
	kit_btf_type(&kit, "self", BTF_STRUCT, 3, false, 16);
	kit_btf_member(&kit, "me", 5, 0);
	kit_btf_member(&kit, "a", INT, 64);
	kit_btf_member(&kit, "u", 6, 96);
	kit_btf_type(&kit, "by", BTF_UNION, 2, false, 4); /* 6 */
	kit_btf_member(&kit, "s", 5, 0);
	kit_btf_member(&kit, "i", INT, 0);
	/* 7: over one another, outside, between bytes, and of no size */
	kit_btf_type(&kit, "places", BTF_STRUCT, 8, false, 8);
	kit_btf_member(&kit, "a", INT, 0);
	kit_btf_member(&kit, "over", INT, 16);
	kit_btf_member(&kit, "v", 0, 32);
	kit_btf_member(&kit, "beyond", ULONG, 32);
	kit_btf_member(&kit, "between", CHAR, 35);
	kit_btf_member(&kit, "gone", 12345, 32);
	kit_btf_member(&kit, "announced", 8, 32);
	kit_btf_member(&kit, "c", CHAR, 56);
	kit_btf_type(&kit, "fwd", BTF_FWD, 0, false, 0);	       /* 8 */
	proto = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, INT); /* 9 */
	kit_btf_type(&kit, "fields", BTF_STRUCT, 4, true, 8);
	kit_btf_member(&kit, "ptr", 11, 4 << 24 | 0);
	kit_btf_member(&kit, "wide", INT, 33u << 24 | 0);
	kit_btf_member(&kit, "b", BOOL, 2 << 24 | 0);
	kit_btf_member(&kit, "", INT, 4 << 24 | 32);
	pointer(proto); /* 11 */
	add("", BTF_PTR, kit_btf_array(&kit, 8, 2));
	add("of_incomplete", BTF_TYPEDEF, kit.n);
	kit_btf_struct(&kit, "user", 8, "p", kit.n);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false,
		     kit_btf_array(&kit, INT, 1));
	add("returns_array", BTF_TYPEDEF, kit.n + 1);
	id = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 2, false, 0);
	kit_btf_named(&kit, "", 0);
	kit_btf_named(&kit, "x", INT);
	add("void_first", BTF_TYPEDEF, id);
	add("of_nothing", BTF_TYPEDEF, 54321);
	add("in_itself", BTF_TYPEDEF, kit.n + 1);
	kit_btf_struct(&kit, "functions", 8, "f", proto);
	kit_btf_struct(&kit, "var", 4, "v", add("v", BTF_FUNC, proto));
	ck_assert_int_eq(header(), 0);
	has("struct self {\n\t/* left out: me */\n\tlong: 64;\n\tint a;\n"
	    "\tunion by u;\n};\n");
	has("union by {\n\t/* left out: s */\n\tint i;\n};\n");
	has("struct places {\n\tint a;\n\t/* left out: over */\n"
	    "\t/* left out: v */\n\t/* left out: beyond */\n"
	    "\t/* left out: between */\n\t/* left out: gone */\n"
	    "\t/* left out: announced */\n\tshort: 16;\n\tchar: 8;\n"
	    "\tchar c;\n};\n");
	has("struct fields {\n\t/* left out: ptr */\n"
	    "\t/* left out: wide */\n\t/* left out: b */\n"
	    "\t/* left out: unnamed */\n\tlong: 64;\n};\n");
	has("struct user {\n\t/* left out: p */\n");
	has("struct functions {\n\t/* left out: f */\n");
	has("struct var {\n\t/* left out: v */\n");
	has_not("of_incomplete");
	has_not("void_first");
	has_not("of_nothing");
	has_not("in_itself");
}
END_TEST

/* Rings of pointers, qualifiers, arrays and functions: each has its end. */
START_TEST(rings_end)
{
	static const uint32_t kinds[] = {BTF_PTR, BTF_CONST, BTF_TYPEDEF,
					 BTF_TYPE_TAG};
	uint32_t kind = kinds[_i],
		 ring = add(kind == BTF_TYPEDEF ? "r" : "", kind, kit.n + 2);

	add("", kind == BTF_TYPEDEF ? BTF_CONST : kind, ring);
	kit_btf_struct(&kit, "user", 8, "p", ring);
	kit_btf_array(&kit, kit.n + 1, 2);
	kit_btf_struct(&kit, "array", 8, "a", kit.n);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 1, false, 0);
	kit_btf_named(&kit, "f", kit.n);
	kit_btf_struct(&kit, "function", 8, "f", pointer(kit.n));
	kit_btf_type(&kit, "", BTF_STRUCT, 1, false, 8);
	kit_btf_member(&kit, "", kit.n, 0);
	kit_btf_struct(&kit, "anonymous", 8, "a", kit.n);
	ck_assert_int_eq(header(), 0);
	has("struct user {\n\t/* left out: p */\n\tlong: 64;\n};\n");
	has("struct array {\n\t/* left out: a */\n");
	has("struct anonymous {\n\tstruct {\n\t\t/* left out: unnamed */\n");
}
END_TEST

START_TEST(thousands_of_levels)
{
	uint32_t i, first = kit.n + 1;

	for (i = 0; i < 50000; i++)
		pointer(i ? kit.n : INT);
	kit_btf_struct(&kit, "deep", 8, "p", kit.n);
	kit_btf_struct(&kit, "flat", 8, "p", first + 20);
	for (i = 0; i < 50000; i++)
		kit_btf_struct(&kit, "", 4, "", i ? kit.n : INT);
	kit_btf_struct(&kit, "nested", 4, "s", kit.n);
	ck_assert_int_eq(header(), 0);
	has("struct deep {\n\t/* left out: p */\n");
	has("\tint *********************p;\n");
	has("struct nested {\n");
}
END_TEST

/* 60 functions of two functions each are 2^60 declarations. */
START_TEST(no_end_of_output)
{
	uint32_t i, p = pointer(INT);

	for (i = 0; i < 60; i++) {
		kit_btf_type(&kit, "", BTF_FUNC_PROTO, 2, false, 0);
		kit_btf_named(&kit, "a", p);
		kit_btf_named(&kit, "b", p);
		p = pointer(kit.n);
	}
	kit_btf_struct(&kit, "s", 8, "f", p);
	ck_assert_int_eq(header(), ERR_CORRUPT);
	ck_assert_str_eq(err.text, "BTF: types that would be written out "
				   "without end");
	ck_assert_uint_lt(text_len, 100u << 20);
}
END_TEST

START_TEST(nothing_to_write_or_nowhere_to)
{
	struct portrait p = {0};
	FILE *full = fopen("/dev/full", "w");

	ck_assert_int_eq(export_header(&p, full, &err), ERR_NOT_FOUND);
	ck_assert_int_eq(vec_push(&p.types, {.owner = 1}), 0);
	ck_assert_int_eq(export_header(&p, full, &err), ERR_NOT_FOUND);
	vec_deinit(&p.types);
	kit_btf_blob(&kit, 24, 0, &blob);
	setvbuf(full, NULL, _IONBF, 0);
	ck_assert_int_eq(header_to(full), 0);
	ck_assert(ferror(full));
	fclose(full);
	blob.len = 20;
	ck_assert_int_eq(header_to(stdout), ERR_CORRUPT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export_header");
	TCase *t = tcase_create("export_header");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, declarators);
	tcase_add_test(t, qualifiers);
	tcase_add_test(t, what_is_needed_comes_first);
	tcase_add_test(t, anonymous_ones_stand_inside);
	tcase_add_test(t, a_struct_without_a_member_name);
	tcase_add_test(t, second_names);
	tcase_add_test(t, bit_fields);
	tcase_add_test(t, bit_fields_of_old);
	tcase_add_test(t, packed_where_it_takes_that);
	tcase_add_test(t, holes);
	tcase_add_test(t, enums);
	tcase_add_test(t, enums_of_old);
	tcase_add_test(t, words_of_c);
	tcase_add_test(t, kfuncs);
	tcase_add_test(t, names_are_made_identifiers);
	tcase_add_test(t, what_c_cannot_have_is_left_out);
	tcase_add_loop_test(t, rings_end, 0, 4);
	tcase_add_test(t, thousands_of_levels);
	tcase_add_test(t, no_end_of_output);
	tcase_add_test(t, nothing_to_write_or_nowhere_to);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
