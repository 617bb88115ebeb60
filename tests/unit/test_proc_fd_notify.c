/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what inotify and fanotify add to fdinfo, on structures written by
 * hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/open_file_kit.h"

#define SHOW_SOMEHOW  0xffffffff81005000u
#define SHOW_INOTIFY  0xffffffff81009000u
#define SHOW_FANOTIFY 0xffffffff8100c000u
#define ENCODE	      0xffffffff8100a000u
#define SUPER	      (DIRECT + 0x29000)
#define MARK(n)	      (DIRECT + 0x2c000 + (n)*0x100)
#define CONN(n)	      (DIRECT + 0x2d000 + (n)*0x100)
#define EXPORT(n)     (DIRECT + 0x2e000 + (n)*0x100)

static struct fake_kernel f;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"fsnotify_group.fanotify_data.flags", 40, 4},
		{"fsnotify_group.fanotify_data.f_flags", 44, 4},
		{"fsnotify_mark.ignore_mask", 36, 4},
		{"mount.mnt_fsnotify_marks", 112, 8},
		{"super_block.s_fsnotify_marks", 32, 8},
		{"mnt_namespace.ns.inum", 8, 4},
		{"inode.i_sb", 88, 8},
		{"super_block.s_dev", 16, 4},
		{"fsnotify_group.marks_list", 8, 16},
		{"fsnotify_mark.mask", 0, 4},
		{"fsnotify_mark.g_list", 8, 16},
		{"fsnotify_mark.connector", 24, 8},
		{"fsnotify_mark.flags", 32, 4},
		{"inotify_inode_mark.wd", 40, 4},
		{"fsnotify_mark_connector.type", 4, 1},
		{"fsnotify_mark_connector.obj", 8, 8},
		{"inode.i_generation", 100, 4},
		{"inode.i_fsnotify_marks", 104, 8},
		{"super_block.s_export_op", 24, 8},
		{"export_operations.encode_fh", 0, 8},
	};

	fake_kernel_init(&f);
	open_file_kit_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_symbol("inotify_show_fdinfo", SHOW_INOTIFY);
	fake_symbol("fanotify_show_fdinfo", SHOW_FANOTIFY);
	fake_constant("FSNOTIFY_OBJ_TYPE_INODE", 0);
	fake_constant("FSNOTIFY_OBJ_TYPE_VFSMOUNT", 1);
	fake_constant("FSNOTIFY_OBJ_TYPE_SB", 2);
	fake_constant("FSNOTIFY_OBJ_TYPE_DETACHED", 3);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* What file 0 says. */
static void say(struct buf *out)
{
	open_file_kit_say(&f, 0, 1, out, NULL);
}

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

	open_file_kit_put(&f, 0, SHOW_INOTIFY);
	mark(0, EXPORT(0), ENCODE);
	mark(1, EXPORT(1), 0);
	mark(2, 0, 0);
	mark(3, EXPORT(3), ENCODE);
	fake_put32(&f, CONN(3) + 4, 3); /* nothing any more */
	fake_ring(&f, DATA(0) + 8, links, 4);
	say(out);
	ck_assert_str_eq(
		out[0].data,
		WATCHES("a", "80000002") "\n" WATCHES(
			"b", "4000002") "\n" WATCHES("c", "4000002") "\n");
	fake_symbol("exportfs_encode_inode_fh", SHOW_SOMEHOW);
	fake_symbol("shmem_encode_fh", ENCODE);
	say(out);
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
	say(out); /* what the third one has is not known */
	ck_assert_str_eq(out[0].data, "?");
	fake_ring(&f, DATA(0) + 8, links, 2);
	say(out);
	ck_assert_ptr_nonnull(
		strstr(out[0].data, WATCHES("b", "4000002") "\n"));
	fake_put64(&f, INODE(1) + 104, CONN(0)); /* another one's */
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	buf_deinit(&out[0]);
}
END_TEST

/* Mark n of file 0, of an object of a type, by its connector. */
static void fan_mark(unsigned int n, uint32_t type, uint64_t object)
{
	fake_put32(&f, MARK(n), 0x1000 + n);
	fake_put64(&f, MARK(n) + 24, CONN(n));
	fake_put32(&f, MARK(n) + 32, 0x703);
	fake_put32(&f, MARK(n) + 36, n);
	fake_put32(&f, CONN(n) + 4, type);
	fake_put64(&f, CONN(n) + 8, object);
}

static void fan_marks(unsigned int n)
{
	const uint64_t links[] = {MARK(0) + 8, MARK(1) + 8, MARK(2) + 8,
				  MARK(3) + 8};

	open_file_kit_put(&f, 0, SHOW_FANOTIFY);
	fake_put32(&f, DATA(0) + 40, 0x80000201); /* without rights */
	fake_put32(&f, DATA(0) + 44, 0x8002);
	fake_ring(&f, DATA(0) + 8, links, n);
	mark(0, EXPORT(0), ENCODE);
	fake_put32(&f, MOUNT + 100, 28);
	fake_put64(&f, MOUNT + 112, CONN(1));
	fake_put32(&f, SUPER + 16, 0x800001);
}

#define FAN_GROUP "fanotify flags:201 event-flags:8002\n"
#define FAN_INODE(flags)                                                  \
	"fanotify ino:1234567890 sdev:800001 mflags:" flags " mask:1000 " \
	"ignored_mask:0 "
#define FAN_REST(flags)                                                  \
	"fanotify mnt_id:1c mflags:" flags " mask:1001 ignored_mask:1\n" \
	"fanotify sdev:800001 mflags:" flags " mask:1002 ignored_mask:2\n"

START_TEST(what_fanotify_instances_watch)
{
	struct buf out[1] = {{0}};

	fan_marks(4);
	fan_mark(0, 0, INODE(0) + 104);
	fan_mark(1, 1, MOUNT + 112);
	fan_mark(2, 2, SUPER + 32);
	fan_mark(3, 3, 0); /* nothing any more */
	say(out);
	ck_assert_str_eq(out[0].data,
			 FAN_GROUP FAN_INODE("40") "\n" FAN_REST("40"));
	fake_symbol("exportfs_encode_inode_fh", SHOW_SOMEHOW);
	say(out);
	ck_assert_str_eq(out[0].data, "?"); /* a handle of another kind */
	fake_symbol("generic_encode_ino32_fh", ENCODE);
	fake_field("fsnotify_group.flags", 48, 4);
	say(out);
	ck_assert_str_eq(out[0].data,
			 FAN_GROUP FAN_INODE("640") INO32 FAN_REST("640"));
	fake_put64(&f, MOUNT + 112, CONN(0)); /* another one's */
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	fake_put64(&f, MOUNT + 112, CONN(1));
	fake_no_field("super_block.s_fsnotify_marks");
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	buf_deinit(&out[0]);
}
END_TEST

/* Connectors lead to them, and there is one more kind. */
START_TEST(what_fanotify_watches_later)
{
	struct buf out[2] = {{0}};
	const uint64_t mark_of_another = MARK(1) + 8;
	uint64_t one, both;

	fake_field("fsnotify_mark_connector.prio", 0, 1);
	fake_field("fsnotify_group.flags", 48, 4);
	fake_constant("FSNOTIFY_OBJ_TYPE_MNTNS", 3);
	fake_constant("FSNOTIFY_OBJ_TYPE_DETACHED", 4);
	fan_marks(4);
	fan_mark(0, 0, INODE(0));
	fan_mark(1, 1, MOUNT + 32);
	fan_mark(2, 2, SUPER);
	fan_mark(3, 3, CONN(4));
	fake_put32(&f, CONN(4) + 8, 4026531832u);
	say(out);
	ck_assert_str_eq(out[0].data,
			 FAN_GROUP FAN_INODE("640") "\n" FAN_REST(
				 "640") "fanotify mnt_ns:4026531832 mflags:640 "
					"mask:1003 "
					"ignored_mask:3\n");
	fake_put32(&f, CONN(3) + 4, 5); /* one that nobody knows */
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	fan_marks(1);
	fan_mark(0, 0, INODE(0));
	open_file_kit_say(&f, 0, 1, out, &one);
	ck_assert_str_eq(out[0].data, FAN_GROUP FAN_INODE("640") "\n");
	open_file_kit_put(&f, 1, SHOW_FANOTIFY);
	fake_ring(&f, DATA(1) + 8, &mark_of_another, 1);
	fan_mark(1, 2, SUPER);
	open_file_kit_say(&f, 0, 2, out, &both);
	ck_assert_str_eq(out[1].data,
			 "fanotify flags:0 event-flags:0\nfanotify sdev:800001 "
			 "mflags:640 mask:1001 ignored_mask:1\n");
	ck_assert_uint_eq(one, both);
	fan_marks(0);
	say(out);
	ck_assert_str_eq(out[0].data, FAN_GROUP);
	fake_no_field("fsnotify_group.fanotify_data.f_flags");
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	fake_lose(READER_FSNOTIFY);
	say(out);
	ck_assert_str_eq(out[0].data, "?");
	buf_deinit(&out[0]);
	buf_deinit(&out[1]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_fd_notify");
	TCase *t = tcase_create("proc_fd_notify");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_inotify_instances_watch);
	tcase_add_test(t, what_fanotify_instances_watch);
	tcase_add_test(t, what_fanotify_watches_later);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
