/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what a confined process can still do. */
#include "base/confine.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *why;

/* Each test is a process of its own. */
static void setup(void)
{
	why = confine();
}

/* A number of /proc/self/status, or -1. */
static int status_of(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	size_t n = strlen(name);
	char line[256];
	int number = -1;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && line[n] == ':')
			number = atoi(line + n + 1);
	fclose(f);
	return number;
}

static const struct {
	const char *name;
	long number, a, b;
} refused[] = {
	{"execve", SYS_execve, 0, 0},
	{"execveat", SYS_execveat, -1, 0},
	{"socket", SYS_socket, AF_UNIX, SOCK_STREAM},
	{"connect", SYS_connect, 0, 0},
	{"ptrace", SYS_ptrace, 0, 1},
	{"process_vm_writev", SYS_process_vm_writev, 1, 0},
	{"clone", SYS_clone, 0, 0},
	{"kill", SYS_kill, 0, 0},
	{"mount", SYS_mount, 0, 0},
	{"bpf", SYS_bpf, 0, 0},
	{"setuid", SYS_setuid, 0, 0},
	{"personality", SYS_personality, 0xffffffff, 0},
#ifdef __x86_64__
	{"x32 getpid", 0x40000000 + SYS_getpid, 0, 0},
#endif
};

START_TEST(is_refused)
{
	if (why)
		return; /* is_told has it */
	errno = 0;
	ck_assert_msg(syscall(refused[_i].number, refused[_i].a, refused[_i].b,
			      0, 0, 0, 0) == -1,
		      "%s", refused[_i].name);
	ck_assert_msg(errno == ENOSYS, "%s: %s", refused[_i].name,
		      strerror(errno));
}
END_TEST

/* Nothing is said to be in force that is not. */
START_TEST(is_told)
{
	ck_assert_int_eq(status_of("Seccomp") == 2, !why);
	ck_assert(status_of("NoNewPrivs") == 1 ||
		  (why && strstr(why, "no_new_privs")));
}
END_TEST

START_TEST(works_on)
{
	char name[] = "/tmp/qvmi-confined.XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, name, 4), 4);
	ck_assert_int_eq(unlinkat(AT_FDCWD, name, 0), 0);
	close(fd);
	free(malloc(64 << 20));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("confine");
	TCase *c = tcase_create("confine");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_loop_test(c, is_refused, 0,
			    sizeof(refused) / sizeof(*refused));
	tcase_add_test(c, is_told);
	tcase_add_test(c, works_on);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
