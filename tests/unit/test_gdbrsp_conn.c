/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the connection: acks, silence, loss, signals, no deadlock. */
#include "base/clock.h"
#include "gdbrsp/conn.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/gdbrsp_peer.h"

static struct gdbrsp_conn_opts opts = {.timeout_ms = 5000};
static struct gdbrsp_conn *conn;
static struct err err;
static pid_t peer;

static void start(const char *script, const struct peer_opts *peer_opts)
{
	int fd;

	peer = peer_start(script, peer_opts, &fd);
	ck_assert_int_eq(gdbrsp_conn_adopt(fd, "test", &opts, &conn, &err), 0);
}

static void finish(void)
{
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

static void expect(enum gdbrsp_event want, const char *text)
{
	const struct buf *body;
	enum gdbrsp_event e;

	ck_assert_msg(!gdbrsp_conn_next(conn, &e, &body, &err), "%s", err.text);
	ck_assert_int_eq(e, want);
	if (text)
		ck_assert_str_eq(body->data, text);
}

static void expect_error(int code, const char *words)
{
	const struct buf *body;
	enum gdbrsp_event e;

	ck_assert_int_eq(gdbrsp_conn_next(conn, &e, &body, &err), code);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(packets_and_counts)
{
	struct gdbrsp_conn_stats stats;

	start("> g\n< 0011\n! %Stop:T05#99\n! x\n> m0,1\n< ff\n", NULL);
	ck_assert(gdbrsp_conn_mute(conn));
	gdbrsp_conn_put(conn, "g", 1);
	expect(GDBRSP_PACKET, "0011");
	ck_assert(!gdbrsp_conn_mute(conn));
	expect(GDBRSP_NOTE, "Stop:T05");
	expect(GDBRSP_JUNK, NULL);
	gdbrsp_conn_put(conn, "m0,1", 4);
	expect(GDBRSP_PACKET, "ff");
	gdbrsp_conn_stats(conn, &stats);
	ck_assert_uint_eq(stats.packets, 2);
	/* 5 + 8 out; two acks, 8 + 6, the notification and the junk in. */
	ck_assert_uint_eq(stats.bytes, 13 + 2 + 14 + 12 + 1);
	finish();
}
END_TEST

/* With acks on there is one for each packet, in front of what goes next. */
START_TEST(acks_ride_along)
{
	char seen[32] = {0};
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(!gdbrsp_conn_adopt(pair[0], "test", &opts, &conn, &err));
	gdbrsp_conn_set_acks(conn, true);
	gdbrsp_conn_put(conn, "g", 1);
	ck_assert_int_eq(write(pair[1], "+$00#60$T02#b6", 14), 14);
	expect(GDBRSP_PACKET, "00");
	expect(GDBRSP_PACKET, "T02");
	gdbrsp_conn_put(conn, "g", 1);
	gdbrsp_conn_push(conn);
	ck_assert_int_eq(read(pair[1], seen, sizeof(seen)), 12);
	ck_assert_str_eq(seen, "$g#67++$g#67");
	ck_assert_int_eq(write(pair[1], "$00#60", 6), 6);
	expect(GDBRSP_PACKET, "00");
	gdbrsp_conn_set_acks(conn, false);
	gdbrsp_conn_put(conn, "D", 1);
	gdbrsp_conn_push(conn);
	memset(seen, 0, sizeof(seen));
	ck_assert_int_eq(read(pair[1], seen, sizeof(seen)), 6);
	ck_assert_str_eq(seen, "+$D#44");
	ck_assert_int_eq(write(pair[1], "+$OK#9a", 7), 7);
	expect(GDBRSP_PACKET, "OK");
	gdbrsp_conn_push(conn);
	ck_assert_int_eq(recv(pair[1], seen, sizeof(seen), MSG_DONTWAIT), -1);
	gdbrsp_conn_close(conn);
	close(pair[1]);
}
END_TEST

/* QEMU's user-mode stub reads nothing but an ack before it has got it. */
START_TEST(acks_do_not_wait_for_packets)
{
	char seen[32] = {0};
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(!gdbrsp_conn_adopt(pair[0], "test", &opts, &conn, &err));
	gdbrsp_conn_set_acks(conn, true);
	ck_assert_int_eq(write(pair[1], "$00#60", 6), 6);
	expect(GDBRSP_PACKET, "00");
	ck_assert_int_eq(write(pair[1], "$11#62", 6), 6);
	expect(GDBRSP_PACKET, "11");
	ck_assert_int_eq(recv(pair[1], seen, sizeof(seen), MSG_DONTWAIT), 1);
	ck_assert_str_eq(seen, "+");
	gdbrsp_conn_close(conn);
	close(pair[1]);
}
END_TEST

START_TEST(bytes_one_by_one)
{
	const struct peer_opts bytewise = {.bytewise = true};

	start("> g\n< 00112233\n< T02thread:01;\n", &bytewise);
	gdbrsp_conn_put(conn, "g", 1);
	expect(GDBRSP_PACKET, "00112233");
	expect(GDBRSP_PACKET, "T02thread:01;");
	finish();
}
END_TEST

START_TEST(silence)
{
	opts.timeout_ms = 150;
	start("mute\n", NULL);
	gdbrsp_conn_put(conn, "g", 1);
	expect_error(ERR_NO_GUEST, "test: no answer within 0.15 s");
	ck_assert(!gdbrsp_conn_lost(conn) && gdbrsp_conn_mute(conn));
	opts.timeout_ms = 5000;
	finish();
}
END_TEST

/* What it said before it went counts, whenever it went. */
START_TEST(last_words)
{
	start("< T02thread:01;\nclose\n", NULL);
	ck_assert_int_eq(peer_wait(peer), 0);
	gdbrsp_conn_put(conn, "g", 1);
	expect(GDBRSP_PACKET, "T02thread:01;");
	expect_error(ERR_NO_GUEST, "test: the connection is lost: closed by "
				   "the other side");
	ck_assert(gdbrsp_conn_lost(conn) && !gdbrsp_conn_mute(conn));
	gdbrsp_conn_close(conn);
}
END_TEST

START_TEST(loss)
{
	start("> g\n! $00\nclose\n", NULL);
	gdbrsp_conn_put(conn, "g", 1);
	expect_error(ERR_NO_GUEST, "closed by the other side");
	ck_assert(gdbrsp_conn_lost(conn));
	gdbrsp_conn_put(conn, "g", 1);
	gdbrsp_conn_push(conn);
	expect_error(ERR_NO_GUEST, "the connection is lost");
	finish();
}
END_TEST

START_TEST(signal_flag)
{
	volatile sig_atomic_t flag = 1;

	opts.interrupt = &flag;
	start("> g\n< 00\n", NULL);
	gdbrsp_conn_put(conn, "g", 1);
	expect_error(ERR_INTERRUPTED, "interrupted");
	gdbrsp_conn_leave(conn, 3000, 0);
	ck_assert_uint_eq(gdbrsp_conn_timeout(conn), 3000);
	expect(GDBRSP_PACKET, "00");
	opts.interrupt = NULL;
	finish();
}
END_TEST

/* A peer that always has something to say: no wait is long, all are. */
START_TEST(limit)
{
	const struct buf *body;
	enum gdbrsp_event e;
	uint64_t until;
	int ret = 0;

	opts.max_ms = 200;
	start("drip 30 $00#60\nclose\n", NULL);
	until = gdbrsp_conn_until(conn);
	ck_assert_uint_gt(until, clock_now_us());
	while (!ret) {
		gdbrsp_conn_put(conn, "m1000000,100", 12);
		ret = gdbrsp_conn_next(conn, &e, &body, &err);
	}
	ck_assert_int_eq(ret, ERR_INTERRUPTED);
	ck_assert_ptr_nonnull(strstr(err.text, "as long as it may"));
	ck_assert_uint_ge(clock_now_us(), until);
	/* Nothing is begun then; but what is put back has its time. */
	ck_assert_int_eq(gdbrsp_conn_hold_signals(conn, &err), ERR_INTERRUPTED);
	gdbrsp_conn_leave(conn, 3000, 0);
	expect(GDBRSP_PACKET, NULL);
	ck_assert_uint_eq(gdbrsp_conn_until(conn), 0);
	opts.max_ms = 0;
	finish();
}
END_TEST

/* What was begun in time is done. */
START_TEST(limit_held)
{
	const struct peer_opts serve = {.packet_size = 0x1000};

	opts.max_ms = 20;
	start("serve\n", &serve);
	if (!gdbrsp_conn_hold_signals(conn, &err)) {
		usleep(30000);
		gdbrsp_conn_put(conn, "m1000000,100", 12);
		expect(GDBRSP_PACKET, NULL);
	}
	opts.max_ms = 0;
	finish();
}
END_TEST

/* The peer writes without reading, as QEMU does; both pipes fill up. */
START_TEST(no_deadlock)
{
	const struct peer_opts serve = {.packet_size = 0x1000};
	int i, n = 20000;

	start("serve\n", &serve);
	for (i = 0; i < n; i++)
		gdbrsp_conn_put(conn, "m1000000,100", 12);
	for (i = 0; i < n; i++)
		expect(GDBRSP_PACKET, NULL);
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/conn");
	TCase *c = tcase_create("conn");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, packets_and_counts);
	tcase_add_test(c, acks_ride_along);
	tcase_add_test(c, acks_do_not_wait_for_packets);
	tcase_add_test(c, bytes_one_by_one);
	tcase_add_test(c, silence);
	tcase_add_test(c, last_words);
	tcase_add_test(c, loss);
	tcase_add_test(c, signal_flag);
	tcase_add_test(c, limit);
	tcase_add_test(c, limit_held);
	tcase_add_test(c, no_deadlock);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
