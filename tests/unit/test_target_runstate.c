/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the decision whether the guest ran before we came. */
#include "target/runstate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	unsigned int major, minor;
	const char *reason; /* of `info status` */
	bool saw_stop, phys_mode, doubt;
	bool was_running, certain, note;
} cases[] = {
	/* Up to 8.0 a stop reply tells. */
	{5, 2, "", true, false, false, true, true, false},
	{7, 2, "", true, false, false, true, true, false},
	{7, 2, "", false, false, false, false, true, false},
	{8, 0, "", false, false, false, false, true, false},
	{7, 2, "prelaunch", false, false, false, false, true, false},
	/* From 8.1 on only another state than plain "paused" does. */
	{8, 1, "", false, false, false, true, false, false},
	{11, 1, "", false, false, false, true, false, false},
	{11, 1, "prelaunch", false, false, false, false, true, false},
	{11, 1, "debug", false, false, false, false, true, false},
	{11, 1, "io-error", false, false, false, false, true, false},
	/* A `c` of the client before us was still under way. */
	{11, 1, "", true, false, false, true, true, false},
	/* A client died and left the guest standing, whatever the version. */
	{7, 2, "", false, true, false, true, false, true},
	{11, 1, "", false, true, false, true, false, true},
	{7, 2, "", true, true, false, true, true, false},
	{7, 2, "prelaunch", false, true, false, false, true, false},
	/* What it said at first was garbled: it may have been a stop reply. */
	{7, 2, "", false, false, true, true, false, true},
	{7, 2, "", true, false, true, true, true, false},
	{7, 2, "prelaunch", false, false, true, false, true, false},
	{11, 1, "", false, false, true, true, false, true},
};

START_TEST(decisions)
{
	struct target_runstate run = {0};
	struct monitor_status status = {0};
	struct gdbrsp_client client = {0};

	run.version.major = cases[_i].major;
	run.version.minor = cases[_i].minor;
	snprintf(status.reason, sizeof(status.reason), "%s", cases[_i].reason);
	client.saw_stop = cases[_i].saw_stop;
	client.found_phys = cases[_i].phys_mode;
	client.doubt = cases[_i].doubt;
	target_runstate_decide(&run, &status, &client);
	ck_assert(run.learned);
	ck_assert_int_eq(run.was_running, cases[_i].was_running);
	ck_assert_int_eq(run.certain, cases[_i].certain);
	ck_assert_int_eq(run.note != NULL, cases[_i].note);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("target/runstate");
	TCase *c = tcase_create("runstate");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, decisions, 0, sizeof(cases) / sizeof(*cases));
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
