/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the pages that maps are written to, with a hostile guest. */
#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "cli/layout_page.h"
#include "layout/map.h"
#include "layout/process.h"

#define HOSTILE "</script><!--<b>&\"\x1b[31m\xff"
#define BEGIN	"<script type=\"application/json\" id=\"layout\">\n"

static char *written(int (*write)(const void *, FILE *, struct err *),
		     const void *what)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(write(what, f, NULL), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_uint_eq(strlen(text), len);
	return text;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Nothing leads away from it, nothing of a guest ends its data; the row. */
static struct json_object *check_page(char *page)
{
	struct json_object *o;
	char *data, *end;

	ck_assert_uint_eq(count(page, "</script>"), 2);
	ck_assert_uint_eq(count(page, "<!--"), 1); /* the license */
	ck_assert_uint_eq(count(page, "@STYLE@") + count(page, "@DATA@") +
				  count(page, "@SCRIPT@"),
			  0);
	ck_assert_ptr_nonnull(strstr(page, "default-src 'none'"));
	ck_assert_uint_eq(count(page, "http:") + count(page, "https:") +
				  count(page, " src=") + count(page, " href=") +
				  count(page, "@import") + count(page, "url("),
			  0);
	data = strstr(page, BEGIN) + strlen(BEGIN);
	end = strstr(data, "</script>");
	*end = '\0';
	ck_assert_ptr_null(strchr(data, '<'));
	o = json_tokener_parse(data);
	ck_assert_ptr_nonnull(o);
	return o;
}

static struct json_object *row_of(struct json_object *o)
{
	struct json_object *rows = json_object_object_get(o, "rows");

	ck_assert_uint_eq(json_object_array_length(rows), 1);
	return json_object_array_get_idx(rows, 0);
}

START_TEST(a_process)
{
	struct map_entry area = {.start = 0x1000,
				 .end = 0x2000,
				 .perms = "rw-p",
				 .name = HOSTILE};
	struct layout_segment seg = {.kind = LAYOUT_MMAP,
				     .start = 0x1000,
				     .end = 0x2000,
				     .area = &area};
	struct proc_part part = {.records = 1};
	struct layout_process p = {.maps = {.parts = &part, .n = 1},
				   .segments = {{&seg, 1, 1}}};
	struct json_object *o, *segments;
	char *page;

	strcpy(p.task.comm, HOSTILE);
	page = written(layout_process_html, &p);
	o = check_page(page);
	segments = json_object_object_get(row_of(o), "segments");
	ck_assert_uint_eq(json_object_array_length(segments), 1);
	ck_assert_int_eq(strncmp(json_object_get_string(json_object_object_get(
					 json_object_array_get_idx(segments, 0),
					 "name")),
				 "</script><!--<b>&\"", 18),
			 0);
	json_object_put(o);
	free(page);
}
END_TEST

/* Each mapping of each region, and how many were too many. */
START_TEST(the_kernel)
{
	struct ptdump_run runs[] = {
		{0x1000, 0x3000, PTE_G, 1, true, false, true},
		{0xffffffffffe00000, 0x200000, PTE_PS, 2, false, false, false}};
	struct layout_map map = {
		.paging = &paging_4level,
		.dump = {.runs = {runs, 2, 2}},
		.layout = {.v = {{"a", "first", NULL, 0, 0x1fff},
				 {"b", "second", NULL, 0x2000, UINT64_MAX}},
			   .n = 2}};
	struct json_object *o, *mappings;
	char *page = written(layout_map_html, &map);

	o = check_page(page);
	mappings = json_object_object_get(row_of(o), "mappings");
	ck_assert_uint_eq(json_object_array_length(mappings), 3);
	ck_assert_str_eq(
		json_object_get_string(json_object_object_get(
			json_object_array_get_idx(mappings, 0), "perms")),
		"rw-");
	ck_assert_ptr_null(json_object_object_get(
		json_object_array_get_idx(mappings, 2), "end"));
	ck_assert_int_eq(json_object_get_int(
				 json_object_object_get(row_of(o), "left_out")),
			 0);
	ck_assert_ptr_null(json_object_object_get(o, "error"));
	json_object_put(o);
	free(page);
}
END_TEST

/* What is missing is said on the page, too. */
START_TEST(not_all_of_it)
{
	struct layout_map map = {
		.paging = &paging_4level,
		.dump = {.unreadable = {1, 0x1000, 0x2000}},
		.layout = {.v = {{"a", "all", NULL, 0, UINT64_MAX}}, .n = 1}};
	char *page = written(layout_map_html, &map);
	struct json_object *o = check_page(page);

	ck_assert_ptr_nonnull(
		strstr(json_object_get_string(json_object_object_get(
			       json_object_object_get(o, "error"), "text")),
		       "page tables that could not be read: 1"));
	json_object_put(o);
	free(page);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("layout page");
	TCase *t = tcase_create("layout page");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, a_process);
	tcase_add_test(t, the_kernel);
	tcase_add_test(t, not_all_of_it);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
