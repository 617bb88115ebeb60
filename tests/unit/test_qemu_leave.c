/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of leaving a guest when the connection is not what it should be. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu/qemu.h"
#include "unit/gdbrsp_peer.h"

#define HELLO "> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;\n"
#define QEMU_IN(mode)                                          \
	"> qqemu.PhyMemMode\n< " mode "\n> Qqemu.PhyMemMode:1" \
	"\n< OK\n"
#define QEMU	  QEMU_IN("0")
#define STOPPED	  "< T02thread:01;\n"
#define SEAL(n)	  "> qXfer:features:read:target.xml:0," n "\n"
#define MARKED_32 "< m01234567890123456789012345678901\n"
#define MARKED_33 "< m012345678901234567890123456789012\n"
#define STATUS                                        \
	"> qRcmd,696e666f20737461747573\n"            \
	"< O564d207374617475733a207061757365640d0a\n" \
	"< OK\n" /* "info status": "VM status: paused" */
#define NO_MIGRATION "> qRcmd,696e666f206d696772617465\n< OK\n"
#define VERSION_7                            \
	"> qRcmd,696e666f2076657273696f6e\n" \
	"< O372e322e300d0a\n< OK\n" NO_MIGRATION /* 7.2.0 */
#define PRELAUNCH                                       \
	"> qRcmd,696e666f20737461747573\n"              \
	"< O564d207374617475733a2070617573656420287072" \
	"656c61756e6368290d0a\n< OK\n" /* "paused (prelaunch)" */
#define ASK_OFF	 "> Qqemu.PhyMemMode:0\n"
#define MODE_OFF ASK_OFF "< OK\n"
#define DETACH	 "> D;1\n< OK\n"
#define READ	 "> m1000,1\n" SEAL("20")

/* On the second connection: the first one has left the mode on. */
#define BACK "again\n" HELLO QEMU_IN("1")

static struct qemu_opts opts;
static struct qemu *target;
static struct err err;
static pid_t peer;
static char address[128];

static void setup(void)
{
	opts = (struct qemu_opts){
		.address = address, .memory = MEMORY_STUB, .timeout_ms = 5000};
}

/* A guest that ran, or stood, when we came; then the script. */
static void attach(bool ran, const char *script)
{
	char *session = peer_load(ran ? "gdbrsp/session-7.2-running.txt"
				      : "gdbrsp/session-7.2-prelaunch.txt");

	strcpy(strstr(session, "> m1000,10"), script);
	peer = peer_listen(session, NULL, address);
	free(session);
	ck_assert_msg(!qemu_open(&opts, &target, &err), "%s", err.text);
}

static void expect_released(int code, const char *words)
{
	ck_assert_int_eq(qemu_release(target, &err), code);
	if (code)
		ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	qemu_destroy(target);
	ck_assert_int_eq(peer_wait(peer), 0);
}

static void expect_read_fails(const char *words)
{
	struct machine *m = qemu_machine(target);
	char byte;
	struct mem_read r = {.pa = 0x1000, .dst = &byte, .len = 1};

	ck_assert_int_eq(m->ops->read(m->ctx, &r, 1, &err), ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

/* Lost in the middle: put back on another connection. */
START_TEST(comes_back)
{
	attach(true, READ BACK STATUS MODE_OFF DETACH);
	expect_read_fails("the connection is lost");
	expect_released(0, NULL);
	attach(false, READ BACK PRELAUNCH MODE_OFF);
	expect_read_fails("the connection is lost");
	expect_released(0, NULL);
	opts.leave = LEAVE_PAUSED;
	attach(true, READ BACK STATUS MODE_OFF);
	expect_read_fails("the connection is lost");
	expect_released(0, NULL);
}
END_TEST

/* Found standing, but somebody let it run since: it runs on. */
START_TEST(comes_back_to_a_running_guest)
{
	attach(false, READ "again\n" STOPPED HELLO QEMU_IN("1")
			      STATUS MODE_OFF DETACH);
	expect_read_fails("the connection is lost");
	expect_released(0, NULL);
}
END_TEST

/* Did the stub detach?  It is not asked for twice on one connection. */
START_TEST(detach_unanswered)
{
	static const char *const answers[] = {
		MODE_OFF "> D;1\n", /* none in time */
		MODE_OFF "> D;1\n! -\n",      MODE_OFF "> D;1\n< E22\n",
		ASK_OFF "! -\n> D;1\n< OK\n", ASK_OFF "< E22\n> D;1\n< OK\n",
	};
	char script[1000];
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		snprintf(script, sizeof(script), STATUS "%s%s", answers[i],
			 "again\n" STOPPED HELLO QEMU_IN("1")
				 STATUS MODE_OFF DETACH);
		attach(true, script);
		expect_released(0, NULL);
	}
}
END_TEST

START_TEST(nobody_there_any_more)
{
	attach(true, READ "close\n");
	expect_read_fails("the connection is lost");
	expect_released(ERR_NO_GUEST, "the guest may be left paused");
	/* Who lost the connection has said so. */
	ck_assert_ptr_null(strstr(err.text, "lost"));
	attach(true, "close\n");
	expect_released(ERR_NO_GUEST, "may be left paused: unix:");
}
END_TEST

#define ASKED "> \n> qSupported\n> qqemu.PhyMemMode\n> Qqemu.PhyMemMode:1\n"

/* Another debugger was faster: what is to be done is left behind. */
START_TEST(another_is_there)
{
	opts.timeout_ms = 500;
	attach(true, READ "again\nhush\n" ASKED ASK_OFF "> D;1\n");
	expect_read_fails("the connection is lost");
	expect_released(ERR_NO_GUEST, "the guest may be left paused");
}
END_TEST

static void open_fails(const char *script, const char *words)
{
	peer = peer_listen(script, NULL, address);
	ck_assert_int_eq(qemu_open(&opts, &target, &err), ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	ck_assert_int_eq(peer_wait(peer), 0);
}

/* The first byte is garbled, and yet it is a stub: it is left in order. */
START_TEST(garbled_at_first)
{
	open_fails("! T02thread:01;#04\n" HELLO QEMU "> \n< \n" SEAL("20")
			   MARKED_32 HELLO QEMU_IN("1")
				   STATUS VERSION_7 MODE_OFF DETACH,
		   "does not speak the GDB protocol");
}
END_TEST

/* Lost before it was learned how the guest was found: it runs. */
START_TEST(lost_at_first)
{
	open_fails("again\n" HELLO QEMU MODE_OFF DETACH,
		   "closes the connection");
	open_fails(STOPPED "again\n" HELLO QEMU MODE_OFF DETACH, "is lost");
	open_fails(HELLO "again\n" HELLO QEMU_IN("1") MODE_OFF DETACH,
		   "is lost");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/leave");
	TCase *c = tcase_create("leave");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, comes_back);
	tcase_add_test(c, comes_back_to_a_running_guest);
	tcase_add_test(c, detach_unanswered);
	tcase_add_test(c, nobody_there_any_more);
	tcase_add_test(c, another_is_there);
	tcase_add_test(c, garbled_at_first);
	tcase_add_test(c, lost_at_first);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
