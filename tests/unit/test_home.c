/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of how the user's own directories are reached. */
#include "base/home.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VARIABLE "QVMI_TEST_HOME"
#define NOBODY	 65534

static char dir[64], system_dir[80];
static struct home home = {VARIABLE, "none", system_dir};
static char path[PATH_MAX];
static struct err err;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-home-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(system_dir, sizeof(system_dir), "%s/system", dir);
	err = (struct err){0};
}

static void teardown(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

/* The path of a place below the test's directory, in one of some buffers. */
static const char *below(const char *name)
{
	static char paths[4][200];
	static unsigned int at;
	char *p = paths[at++ % 4];

	snprintf(p, sizeof(*paths), "%s/%s", dir, name);
	return p;
}

static void make(const char *name, mode_t mode)
{
	ck_assert_int_eq(mkdir(below(name), 0700), 0);
	ck_assert_int_eq(chmod(below(name), mode), 0);
}

/* What comes of $VARIABLE naming that place: 0 or a code. */
static int try_make(const char *place, bool making)
{
	int fd;

	setenv(VARIABLE, place, 1);
	fd = home_open(&home, making, path, &err);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static bool exists(const char *name)
{
	struct stat st;

	return !lstat(below(name), &st);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(below(name), &st), 0);
	return st.st_mode & 07777;
}

START_TEST(what_is_missing_is_made)
{
	umask(0);
	ck_assert_int_eq(try_make(below("a/b"), false), ERR_NOT_FOUND);
	ck_assert(!exists("a"));
	ck_assert_int_eq(try_make(below("a//b/"), true), 0);
	ck_assert_int_eq(mode_of("a"), 0700);
	ck_assert_int_eq(mode_of("a/b/qvmi"), 0700);
	ck_assert_int_eq(try_make(below("a/b"), false), 0);
	ck_assert_int_eq(try_make(below("a/./../a/b"), false), 0);
	setenv(VARIABLE, "relative", 1);
	unsetenv("HOME");
	ck_assert_int_eq(home_open(&home, true, path, &err), ERR_REFUSED);
	ck_assert_str_eq(err.text, "neither " VARIABLE " nor HOME is set");
	setenv("HOME", dir, 1);
	close(home_open(&home, true, path, &err));
	ck_assert_str_eq(path, below("none/qvmi"));
}
END_TEST

/* Whoever made them: they could be moved at any time. */
START_TEST(links_are_not_followed)
{
	static const char *const links[] = {"here", "home/here",
					    "home/here/qvmi"};
	char *end;
	size_t i;

	make("there", 0700);
	make("there/qvmi", 0700);
	make("home", 0700);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			make("home/here", 0700);
		ck_assert_int_eq(symlink(below(i == 2 ? "there/qvmi" : "there"),
					 below(links[i])),
				 0);
		setenv(VARIABLE, below(i == 0 ? "here" : "home/here"), 1);
		ck_assert_int_eq(home_open(&home, true, path, &err),
				 ERR_REFUSED);
		ck_assert_ptr_nonnull(strstr(err.text, " is a link, "));
		end = strstr(err.text, ": ");
		ck_assert(!strncmp(end + 2, below(links[i]),
				   strlen(below(links[i]))));
		ck_assert_int_eq(unlink(below(links[i])), 0);
	}
	ck_assert_int_eq(symlink(below("nowhere"), below("home/here/qvmi")), 0);
	ck_assert_int_eq(try_make(below("home/here"), true), ERR_REFUSED);
	ck_assert(!exists("nowhere"));
}
END_TEST

/* Nobody else may write to any of them; who may read, no longer may. */
START_TEST(others_have_no_hand_in_it)
{
	const bool own_group = getegid() == geteuid();

	make("open", 0777);
	make("open/home", 0700);
	ck_assert_int_eq(try_make(below("open/home"), true), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, below("open is not only")));
	ck_assert(!exists("open/home/qvmi"));
	ck_assert_int_eq(chmod(below("open"), 01777), 0);
	ck_assert_int_eq(try_make(below("open/home"), true), 0);
	ck_assert_int_eq(chmod(below("open"), 0775), 0);
	ck_assert_int_eq(try_make(below("open/home"), true),
			 own_group ? 0 : ERR_REFUSED);
	if (!geteuid()) {
		ck_assert_int_eq(chown(below("open"), 0, NOBODY), 0);
		ck_assert_int_eq(try_make(below("open/home"), true),
				 ERR_REFUSED);
	}
	ck_assert_int_eq(chmod(below("open"), 0755), 0);
	ck_assert_int_eq(chmod(below("open/home/qvmi"), 0770), 0);
	ck_assert_int_eq(try_make(below("open/home"), true), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "not only yours to write to"));
	ck_assert_int_eq(chmod(below("open/home/qvmi"), 0755), 0);
	ck_assert_int_eq(try_make(below("open/home"), false), 0);
	ck_assert_int_eq(mode_of("open/home/qvmi"), 0700);
}
END_TEST

/* By a root that got somebody else's HOME. */
START_TEST(root_stays_out_of_the_homes_of_others)
{
	if (geteuid())
		return;
	make("user", 0755);
	make("user/mine", 0700);
	ck_assert_int_eq(chown(below("user"), NOBODY, NOBODY), 0);
	ck_assert_int_eq(try_make(below("user/mine"), false), ERR_NOT_FOUND);
	ck_assert_int_eq(try_make(below("user/mine"), true), 0);
	ck_assert_str_eq(path, below("system/qvmi"));
	ck_assert(!exists("user/mine/qvmi"));
	ck_assert_int_eq(mode_of("system/qvmi"), 0700);
	/* What the way ends in is no place of another user's: it is refused. */
	make("mine", 0755);
	make("mine/qvmi", 0700);
	ck_assert_int_eq(chown(below("mine/qvmi"), NOBODY, NOBODY), 0);
	ck_assert_int_eq(try_make(below("mine"), true), ERR_REFUSED);
	/* Users are told; they have no other place. */
	ck_assert_int_eq(chmod(dir, 0755), 0);
	ck_assert_int_eq(chown(below("user"), 1, 1), 0);
	ck_assert_int_eq(seteuid(NOBODY), 0);
	ck_assert_int_eq(try_make(below("user"), true), ERR_REFUSED);
	ck_assert_ptr_nonnull(
		strstr(err.text,
		       below("user belongs to another user; set " VARIABLE)));
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* Directories that can be gone through, but not read. */
START_TEST(only_the_last_is_read)
{
	make("dark", 0711);
	make("dark/home", 0700);
	if (!geteuid()) {
		ck_assert_int_eq(chown(below("dark/home"), NOBODY, NOBODY), 0);
		ck_assert_int_eq(chmod(dir, 0711), 0);
		ck_assert_int_eq(seteuid(NOBODY), 0);
	}
	ck_assert_int_eq(try_make(below("dark/home"), true), 0);
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

/* Where nobody can make one: what mkdir() says, not that it is missing. */
START_TEST(directory_that_cannot_be_made)
{
	char want[300];
	int code;

	ck_assert_int_eq(try_make("/sys/no/such", false), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOENT)));
	ck_assert_int_eq(mkdir("/sys/no", 0700), -1);
	code = errno; /* by who we are: EPERM, EACCES, EROFS */
	ck_assert_int_ne(code, ENOENT);
	ck_assert_int_eq(try_make("/sys/no/such", true), ERR_SYS);
	snprintf(want, sizeof(want), "/sys/no/such/qvmi: %s", strerror(code));
	ck_assert_str_eq(err.text, want);
}
END_TEST

START_TEST(what_is_no_directory)
{
	close(open(below("file"), O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(try_make(below("file"), true), ERR_SYS);
	ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOTDIR)));
	make("home", 0700);
	close(open(below("home/qvmi"), O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(try_make(below("home"), true), ERR_SYS);
	ck_assert_ptr_nonnull(strstr(err.text, strerror(ENOTDIR)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("home");
	TCase *t = tcase_create("home");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_is_missing_is_made);
	tcase_add_test(t, links_are_not_followed);
	tcase_add_test(t, others_have_no_hand_in_it);
	tcase_add_test(t, root_stays_out_of_the_homes_of_others);
	tcase_add_test(t, only_the_last_is_read);
	tcase_add_test(t, directory_that_cannot_be_made);
	tcase_add_test(t, what_is_no_directory);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
