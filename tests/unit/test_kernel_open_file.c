/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what open files say of themselves, on structures written by hand. */
#include "kernel/fs/open_file.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "proc/pid_fd.h"
#include "unit/open_file_kit.h"

#define LOCKS	     (DIRECT + 0x22000)
#define PROTO	     (DIRECT + 0x25000)
#define SOCK	     (DIRECT + 0x26000)
#define SHOW_EVENT   0xffffffff81001000u
#define SHOW_SIGNAL  0xffffffff81002000u
#define SHOW_SOCKET  0xffffffff81003000u
#define SHOW_UNIX    0xffffffff81004000u
#define SHOW_SOMEHOW 0xffffffff81005000u

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"inode.i_flctx", 72, 8},
		{"file_lock_context.flc_flock.next", 8, 8},
		{"file_lock_context.flc_posix.next", 24, 8},
		{"file_lock_context.flc_lease.next", 40, 8},
		{"eventfd_ctx.count", 8, 8},
		{"eventfd_ctx.flags", 16, 4},
		{"eventfd_ctx.id", 20, 4},
		{"signalfd_ctx.sigmask", 0, 8},
		{"socket.ops", 8, 8},
		{"socket.sk", 16, 8},
		{"proto_ops.show_fdinfo", 8, 8},
		{"unix_sock.scm_stat.nr_fds", 8, 4},
	};

	fake_kernel_init(&f);
	open_file_kit_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_symbol("eventfd_show_fdinfo", SHOW_EVENT);
	fake_symbol("signalfd_show_fdinfo", SHOW_SIGNAL);
	fake_symbol("sock_show_fdinfo", SHOW_SOCKET);
	fake_symbol("unix_show_fdinfo", SHOW_UNIX);
	fake_put32(&f, MOUNT + 100, 28);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* What fdinfo says of a file. */
static const char *text(const struct open_file *file, bool close_on_exec,
			struct open_file_form form, struct buf *b)
{
	struct task_fd fd = {
		.fd = 3, .close_on_exec = close_on_exec, .file = 1};
	struct task_fds fds = {.v = {.v = &fd, .n = 1}};
	struct open_file copy = *file;
	struct fd_values own = {
		.fds = &fds, .n = 1, .open = &copy, .form = form};
	const struct proc_values v = {.own = &own};

	buf_reset(b);
	proc_pid_fdinfo.text(&v, 0, 0, b);
	return b->len ? b->data : "";
}

START_TEST(files_of_all_kinds)
{
	const uint64_t files[] = {FILE_AT(0), FILE_AT(1), FILE_AT(2),
				  FILE_AT(3), FILE_AT(4), FILE_AT(5),
				  8};
	const struct open_file_form old = {0}, new = {true, true};
	struct open_file out[7];
	struct err err = {0};
	struct buf b = {0};

	open_file_kit_put(&f, 0, 0);
	open_file_kit_put(&f, 1, SHOW_EVENT);
	fake_put64(&f, DATA(1) + 8, 0x1f);
	fake_put32(&f, DATA(1) + 16, 1);
	fake_put32(&f, DATA(1) + 20, 9);
	open_file_kit_put(&f, 2, SHOW_SIGNAL);
	fake_put64(&f, DATA(2), ~0x4003ULL);
	open_file_kit_put(&f, 3, SHOW_SOCKET);
	fake_put64(&f, DATA(3) + 8, PROTO);
	fake_put64(&f, DATA(3) + 16, SOCK);
	fake_put64(&f, PROTO + 8, SHOW_UNIX);
	fake_put32(&f, SOCK + 8, 4);
	open_file_kit_put(&f, 4, SHOW_SOMEHOW);
	open_file_kit_put(&f, 5, SHOW_SOCKET);
	fake_put64(&f, DATA(5) + 8, PROTO + 0x100);
	ck_assert_msg(!open_files_read(&f.kernel, files, 7, out, &err), "%s",
		      err.text);
	ck_assert_str_eq(text(&out[0], true, old, &b),
			 "pos:\t1000\nflags:\t02000002\nmnt_id:\t28\n");
	ck_assert_str_eq(text(&out[0], false, new, &b),
			 "pos:\t1000\nflags:\t02\nmnt_id:\t28\nino:\t70\n");
	ck_assert_str_eq(text(&out[1], false, new, &b),
			 "pos:\t1001\nflags:\t02\nmnt_id:\t28\nino:\t71\n"
			 "eventfd-count:               1f\neventfd-id: 9\n"
			 "eventfd-semaphore: 1\n");
	ck_assert_str_eq(text(&out[2], false, old, &b),
			 "pos:\t1002\nflags:\t02\nmnt_id:\t28\n"
			 "sigmask:\t0000000000004003\n");
	ck_assert_str_eq(text(&out[3], false, old, &b),
			 "pos:\t1003\nflags:\t02\nmnt_id:\t28\nscm_fds: 4\n");
	ck_assert_int_eq(out[4].extra, OPEN_FILE_UNKNOWN);
	ck_assert_int_eq(out[5].extra, OPEN_FILE_PLAIN);
	ck_assert(!out[6].known && !*text(&out[6], false, new, &b));
	buf_deinit(&b);
}
END_TEST

START_TEST(locks_are_seen)
{
	const uint64_t file = FILE_AT(0);
	struct open_file out;
	struct err err = {0};
	unsigned int i;

	open_file_kit_put(&f, 0, 0);
	fake_put64(&f, INODE(0) + 72, LOCKS);
	for (i = 0; i < 3; i++)
		fake_put64(&f, LOCKS + 8 + i * 16, LOCKS + 8 + i * 16);
	ck_assert(!open_files_read(&f.kernel, &file, 1, &out, &err));
	ck_assert(out.known && !out.locks);
	fake_put64(&f, LOCKS + 24, DATA(0));
	machine_drop_cache(&f.memory.machine);
	ck_assert(!open_files_read(&f.kernel, &file, 1, &out, &err));
	ck_assert(out.locks);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_open_file");
	TCase *t = tcase_create("kernel_open_file");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, files_of_all_kinds);
	tcase_add_test(t, locks_are_seen);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
