/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of work that is done in a process of its own. */
#include "base/apart.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sanitized.h"

static const struct apart_limits limits = {
	.seconds = 1, .memory = 64 << 20, .result = 4096};
static int in, secret;
static struct err err;

static void setup(void)
{
	in = memfd_create("in", MFD_CLOEXEC);
	secret = memfd_create("secret", MFD_CLOEXEC);
	ck_assert_int_eq(files_write(in, "some bytes", 10), 0);
	err = (struct err){0};
}

static void teardown(void)
{
	close(in);
	close(secret);
}

static int upper(void *arg, int from, int to, struct err *why)
{
	char bytes[10];
	size_t i;

	ck_assert_ptr_eq(arg, &secret);
	if (pread(from, bytes, 10, 0) != 10)
		return err_sys(why, ERR_SYS, "pread");
	for (i = 0; i < 10; i++)
		bytes[i] = (char)(bytes[i] & 0x5f);
	secret = 0; /* of the child's copy */
	return files_write(to, bytes, 10);
}

START_TEST(what_comes_of_it)
{
	char bytes[16];
	int before = secret, fd = apart(upper, &secret, in, &limits, &err);

	ck_assert_msg(fd > STDERR_FILENO, "%s", err.text);
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), 0); /* at its end */
	ck_assert_int_eq(pread(fd, bytes, sizeof(bytes), 0), 10);
	ck_assert_mem_eq(bytes, "SOME\0BYTES", 10);
	ck_assert_int_eq(secret, before);
	close(fd);
}
END_TEST

static int refuse(void *arg, int from, int to, struct err *why)
{
	(void)arg;
	(void)from;
	files_write(to, "half of it", 10);
	return err_set(why, ERR_NO_LINUX, "nothing in it");
}

START_TEST(its_own_words)
{
	ck_assert_int_eq(apart(refuse, NULL, in, &limits, &err), ERR_NO_LINUX);
	ck_assert_int_eq(err.code, ERR_NO_LINUX);
	ck_assert_str_eq(err.text, "nothing in it");
}
END_TEST

static int crash(void *arg, int from, int to, struct err *why)
{
	(void)arg;
	(void)from;
	(void)to;
	(void)why;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static int spin(void *arg, int from, int to, struct err *why)
{
	volatile int *forever = arg;

	(void)from;
	(void)to;
	(void)why;
	while (*forever)
		;
	return 0;
}

static int hog(void *arg, int from, int to, struct err *why)
{
	(void)arg;
	(void)from;
	(void)to;
	return malloc(128 << 20) ? 0 : err_nomem(why);
}

static int flood(void *arg, int from, int to, struct err *why)
{
	static char bytes[8192];

	(void)arg;
	(void)from;
	return files_write(to, bytes, sizeof(bytes))
		       ? err_sys(why, ERR_SYS, "result")
		       : 0;
}

static int forge(void *arg, int from, int to, struct err *why)
{
	struct err said = {.code = *(int *)arg};

	(void)from;
	(void)why;
	memset(said.text, 'x', sizeof(said.text)); /* without an end */
	files_write(to, &said, sizeof(said));
	_exit(1);
}

static int yes = 1;
static int codes[] = {0, 1, -100, ERR_CORRUPT};

static const struct {
	apart_work *work;
	void *arg;
	int code;
	const char *says;
	bool not_sanitized;
} bad[] = {
	{crash, NULL, ERR_CORRUPT, "ended by signal 11", false},
	{spin, &yes, ERR_REFUSED, "more than 1 s", false},
	{hog, NULL, ERR_NOMEM, "out of memory", true},
	{flood, NULL, ERR_SYS, "File too large", false},
	{forge, &codes[0], ERR_CORRUPT, "its reader fails", false},
	{forge, &codes[1], ERR_CORRUPT, "its reader fails", false},
	{forge, &codes[2], ERR_CORRUPT, "its reader fails", false},
	{forge, &codes[3], ERR_CORRUPT, "xxx", false},
};

START_TEST(goes_beyond)
{
	int code;

	if (SANITIZED && bad[_i].not_sanitized)
		return;
	code = apart(bad[_i].work, bad[_i].arg, in, &limits, &err);
	ck_assert_msg(code == bad[_i].code, "%d: %s", code, err.text);
	ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s", err.text);
	ck_assert_uint_lt(strlen(err.text), sizeof(err.text));
}
END_TEST

/* What it may have beside what it was given: nothing. */
static int look_around(void *arg, int from, int to, struct err *why)
{
	struct stat st;
	int fd, found = 0;

	(void)from;
	for (fd = 3; fd < 100; fd++)
		found += !fstat(fd, &st);
	if (found)
		return err_set(why, ERR_REFUSED, "%d descriptors", found);
	if (!SANITIZED && open("/", O_RDONLY | O_CLOEXEC) >= 0)
		return err_set(why, ERR_REFUSED, "opened a file");
	if (!SANITIZED && socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return err_set(why, ERR_REFUSED, "made a socket");
	return files_write(to, arg, 1);
}

START_TEST(has_nothing_else)
{
	int fd = apart(look_around, &yes, in, &limits, &err);

	ck_assert_msg(fd >= 0, "%s", err.text);
	close(fd);
}
END_TEST

/* Descriptors 0 and 1 may be those that it is to have. */
START_TEST(low_descriptors)
{
	int saved = dup(STDIN_FILENO), fd;

	dup2(in, STDIN_FILENO);
	fd = apart(upper, &secret, STDIN_FILENO, &limits, &err);
	dup2(saved, STDIN_FILENO);
	close(saved);
	ck_assert_msg(fd >= 0, "%s", err.text);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apart");
	TCase *c = tcase_create("apart");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 0);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, what_comes_of_it);
	tcase_add_test(c, its_own_words);
	tcase_add_loop_test(c, goes_beyond, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(c, has_nothing_else);
	tcase_add_test(c, low_descriptors);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
