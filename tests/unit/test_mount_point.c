/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of directories to be mounted on, as far as any user can make them. */
#include "mount/point.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/qvmi-point-XXXXXX", inner[64], file[64];
static struct err err;

static void setup(void)
{
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	snprintf(file, sizeof(file), "%s/file", folder);
	ck_assert_int_eq(mkdir(inner, 0700), 0);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(file);
	rmdir(inner);
	rmdir(folder);
}

static void refused(const char *directory, int code, const char *words)
{
	struct point p = {.control = -1};

	ck_assert_int_eq(point_init(&p, directory, &err), code);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s: %s", directory,
		      err.text);
	ck_assert_int_eq(p.keeper, 0);
}

START_TEST(places)
{
	char none[80];

	refused(folder, ERR_REFUSED, "is not empty");
	refused(file, ERR_REFUSED, "is no directory");
	refused("/", ERR_REFUSED, "something is mounted there");
	refused("/proc", ERR_REFUSED, "something is mounted there");
	snprintf(none, sizeof(none), "%s/none", folder);
	refused(none, ERR_NOT_FOUND, "No such file");
}
END_TEST

/* Where there is no device nothing can be mounted, which is said. */
START_TEST(an_empty_one)
{
	struct point p;
	int rc = point_init(&p, inner, &err);

	if (access("/dev/fuse", R_OK | W_OK)) {
		ck_assert_int_eq(rc, ERR_REFUSED);
		ck_assert_ptr_nonnull(strstr(err.text, "/dev/fuse"));
		return;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_ptr_nonnull(strstr(p.directory, inner));
	ck_assert_int_eq(*p.directory, '/');
}
END_TEST

/* What is not mounted is left as it is. */
START_TEST(kept_for_nothing)
{
	struct point p = {.control = -1};

	snprintf(p.directory, sizeof(p.directory), "%s", inner);
	ck_assert_int_eq(point_keep(&p, &err), 0);
	ck_assert_int_gt(p.keeper, 0);
	ck_assert_int_eq(point_leave(&p, &err), 0);
	ck_assert_int_eq(point_leave(&p, &err), 0);
	ck_assert_int_eq(access(inner, F_OK), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_point");
	TCase *t = tcase_create("mount_point");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, places);
	tcase_add_test(t, an_empty_one);
	tcase_add_test(t, kept_for_nothing);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
