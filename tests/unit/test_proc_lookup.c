/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what paths below /proc lead to, on tasks written by hand. */
#include "proc/lookup.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/readers.h"
#include "proc/entries.h"
#include "unit/task_kit.h"

static struct fake_kernel f;
static struct proc_path paths[4];
static struct proc_lookup found;
static struct err err;

static void setup(void)
{
	task_kit_init(&f);
}

static void teardown(void)
{
	proc_lookup_deinit(&found);
	fake_kernel_deinit(&f);
}

/* What `text` leads to, as a list of paths; or the code of an error. */
static const char *led(const char *text, bool below)
{
	static char list[1024];
	struct buf b = {0};
	size_t i;
	int rc;

	proc_lookup_deinit(&found);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(proc_path_parse(text, &paths[0], &err), 0);
	rc = proc_lookup(&f.kernel, paths, 1, below, &found, &err);
	if (rc)
		return rc == ERR_NOT_FOUND    ? "not found"
		       : rc == ERR_UNREADABLE ? "not known"
					      : "failed";
	for (i = 0; i < found.matches.n; i++) {
		buf_puts(&b, b.len ? " " : "");
		proc_match_path(&found, &found.matches.v[i], &b);
	}
	snprintf(list, sizeof(list), "%s", b.len ? b.data : "");
	buf_deinit(&b);
	return list;
}

START_TEST(files_and_patterns)
{
	ck_assert_str_eq(led("version", false), "version");
	ck_assert_str_eq(led("10/comm", false), "10/comm");
	ck_assert_str_eq(led("*/comm", false), "2/comm 10/comm");
	ck_assert_str_eq(led("?/comm", false), "2/comm");
	ck_assert_str_eq(led("10/com*", false), "10/comm");
	ck_assert_str_eq(led("10/cm*", false), "10/cmdline");
	/* a thread has a directory, which is not listed */
	ck_assert_str_eq(led("5/comm", false), "5/comm");
	ck_assert_str_eq(led("*/task/*/comm", false),
			 "2/task/2/comm 2/task/5/comm 10/task/10/comm");
	ck_assert_str_eq(led("5/task/2/comm", false), "5/task/2/comm");
	ck_assert_str_eq(led("2/task", false), "2/task");
}
END_TEST

START_TEST(what_is_absent)
{
	ck_assert_str_eq(led("3/comm", false), "not found");
	ck_assert_ptr_nonnull(strstr(err.text, "pid 3"));
	ck_assert_str_eq(led("2/task/10/comm", false), "not found");
	ck_assert_str_eq(led("7?/comm", false), "not found");
	ck_assert_str_eq(led("10/fd/1", false), "not found");
	ck_assert_str_eq(led("10/fd/9", false), "not found");
	ck_assert_str_eq(led("pressure", false), "not found");
	ck_assert_str_eq(err.text, "pressure is a directory");
	ck_assert_int_eq(proc_path_parse("10/nothing", paths, &err), 0);
	ck_assert_int_eq(proc_lookup_known(paths, &err), ERR_USAGE);
	ck_assert_int_eq(proc_path_parse("maps", paths, &err), 0);
	ck_assert_int_eq(proc_lookup_known(paths, &err), ERR_USAGE);
	ck_assert_int_eq(proc_path_parse("10/comm/x", paths, &err), 0);
	ck_assert_int_eq(proc_lookup_known(paths, &err), ERR_USAGE);
}
END_TEST

/* What may be among what cannot be read is not said to be absent. */
START_TEST(what_is_not_known)
{
	task_kit_tear_files(&f);
	ck_assert_str_eq(led("10/fd/9", false), "not known");
	ck_assert_ptr_nonnull(strstr(err.text, "table of descriptors"));
	ck_assert_str_eq(led("2/fd/9", false), "not found");
	ck_assert_str_eq(led("3/comm", false), "not found");
	task_kit_tear_list(&f);
	ck_assert_str_eq(led("3/comm", false), "not found");
	ck_assert_str_eq(led("7/comm", false), "not known");
	ck_assert_str_eq(led("7?/comm", false), "not known");
	ck_assert_str_eq(led("2/task/7/comm", false), "not known");
	ck_assert_str_eq(led("10/comm", false), "10/comm");
}
END_TEST

START_TEST(entries_of_directories)
{
	ck_assert_str_eq(led("10/fd/2", false), "10/fd/2");
	ck_assert_str_eq(led("*/fd/*", false), "10/fd/0 10/fd/2");
	ck_assert_str_eq(led("10/fd", false), "10/fd");
	ck_assert(proc_match_is_dir(&found.matches.v[0]));
	ck_assert_str_eq(led("10/fd", true), "10/fd 10/fd/0 10/fd/2");
	ck_assert(proc_match_is_link(&found.matches.v[1]));
}
END_TEST

static const char *listed(const char *text)
{
	static char list[1024];
	struct proc_entries e;
	struct buf b = {0};
	size_t i;

	led(text, true);
	ck_assert_int_eq(proc_entries(&found, paths, 0, &e, &err), 0);
	for (i = 0; i < e.v.n; i++)
		buf_printf(&b, "%s%s%s", b.len ? " " : "", e.v.v[i].path,
			   e.v.v[i].match ? "" : "/");
	proc_entries_deinit(&e);
	snprintf(list, sizeof(list), "%s", b.len ? b.data : "");
	buf_deinit(&b);
	return list;
}

START_TEST(one_level)
{
	const char *root;

	ck_assert_str_eq(listed("2/task"), "2/task/2/ 2/task/5/");
	ck_assert_str_eq(listed("10/fd"), "10/fd/0 10/fd/2");
	ck_assert_str_eq(listed("2/fd"), "");
	ck_assert_str_eq(listed("10/comm"), "10/comm");
	root = listed("/proc");
	ck_assert_ptr_eq(strstr(root, "2/ 10/ buddyinfo "), root);
	ck_assert_ptr_nonnull(strstr(listed("10"), "10/fd/ "));
	ck_assert_ptr_eq(strstr(listed("10"), "10/task/ "), listed("10"));
}
END_TEST

START_TEST(a_file_is_read_once_for_all)
{
	ck_assert_str_eq(led("*/comm", false), "2/comm 10/comm");
	ck_assert_int_eq(
		proc_lookup_read(&f.kernel, &found, PROC_CONTENTS, &err), 0);
	ck_assert_uint_eq(found.readings.n, 1);
	ck_assert_uint_eq(found.readings.v[0]->values.n, 2);
	ck_assert_ptr_null(proc_match_fault(&found.matches.v[1]));
}
END_TEST

/* What keeps one of them from being read keeps no other; alone it is an error.
 */
START_TEST(a_file_that_is_not_told_of)
{
	size_t i, whole = 0, lacking = 0;

	fake_lose(READER_TASK_NUMBERS);
	led("10/*", false);
	ck_assert_int_eq(
		proc_lookup_read(&f.kernel, &found, PROC_CONTENTS, &err), 0);
	for (i = 0; i < found.matches.n; i++) {
		const struct proc_match *m = &found.matches.v[i];

		if (!m->values)
			continue;
		whole += !proc_match_fault(m);
		lacking += m->file == &proc_pid_loginuid && proc_match_fault(m);
	}
	ck_assert_uint_gt(whole, 0);
	ck_assert_uint_eq(lacking, 1);
	led("10/loginuid", false);
	ck_assert_int_ne(
		proc_lookup_read(&f.kernel, &found, PROC_CONTENTS, &err), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_lookup");
	TCase *t = tcase_create("proc_lookup");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, files_and_patterns);
	tcase_add_test(t, what_is_absent);
	tcase_add_test(t, what_is_not_known);
	tcase_add_test(t, entries_of_directories);
	tcase_add_test(t, one_level);
	tcase_add_test(t, a_file_is_read_once_for_all);
	tcase_add_test(t, a_file_that_is_not_told_of);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
