/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the line that says how far a command has come. */
#include "cli/progress.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int shown; /* what stderr is, to be read */
static char text[512];

static void setup(void)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	shown = ends[0];
}

/* What came since the last time; at least a byte. */
static const char *said(void)
{
	ssize_t n = read(shown, text, sizeof(text) - 1);

	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

static bool ends_so(const char *words, const char *end)
{
	size_t n = strlen(words), m = strlen(end);

	return n >= m && !strcmp(words + n - m, end);
}

/* It began long ago, and nothing was shown. */
static struct progress long_since(void)
{
	return (struct progress){.command = "page", .wanted = true};
}

START_TEST(bytes)
{
	struct progress p = long_since();

	progress_show(&p, 0);
	ck_assert_msg(strstr(said(), "qvmi: page: waiting for the stub; "),
		      "%s", text);
	p.shown_ms = 0;
	progress_show(&p, 12 << 20);
	ck_assert_msg(strstr(said(), ": the guest stands still; "), "%s", text);
	ck_assert_msg(ends_so(text, " s, 12 MiB"), "%s", text);
	progress_show(&p, 13 << 20); /* too early for another */
	progress_end(&p);
	ck_assert_str_eq(said(), "\r\033[K");
}
END_TEST

START_TEST(parts)
{
	struct progress p = long_since();

	progress_part(&p, 3, 8);
	ck_assert_msg(strstr(said(), ": the guest stands still; "), "%s", text);
	ck_assert_msg(ends_so(text, " s, 38 %"), "%s", text);
	p.shown_ms = 0;
	progress_show(&p, 12 << 20);
	ck_assert_msg(ends_so(said(), " s, 38 %"), "%s", text);
}
END_TEST

START_TEST(not_wanted)
{
	struct progress p = long_since();

	p.wanted = false;
	progress_part(&p, 3, 8);
	progress_say(&p, "words");
	progress_end(&p);
	p.wanted = true;
	progress_say(&p, "words");
	ck_assert_str_eq(said(), "\r\033[Kqvmi: page: words\r\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_progress");
	TCase *t = tcase_create("cli_progress");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, bytes);
	tcase_add_test(t, parts);
	tcase_add_test(t, not_wanted);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
