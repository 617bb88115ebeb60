/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the file for Volatility 3: symbols, types, and hostile ones. */
#include "export/isf.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "types/btf.h"
#include "unit/portrait_kit.h"

static struct portrait portrait;
static struct btf_kit kit;
static struct json_object *top;

#define BASE  0xffffffff81000000u
#define INT   1u
#define CHAR  2u
#define ULONG 3u

static void setup(void)
{
	portrait = (struct portrait){.banner = "Linux 6.1", .slide = 0x5000000};
	kit = (struct btf_kit){0};
	top = NULL;
	kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	kit_btf_int(&kit, "char", 1, 8);
	kit_btf_int(&kit, "long unsigned int", 8, 64);
}

static void teardown(void)
{
	json_object_put(top);
	portrait_deinit(&portrait);
	kit_btf_deinit(&kit);
}

static void symbol(uint64_t va, const char *name)
{
	kit_symbol(&portrait, va, 'D', name, PORTRAIT_IMAGE);
}

static void write_isf(void)
{
	struct json_tokener *t = json_tokener_new_ex(100);
	char *text;

	symbol(UINT64_MAX, "_end");
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	text = kit_written(&portrait, export_isf);
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	top = json_tokener_parse_ex(t, text, (int)strlen(text));
	ck_assert_msg(top != NULL, "%s in %s",
		      json_tokener_error_desc(json_tokener_get_error(t)), text);
	json_tokener_free(t);
	free(text);
}

/* NULL: it is not there. */
static struct json_object *find(const char *table, const char *key)
{
	struct json_object *o, *v = NULL;

	ck_assert(json_object_object_get_ex(top, table, &o));
	json_object_object_get_ex(o, key, &v);
	return v;
}

static void is(const char *table, const char *key, const char *json)
{
	struct json_object *o = find(table, key);

	ck_assert_msg(o != NULL, "no %s in %s", key, table);
	ck_assert_str_eq(json_object_to_json_string_ext(
				 o, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE),
			 json);
}

/* The fields alone. */
static void fields(const char *name, const char *json)
{
	struct json_object *o = find("user_types", name), *f;

	ck_assert_msg(o != NULL, "no %s", name);
	ck_assert(json_object_object_get_ex(o, "fields", &f));
	ck_assert_str_eq(
		json_object_to_json_string_ext(f, JSON_C_TO_STRING_PLAIN),
		json);
}

static uint32_t add(const char *name, uint32_t kind, uint32_t type)
{
	return kit_btf_type(&kit, name, kind, 0, false, type);
}

#define BASE_INT  "{\"kind\":\"base\",\"name\":\"int\"}"
#define BASE_VOID "{\"kind\":\"base\",\"name\":\"void\"}"

START_TEST(symbols_are_where_they_were_linked)
{
	symbol(0x20000, "per_cpu_thing");
	portrait.symbols.v[0].absolute = true;
	symbol(BASE + portrait.slide, "_text");
	symbol(BASE + portrait.slide + 8, "alias");
	symbol(BASE + portrait.slide + 8, "alias");
	symbol(BASE + portrait.slide + 16, "twice");
	symbol(BASE + portrait.slide + 32, "twice");
	kit_symbol(&portrait, 0xffffffffc0000000, 't', "of_module", 1);
	write_isf();
	is("symbols", "per_cpu_thing",
	   "{\"address\":131072,\"type\":" BASE_VOID "}");
	is("symbols", "_text",
	   "{\"address\":18446744071578845184,\"type\":" BASE_VOID "}");
	is("symbols", "alias",
	   "{\"address\":18446744071578845192,\"type\":" BASE_VOID "}");
	ck_assert_ptr_null(find("symbols", "twice"));
	ck_assert_ptr_null(find("symbols", "of_module"));
	is("metadata", "format", "\"6.2.0\"");
	is("metadata", "linux",
	   "{\"symbols\":[{\"kind\":\"symtab\",\"name\":\"kallsyms\"}],"
	   "\"types\":[{\"name\":\"BTF\"}]}");
}
END_TEST

/* base64 of "Linux 6.1\n\0", of one byte less and of two */
START_TEST(banner_is_there_as_in_memory)
{
	static const char *const base64[] = {
		"TGludXggNi4xCgA=", "TGludXggNi4KAA==", "TGludXggNgoA"};
	char want[200];

	portrait.banner[9 - _i] = '\0';
	symbol(BASE + portrait.slide, "linux_banner");
	write_isf();
	snprintf(want, sizeof(want),
		 "{\"address\":18446744071578845184,\"type\":{\"kind\":"
		 "\"array\",\"count\":%d,\"subtype\":{\"kind\":\"base\","
		 "\"name\":\"char\"}},\"constant_data\":\"%s\"}",
		 11 - _i, base64[_i]);
	is("symbols", "linux_banner", want);
}
END_TEST

START_TEST(types_of_symbols)
{
	uint32_t list =
		kit_btf_type(&kit, "list_head", BTF_STRUCT, 0, false, 16);

	kit_btf_type(&kit, "task_struct", BTF_STRUCT, 0, false, 64);
	kit_btf_type(&kit, "kset", BTF_STRUCT, 0, false, 64);
	kit_btf_type(&kit, "mm_struct", BTF_STRUCT, 0, false, 64);
	kit_btf_type(&kit, "mm_struct", BTF_STRUCT, 0, false, 32);
	add("per_cpu_list", BTF_VAR, list);
	kit_btf_u32(&kit, 1);
	add("two", BTF_VAR, INT);
	kit_btf_u32(&kit, 1);
	add("two", BTF_VAR, list);
	kit_btf_u32(&kit, 1);
	symbol(0, "per_cpu_list");
	symbol(32, "two");
	symbol(BASE + portrait.slide, "init_task");
	symbol(BASE + portrait.slide + 64, "devices_kset");
	symbol(BASE + portrait.slide + 72, "modules"); /* has no room */
	symbol(BASE + portrait.slide + 80, "init_mm"); /* of which? */
	write_isf();
	is("symbols", "per_cpu_list",
	   "{\"address\":18446744073625665536,\"type\":{\"kind\":\"struct\","
	   "\"name\":\"list_head\"}}");
	is("symbols", "init_task",
	   "{\"address\":18446744071578845184,\"type\":{\"kind\":\"struct\","
	   "\"name\":\"task_struct\"}}");
	is("symbols", "devices_kset",
	   "{\"address\":18446744071578845248,\"type\":{\"kind\":\"pointer\","
	   "\"subtype\":{\"kind\":\"struct\",\"name\":\"kset\"}}}");
	is("symbols", "modules",
	   "{\"address\":18446744071578845256,\"type\":" BASE_VOID "}");
	is("symbols", "init_mm",
	   "{\"address\":18446744071578845264,\"type\":" BASE_VOID "}");
	is("symbols", "two",
	   "{\"address\":18446744073625665568,\"type\":" BASE_VOID "}");
}
END_TEST

START_TEST(fields_of_each_kind)
{
	uint32_t proto, anonymous, n;

	kit_btf_type(&kit, "", BTF_UNION, 1, false, 8); /* 4 */
	kit_btf_member(&kit, "u", ULONG, 0);
	anonymous = kit.n;
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4); /* 5 */
	kit_btf_named(&kit, "A", 1);
	kit_btf_type(&kit, "fwd", BTF_FWD, 0, true, 0); /* 6 */
	proto = kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	add("", BTF_PTR, proto);	  /* 8 */
	kit_btf_array(&kit, 8, 3);	  /* 9 */
	add("", BTF_PTR, 6);		  /* 10 */
	add("", BTF_CONST, CHAR);	  /* 11 */
	add("", BTF_PTR, 11);		  /* 12 */
	add("", BTF_PTR, 0);		  /* 13 */
	add("t", BTF_TYPEDEF, anonymous); /* 14 */
	add("int_t", BTF_TYPEDEF, INT);	  /* 15 */
	n = kit.n + 1;
	kit_btf_type(&kit, "s", BTF_STRUCT, 9, true, 88);
	kit_btf_member(&kit, "", anonymous, 0);
	kit_btf_member(&kit, "e", 5, 64);
	kit_btf_member(&kit, "calls", 9, 128);
	kit_btf_member(&kit, "f", 10, 320);
	kit_btf_member(&kit, "name", 12, 384);
	kit_btf_member(&kit, "p", 13, 448);
	kit_btf_member(&kit, "t", 14, 512);
	kit_btf_member(&kit, "i", 15, 576);
	kit_btf_member(&kit, "me", n + 1, 640);
	add("", BTF_PTR, n);
	write_isf();
	fields("s",
	       "{\"unnamed_field_0\":{\"type\":{\"kind\":\"union\",\"name\":"
	       "\"unnamed_4\"},\"offset\":0,\"anonymous\":true},"
	       "\"e\":{\"type\":{\"kind\":\"enum\",\"name\":\"unnamed_5\"},"
	       "\"offset\":8},"
	       "\"calls\":{\"type\":{\"kind\":\"array\",\"count\":3,"
	       "\"subtype\":{\"kind\":\"pointer\",\"subtype\":{\"kind\":"
	       "\"function\"}}},\"offset\":16},"
	       "\"f\":{\"type\":{\"kind\":\"pointer\",\"subtype\":{\"kind\":"
	       "\"union\",\"name\":\"fwd\"}},\"offset\":40},"
	       "\"name\":{\"type\":{\"kind\":\"pointer\",\"subtype\":{"
	       "\"kind\":\"base\",\"name\":\"char\"}},\"offset\":48},"
	       "\"p\":{\"type\":{\"kind\":\"pointer\",\"subtype\":" BASE_VOID
	       "},\"offset\":56},"
	       "\"t\":{\"type\":{\"kind\":\"union\",\"name\":\"t\"},"
	       "\"offset\":64},"
	       "\"i\":{\"type\":" BASE_INT ",\"offset\":72},"
	       "\"me\":{\"type\":{\"kind\":\"pointer\",\"subtype\":{\"kind\":"
	       "\"struct\",\"name\":\"s\"}},\"offset\":80}}");
	fields("t", "{\"u\":{\"type\":{\"kind\":\"base\",\"name\":"
		    "\"long unsigned int\"},\"offset\":0}}");
	is("user_types", "unnamed_4",
	   "{\"size\":8,\"fields\":{\"u\":{\"type\":{\"kind\":\"base\","
	   "\"name\":\"long unsigned int\"},\"offset\":0}},"
	   "\"kind\":\"union\"}");
	is("enums", "unnamed_5",
	   "{\"size\":4,\"constants\":{\"A\":1},\"base\":\"unsigned int\"}");
	ck_assert_ptr_null(find("user_types", "fwd"));
}
END_TEST

#define BITS(at, bit, length)                                                \
	"{\"type\":{\"kind\":\"bitfield\",\"bit_position\":" #bit            \
	",\"bit_length\":" #length ",\"type\":" BASE_INT "},\"offset\":" #at \
	"}"

/* Read as C would, in one unit of the type; a packed one may lie across. */
START_TEST(bit_fields)
{
	kit_btf_type(&kit, "s", BTF_STRUCT, 5, true, 16);
	kit_btf_member(&kit, "a", INT, 3 << 24 | 33);
	kit_btf_member(&kit, "b", INT, 8 << 24 | 60);
	kit_btf_member(&kit, "c", INT, 30u << 24 | 71); /* in no 4 bytes */
	kit_btf_member(&kit, "p", 5, 4 << 24 | 0);
	kit_btf_member(&kit, "old", 6, 96);
	add("", BTF_PTR, INT);
	kit_btf_int(&kit, "int", 4, 5 | 2 << 16 | 1 << 24);
	write_isf();
	fields("s", "{\"a\":" BITS(4, 1, 3) ",\"b\":" BITS(
			    7, 4, 8) ",\"old\":" BITS(12, 2, 5) "}");
}
END_TEST

START_TEST(enums)
{
	kit_btf_type(&kit, "e", BTF_ENUM, 2, true, 2);
	kit_btf_named(&kit, "M", (uint32_t)-2);
	kit_btf_named(&kit, "N", 7);
	kit_btf_type(&kit, "later", BTF_ENUM, 0, false, 4);
	kit_btf_type(&kit, "big", BTF_ENUM64, 1, false, 8);
	kit_btf_named(&kit, "B", 1);
	kit_btf_u32(&kit, 1u << 31);
	kit_btf_type(&kit, "odd", BTF_ENUM, 1, false, 3);
	kit_btf_named(&kit, "O", 1);
	kit_btf_struct(&kit, "s", 8, "p", add("", BTF_PTR, 5));
	write_isf();
	is("enums", "e",
	   "{\"size\":2,\"constants\":{\"M\":-2,\"N\":7},"
	   "\"base\":\"short int\"}");
	is("enums", "big",
	   "{\"size\":8,\"constants\":{\"B\":9223372036854775809},"
	   "\"base\":\"long unsigned int\"}");
	ck_assert_ptr_null(find("enums", "later"));
	ck_assert_ptr_null(find("enums", "odd"));
	fields("s", "{\"p\":{\"type\":{\"kind\":\"pointer\",\"subtype\":{"
		    "\"kind\":\"base\",\"name\":\"unsigned int\"}},"
		    "\"offset\":0}}");
}
END_TEST

START_TEST(base_types)
{
	kit_btf_int(&kit, "_Bool", 1, 8 | 4 << 24);
	kit_btf_int(&kit, "long long int", 8, 64 | 1 << 24);
	kit_btf_type(&kit, "double", BTF_FLOAT, 0, false, 8);
	kit_btf_int(&kit, "pointer", 4, 32);
	write_isf();
#define IS_BASE(name, size, is_signed, kind)                                \
	is("base_types", name,                                              \
	   "{\"size\":" #size ",\"signed\":" #is_signed ",\"kind\":\"" kind \
	   "\",\"endian\":\"little\"}")
	IS_BASE("void", 0, false, "void");
	IS_BASE("pointer", 8, false, "int");
	IS_BASE("unsigned char", 1, false, "char");
	IS_BASE("short int", 2, true, "int");
	IS_BASE("_Bool", 1, false, "bool");
	IS_BASE("long long int", 8, true, "int");
	IS_BASE("double", 8, true, "float");
}
END_TEST

/* The flags of `char` tell where those of `signed char` do. */
START_TEST(what_char_is)
{
	static const struct {
		uint32_t of_char, of_signed;
		bool is_signed;
	} cases[] = {{0, 0, true}, {1, 1, true}, {0, 1, false}};
	struct json_object *v;

	kit_btf_deinit(&kit);
	kit = (struct btf_kit){0};
	kit_btf_int(&kit, "char", 1, 8 | cases[_i].of_char << 24);
	kit_btf_int(&kit, "signed char", 1, 8 | cases[_i].of_signed << 24);
	write_isf();
	json_object_object_get_ex(find("base_types", "char"), "signed", &v);
	ck_assert_int_eq(json_object_get_boolean(v), cases[_i].is_signed);
}
END_TEST

START_TEST(second_names)
{
	kit_btf_struct(&kit, "twice", 4, "a", INT);
	kit_btf_struct(&kit, "twice", 8, "b", ULONG);
	kit_btf_struct(&kit, "user", 8, "p", add("", BTF_PTR, 5));
	kit_btf_struct(&kit, "a\"b\n\xff", 4, "c\\d", INT);
	kit_btf_struct(&kit, "class", 4, "if",
		       INT); /* C's words are names here */
	write_isf();
	fields("user", "{\"p\":{\"type\":{\"kind\":\"pointer\",\"subtype\":{"
		       "\"kind\":\"struct\",\"name\":\"twice___2\"}},"
		       "\"offset\":0}}");
	fields("twice", "{\"a\":{\"type\":" BASE_INT ",\"offset\":0}}");
	fields("a\"b\n\\xff",
	       "{\"c\\\\d\":{\"type\":" BASE_INT ",\"offset\":0}}");
	fields("class", "{\"if\":{\"type\":" BASE_INT ",\"offset\":0}}");
}
END_TEST

/* Rings, thousands of levels, what is not there: fields are left out. */
START_TEST(hostile_types)
{
	uint32_t i;

	kit_btf_type(&kit, "s", BTF_STRUCT, 8, false, 8);
	kit_btf_member(&kit, "ring", 5, 0);
	kit_btf_member(&kit, "array", 6, 0);
	kit_btf_member(&kit, "gone", 99999, 0);
	kit_btf_member(&kit, "nothing", 0, 0);
	kit_btf_member(&kit, "code", 7, 0);
	kit_btf_member(&kit, "beyond", INT, 72);
	kit_btf_member(&kit, "between", INT, 3);
	kit_btf_member(&kit, "deep", 8 + 2000, 0);
	add("", BTF_PTR, 5);
	kit_btf_array(&kit, 6, 2);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 0, false, 0);
	for (i = 0; i <= 2000; i++)
		add("", BTF_PTR, i ? kit.n : INT);
	kit_btf_struct(&kit, "self", 8, "", kit.n + 1);
	write_isf();
	fields("s", "{}");
}
END_TEST

START_TEST(nothing_to_write_or_nowhere_to)
{
	FILE *full = fopen("/dev/full", "w");
	struct err err = {0};

	ck_assert_int_eq(export_isf(&portrait, full, &err), ERR_NOT_FOUND);
	symbol(1, "a");
	ck_assert_int_eq(export_isf(&portrait, full, &err), ERR_NOT_FOUND);
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	setvbuf(full, NULL, _IONBF, 0);
	ck_assert_int_eq(export_isf(&portrait, full, &err), 0);
	ck_assert(ferror(full));
	portrait.types.v[0].len = 10;
	ck_assert_int_eq(export_isf(&portrait, full, &err), ERR_CORRUPT);
	fclose(full);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export_isf");
	TCase *t = tcase_create("export_isf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, symbols_are_where_they_were_linked);
	tcase_add_loop_test(t, banner_is_there_as_in_memory, 0, 3);
	tcase_add_test(t, types_of_symbols);
	tcase_add_test(t, fields_of_each_kind);
	tcase_add_test(t, bit_fields);
	tcase_add_test(t, enums);
	tcase_add_test(t, base_types);
	tcase_add_loop_test(t, what_char_is, 0, 3);
	tcase_add_test(t, second_names);
	tcase_add_test(t, hostile_types);
	tcase_add_test(t, nothing_to_write_or_nowhere_to);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
