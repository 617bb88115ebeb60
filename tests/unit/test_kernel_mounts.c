/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of mounts of namespaces, and of files that are found through them. */
#include "kernel/fs/mounts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/dcache.h"
#include "kernel/mm/file_lookup.h"
#include "kernel/fs/mount_view.h"
#include "unit/fake_kernel.h"

#define DENTRY(n) (DIRECT + 0x10000 + (n)*256ULL)
#define MOUNT(n)  (DIRECT + 0x20000 + (n)*256ULL)
#define VFSMNT(n) (MOUNT(n) + 32)
#define NODE(n)	  (MOUNT(n) + 128)
#define LINK(n)	  (MOUNT(n) + 160)
#define INODE(n)  (DIRECT + 0x30000 + (n)*64ULL)
#define NS	  (DIRECT + 0x40000)
#define NSPROXY	  (DIRECT + 0x41000)
#define SB	  (DIRECT + 0x42000)
#define TYPE	  (DIRECT + 0x43000)
#define TASK	  (DIRECT + 0x44000)
#define FS	  (DIRECT + 0x45000)
#define PID_NS	  (DIRECT + 0x46000)
#define XA_NODE	  (DIRECT + 0x47000)
#define PID	  (DIRECT + 0x48000)
#define DOPS	  (DIRECT + 0x49000)
#define TABLE	  (DIRECT + 0x4a000) /* of dentries: two chains */
#define VARIABLES (DIRECT + 0x4b000)
#define TEXTS	  (DIRECT + 0x4c000)

static struct fake_kernel f;
static struct task task = {.addr = TASK, .pid = 1, .tgid = 1, .fs = FS};

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
		{"dentry.d_hash.next", 48, 8},
		{"dentry.d_shortname", 100, 32},
		{"dentry_operations.d_dname", 0, 8},
		{"inode.i_mode", 16, 4},
		{"inode.i_mapping", 24, 8},
		{"inode.i_link", 32, 8},
		{"mount.mnt_parent", 0, 8},
		{"mount.mnt_mountpoint", 8, 8},
		{"mount.mnt", 32, 24},
		{"mount.mnt.mnt_root", 32, 8},
		{"mount.mnt.mnt_sb", 40, 8},
		{"mount.mnt.mnt_flags", 48, 4},
		{"mount.mnt_devname", 88, 8},
		{"mount.mnt_id", 96, 4},
		{"mount.mnt_group_id", 112, 4},
		{"mount.mnt_master", 120, 8},
		{"mount.mnt_node", 128, 24},
		{"mount.mnt_list", 160, 16},
		{"rb_node.rb_right", 8, 8},
		{"rb_node.rb_left", 16, 8},
		{"super_block.s_dev", 24, 4},
		{"super_block.s_flags", 32, 8},
		{"super_block.s_type", 40, 8},
		{"super_block.s_subtype", 48, 8},
		{"file_system_type.name", 0, 8},
		{"task_struct.nsproxy", 72, 8},
		{"nsproxy.mnt_ns", 8, 8},
		{"fs_struct.root.mnt", 0, 8},
		{"fs_struct.root.dentry", 8, 8},
		{"fs_struct.pwd.mnt", 16, 8},
		{"fs_struct.pwd.dentry", 24, 8},
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
	fake_sizeof("mount", 256);
	fake_constant("pid_type.PIDTYPE_PID", 0);
	fake_constant("pid_type.PIDTYPE_TGID", 1);
	fake_symbol("init_pid_ns", PID_NS);
	fake_symbol("dentry_hashtable", VARIABLES);
	fake_symbol("d_hash_shift", VARIABLES + 8);
}

/* A dentry, in its chain of the table, and its inode. */
static void dentry(unsigned int n, unsigned int parent, const char *name,
		   uint32_t mode)
{
	uint64_t chain = TABLE;
	static uint64_t first[2];
	uint32_t which = dcache_hash(DENTRY(parent), name, strlen(name)) >> 31;

	if (!n) /* the first one of a test */
		memset(first, 0, sizeof(first));
	fake_put_field(&f, DENTRY(n), "dentry.d_parent", DENTRY(parent));
	fake_put_field(&f, DENTRY(n), "dentry.d_name.name", DENTRY(n) + 100);
	fake_put_field(&f, DENTRY(n), "dentry.d_name.len", strlen(name));
	fake_put_field(&f, DENTRY(n), "dentry.d_hash.pprev", DIRECT);
	fake_put_field(&f, DENTRY(n), "dentry.d_op", DOPS);
	fake_put_field(&f, DENTRY(n), "dentry.d_inode", mode ? INODE(n) : 0);
	fake_puts(&f, DENTRY(n) + 100, name);
	fake_put_field(&f, INODE(n), "inode.i_mode", mode);
	fake_put_field(&f, INODE(n), "inode.i_mapping", INODE(n) + 1);
	if (n == parent)
		return;
	fake_put_field(&f, DENTRY(n), "dentry.d_hash.next", first[which]);
	first[which] = DENTRY(n) + 48;
	fake_put64(&f, chain + 8 * which, first[which]);
}

/* A mount with root `root` on dentry `point` of another one, or of itself. */
static void mount(unsigned int n, unsigned int root, unsigned int on,
		  unsigned int point)
{
	fake_put_field(&f, MOUNT(n), "mount.mnt.mnt_root", DENTRY(root));
	fake_put_field(&f, MOUNT(n), "mount.mnt.mnt_sb", SB);
	fake_put_field(&f, MOUNT(n), "mount.mnt_parent", MOUNT(on));
	fake_put_field(&f, MOUNT(n), "mount.mnt_mountpoint", DENTRY(point));
	fake_put_field(&f, MOUNT(n), "mount.mnt_id", 20 + n);
}

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
	fake_put_field(&f, TASK, "task_struct.nsproxy", NSPROXY);
	fake_put64(&f, NSPROXY + 8, NS);
	fake_put64(&f, FS, VFSMNT(0));
	fake_put64(&f, FS + 8, DENTRY(0));
	fake_put64(&f, FS + 16, VFSMNT(2));
	fake_put64(&f, FS + 24, DENTRY(20));
}

static void setup(void)
{
	fake_kernel_init(&f);
	fields();
	fake_put64(&f, VARIABLES, TABLE);
	fake_put32(&f, VARIABLES + 8, 31);
	init_task();
	dentry(0, 0, "/", 0040755);
	dentry(1, 0, "proc", 0040755);
	dentry(2, 0, "tmp", 0040755);
	dentry(3, 0, "etc", 0040755);
	dentry(4, 3, "hostname", 0100644);
	dentry(5, 3, "near", 0120777);
	dentry(6, 3, "far", 0120777);
	dentry(7, 3, "gone", 0);
	dentry(8, 3, "loop", 0120777);
	dentry(10, 10, "/", 0040755);
	dentry(20, 20, "/", 0040755);
	dentry(21, 20, "x", 0100600);
	mount(0, 0, 0, 0);
	mount(1, 10, 0, 1);
	mount(2, 20, 0, 2);
	fake_put64(&f, INODE(5) + 32, TEXTS);
	fake_puts(&f, TEXTS, "./hostname");
	fake_put64(&f, INODE(6) + 32, TEXTS + 64);
	fake_puts(&f, TEXTS + 64, "/tmp//x");
	fake_put64(&f, INODE(8) + 32, TEXTS + 128);
	fake_puts(&f, TEXTS + 128, "loop");
	fake_put32(&f, SB + 24, 8 << 20 | 3);
	fake_put64(&f, SB + 32, SB_RDONLY);
	fake_put64(&f, SB + 40, TYPE);
	fake_put64(&f, TYPE, TEXTS + 192);
	fake_puts(&f, TEXTS + 192, "tmpfs");
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static void by_list(void)
{
	static const uint64_t links[] = {LINK(0), LINK(2), LINK(1), LINK(3)};

	fake_field("mnt_namespace.list", 16, 16);
	fake_ring(&f, NS + 16, links, 4);
	/* where a reader in the guest is */
	fake_put_field(&f, MOUNT(3), "mount.mnt.mnt_flags", 0x10000000);
}

/* Mount 2 at the root, 0 to the left, and 1 below that to the right. */
static void by_tree(void)
{
	fake_field("mnt_namespace.mounts.rb_node", 16, 8);
	fake_field("mount.mnt_id_unique", 104, 8);
	fake_put64(&f, NS + 16, NODE(2));
	fake_put64(&f, NODE(2) + 16, NODE(0));
	fake_put64(&f, NODE(0) + 8, NODE(1));
	fake_put64(&f, MOUNT(0) + 104, 1000);
	fake_put64(&f, MOUNT(1) + 104, 1001);
	fake_put64(&f, MOUNT(2) + 104, 1002);
}

/* The mounts, in this order. */
static void are(const unsigned int order[3])
{
	static const char *const points[] = {"/", "/proc", "/tmp"};
	struct mount_spaces m;
	struct err err = {0};
	size_t i;

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!mount_spaces_read(&f.kernel, &task, 1, &m, &err), "%s",
		      err.text);
	ck_assert_uint_eq(m.v.n, 1);
	ck_assert_uint_eq(m.of[0], 0);
	ck_assert(!m.v.v->torn && !m.v.v->cut);
	ck_assert_uint_eq(m.v.v->v.n, 3);
	for (i = 0; i < 3; i++) {
		const struct mount_info *info = &m.v.v->v.v[i];

		ck_assert(info->known);
		ck_assert_int_eq(info->id, 20 + (int)order[i]);
		ck_assert_int_eq(info->parent, 20);
		ck_assert_str_eq(info->point.text, points[order[i]]);
		ck_assert_str_eq(info->root, "/");
		ck_assert_str_eq(info->type, "tmpfs");
		ck_assert_ptr_null(info->source);
		ck_assert_uint_eq(info->dev, 8 << 20 | 3);
		ck_assert_uint_eq(info->sb_flags, SB_RDONLY);
		ck_assert(!info->shared && !info->unbindable && !info->master);
	}
	mount_spaces_deinit(&m);
}

START_TEST(in_a_list)
{
	by_list();
	are((const unsigned int[]){0, 2, 1});
}
END_TEST

START_TEST(in_a_tree)
{
	by_tree();
	are((const unsigned int[]){0, 1, 2});
}
END_TEST

START_TEST(a_tree_that_is_none)
{
	struct mount_spaces m;
	struct err err = {0};

	by_tree();
	fake_put64(&f, NODE(1) + 8, NODE(2));
	ck_assert(!mount_spaces_read(&f.kernel, &task, 1, &m, &err));
	ck_assert(m.v.v->torn);
	ck_assert_uint_eq(m.v.v->v.n, 3);
	mount_spaces_deinit(&m);
}
END_TEST

/* What the task sees from a root directory: points, parted by blanks. */
static void seen(unsigned int mount, unsigned int dentry, const char *points)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct mount_views m;
	struct err err = {0};
	size_t i;

	fake_put64(&f, FS, VFSMNT(mount));
	fake_put64(&f, FS + 8, DENTRY(dentry));
	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!mount_views_read(&f.kernel, &task, 1, &m, &err), "%s",
		      err.text);
	ck_assert_uint_eq(m.v.n, 1);
	for (i = 0; i < m.v.v->v.n; i++)
		buf_printf(&b, "%s:%d ", m.v.v->v.v[i].point,
			   m.v.v->v.v[i].from);
	buf_add(&b, "", 1);
	ck_assert_str_eq(b.data, points);
	mount_views_deinit(&m);
}

static void super_block_fields(void)
{
	fake_field("super_block.s_op", 56, 8);
	fake_field("super_block.s_fs_info", 64, 8);
	fake_field("super_operations.show_options", 0, 8);
	fake_field("super_operations.show_path", 8, 8);
	fake_field("super_operations.show_devname", 16, 8);
	fake_field("super_operations.show_stats", 24, 8);
}

/* From the root of all, from a mount in it, from a directory of that. */
START_TEST(seen_from_a_root)
{
	super_block_fields();
	by_tree();
	seen(0, 0, "/:0 /proc:0 /tmp:0 ");
	seen(2, 20, "/:0 ");
	seen(2, 21, "");
	seen(0, 1, "/:0 "); /* a mount lies on it */
}
END_TEST

/* 1 is a slave of what nobody here sees, and that one of what 0 is in. */
START_TEST(masters_of_masters)
{
	super_block_fields();
	by_tree();
	fake_put_field(&f, MOUNT(1), "mount.mnt_master", MOUNT(5));
	fake_put_field(&f, MOUNT(5), "mount.mnt_group_id", 8);
	fake_put_field(&f, MOUNT(5), "mount.mnt_master", MOUNT(6));
	fake_put_field(&f, MOUNT(6), "mount.mnt_group_id", 9);
	fake_put_field(&f, MOUNT(0), "mount.mnt_group_id", 9);
	seen(0, 0, "/:0 /proc:9 /tmp:0 ");
	/* and round and round */
	fake_put_field(&f, MOUNT(6), "mount.mnt_group_id", 7);
	fake_put_field(&f, MOUNT(6), "mount.mnt_master", MOUNT(5));
	seen(0, 0, "/:0 /proc:0 /tmp:0 ");
}
END_TEST

#define RODATA	     (DIRECT + 0x90000)
#define RODATA_SIZE  0x50000u
#define RODATA_CHUNK 0x40000u

static enum mount_hash hash(void)
{
	enum mount_hash out;
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!mount_hash_read(&f.kernel, &out, &err), "%s", err.text);
	return out;
}

/* The kernel's own words say what it escapes, also where they lie across what
 * is read at once. */
START_TEST(what_is_escaped)
{
	ck_assert_int_eq(hash(), MOUNT_HASH_UNKNOWN);
	fake_symbol("__start_rodata", RODATA);
	fake_symbol("__end_rodata", RODATA + RODATA_SIZE);
	fake_puts(&f, RODATA + 16, " \t\n\\");
	fake_puts(&f, RODATA + 32, " \t\n\\#,");
	fake_puts(&f, RODATA + RODATA_SIZE, " \t\n\\#");
	ck_assert_int_eq(hash(), MOUNT_HASH_PLAIN);
	fake_puts(&f, RODATA + RODATA_CHUNK - 3, ", \t\n\\#");
	ck_assert_int_eq(hash(), MOUNT_HASH_ESCAPED);
}
END_TEST

static int look(const char *path, struct found_file *found)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	return file_lookup(&f.kernel, &task, path, found, &err);
}

START_TEST(files_by_their_paths)
{
	static const struct {
		const char *path;
		unsigned int dentry;
	} list[] = {
		{"/etc/hostname", 4},	{"//etc/./hostname", 4},
		{"/etc/near", 4},	{"/etc/far", 21},
		{"/tmp/x", 21},		{"x", 21},
		{"../etc/hostname", 4}, {"/tmp/../../etc/near", 4},
		{"/tmp", 20},		{"/", 0},
		{"/proc/../tmp/x", 21},
	};
	struct found_file found = {0};
	size_t i;

	by_tree();
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		ck_assert_msg(!look(list[i].path, &found), "%s", list[i].path);
		ck_assert_msg(found.inode == INODE(list[i].dentry), "%s",
			      list[i].path);
		ck_assert_uint_eq(found.mapping, INODE(list[i].dentry) + 1);
	}
	ck_assert_int_eq(look("/etc/nothing", &found), ERR_NOT_FOUND);
	ck_assert_int_eq(look("/etc/gone", &found), ERR_NOT_FOUND);
	ck_assert_int_eq(look("/etc/loop", &found), ERR_NOT_FOUND);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_mounts");
	TCase *t = tcase_create("kernel_mounts");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_a_list);
	tcase_add_test(t, in_a_tree);
	tcase_add_test(t, a_tree_that_is_none);
	tcase_add_test(t, seen_from_a_root);
	tcase_add_test(t, masters_of_masters);
	tcase_add_test(t, what_is_escaped);
	tcase_add_test(t, files_by_their_paths);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
