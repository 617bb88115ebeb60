/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what special files add to fdinfo, on structures written by hand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/open_file_kit.h"

#define SHOW_SOMEHOW 0xffffffff81005000u
#define SHOW_EPOLL   0xffffffff81006000u
#define SHOW_PIDFD   0xffffffff81007000u
#define ITEM(n)	     (DIRECT + 0x27000 + (n)*0x100)
#define PID(n)	     (DIRECT + 0x28000 + (n)*0x100)
#define SUPER	     (DIRECT + 0x29000)
#define SHOW_TIMER   0xffffffff81008000u
#define SHOW_FAULTS  0xffffffff8100b000u
#define WAITER(n)    (DIRECT + 0x2f000 + (n)*0x100)
#define BASE(n)	     (DIRECT + 0x2a000 + (n)*0x100)
#define KEEPER	     (DIRECT + 0x2b000)
#define SECOND	     1000000000ULL

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"inode.i_private", 80, 8},
		{"inode.i_sb", 88, 8},
		{"super_block.s_dev", 16, 4},
		{"eventpoll.rbr", 16, 16},
		{"rb_node.rb_right", 8, 8},
		{"rb_node.rb_left", 16, 8},
		{"rb_root.rb_node", 0, 8},
		{"epitem.rbn", 32, 24},
		{"epitem.ffd.file", 64, 8},
		{"epitem.ffd.fd", 72, 4},
		{"epitem.event.events", 80, 4},
		{"epitem.event.data", 84, 8},
		{"timerfd_ctx.t.tmr.node.expires", 0, 8},
		{"timerfd_ctx.t.tmr.base", 8, 8},
		{"timerfd_ctx.t.alarm.node.expires", 16, 8},
		{"timerfd_ctx.t.alarm.type", 24, 4},
		{"timerfd_ctx.tintv", 32, 8},
		{"timerfd_ctx.ticks", 40, 8},
		{"timerfd_ctx.clockid", 48, 4},
		{"timerfd_ctx.settime_flags", 52, 2},
		{"hrtimer_clock_base.index", 0, 4},
		{"hrtimer_clock_base.clockid", 4, 4},
		{"userfaultfd_ctx.fault_pending_wqh.head", 8, 16},
		{"userfaultfd_ctx.fault_wqh.head", 32, 16},
		{"userfaultfd_ctx.features", 48, 4},
		{"pid.level", 4, 4},
		{"pid.tasks", 16, 32},
		{"pid.numbers", 64, 16},
		{"upid.nr", 0, 4},
		{"upid.ns", 8, 8},
	};

	fake_kernel_init(&f);
	open_file_kit_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_symbol("ep_show_fdinfo", SHOW_EPOLL);
	fake_symbol("pidfd_show_fdinfo", SHOW_PIDFD);
	fake_symbol("timerfd_show", SHOW_TIMER);
	fake_symbol("userfaultfd_show_fdinfo", SHOW_FAULTS);
	fake_sizeof("upid", 16);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static void put(unsigned int n, uint64_t show)
{
	open_file_kit_put(&f, n, show);
}

/* What special files from `first` on say, each one of out. */
static void specials(unsigned int n, struct buf *out, unsigned int first)
{
	open_file_kit_say(&f, first, n, out, NULL);
}

static void item(unsigned int n, uint64_t file, uint64_t left, uint64_t right)
{
	fake_put64(&f, ITEM(n) + 32 + 8, right);
	fake_put64(&f, ITEM(n) + 32 + 16, left);
	fake_put64(&f, ITEM(n) + 64, file);
	fake_put32(&f, ITEM(n) + 72, 10 + n);
	fake_put32(&f, ITEM(n) + 80, 1u << 31 | n);
	fake_put64(&f, ITEM(n) + 84, 0xabcdef00u + n);
}

START_TEST(what_epoll_instances_watch)
{
	struct buf out[4] = {{0}};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		put(i, SHOW_EPOLL);
		fake_put64(&f, INODE(i) + 88, SUPER);
	}
	fake_put32(&f, SUPER + 16, 0xf);
	item(0, FILE_AT(0), ITEM(1) + 32, 0);
	item(1, FILE_AT(1), 0, 0);
	item(2, NOWHERE, 0, 0);
	item(3, FILE_AT(0), ITEM(3) + 32, 0); /* a circle */
	fake_put64(&f, DATA(1) + 16, ITEM(0) + 32);
	fake_put64(&f, DATA(2) + 16, ITEM(2) + 32);
	fake_put64(&f, DATA(3) + 16, ITEM(3) + 32);
	specials(4, out, 0);
	ck_assert(!out[0].len);
	ck_assert_str_eq(
		out[1].data,
		"tfd:       11 events: 80000001 data:         abcdef01 "
		" pos:1001 ino:47 sdev:f\n"
		"tfd:       10 events: 80000000 data:         abcdef00 "
		" pos:1000 ino:46 sdev:f\n");
	ck_assert_str_eq(out[2].data, "?");
	ck_assert_str_eq(out[3].data, "?");
	fake_lose(READER_EPOLL);
	specials(1, out, 0);
	ck_assert_str_eq(out[0].data, "?");
	for (i = 0; i < 4; i++)
		buf_deinit(&out[i]);
}
END_TEST

static void pid(unsigned int n, unsigned int level, uint64_t task)
{
	unsigned int i;

	fake_put32(&f, PID(n) + 4, level);
	fake_put64(&f, PID(n) + 16, task);
	for (i = 0; i <= level && i < 3; i++)
		fake_put32(&f, PID(n) + 64 + i * 16, 100 * (n + 1) - i);
}

START_TEST(whom_pidfds_lead_to)
{
	struct buf out[4] = {{0}};
	unsigned int i;

	for (i = 0; i < 4; i++)
		put(i, SHOW_PIDFD);
	pid(0, 0, DATA(0));
	pid(1, 2, DATA(0));
	pid(2, 1, 0);				 /* it has ended */
	fake_put64(&f, FILE_AT(0) + 40, PID(0)); /* as it was up to 6.8 */
	fake_put64(&f, INODE(1) + 80, PID(1));
	fake_put64(&f, FILE_AT(2) + 40, PID(2));
	fake_put64(&f, INODE(3) + 80, NOWHERE);
	specials(4, out, 0);
	ck_assert_str_eq(out[0].data, "Pid:\t100\n");
	fake_symbol("copy_pid_ns", SHOW_SOMEHOW);
	specials(4, out, 0);
	ck_assert_str_eq(out[0].data, "Pid:\t100\nNSpid:\t100\n");
	ck_assert_str_eq(out[1].data, "Pid:\t200\nNSpid:\t200\t199\t198\n");
	ck_assert_str_eq(out[2].data, "Pid:\t-1\nNSpid:\t-1\n");
	ck_assert_str_eq(out[3].data, "?");
	for (i = 0; i < 4; i++)
		buf_deinit(&out[i]);
}
END_TEST

/* By the guest's clock it runs for 100 s, slept for 50 s, and began at 1000 s.
 */
static void keep_time(void)
{
	fake_symbol("tk_core", KEEPER);
	fake_field("timekeeper.offs_real", 0, 8);
	fake_field("timekeeper.offs_boot", 8, 8);
	fake_field("timekeeper.tkr_mono.base", 16, 8);
	fake_field("timekeeper.tkr_mono.xtime_nsec", 24, 8);
	fake_field("timekeeper.tkr_mono.shift", 32, 4);
	fake_put64(&f, KEEPER + 8, 1000 * SECOND);
	fake_put64(&f, KEEPER + 16, 50 * SECOND);
	fake_put64(&f, KEEPER + 24, 99 * SECOND);
	fake_put64(&f, KEEPER + 32, SECOND << 4);
	fake_put32(&f, KEEPER + 40, 4);
}

/* File n; it expires so many seconds after its clock began. */
static void timer(unsigned int n, uint32_t clock, uint64_t base, uint64_t at)
{
	bool alarm = clock > 7;

	put(n, SHOW_TIMER);
	fake_put64(&f, DATA(n) + (alarm ? 16 : 0), at * SECOND);
	if (alarm)
		fake_put32(&f, DATA(n) + 24, clock - 8);
	else
		fake_put64(&f, DATA(n) + 8, base);
	fake_put64(&f, DATA(n) + 32, 2 * SECOND + 3);
	fake_put64(&f, DATA(n) + 40, n);
	fake_put32(&f, DATA(n) + 48, clock);
	fake_put32(&f, DATA(n) + 52, 3);
}

static void base(unsigned int n, uint32_t index, uint32_t clock)
{
	fake_put32(&f, BASE(n), index);
	fake_put32(&f, BASE(n) + 4, clock);
}

START_TEST(how_long_timers_have)
{
	static const unsigned int left[] = {7, 5, 4, 0, 3, 2};
	struct buf out[8] = {{0}};
	char wanted[200];
	unsigned int i;

	keep_time();
	base(0, 0, 1);
	base(1, 1, 0);
	base(2, 4 + 2, 7);
	base(3, 0, 0); /* that of no clock */
	timer(0, 1, BASE(0), 107);
	timer(1, 0, BASE(1), 1105);
	timer(2, 7, BASE(2), 154);
	timer(3, 0, BASE(0), 99); /* relative, and over */
	timer(4, 8, 0, 1103);
	timer(5, 9, 0, 152);
	timer(6, 0, BASE(3), 1105);
	timer(7, 1, NOWHERE, 107);
	specials(8, out, 0);
	for (i = 0; i < 6; i++) {
		static const int clocks[] = {1, 0, 7, 0, 8, 9};

		snprintf(wanted, sizeof(wanted),
			 "clockid: %d\nticks: %u\nsettime flags: 03\n"
			 "it_value: (%u, 0)\nit_interval: (2, 3)\n",
			 clocks[i], i, left[i]);
		ck_assert_str_eq(out[i].data, wanted);
	}
	ck_assert_str_eq(out[6].data, "?");
	ck_assert_str_eq(out[7].data, "?");
	fake_no_field("timekeeper.offs_real");
	specials(1, out, 0);
	ck_assert_str_eq(out[0].data, "?");
	for (i = 0; i < 8; i++)
		buf_deinit(&out[i]);
}
END_TEST

/* File n, with threads that wait for what nobody has read, or somebody has. */
static void faults(unsigned int n, unsigned int pending, unsigned int read)
{
	const uint64_t waiters[] = {WAITER(2 * n), WAITER(2 * n + 1)};

	put(n, SHOW_FAULTS);
	fake_ring(&f, DATA(n) + 8, waiters, pending);
	fake_ring(&f, DATA(n) + 32, waiters + pending, read);
	fake_put32(&f, DATA(n) + 48, 0x100 + n);
}

START_TEST(what_waits_for_pages)
{
	struct buf out[4] = {{0}};
	uint64_t few, many;
	unsigned int i;

	faults(0, 0, 0);
	faults(1, 1, 1);
	faults(2, 1, 0);
	fake_put64(&f, WAITER(4), NOWHERE);
	faults(3, 0, 1);
	fake_put64(&f, FILE_AT(3) + 40, NOWHERE);
	specials(4, out, 0);
	ck_assert_str_eq(out[0].data, "pending:\t0\ntotal:\t0\n"
				      "API:\taa:100:800000000000001f\n");
	ck_assert_str_eq(out[1].data, "pending:\t1\ntotal:\t2\n"
				      "API:\taa:101:800000000000001f\n");
	ck_assert_str_eq(out[2].data, "?");
	ck_assert_str_eq(out[3].data, "?");
	fake_field("uffdio_writeprotect.range", 0, 16);
	fake_field("uffdio_continue.range", 0, 16);
	fake_field("uffdio_poison.range", 0, 16);
	fake_field("uffdio_move.dst", 0, 8);
	open_file_kit_say(&f, 1, 1, out, &few);
	ck_assert_str_eq(out[0].data, "pending:\t1\ntotal:\t2\n"
				      "API:\taa:101:80000000000001ff\n");
	faults(3, 1, 1);
	open_file_kit_say(&f, 0, 4, out, &many);
	ck_assert_uint_eq(few, many);
	fake_lose(READER_USERFAULTFD);
	specials(1, out, 0);
	ck_assert_str_eq(out[0].data, "?");
	for (i = 0; i < 4; i++)
		buf_deinit(&out[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_fd_special");
	TCase *t = tcase_create("proc_fd_special");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_epoll_instances_watch);
	tcase_add_test(t, whom_pidfds_lead_to);
	tcase_add_test(t, how_long_timers_have);
	tcase_add_test(t, what_waits_for_pages);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
