/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of questions to the monitor that are put ahead. */
#include "qemu/monitor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/gdbrsp_peer.h"

/* "a", "b", "c", in hex; "A\n", "B\n", "C\n". */
#define PUT(hex)  "> qRcmd," hex "\n"
#define SAID(hex) "< O" hex "0a\n< OK\n"

static struct gdbrsp_client client;
static struct gdbrsp_conn *conn;
static struct qemu_monitor monitor;
static struct err err;
static pid_t peer;

static void start(const char *script)
{
	const struct gdbrsp_conn_opts opts = {.timeout_ms = 5000};
	static const char *const ahead[] = {"a", "b"};
	int fd;

	peer = peer_start(script, NULL, &fd);
	ck_assert(!gdbrsp_conn_adopt(fd, "peer", &opts, &conn, &err));
	gdbrsp_client_init(&client, conn);
	client.packet_size = 4096;
	client.answered = client.steady = client.is_qemu = true;
	monitor = qemu_monitor_by_stub(&client);
	ck_assert(!qemu_monitor_ahead(&monitor, ahead, 2, &err));
}

static void finish(void)
{
	qemu_monitor_forget(&monitor);
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

/* One command, or two. */
static void said(const char *first, const char *second, const char *words)
{
	const char *const commands[] = {first, second};
	struct buf outs[2] = {{0}};

	ck_assert_msg(!qemu_monitor_run(&monitor, commands, outs,
					second ? 2 : 1, &err),
		      "%s", err.text);
	if (second)
		buf_puts(&outs[0], outs[1].data);
	ck_assert_str_eq(outs[0].data, words);
	buf_deinit(&outs[0]);
	buf_deinit(&outs[1]);
}

/* Both are asked before either is answered, with the first that is wanted. */
START_TEST(together)
{
	start(PUT("63") SAID("43") PUT("61") PUT("62") SAID("41") SAID("42")
		      PUT("61") SAID("44"));
	said("c", NULL, "C\n");
	said("b", NULL, "B\n");
	said("a", NULL, "A\n");
	said("a", NULL, "D\n"); /* once: it may be another by now */
	finish();
}
END_TEST

START_TEST(with_others)
{
	start(PUT("61") PUT("63") SAID("41") SAID("43") PUT("61") PUT("62")
		      SAID("44") SAID("42"));
	said("a", "c", "A\nC\n");
	said("a", "b", "D\nB\n");
	finish();
	start(PUT("61") PUT("62") SAID("41") SAID("42") PUT("61") SAID("44"));
	said("a", "a", "A\nD\n");
	finish();
}
END_TEST

START_TEST(fails)
{
	static const char *const commands[] = {"b"};
	struct buf out = {0};

	start(PUT("61") PUT("62")
		      SAID("41") "< E01\n"
				 "> \n> qXfer:features:read:target."
				 "xml:0,20\n"
				 "< m0123456789012345678901234567890"
				 "1\n" PUT("63") SAID("43"));
	ck_assert_int_eq(qemu_monitor_run(&monitor, commands, &out, 1, &err),
			 ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "`b`"));
	ck_assert_ptr_null(out.data);
	qemu_monitor_forget(&monitor);
	said("c", NULL, "C\n");
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/monitor");
	TCase *c = tcase_create("monitor");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, together);
	tcase_add_test(c, with_others);
	tcase_add_test(c, fails);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
