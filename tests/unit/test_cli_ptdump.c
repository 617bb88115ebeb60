/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of dumps as words: parts by region, files, what differs. */
#include "cli/ptdump.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"

#define ROW(start, size, write, attributes)                                \
	"{\"start\":\"" start "\",\"end\":null,\"size\":" size             \
	",\"level\":\"pte\",\"page_size\":4096,\"write\":" write           \
	",\"user\":false,\"no_execute\":true,\"attributes\":\"" attributes \
	"\",\"region\":null,\"symbol\":null}"
#define FILE_OF(rows) "{\"qvmi\":1,\"command\":\"ptdump\",\"rows\":[" rows "]}"

static struct ptdump_list was, is;

static void teardown(void)
{
	vec_deinit(&was.list);
	vec_deinit(&is.list);
}

static void load(struct ptdump_list *l, const char *text)
{
	struct err err = {0};

	ck_assert_msg(!ptdump_parse(text, strlen(text), l, &err), "%s",
		      err.text);
}

START_TEST(files_are_read)
{
	load(&was,
	     FILE_OF(ROW("0xffff888000000000", "4096", "true", "GLB") "," ROW(
		     "0xfffffffffffff000", "4096", "false", "")));
	ck_assert_uint_eq(was.list.n, 2);
	ck_assert_uint_eq(was.list.v[0].last, 0xffff888000000fff);
	ck_assert_str_eq(was.list.v[0].says, "RW GLB NX pte");
	ck_assert_uint_eq(was.list.v[1].last, UINT64_MAX);
	ck_assert_str_eq(was.list.v[1].says, "ro NX pte");
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{"", "no JSON"},
	{"[]", "no JSON"},
	{"{\"qvmi\":1", "no JSON"},
	{"{}", "no dump"},
	{"{\"command\":\"ps\",\"rows\":[]}", "no dump"},
	{"{\"command\":\"ptdump\",\"rows\":{}}", "no dump"},
	{FILE_OF(""), "no mapping"},
	{FILE_OF("{}"), "row 0"},
	{FILE_OF("1"), "row 0"},
	{FILE_OF(ROW("0x1000", "0", "true", "")), "row 0"},
	{FILE_OF(ROW("4096", "4096", "true", "")), "row 0"},
	{FILE_OF(ROW("0x1000g", "4096", "true", "")), "row 0"},
	{FILE_OF(ROW("0x1000", "\"4096\"", "true", "")), "row 0"},
	{FILE_OF(ROW("0x1000", "4096", "1", "")), "row 0"},
	{FILE_OF(ROW("0xfffffffffffff000", "8192", "true", "")), "row 0"},
	{FILE_OF(ROW("0x1000", "8192", "true", "") "," ROW("0x2000", "4096",
							   "true", "")),
	 "row 1"},
	{"{\"command\":\"ptdump\",\"error\":{},\"rows\":[]}", "not whole"},
};

START_TEST(bad_files)
{
	struct err err = {0};

	ck_assert_int_eq(
		ptdump_parse(bad[_i].text, strlen(bad[_i].text), &was, &err),
		ERR_USAGE);
	ck_assert_msg(strstr(err.text, bad[_i].why), "%s", err.text);
}
END_TEST

static void check_diff(const char *want)
{
	struct buf text = {0};
	struct out out;
	size_t i, c, n;

	out_init(&out, "ptdump", false, false);
	n = ptdump_show_diff(&was, &is, &out);
	for (i = 0; i < n; i++) {
		for (c = 0; c < 6; c++) {
			buf_puts(&text, c ? " " : "");
			if (!out_cell_text(&out.rows.top, i, c, &text))
				buf_puts(&text, "-");
		}
		buf_puts(&text, ";");
	}
	buf_add(&text, "", 1);
	ck_assert_str_eq(text.data, want);
	buf_deinit(&text);
	out_deinit(&out);
}

/* Cut where either changes, and put together where both go on alike. */
START_TEST(differences)
{
	load(&was, FILE_OF(ROW("0x1000", "16384", "false", "") "," ROW(
			   "0x8000", "4096", "true",
			   "") "," ROW("0x9000", "4096", "true",
				       "") "," ROW("0xfffffffffffff000", "4096",
						   "true", "")));
	load(&is,
	     FILE_OF(ROW("0x1000", "4096", "false", "") "," ROW(
		     "0x2000", "4096", "true",
		     "PCD") "," ROW("0x3000", "8192", "false",
				    "") "," ROW("0x6000", "4096", "true",
						"") "," ROW("0x8000", "4096",
							    "true", "")));
	check_diff("changed 0x2000 0x3000 4 KiB ro NX pte RW PCD NX pte;"
		   "added 0x6000 0x7000 4 KiB - RW NX pte;"
		   "removed 0x9000 0xa000 4 KiB RW NX pte -;"
		   "removed 0xfffffffffffff000 - 4 KiB RW NX pte -;");
}
END_TEST

START_TEST(no_difference)
{
	/* One row or two: what they say is the same. */
	load(&was, FILE_OF(ROW("0x0", "8192", "false", "")));
	load(&is, FILE_OF(ROW("0x0", "4096", "false",
			      "") "," ROW("0x1000", "4096", "false", "")));
	check_diff("");
}
END_TEST

/* A run that reaches over a border is two parts, and is said as in a file. */
START_TEST(parts_end_with_their_regions)
{
	struct ptdump_run runs[] = {
		{0x1000, 0x3000, PTE_G | PTE_PCD, 1, true, false, true},
		{0x200000, 0x200000, PTE_PS, 2, false, true, false}};
	struct ptdump d = {.runs = {runs, 2, 2}};
	struct x86_64_layout l = {.v = {{"a", "", NULL, 0, 0x1fff},
					{"b", "", NULL, 0x2000, 0x20ffff},
					{"c", "", NULL, 0x210000, UINT64_MAX}},
				  .n = 3};
	struct ptdump_space s = {&d, &paging_4level, &l};
	static const struct {
		uint64_t va, last;
		const char *region;
	} want[] = {{0x1000, 0x1fff, "a"},
		    {0x2000, 0x3fff, "b"},
		    {0x200000, 0x20ffff, "b"},
		    {0x210000, 0x3fffff, "c"}};
	struct ptdump_part part = {0};
	size_t i;

	for (i = 0; i < 4; i++) {
		ck_assert(ptdump_next_part(&s, &part));
		ck_assert_uint_eq(part.va, want[i].va);
		ck_assert_uint_eq(part.last, want[i].last);
		ck_assert_str_eq(part.region->name, want[i].region);
	}
	ck_assert(!ptdump_next_part(&s, &part));
	ck_assert(!ptdump_say(&s, &is, NULL));
	ck_assert_str_eq(is.list.v[0].says, "RW PCD GLB NX pte");
	ck_assert_str_eq(is.list.v[1].says, "USR ro PSE x pmd");
}
END_TEST

static size_t occurs(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* A border without a marker ends no line; espfix has 16 of them at most. */
START_TEST(lines_as_linux_has_them)
{
	struct ptdump_run runs[22] = {
		{0x1000, 0x3000, PTE_G, 1, true, false, true},
		{0x200000, 0x200000, PTE_PS, 2, false, true, false}};
	struct ptdump d = {.runs = {runs, 22, 22}};
	struct x86_64_layout l = {
		.v = {{"a", "", "A", 0, 0x1fff},
		      {"b", "", NULL, 0x2000, 0x2fff},
		      {"c", "", "C", 0x3000, 0x3fffff},
		      {"espfix", "", "ESPfix Area", 0x400000, UINT64_MAX}},
		.n = 4};
	struct ptdump_space s = {&d, &paging_4level, &l};
	struct out out;
	size_t i;

	for (i = 2; i < 22; i++)
		runs[i] = (struct ptdump_run){0x400000 + i * 0x10000,
					      0x1000,
					      0,
					      1,
					      false,
					      false,
					      true};
	out_init(&out, "ptdump", false, false);
	ptdump_show_lines(&s, PTDUMP_BOTH, &out);
	ck_assert(strstr(out.lines.data,
			 "---[ A ]---\n"
			 "0x0000000000001000-0x0000000000003000           8K "
			 "    RW                 GLB NX pte\n"
			 "---[ C ]---\n"
			 "0x0000000000003000-0x0000000000004000           4K "
			 "    RW                 GLB NX pte\n"
			 "0x0000000000200000-0x0000000000400000           2M "
			 "USR ro         PSE         x  pmd\n"
			 "---[ ESPfix Area ]---\n"));
	ck_assert_uint_eq(occurs(out.lines.data, " pte\n"), 2 + 16);
	ck_assert(strstr(out.lines.data, "NX pte\n"
					 "... 4 entries skipped ... \n"));
	out_deinit(&out);
	d.runs.n = 2 + 17;
	out_init(&out, "ptdump", false, false);
	ptdump_show_lines(&s, PTDUMP_BOTH, &out);
	ck_assert(strstr(out.lines.data, "... 1 entry skipped ... \n"));
	out_deinit(&out);
	d.runs.n = 2 + 16;
	out_init(&out, "ptdump", false, false);
	ptdump_show_lines(&s, PTDUMP_BOTH, &out);
	ck_assert(!strstr(out.lines.data, "skipped"));
	out_deinit(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_ptdump");
	TCase *t = tcase_create("cli_ptdump");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, files_are_read);
	tcase_add_loop_test(t, bad_files, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, differences);
	tcase_add_test(t, no_difference);
	tcase_add_test(t, parts_end_with_their_regions);
	tcase_add_test(t, lines_as_linux_has_them);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
