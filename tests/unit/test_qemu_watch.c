/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the watchdog: its ward ends in the middle of something. */
#include <check.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qemu/inside.h"
#include "unit/gdbrsp_peer.h"
#include "unit/peer_clock.h"

#define STATUS	      "> qRcmd,696e666f20737461747573\n"
#define STATED	      "< O564d207374617475733a207061757365640d0a\n< OK\n"
#define MODE_OFF      "> Qqemu.PhyMemMode:0\n"
#define DETACH	      "> D;1\n"
#define READ	      "> m1000,10\n"
#define SEAL(n)	      "> qXfer:features:read:target.xml:0," n "\n"
#define MARKED_32     "< m01234567890123456789012345678901\n"
#define MARKED_33     "< m012345678901234567890123456789012\n"
#define READ_BYTES    "< 00112233445566778899aabbccddeeff\n"
#define READ_DONE     SEAL("20") READ_BYTES MARKED_32
#define HELLO	      "> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;\n"
#define MODE_ON	      "> Qqemu.PhyMemMode:1\n"
#define QEMU_IN(mode) "> qqemu.PhyMemMode\n< " mode "\n" MODE_ON "< OK\n"
#define VERSION                              \
	"> qRcmd,696e666f2076657273696f6e\n" \
	"< O372e322e300d0a\n< OK\n"          \
	"> qRcmd,696e666f206d696772617465\n< OK\n"
#define PRELAUNCH                                                             \
	"< O564d207374617475733a2070617573656420287072656c61756e6368290d0a\n" \
	"< OK\n"

/* The first that a watchdog sends, and what may come before its answer. */
#define RESYNC "> \n< \n" SEAL("20") MARKED_32

/* What leaves a guest from where nothing is under way. */
#define LEAVE STATUS STATED MODE_OFF "< OK\n" DETACH "< OK\n"

static struct qemu_opts opts;
static pid_t peer, ward;
static int said; /* by the watchdog, on its standard error */
static char address[128];

static void rescued(enum qemu_rescue end, bool runs, const struct err *why)
{
	dprintf(STDERR_FILENO, "%s, %s%s%s",
		end == QEMU_RESCUE_LATE ? "late" : "gone",
		runs ? "runs" : "stands", why ? ": " : "",
		why ? why->text : "");
}

static void setup(void)
{
	opts = (struct qemu_opts){.address = address,
				  .memory = MEMORY_STUB,
				  .timeout_ms = 5000,
				  .rescued = rescued};
}

static void read_once(struct qemu *t)
{
	struct machine *m = qemu_machine(t);
	char bytes[16];
	struct mem_read r = {.pa = 0x1000, .dst = bytes, .len = 16};

	m->ops->read(m->ctx, &r, 1, NULL);
}

/* What a ward does with its guest, if it lives so long. */
static void read_and_leave(struct qemu *t)
{
	read_once(t);
	qemu_release(t, NULL);
}

static void end_at_once(struct qemu *t)
{
	(void)t;
	_exit(3);
}

static void stand_still(struct qemu *t)
{
	(void)t;
	raise(SIGSTOP);
}

/* The beginning of a packet, without its end. */
static void send_half(struct qemu *t)
{
	_exit(write(gdbrsp_conn_fd(t->conn), "$m100", 5) != 5);
}

static void kill_watchdog(struct qemu *t)
{
	siginfo_t info;

	kill(t->watch.pid, SIGKILL);
	waitid(P_PID, (id_t)t->watch.pid, &info, WEXITED | WNOWAIT);
}

static void end_unwatched(struct qemu *t)
{
	kill_watchdog(t);
	_exit(0);
}

static void leave_unwatched(struct qemu *t)
{
	kill_watchdog(t);
	qemu_release(t, NULL);
	dprintf(STDERR_FILENO, "%s", t->unwatched.text);
}

static void start_ward(const char *script, void (*act)(struct qemu *))
{
	struct qemu *target;
	int ends[2];

	peer = peer_listen(script, NULL, address);
	ck_assert(!pipe(ends));
	ward = fork();
	if (!ward) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (!qemu_open(&opts, &target, NULL))
			act(target);
		_exit(0);
	}
	close(ends[1]);
	said = ends[0];
}

/* The watchdog is over, and has said that; the script was played. */
static void expect_said(const char *words)
{
	char text[512] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = read(said, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(said);
	if (strchr(words, '*')) /* stands for an address */
		ck_assert_msg(!fnmatch(words, text, 0), "%s", text);
	else
		ck_assert_str_eq(text, words);
	ck_assert_int_eq(peer_wait(peer), 0);
}

/* Killed when a request has come: what is sent and answered after that. */
static const struct moment {
	const char *request;
	int n;
	const char *tail, *words;
} moments[] = {
	/* Nothing was answered so far, so nothing is known of the guest. */
	{"> \n", 1,
	 "> qSupported\n> qqemu.PhyMemMode\n" MODE_ON
	 "signal 9\n< \n< \n< 0\n< OK\n" RESYNC HELLO QEMU_IN("1")
		 STATUS STATED VERSION MODE_OFF "< OK\n" DETACH "< OK\n",
	 "gone, runs"},
	/* Much under way. */
	{"> qRcmd,696e666f206d74726565202d66\n", 1,
	 "> qRcmd,696e666f206d656d646576\n"
	 "signal 9\n< O466c6174566965772023300d0a\n< OK\n" RESYNC LEAVE,
	 "gone, runs"},
	{READ, 1,
	 SEAL("20") "signal 9\n" READ_BYTES MARKED_32 "> \n< \n" SEAL("21")
		 MARKED_33 LEAVE,
	 "gone, runs"},
	/* It was asked to let the guest run: that is not said twice, but looked
	 * at by another connection. */
	{READ, 1,
	 READ_DONE STATUS STATED MODE_OFF DETACH
	 "signal 9\n< OK\n< OK\nagain\n< T02thread:01;\n" HELLO QEMU_IN("0")
		 LEAVE,
	 "gone, runs"},
	/* It says no more, or nobody is there any more. */
	{READ, 1, SEAL("20") "signal 9\nmute\n",
	 "gone, runs: nothing listens at unix:*: start QEMU with *"},
	{READ, 1, SEAL("20") "signal 9\nagain\n" HELLO QEMU_IN("1") LEAVE,
	 "gone, runs"},
	/* Closed; or reset, where the peer had not read all by then. */
	{READ, 1, SEAL("20") "signal 9\nclose\n",
	 "gone, runs: unix:*: the connection is lost: *"},
};

START_TEST(killed)
{
	const struct moment *m = &moments[_i];
	char *script = peer_load_up_to("gdbrsp/session-7.2-running.txt",
				       m->request, m->n, m->tail);
	int status;

	start_ward(script, read_and_leave);
	free(script);
	expect_said(m->words);
	ck_assert(waitpid(ward, &status, 0) == ward);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

/* The recorded session up to its first read, then `tail`. */
static void play_to_read(const char *tail, void (*act)(struct qemu *))
{
	char *script = peer_load("gdbrsp/session-7.2-running.txt");

	strcpy(strstr(script, READ), tail);
	start_ward(script, act);
	free(script);
}

/* What a ward does with a guest, other than it should; what comes of it. */
static const struct ward {
	void (*act)(struct qemu *);
	const char *tail, *words;
} wards[] = {
	{end_at_once, RESYNC LEAVE, "gone, runs"},
	{send_half, RESYNC LEAVE, "gone, runs"},
	/* It is there all the time, and nothing is said of it. */
	{read_and_leave, READ READ_DONE LEAVE, ""},
	/* Nobody is there to leave it in its place. */
	{end_unwatched, "", ""},
};

START_TEST(ended)
{
	const struct ward *w = &wards[_i];

	play_to_read(w->tail, w->act);
	expect_said(w->words);
}
END_TEST

/* Longer than it may; and the watchdog waits for nothing else. */
START_TEST(stopped)
{
	int status;

	play_to_read(RESYNC LEAVE, stand_still);
	ck_assert(waitpid(ward, &status, WUNTRACED) == ward);
	ck_assert(WIFSTOPPED(status));
	peer_clock_leap(QEMU_PAUSE_MS + 10000);
	expect_said("late, runs");
	ck_assert(waitpid(ward, &status, 0) == ward);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

/* It was ended first: that is told by who needed it no more. */
START_TEST(watchdog_killed)
{
	play_to_read(LEAVE, leave_unwatched);
	expect_said("the watchdog had ended before qvmi did (signal 9): had "
		    "qvmi been killed, the guest would have stayed paused");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/watch");
	TCase *c = tcase_create("watch");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_loop_test(c, killed, 0, sizeof(moments) / sizeof(*moments));
	tcase_add_loop_test(c, ended, 0, sizeof(wards) / sizeof(*wards));
	tcase_add_test(c, stopped);
	tcase_add_test(c, watchdog_killed);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
