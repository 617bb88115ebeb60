/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of pipelined reads and of writes, with holes, splits and losses. */
#include "gdbrsp/client.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "unit/gdbrsp_peer.h"

#define HELLO "> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;\n"
#define QEMU  "> qqemu.PhyMemMode\n< 0\n> Qqemu.PhyMemMode:1\n< OK\n"

static struct gdbrsp_conn_opts opts;
static struct gdbrsp_client client;
static struct gdbrsp_conn *conn;
static uint8_t bytes[1 << 20];
static struct err err;
static pid_t peer;

static void start(const char *script, const struct peer_opts *peer_opts)
{
	int fd;

	opts.timeout_ms = 5000;
	peer = peer_start(script, peer_opts, &fd);
	ck_assert_int_eq(gdbrsp_conn_adopt(fd, "test", &opts, &conn, &err), 0);
	gdbrsp_client_init(&client, conn);
	ck_assert_msg(!gdbrsp_client_handshake(&client, &err), "%s", err.text);
}

static void finish(void)
{
	gdbrsp_conn_close(conn);
	ck_assert_int_eq(peer_wait(peer), 0);
}

static void check_piece(const struct mem_read *r)
{
	const uint8_t *got = r->dst;
	size_t i;

	ck_assert_int_eq(r->status, MEM_OK);
	for (i = 0; i < r->len; i++)
		ck_assert_uint_eq(got[i], peer_byte(r->pa + i));
}

static uint64_t packets(void)
{
	struct gdbrsp_conn_stats stats;

	gdbrsp_conn_stats(conn, &stats);
	return stats.packets;
}

/* Odd lengths and places, empty pieces, neighbours that make one request. */
START_TEST(pieces_of_all_sizes)
{
	static const size_t sizes[] = {1, 8, 4096, 0, 2048, 2049, 100000, 3};
	const struct peer_opts serve = {.packet_size = 0x1000};
	struct mem_read reads[2 * 8];
	uint64_t pa = 0x123457, before;
	uint8_t *to = bytes;
	size_t i;

	for (i = 0; i < 16; i++) {
		reads[i] = (struct mem_read){
			.pa = pa, .dst = to, .len = sizes[i % 8]};
		to += sizes[i % 8];
		pa += sizes[i % 8] + (i >= 8 ? 5 : 0);
	}
	start("serve\n", &serve);
	before = packets();
	ck_assert_msg(!gdbrsp_client_read(&client, reads, 16, &err), "%s",
		      err.text);
	for (i = 0; i < 16; i++)
		check_piece(&reads[i]);
	/* 8 neighbours, which an empty one parts, and 7 for themselves. */
	ck_assert_uint_le(packets() - before, 56 + 59 + 1);
	ck_assert(!client.dirty);
	finish();
}
END_TEST

START_TEST(large_packets)
{
	const struct peer_opts serve = {.packet_size = 0x20020};
	struct mem_read reads[256];
	uint64_t before;
	size_t i;

	for (i = 0; i < 256; i++)
		reads[i] = (struct mem_read){.pa = 0x200000 + i * 4096,
					     .dst = bytes + i * 4096,
					     .len = 4096};
	start("serve\n", &serve);
	before = packets();
	ck_assert(!gdbrsp_client_read(&client, reads, 256, &err));
	for (i = 0; i < 256; i++)
		check_piece(&reads[i]);
	/* 1 MiB in requests of 65552 bytes, the last one smaller; the seal. */
	ck_assert_uint_eq(packets() - before, 16 + 1);
	finish();
}
END_TEST

START_TEST(many_small_pieces)
{
	const struct peer_opts serve = {.packet_size = 0x1000};
	struct mem_read *reads = calloc(20000, sizeof(*reads));
	size_t i;

	for (i = 0; i < 20000; i++)
		reads[i] = (struct mem_read){.pa = 0x200000 +
						   i * 7919 % 10007 * 64,
					     .dst = bytes + 8 * i,
					     .len = 8};
	start("serve\n", &serve);
	ck_assert(!gdbrsp_client_read(&client, reads, 20000, &err));
	for (i = 0; i < 20000; i++)
		check_piece(&reads[i]);
	free(reads);
	finish();
}
END_TEST

/* QEMU 11 answers E14: only what touches the hole fails, as in no batch. */
START_TEST(hole_in_a_batch)
{
	const struct peer_opts serve = {
		.packet_size = 0x20020, .hole = 0x205800, .hole_end = 0x206800};
	struct mem_read reads[16];
	size_t i;

	for (i = 0; i < 16; i++)
		reads[i] = (struct mem_read){.pa = 0x200000 + i * 4096,
					     .dst = bytes + i * 4096,
					     .len = 4096};
	start("serve\n", &serve);
	ck_assert(!gdbrsp_client_read(&client, reads, 16, &err));
	for (i = 0; i < 16; i++)
		if (i == 5 || i == 6)
			ck_assert_int_eq(reads[i].status, MEM_FAILED);
		else
			check_piece(&reads[i]);
	finish();
}
END_TEST

/* A piece of several requests of which one fails has failed. */
START_TEST(hole_in_a_piece)
{
	const struct peer_opts serve = {
		.packet_size = 0x1000, .hole = 0x201000, .hole_end = 0x201001};
	struct mem_read reads[] = {
		{.pa = 0x200000, .dst = bytes, .len = 100000},
		{.pa = 0x300000, .dst = bytes + 100000, .len = 100000},
	};

	start("serve\n", &serve);
	ck_assert(!gdbrsp_client_read(&client, reads, 2, &err));
	ck_assert_int_eq(reads[0].status, MEM_FAILED);
	check_piece(&reads[1]);
	finish();
}
END_TEST

static int read_two(void)
{
	struct mem_read reads[] = {
		{.pa = 0x1000, .dst = bytes, .len = 2},
		{.pa = 0x3000, .dst = bytes + 8, .len = 2},
	};

	return gdbrsp_client_read(&client, reads, 2, &err);
}

static void read_fails(const char *script, const char *words)
{
	start(script, NULL);
	ck_assert_int_eq(read_two(), ERR_NO_GUEST);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	ck_assert(client.dirty);
	finish();
}

#define SEAL(n) "> qXfer:features:read:target.xml:0," n "\n"
#define SEAL_32 SEAL("20") "< m01234567890123456789012345678901\n"
#define SEAL_33 SEAL("21") "< m012345678901234567890123456789012\n"
#define FIRST	HELLO QEMU "> m1000,2\n"
#define SECOND	"> m3000,2\n"

START_TEST(bad_replies)
{
	read_fails(FIRST "< 0011\n" SECOND SEAL("20") "! +$22\nclose\n",
		   "the connection is lost");
	read_fails(FIRST "< 001122\n" SECOND "< 0011\n" SEAL("20"),
		   "does not fit: `001122`");
	read_fails(FIRST "< 00zz\n" SECOND "< 0011\n" SEAL("20"),
		   "does not fit");
	read_fails(FIRST "< \n" SECOND "< \n" SEAL("20"),
		   "does not know the request `m`");
	read_fails(FIRST "< 0011\n" SECOND "< T02thread:01;\n" SEAL("20"),
		   "somebody else let the guest run");
	read_fails(FIRST "< 0011\n" SECOND "! $0011#00\n" SEAL("20"),
		   "garbled");
}
END_TEST

/* All of one length, so that nothing but the seal tells. */
START_TEST(replies_of_others)
{
	read_fails(FIRST "< 0011\n< 0011\n" SECOND "< 2233\n" SEAL_32,
		   "answers came that nobody asked for");
	read_fails(FIRST "< 0011\n" SECOND SEAL_32,
		   "requests `m` got no answer");
	read_fails(FIRST "< 0011\n" SECOND "! %2233#ca\n" SEAL_32,
		   "requests `m` got no answer");
	/* The answer to an earlier seal. */
	read_fails(FIRST
		   "< 0011\n" SECOND
		   "< 2233\n" SEAL("20") "< m0123456789012345678901234567890\n",
		   "answers came that nobody asked for");
}
END_TEST

/* A batch whose answers come in single bytes. */
START_TEST(bytes_one_by_one)
{
	const struct peer_opts serve = {.packet_size = 0x1000,
					.bytewise = true};
	struct mem_read r = {.pa = 0x200000, .dst = bytes, .len = 20000};

	start("serve\n", &serve);
	ck_assert_msg(!gdbrsp_client_read(&client, &r, 1, &err), "%s",
		      err.text);
	check_piece(&r);
	finish();
}
END_TEST

/* An error that does not come again costs one more request. */
START_TEST(error_of_the_moment)
{
	start(FIRST "< E14\n" SECOND "< 2233\n" SEAL_32
		    "> m1000,2\n< 0011\n" SEAL_33,
	      NULL);
	ck_assert_msg(!read_two(), "%s", err.text);
	ck_assert_mem_eq(bytes, "\x00\x11", 2);
	ck_assert_mem_eq(bytes + 8, "\x22\x33", 2);
	finish();
}
END_TEST

START_TEST(nothing_to_read)
{
	struct mem_read r = {.pa = 0x1000};

	start(HELLO QEMU, NULL);
	ck_assert(!gdbrsp_client_read(&client, NULL, 0, &err));
	ck_assert(!gdbrsp_client_read(&client, &r, 1, &err));
	ck_assert_int_eq(r.status, MEM_OK);
	finish();
}
END_TEST

/* A signal in the middle of a batch: what is under way is drained. */
START_TEST(interrupted)
{
	const struct peer_opts serve = {.packet_size = 0x1000};
	volatile sig_atomic_t flag = 0;
	struct mem_read r = {.pa = 0x200000, .dst = bytes, .len = 1 << 20};

	opts.interrupt = &flag;
	start("serve\n", &serve);
	flag = 1;
	ck_assert_int_eq(gdbrsp_client_read(&client, &r, 1, &err),
			 ERR_INTERRUPTED);
	gdbrsp_conn_leave(conn, 3000, 0);
	ck_assert(!gdbrsp_client_resync(&client, &err));
	r.len = 100;
	ck_assert(!gdbrsp_client_read(&client, &r, 1, &err));
	check_piece(&r);
	opts.interrupt = NULL;
	finish();
}
END_TEST

static int write_one(uint64_t pa, const void *src, size_t len)
{
	struct mem_write w = {.pa = pa, .src = src, .len = len};

	return gdbrsp_client_write(&client, &w, 1, &err);
}

START_TEST(writes)
{
	const struct peer_opts serve = {
		.packet_size = 0x1000, .hole = 0x5000, .hole_end = 0x6000};
	struct mem_read r = {.pa = 0x1000, .dst = bytes, .len = 5};
	uint64_t before;

	start("serve\n", &serve);
	ck_assert(!write_one(0x1000, "qvmi!", 5));
	ck_assert(!gdbrsp_client_read(&client, &r, 1, &err));
	ck_assert_mem_eq(bytes, "qvmi!", 5);
	/* Half a packet less the head: 2030 bytes per request; the seal. */
	before = packets();
	ck_assert(!write_one(0x8000, bytes, 2030 * 3 + 1));
	ck_assert_uint_eq(packets() - before, 4 + 1);
	ck_assert_int_eq(write_one(0x4fff, "ab", 2), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "0x4fff"));
	finish();
}
END_TEST

#define WRITE  "> M1000,2:6162\n"
#define MARKED "> \n< \n" SEAL_33

static int write_two(void)
{
	return write_one(0x1000, "ab", 2);
}

/* What goes wrong is written again; what was refused is so twice. */
START_TEST(writes_again)
{
	start(HELLO QEMU WRITE "! -\n" SEAL_32 MARKED WRITE
			       "< OK\n" SEAL("22") "< m0123456789012345678901"
						   "234567890123\n",
	      NULL);
	ck_assert_msg(!write_two(), "%s", err.text);
	finish();
	start(HELLO QEMU WRITE "< E14\n" SEAL_32 WRITE "< E14\n" SEAL_33, NULL);
	ck_assert_int_eq(write_two(), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "0x1000"));
	ck_assert(!client.dirty);
	finish();
	/* The guest ran in between: not again. */
	start(HELLO QEMU WRITE "< T02thread:01;\n" SEAL("20"), NULL);
	ck_assert_int_eq(write_two(), ERR_NO_GUEST);
	ck_assert(client.resumed);
	finish();
	start(HELLO QEMU WRITE "! -\n" SEAL_32 "> \n< T02thread:01;\n" SEAL_33,
	      NULL);
	ck_assert_int_eq(write_two(), ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "rejects"));
	finish();
	start(HELLO QEMU WRITE SEAL("20") "close\n", NULL);
	ck_assert_int_eq(write_two(), ERR_NO_GUEST);
	finish();
}
END_TEST

/* Before the first byte a signal counts, from then on it waits. */
START_TEST(signals_and_writes)
{
	volatile sig_atomic_t flag = 1;

	opts.interrupt = &flag;
	flag = 0;
	start(HELLO QEMU WRITE "< OK\n" SEAL_32 WRITE "< OK\n" SEAL_33, NULL);
	flag = 1;
	ck_assert_int_eq(write_two(), ERR_INTERRUPTED);
	flag = 0;
	ck_assert(!write_two());
	flag = 1;
	ck_assert(!write_two());
	opts.interrupt = NULL;
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/memory");
	TCase *c = tcase_create("memory");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, pieces_of_all_sizes);
	tcase_add_test(c, large_packets);
	tcase_add_test(c, many_small_pieces);
	tcase_add_test(c, hole_in_a_batch);
	tcase_add_test(c, hole_in_a_piece);
	tcase_add_test(c, bad_replies);
	tcase_add_test(c, replies_of_others);
	tcase_add_test(c, bytes_one_by_one);
	tcase_add_test(c, error_of_the_moment);
	tcase_add_test(c, nothing_to_read);
	tcase_add_test(c, interrupted);
	tcase_add_test(c, writes);
	tcase_add_test(c, writes_again);
	tcase_add_test(c, signals_and_writes);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
