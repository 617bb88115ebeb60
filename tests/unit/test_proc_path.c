/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of paths below /proc and of patterns of them. */
#include "proc/path.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct proc_path path;
static struct err err;

START_TEST(what_a_path_names)
{
	static const struct {
		const char *text;
		enum proc_scope scope;
		const char *pid, *tid, *name;
	} cases[] = {
		{"", PROC_SYSTEM, NULL, NULL, ""},
		{"/proc", PROC_SYSTEM, NULL, NULL, ""},
		{"/proc/", PROC_SYSTEM, NULL, NULL, ""},
		{"version", PROC_SYSTEM, NULL, NULL, "version"},
		{"/proc/net/tcp", PROC_SYSTEM, NULL, NULL, "net/tcp"},
		{"*", PROC_SYSTEM, NULL, NULL, "*"},
		{"v*", PROC_SYSTEM, NULL, NULL, "v*"},
		{"/proc/89/maps", PROC_PROCESS, "89", NULL, "maps"},
		{"89", PROC_PROCESS, "89", NULL, ""},
		{"89/", PROC_PROCESS, "89", NULL, ""},
		{"89/fd/3", PROC_PROCESS, "89", NULL, "fd/3"},
		{"89/taskfoo", PROC_PROCESS, "89", NULL, "taskfoo"},
		{"*/comm", PROC_PROCESS, "*", NULL, "comm"},
		{"[12]?/m*", PROC_PROCESS, "[12]?", NULL, "m*"},
		{"89/task", PROC_THREAD, "89", "", ""},
		{"89/task/90", PROC_THREAD, "89", "90", ""},
		{"89/task/*/comm", PROC_THREAD, "89", "*", "comm"},
		{"4194304/comm", PROC_PROCESS, "4194304", NULL, "comm"},
		{"sys/kernel", PROC_SYSTEM, NULL, NULL, "sys/kernel"},
		{"/proc/sys", PROC_SYSTEM, NULL, NULL, "sys"},
		{"/sys", PROC_BESIDE, NULL, NULL, "sys"},
		{"/sys/module/", PROC_BESIDE, NULL, NULL, "sys/module"},
		{"/system", PROC_SYSTEM, NULL, NULL, "system"},
		{"/etc/passwd", PROC_BESIDE, NULL, NULL, "etc/passwd"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(proc_path_parse(cases[i].text, &path, &err),
				 0);
		ck_assert_int_eq(path.scope, cases[i].scope);
		ck_assert_pstr_eq(path.pid, cases[i].pid);
		ck_assert_pstr_eq(path.tid, cases[i].tid);
		ck_assert_str_eq(path.name, cases[i].name);
	}
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const cases[] = {"0/comm", "4194305/comm",
					    "89-1/comm", "89/task/x/comm",
					    "89/task/0"};
	char longest[PROC_PATH_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(proc_path_parse(cases[i], &path, &err),
				 ERR_USAGE);
		ck_assert_ptr_nonnull(strstr(err.text, cases[i]));
	}
	memset(longest, 'x', sizeof(longest));
	longest[PROC_PATH_MAX] = '\0';
	ck_assert_int_eq(proc_path_parse(longest, &path, &err), ERR_USAGE);
	longest[PROC_PATH_MAX - 1] = '\0';
	ck_assert_int_eq(proc_path_parse(longest, &path, &err), 0);
}
END_TEST

START_TEST(numbers_that_fit)
{
	ck_assert_uint_eq(proc_path_number("89"), 89);
	ck_assert_uint_eq(proc_path_number("89x"), 0);
	ck_assert_uint_eq(proc_path_number("*"), 0);
	ck_assert(proc_path_fits("89", 89));
	ck_assert(!proc_path_fits("89", 8));
	ck_assert(proc_path_fits("8*", 89));
	ck_assert(!proc_path_fits("8*", 98));
	ck_assert(!proc_path_fits("?", 89));
}
END_TEST

START_TEST(patterns_against_names)
{
	static const struct {
		const char *pattern, *name;
		enum proc_path_match fit;
		const char *rest;
	} cases[] = {
		{"maps", "maps", PROC_PATH_SAME, ""},
		{"m*s", "maps", PROC_PATH_SAME, ""},
		{"maps", "map", PROC_PATH_DIFFERS, NULL},
		{"*", "net/tcp", PROC_PATH_ABOVE, "tcp"},
		{"net", "net/tcp", PROC_PATH_ABOVE, "tcp"},
		{"", "net/tcp", PROC_PATH_ABOVE, "net/tcp"},
		{"net/*", "net/tcp", PROC_PATH_SAME, ""},
		{"n*/u*", "net/tcp", PROC_PATH_DIFFERS, NULL},
		{"fd/3", "fd", PROC_PATH_BELOW, "3"},
		{"sys/*/host*", "sys", PROC_PATH_BELOW, "*/host*"},
		{"*/host*", "kernel/hostname", PROC_PATH_SAME, ""},
		{"a\\b", "a\\b", PROC_PATH_SAME, ""},
	};
	const char *rest;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(
			proc_path_match(cases[i].pattern, cases[i].name, &rest),
			cases[i].fit);
		if (cases[i].rest)
			ck_assert_str_eq(rest, cases[i].rest);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_path");
	TCase *t = tcase_create("proc_path");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, what_a_path_names);
	tcase_add_test(t, what_is_none);
	tcase_add_test(t, numbers_that_fit);
	tcase_add_test(t, patterns_against_names);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
