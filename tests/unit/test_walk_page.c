/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the files that a page walk is written to, with a hostile guest. */
#include "cli/walk_page.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "unit/array_machine.h"

#define HOSTILE "</script><!--<b>&\"\x1b[31m\xff"

static struct array_machine a;
static struct walk_root root = {.pgd = 0x1000, .paging = &paging_4level};
static struct place place;
static struct walk walk;
static struct lesson lesson;
static struct walk_shown shown = {
	.place = &place, .walk = &walk, .lesson = &lesson};

static void setup(void)
{
	array_machine_init(&a, 1 << 20);
	array_put64(&a, 0x1000, 0x2067);
	array_put64(&a, 0x2000, 0x3067);
	array_put64(&a, 0x3000, 0x4067);
	array_put64(&a, 0x4000, 0x20067);
	place = (struct place){.space = ADDR_PID, .task.pid = 7};
	strcpy(place.task.comm, HOSTILE);
	lesson = (struct lesson){.place = &place, .walk = &walk};
	ck_assert(!walk_one(&a.machine, &root, 0x123, &walk, NULL));
	ck_assert(!lesson_tell(&lesson, NULL));
	lesson.around[3].n = 1;
	lesson.around[3].entry[0] = 0x20067;
	lesson_say(&lesson, "swap", "area 0 is %s", HOSTILE);
}

static void teardown(void)
{
	lesson_deinit(&lesson);
	array_machine_deinit(&a);
}

static char *written(int (*write)(const void *, FILE *, struct err *))
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(write(&shown, f, NULL), 0);
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

START_TEST(no_guest_bytes_end_the_script)
{
	static const char begin[] =
		"<script type=\"application/json\" id=\"walk\">\n";
	char *page = written(walk_html), *data, *end;
	struct json_object *o, *rows, *comm;

	ck_assert_uint_eq(count(page, "</script>"), 2);
	ck_assert_uint_eq(count(page, "<!--"), 1); /* the license */
	ck_assert_uint_eq(count(page, "<b>"), 0);
	ck_assert_uint_eq(count(page, "@STYLE@") + count(page, "@DATA@") +
				  count(page, "@SCRIPT@"),
			  0);
	/* What the page reads is what --json prints. */
	data = strstr(page, begin) + strlen(begin);
	end = strstr(data, "</script>");
	*end = '\0';
	ck_assert_ptr_null(strchr(data, '<'));
	o = json_tokener_parse(data);
	ck_assert_ptr_nonnull(o);
	rows = json_object_object_get(o, "rows");
	ck_assert_uint_eq(json_object_array_length(rows), 1);
	comm = json_object_object_get(json_object_array_get_idx(rows, 0),
				      "comm");
	ck_assert_int_eq(strncmp(json_object_get_string(comm),
				 "</script><!--<b>&\"", 18),
			 0);
	json_object_put(o);
	free(page);
}
END_TEST

/* Nothing of a page leads away from it. */
START_TEST(complete_in_itself)
{
	char *page = written(walk_html);

	ck_assert_ptr_nonnull(strstr(page, "default-src 'none'"));
	ck_assert_uint_eq(count(page, "http:") + count(page, "https:") +
				  count(page, " src=") + count(page, " href=") +
				  count(page, "@import") + count(page, "url("),
			  0);
	free(page);
	page = written(walk_svg);
	ck_assert_uint_eq(count(page, "http:"), 1); /* the name space */
	ck_assert_uint_eq(count(page, "href") + count(page, "url(") +
				  count(page, "<script"),
			  0);
	free(page);
}
END_TEST

START_TEST(no_guest_bytes_are_markup_of_a_picture)
{
	char *svg = written(walk_svg);

	ck_assert_uint_eq(count(svg, "<!--") + count(svg, "<b>") +
				  count(svg, "</script"),
			  0);
	ck_assert_ptr_nonnull(strstr(svg, "&lt;/script&gt;&lt;!--&lt;b&gt;"
					  "&amp;\"\\x1b[31m\\xff"));
	ck_assert_uint_eq(count(svg, "\x1b"), 0);
	ck_assert_ptr_nonnull(strstr(svg, "<title id=\"title\">"));
	ck_assert_ptr_nonnull(strstr(svg, "<desc id=\"desc\">pte[0] is a"));
	ck_assert_ptr_nonnull(strstr(svg, "prefers-color-scheme:dark"));
	ck_assert_ptr_nonnull(strstr(svg, ">0x20067<"));
	free(svg);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("walk page");
	TCase *t = tcase_create("walk page");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, no_guest_bytes_end_the_script);
	tcase_add_test(t, complete_in_itself);
	tcase_add_test(t, no_guest_bytes_are_markup_of_a_picture);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
