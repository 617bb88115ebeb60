/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of libraries that are loaded late. */
#include "base/late.h"

#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(F) F(cos) F(floor)

struct functions {
	FUNCTIONS(LATE_MEMBER)
	int behind;
};

static const char *const names[] = {FUNCTIONS(LATE_NAME)};
static const char *const lacking[] = {"cos", "no_such_function"};

START_TEST(functions_are_where_they_belong)
{
	struct functions f = {.behind = 7};
	struct err err = {0};
	void *library = late_load("libm.so.6", names, 2, &f, &err);

	ck_assert_msg(library != NULL, "%s", err.text);
	ck_assert(f.cos(0) > 0.99 && f.floor(3.5) > 2.99);
	ck_assert(f.floor(3.5) < 3.01);
	ck_assert_int_eq(f.behind, 7);
	dlclose(library);
}
END_TEST

START_TEST(what_is_missing_is_named)
{
	struct functions f = {0};
	struct err err = {0};

	ck_assert_ptr_null(late_load("libnot.so.0", names, 2, &f, &err));
	ck_assert_int_eq(err.code, ERR_SYS);
	ck_assert_ptr_nonnull(strstr(err.text, "libnot.so.0"));
	ck_assert_ptr_null(late_load("libm.so.6", lacking, 2, &f, &err));
	ck_assert_int_eq(err.code, ERR_SYS);
	ck_assert_str_eq(err.text,
			 "this one is too old (no no_such_function())");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("late");
	TCase *t = tcase_create("late");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, functions_are_where_they_belong);
	tcase_add_test(t, what_is_missing_is_named);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
