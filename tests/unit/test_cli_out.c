/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of escaping and of the row model's two back ends. */
#include "cli/out.h"

#include <check.h>
#include <locale.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* A string with NULs in it, and its length. */
#define S(text) text, sizeof(text) - 1

/* A mark four times, and what becomes of it. */
#define MARK4	 "\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
#define ESCAPED4 "\\xcc\\x81\\xcc\\x81\\xcc\\x81\\xcc\\x81"

static const struct {
	const char *bytes;
	size_t n;
	const char *text, *lines, *json;
} escapes[] = {
	{S(""), "", "", ""},
	{S("plain text"), "plain text", "plain text", "plain text"},
	{S("a\\b"), "a\\\\b", "a\\b", "a\\b"},
	{S("\x1b[31m"), "\\x1b[31m", "\\x1b[31m", "\x1b[31m"},
	{S("new\nline"), "new\\x0aline", "new\nline", "new\nline"},
	{S("tab\t\r"), "tab\\x09\\x0d", "tab\\x09\\x0d", "tab\t\r"},
	{S("del\x7f"), "del\\x7f", "del\\x7f", "del\x7f"},
	{S("gr\xc3\xbc\xc3\x9f"
	   "e"),
	 "gr\xc3\xbc\xc3\x9f"
	 "e",
	 "gr\xc3\xbc\xc3\x9f"
	 "e",
	 "gr\xc3\xbc\xc3\x9f"
	 "e"},
	{S("\xf0\x9f\x90\xa7"), "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7",
	 "\xf0\x9f\x90\xa7"},
	{S("\xff\xfe"
	   "bad\xc2"),
	 "\\xff\\xfebad\\xc2", "\\xff\\xfebad\\xc2", "\\xff\\xfebad\\xc2"},
	{S("\xff\\"), "\\xff\\\\", "\\xff\\", "\\xff\\x5c"},
	/* overlong, surrogate, above U+10FFFF, C1, bidi override, cut off */
	{S("\xc0\xaf"), "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf"},
	{S("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf",
	 "\\xe0\\x80\\xaf"},
	{S("\xed\xa0\x80"), "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
	 "\\xed\\xa0\\x80"},
	{S("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80",
	 "\\xf4\\x90\\x80\\x80"},
	{S("\xc2\x9b"), "\\xc2\\x9b", "\\xc2\\x9b", "\xc2\x9b"},
	{S("\xe2\x80\xae"), "\\xe2\\x80\\xae", "\\xe2\\x80\\xae",
	 "\xe2\x80\xae"},
	{S("\xe2\x82"), "\\xe2\\x82", "\\xe2\\x82", "\\xe2\\x82"},
	{S("nul\0nul"), "nul\\x00nul", "nul\\x00nul", NULL},
	/* what looks like our own escapes of bytes, and what does not */
	{S("\\xff"), "\\\\xff", "\\xff", "\\x5cxff"},
	{S("\\x5c\\x80"), "\\\\x5c\\\\x80", "\\x5c\\x80", "\\x5cx5c\\x5cx80"},
	{S("\\x2d\\xFF\\xf\\x"), "\\\\x2d\\\\xFF\\\\xf\\\\x",
	 "\\x2d\\xFF\\xf\\x", "\\x2d\\xFF\\xf\\x"},
	/* U+E0041, U+3164, U+2067 (isolate), U+00A0, U+180E, U+FE0F */
	{S("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81", "\\xf3\\xa0\\x81\\x81",
	 "\xf3\xa0\x81\x81"},
	{S("\xe3\x85\xa4"), "\\xe3\\x85\\xa4", "\\xe3\\x85\\xa4",
	 "\xe3\x85\xa4"},
	{S("\xe2\x81\xa7"), "\\xe2\\x81\\xa7", "\\xe2\\x81\\xa7",
	 "\xe2\x81\xa7"},
	{S("\xc2\xa0"), "\\xc2\\xa0", "\\xc2\\xa0", "\xc2\xa0"},
	{S("\xe1\xa0\x8e"), "\\xe1\\xa0\\x8e", "\\xe1\\xa0\\x8e",
	 "\xe1\xa0\x8e"},
	{S("\xef\xb8\x8f"), "\\xef\\xb8\\x8f", "\\xef\\xb8\\x8f",
	 "\xef\xb8\x8f"},
	/* U+0301: upon nothing, upon a letter, five times, behind an escape */
	{S("\xcc\x81"
	   "a"),
	 "\\xcc\\x81"
	 "a",
	 "\\xcc\\x81"
	 "a",
	 "\xcc\x81"
	 "a"},
	{S("a\xcc\x81"), "a\xcc\x81", "a\xcc\x81", "a\xcc\x81"},
	{S("a" MARK4 "\xcc\x81" MARK4 "b\xcc\x81"),
	 "a" MARK4 "\\xcc\\x81" ESCAPED4 "b\xcc\x81",
	 "a" MARK4 "\\xcc\\x81" ESCAPED4 "b\xcc\x81",
	 "a" MARK4 "\xcc\x81" MARK4 "b\xcc\x81"},
	{S("\x1b\xcc\x81"), "\\x1b\\xcc\\x81", "\\x1b\\xcc\\x81",
	 "\x1b\xcc\x81"},
	{S("a\n\xcc\x81"), "a\\x0a\\xcc\\x81", "a\n\\xcc\\x81", "a\n\xcc\x81"},
};

static void check_escape(enum escape_mode mode, size_t i, const char *want)
{
	struct buf b = {0};

	escape_add(&b, mode, escapes[i].bytes, escapes[i].n);
	ck_assert_str_eq(b.data ? b.data : "", want);
	buf_deinit(&b);
}

START_TEST(escaping)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	check_escape(ESCAPE_TEXT, (size_t)_i, escapes[_i].text);
	check_escape(ESCAPE_LINES, (size_t)_i, escapes[_i].lines);
	if (escapes[_i].json)
		check_escape(ESCAPE_JSON, (size_t)_i, escapes[_i].json);
}
END_TEST

/* A place in a text: under its column, whatever the text is made of. */
START_TEST(places)
{
	static const struct {
		const char *text;
		size_t at;
		const char *lines;
	} all[] = {
		{"", 0, "\n^\n"},
		{"a.", 2, "a.\n  ^\n"},
		{"a b", 2, "a b\n  ^\n"},
		{"a\t\n. 1", 4, "a  . 1\n    ^\n"},
		{"\t\xc3\xbc.\t", 1, " \xc3\xbc. \n ^\n"},
		{"a\x1b[", 1, "a\\x1b[\n ^\n"},
		{"\x1b[", 1, "\\x1b[\n    ^\n"},
	};
	size_t i;

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct buf b = {0};

		escape_add_place(&b, all[i].text, all[i].at);
		ck_assert_str_eq(b.data, all[i].lines);
		buf_deinit(&b);
	}
}
END_TEST

/* The value is the same; no byte of it does anything to a terminal. */
START_TEST(json_hides_nothing)
{
	static const struct {
		const char *bytes, *want;
	} strings[] = {
		{"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
		{"\x7f\x1b", "\"\\u007f\\u001b\""},
		{"\xc2\x9b"
		 "31m",
		 "\"\\u009b31m\""},
		{"a\xe2\x80\xae\xe2\x81\xa9", "\"a\\u202e\\u2069\""},
		{"\\\xe2\x80\xae\"", "\"\\\\\\u202e\\\"\""},
		{"\xf3\xa0\x81\x81", "\"\\udb40\\udc41\""},
		{"\xe3\x85\xa4", "\"\\u3164\""},
		{"\xcc\x81", "\"\\u0301\""},
		{"a" MARK4 "\xcc\x81", "\"a" MARK4 "\\u0301\""},
		{"\xf0\x9f\x90\xa7", "\"\xf0\x9f\x90\xa7\""},
	};
	struct json_object *value, *again;
	struct buf b = {0};
	const char *json;
	size_t i;

	for (i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		value = json_object_new_string(strings[i].bytes);
		json = json_object_to_json_string_ext(value,
						      JSON_C_TO_STRING_PLAIN);
		buf_reset(&b);
		escape_add_json(&b, json, strlen(json));
		ck_assert_str_eq(b.data, strings[i].want);
		again = json_tokener_parse(b.data);
		ck_assert_str_eq(json_object_get_string(again),
				 strings[i].bytes);
		json_object_put(value);
		json_object_put(again);
	}
	buf_deinit(&b);
}
END_TEST

START_TEST(escaping_without_utf8)
{
	static const char bytes[] = "gr\xc3\xbc", want[] = "gr\\xc3\\xbc";
	struct buf b = {0};

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C"));
	escape_add(&b, ESCAPE_TEXT, bytes, strlen(bytes));
	ck_assert_str_eq(b.data, want);
	buf_reset(&b);
	escape_add(&b, ESCAPE_LINES, bytes, strlen(bytes));
	ck_assert_str_eq(b.data, want);
	buf_reset(&b);
	/* JSON is UTF-8 by definition */
	escape_add(&b, ESCAPE_JSON, bytes, strlen(bytes));
	ck_assert_str_eq(b.data, bytes);
	buf_deinit(&b);
}
END_TEST

enum {
	WORDS,
	GUEST,
	HEX,
	COUNT,
	SIZE,
	KIB,
	FLAG,
	BYTES,
	SUB,
	HIDDEN,
	N
};

static const struct row_column columns[] = {
	[WORDS] = ROW_COLUMN("words", "WORDS", ROW_WORDS),
	[GUEST] = ROW_COLUMN("guest", "GUEST", ROW_GUEST),
	[HEX] = ROW_COLUMN("hex", "HEX", ROW_HEX),
	[COUNT] = ROW_COLUMN("count", "COUNT", ROW_COUNT),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[KIB] = ROW_COLUMN("kib", "KIB", ROW_KIB),
	[FLAG] = ROW_COLUMN("flag", "FLAG", ROW_FLAG),
	[BYTES] = ROW_COLUMN("bytes", "BYTES", ROW_BYTES),
	[SUB] = ROW_COLUMN("sub", "SUB", ROW_TABLE),
	[HIDDEN] = ROW_COLUMN("hidden", NULL, ROW_COUNT),
};

static const struct row_column sub_columns[] = {
	ROW_COLUMN("name", "NAME", ROW_WORDS),
	ROW_COLUMN(NULL, "TEXT", ROW_WORDS),
};

static void fill(struct out *o, enum out_style style)
{
	struct row_table *t = &o->rows.top, *sub;

	out_begin(o, style, columns, N);
	row_add(t);
	row_string(t, WORDS, "one");
	row_bytes(t, GUEST, "\xff\x1b\\", 3);
	row_number(t, HEX, 0xffff888000000000);
	row_number(t, COUNT, UINT64_MAX);
	row_number(t, SIZE, 3 << 20);
	row_number(t, KIB, 8192);
	row_number(t, FLAG, 1);
	row_bytes(t, BYTES, "\x01\xab", 2);
	row_number(t, HIDDEN, 5);
	sub = row_subtable(t, SUB, sub_columns, 2);
	row_add(sub);
	row_string(sub, 0, "inner");
	row_printf(sub, 1, "%d", 42);
	row_add(t); /* a row of unset cells */
}

static char *text_of(enum out_style style)
{
	struct buf b = {0};
	struct out o;

	out_init(&o, "test", false, false);
	fill(&o, style);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	out_deinit(&o);
	return b.data;
}

START_TEST(table_as_text)
{
	char *text = text_of(OUT_TABLE);

	ck_assert_str_eq(
		text,
		"WORDS GUEST      HEX                               COUNT  "
		"SIZE KIB FLAG BYTES\n"
		"one   \\xff\\x1b\\\\ 0xffff888000000000 "
		"18446744073709551615 3 MiB   8 yes  01 ab\n"
		"-     -          -                                     -"
		"     -   - -    -\n");
	free(text);
}
END_TEST

START_TEST(record_as_text)
{
	char *text = text_of(OUT_RECORD);

	ck_assert_str_eq(text, "WORDS: one\n"
			       "GUEST: \\xff\\x1b\\\\\n"
			       "HEX:   0xffff888000000000\n"
			       "COUNT: 18446744073709551615\n"
			       "SIZE:  3 MiB\n"
			       "KIB:   8\n"
			       "FLAG:  yes\n"
			       "BYTES: 01 ab\n"
			       "SUB:\n"
			       "NAME  TEXT\n"
			       "inner 42\n");
	free(text);
}
END_TEST

static const char *string_at(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	ck_assert_msg(json_object_object_get_ex(o, key, &v), "no %s", key);
	return json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN);
}

static struct json_object *json_of(struct out *o, const struct stats *stats)
{
	struct json_object *top;
	struct buf b = {0};

	ck_assert_int_eq(out_as_json(o, stats, &b), 0);
	top = json_tokener_parse(b.data);
	ck_assert_ptr_nonnull(top);
	buf_deinit(&b);
	return top;
}

START_TEST(rows_as_json)
{
	struct json_object *top, *row, *rows;
	struct out o;

	out_init(&o, "test", true, false);
	fill(&o, OUT_TABLE);
	out_note(&o, "first %d", 1);
	out_note(&o, "second");
	top = json_of(&o, NULL);
	ck_assert_str_eq(string_at(top, "qvmi"), "1");
	ck_assert_str_eq(string_at(top, "command"), "\"test\"");
	ck_assert_str_eq(string_at(top, "notes"), "[\"first 1\",\"second\"]");
	ck_assert(!json_object_object_get_ex(top, "error", NULL));
	ck_assert(!json_object_object_get_ex(top, "stats", NULL));
	rows = json_object_object_get(top, "rows");
	ck_assert_uint_eq(json_object_array_length(rows), 2);
	row = json_object_array_get_idx(rows, 0);
	ck_assert_str_eq(string_at(row, "words"), "\"one\"");
	ck_assert_str_eq(string_at(row, "guest"), "\"\\\\xff\\u001b\\\\x5c\"");
	ck_assert_str_eq(string_at(row, "hex"), "\"0xffff888000000000\"");
	ck_assert_str_eq(string_at(row, "count"), "18446744073709551615");
	ck_assert_str_eq(string_at(row, "size"), "3145728");
	ck_assert_str_eq(string_at(row, "kib"), "8192");
	ck_assert_str_eq(string_at(row, "flag"), "true");
	ck_assert_str_eq(string_at(row, "bytes"), "\"01ab\"");
	ck_assert_str_eq(string_at(row, "hidden"), "5");
	ck_assert_str_eq(string_at(row, "sub"), "[{\"name\":\"inner\"}]");
	row = json_object_array_get_idx(rows, 1);
	ck_assert_str_eq(string_at(row, "hex"), "null");
	json_object_put(top);
	out_deinit(&o);
}
END_TEST

START_TEST(failure_and_stats_as_json)
{
	struct stats stats = {1, 2, 3, 4, 5, 6, 7, "stub", "cache"};
	struct json_object *top;
	struct out o;

	out_init(&o, "test", true, false);
	out_begin(&o, OUT_TABLE, columns, N);
	out_fail(&o, ERR_NOT_FOUND, "bad\xff");
	out_fail(&o, ERR_REFUSED, "only the first counts");
	out_fail(&o, ERR_REFUSED, "of more it is told that they are there");
	ck_assert_int_eq(o.failure.code, ERR_NOT_FOUND);
	top = json_of(&o, &stats);
	ck_assert_str_eq(string_at(top, "rows"), "[]");
	ck_assert_str_eq(string_at(top, "error"),
			 "{\"status\":1,\"kind\":\"not_found\",\"text\":"
			 "\"bad\\\\xff (and 2 more)\"}");
	ck_assert_str_eq(string_at(top, "stats"),
			 "{\"wall_us\":1,\"pause_us\":2,\"batches\":3,"
			 "\"packets\":4,\"wire_bytes\":5,\"read_bytes\":6,"
			 "\"rss_kib\":7,\"memory\":\"stub\",\"profile\":"
			 "\"cache\"}");
	json_object_put(top);
	out_deinit(&o);
}
END_TEST

/* Rows, notes and errors alike. */
START_TEST(no_raw_control_in_json)
{
	struct buf b = {0};
	struct out o;

	out_init(&o, "test", true, false);
	out_begin(&o, OUT_TABLE, columns, N);
	row_add(&o.rows.top);
	row_string(&o.rows.top, GUEST, "\xc2\x9b");
	out_note(&o, "\xe2\x80\xae");
	out_fail(&o, ERR_NOT_FOUND, "\x7f");
	ck_assert_int_eq(out_as_json(&o, NULL, &b), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "\"\\u009b\""));
	ck_assert_ptr_nonnull(strstr(b.data, "\"\\u202e\""));
	ck_assert_ptr_nonnull(strstr(b.data, "\"\\u007f\""));
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

START_TEST(no_answer_as_json)
{
	struct json_object *top;
	struct out o;

	out_init(&o, NULL, true, false);
	fill(&o, OUT_TABLE);
	out_no_answer(&o);
	o.failure = (struct err){.code = ERR_NO_GUEST, .text = "nobody there"};
	top = json_of(&o, NULL);
	ck_assert_str_eq(string_at(top, "command"), "null");
	ck_assert_str_eq(string_at(top, "rows"), "[]");
	ck_assert_str_eq(string_at(top, "error"),
			 "{\"status\":3,\"kind\":\"no_guest\",\"text\":"
			 "\"nobody there\"}");
	json_object_put(top);
	out_deinit(&o);
}
END_TEST

START_TEST(stats_as_a_line)
{
	struct stats stats = {1, 2, 3, 4, 5, 6, 7, "stub", "none"};
	struct buf b = {0};

	stats_line(&stats, &b);
	ck_assert_str_eq(b.data,
			 "stats: wall_us=1 pause_us=2 batches=3 packets=4 "
			 "wire_bytes=5 read_bytes=6 rss_kib=7 memory=stub "
			 "profile=none\n");
	buf_deinit(&b);
}
END_TEST

static void check_procfs(bool terminal, const char *want)
{
	struct buf b = {0};
	struct out o;

	out_init(&o, "test", false, terminal);
	out_begin(&o, OUT_LINES, columns, N);
	out_text(&o, "%s\n", "head");
	out_guest(&o, "\x1b", 1);
	out_procfs(&o, "\n\x1b\xff\\\n", 5);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_str_eq(b.data, want);
	buf_deinit(&b);
	out_deinit(&o);
}

static size_t written, calls;
static int write_result;

static int count_written(const struct buf *b, struct err *err)
{
	calls++;
	written += b->len;
	return write_result ? err_set(err, write_result, "full") : 0;
}

/* Text that is long goes out as it comes, up to where that fails. */
START_TEST(long_text_is_written_as_it_comes)
{
	static char text[400 << 10];
	struct buf b = {0};
	struct out o;
	int i;

	memset(text, 'x', sizeof(text));
	out_init(&o, "test", false, false);
	o.write = count_written;
	write_result = _i ? ERR_SYS : 0;
	written = calls = 0;
	out_begin(&o, OUT_LINES, columns, N);
	for (i = 0; i < 10; i++) {
		out_guest(&o, text, sizeof(text));
		out_flush(&o);
	}
	ck_assert_uint_eq(calls, _i ? 1 : 3);
	ck_assert_uint_eq(written, calls * 3 * sizeof(text));
	ck_assert_int_eq(o.write_failure.code, write_result);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_uint_eq(b.len, sizeof(text));
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

static struct buf pieces;

static int keep_written(const struct buf *b, struct err *err)
{
	(void)err;
	calls++;
	buf_add(&pieces, b->data, b->len);
	return 0;
}

/* Rows with words that look like what the pieces are cut at. */
static void fill_many(struct out *o, const char *command, size_t n)
{
	static char text[100 << 10];
	struct row_table *inner;
	size_t i;

	memset(text, 'x', sizeof(text) - 1);
	out_init(o, command, true, false);
	o->write = keep_written;
	out_begin(o, OUT_TABLE, columns, N);
	for (i = 0; i < n; i++) {
		row_add(&o->rows.top);
		row_string(&o->rows.top, WORDS,
			   i % 3 ? "null, \"null\"\n" : text);
		if (i % 2)
			continue;
		inner = row_subtable(&o->rows.top, SUB, sub_columns, 2);
		row_add(inner);
		row_printf(inner, 0, "%zu", i);
		out_flush(o);
	}
	out_note(o, "null");
	out_fail(o, ERR_UNREADABLE, "null");
}

/* The bytes that json-c makes of all of it, written as rows come. */
START_TEST(json_in_pieces)
{
	static const size_t ns[] = {0, 1, 2, 100};
	const char *const command = _i % 2 ? "null" : NULL;
	struct json_object *top;
	const char *whole;
	struct out o;

	calls = 0;
	fill_many(&o, command, ns[_i / 2]);
	ck_assert_int_eq(out_as_json(&o, NULL, &pieces), 0);
	ck_assert_uint_eq(calls > 1, ns[_i / 2] == 100);
	top = json_tokener_parse(pieces.data);
	ck_assert_ptr_nonnull(top);
	whole = json_object_to_json_string_ext(
		top, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			     JSON_C_TO_STRING_NOSLASHESCAPE);
	ck_assert_uint_eq(pieces.len, strlen(whole) + 1);
	ck_assert_mem_eq(pieces.data, whole, strlen(whole));
	json_object_put(top);
	buf_deinit(&pieces);
	out_deinit(&o);
}
END_TEST

START_TEST(procfs_is_exact_but_on_a_terminal)
{
	check_procfs(false, "head\n\\x1b\n\x1b\xff\\\n");
	check_procfs(true, "head\n\\x1b\n\\x1b\\xff\\\n");
}
END_TEST

static const struct {
	const char *comm;
	unsigned int width;
	const char *want;
} rows[] = {
	{"four", 0, "NAME\nfour\n"},
	{"four", 4, "NAME\nfour\n"},
	{"five5", 4, "NAME\nfiv>\n"},
	{"gr\xc3\xbc\xc3\x9f", 4, "NAME\ngr\xc3\xbc\xc3\x9f\n"},
	{"gr\xc3\xbc\xc3\x9f!", 4, "NAME\ngr\xc3\xbc>\n"},
	{"ab\xe6\xbc\xa2\xe5\xad\x97", 5, "NAME\nab\xe6\xbc\xa2>\n"},
	{"ab\xe6\xbc\xa2\xe5\xad\x97", 4, "NAME\nab>\n"},
	{"any", 1, ">\n>\n"},
};

/* Rows end where the terminal does; wide characters take two columns. */
START_TEST(rows_are_not_wrapped)
{
	static const struct row_column one[] = {
		ROW_COLUMN("name", "NAME", ROW_GUEST)};
	struct buf b = {0};
	struct out o;

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	out_init(&o, "test", false, true);
	o.width = rows[_i].width;
	out_begin(&o, OUT_TABLE, one, 1);
	row_add(&o.rows.top);
	row_string(&o.rows.top, 0, rows[_i].comm);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_str_eq(b.data, rows[_i].want);
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

START_TEST(a_tree)
{
	static const struct row_column tree_columns[] = {
		ROW_COLUMN("pid", "PID", ROW_COUNT),
		{.key = "comm",
		 .title = "COMM",
		 .type = ROW_GUEST,
		 .tree = true},
	};
	static const char *const names[] = {"leaf", "root", "mid", "other"};
	struct buf b = {0};
	struct out o;
	size_t i;

	out_init(&o, "test", false, false);
	out_begin(&o, OUT_TABLE, tree_columns, 2);
	for (i = 0; i < 4; i++) {
		row_add(&o.rows.top);
		row_number(&o.rows.top, 0, i + 1);
		row_string(&o.rows.top, 1, names[i]);
	}
	row_parent(&o.rows.top, 0, 2);
	row_parent(&o.rows.top, 2, 1);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_str_eq(b.data, "PID COMM\n"
				 "  2 root\n"
				 "  3 `-mid\n"
				 "  1   `-leaf\n"
				 "  4 other\n");
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

/* A sparse column is there where a row has it; in JSON it always is. */
START_TEST(a_sparse_column)
{
	static const struct row_column two[] = {
		ROW_COLUMN("a", "A", ROW_COUNT),
		{.key = "b", .title = "B", .type = ROW_WORDS, .sparse = true}};
	static const char *const want[] = {"A\n1\n2\n", "A B\n1 -\n2 x\n"};
	struct buf b = {0};
	struct out o;
	uint64_t i;

	out_init(&o, "test", false, false);
	out_begin(&o, OUT_TABLE, two, 2);
	for (i = 1; i <= 2; i++) {
		row_add(&o.rows.top);
		row_number(&o.rows.top, 0, i);
	}
	if (_i)
		row_string(&o.rows.top, 1, "x");
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_str_eq(b.data, want[_i]);
	buf_reset(&b);
	ck_assert_int_eq(out_as_json(&o, NULL, &b), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "\"b\""));
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

START_TEST(no_rows)
{
	struct buf b = {0};
	struct out o;

	out_init(&o, "test", false, false);
	out_begin(&o, OUT_TABLE, columns, N);
	ck_assert_int_eq(out_as_text(&o, &b, NULL), 0);
	ck_assert_uint_eq(b.len, 0);
	row_add(NULL); /* what failed allocations hand on */
	row_number(NULL, 0, 1);
	row_string(NULL, 0, "x");
	ck_assert_ptr_null(row_subtable(NULL, 0, columns, N));
	buf_deinit(&b);
	out_deinit(&o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_out");
	TCase *t = tcase_create("cli_out");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, json_hides_nothing);
	tcase_add_test(t, places);
	tcase_add_test(t, escaping_without_utf8);
	tcase_add_loop_test(t, escaping, 0, sizeof(escapes) / sizeof(*escapes));
	tcase_add_test(t, table_as_text);
	tcase_add_test(t, record_as_text);
	tcase_add_test(t, rows_as_json);
	tcase_add_test(t, failure_and_stats_as_json);
	tcase_add_test(t, no_raw_control_in_json);
	tcase_add_test(t, no_answer_as_json);
	tcase_add_test(t, stats_as_a_line);
	tcase_add_test(t, procfs_is_exact_but_on_a_terminal);
	tcase_add_loop_test(t, long_text_is_written_as_it_comes, 0, 2);
	tcase_add_loop_test(t, json_in_pieces, 0, 8);
	tcase_add_loop_test(t, rows_are_not_wrapped, 0,
			    sizeof(rows) / sizeof(*rows));
	tcase_add_test(t, a_tree);
	tcase_add_loop_test(t, a_sparse_column, 0, 2);
	tcase_add_test(t, no_rows);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
