/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of stubs that drip, flood and grow, at each step of a session. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/signals.h"
#include "gdbrsp/limits.h"
#include "gdbrsp/packet.h"
#include "qemu/qemu.h"
#include "unit/gdbrsp_peer.h"

#define STATUS	   "> qRcmd,696e666f20737461747573\n"
#define STATED	   "< O564d207374617475733a207061757365640d0a\n< OK\n"
#define MODE_OFF   "> Qqemu.PhyMemMode:0\n"
#define DETACH	   "> D;1\n"
#define SEAL(n)	   "> qXfer:features:read:target.xml:0," n "\n"
#define MARKED_35  "< m0123456789012345678901234567890123\n"

#define TIMEOUT_MS 5000
#define PAUSE_MS   600000 /* not what is tried here */

/* What one request and one answer, or none, may take in all. */
#define ANSWER_S (GDBRSP_ANSWER_PATIENCES * TIMEOUT_MS / 1000 + 2)
#define LEAVE_S	 (GDBRSP_LEAVE_BUDGET_MS / 1000 + 1)

/* Address space that a stub may cost. */
#define ROOM (128u << 20)

static struct qemu_opts opts;
static struct qemu *target;
static struct err err; /* of the first step that failed */
static struct err left;
static pid_t peer;
static char address[128];

static void setup(void)
{
	opts = (struct qemu_opts){.address = address,
				  .memory = MEMORY_STUB,
				  .timeout_ms = TIMEOUT_MS,
				  .max_pause_ms = PAUSE_MS};
	err = left = (struct err){0};
}

/* A limit on what is allocated from here on; sanitizers have their own. */
static void confine(void)
{
#ifndef __SANITIZE_ADDRESS__
	static bool done;
	unsigned long pages = 0;
	FILE *f = done ? NULL : fopen("/proc/self/statm", "re");
	struct rlimit room;

	if (done)
		return;
	done = true;
	ck_assert(f && fscanf(f, "%lu", &pages) == 1);
	fclose(f);
	room.rlim_cur = room.rlim_max = pages * 4096 + ROOM;
	ck_assert(!setrlimit(RLIMIT_AS, &room));
#endif
}

static void play(const char *script)
{
	peer = peer_listen(script, NULL, address);
	confine();
}

/* The recorded session up to a request, which `tail` answers. */
static void play_up_to(const char *request, int n, const char *tail)
{
	char *session = peer_load_up_to("gdbrsp/session-7.2-running.txt",
					request, n, tail);

	play(session);
	free(session);
}

/* The reads and the write that the recorded session has. */
static int use_memory(void)
{
	struct machine *m = qemu_machine(target);
	char bytes[16];
	struct mem_read reads[] = {
		{.pa = 0x1000, .dst = bytes, .len = 16},
		{.pa = 0x100000, .dst = bytes, .len = 8},
	};
	struct mem_write write = {.pa = 0x1000, .src = "qvmi", .len = 4};
	int ret;

	ret = m->ops->read(m->ctx, reads, 2, &err);
	if (!ret)
		ret = m->ops->write(m->ctx, &write, 1, &err);
	return ret ? ret : m->ops->read(m->ctx, reads, 1, &err);
}

/* A session as far as it comes; how long it took. */
static unsigned int run_session(void)
{
	uint64_t from = clock_now_us();
	int ret = qemu_open(&opts, &target, &err);

	if (!ret) {
		ret = use_memory();
		if (ret)
			ck_assert_int_eq(err.code, ret);
		qemu_release(target, &left);
		qemu_destroy(target);
	}
	return (unsigned int)((clock_now_us() - from) / 1000);
}

/* Where an attack begins: behind which request. */
static const struct stage {
	const char *request;
	int n;
} stages[] = {
	{"> \n", 1},
	{"> qSupported\n", 1},
	{"> qqemu.PhyMemMode\n", 1},
	{"> Qqemu.PhyMemMode:1\n", 1},
	{STATUS, 1},
	{"> qXfer:features:read:i386-64bit.xml:7fb,7fb\n", 1},
	{"> qRcmd,696e666f206d74726565202d66\n", 1},
	{"> qfThreadInfo\n", 1},
	{"> g\n", 2},
	{"> qThreadExtraInfo,01\n", 1},
	{"> m100000,8\n", 1},
	{"> M1000,4:71766d69\n", 1},
	{STATUS, 2},
	{MODE_OFF, 1},
	{DETACH, 1},
};

/* What a stub does then until the connection is closed. */
static const char *const attacks[] = {
	"drip 500 +",	     /* acks */
	"drip 500 -",	     /* rejections */
	"drip 500 a",	     /* bytes of no packet */
	"! $\ndrip 500 a",   /* one packet for ever */
	"! $O\ndrip 500 61", /* the same, of a monitor's text */
	"drip 500 %N#4e",    /* notifications */
	"drip 500 $T02#b6",  /* stop replies */
	"drip 500 $O61#b6",  /* a letter of a monitor's text */
	"drip 4900 $O61#b6", /* just fast enough not to be silent */
	"drip 500 $OK#9a",   /* answers */
	"drip 2500 $#00",    /* empty ones */
	"drip 500 $x#00",    /* wrong sums */
	"flood +",	     /* all of that at full speed */
	"flood -",
	"flood a",
	"! $\nflood a",
	"! $a\nflood *~", /* a run of 97 for each two bytes */
	"flood %",	  /* a notification without an end */
	"flood %N#4e",
	"flood $T02#b6",
	"flood $OK#9a",
	"flood $#00",
	"flood $x#00",
	"flood $ma#ce", /* pieces of a document */
};

#define N_STAGES (sizeof(stages) / sizeof(*stages))
/* At the last stages "OK" is what is asked for. */
#define N_NOT_OK  (N_STAGES - 3)
#define N_ATTACKS (sizeof(attacks) / sizeof(*attacks))

/* Each attack at each stage: ended in time, one line, the same kind of error.
 */
START_TEST(attacked)
{
	const struct stage *s = &stages[_i];
	char tail[200];
	unsigned int ms;
	size_t i;

	for (i = 0; i < N_ATTACKS; i++) {
		/* What it does on a second connection is the same. */
		snprintf(tail, sizeof(tail), "%s\nagain\n%s\nclose\n",
			 attacks[i], attacks[i]);
		setup();
		play_up_to(s->request, s->n, tail);
		ms = run_session();
		ck_assert_msg(ms <= (ANSWER_S + LEAVE_S) * 1000,
			      "%s behind %s: took %u ms", attacks[i],
			      s->request, ms);
		ck_assert_msg((err.code == ERR_NO_GUEST || !err.code) &&
				      (left.code == ERR_NO_GUEST || !left.code),
			      "%s behind %s: %s; %s", attacks[i], s->request,
			      err.text, left.text);
		ck_assert_msg(err.code || left.code ||
				      ((size_t)_i >= N_NOT_OK &&
				       strstr(attacks[i], "OK")),
			      "%s behind %s: all well", attacks[i], s->request);
		ck_assert(!strchr(err.text, '\n') && !strchr(left.text, '\n'));
		kill(peer, SIGKILL);
		peer_wait(peer);
	}
}
END_TEST

/* What is said of it: what it did, and how often. */
static const struct told {
	struct stage stage;
	const char *tail, *words;
} told[] = {
	{{"> m100000,8\n", 1},
	 "drip 500 +\n",
	 "the stub is too slow: no whole answer within 10 s, but "},
	{{"> m100000,8\n", 1},
	 "flood +\n",
	 "the stub floods: 4097 acknowledgements came where an answer should"},
	{{"> m100000,8\n", 1}, "flood %N#4e\n", "floods: 65 notifications"},
	{{"> \n", 1}, "flood $T02#b6\n", "floods: 65 stop replies"},
	{{"> m100000,8\n", 1},
	 "! $\nflood a\n",
	 "bytes came, and no end of an answer"},
	{{"> m100000,8\n", 1}, "! -\nflood -\n", "rejects a packet"},
	{{"> qXfer:features:read:target.xml:0,7fb\n", 1},
	 "flood $ma#ce\n",
	 "floods: target.xml in 2048 pieces, and no end"},
	{{"> qfThreadInfo\n", 1}, "< m01,02,01\n", "lists thread 01 twice"},
	{{"> qfThreadInfo\n", 1},
	 "< m01\n> qsThreadInfo\n< mp01.01\n",
	 "lists thread p01.01 twice"},
	{{"> qfThreadInfo\n", 1}, "< m1001\n", "does not fit: `m1001`"},
	{{"> g\n", 1}, NULL, "sends 609 bytes of registers, and describes 608"},
	{{"> qRcmd,696e666f206d74726565202d66\n", 1},
	 NULL,
	 "floods: `info mtree -f` has no end after "},
};

/* The lines that do not fit in the table above. */
static void long_tail(const char *request, struct buf *tail)
{
	struct buf packet = {0}, body = {0};
	int i;

	if (!strcmp(request, "> g\n")) {
		buf_puts(tail, "< ");
		for (i = 0; i < 609; i++)
			buf_puts(tail, "00");
	} else {
		buf_puts(&body, "O");
		for (i = 0; i < 2000; i++)
			buf_puts(&body, "61");
		gdbrsp_encode(&packet, body.data, body.len);
		buf_printf(tail, "flood %s", packet.data);
	}
	buf_puts(tail, "\n");
	buf_deinit(&packet);
	buf_deinit(&body);
}

START_TEST(told_what_it_did)
{
	const struct told *t = &told[_i];
	struct buf tail = {0};

	if (t->tail)
		buf_puts(&tail, t->tail);
	else
		long_tail(t->stage.request, &tail);
	buf_puts(&tail, "mute\nclose\n");
	play_up_to(t->stage.request, t->stage.n, tail.data);
	run_session();
	ck_assert_int_eq(err.code, ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, t->words) != NULL, "%s", err.text);
	buf_deinit(&tail);
	kill(peer, SIGKILL);
	peer_wait(peer);
}
END_TEST

/* What is slow and honest is waited for. */
START_TEST(slow_and_honest)
{
	char *session = peer_load("gdbrsp/session-7.2-running.txt");
	const char *request = "> m100000,8\n";
	char *rest = strstr(session, request) + strlen(request);
	struct buf tail = {0};

	/* Both parts of an answer come just in time. */
	buf_puts(&tail, "sleep 4900\n! $00000000\n"
			"sleep 4900\n! 00000000#00\n");
	buf_puts(&tail, strchr(rest, '\n') + 1);
	play_up_to(request, 1, tail.data);
	ck_assert_uint_ge(run_session(), 9800);
	ck_assert_msg(!err.code && !left.code, "%s%s", err.text, left.text);
	ck_assert_int_eq(peer_wait(peer), 0);
	buf_deinit(&tail);
	free(session);
}
END_TEST

/* Leaving: its time is one, and a second signal ends it soon. */
static const struct leaving {
	const char *tail;
	int code;
	unsigned int from_ms, to_ms;
} leavings[] = {
	/* A byte now and then does not buy time, nor does one signal. */
	{"drip 500 +\nclose\n", ERR_NO_GUEST, 5000, LEAVE_S * 1000},
	{"signal 15\ndrip 500 +\nclose\n", ERR_NO_GUEST, 5000, LEAVE_S * 1000},
	/* All is left behind in a last word, which the stub may hear. */
	{"signal 15\nsignal 2\n" MODE_OFF DETACH, ERR_INTERRUPTED,
	 GDBRSP_AGAIN_MS, GDBRSP_AGAIN_MS + 500},
	{"signal 15\nsignal 2\ndrip 100 +\nclose\n", ERR_INTERRUPTED,
	 GDBRSP_AGAIN_MS, GDBRSP_AGAIN_MS + 500},
	/* Who is left in time is left as he was found. */
	{"signal 15\nsignal 2\n" STATED MODE_OFF "< OK\n" DETACH "< OK\n", 0, 0,
	 0},
};

START_TEST(left_in_time)
{
	const struct leaving *l = &leavings[_i];
	struct signals signals = {0};
	uint64_t from;
	unsigned int ms;

	signals_catch(&signals);
	opts.interrupt = signals_count();
	play_up_to(STATUS, 2, l->tail);
	ck_assert_msg(!qemu_open(&opts, &target, &err), "%s", err.text);
	ck_assert_msg(!use_memory(), "%s", err.text);
	from = clock_now_us();
	ck_assert_msg(qemu_release(target, &left) == l->code, "%s", left.text);
	ms = (unsigned int)((clock_now_us() - from) / 1000);
	ck_assert_msg(ms >= l->from_ms && ms <= l->to_ms, "took %u ms", ms);
	if (l->code)
		ck_assert_ptr_nonnull(strstr(left.text, QEMU_STRANDED));
	qemu_destroy(target);
	signals_restore(&signals);
	ck_assert_int_eq(peer_wait(peer), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/limits");
	TCase *c = tcase_create("limits");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_loop_test(c, attacked, 0, N_STAGES);
	tcase_add_loop_test(c, told_what_it_did, 0,
			    sizeof(told) / sizeof(*told));
	tcase_add_test(c, slow_and_honest);
	tcase_add_loop_test(c, left_in_time, 0,
			    sizeof(leavings) / sizeof(*leavings));
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
