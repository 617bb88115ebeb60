/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of JSON: how it is written, and a kernel's symbols and types in it. */
#include "export/json.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "export/jsontext.h"
#include "types/btf.h"
#include "unit/portrait_kit.h"

static struct portrait portrait;
static struct btf_kit kit;
static struct json_object *top;
static char *text;

static void setup(void)
{
	portrait = (struct portrait){.release = "6.1.0",
				     .banner = "Linux \"6.1\"",
				     .start = 0xffffffff81000000,
				     .slide = 0x1000000};
	kit = (struct btf_kit){0};
	top = NULL;
	text = NULL;
}

static void teardown(void)
{
	json_object_put(top);
	portrait_deinit(&portrait);
	kit_btf_deinit(&kit);
	free(text);
}

/* Where it is strict, json-c 0.18 takes bytes from 0x80 on for control
 * characters (char has a sign). */
static bool is_ascii(void)
{
	const char *c = text;

	while (*c && !(*c & 0x80))
		c++;
	return !*c;
}

static void parse(void)
{
	struct json_tokener *t = json_tokener_new_ex(100);

	json_tokener_set_flags(t, is_ascii() ? JSON_TOKENER_STRICT : 0);
	top = json_tokener_parse_ex(t, text, (int)strlen(text));
	ck_assert_msg(top != NULL, "%s",
		      json_tokener_error_desc(json_tokener_get_error(t)));
	json_tokener_free(t);
}

/* What comes out is an object: read into `top`. */
static void write_json(void)
{
	text = kit_written(&portrait, export_json);
	parse();
}

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v;

	ck_assert_msg(json_object_object_get_ex(o, key, &v), "no key %s", key);
	return v;
}

static struct json_object *row(const char *key, size_t i)
{
	return json_object_array_get_idx(get(top, key), i);
}

/* That it is written so. */
static void is(struct json_object *o, const char *json)
{
	ck_assert_str_eq(json_object_to_json_string_ext(
				 o, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE),
			 json);
}

static char *jsontext_of(void (*write)(struct jsontext *j))
{
	struct jsontext j = {0};
	char *out = NULL;
	size_t len;

	j.out = open_memstream(&out, &len);
	write(&j);
	ck_assert(!j.oom && !j.depth);
	jsontext_deinit(&j);
	fclose(j.out);
	return out;
}

static void write_values(struct jsontext *j)
{
	jsontext_open_lines(j, NULL, '{');
	jsontext_open(j, "empty", '[');
	jsontext_close(j);
	jsontext_open_lines(j, "none", '{');
	jsontext_close(j);
	jsontext_open(j, "all", '[');
	jsontext_number(j, NULL, UINT64_MAX);
	jsontext_signed(j, NULL, INT64_MIN);
	jsontext_hex(j, NULL, 0xffffffff81000000);
	jsontext_bool(j, NULL, true);
	jsontext_bool(j, NULL, false);
	jsontext_null(j, NULL);
	jsontext_bytes(j, NULL, "ab", 1);
	jsontext_open(j, NULL, '{');
	jsontext_string(j, "k", "v");
	jsontext_close(j);
	jsontext_close(j);
	jsontext_close(j);
}

START_TEST(values)
{
	text = jsontext_of(write_values);
	ck_assert_str_eq(text, "{\n\"empty\": [],\n\"none\": {\n},\n"
			       "\"all\": [18446744073709551615, "
			       "-9223372036854775808, "
			       "\"0xffffffff81000000\", true, false, null, "
			       "\"a\", {\"k\": \"v\"}]\n}\n");
	parse();
}
END_TEST

static void write_strings(struct jsontext *j)
{
	jsontext_open(j, NULL, '[');
	jsontext_string(j, NULL, "");
	jsontext_string(j, NULL, "a\"b\\c/d\n\x1b[31m\x7f");
	jsontext_string(j, NULL, "\xff\\x");
	jsontext_string(j, NULL, "\xe2\x80\xae\xc3\xa9");
	jsontext_string(j, NULL, "\\xff");
	jsontext_bytes(j, NULL, "a\0b", 3);
	jsontext_open(j, NULL, '{');
	jsontext_null(j, "*/\" \xfe");
	jsontext_close(j);
	jsontext_close(j);
}

/* The rules of docs/json.md. */
START_TEST(strings)
{
	text = jsontext_of(write_strings);
	ck_assert_str_eq(text, "[\"\", \"a\\\"b\\\\c/d\\n\\u001b[31m\\u007f\", "
			       "\"\\\\xff\\\\x5cx\", "
			       "\"\\u202e\xc3\xa9\", \"\\\\x5cxff\", "
			       "\"a\\u0000b\", {\"*/\\\" \\\\xfe\": null}]\n");
	parse();
}
END_TEST

START_TEST(kernel_and_symbols)
{
	portrait.end = 0xffffffff82000000;
	portrait.build_id[1] = 0xab;
	portrait.build_id_len = 2;
	ck_assert(!vec_push(&portrait.owners,
			    {.name = "brd", .text = 0x7000, .text_size = 9}));
	ck_assert(!vec_push(&portrait.owners, {.name = "bpf"}));
	portrait.n_modules = 1;
	kit_symbol(&portrait, 0xffffffff81000000, 'T', "_text", 0);
	portrait.symbols.v[0].absolute = true;
	kit_symbol(&portrait, 0x7000, 't', "brd_init", 1);
	kit_symbol(&portrait, 0x9000, 't', "bpf_prog", 2);
	write_json();
	is(get(top, "qvmi"), "1");
	is(get(top, "kernel"),
	   "{\"release\":\"6.1.0\",\"banner\":\"Linux \\\"6.1\\\"\","
	   "\"build_id\":\"00ab\",\"start\":\"0xffffffff81000000\","
	   "\"end\":\"0xffffffff82000000\",\"kaslr_offset\":\"0x1000000\"}");
	is(get(top, "modules"),
	   "[{\"name\":\"brd\",\"text\":\"0x7000\",\"text_size\":9}]");
	is(row("symbols", 0), "{\"address\":\"0xffffffff81000000\","
			      "\"type\":\"T\",\"name\":\"_text\","
			      "\"module\":null,\"absolute\":true}");
	is(row("symbols", 1), "{\"address\":\"0x7000\",\"type\":\"t\","
			      "\"name\":\"brd_init\",\"module\":\"brd\","
			      "\"absolute\":false}");
	is(row("symbols", 2), "{\"address\":\"0x9000\",\"type\":\"t\","
			      "\"name\":\"bpf_prog\",\"module\":\"bpf\","
			      "\"absolute\":false}");
	is(get(top, "types"), "[]");
}
END_TEST

/* One of each kind, and how it is written. */
static const char *const each_kind[] = {
	"\"int\",\"name\":\"int\",\"size\":4,\"bits\":32,\"signed\":true,"
	"\"bool\":false}",
	"\"ptr\",\"name\":null,\"type\":1}",
	"\"array\",\"name\":null,\"type\":1,\"index_type\":1,\"count\":10}",
	"\"struct\",\"name\":\"s\",\"size\":8,\"members\":[{\"name\":\"a\","
	"\"type\":1,\"bit_offset\":3,\"bit_size\":5},{\"name\":null,"
	"\"type\":2,\"bit_offset\":64,\"bit_size\":null}]}",
	"\"union\",\"name\":\"u\",\"size\":4,\"members\":[]}",
	"\"enum\",\"name\":\"e\",\"size\":4,\"signed\":true,\"values\":["
	"{\"name\":\"M\",\"value\":-5}]}",
	"\"enum\",\"name\":\"f\",\"size\":4,\"signed\":false,\"values\":["
	"{\"name\":\"B\",\"value\":2147483648}]}",
	"\"fwd\",\"name\":\"w\",\"of\":\"union\"}",
	"\"typedef\",\"name\":\"t\",\"type\":0}",
	"\"volatile\",\"name\":null,\"type\":9}",
	"\"const\",\"name\":null,\"type\":9}",
	"\"restrict\",\"name\":null,\"type\":9}",
	"\"func_proto\",\"name\":null,\"type\":1,\"params\":[{\"name\":\"p\","
	"\"type\":2},{\"name\":null,\"type\":0}]}",
	"\"func\",\"name\":\"call\",\"type\":13}",
	"\"var\",\"name\":\"v\",\"type\":1}",
	"\"datasec\",\"name\":\".data..percpu\",\"size\":100,\"variables\":["
	"{\"type\":15,\"offset\":8,\"size\":4}]}",
	"\"float\",\"name\":\"double\",\"size\":8}",
	"\"decl_tag\",\"name\":\"tag\",\"type\":14,\"component\":null}",
	"\"decl_tag\",\"name\":\"tag\",\"type\":14,\"component\":1}",
	"\"type_tag\",\"name\":\"user\",\"type\":1}",
	"\"enum64\",\"name\":\"w64\",\"size\":8,\"signed\":false,\"values\":["
	"{\"name\":\"H\",\"value\":9223372036854775809}]}",
};

static void add_each_kind(void)
{
	kit_btf_int(&kit, "int", 4, 32 | 1 << 24);
	kit_btf_type(&kit, "", BTF_PTR, 0, false, 1);
	kit_btf_array(&kit, 1, 10);
	kit_btf_type(&kit, "s", BTF_STRUCT, 2, true, 8);
	kit_btf_member(&kit, "a", 1, 5 << 24 | 3);
	kit_btf_member(&kit, "", 2, 64);
	kit_btf_type(&kit, "u", BTF_UNION, 0, false, 4);
	kit_btf_type(&kit, "e", BTF_ENUM, 1, true, 4);
	kit_btf_named(&kit, "M", (uint32_t)-5);
	kit_btf_type(&kit, "f", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "B", 1u << 31);
	kit_btf_type(&kit, "w", BTF_FWD, 0, true, 0);
	kit_btf_type(&kit, "t", BTF_TYPEDEF, 0, false, 0);
	kit_btf_type(&kit, "", BTF_VOLATILE, 0, false, 9);
	kit_btf_type(&kit, "", BTF_CONST, 0, false, 9);
	kit_btf_type(&kit, "", BTF_RESTRICT, 0, false, 9);
	kit_btf_type(&kit, "", BTF_FUNC_PROTO, 2, false, 1);
	kit_btf_named(&kit, "p", 2);
	kit_btf_named(&kit, "", 0);
	kit_btf_type(&kit, "call", BTF_FUNC, 1, false, 13);
	kit_btf_type(&kit, "v", BTF_VAR, 0, false, 1);
	kit_btf_u32(&kit, 1);
	kit_btf_type(&kit, ".data..percpu", BTF_DATASEC, 1, false, 100);
	kit_btf_u32(&kit, 15);
	kit_btf_u32(&kit, 8);
	kit_btf_u32(&kit, 4);
	kit_btf_type(&kit, "double", BTF_FLOAT, 0, false, 8);
	kit_btf_type(&kit, "tag", BTF_DECL_TAG, 0, false, 14);
	kit_btf_u32(&kit, (uint32_t)-1);
	kit_btf_type(&kit, "tag", BTF_DECL_TAG, 0, false, 14);
	kit_btf_u32(&kit, 1);
	kit_btf_type(&kit, "user", BTF_TYPE_TAG, 0, false, 1);
	kit_btf_type(&kit, "w64", BTF_ENUM64, 1, false, 8);
	kit_btf_named(&kit, "H", 1);
	kit_btf_u32(&kit, 1u << 31);
}

START_TEST(types_of_each_kind)
{
	size_t i, n = sizeof(each_kind) / sizeof(*each_kind);
	char want[400];

	add_each_kind();
	ck_assert_uint_eq(kit.n, n);
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	write_json();
	ck_assert_uint_eq(json_object_array_length(get(top, "types")), n);
	for (i = 0; i < n; i++) {
		snprintf(want, sizeof(want),
			 "{\"id\":%zu,\"module\":null,\"kind\":%s", i + 1,
			 each_kind[i]);
		is(row("types", i), want);
	}
}
END_TEST

/* Their ids go on behind the kernel's; what is no BTF is left out. */
START_TEST(types_of_modules)
{
	struct btf_kit own = {.n = 0};

	ck_assert(!vec_push(&portrait.owners, {.name = "bad"}));
	ck_assert(!vec_push(&portrait.owners, {.name = "brd"}));
	portrait.n_modules = 2;
	kit_btf_int(&kit, "int", 4, 32);
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	kit_types(&portrait, 1, &kit);
	portrait.types.v[1].len = 20;
	kit_btf_type(&own, "", BTF_PTR, 0, false, 1);
	kit_types(&portrait, 2, &own);
	kit_btf_deinit(&own);
	write_json();
	ck_assert_uint_eq(json_object_array_length(get(top, "types")), 2);
	is(row("types", 1), "{\"id\":2,\"module\":\"brd\",\"kind\":\"ptr\","
			    "\"name\":null,\"type\":1}");
}
END_TEST

START_TEST(names_of_any_bytes)
{
	char *longest = malloc(100001);

	memset(longest, 'n', 100000);
	longest[100000] = '\0';
	kit_btf_type(&kit, "a\"\n*/\xff", BTF_FWD, 0, false, 0);
	kit_btf_type(&kit, longest, BTF_FWD, 0, false, 0);
	free(longest);
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	kit_symbol(&portrait, 0, '"', "\\\"\x80", PORTRAIT_IMAGE);
	write_json();
	ck_assert_str_eq(json_object_get_string(get(row("types", 0), "name")),
			 "a\"\n*/\\xff");
	ck_assert_int_eq(
		json_object_get_string_len(get(row("types", 1), "name")), 512);
	ck_assert_str_eq(json_object_get_string(get(row("symbols", 0), "name")),
			 "\\x5c\"\\x80");
}
END_TEST

START_TEST(what_fails)
{
	FILE *full = fopen("/dev/full", "w");
	struct err err = {0};

	add_each_kind();
	kit_types(&portrait, PORTRAIT_IMAGE, &kit);
	setvbuf(full, NULL, _IONBF, 0);
	ck_assert_int_eq(export_json(&portrait, full, &err), 0);
	ck_assert(ferror(full));
	fclose(full);
	portrait.types.v[0].len = 10;
	ck_assert_int_eq(export_json(&portrait, stdout, &err), ERR_CORRUPT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export_json");
	TCase *t = tcase_create("export_json");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values);
	tcase_add_test(t, strings);
	tcase_add_test(t, kernel_and_symbols);
	tcase_add_test(t, types_of_each_kind);
	tcase_add_test(t, types_of_modules);
	tcase_add_test(t, names_of_any_bytes);
	tcase_add_test(t, what_fails);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
