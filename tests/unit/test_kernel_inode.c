/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of names of inodes: which dentry, through which mount. */
#include "kernel/fs/inode_path.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define DENTRY(n) (DIRECT + 0x10000 + (n)*256ULL)
#define ALIAS(n)  (DENTRY(n) + 64)
#define MOUNT(n)  (DIRECT + 0x20000 + (n)*256ULL)
#define VFSMNT(n) (MOUNT(n) + 32)
#define NS(n)	  (DIRECT + 0x30000 + (n)*64ULL)
#define SB	  (DIRECT + 0x31000)
#define INODE	  (DIRECT + 0x32000)
#define DOPS	  (DIRECT + 0x33000)
#define TASK	  (DIRECT + 0x34000)
#define FS	  (DIRECT + 0x35000)
#define PID_NS	  (DIRECT + 0x36000)
#define XA_NODE	  (DIRECT + 0x37000)
#define PID	  (DIRECT + 0x38000)
#define MAKER	  (DIRECT + 0x39000)
#define INTERNAL  ((uint64_t)-22) /* MNT_NS_INTERNAL */

static struct fake_kernel f;

static void fields(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} list[] = {
		{"dentry.d_parent", 0, 8},
		{"dentry.d_name.name", 8, 8},
		{"dentry.d_name.len", 16, 4},
		{"dentry.d_inode", 24, 8},
		{"dentry.d_op", 32, 8},
		{"dentry.d_hash.pprev", 40, 8},
		{"dentry.d_u.d_alias", 64, 16},
		{"dentry.d_shortname", 100, 32},
		{"dentry_operations.d_dname", 0, 8},
		{"inode.i_dentry.first", 0, 8},
		{"mount.mnt_parent", 0, 8},
		{"mount.mnt_mountpoint", 8, 8},
		{"mount.mnt_ns", 16, 8},
		{"mount.mnt", 32, 24},
		{"mount.mnt.mnt_root", 32, 8},
		{"mount.mnt_instance", 64, 16},
		{"super_block.s_root", 0, 8},
		{"super_block.s_mounts", 8, 16},
		{"fs_struct.root.mnt", 0, 8},
		{"fs_struct.root.dentry", 8, 8},
		{"pid_namespace.idr.idr_rt.xa_head", 8, 8},
		{"xa_node.shift", 0, 1},
		{"xa_node.slots", 40, 512},
		{"pid.tasks", 16, 32},
		{"task_struct.pid", 12, 4},
		{"task_struct.tgid", 16, 4},
		{"task_struct.comm", 48, 16},
		{"task_struct.fs", 64, 8},
		{"task_struct.pid_links", 96, 64},
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fake_field(list[i].name, list[i].offset, list[i].size);
	fake_sizeof("hlist_node", 16);
	fake_constant("pid_type.PIDTYPE_PID", 0);
	fake_constant("pid_type.PIDTYPE_TGID", 1);
	fake_symbol("init_pid_ns", PID_NS);
}

static void dentry(unsigned int n, unsigned int parent, const char *name)
{
	fake_put_field(&f, DENTRY(n), "dentry.d_parent", DENTRY(parent));
	fake_put_field(&f, DENTRY(n), "dentry.d_name.name", DENTRY(n) + 100);
	fake_put_field(&f, DENTRY(n), "dentry.d_name.len", strlen(name));
	fake_put_field(&f, DENTRY(n), "dentry.d_hash.pprev", DIRECT);
	fake_put_field(&f, DENTRY(n), "dentry.d_op", DOPS);
	fake_puts(&f, DENTRY(n) + 100, name);
}

/* A mount with root `root` on dentry `point` of another one, or of itself. */
static void mount(unsigned int n, unsigned int root, unsigned int on,
		  unsigned int point, uint64_t ns)
{
	fake_put_field(&f, MOUNT(n), "mount.mnt.mnt_root", DENTRY(root));
	fake_put_field(&f, MOUNT(n), "mount.mnt_parent", MOUNT(on));
	fake_put_field(&f, MOUNT(n), "mount.mnt_mountpoint", DENTRY(point));
	fake_put_field(&f, MOUNT(n), "mount.mnt_ns", ns);
}

/* The mounts of the file system, as its list has them. */
static void list_mounts(const unsigned int *mounts, size_t n)
{
	uint64_t at = SB + 8;
	size_t i;

	for (i = 0; i < n; i++) {
		fake_put64(&f, at, MOUNT(mounts[i]) + 64);
		at = MOUNT(mounts[i]) + 64;
	}
	fake_put64(&f, at, SB + 8);
}

#define MOUNTS(...)                                               \
	list_mounts((const unsigned int[]){__VA_ARGS__},          \
		    sizeof((const unsigned int[]){__VA_ARGS__}) / \
			    sizeof(unsigned int))

static void aliases(const unsigned int *dentries, size_t n)
{
	uint64_t at = INODE;
	size_t i;

	for (i = 0; i < n; i++) {
		fake_put64(&f, at, ALIAS(dentries[i]));
		at = ALIAS(dentries[i]);
	}
	fake_put64(&f, at, 0);
}

#define ALIASES(...)                                          \
	aliases((const unsigned int[]){__VA_ARGS__},          \
		sizeof((const unsigned int[]){__VA_ARGS__}) / \
			sizeof(unsigned int))

/* PID 1, whose root directory is that of mount 0. */
static void init_task(void)
{
	fake_put64(&f, PID_NS + 8, XA_NODE | 2);
	fake_put64(&f, XA_NODE + 40 + 8, PID);
	fake_put64(&f, PID + 16, TASK + 96);
	fake_put64(&f, PID + 24, TASK + 96 + 16);
	fake_put_field(&f, TASK, "task_struct.pid", 1);
	fake_put_field(&f, TASK, "task_struct.tgid", 1);
	fake_put_field(&f, TASK, "task_struct.fs", FS);
	fake_put64(&f, FS, VFSMNT(0));
	fake_put64(&f, FS + 8, DENTRY(0));
}

/*
 * Namespace 0: the root, mount 0, has "/mnt", where mount 1 shows the file
 * system; it holds "file" and "other".  Namespace 1 shows it at its root.
 */
static void setup(void)
{
	fake_kernel_init(&f);
	fields();
	init_task();
	dentry(0, 0, "/");
	dentry(1, 0, "mnt");
	dentry(2, 2, "/");
	dentry(3, 2, "file");
	dentry(4, 2, "other");
	dentry(5, 2, "sub");
	mount(0, 0, 0, 0, NS(0));
	mount(1, 2, 0, 1, NS(0));
	mount(2, 2, 2, 2, NS(1));
	mount(3, 2, 3, 2, INTERNAL);
	mount(4, 5, 0, 1, NS(0)); /* a bind mount of a part of it */
	fake_put64(&f, SB, DENTRY(2));
	MOUNTS(1);
	ALIASES(3);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static void assert_name(const char *want)
{
	struct inode_path path = {.inode = INODE, .sb = SB};
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!inode_paths_read(&f.kernel, &path, 1, &err), "%s",
		      err.text);
	ck_assert_pstr_eq(path.text, want);
	free(path.text);
}

static void unhash(unsigned int n)
{
	fake_put_field(&f, DENTRY(n), "dentry.d_hash.pprev", 0);
}

START_TEST(one_name)
{
	assert_name("/mnt/file");
	unhash(3);
	assert_name("/mnt/file (deleted)");
	fake_put64(&f, INODE, 0); /* a block device's has none */
	assert_name(NULL);
	fake_put64(&f, INODE, DIRECT + (1 << 28));
	assert_name(NULL);
}
END_TEST

START_TEST(hard_links)
{
	ALIASES(4, 3);
	assert_name("/mnt/other");
	unhash(4); /* deleted, and still open */
	assert_name("/mnt/file");
	unhash(3);
	assert_name("/mnt/other (deleted)");
	ALIASES(3, 3); /* a cycle ends */
	fake_put64(&f, ALIAS(3), ALIAS(3));
	assert_name("/mnt/file (deleted)");
}
END_TEST

/* All files of anon_inode share its inode, and have names of their own. */
START_TEST(made_up_names)
{
	fake_symbol("anon_inodefs_dname", MAKER);
	fake_put64(&f, DOPS, MAKER);
	unhash(3);
	unhash(4);
	MOUNTS(3);
	ALIASES(3); /* an inode of its own */
	assert_name("anon_inode:file");
	ALIASES(4, 3);
	assert_name(NULL);
}
END_TEST

START_TEST(mounts_that_show_it)
{
	MOUNTS(4, 2, 3, 1);
	assert_name("/mnt/file"); /* where PID 1 sees it */
	MOUNTS(4, 3, 2);
	assert_name("/file"); /* in a namespace of its own */
	MOUNTS(4, 3);
	assert_name(NULL); /* a layer of overlayfs is none to see */
	fake_put_field(&f, MOUNT(3), "mount.mnt_ns", 0);
	assert_name(NULL);
	MOUNTS(4); /* not by its root */
	assert_name(NULL);
	fake_put64(&f, MOUNT(4) + 64, MOUNT(4) + 64); /* without an end */
	assert_name(NULL);
}
END_TEST

/* From 6.18 on: super_block.s_mounts is the first mount, newest first. */
START_TEST(mounts_since_6_18)
{
	fake_field("mount.mnt_next_for_sb", 80, 8);
	fake_put64(&f, SB + 8, MOUNT(2));
	fake_put64(&f, MOUNT(2) + 80, MOUNT(1));
	fake_put64(&f, MOUNT(1) + 80, 0);
	assert_name("/mnt/file");
}
END_TEST

/* A dentry that no way leads to from the mount's root. */
START_TEST(disconnected)
{
	fake_put_field(&f, DENTRY(3), "dentry.d_parent", DENTRY(3));
	assert_name(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_inode");
	TCase *t = tcase_create("kernel_inode");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, one_name);
	tcase_add_test(t, hard_links);
	tcase_add_test(t, made_up_names);
	tcase_add_test(t, mounts_that_show_it);
	tcase_add_test(t, mounts_since_6_18);
	tcase_add_test(t, disconnected);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
