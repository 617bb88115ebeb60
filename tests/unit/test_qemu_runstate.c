/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of how a guest was found, and of how it is left. */
#include "qemu/runstate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/gdbrsp_peer.h"

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
	struct qemu_runstate run = {0};
	struct monitor_status status = {0};
	struct gdbrsp_client client = {0};

	run.version.major = cases[_i].major;
	run.version.minor = cases[_i].minor;
	snprintf(status.reason, sizeof(status.reason), "%s", cases[_i].reason);
	client.saw_stop = cases[_i].saw_stop;
	client.found_phys = cases[_i].phys_mode;
	client.doubt = cases[_i].doubt;
	qemu_runstate_decide(&run, &status, &client);
	ck_assert(run.learned);
	ck_assert_int_eq(run.was_running, cases[_i].was_running);
	ck_assert_int_eq(run.certain, cases[_i].certain);
	ck_assert_int_eq(run.note != NULL, cases[_i].note);
	ck_assert_str_eq(run.found,
			 *cases[_i].reason ? cases[_i].reason : "paused");
	ck_assert_str_eq(run.now, run.found);
	ck_assert_msg(run.why && *run.why, "no reason for the decision");
}
END_TEST

/* Each decision names what it rests on, and no two the same. */
START_TEST(reasons_differ)
{
	static const struct {
		struct monitor_status status;
		struct gdbrsp_client client;
		unsigned int major;
		const char *why;
	} told[] = {
		{{false, ""}, {.saw_stop = true}, 7, "told of a stop when"},
		{{false, ""}, {.found_phys = true}, 7, "debugger died"},
		{{false, ""}, {.doubt = true}, 7, "not be understood"},
		{{false, "debug"}, {.doubt = true}, 11, "names the reason"},
		{{true, ""}, {.conn = NULL}, 11, "says so"},
		{{false, ""}, {.conn = NULL}, 7, "told of no stop"},
		{{false, ""}, {.conn = NULL}, 11, "does not tell"},
	};
	struct qemu_runstate run;
	size_t i;

	for (i = 0; i < sizeof(told) / sizeof(*told); i++) {
		run = (struct qemu_runstate){.version.major = told[i].major};
		qemu_runstate_decide(&run, &told[i].status, &told[i].client);
		ck_assert_msg(strstr(run.why, told[i].why) != NULL, "%s",
			      run.why);
	}
}
END_TEST

/* What QEMU 7.2 does on `cont` and on a detach, measured in each state. */
static const struct {
	const char *word;
	bool starts, holds, goes_on;
} states[] = {
	{"running", true, true, true},
	{"paused", true, true, true},
	{"prelaunch", true, true, true},
	{"debug", true, true, false},
	{"watchdog", true, true, false},
	{"guest-panicked", true, true, false},
	{"io-error", false, true, false},
	{"suspended", false, false, false},
	{"shutdown", false, true, false},
	{"internal-error", false, true, false},
	{"inmigrate", false, false, false},
	{"finish-migrate", false, false, false},
	{"postmigrate", false, true, false},
	{"colo", false, false, false},
	{"save-vm", false, false, false},
	{"restore-vm", false, true, false},
	{"preconfig", false, true, false},
	{"one-of-tomorrow", false, true, false},
};

static struct qemu_runstate state_now(const char *found, const char *now,
				      bool ran)
{
	struct qemu_runstate run = {.learned = true, .was_running = ran};

	snprintf(run.found, sizeof(run.found), "%s", found);
	snprintf(run.now, sizeof(run.now), "%s", now);
	return run;
}

START_TEST(wishes)
{
	const char *word = states[_i].word;
	struct qemu_runstate run = state_now(word, word, false);
	struct err err = {0};

	ck_assert_int_eq(qemu_runstate_allows(&run, LEAVE_AS_FOUND, &err), 0);
	ck_assert(!qemu_runstate_runs(&run, LEAVE_AS_FOUND, false));
	ck_assert_int_eq(qemu_runstate_allows(&run, LEAVE_RUNNING, &err),
			 states[_i].starts ? 0 : ERR_REFUSED);
	ck_assert_int_eq(qemu_runstate_runs(&run, LEAVE_RUNNING, false),
			 states[_i].starts);
	if (!states[_i].starts) {
		ck_assert_ptr_nonnull(strstr(err.text, word));
		ck_assert_ptr_null(strchr(err.text, '\n'));
	}
	ck_assert_int_eq(qemu_runstate_allows(&run, LEAVE_PAUSED, &err),
			 states[_i].holds ? 0 : ERR_REFUSED);
	ck_assert(!qemu_runstate_runs(&run, LEAVE_PAUSED, true));
}
END_TEST

/* It ran when we came, and is in another state when we leave. */
START_TEST(changed_meanwhile)
{
	struct qemu_runstate run = state_now("paused", states[_i].word, true);

	ck_assert_int_eq(qemu_runstate_runs(&run, LEAVE_AS_FOUND, false),
			 states[_i].goes_on);
	run.was_running = false;
	ck_assert(!qemu_runstate_runs(&run, LEAVE_AS_FOUND, false));
	ck_assert_int_eq(qemu_runstate_runs(&run, LEAVE_AS_FOUND, true),
			 states[_i].goes_on);
}
END_TEST

/* Woken, continued, or arrived: our next packet is what paused it. */
START_TEST(started_meanwhile)
{
	struct qemu_runstate run = state_now(states[_i].word, "paused", false);

	ck_assert_int_eq(qemu_runstate_runs(&run, LEAVE_AS_FOUND, false),
			 strcmp(states[_i].word, "paused") != 0);
	ck_assert(!qemu_runstate_runs(&run, LEAVE_PAUSED, false));
}
END_TEST

START_TEST(nothing_learned)
{
	struct qemu_runstate run = {0};

	ck_assert(qemu_runstate_runs(&run, LEAVE_AS_FOUND, false));
	ck_assert(qemu_runstate_runs(&run, LEAVE_RUNNING, false));
	ck_assert(!qemu_runstate_runs(&run, LEAVE_PAUSED, false));
}
END_TEST

/* docs/states.md has a row for each state, with these very words. */
START_TEST(documented)
{
	_cleanup_free_ char *page = peer_load("../../docs/states.md");
	const char *at = page;
	const struct qemu_state *s;
	char row[1000];
	size_t n = 0;

	for (s = qemu_states; s->word; s++, n++) {
		snprintf(row, sizeof(row), "| `%s` | %s | %s | %s |\n", s->word,
			 s->no_start ? s->no_start : "runs",
			 s->no_hold ? s->no_hold : "stays",
			 s->goes_on    ? "runs"
			 : s->standing ? "stays; what was read holds"
				       : "stays");
		ck_assert_msg(strstr(page, row) != NULL, "no %s", row);
	}
	ck_assert_uint_eq(n, sizeof(states) / sizeof(*states) - 1);
	for (n = 0; (at = strstr(at, "\n| `")); at++)
		n++;
	ck_assert_uint_eq(n, sizeof(states) / sizeof(*states) - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/runstate");
	TCase *c = tcase_create("runstate");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(c, decisions, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(c, reasons_differ);
	tcase_add_loop_test(c, wishes, 0, sizeof(states) / sizeof(*states));
	tcase_add_loop_test(c, changed_meanwhile, 0,
			    sizeof(states) / sizeof(*states));
	tcase_add_loop_test(c, started_meanwhile, 0,
			    sizeof(states) / sizeof(*states));
	tcase_add_test(c, nothing_learned);
	tcase_add_test(c, documented);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
