/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what rings of io_uring add to fdinfo, on structures by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "proc/pid_fd_special.h"
#include "unit/open_file_kit.h"

#define SHOW	   0xffffffff81001000u
#define RINGS(n)   (DIRECT + 0x30000 + (n)*0x100)
#define TABLE(n)   (DIRECT + 0x31000 + (n)*0x100)
#define LOCKED(n)  (DIRECT + 0x32000 + (n)*0x100)
#define REQUEST(n) (DIRECT + 0x33000 + (n)*0x40)
#define TASK(n)	   (DIRECT + 0x34000 + (n)*0x40)
#define TCTX	   (DIRECT + 0x35000)
#define KEPT	   (DIRECT + 0x36000)
#define DENTRY	   (DIRECT + 0x36100)
#define BUFFER(n)  (DIRECT + 0x36200 + (n)*0x20)
#define NODE	   (DIRECT + 0x36300)

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"io_ring_ctx.rings", 0, 8},
		{"io_ring_ctx.flags", 8, 4},
		{"io_ring_ctx.sq_entries", 12, 4},
		{"io_ring_ctx.cq_entries", 16, 4},
		{"io_ring_ctx.cached_sq_head", 20, 4},
		{"io_ring_ctx.cached_cq_tail", 24, 4},
		{"io_ring_ctx.nr_user_files", 28, 4},
		{"io_ring_ctx.nr_user_bufs", 32, 4},
		{"io_ring_ctx.file_table.files", 104, 8},
		{"io_ring_ctx.user_bufs", 112, 8},
		{"file.f_path.dentry", 48, 8},
		{"dentry.d_inode", 0, 8},
		{"dentry.d_iname", 8, 24},
		{"io_rsrc_node.buf", 8, 8},
		{"io_mapped_ubuf.ubuf", 0, 8},
		{"io_mapped_ubuf.ubuf_end", 8, 8},
		{"io_ring_ctx.uring_lock.owner", 40, 8},
		{"io_ring_ctx.cq_overflow_list", 48, 16},
		{"io_ring_ctx.personalities.xa_head", 64, 8},
		{"io_ring_ctx.cancel_table.hbs", 72, 8},
		{"io_ring_ctx.cancel_table.hash_bits", 80, 4},
		{"io_ring_ctx.cancel_table_locked.hbs", 88, 8},
		{"io_ring_ctx.cancel_table_locked.hash_bits", 96, 4},
		{"io_rings.sq.head", 0, 4},
		{"io_rings.sq.tail", 4, 4},
		{"io_rings.cq.head", 8, 4},
		{"io_rings.cq.tail", 12, 4},
		{"io_rings.cqes", 64, 0},
		{"io_hash_bucket.list", 8, 8},
		{"io_kiocb.opcode", 0, 1},
		{"io_kiocb.task", 8, 8},
		{"io_kiocb.hash_node", 16, 16},
		{"io_uring_task.task", 8, 8},
		{"task_struct.task_works", 0, 8},
	};

	fake_kernel_init(&f);
	open_file_kit_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("io_hash_bucket", 16);
	fake_symbol("io_uring_show_fdinfo", SHOW);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* File n, which is idle: rings of 4 and 8, and tables of two buckets. */
static void ring(unsigned int n)
{
	static const uint32_t words[][2] = {{12, 4}, {16, 8}, {20, 6},
					    {24, 9}, {80, 1}, {96, 1}};
	static const uint32_t queues[] = {6, 6, 9, 9};
	size_t i;

	open_file_kit_put(&f, n, SHOW);
	fake_put64(&f, DATA(n), RINGS(n));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		fake_put32(&f, DATA(n) + words[i][0], words[i][1]);
	fake_ring(&f, DATA(n) + 48, NULL, 0);
	fake_put64(&f, DATA(n) + 72, TABLE(n));
	fake_put64(&f, DATA(n) + 88, LOCKED(n));
	for (i = 0; i < 4; i++)
		fake_put32(&f, RINGS(n) + 4 * i, queues[i]);
}

static const char *say(struct buf *out)
{
	open_file_kit_say(&f, 0, 1, out, NULL);
	return out->data;
}

static bool says(struct buf *out, const char *text)
{
	return strstr(say(out), text) != NULL;
}

#define QUEUES                                                     \
	"SqMask:\t0x3\nSqHead:\t6\nSqTail:\t6\nCachedSqHead:\t6\n" \
	"CqMask:\t0x7\nCqHead:\t9\nCqTail:\t9\nCachedCqTail:\t9\n" \
	"SQEs:\t0\nCQEs:\t0\n"
#define THREAD "SqThread:\t-1\nSqThreadCpu:\t-1\n"
#define TIMES  "SqTotalTime:\t0\nSqWorkTime:\t0\n"
#define PARTS  "UserFiles:\t0\nUserBufs:\t0\nPollList:\n"

START_TEST(forms_of_kernels)
{
	struct buf out = {0};

	ring(0);
	ck_assert_str_eq(say(&out), QUEUES THREAD PARTS "CqOverflowList:\n");
	fake_field("io_sq_data.work_time", 0, 8);
	fake_field("io_ring_ctx.napi_enabled", 100, 1);
	ck_assert(says(&out, QUEUES THREAD TIMES PARTS "CqOverflowList:\n"));
	fake_field("io_ring_ctx.napi_busy_poll_dt", 120, 8);
	fake_field("io_ring_ctx.napi_prefer_busy_poll", 101, 1);
	ck_assert(says(&out, "List:\nNAPI:\tdisabled\n"));
	fake_put32(&f, DATA(0) + 100, 1);
	fake_put64(&f, DATA(0) + 120, 5000);
#define NAPI(tracks, prefers)                                         \
	"List:\nNAPI:\tenabled\n" tracks "napi_busy_poll_dt:\t5000\n" \
	"napi_prefer_busy_poll:\t" prefers "\n"
	ck_assert(says(&out, NAPI("", "false")));
	fake_field("io_ring_ctx.napi_track_mode", 100, 1);
	fake_put32(&f, DATA(0) + 100, 0x101);
	ck_assert(says(&out, NAPI("napi tracking:\tstatic\n", "true")));
	fake_put32(&f, DATA(0) + 100, 0);
	ck_assert(says(&out, "tracking:\tdynamic\n"));
	fake_put32(&f, DATA(0) + 100, 255);
	ck_assert(says(&out, "NAPI:\tdisabled\n"));
	fake_put32(&f, DATA(0) + 100, 7);
	ck_assert(says(&out, "NAPI:\tunknown mode (7)\n"));
	buf_deinit(&out);
}
END_TEST

/* One table, of struct hlist_heads, and no lines of what is in rings. */
START_TEST(the_oldest_form)
{
	struct buf out = {0};

	fake_no_field("io_ring_ctx.cancel_table.hbs");
	fake_no_field("io_ring_ctx.cancel_table_locked.hbs");
	ring(0);
	ck_assert_str_eq(say(&out), "?"); /* it may be a later one */
	fake_field("io_ring_ctx.cancel_hash", 72, 8);
	ck_assert_str_eq(say(&out), "?");
	fake_field("io_submit_state.reqs", 0, 8);
	fake_field("io_ring_ctx.cancel_hash_bits", 80, 4);
	fake_put64(&f, TABLE(0) + 8, REQUEST(0) + 16);
	fake_put32(&f, REQUEST(0), 6);
	fake_put64(&f, REQUEST(0) + 8, TASK(0));
	ck_assert_str_eq(say(&out), THREAD PARTS "  op=6, task_works=0\n");
	buf_deinit(&out);
}
END_TEST

/* What is not told: each of them alone. */
static const struct {
	uint64_t at, value;
} others[] = {
	{DATA(0) + 8, 1u << 1},	 /* a thread */
	{DATA(0) + 28, 1},	 /* files that are nowhere */
	{DATA(0) + 32, 1},	 /* buffers that are nowhere */
	{DATA(0) + 40, TASK(0)}, /* it is locked */
	{DATA(0) + 48, DATA(0)}, /* completions without room */
	{DATA(0) + 64, 1},	 /* credentials */
	{DATA(0) + 80, 17},	 /* a table without end */
	{DATA(0) + 80, 2},	 /* tables that differ */
	{DATA(0) + 72, NOWHERE}, /* no table */
	{DATA(0), NOWHERE},	 /* no rings */
	{TABLE(0) + 8, NOWHERE}, /* no request */
	{RINGS(0), 4},		 /* requests that were not taken */
};

START_TEST(what_is_not_told)
{
	struct buf out = {0};

	ring(0);
	ck_assert_str_ne(say(&out), "?");
	if (others[_i].at % 8)
		fake_put32(&f, others[_i].at, (uint32_t)others[_i].value);
	else
		fake_put64(&f, others[_i].at, others[_i].value);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

static void done(unsigned int index, uint64_t data, uint32_t flags)
{
	fake_put64(&f, RINGS(0) + 64 + 16ULL * index, data);
	fake_put32(&f, RINGS(0) + 64 + 16ULL * index + 8, (uint32_t)-9);
	fake_put32(&f, RINGS(0) + 64 + 16ULL * index + 12, flags);
}

START_TEST(what_is_done)
{
	struct buf out = {0};

	ring(0);
	fake_put32(&f, RINGS(0) + 8, 7); /* around the end */
	done(7, UINT64_MAX, 2);
	done(0, 5, 0);
	ck_assert(says(&out, "\nCQEs:\t2\n"
			     "    7: user_data:18446744073709551615, res:-9, "
			     "flag:2\n"
			     "    0: user_data:5, res:-9, flag:0\nSqThread:"));
	fake_put32(&f, RINGS(0) + 8, 0x80000000u); /* more than it has */
	ck_assert(says(&out, "\nCQEs:\t2147483657\n    0: user_data:5, "));
	ck_assert(says(&out, "\n    7: user_data:"));
	fake_put32(&f, RINGS(0) + 8, 7);
	fake_put32(&f, DATA(0) + 8, 1u << 11); /* longer ones */
	ck_assert_str_eq(say(&out), "?");
	fake_put32(&f, DATA(0) + 8, 1u << 16);
	fake_put32(&f, RINGS(0), 4); /* requests that nobody shows */
	ck_assert(says(&out, "\nSQEs:\t2\nCQEs:\t2\n"));
	fake_field("io_issue_def.is_128", 0, 4);
	ck_assert_str_eq(say(&out), "?");
	fake_put32(&f, RINGS(0), 6);
	ck_assert(says(&out, "res:-9, flags:2\n"));
	done(0, 5, 1u << 15);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

static void request(unsigned int n, uint64_t at, unsigned int next)
{
	fake_put64(&f, at, REQUEST(n) + 16);
	fake_put32(&f, REQUEST(n), n);
	fake_put64(&f, REQUEST(n) + 8, TASK(n % 2));
	fake_put64(&f, REQUEST(n) + 16, next ? REQUEST(next) + 16 : 0);
}

START_TEST(what_waits)
{
	struct buf out[2] = {{0}};
	uint64_t one, both;

	ring(0);
	fake_put64(&f, TASK(1), TASK(0));
	request(1, TABLE(0) + 8, 2);
	request(2, REQUEST(1) + 16, 0);
	request(3, TABLE(0) + 16 + 8, 0);
	request(4, LOCKED(0) + 8, 0);
	request(5, LOCKED(0) + 16 + 8, 0);
#define WAITS(n, works) "  op=" n ", task_works=" works "\n"
	say(out);
	ck_assert_ptr_nonnull(strstr(
		out[0].data,
		"\nPollList:\n" WAITS("1", "1") WAITS("2", "0") WAITS("4", "0")
			WAITS("3", "1") WAITS("5", "1") "CqOver"));
	ring(1);
	request(6, TABLE(1) + 8, 0);
	open_file_kit_say(&f, 0, 1, out, &one);
	open_file_kit_say(&f, 0, 2, out, &both);
	ck_assert_uint_eq(one, both);
	ck_assert_ptr_nonnull(
		strstr(out[1].data, "\nPollList:\n" WAITS("6", "0") "CqOver"));
	request(6, TABLE(1) + 8, 7);
	request(7, REQUEST(6) + 16, 0);
	fake_no_field("io_kiocb.task"); /* there is one more step */
	fake_field("io_kiocb.tctx", 8, 8);
	fake_put64(&f, REQUEST(7) + 8, TCTX);
	fake_put64(&f, TCTX + 8, TASK(1));
	fake_put64(&f, REQUEST(6) + 8, TCTX);
	open_file_kit_say(&f, 1, 1, out, NULL);
	ck_assert_ptr_nonnull(strstr(out[0].data,
				     "\nPollList:\n" WAITS("6", "1")
					     WAITS("7", "1") "CqOver"));
	fake_put64(&f, REQUEST(7) + 16, REQUEST(6) + 16); /* a circle */
	open_file_kit_say(&f, 1, 1, out, NULL);
	ck_assert_str_eq(out[0].data, "?");
	fake_lose(READER_IO_URING_POLLS);
	ck_assert_str_eq(say(out), "?");
	buf_deinit(&out[0]);
	buf_deinit(&out[1]);
}
END_TEST

START_TEST(files_that_it_keeps)
{
	struct buf out = {0};

	ring(0);
	fake_put32(&f, DATA(0) + 28, 2);
	fake_put64(&f, DATA(0) + 104, KEPT);
	fake_put64(&f, KEPT + 8, FILE_AT(1) | 5); /* with flags */
	open_file_kit_put(&f, 1, 0);
	fake_put64(&f, FILE_AT(1) + 48, DENTRY);
	fake_put64(&f, DENTRY, INODE(1));
	fake_puts(&f, DENTRY + 8, "a name");
	ck_assert(says(&out, "\nUserFiles:\t2\n    0: <none>\n"
			     "    1: a name\nUserBufs:\t0\nPoll"));
	fake_put64(&f, DENTRY, INODE(2)); /* of an overlay */
	ck_assert_str_eq(say(&out), "?");
	fake_put64(&f, DENTRY, INODE(1));
	fake_put64(&f, KEPT, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	fake_put64(&f, KEPT, 0);
	fake_put32(&f, DATA(0) + 28, 1u << 30); /* more than are read */
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(paths_of_files_that_it_keeps)
{
	struct io_uring_file files[] = {
		{.path = "/a\tname\\"}, {.none = true}, {.path = "pipe:[7]"}};
	struct io_uring ring_of_three = {.known = true, .n_files = 3};
	const struct fd_specials s = {
		.rings = {.v = &ring_of_three, .files = files, .paths = true}};
	struct buf out = {0};

	ck_assert(proc_fd_io_uring.put(&s, 0, &out));
	ck_assert_str_eq(out.data,
			 THREAD "UserFiles:\t3\n    0: /a\\011name\\134\n"
				"    2: pipe:[7]\nUserBufs:\t0\nPollList:\n");
	ring(0);
	fake_no_field("io_ring_ctx.file_table.files");
	fake_field("io_ring_ctx.file_table.data.nodes", 104, 8);
	fake_field("io_rsrc_node.file_ptr", 8, 8);
	fake_put32(&f, DATA(0) + 28, 2);
	fake_put64(&f, DATA(0) + 104, KEPT);
	fake_put64(&f, KEPT + 8, NODE); /* of no file */
	ck_assert(says(&out, "\nUserFiles:\t2\nUserBufs:\t0\n"));
	fake_put64(&f, NODE + 8, FILE_AT(1)); /* whose path is not known */
	ck_assert_str_eq(say(&out), "?");
	fake_put64(&f, KEPT + 8, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(buffers_that_it_keeps)
{
	struct buf out = {0};

	ring(0);
	fake_put32(&f, DATA(0) + 32, 2);
	fake_put64(&f, DATA(0) + 112, KEPT);
	fake_put64(&f, KEPT, BUFFER(0));
	fake_put64(&f, KEPT + 8, BUFFER(1));
	fake_put64(&f, BUFFER(0), 0x1000);
	fake_put64(&f, BUFFER(0) + 8, 0x1064);
	fake_put64(&f, BUFFER(1), 0x2000);
	fake_put64(&f, BUFFER(1) + 8, 0x200002000); /* 32 bits are shown */
	ck_assert(says(&out, "\nUserBufs:\t2\n    0: 0x1000/100\n"
			     "    1: 0x2000/0\nPollList:\n"));
	fake_put64(&f, KEPT + 8, 0); /* then something is not as it is taken */
	ck_assert_str_eq(say(&out), "?");
	fake_no_field("io_ring_ctx.user_bufs");
	fake_field("io_ring_ctx.buf_table.nodes", 112, 8);
	fake_field("io_mapped_ubuf.len", 16, 8);
	fake_put64(&f, KEPT, NODE);
	fake_put64(&f, NODE + 8, BUFFER(0));
	fake_put64(&f, BUFFER(0) + 16, 0x100000000);
	ck_assert(says(&out, "\nUserBufs:\t2\n    0: 0x1000/4294967296\n"
			     "    1: <none>\nPollList:\n"));
	fake_put64(&f, NODE + 8, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	fake_lose(READER_IO_URING_KEPT);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_fd_uring");
	TCase *t = tcase_create("proc_fd_uring");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, forms_of_kernels);
	tcase_add_test(t, the_oldest_form);
	tcase_add_loop_test(t, what_is_not_told, 0,
			    sizeof(others) / sizeof(others[0]));
	tcase_add_test(t, what_is_done);
	tcase_add_test(t, what_waits);
	tcase_add_test(t, files_that_it_keeps);
	tcase_add_test(t, paths_of_files_that_it_keeps);
	tcase_add_test(t, buffers_that_it_keeps);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
