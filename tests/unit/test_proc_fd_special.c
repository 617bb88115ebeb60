/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what epoll, pidfds, timers and inotify add to fdinfo, on structures
 * written by hand. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/pid_fd.h"
#include "unit/fake_kernel.h"

#define FILE_AT(n)   (DIRECT + 0x10000 + (n)*0x100)
#define MOUNT	     (DIRECT + 0x20000)
#define INODE(n)     (DIRECT + 0x21000 + (n)*0x100)
#define OPS(n)	     (DIRECT + 0x23000 + (n)*0x100)
#define DATA(n)	     (DIRECT + 0x24000 + (n)*0x100)
#define SHOW_SOMEHOW 0xffffffff81005000u
#define SHOW_EPOLL   0xffffffff81006000u
#define SHOW_PIDFD   0xffffffff81007000u
#define ITEM(n)	     (DIRECT + 0x27000 + (n)*0x100)
#define PID(n)	     (DIRECT + 0x28000 + (n)*0x100)
#define SUPER	     (DIRECT + 0x29000)
#define NOWHERE	     (DIRECT + 0x7fff0000)
#define SHOW_TIMER   0xffffffff81008000u
#define SHOW_INOTIFY 0xffffffff81009000u
#define ENCODE	     0xffffffff8100a000u
#define MARK(n)	     (DIRECT + 0x2c000 + (n)*0x100)
#define CONN(n)	     (DIRECT + 0x2d000 + (n)*0x100)
#define EXPORT(n)    (DIRECT + 0x2e000 + (n)*0x100)
#define BASE(n)	     (DIRECT + 0x2a000 + (n)*0x100)
#define KEEPER	     (DIRECT + 0x2b000)
#define SECOND	     1000000000ULL

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"file.f_path.mnt", 0, 8},
		{"file.f_inode", 8, 8},
		{"file.f_op", 16, 8},
		{"file.f_pos", 24, 8},
		{"file.f_flags", 32, 4},
		{"file.private_data", 40, 8},
		{"mount.mnt", 32, 32},
		{"mount.mnt_id", 100, 4},
		{"inode.i_ino", 64, 8},
		{"inode.i_mode", 0, 2},
		{"file_operations.show_fdinfo", 8, 8},
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
		{"fsnotify_group.marks_list", 8, 16},
		{"inotify_inode_mark.fsn_mark.mask", 0, 4},
		{"inotify_inode_mark.fsn_mark.g_list", 8, 16},
		{"inotify_inode_mark.fsn_mark.connector", 24, 8},
		{"inotify_inode_mark.fsn_mark.flags", 32, 4},
		{"inotify_inode_mark.wd", 40, 4},
		{"fsnotify_mark_connector.type", 4, 1},
		{"fsnotify_mark_connector.obj", 8, 8},
		{"inode.i_generation", 100, 4},
		{"inode.i_fsnotify_marks", 104, 8},
		{"super_block.s_export_op", 24, 8},
		{"export_operations.encode_fh", 0, 8},
		{"pid.level", 4, 4},
		{"pid.tasks", 16, 32},
		{"pid.numbers", 64, 16},
		{"upid.nr", 0, 4},
		{"upid.ns", 8, 8},
	};

	fake_kernel_init(&f);
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_symbol("ep_show_fdinfo", SHOW_EPOLL);
	fake_symbol("pidfd_show_fdinfo", SHOW_PIDFD);
	fake_symbol("timerfd_show", SHOW_TIMER);
	fake_symbol("inotify_show_fdinfo", SHOW_INOTIFY);
	fake_constant("FSNOTIFY_OBJ_TYPE_INODE", 0);
	fake_sizeof("upid", 16);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* File n, shown by a function. */
static void put(unsigned int n, uint64_t show)
{
	fake_put64(&f, FILE_AT(n), MOUNT + 32);
	fake_put64(&f, FILE_AT(n) + 8, INODE(n));
	fake_put64(&f, FILE_AT(n) + 16, OPS(n));
	fake_put64(&f, FILE_AT(n) + 24, 1000 + n);
	fake_put64(&f, FILE_AT(n) + 40, DATA(n));
	fake_put64(&f, INODE(n) + 64, 70 + n);
	fake_put64(&f, OPS(n) + 8, show);
}

/* What special files n and on say, each by a descriptor; "?": not known. */
static void specials(unsigned int n, struct buf out[], unsigned int first)
{
	struct task_fd fds[8] = {{0}};
	struct task_fds tables = {.v = {.v = fds, .n = n}};
	struct fd_values own = {.fds = &tables, .n = 1};
	const struct proc_values v = {.own = &own};
	struct err err = {0};
	unsigned int i;

	for (i = 0; i < n; i++) {
		fds[i] = (struct task_fd){.fd = i, .file = FILE_AT(first + i)};
		ck_assert(!file_infos_add(&own.infos, fds[i].file));
	}
	own.open = calloc(n, sizeof(*own.open));
	ck_assert(!open_files_read(&f.kernel, own.infos.files.v, n, own.open,
				   &err));
	ck_assert_msg(!proc_fds_read_specials(&f.kernel, &own, &err), "%s",
		      err.text);
	for (i = 0; i < n; i++) {
		buf_reset(&out[i]);
		if (proc_pid_fdinfo.is_whole(&v, 0, i))
			proc_fds_put_special(&own, proc_fds_open(&v, 0, i),
					     &out[i]);
		else
			buf_puts(&out[i], "?");
	}
	proc_fds_specials_deinit(&own.specials);
	file_infos_deinit(&own.infos);
	free(own.open);
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

/* Mark n of file 0, of the inode of file n, whose file system has operations.
 */
static void mark(unsigned int n, uint64_t operations, uint64_t encode)
{
	uint64_t super = SUPER + 0x100 * n;

	fake_put32(&f, MARK(n), 0x10000002u);
	fake_put64(&f, MARK(n) + 24, CONN(n));
	fake_put32(&f, MARK(n) + 32, n ? 0x10 : 0x20);
	fake_put32(&f, MARK(n) + 40, 10 + n);
	fake_put64(&f, CONN(n) + 8, INODE(n) + 104);
	fake_put64(&f, INODE(n) + 64, 0x1234567890ULL);
	fake_put64(&f, INODE(n) + 88, super);
	fake_put32(&f, INODE(n) + 100, 0xaabbccdd);
	fake_put64(&f, INODE(n) + 104, CONN(n));
	fake_put32(&f, super + 16, 0x800001);
	fake_put64(&f, super + 24, operations);
	fake_put64(&f, EXPORT(n), encode);
}

#define WATCHES(wd, mask)                                         \
	"inotify wd:" wd " ino:1234567890 sdev:800001 mask:" mask \
	" ignored_mask:0 "
#define INO32 "fhandle-bytes:8 fhandle-type:1 f_handle:90785634ddccbbaa\n"

START_TEST(what_inotify_instances_watch)
{
	const uint64_t links[] = {MARK(0) + 8, MARK(1) + 8, MARK(2) + 8,
				  MARK(3) + 8};
	struct buf out[1] = {{0}};

	put(0, SHOW_INOTIFY);
	mark(0, EXPORT(0), ENCODE);
	mark(1, EXPORT(1), 0);
	mark(2, 0, 0);
	mark(3, EXPORT(3), ENCODE);
	fake_put32(&f, CONN(3) + 4, 2); /* a mount */
	fake_ring(&f, DATA(0) + 8, links, 4);
	specials(1, out, 0);
	ck_assert_str_eq(
		out[0].data,
		WATCHES("a", "80000002") "\n" WATCHES(
			"b", "4000002") "\n" WATCHES("c", "4000002") "\n");
	fake_symbol("exportfs_encode_inode_fh", SHOW_SOMEHOW);
	fake_symbol("shmem_encode_fh", ENCODE);
	specials(1, out, 0);
	ck_assert_str_eq(
		out[0].data,
		WATCHES("a", "80000002") "fhandle-bytes:c "
					 "fhandle-type:1 "
					 "f_handle:"
					 "ddccbbaa9078563412000000\n" WATCHES(
						 "b", "4000002")
						 INO32 WATCHES("c", "4000002")
							 INO32);
	fake_symbol("generic_encode_ino32_fh", SHOW_SOMEHOW);
	specials(1, out, 0); /* what the third one has is not known */
	ck_assert_str_eq(out[0].data, "?");
	fake_ring(&f, DATA(0) + 8, links, 2);
	machine_drop_cache(&f.memory.machine);
	specials(1, out, 0);
	ck_assert_ptr_nonnull(
		strstr(out[0].data, WATCHES("b", "4000002") "\n"));
	fake_put64(&f, INODE(1) + 104, CONN(0)); /* another one's */
	machine_drop_cache(&f.memory.machine);
	specials(1, out, 0);
	ck_assert_str_eq(out[0].data, "?");
	buf_deinit(&out[0]);
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
	tcase_add_test(t, what_inotify_instances_watch);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
