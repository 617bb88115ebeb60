/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what a process is made to be first; that main() does it, and does
 * not run set-user-ID, is in tests/vm/test_rights.py. */
#include "cli/start.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/sanitized.h"

START_TEST(no_core_is_left)
{
	struct rlimit limit;
	struct err err = {0};

	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	ck_assert_int_eq(start(&err), 0);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 0);
	ck_assert_uint_eq(limit.rlim_max, 0);
}
END_TEST

/* A limit that is lower already stays. */
START_TEST(memory_is_limited)
{
	struct rlimit limit = {4ULL << 30, 16ULL << 30};

	if (SANITIZED)
		return;
	if (_i)
		ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_int_eq(start(NULL), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, _i ? 4ULL << 30 : 8ULL << 30);
	ck_assert_ptr_eq(mmap(NULL, limit.rlim_cur, PROT_READ,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			      0),
			 MAP_FAILED);
}
END_TEST

/* A program of the user's has what the user gave it. */
START_TEST(what_is_undone)
{
	struct rlimit given = {12ULL << 30, 16ULL << 30}, limit;

	if (SANITIZED) /* which takes terabytes */
		given = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &given), 0);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGXFSZ, SIG_DFL);
	ck_assert_int_eq(start(NULL), 0);
	ck_assert_ptr_eq(signal(SIGCHLD, SIG_DFL), SIG_DFL);
	start_undo();
	ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, given.rlim_cur);
	ck_assert_uint_eq(limit.rlim_max, given.rlim_max);
	ck_assert_ptr_eq(signal(SIGCHLD, SIG_DFL), SIG_IGN);
	ck_assert_ptr_eq(signal(SIGXFSZ, SIG_DFL), SIG_DFL);
}
END_TEST

START_TEST(standard_descriptors_are_there)
{
	close(STDIN_FILENO);
	ck_assert_int_eq(start(NULL), 0);
	ck_assert_int_ne(fcntl(STDIN_FILENO, F_GETFD), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("start");
	TCase *t = tcase_create("start");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, no_core_is_left);
	tcase_add_loop_test(t, memory_is_limited, 0, 2);
	tcase_add_test(t, what_is_undone);
	tcase_add_test(t, standard_descriptors_are_there);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
