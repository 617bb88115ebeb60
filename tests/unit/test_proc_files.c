/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the table of /proc files, and of what is the same for all of them.
 */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct task tasks[] = {{.pid = 7, .comm = "one"},
				    {.pid = 8, .comm = "two"}};

START_TEST(the_table_is_sound)
{
	const struct proc_file *const *f;

	for (f = proc_files; *f; f++) {
		const struct row_column *c = (*f)->columns;

		ck_assert_ptr_eq(proc_find((*f)->scope, (*f)->name), *f);
		ck_assert_int_eq(!(*f)->rows, !c);
		ck_assert_int_eq(!(*f)->n_columns, !c);
		ck_assert_int_eq(!(*f)->entry, !proc_is_dir(*f));
		ck_assert_int_eq(!(*f)->bytes, (*f)->kind != PROC_BYTES);
		ck_assert_int_eq(!(*f)->read, (*f)->kind == PROC_BYTES);
		/* in order of their names, so that entries of a directory
		 * are side by side */
		ck_assert(!f[1] || (*f)->scope != f[1]->scope ||
			  strcmp((*f)->name, f[1]->name) < 0);
		if (!c || (*f)->scope == PROC_SYSTEM)
			continue;
		ck_assert_uint_gt((*f)->n_columns, PROC_ROW_OWN);
		ck_assert_str_eq(c[PROC_ROW_PID].key, "pid");
		ck_assert_str_eq(c[PROC_ROW_COMM].key, "comm");
	}
	ck_assert_ptr_null(proc_find(PROC_SYSTEM, "maps"));
}
END_TEST

START_TEST(text_is_one_record)
{
	struct proc_values v;
	struct err err = {0};
	struct buf b = {0};
	size_t i;

	ck_assert_int_eq(proc_read(&proc_pid_comm, NULL, tasks, 2, &v, &err),
			 0);
	ck_assert_uint_eq(v.n, 2);
	for (i = 0; i < v.n; i++) {
		ck_assert_uint_eq(v.parts[i].records, 1);
		ck_assert_uint_eq(v.parts[i].why.len, 0);
		proc_text(&v, i, 0, &b);
	}
	ck_assert_str_eq(b.data, "one\ntwo\n");
	buf_deinit(&b);
	proc_values_deinit(&v);
}
END_TEST

static int read_too_much(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	(void)k, (void)err;
	out->parts[1].why.oom = true;
	return 0;
}

static int read_nothing(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	(void)k;
	out->own = malloc(1);
	return err_set(err, ERR_UNREADABLE, "nothing");
}

static void free_own(struct proc_values *v)
{
	free(v->own);
}

START_TEST(what_fails_can_be_freed)
{
	const struct proc_file too_much = {.read = read_too_much};
	const struct proc_file nothing = {.read = read_nothing,
					  .deinit = free_own};
	struct proc_values v;
	struct err err = {0};

	ck_assert_int_eq(proc_read(&too_much, NULL, tasks, 2, &v, &err),
			 ERR_NOMEM);
	proc_values_deinit(&v);
	ck_assert_int_eq(proc_read(&nothing, NULL, NULL, 1, &v, &err),
			 ERR_UNREADABLE);
	proc_values_deinit(&v);
	proc_values_deinit(&v);
	ck_assert_int_eq(proc_read(&proc_pid_pagemap, NULL, tasks, 1, &v, &err),
			 ERR_REFUSED);
	proc_values_deinit(&v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_files");
	TCase *t = tcase_create("proc_files");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, the_table_is_sound);
	tcase_add_test(t, text_is_one_record);
	tcase_add_test(t, what_fails_can_be_freed);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
