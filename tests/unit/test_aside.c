/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of processes that stay when what started them is ended. */
#include "base/aside.h"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says of itself. */
struct report {
	pid_t session;
	char name[16];
	bool blocked; /* a signal that was not */
};

static _Noreturn void tell(int fd)
{
	struct report r = {.session = getsid(0)};
	sigset_t mask;
	size_t i;
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE,
				      SIGTSTP};

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		raise(numbers[i]);
	prctl(PR_GET_NAME, r.name);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	r.blocked = sigismember(&mask, SIGUSR1);
	_exit(write(fd, &r, sizeof(r)) != sizeof(r));
}

START_TEST(signals_are_not_heard)
{
	struct report r;
	sigset_t mask;
	int ends[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = aside_fork("aside");
	if (!pid)
		tell(ends[1]);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && !WEXITSTATUS(status));
	ck_assert_int_eq(read(ends[0], &r, sizeof(r)), sizeof(r));
	ck_assert_int_eq(r.session, pid);
	ck_assert_str_eq(r.name, "aside");
	ck_assert(!r.blocked);
	/* and the parent hears them as before */
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	ck_assert(!sigismember(&mask, SIGTERM));
	ck_assert_ptr_eq(signal(SIGUSR1, SIG_DFL), SIG_DFL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("aside");
	TCase *t = tcase_create("aside");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, signals_are_not_heard);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
