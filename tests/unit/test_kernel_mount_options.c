/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the options that file systems print of themselves. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fs/mount_super.h"
#include "kernel/task/mempolicy.h"
#include "unit/fake_kernel.h"

#define SB(n)	  (DIRECT + 0x10000 + (n)*256ULL)
#define INFO(n)	  (DIRECT + 0x20000 + (n)*256ULL)
#define OPS(n)	  (DIRECT + 0x30000 + (n)*64ULL)
#define ROOT(n)	  (DIRECT + 0x40000 + (n)*64ULL)
#define MORE	  (DIRECT + 0x50000)
#define VARIABLES (DIRECT + 0x60000)
#define CODE(n)	  (DIRECT + 0x70000 + (n)*16ULL)

#define RAM	  100000u /* pages */

static struct fake_kernel f;
static struct mount_supers supers;

static void fields(void)
{
	static const struct fake_member list[] = {
		{"super_block.s_op", 0, 8},
		{"super_block.s_fs_info", 8, 8},
		{"super_block.s_dquot.flags", 16, 4},
		{"super_operations.show_options", 0, 8},
		{"super_operations.show_path", 8, 8},
		{"super_operations.show_devname", 16, 8},
		{"super_operations.show_stats", 24, 8},
		{"dentry.d_inode", 0, 8},
		{"inode.i_mode", 0, 2},
		{"inode.i_uid", 4, 4},
		{"inode.i_gid", 8, 4},
		{"shmem_sb_info.max_blocks", 0, 8},
		{"shmem_sb_info.max_inodes", 8, 8},
		{"shmem_sb_info.mode", 16, 4},
		{"shmem_sb_info.uid", 20, 4},
		{"shmem_sb_info.gid", 24, 4},
		{"shmem_sb_info.full_inums", 28, 4},
		{"shmem_sb_info.huge", 32, 4},
		{"shmem_sb_info.mpol", 40, 8},
		{"shmem_sb_info.noswap", 80, 1},
		{"shmem_sb_info.qlimits.usrquota_bhardlimit", 48, 8},
		{"shmem_sb_info.qlimits.grpquota_bhardlimit", 56, 8},
		{"shmem_sb_info.qlimits.usrquota_ihardlimit", 64, 8},
		{"shmem_sb_info.qlimits.grpquota_ihardlimit", 72, 8},
		{"mempolicy.mode", 4, 2},
		{"mempolicy.flags", 6, 2},
		{"mempolicy.nodes", 8, 128},
		{"proc_fs_info.pid_gid", 0, 4},
		{"proc_fs_info.hide_pid", 4, 4},
		{"proc_fs_info.pidonly", 8, 4},
		{"pts_fs_info.mount_opts.setuid", 0, 4},
		{"pts_fs_info.mount_opts.setgid", 4, 4},
		{"pts_fs_info.mount_opts.uid", 8, 4},
		{"pts_fs_info.mount_opts.gid", 12, 4},
		{"pts_fs_info.mount_opts.mode", 16, 4},
		{"pts_fs_info.mount_opts.ptmxmode", 20, 4},
		{"pts_fs_info.mount_opts.max", 24, 4},
		{"hugetlbfs_sb_info.uid", 0, 4},
		{"hugetlbfs_sb_info.gid", 4, 4},
		{"hugetlbfs_sb_info.mode", 8, 4},
		{"hugetlbfs_sb_info.max_inodes", 16, 8},
		{"hugetlbfs_sb_info.hstate", 24, 8},
		{"hugetlbfs_sb_info.spool", 32, 8},
		{"hstate.order", 0, 4},
		{"hugepage_subpool.max_hpages", 0, 8},
		{"hugepage_subpool.min_hpages", 8, 8},
		{"kernfs_super_info.root", 0, 8},
		{"kernfs_root.syscall_ops", 0, 8},
		{"kernfs_root.kn", 8, 8},
		{"kernfs_syscall_ops.show_options", 0, 8},
		{"kernfs_syscall_ops.show_path", 8, 8},
		{"kernfs_node.priv", 0, 8},
		{"cgroup.root", 0, 8},
		{"cgroup.flags", 8, 8},
		{"cgroup_root.flags", 0, 4},
		{"cgroup_root.subsys_mask", 4, 4},
		{"cgroup_root.name", 8, 64},
		{"cgroup_root.release_agent_path", 72, 64},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

enum function {
	NONE,
	SHMEM,
	PROC,
	DEVPTS,
	HUGETLBFS,
	BPF,
	KERNFS,
	KERNFS_PATH,
	CGROUP2,
	CGROUP2_PATH,
	NOBODYS,
	FUNCTIONS
};

static const char *const functions[FUNCTIONS] = {
	[SHMEM] = "shmem_show_options",
	[PROC] = "proc_show_options",
	[DEVPTS] = "devpts_show_options",
	[HUGETLBFS] = "hugetlbfs_show_options",
	[BPF] = "bpf_show_options",
	[KERNFS] = "kernfs_sop_show_options",
	[KERNFS_PATH] = "kernfs_sop_show_path",
	[CGROUP2] = "cgroup_show_options",
	[CGROUP2_PATH] = "cgroup_show_path",
};

static void setup(void)
{
	size_t i;

	fake_kernel_init(&f);
	supers = (struct mount_supers){0};
	fields();
	for (i = 0; i < FUNCTIONS; i++)
		if (functions[i])
			fake_symbol(functions[i], CODE(i));
	fake_symbol("_totalram_pages", VARIABLES);
	fake_put64(&f, VARIABLES, RAM);
}

static void teardown(void)
{
	mount_supers_deinit(&supers);
	fake_kernel_deinit(&f);
}

/* One more, whose options that function prints; its number. */
static size_t super(enum function options)
{
	size_t n;

	ck_assert(!mount_supers_add(&supers, SB(supers.v.n), ROOT(supers.v.n),
				    &n));
	fake_put_field(&f, SB(n), "super_block.s_op", OPS(n));
	fake_put_field(&f, SB(n), "super_block.s_fs_info", INFO(n));
	if (options)
		fake_put_field(&f, OPS(n), "super_operations.show_options",
			       CODE(options));
	return n;
}

/* Read all anew; in how many batches. */
static uint64_t read_all(void)
{
	struct err err = {0};
	uint64_t before = f.memory.machine.stats.batches;

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!mount_supers_read(&f.kernel, &supers, &err), "%s",
		      err.text);
	return f.memory.machine.stats.batches - before;
}

static void says(size_t n, const char *options)
{
	struct mount_super *s = &supers.v.v[n];

	ck_assert_int_eq(s->say, MOUNT_SAYS);
	buf_add(&s->options, "", 1);
	ck_assert_str_eq(s->options.data, options);
}

static size_t tmpfs(uint64_t blocks, uint64_t inodes, uint32_t mode)
{
	size_t n = super(SHMEM);

	fake_put_field(&f, INFO(n), "shmem_sb_info.max_blocks", blocks);
	fake_put_field(&f, INFO(n), "shmem_sb_info.max_inodes", inodes);
	fake_put_field(&f, INFO(n), "shmem_sb_info.mode", mode);
	return n;
}

START_TEST(tmpfs_prints_what_is_not_usual)
{
	size_t usual = tmpfs(RAM / 2, RAM / 2, 01777);
	size_t other = tmpfs(32, 77, 0711);

	supers.v.v[tmpfs(RAM / 2, RAM / 2, 01777)].dev = true;
	fake_put_field(&f, INFO(2), "shmem_sb_info.full_inums", 1);
	fake_put_field(&f, INFO(other), "shmem_sb_info.full_inums", 1);
	fake_put_field(&f, INFO(other), "shmem_sb_info.uid", 5);
	fake_put_field(&f, INFO(other), "shmem_sb_info.gid", 6);
	fake_put_field(&f, INFO(other), "shmem_sb_info.huge", 2);
	read_all();
	says(usual, ",inode32");
	says(other, ",size=128k,nr_inodes=77,mode=711,uid=5,gid=6,inode64,"
		    "huge=within_size");
}
END_TEST

/* One policy for each, at MORE: its mode, flags and nodes. */
static void policy(size_t n, uint16_t mode, uint16_t flags, uint64_t nodes)
{
	uint64_t at = MORE + n * 256;

	fake_put_field(&f, INFO(n), "shmem_sb_info.full_inums", 1);
	fake_put_field(&f, INFO(n), "shmem_sb_info.mpol", at);
	fake_put_field(&f, at, "mempolicy.mode", mode);
	fake_put_field(&f, at, "mempolicy.flags", flags);
	fake_put64(&f, at + 8, nodes);
}

START_TEST(tmpfs_has_policies)
{
	size_t n[4], i;
	uint64_t one;

	for (i = 0; i < 4; i++) {
		n[i] = tmpfs(RAM / 2, RAM / 2, 01777);
		fake_put_field(&f, INFO(n[i]), "shmem_sb_info.full_inums", 1);
	}
	one = read_all();
	for (i = 0; i < 4; i++)
		buf_deinit(&supers.v.v[n[i]].options);
	policy(n[0], MEMPOLICY_BIND, MEMPOLICY_STATIC, 5);
	policy(n[1], MEMPOLICY_DEFAULT, 0, 0);
	policy(n[2], MEMPOLICY_MODES, 0, 0);
	fake_put_field(&f, INFO(n[0]), "shmem_sb_info.huge", 1);
	fake_put_field(&f, INFO(n[0]), "shmem_sb_info.noswap", 1);
	ck_assert_uint_eq(read_all(), one + 1); /* all policies */
	says(n[0], ",inode64,huge=always,mpol=bind=static:0,2,noswap");
	says(n[1], ",inode64");
	ck_assert_int_eq(supers.v.v[n[2]].say, MOUNT_LACKS);
	says(n[3], ",inode64");
	fake_lose(READER_MEMPOLICY);
	read_all();
	ck_assert_int_eq(supers.v.v[n[0]].say, MOUNT_LACKS);
	ck_assert_int_eq(supers.v.v[n[3]].say, MOUNT_SAYS);
}
END_TEST

START_TEST(tmpfs_has_quotas)
{
	size_t both = tmpfs(RAM / 2, RAM / 2, 01777);
	size_t off = tmpfs(RAM / 2, RAM / 2, 01777);

	policy(both, MEMPOLICY_LOCAL, 0, 0);
	fake_put_field(&f, SB(both), "super_block.s_dquot.flags", 3 | 3 << 3);
	fake_put64(&f, INFO(both) + 48, 4096);
	fake_put64(&f, INFO(both) + 56, 8192);
	fake_put64(&f, INFO(both) + 64, 7);
	fake_put64(&f, INFO(both) + 72, 8);
	policy(off, MEMPOLICY_DEFAULT, 0, 0);
	fake_put_field(&f, SB(off), "super_block.s_dquot.flags",
		       3 | 3 << 3 | 1 << 6); /* one is suspended */
	read_all();
	says(both, ",inode64,mpol=local,usrquota,grpquota,"
		   "usrquota_block_hardlimit=4096,"
		   "grpquota_block_hardlimit=8192,usrquota_inode_hardlimit=7,"
		   "grpquota_inode_hardlimit=8");
	says(off, ",inode64,grpquota");
}
END_TEST

/* Without devtmpfs nobody says what inode numbers are like as a rule; nor is a
 * policy printed that cannot be read. */
START_TEST(what_cannot_be_told_is_not)
{
	size_t inums = tmpfs(RAM / 2, RAM / 2, 01777);
	size_t lost = tmpfs(RAM / 2, RAM / 2, 01777);
	size_t huge = tmpfs(RAM / 2, RAM / 2, 01777), i;

	for (i = lost; i <= huge; i++)
		fake_put_field(&f, INFO(i), "shmem_sb_info.full_inums", 1);
	fake_put_field(&f, INFO(lost), "shmem_sb_info.mpol", 8);
	fake_put_field(&f, INFO(huge), "shmem_sb_info.huge", 9);
	read_all();
	for (i = inums; i <= huge; i++)
		ck_assert_int_eq(supers.v.v[i].say, MOUNT_LACKS);
}
END_TEST

START_TEST(proc_and_devpts)
{
	size_t plain = super(PROC), set = super(PROC), wrong = super(PROC);
	size_t pts = super(DEVPTS);

	fake_put_field(&f, INFO(set), "proc_fs_info.pid_gid", 7);
	fake_put_field(&f, INFO(set), "proc_fs_info.hide_pid", 4);
	fake_put_field(&f, INFO(set), "proc_fs_info.pidonly", 1);
	fake_put_field(&f, INFO(wrong), "proc_fs_info.hide_pid", 3);
	fake_put_field(&f, INFO(pts), "pts_fs_info.mount_opts.setgid", 1);
	fake_put_field(&f, INFO(pts), "pts_fs_info.mount_opts.uid", 9);
	fake_put_field(&f, INFO(pts), "pts_fs_info.mount_opts.gid", 5);
	fake_put_field(&f, INFO(pts), "pts_fs_info.mount_opts.mode", 0620);
	fake_put_field(&f, INFO(pts), "pts_fs_info.mount_opts.max", 1u << 20);
	read_all();
	says(plain, "");
	says(set, ",gid=7,hidepid=ptraceable,subset=pid");
	ck_assert_int_eq(supers.v.v[wrong].say, MOUNT_LACKS);
	says(pts, ",gid=5,mode=620,ptmxmode=000");
}
END_TEST

START_TEST(huge_pages)
{
	size_t plain = super(HUGETLBFS), pool = super(HUGETLBFS), i;

	for (i = plain; i <= pool; i++) {
		fake_put_field(&f, INFO(i), "hugetlbfs_sb_info.mode", 0755);
		fake_put_field(&f, INFO(i), "hugetlbfs_sb_info.max_inodes",
			       UINT64_MAX);
		fake_put_field(&f, INFO(i), "hugetlbfs_sb_info.hstate", MORE);
	}
	fake_put_field(&f, MORE, "hstate.order", 9);
	fake_put_field(&f, INFO(pool), "hugetlbfs_sb_info.spool", MORE + 64);
	fake_put_field(&f, MORE + 64, "hugepage_subpool.max_hpages", 2);
	fake_put_field(&f, MORE + 64, "hugepage_subpool.min_hpages",
		       UINT64_MAX);
	read_all();
	says(plain, ",pagesize=2M");
	says(pool, ",pagesize=2M,size=4194304");
	fake_put_field(&f, MORE, "hstate.order", 200);
	read_all();
	ck_assert_int_eq(supers.v.v[plain].say, MOUNT_TORN);
}
END_TEST

START_TEST(bpf_shows_its_directory)
{
	size_t n = super(BPF);

	fake_put_field(&f, ROOT(n), "dentry.d_inode", MORE);
	fake_put32(&f, MORE, 040000 | 0700);
	read_all();
	says(n, ",mode=700");
}
END_TEST

/* A hierarchy behind kernfs. */
static size_t cgroup2(void)
{
	size_t n = super(KERNFS);

	fake_put_field(&f, OPS(n), "super_operations.show_path",
		       CODE(KERNFS_PATH));
	fake_put64(&f, INFO(n), MORE);
	fake_put64(&f, MORE, MORE + 64);
	fake_put64(&f, MORE + 8, MORE + 128);
	fake_put64(&f, MORE + 64, CODE(CGROUP2));
	fake_put64(&f, MORE + 72, CODE(CGROUP2_PATH));
	fake_put64(&f, MORE + 128, MORE + 192);
	fake_put64(&f, MORE + 192, MORE + 256);
	return n;
}

START_TEST(control_groups)
{
	size_t n = cgroup2(), sysfs = super(KERNFS);

	fake_constant("CGRP_ROOT_NS_DELEGATE", 8);
	fake_constant("CGRP_ROOT_MEMORY_RECURSIVE_PROT", 64);
	fake_put32(&f, MORE + 256, 8 | 64 | 2);
	fake_put64(&f, INFO(sysfs), MORE + 1024); /* without operations */
	read_all();
	says(n, ",nsdelegate,memory_recursiveprot");
	ck_assert(supers.v.v[n].never_deleted);
	ck_assert_int_eq(supers.v.v[n].path_say, MOUNT_SAYS);
	says(sysfs, "");
}
END_TEST

START_TEST(functions_that_are_not_known)
{
	size_t none = super(NONE), other = super(NOBODYS), torn = super(PROC);

	fake_put_field(&f, OPS(other), "super_operations.show_path",
		       CODE(NOBODYS));
	fake_put_field(&f, SB(torn), "super_block.s_fs_info", 1);
	read_all();
	says(none, "");
	ck_assert_int_eq(supers.v.v[other].say, MOUNT_UNKNOWN);
	ck_assert_int_eq(supers.v.v[other].path_say, MOUNT_UNKNOWN);
	ck_assert_int_eq(supers.v.v[torn].say, MOUNT_TORN);
}
END_TEST

/* SELinux adds options of its own once it has a policy. */
START_TEST(labels)
{
	size_t n = super(NONE);

	fake_field("selinux_state.initialized", 3, 1);
	fake_symbol("selinux_state", VARIABLES + 64);
	fake_symbol("selinux_sb_show_options", CODE(NOBODYS));
	read_all();
	says(n, "");
	fake_put32(&f, VARIABLES + 64, 1u << 24);
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_UNKNOWN);
}
END_TEST

START_TEST(as_many_batches_for_many_as_for_one)
{
	uint64_t one;
	size_t i;

	super(PROC);
	one = read_all();
	for (i = 0; i < 100; i++)
		super(PROC);
	ck_assert_uint_eq(read_all(), one);
}
END_TEST

/* Whatever memory says, there is an answer. */
START_TEST(hostile_memory)
{
	uint32_t state = 1;
	size_t i, round;

	for (i = SHMEM; i < FUNCTIONS; i++)
		super((enum function)i);
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 0x50000; i += 8) {
			state = state * 1664525 + 1013904223;
			if (state >> 28 < 2)
				fake_put64(&f, DIRECT + 0x20000 + i,
					   state >> 28 ? state % 512
						       : DIRECT + state / 4096);
		}
		read_all();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_mount_options");
	TCase *t = tcase_create("kernel_mount_options");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, tmpfs_prints_what_is_not_usual);
	tcase_add_test(t, tmpfs_has_policies);
	tcase_add_test(t, tmpfs_has_quotas);
	tcase_add_test(t, what_cannot_be_told_is_not);
	tcase_add_test(t, proc_and_devpts);
	tcase_add_test(t, huge_pages);
	tcase_add_test(t, bpf_shows_its_directory);
	tcase_add_test(t, control_groups);
	tcase_add_test(t, functions_that_are_not_known);
	tcase_add_test(t, labels);
	tcase_add_test(t, as_many_batches_for_many_as_for_one);
	tcase_add_test(t, hostile_memory);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
