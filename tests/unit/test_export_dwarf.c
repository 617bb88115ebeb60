/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of types, functions and variables as DWARF: libdw reads them back. */
#include "export/dwarf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "export/dwarf_abbrev.h"
#include "types/btf.h"
#include "unit/export_kit.h"
#include "unit/portrait_kit.h"

static struct portrait portrait;
static struct btf_kit kit;
static struct kit_elf elf;
static struct buf text;

static void setup(void)
{
	kit = (struct btf_kit){0};
	text = (struct buf){0};
	kit_portrait(&portrait);
}

static void teardown(void)
{
	kit_btf_deinit(&kit);
	portrait_deinit(&portrait);
	buf_deinit(&text);
}

static void image_symbol(const char *name, char type, uint64_t offset)
{
	kit_portrait_symbol(&portrait, name, type, PORTRAIT_IMAGE,
			    KIT_TEXT + offset);
}

/* What unit n of the portrait's file has, but for its first line. */
static const char *unit(unsigned int n)
{
	struct err err = {0};

	ck_assert_msg(!kit_elf_open(&elf, &portrait, &err), "%s", err.text);
	buf_reset(&text);
	kit_elf_unit(&elf, n, &text);
	kit_elf_close(&elf);
	return strchr(text.data, '\n') + 1;
}

/* The kernel's unit, once its types are made. */
static const char *kernel_unit(void)
{
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	return unit(0);
}

static uint32_t add_int(void)
{
	return kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
}

static uint64_t uleb(struct cursor *c)
{
	uint64_t value = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(c);
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && shift < 64);
	return value;
}

/* Each code is one more than the last, which not only drgn takes for granted;
 * and it is the code that entries have. */
START_TEST(abbreviations_without_gaps)
{
	struct emit s = {0};
	char *bytes = NULL;
	struct cursor c;
	size_t len;
	unsigned int n;

	s.f = open_memstream(&bytes, &len);
	ck_assert_ptr_nonnull(s.f);
	dw_abbrevs(&s, _i);
	fclose(s.f);
	cursor_init(&c, bytes, len);
	for (n = 1; n <= dw_code(DIE_UNIT | DIE_CHILDLESS, true, true); n++) {
		ck_assert_uint_eq(uleb(&c), n);
		if (n == dw_code(DIE_UNIT, true, false))
			ck_assert_uint_eq(*cursor_bytes(&c, 1), 0x11);
		else
			cursor_u8(&c);
		cursor_u8(&c);
		while (uleb(&c) | uleb(&c))
			;
	}
	ck_assert_uint_eq(uleb(&c), 0);
	ck_assert(!c.bad && !cursor_left(&c));
	free(bytes);
}
END_TEST

START_TEST(numbers)
{
	add_int();
	kit_btf_int(&kit, "char", 1, 8);
	kit_btf_int(&kit, "signed char", 1, 8 | 1 << 24);
	kit_btf_int(&kit, "_Bool", 1, 8 | 4 << 24);
	kit_btf_int(&kit, "long unsigned int", 8, 64);
	kit_btf_int(&kit, "__int128", 16, 128 | 1 << 24);
	kit_btf_type(&kit, "double", BTF_FLOAT, 0, false, 8);
	kit_btf_int(&kit, "no number", 3, 24);
	ck_assert_str_eq(kernel_unit(),
			 "  base int encoding=5 size=4\n"
			 "  base char encoding=8 size=1\n"
			 "  base signed char encoding=6 size=1\n"
			 "  base _Bool encoding=2 size=1\n"
			 "  base long unsigned int encoding=7 size=8\n"
			 "  base __int128 encoding=5 size=16\n"
			 "  base double encoding=4 size=8\n");
}
END_TEST

START_TEST(types_of_others)
{
	uint32_t integer = add_int();

	kit_btf_type(&kit, "", BTF_PTR, 0, false, integer);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 0);
	kit_btf_array(&kit, integer, 10);
	kit_btf_array(&kit, integer, 0);
	kit_btf_type(&kit, "t", BTF_TYPEDEF, 0, false, integer);
	kit_btf_type(&kit, "", BTF_VOLATILE, 0, false, 6);
	kit_btf_type(&kit, "", BTF_CONST, 0, false, 7);
	kit_btf_type(&kit, "", BTF_RESTRICT, 0, false, 2);
	kit_btf_type(&kit, "", BTF_CONST, 0, false, 0);
	kit_btf_type(&kit, "user", BTF_TYPE_TAG, 0, false, integer);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 11);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 3, false, integer);
	kit_btf_named(&kit, "a", integer);
	kit_btf_named(&kit, "b", 2);
	kit_btf_named(&kit, "", 0);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	kit_btf_type(&kit, "fs", BTF_FWD, 0, false, 0);
	kit_btf_type(&kit, "fu", BTF_FWD, 0, true, 0);
	ck_assert_str_eq(kernel_unit(), "  base int encoding=5 size=4\n"
					"  pointer size=8 -> int\n"
					"  pointer size=8\n"
					"  array -> int\n"
					"    range count=10\n"
					"  array -> int\n"
					"    range count=0\n"
					"  typedef t -> int\n"
					"  volatile -> t\n"
					"  const -> volatile\n"
					"  restrict -> pointer\n"
					"  const\n"
					"  pointer size=8 -> int\n"
					"  proto -> int\n"
					"    param -> int\n"
					"    param -> pointer\n"
					"    ...\n"
					"  proto\n"
					"  struct fs declared\n"
					"  union fu declared\n");
}
END_TEST

START_TEST(structs)
{
	uint32_t integer = add_int(), inner;

	inner = kit_btf_type(&kit, "", BTF_UNION, 2, false, 4);
	kit_btf_member(&kit, "a", integer, 0);
	kit_btf_member(&kit, "b", integer, 0);
	kit_btf_type(&kit, "s", BTF_STRUCT, 2, false, 12);
	kit_btf_member(&kit, "first", integer, 0);
	kit_btf_member(&kit, "", inner, 64);
	kit_btf_type(&kit, "empty", BTF_STRUCT, 0, false, 0);
	ck_assert_str_eq(kernel_unit(), "  base int encoding=5 size=4\n"
					"  union size=4\n"
					"    member a at=0 -> int\n"
					"    member b at=0 -> int\n"
					"  struct s size=12\n"
					"    member first at=0 -> int\n"
					"    member at=8 -> union\n"
					"  struct empty size=0\n");
}
END_TEST

START_TEST(bitfields_of_both_encodings)
{
	uint32_t integer = add_int(), three;

	three = kit_btf_int(&kit, "int", 4, 3 | 1 << 24 | 2 << 16);
	kit_btf_type(&kit, "new", BTF_STRUCT, 3, true, 8);
	kit_btf_member(&kit, "x", integer, 5 << 24 | 3);
	kit_btf_member(&kit, "", integer, 2 << 24 | 30);
	kit_btf_member(&kit, "whole", integer, 32);
	kit_btf_type(&kit, "old", BTF_STRUCT, 1, false, 4);
	kit_btf_member(&kit, "y", three, 8);
	ck_assert_str_eq(strstr(kernel_unit(), "  struct new"),
			 "  struct new size=8\n"
			 "    member x bits=5 bit=3 -> int\n"
			 "    member bits=2 bit=30 -> int\n"
			 "    member whole at=4 -> int\n"
			 "  struct old size=4\n"
			 "    member y bits=3 bit=10 -> int\n");
}
END_TEST

/* Without any flag in the whole blob, all are taken as signed. */
START_TEST(enums)
{
	kit_btf_type(&kit, "e", BTF_ENUM, 2, false, 4);
	kit_btf_named(&kit, "MINUS", (uint32_t)-5);
	kit_btf_named(&kit, "SEVEN", 7);
	if (_i) {
		kit_btf_type(&kit, "has_sign", BTF_ENUM, 1, true, 4);
		kit_btf_named(&kit, "LESS", (uint32_t)-1);
	}
	ck_assert_str_eq(kernel_unit(),
			 _i ? "  enum e size=4\n"
			      "    enumerator MINUS value=4294967291\n"
			      "    enumerator SEVEN value=7\n"
			      "  enum has_sign size=4\n"
			      "    enumerator LESS value=-1\n"
			    : "  enum e size=4\n"
			      "    enumerator MINUS value=-5\n"
			      "    enumerator SEVEN value=7\n");
}
END_TEST

START_TEST(wide_enums)
{
	kit_btf_type(&kit, "wide", BTF_ENUM64, 1, _i, 8);
	kit_btf_named(&kit, "BIG", 0);
	kit_btf_u32(&kit, 0x80000000);
	kit_btf_type(&kit, "byte", BTF_ENUM, 1, false, 1);
	kit_btf_named(&kit, "LAST", (uint32_t)-1);
	ck_assert_str_eq(kernel_unit(),
			 _i ? "  enum wide size=8\n"
			      "    enumerator BIG value=-9223372036854775808\n"
			      "  enum byte size=1\n"
			      "    enumerator LAST value=255\n"
			    : "  enum wide size=8\n"
			      "    enumerator BIG value=9223372036854775808\n"
			      "  enum byte size=1\n"
			      "    enumerator LAST value=255\n");
}
END_TEST

/* int NAME(int count, ...) */
static void add_function(const char *name)
{
	uint32_t proto;

	proto = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 2, false, 1);
	kit_btf_named(&kit, "count", 1);
	kit_btf_named(&kit, "", 0);
	kit_btf_type(&kit, name, BTF_FUNC, 0, false, proto);
}

/* From the first function on. */
static const char *functions(const char *unit_text)
{
	const char *from = strstr(unit_text, "  function");

	return from ? from : "";
}

#define PARAMS "    param count -> int\n    ...\n"

START_TEST(functions_by_address)
{
	add_int();
	add_function("second");
	add_function("first");
	add_function("absent");
	image_symbol("second", 't', 0x200);
	image_symbol("first", 'T', 0x100);
	image_symbol("__pfx_second", 't', 0x1f0);
	ck_assert_str_eq(
		functions(kernel_unit()),
		"  function first pc=0xffffffff81000100 length=240 external "
		"-> int\n" PARAMS
		"  function second pc=0xffffffff81000200 length=65024 "
		"-> int\n" PARAMS);
}
END_TEST

START_TEST(ambiguous_functions_have_no_prototype)
{
	add_int();
	add_function("two_symbols");
	add_function("two_prototypes");
	add_function("two_prototypes");
	add_function("data");
	add_function("alias");
	add_function("__pi_alias");
	image_symbol("two_symbols", 't', 0x100);
	image_symbol("two_symbols", 't', 0x200);
	image_symbol("two_prototypes", 't', 0x300);
	image_symbol("data", 't', KIT_CODE + 0x100);
	image_symbol("__pi_alias", 't', 0x400);
	image_symbol("alias", 't', 0x400);
	ck_assert_str_eq(functions(kernel_unit()),
			 "  function alias pc=0xffffffff81000400 length=64512 "
			 "-> int\n" PARAMS);
}
END_TEST

START_TEST(globals)
{
	uint32_t task, head;

	kit_btf_int(&kit, "long unsigned int", 8, 64);
	kit_btf_int(&kit, "char", 1, 8);
	task = kit_btf_type(&kit, "task_struct", BTF_STRUCT, 0, false, 64);
	head = kit_btf_type(&kit, "list_head", BTF_STRUCT, 0, false, 16);
	ck_assert(task && head);
	image_symbol("init_task", 'D', KIT_CODE + 0x100);
	image_symbol("jiffies", 'D', KIT_CODE + 0x200);
	image_symbol("linux_banner", 'D', KIT_CODE + 0x300);
	image_symbol("saved_command_line", 'd', KIT_CODE + 0x400);
	image_symbol("high_memory", 'D', KIT_CODE + 0x500);
	image_symbol("node_data", 'D', KIT_CODE + 0x600); /* no such type */
	image_symbol("modules", 'd', KIT_CODE + 0x700);	  /* no room */
	image_symbol("slab_caches", 'd', KIT_CODE + 0x708);
	image_symbol("workqueues", 'd', KIT_CODE + 0x800); /* twice */
	image_symbol("workqueues", 'd', KIT_CODE + 0x900);
	ck_assert_str_eq(
		strstr(kernel_unit(), "  struct list_head size=16\n") + 27,
		"  variable init_task external 0xffffffff81010100 -> "
		"task_struct\n"
		"  volatile -> long unsigned int\n"
		"  variable jiffies external 0xffffffff81010200 -> volatile\n"
		"  const -> char\n"
		"  array -> const\n"
		"    range\n"
		"  variable linux_banner external 0xffffffff81010300 -> array\n"
		"  pointer size=8 -> char\n"
		"  variable saved_command_line 0xffffffff81010400 -> pointer\n"
		"  pointer size=8\n"
		"  variable high_memory external 0xffffffff81010500 -> "
		"pointer\n"
		"  variable slab_caches 0xffffffff81010708 -> list_head\n");
}
END_TEST

START_TEST(per_cpu_variables)
{
	uint32_t integer = add_int(), var, other;

	portrait.per_cpu = _i ? KIT_TEXT + KIT_CODE : 0;
	portrait.per_cpu_end = portrait.per_cpu + 0x1000;
	var = kit_btf_type(&kit, "current_task", BTF_VAR, 0, false, integer);
	kit_btf_u32(&kit, 1);
	other = kit_btf_type(&kit, "beyond", BTF_VAR, 0, false, integer);
	kit_btf_u32(&kit, 1);
	kit_btf_type(&kit, ".data..percpu", BTF_DATASEC, 2, false, 0x1000);
	kit_btf_u32(&kit, var);
	kit_btf_u32(&kit, 0x40);
	kit_btf_u32(&kit, 4);
	kit_btf_u32(&kit, other);
	kit_btf_u32(&kit, 0xffe);
	kit_btf_u32(&kit, 4);
	ck_assert_str_eq(kernel_unit(),
			 "  base int encoding=5 size=4\n"
			 "  struct qvmi_per_cpu size=4096\n"
			 "    member current_task at=64 -> int\n"
			 "  variable current_task nowhere -> int\n"
			 "  variable beyond nowhere -> int\n");
}
END_TEST

/* Names of a module's blob are numbered on from its base's. */
static void split_begin(struct btf_kit *own)
{
	size_t i;

	own->n = kit.n;
	for (i = 0; i < kit.strings.len; i++)
		buf_add(&own->strings, "", 1);
}

static void split_end(struct btf_kit *own, uint32_t owner)
{
	size_t base = kit.strings.len;

	own->strings.len -= base;
	memmove(own->strings.data, own->strings.data + base, own->strings.len);
	kit_types(&portrait, owner, own);
}

START_TEST(modules_have_units)
{
	uint32_t integer = add_int(), mine, proto;
	struct btf_kit own = {.n = 0};

	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	kit_portrait_owner(&portrait, "mod", 0xffffffffc0000000, 0x1000);
	kit_portrait_owner(&portrait, "broken", 0xffffffffc0002000, 0x1000);
	kit_portrait_symbol(&portrait, "shared", 't', 1, 0xffffffffc0000100);
	image_symbol("shared", 't', 0x100);
	split_begin(&own);
	mine = kit_btf_type(&own, "mine", BTF_STRUCT, 1, false, 8);
	kit_btf_member(&own, "a", integer, 0);
	proto = kit_btf_type(&own, "", BTF_FUNC_PROTO, 0, false, mine);
	kit_btf_type(&own, "shared", BTF_FUNC, 0, false, proto);
	split_end(&own, 1);
	kit_types(&portrait, 2, &own);
	memset(portrait.types.v[2].btf, 0, 24);
	ck_assert_str_eq(unit(0), "  base int encoding=5 size=4\n");
	ck_assert_str_eq(unit(1),
			 "  struct mine size=8\n"
			 "    member a at=0 -> int\n"
			 "  proto -> mine\n"
			 "  function shared pc=0xffffffffc0000100 length=3840 "
			 "-> mine\n");
	ck_assert(!strncmp(text.data, "unit mod.ko", 11));
	kit_btf_deinit(&own);
}
END_TEST

START_TEST(types_that_hold_themselves_are_cut)
{
	uint32_t integer = add_int();

	/* 2, 3: a struct in an array in itself */
	kit_btf_type(&kit, "self", BTF_STRUCT, 1, false, 8);
	kit_btf_member(&kit, "in", 3, 0);
	kit_btf_array(&kit, 2, 2);
	/* 4, 5: two typedefs */
	kit_btf_type(&kit, "a", BTF_TYPEDEF, 0, false, 5);
	kit_btf_type(&kit, "b", BTF_TYPEDEF, 0, false, 4);
	/* 6: a pointer to itself; 7, 8: a function that takes itself */
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 6);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 8);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 1, false, integer);
	kit_btf_named(&kit, "", 7);
	/* 9: an array of itself */
	kit_btf_array(&kit, 9, 2);
	/* 10, 11: what C has: a list */
	kit_btf_type(&kit, "list", BTF_STRUCT, 1, false, 8);
	kit_btf_member(&kit, "next", 11, 0);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 10);
	ck_assert_str_eq(kernel_unit(), "  base int encoding=5 size=4\n"
					"  struct self size=8\n"
					"  typedef a -> b\n"
					"  typedef b\n"
					"  pointer size=8\n"
					"  pointer size=8 -> proto\n"
					"  proto\n"
					"  struct list size=8\n"
					"    member next at=0 -> pointer\n"
					"  pointer size=8 -> list\n");
}
END_TEST

START_TEST(long_chains_are_cut)
{
	uint32_t i, lines = 0;
	const char *at;

	add_int();
	for (i = 1; i < 100000; i++)
		kit_btf_type(&kit, "", BTF_PTR, 0, false, i);
	for (at = kernel_unit(); (at = strstr(at, "pointer size=8\n")); at++)
		lines++;
	ck_assert_uint_ge(lines, 100000 / 128);
	ck_assert_uint_le(lines, 100000 / 32);
}
END_TEST

/* What no object can be of, and what does not fit. */
START_TEST(members_that_cannot_be_are_left_out)
{
	uint32_t integer = add_int(), proto, large, voids;

	proto = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	large = kit_btf_array(&kit, integer, UINT32_MAX);
	voids = kit_btf_array(&kit, 0, 4);
	kit_btf_type(&kit, "s", BTF_STRUCT, 7, false, 8);
	kit_btf_member(&kit, "void", 0, 0);
	kit_btf_member(&kit, "proto", proto, 0);
	kit_btf_member(&kit, "absent", 99, 0);
	kit_btf_member(&kit, "voids", voids, 0);
	kit_btf_member(&kit, "large", large, 0);
	kit_btf_member(&kit, "beyond", integer, 33);
	kit_btf_member(&kit, "last", integer, 32);
	kit_btf_type(&kit, "bits", BTF_STRUCT, 2, true, 4);
	kit_btf_member(&kit, "wide", integer, 33 << 24);
	kit_btf_member(&kit, "beyond", integer, 8 << 24 | 25);
	ck_assert_str_eq(kernel_unit(), "  base int encoding=5 size=4\n"
					"  proto\n"
					"  struct s size=8\n"
					"    member last at=4 -> int\n"
					"  struct bits size=4\n");
}
END_TEST

START_TEST(no_types_no_dwarf)
{
	struct err err = {0};
	GElf_Shdr h;
	size_t n;

	if (_i) {
		kit_btf_blob(&kit, 24, 0, &text);
		kit_types(&portrait, PORTRAIT_IMAGE, &kit);
		ck_assert_int_eq(kit_elf_open(&elf, &portrait, &err),
				 ERR_CORRUPT);
		return;
	}
	ck_assert_int_eq(kit_elf_open(&elf, &portrait, &err), 0);
	ck_assert(!kit_elf_section(&elf, ".debug_info", &h, &n));
	kit_elf_close(&elf);
}
END_TEST

/* All references lead to entries, whatever a byte is changed to. */
START_TEST(damage_is_harmless)
{
	struct portrait_types *types;
	uint32_t integer = add_int();
	size_t i;

	kit_btf_type(&kit, "s", BTF_STRUCT, 2, true, 12);
	kit_btf_member(&kit, "first", integer, 0);
	kit_btf_member(&kit, "bits", integer, 3 << 24 | 33);
	kit_btf_array(&kit, 2, 3);
	kit_btf_type(&kit, "t", BTF_TYPEDEF, 0, false, 3);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 4);
	add_function("f");
	image_symbol("f", 'T', 0x100);
	kit_btf_type(&kit, "e", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "MINUS", (uint32_t)-5);
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	types = &portrait.types.v[0];
	for (i = 0; i < types->len; i++) {
		uint8_t before = types->btf[i];

		types->btf[i] ^= (uint8_t)(1 + (i * 37 + (size_t)_i) % 255);
		if (!kit_elf_open(&elf, &portrait, NULL)) {
			buf_reset(&text);
			kit_elf_unit(&elf, 0, &text);
			kit_elf_close(&elf);
		}
		types->btf[i] = before;
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export_dwarf");
	TCase *t = tcase_create("export_dwarf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, abbreviations_without_gaps, 0, 2);
	tcase_add_test(t, numbers);
	tcase_add_test(t, types_of_others);
	tcase_add_test(t, structs);
	tcase_add_test(t, bitfields_of_both_encodings);
	tcase_add_loop_test(t, enums, 0, 2);
	tcase_add_loop_test(t, wide_enums, 0, 2);
	tcase_add_test(t, functions_by_address);
	tcase_add_test(t, ambiguous_functions_have_no_prototype);
	tcase_add_test(t, globals);
	tcase_add_loop_test(t, per_cpu_variables, 0, 2);
	tcase_add_test(t, modules_have_units);
	tcase_add_test(t, types_that_hold_themselves_are_cut);
	tcase_add_test(t, long_chains_are_cut);
	tcase_add_test(t, members_that_cannot_be_are_left_out);
	tcase_add_loop_test(t, no_types_no_dwarf, 0, 2);
	tcase_add_loop_test(t, damage_is_harmless, 0, 20);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
