/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of signals that wait until a guest is let go. */
#include "cli/signals.h"

#include <check.h>
#include <stdlib.h>

static volatile sig_atomic_t heard;

static void hear(int number)
{
	heard = number;
}

/* Each that would end the process, whoever sends it; the first is kept. */
START_TEST(ends_are_caught)
{
	static const int ends[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				   SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU};
	struct signals signals = {0};

	signal(ends[_i], SIG_DFL);
	signals_catch(&signals);
	raise(ends[_i]);
	ck_assert_int_eq(*signals_count(), 1);
	raise(SIGTERM);
	raise(SIGPIPE);
	ck_assert_int_eq(signals_caught(), ends[_i]);
	ck_assert_int_eq(*signals_count(), 2);
	signals_restore(&signals);
	ck_assert_ptr_eq(signal(ends[_i], SIG_DFL), SIG_DFL);
}
END_TEST

/* What a terminal stops a process with waits until all is put back. */
START_TEST(stops_wait)
{
	static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
	struct signals signals = {0};
	size_t i;

	signals_restore(&signals); /* nothing to restore */
	for (i = 0; i < 3; i++) {
		signal(stops[i], hear);
		heard = 0;
		signals_catch(&signals);
		raise(stops[i]);
		ck_assert_int_eq(heard, 0);
		signals_restore(&signals);
		ck_assert_int_eq(heard, stops[i]);
		ck_assert_int_eq(signals_caught(), 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli/signals");
	TCase *c = tcase_create("signals");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, ends_are_caught, 0, 8);
	tcase_add_test(c, stops_wait);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
