/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the conversation: handshakes of all QEMUs, and of none. */
#include "gdbrsp/client.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbrsp/target_xml.h"
#include "unit/gdbrsp_peer.h"

#define HELLO	  "> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;\n"
#define QEMU	  "> qqemu.PhyMemMode\n< 0\n> Qqemu.PhyMemMode:1\n< OK\n"
#define PHYS_MODE "> qqemu.PhyMemMode\n< "
#define PHYS_ON	  "> Qqemu.PhyMemMode:1\n< OK\n"
#define PHYS_OFF  "> Qqemu.PhyMemMode:0\n< OK\n"
#define SEAL(n)	  "> qXfer:features:read:target.xml:0," n "\n"
#define MARKER(n) "> \n" SEAL(n) /* what is sacrificed goes first */
#define MARKED_32 "< m01234567890123456789012345678901\n"
#define MARKED_33 "< m012345678901234567890123456789012\n"

static struct gdbrsp_conn_opts opts;
static struct gdbrsp_client client;
static struct gdbrsp_conn *conn;
static const struct buf *reply;
static struct err err;
static pid_t peer;

static void setup(void)
{
	opts = (struct gdbrsp_conn_opts){.timeout_ms = 5000};
}

static void start_with(const char *script, const struct peer_opts *peer_opts)
{
	int fd;

	peer = peer_start(script, peer_opts, &fd);
	ck_assert_int_eq(gdbrsp_conn_adopt(fd, "test", &opts, &conn, &err), 0);
	gdbrsp_client_init(&client, conn);
}

static void start(const char *script)
{
	start_with(script, NULL);
}

static void finish(void)
{
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

static void meet(void)
{
	ck_assert_msg(!gdbrsp_client_handshake(&client, &err), "%s", err.text);
	ck_assert(client.is_qemu && client.steady && !client.dirty);
}

static void fail_to_meet(const char *words)
{
	ck_assert_int_eq(gdbrsp_client_handshake(&client, &err), ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(meets_qemu)
{
	start(HELLO QEMU);
	meet();
	ck_assert_uint_eq(client.packet_size, 0x1000);
	ck_assert(!client.saw_stop);
	finish();
}
END_TEST

/* QEMU 5.2 to 8.0 stop a running guest and say so, before or in between. */
START_TEST(meets_running)
{
	const struct peer_opts bytewise = {.bytewise = true};

	start("< T02thread:01;\n" HELLO QEMU);
	meet();
	ck_assert(client.saw_stop);
	finish();

	start_with(HELLO "< T02thread:p01.01;\n" QEMU, &bytewise);
	meet();
	ck_assert(client.saw_stop);
	finish();
}
END_TEST

/* As 10.2 and later: large packets, and a stop reply without a thread. */
START_TEST(meets_large)
{
	start("< T05core:01;\n> \n< \n> qSupported\n"
	      "< PacketSize=20020;qXfer:features:read+;multiprocess+\n" QEMU);
	meet();
	ck_assert_uint_eq(client.packet_size, 0x20020);
	ck_assert(client.saw_stop);
	finish();
}
END_TEST

/* A client before us died within a packet. */
START_TEST(stale_parser)
{
	start("> \n! -\n> qSupported\n< PacketSize=1000\n" QEMU);
	meet();
	finish();
	/* Its sum agreed by chance, so that an answer came. */
	start("> \n< E22\n> qSupported\n< PacketSize=1000\n" QEMU);
	meet();
	ck_assert(!client.found_phys && client.doubt);
	finish();
}
END_TEST

START_TEST(finds_phys_mode)
{
	start(HELLO PHYS_MODE "1\n" PHYS_ON);
	meet();
	ck_assert(client.found_phys && !client.doubt);
	finish();
}
END_TEST

#define AGAIN HELLO PHYS_MODE "1\n" PHYS_ON MARKER("20") MARKED_32

/*
 * Answers that are lost, refused or doubled: asked again.  A 1 may then be our
 * own, unless it was a 0 before that.
 */
START_TEST(asks_again)
{
	start("> \n< \n> qSupported\n< E14\n> qqemu.PhyMemMode\n< 0\n"
	      "> Qqemu.PhyMemMode:1\n< OK\n" AGAIN);
	meet();
	ck_assert(!client.found_phys && client.doubt && !client.saw_stop);
	finish();
	start(HELLO PHYS_MODE "E14\n> Qqemu.PhyMemMode:1\n< OK\n" AGAIN);
	meet();
	ck_assert(client.is_qemu && client.doubt);
	finish();
	start(HELLO PHYS_MODE "0\n> Qqemu.PhyMemMode:1\n! $OK#00\n" AGAIN);
	meet();
	ck_assert(client.doubt);
	finish();
	/* None of it arrived. */
	start("> \n! -\n> qSupported\n! -\n> qqemu.PhyMemMode\n! -\n"
	      "> Qqemu.PhyMemMode:1\n! -\n" HELLO PHYS_MODE
	      "0\n" PHYS_ON MARKER("20") MARKED_32);
	meet();
	ck_assert(!client.found_phys && !client.doubt);
	finish();
	start("> \n< \n< \n> qSupported\n< PacketSize=1000\n" QEMU);
	meet();
	ck_assert(!client.doubt);
	finish();
}
END_TEST

/*
 * Answers that come so late that each question was put once more: nothing is
 * taken for the answer to what is asked afterwards.
 */
START_TEST(late_answers)
{
	opts.timeout_ms = 1000;
	start("> \n< \n> qSupported\n> qqemu.PhyMemMode\n"
	      "> Qqemu.PhyMemMode:1\n"
	      "> qSupported\n< PacketSize=1000\n< 0\n< OK\n< PacketSize=1000\n"
	      "> qqemu.PhyMemMode\n< 1\n> Qqemu.PhyMemMode:1\n< OK\n" SEAL("20")
		      MARKED_32 "> g\n< 11\n");
	meet();
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	ck_assert_str_eq(reply->data, "11");
	finish();
}
END_TEST

/* The stop reply is garbled, or what comes may have been one. */
START_TEST(doubts)
{
	static const char *const garbled[] = {"! $T02thread:01;#05\n",
					      "! %T02thread:01;#04\n",
					      "! $T02thread:01;\n"};
	char script[400];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(script, sizeof(script), "%s" HELLO QEMU, garbled[i]);
		start(script);
		meet();
		ck_assert(!client.saw_stop && client.doubt);
		finish();
	}
	/* Refused; but what is put back asks, and doubts. */
	start("! T02thread:01;#04\n" HELLO QEMU MARKER("20")
		      MARKED_32 HELLO PHYS_MODE "1\n" PHYS_ON);
	fail_to_meet("does not speak the GDB protocol");
	ck_assert(client.stranger && client.doubt);
	ck_assert(!gdbrsp_client_resync(&client, &err));
	meet();
	ck_assert(client.doubt);
	finish();
}
END_TEST

/* The answers came, and are dropped: the first of them tell all the same. */
START_TEST(interrupted_at_first)
{
	static const char *const modes[] = {"0", "1"};
	volatile sig_atomic_t flag = 1;
	char script[600];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(script, sizeof(script),
			 HELLO PHYS_MODE "%s\n" PHYS_ON MARKER("20")
				 MARKED_32 HELLO PHYS_MODE "1\n" PHYS_ON,
			 modes[i]);
		opts.interrupt = &flag;
		start(script);
		ck_assert_int_eq(gdbrsp_client_handshake(&client, &err),
				 ERR_INTERRUPTED);
		gdbrsp_conn_leave(conn, 5000, 0);
		ck_assert(!gdbrsp_client_resync(&client, &err));
		meet();
		ck_assert(!client.doubt && !client.saw_stop);
		ck_assert(client.found_phys == (i == 1));
		finish();
	}
}
END_TEST

#define NO_HELLO                                             \
	"> \n< \n> qSupported\n< \n> qqemu.PhyMemMode\n< \n" \
	"> Qqemu.PhyMemMode:1\n< \n"
#define NAK_HELLO                                               \
	"> \n! -\n> qSupported\n! -\n> qqemu.PhyMemMode\n! -\n" \
	"> Qqemu.PhyMemMode:1\n! -\n"
#define REST	"> qqemu.PhyMemMode\n> Qqemu.PhyMemMode:1\n"
#define NO_PHYS PHYS_MODE "\n> Qqemu.PhyMemMode:1\n< \n"

START_TEST(strangers)
{
	start("! HTTP/1.1 400 Bad Request\nmute\n");
	fail_to_meet("test answers, but does not speak the GDB protocol");
	finish();
	start(NAK_HELLO NAK_HELLO NAK_HELLO);
	fail_to_meet("does not speak the GDB protocol");
	finish();
	start("close\n");
	fail_to_meet("closes the connection at once");
	finish();
	start(NO_HELLO NO_HELLO NO_HELLO);
	fail_to_meet("not QEMU's");
	ck_assert(!client.dirty);
	finish();
	start(HELLO NO_PHYS);
	fail_to_meet("physical memory: not QEMU's, or QEMU before 4.1");
	ck_assert(!client.dirty);
	finish();
	start(HELLO "> qqemu.PhyMemMode\n< W00\n> Qqemu.PhyMemMode:1\n");
	fail_to_meet("the guest has ended");
	finish();
	start("> \n< \n> qSupported\n< qSupported\n" REST);
	fail_to_meet("test answers, but does not speak the GDB protocol");
	ck_assert(client.echoes);
	finish();
	/* what qemu-x86_64 -g of QEMU 7.2 says */
	start("> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;"
	      "qXfer:auxv:read+;vContSupported+;multiprocess+\n" NO_PHYS);
	fail_to_meet("test: the stub of a process (gdbserver, or QEMU's "
		     "user-mode emulator): there is no machine to look into");
	ck_assert(!client.dirty);
	finish();
}
END_TEST

START_TEST(busy)
{
	opts.timeout_ms = 100;
	start("mute\n");
	fail_to_meet("test: no answer within 0.1 s: is another debugger "
		     "attached?");
	ck_assert(!client.answered);
	finish();
}
END_TEST

START_TEST(bad_sizes)
{
	start("> \n< \n> qSupported\n< PacketSize=;x\n" REST);
	fail_to_meet("PacketSize=;x");
	finish();
	start("> \n< \n> qSupported\n< PacketSize=10\n" REST);
	fail_to_meet("does not fit");
	finish();
	start("> \n< \n> qSupported\n< PacketSize=ffffffff\n" REST);
	fail_to_meet("does not fit");
	finish();
}
END_TEST

static void call_fails(int code, const char *words)
{
	ck_assert_int_eq(gdbrsp_client_call(&client, "g", &reply, &err), code);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

/* Mid-session: errors, then the marker finds the way back. */
START_TEST(bad_sessions)
{
	start(HELLO QEMU "> g\n< T02thread:01;\n< 1234\n" MARKER("20") MARKED_32
	      "> g\n< 00\n");
	meet();
	call_fails(ERR_NO_GUEST, "somebody else let the guest run");
	ck_assert(client.resumed && client.dirty);
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	ck_assert_str_eq(reply->data, "00");
	finish();

	start(HELLO QEMU "> g\n! -\n");
	meet();
	call_fails(ERR_NO_GUEST, "rejects a packet");
	finish();
	start(HELLO QEMU "> g\n! $0000#00\n");
	meet();
	call_fails(ERR_NO_GUEST, "garbled");
	finish();
	start(HELLO QEMU "> g\n! $00\nclose\n");
	meet();
	call_fails(ERR_NO_GUEST, "test: the connection is lost");
	finish();
	start(HELLO QEMU "> g\n< W00\n");
	meet();
	call_fails(ERR_NO_GUEST, "the guest has ended");
	ck_assert(client.exited);
	finish();
}
END_TEST

/*
 * A signal, a resync that times out because the guest ran and swallowed the
 * marker, a second marker; console output and replies lie in the way.
 */
START_TEST(resync)
{
	volatile sig_atomic_t flag = 0;

	opts.interrupt = &flag;
	start(HELLO QEMU "> g\n" MARKER(
		"20") "< 00\n< O6869\n< OK\n! -\n< mfff\n" MARKER("21")
		      MARKED_33 "> g\n< 11\n");
	meet();
	flag = 1;
	call_fails(ERR_INTERRUPTED, "interrupted");
	gdbrsp_conn_leave(conn, 200, 0);
	ck_assert(!gdbrsp_client_resync(&client, &err));
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	ck_assert_str_eq(reply->data, "11");
	finish();
}
END_TEST

static int run_for(unsigned int ms, bool *alone)
{
	*alone = false;
	return gdbrsp_client_run(&client, ms, alone, &err);
}

/* Nothing is sent while it runs but the byte that stops it. */
START_TEST(let_run)
{
	bool alone;

	start(HELLO QEMU "> c\nstop\n< T02thread:01;\n> g\n< 11\n");
	meet();
	ck_assert(!run_for(1, &alone) && alone);
	ck_assert(!client.resumed && !client.dirty);
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	finish();
	/* somebody else's `stop`, or a panic */
	start(HELLO QEMU "> c\n< T02thread:01;\n> g\n< 11\n");
	meet();
	ck_assert(!run_for(4000, &alone) && !alone);
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	finish();
}
END_TEST

START_TEST(let_run_in_vain)
{
	volatile sig_atomic_t flag = 1;
	bool alone;

	start(HELLO QEMU "> c\n< W00\n");
	meet();
	ck_assert_int_eq(run_for(4000, &alone), ERR_NO_GUEST);
	ck_assert(client.exited);
	finish();
	start(HELLO QEMU "> c\nstop\n< OK\n");
	meet();
	ck_assert_int_eq(run_for(1, &alone), ERR_NO_GUEST);
	ck_assert(client.dirty);
	finish();
	start(HELLO QEMU "> c\nstop\nclose\n");
	meet();
	ck_assert_int_eq(run_for(1, &alone), ERR_NO_GUEST);
	ck_assert(gdbrsp_conn_lost(conn));
	finish();
	flag = 0;
	opts.interrupt = &flag;
	start(HELLO QEMU "> c\nclose\n");
	meet();
	flag = 1;
	ck_assert_int_eq(run_for(4000, &alone), ERR_INTERRUPTED);
	gdbrsp_conn_close(conn);
}
END_TEST

START_TEST(phys_mode)
{
	bool on = false;

	start(HELLO QEMU PHYS_MODE "1\n" PHYS_MODE "7\n" MARKER("20")
		      MARKED_32 PHYS_MODE "0\n");
	meet();
	ck_assert(!gdbrsp_client_get_phys_mode(&client, &on, &err) && on);
	ck_assert(gdbrsp_client_get_phys_mode(&client, &on, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "`7`"));
	ck_assert(!gdbrsp_client_get_phys_mode(&client, &on, &err) && !on);
	finish();
}
END_TEST

static int run_hi(struct buf *out)
{
	static const char *const command = "hi";

	return gdbrsp_client_monitors(&client, &command, out, 1, &err);
}

START_TEST(monitor_command)
{
	struct buf out = {0};

	start(HELLO QEMU
	      "> qRcmd,6869\n< O6f6e650d0a\n< O74776f0d0a\n< OK\n"
	      "> qRcmd,6869\n< OK\n"
	      "> qRcmd,6869\n< O6\n< OK\n> qRcmd,6869\n< \n" MARKER("20")
		      MARKED_32 "> qRcmd,6869\n< O6g\n" MARKER("21") MARKED_33
	      "> g\n< 00\n");
	meet();
	ck_assert(!run_hi(&out));
	ck_assert_str_eq(out.data, "one\r\ntwo\r\n");
	ck_assert(!run_hi(&out));
	ck_assert(!run_hi(&out));
	ck_assert_int_eq(run_hi(&out), ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "does not know"));
	ck_assert(run_hi(&out));
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	buf_deinit(&out);
	finish();
}
END_TEST

/* All are asked before the first answers, and each gets its own. */
START_TEST(monitor_commands)
{
	static const char *const commands[] = {"hi", "ho", "hi"};
	struct buf outs[3] = {{0}};
	size_t i;

	start(HELLO QEMU "> qRcmd,6869\n> qRcmd,686f\n> qRcmd,6869\n"
			 "< O6f6e650d0a\n< OK\n< OK\n< O74776f0d0a\n< OK\n"
			 "> qRcmd,6869\n> qRcmd,686f\n> qRcmd,6869\n"
			 "< O6f6e650d0a\n< OK\n< E01\n"
			 "< O74776f0d0a\n< OK\n" MARKER("20") MARKED_32
	      "> g\n< 00\n");
	meet();
	ck_assert(!gdbrsp_client_monitors(&client, commands, outs, 3, &err));
	ck_assert_str_eq(outs[0].data, "one\r\n");
	ck_assert_str_eq(outs[1].data, "");
	ck_assert_str_eq(outs[2].data, "two\r\n");
	ck_assert(!gdbrsp_client_monitors(&client, commands, outs, 0, &err));
	ck_assert(gdbrsp_client_monitors(&client, commands, outs, 3, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "`ho`"));
	ck_assert(!gdbrsp_client_call(&client, "g", &reply, &err));
	for (i = 0; i < 3; i++)
		buf_deinit(&outs[i]);
	finish();
}
END_TEST

START_TEST(xml_in_chunks)
{
	struct buf out = {0};

	start(HELLO QEMU
	      "> qXfer:features:read:a.xml:0,7fb\n< mab}\n"
	      "> qXfer:features:read:a.xml:3,7fb\n< lc\n"
	      "> qXfer:features:read:b.xml:0,7fb\n< E00\n" MARKER("20")
		      MARKED_32 "> qXfer:features:read:c.xml:0,7fb\n< m\n");
	meet();
	ck_assert(!gdbrsp_client_fetch_xml(&client, "a.xml", &out, &err));
	ck_assert_str_eq(out.data, "ab}c");
	buf_reset(&out);
	ck_assert(gdbrsp_client_fetch_xml(&client, "b.xml", &out, &err));
	/* An `m` without data would go on for ever. */
	ck_assert(gdbrsp_client_fetch_xml(&client, "c.xml", &out, &err));
	buf_deinit(&out);
	finish();
}
END_TEST

START_TEST(vcpus)
{
	struct gdbrsp_vcpus list = {0};

	start(HELLO QEMU
	      "> qfThreadInfo\n< mp01.01\n> qsThreadInfo\n< m03,p1.2\n"
	      "> qsThreadInfo\n< l\n"
	      "> Hgp01.01\n< OK\n> g\n< 00ff\n> qThreadExtraInfo,p01.01\n"
	      "< 4350552330205b72756e6e696e675d\n"
	      "> Hg03\n< OK\n> g\n< 01ff\n> qThreadExtraInfo,03\n"
	      "< 4350552331205b68616c746564205d\n"
	      "> Hgp1.2\n< OK\n> g\n< 02ff\n> qThreadExtraInfo,p1.2\n< \n");
	meet();
	ck_assert_msg(!gdbrsp_client_read_vcpus(&client, &list, &err), "%s",
		      err.text);
	ck_assert_uint_eq(list.v.n, 3);
	ck_assert_str_eq(list.v.v[0].id, "p01.01");
	ck_assert_uint_eq(list.v.v[0].index, 0);
	ck_assert(!list.v.v[0].halted && list.v.v[1].halted);
	ck_assert_uint_eq(list.v.v[1].index, 2);
	ck_assert_uint_eq(list.v.v[2].index, 1);
	ck_assert_uint_eq(list.v.v[2].regs_len, 2);
	ck_assert_uint_eq(list.v.v[2].regs[0], 2);
	gdbrsp_vcpus_deinit(&list);
	finish();
}
END_TEST

#define VCPU_1(regs)                                             \
	"> Hg01\n< OK\n> g\n< " regs "\n> qThreadExtraInfo,01\n" \
	"< 4350552330205b68616c746564205d\n"
#define VCPU_2 "> Hg02\n< OK\n> g\n< 02ff\n> qThreadExtraInfo,02\n< \n"
#define LIST_1 "> qfThreadInfo\n< m01\n> qsThreadInfo\n< l\n"
#define LIST_2                                           \
	"> qfThreadInfo\n< m01\n> qsThreadInfo\n< m02\n" \
	"> qsThreadInfo\n< l\n"

static void read_again(struct gdbrsp_vcpus *list, size_t n, uint8_t first)
{
	size_t i;

	ck_assert_msg(!gdbrsp_client_read_vcpus(&client, list, &err), "%s",
		      err.text);
	ck_assert_uint_eq(list->v.n, n);
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(list->v.v[i].index, i);
	ck_assert_uint_eq(list->v.v[0].regs[0], first);
	ck_assert(list->v.v[0].halted);
}

/* Those that were there before are asked for at once; there may be others. */
START_TEST(vcpus_again)
{
	struct gdbrsp_vcpus list = {0};

	start(HELLO QEMU LIST_1 VCPU_1("00ff") LIST_1 VCPU_1("11ff")
	      /* one more */
	      "> qfThreadInfo\n< m01\n> qsThreadInfo\n< m02\n" VCPU_1("22ff")
		      LIST_2 VCPU_1("33ff") VCPU_2 LIST_2 VCPU_1("44ff") VCPU_2
	      /* one less */
	      "> qfThreadInfo\n< m01\n> qsThreadInfo\n< l\n"
	      "> qsThreadInfo\n< l\n" VCPU_1(
		      "55ff") "> Hg02\n< E22\n> g\n< 55ff\n> "
			      "qThreadExtraInfo,02\n< E22\n" LIST_1 VCPU_1(
				      "66ff"));
	meet();
	read_again(&list, 1, 0x00);
	read_again(&list, 1, 0x11);
	read_again(&list, 2, 0x33);
	read_again(&list, 2, 0x44);
	read_again(&list, 1, 0x66);
	gdbrsp_vcpus_deinit(&list);
	finish();
}
END_TEST

static void no_vcpus(const char *script)
{
	struct gdbrsp_vcpus list = {0};

	start(script);
	meet();
	ck_assert_int_eq(gdbrsp_client_read_vcpus(&client, &list, &err),
			 ERR_NO_GUEST);
	gdbrsp_vcpus_deinit(&list);
	finish();
}

/* Register 3 of 4 bytes, behind two bytes of others. */
static const struct gdbrsp_reg third = {
	.name = "third", .num = 3, .size = 4, .offset = 2};

#define FOUND "> qfThreadInfo\n< m01\n> qsThreadInfo\n< l\n" READ_VCPU
#define READ_VCPU                                 \
	"> Hg01\n< OK\n> g\n< aabb010203045566\n" \
	"> qThreadExtraInfo,01\n< \n"

static int set_third(const char *script)
{
	static const uint8_t bytes[] = {0xde, 0xad, 0xbe, 0xef};
	struct gdbrsp_vcpus list = {0};
	int ret;

	start(script);
	meet();
	ck_assert_msg(!gdbrsp_client_read_vcpus(&client, &list, &err), "%s",
		      err.text);
	ret = gdbrsp_client_write_reg(&client, &list.v.v[0], &third, bytes,
				      &err);
	gdbrsp_vcpus_deinit(&list);
	finish();
	return ret;
}

/* `g` goes first, always; `G` carries what else there is. */
START_TEST(write_register)
{
	ck_assert(
		!set_third(HELLO QEMU FOUND READ_VCPU "> P3=deadbeef\n< OK\n"));
	ck_assert(!set_third(HELLO QEMU FOUND READ_VCPU
			     "> P3=deadbeef\n< \n"
			     "> Gaabbdeadbeef5566\n< OK\n"));
	ck_assert_int_eq(
		set_third(HELLO QEMU FOUND READ_VCPU "> P3=deadbeef\n< E14\n"),
		ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "register third (E14)"));
	/* An answer that does not fit: once more, in step again. */
	ck_assert(!set_third(HELLO QEMU FOUND READ_VCPU
			     "> P3=deadbeef\n< what\n" MARKER("20")
				     MARKED_32 READ_VCPU
			     "> P3=deadbeef\n< OK\n"));
}
END_TEST

START_TEST(bad_vcpus)
{
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< \n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< l\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m0\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< mp1\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m1,\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m99999999\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m0000000000000000000000001\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m1\n> qsThreadInfo\n< l\n"
			    "> Hg1\n< E22\n> g\n> qThreadExtraInfo,1\n");
	no_vcpus(HELLO QEMU "> qfThreadInfo\n< m1\n> qsThreadInfo\n< l\n"
			    "> Hg1\n< OK\n> g\n< xxxx\n> qThreadExtraInfo,1\n");
}
END_TEST

static void leave_fails(const char *script, const char *words)
{
	start(script);
	meet();
	ck_assert_int_eq(gdbrsp_client_leave(&client, true, &err),
			 ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	/* Nothing more goes out, least of all a second detach. */
	ck_assert(client.parted);
	gdbrsp_client_abandon(&client, true);
	finish();
}

START_TEST(leaving)
{
	start(HELLO QEMU PHYS_OFF "> D;1\n< OK\n");
	meet();
	ck_assert(!gdbrsp_client_leave(&client, true, &err));
	finish();
	start(HELLO QEMU PHYS_OFF);
	meet();
	ck_assert(!gdbrsp_client_leave(&client, false, &err));
	ck_assert(!client.parted);
	finish();
	leave_fails(HELLO QEMU PHYS_OFF "> D;1\n< E22\n", "`E22`");
	leave_fails(HELLO QEMU PHYS_OFF "> D;1\n! -\n", "rejects");
	leave_fails(HELLO QEMU "> Qqemu.PhyMemMode:0\n! -\n> D;1\n< OK\n",
		    "rejects");
	leave_fails(HELLO QEMU PHYS_OFF "> D;1\nclose\n", "is lost");
	start(HELLO NO_PHYS "> D\n< OK\n");
	fail_to_meet("physical memory");
	ck_assert(!gdbrsp_client_leave(&client, true, &err));
	finish();
	start("> Qqemu.PhyMemMode:0\n> D;1\n");
	gdbrsp_client_abandon(&client, true);
	gdbrsp_client_abandon(&client, true);
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/client");
	TCase *c = tcase_create("client");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, meets_qemu);
	tcase_add_test(c, meets_running);
	tcase_add_test(c, meets_large);
	tcase_add_test(c, stale_parser);
	tcase_add_test(c, finds_phys_mode);
	tcase_add_test(c, asks_again);
	tcase_add_test(c, late_answers);
	tcase_add_test(c, doubts);
	tcase_add_test(c, interrupted_at_first);
	tcase_add_test(c, strangers);
	tcase_add_test(c, busy);
	tcase_add_test(c, bad_sizes);
	tcase_add_test(c, bad_sessions);
	tcase_add_test(c, resync);
	tcase_add_test(c, let_run);
	tcase_add_test(c, let_run_in_vain);
	tcase_add_test(c, phys_mode);
	tcase_add_test(c, monitor_command);
	tcase_add_test(c, monitor_commands);
	tcase_add_test(c, xml_in_chunks);
	tcase_add_test(c, vcpus);
	tcase_add_test(c, vcpus_again);
	tcase_add_test(c, bad_vcpus);
	tcase_add_test(c, write_register);
	tcase_add_test(c, leaving);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
