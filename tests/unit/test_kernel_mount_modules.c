/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of options of file systems whose types modules have. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "kernel/fs/mount_super.h"
#include "types/btf.h"
#include "unit/btf_kit.h"
#include "unit/module_kit.h"

#define SB(n)	 (DIRECT + 0x20000 + (n)*256ULL)
#define INFO(n)	 (DIRECT + 0x28000 + (n)*256ULL)
#define OPS(n)	 (DIRECT + 0x30000 + (n)*64ULL)
#define ROOT(n)	 (DIRECT + 0x34000 + (n)*64ULL)
#define MORE(n)	 (DIRECT + 0x38000 + (n)*256ULL)
#define TEXTS	 (DIRECT + 0x50000)
#define JIFFIES	 (DIRECT + 0x50800)
#define USERS	 (DIRECT + 0x50900)
#define BUILT_IN (CODE + 0x200)

enum which {
	OVERLAY,
	EXT4,
	FUSE,
	AUTOFS, /* in the image */
	WHICH
};

/* Members of structs of modules, in bytes. */
struct member {
	const char *name;
	uint32_t at, size;
};

static const struct member ovl_config[] = {
	{"lowerdir", 0, 8},	  {"upperdir", 8, 8},
	{"workdir", 16, 8},	  {"default_permissions", 24, 1},
	{"index", 25, 1},	  {"uuid", 26, 1},
	{"nfs_export", 27, 1},	  {"metacopy", 28, 1},
	{"userxattr", 29, 1},	  {"ovl_volatile", 30, 1},
	{"redirect_mode", 32, 8}, {"xino", 40, 4}};

/* Where lists of directories are, as of 6.7. */
static const struct member ovl_config_lists[] = {
	{"lowerdirs", 0, 8},	  {"upperdir", 8, 8},
	{"workdir", 16, 8},	  {"default_permissions", 24, 1},
	{"index", 25, 1},	  {"nfs_export", 27, 1},
	{"metacopy", 28, 1},	  {"userxattr", 29, 1},
	{"redirect_mode", 32, 4}, {"uuid", 36, 4},
	{"xino", 40, 4},	  {"fsync_mode", 44, 4},
	{"verity_mode", 48, 4}};

static const struct member ext4[] = {{"s_sb_block", 0, 8},
				     {"s_mount_opt", 8, 4},
				     {"s_mount_opt2", 12, 4},
				     {"s_def_mount_opt", 16, 4},
				     {"s_def_mount_opt2", 20, 4},
				     {"s_resuid", 24, 4},
				     {"s_resgid", 28, 4},
				     {"s_es", 32, 8},
				     {"s_commit_interval", 40, 8},
				     {"s_min_batch_time", 48, 4},
				     {"s_max_batch_time", 52, 4},
				     {"s_stripe", 56, 8},
				     {"s_inode_readahead_blks", 64, 4},
				     {"s_li_wait_mult", 68, 4},
				     {"s_max_dir_size_kb", 72, 4},
				     {"s_groups_count", 76, 4},
				     {"s_ext4_flags", 80, 8},
				     {"s_jquota_fmt", 88, 4},
				     {"s_qf_names", 96, 24}};

static const struct member ext4_disk[] = {
	{"s_errors", 0, 4}, {"s_def_resuid", 4, 4}, {"s_def_resgid", 8, 4}};

static const struct member fuse_mount[] = {{"fc", 8, 8}};
static const struct member fuse_conn[] = {{"user_id", 0, 4},
					  {"group_id", 4, 4},
					  {"user_ns", 8, 8},
					  {"max_read", 16, 4},
					  {"default_permissions", 20, 1},
					  {"allow_other", 21, 1},
					  {"legacy_opts_show", 22, 1},
					  {"dax_mode", 24, 4}};

static struct fake_kernel f;
static struct mount_supers supers;
static struct buf base, split[FUSE + 1];
static uint32_t base_strings;

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Ids of the kernel's types: integers of 8, 4 and 1 bytes; three of 8. */
static uint32_t id_of(uint32_t size)
{
	return size == 8 ? 1 : size == 4 ? 2 : size == 1 ? 3 : 4;
}

static void make_base(void)
{
	struct btf_kit kit = {0};

	kit_btf_int(&kit, "long", 8, 64);
	kit_btf_int(&kit, "int", 4, 32);
	kit_btf_int(&kit, "char", 1, 8);
	kit_btf_array(&kit, 1, 3);
	kit_btf_blob(&kit, 24, 0, &base);
	base_strings = (uint32_t)kit.strings.len;
	kit_btf_deinit(&kit);
	fake_btf(base.data, base.len, 0);
}

static struct btf_kit split_kit(void)
{
	return (struct btf_kit){.n = 4, .first_string = base_strings};
}

static uint32_t put_struct(struct btf_kit *kit, const char *name,
			   const struct member *v, size_t n)
{
	uint32_t id =
		kit_btf_type(kit, name, BTF_STRUCT, (uint32_t)n, false, 128);
	size_t i;

	for (i = 0; i < n; i++)
		kit_btf_member(kit, v[i].name, id_of(v[i].size), v[i].at * 8);
	return id;
}

static void put_split(enum which which, struct btf_kit *kit)
{
	buf_deinit(&split[which]);
	split[which] = (struct buf){0};
	kit_btf_blob(kit, 24, 0, &split[which]);
	kit_btf_deinit(kit);
	kit_put_btf(&f, which, split[which].data, split[which].len, 5,
		    base_strings);
}

static void put_overlay_types(const struct member *config, size_t n)
{
	struct btf_kit kit = split_kit();
	uint32_t id = put_struct(&kit, "ovl_config", config, n);

	kit_btf_type(&kit, "ovl_fs", BTF_STRUCT, 4, false, 160);
	kit_btf_member(&kit, "numlayer", 2, 0);
	kit_btf_member(&kit, "numdatalayer", 2, 32);
	kit_btf_member(&kit, "xino_mode", 2, 64);
	kit_btf_member(&kit, "config", id, 128);
	kit_btf_type(&kit, "ovl_opt", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "Opt_lowerdir_add", 1);
	put_split(OVERLAY, &kit);
}

static void put_fuse_types(void)
{
	struct btf_kit kit = split_kit();

	put_struct(&kit, "fuse_mount", fuse_mount, N(fuse_mount));
	put_struct(&kit, "fuse_conn", fuse_conn, N(fuse_conn));
	put_split(FUSE, &kit);
}

/* The ring of blobs is as long as the last one that was put. */
static void put_types(void)
{
	struct btf_kit kit = split_kit();

	put_overlay_types(ovl_config, N(ovl_config));
	put_struct(&kit, "ext4_sb_info", ext4, N(ext4));
	put_struct(&kit, "ext4_super_block", ext4_disk, N(ext4_disk));
	put_split(EXT4, &kit);
	put_fuse_types();
}

static void put_modules(void)
{
	static const char *const defs[] = {
		"ovl_redirect_dir_def", "ovl_redirect_always_follow",
		"ovl_index_def",	"ovl_nfs_export_def",
		"ovl_xino_auto_def",	"ovl_metacopy_def"};
	unsigned int i;

	kit_put_module(&f, OVERLAY, "overlay", 2 + N(defs));
	kit_put_symbol(&f, OVERLAY, 1, TEXT(OVERLAY) + 0x20, 1,
		       "ovl_show_options");
	for (i = 0; i < N(defs); i++)
		kit_put_symbol(&f, OVERLAY, 2 + i, DATA(OVERLAY) + 0x10 + i,
			       32 + i * 32, defs[i]);
	kit_put_module(&f, EXT4, "ext4", 2);
	kit_put_symbol(&f, EXT4, 1, TEXT(EXT4) + 0x40, 1, "ext4_show_options");
	kit_put_module(&f, FUSE, "fuse", 2);
	kit_put_symbol(&f, FUSE, 1, TEXT(FUSE) + 0x60, 1, "fuse_show_options");
	fake_symbol("autofs_show_options", BUILT_IN);
}

static void put_fields(void)
{
	static const struct fake_member list[] = {
		{"super_block.s_op", 0, 8},
		{"super_block.s_fs_info", 8, 8},
		{"super_block.s_flags", 16, 8},
		{"super_block.s_dquot.flags", 48, 4},
		{"super_block.s_bdev", 24, 8},
		{"super_block.s_blocksize", 32, 8},
		{"super_block.s_root", 40, 8},
		{"super_operations.show_options", 0, 8},
		{"super_operations.show_path", 8, 8},
		{"super_operations.show_devname", 16, 8},
		{"super_operations.show_stats", 24, 8},
		{"dentry.d_inode", 0, 8},
		{"inode.i_uid", 0, 4},
		{"inode.i_gid", 4, 4},
		{"inode.i_ino", 8, 8},
		{"file.f_inode", 0, 8},
		{"autofs_sb_info.pipefd", 0, 4},
		{"autofs_sb_info.pipe", 8, 8},
		{"autofs_sb_info.oz_pgrp", 16, 8},
		{"autofs_sb_info.min_proto", 24, 4},
		{"autofs_sb_info.max_proto", 28, 4},
		{"autofs_sb_info.flags", 32, 4},
		{"autofs_sb_info.type", 36, 4},
		{"autofs_sb_info.exp_timeout", 40, 8},
		{"clocksource.mult", 0, 4},
		{"clocksource.shift", 4, 4},
	};

	fake_fields(list, N(list));
	fake_symbol("clocksource_jiffies", JIFFIES);
	fake_put32(&f, JIFFIES, 4000000u << 8); /* 250 ticks in a second */
	fake_put32(&f, JIFFIES + 4, 8);
	fake_symbol("init_user_ns", USERS);
	fake_symbol("btf_modules", BTFS);
}

static void setup(void)
{
	kit_modules_init(&f);
	supers = (struct mount_supers){0};
	base = (struct buf){0};
	put_fields();
	make_base();
	put_modules();
	put_types();
}

static void teardown(void)
{
	size_t i;

	for (i = 0; i < N(split); i++)
		buf_deinit(&split[i]);
	buf_deinit(&base);
	mount_supers_deinit(&supers);
	fake_kernel_deinit(&f);
}

/* One more of that kind; its number. */
static size_t super(enum which which)
{
	static const uint64_t functions[] = {[OVERLAY] = TEXT(OVERLAY) + 0x20,
					     [EXT4] = TEXT(EXT4) + 0x40,
					     [FUSE] = TEXT(FUSE) + 0x60,
					     [AUTOFS] = BUILT_IN};
	size_t n;

	ck_assert(!mount_supers_add(&supers, SB(supers.v.n), ROOT(supers.v.n),
				    &n));
	fake_put_field(&f, SB(n), "super_block.s_op", OPS(n));
	fake_put_field(&f, SB(n), "super_block.s_fs_info", INFO(n));
	fake_put64(&f, OPS(n), functions[which]);
	return n;
}

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
	buf_deinit(&s->options);
	s->options = (struct buf){0};
}

static void put_member(uint64_t at, const struct member *v, size_t n,
		       const char *name, uint64_t value)
{
	size_t i;

	for (i = 0; i < n && strcmp(v[i].name, name) != 0; i++)
		;
	ck_assert_uint_lt(i, n);
	memcpy(f.memory.bytes + (at - DIRECT) + v[i].at, &value, v[i].size);
}

#define PUT(at, list, name, value) put_member(at, list, N(list), name, value)

static uint64_t text(unsigned int i, const char *s)
{
	fake_puts(&f, TEXTS + i * 64, s);
	return TEXTS + i * 64;
}

#define CONFIG(n) (INFO(n) + 16)

static size_t overlay(void)
{
	size_t n = super(OVERLAY);

	PUT(CONFIG(n), ovl_config, "lowerdir", text(0, "/a,b:/c d"));
	PUT(CONFIG(n), ovl_config, "upperdir", text(1, "/upper"));
	PUT(CONFIG(n), ovl_config, "workdir", text(2, "/work"));
	PUT(CONFIG(n), ovl_config, "redirect_mode", text(3, "off"));
	PUT(CONFIG(n), ovl_config, "uuid", 1);
	return n;
}

START_TEST(overlays)
{
	size_t usual = overlay(), set = overlay(), same = overlay();

	PUT(CONFIG(set), ovl_config, "upperdir", 0);
	PUT(CONFIG(set), ovl_config, "redirect_mode", text(4, "follow"));
	PUT(CONFIG(set), ovl_config, "default_permissions", 1);
	PUT(CONFIG(set), ovl_config, "index", 1);
	PUT(CONFIG(set), ovl_config, "uuid", 0);
	PUT(CONFIG(set), ovl_config, "xino", 2);
	PUT(CONFIG(set), ovl_config, "metacopy", 1);
	PUT(CONFIG(set), ovl_config, "userxattr", 1);
	fake_put32(&f, INFO(set) + 8, 1); /* xino_mode */
	PUT(CONFIG(same), ovl_config, "xino", 2);
	read_all();
	says(usual,
	     ",lowerdir=/a\\054b:/c\\040d,upperdir=/upper,workdir=/work");
	says(set, ",lowerdir=/a\\054b:/c\\040d,default_permissions,"
		  "redirect_dir=follow,index=on,uuid=off,xino=on,metacopy=on,"
		  "userxattr");
	says(same, ",lowerdir=/a\\054b:/c\\040d,upperdir=/upper,workdir=/work");
	/* the module's own variables say what is usual */
	fake_put32(&f, MEMORY(OVERLAY) + 0x2010, 0x01010001);
	read_all();
	says(usual, ",lowerdir=/a\\054b:/c\\040d,upperdir=/upper,workdir=/work,"
		    "redirect_dir=off,index=off,nfs_export=off");
}
END_TEST

/* As of 6.7, where directories were added one by one. */
START_TEST(overlays_of_lists)
{
	size_t given = super(OVERLAY), added = super(OVERLAY), i;

	put_overlay_types(ovl_config_lists, N(ovl_config_lists));
	for (i = given; i <= added; i++) {
		PUT(CONFIG(i), ovl_config_lists, "lowerdirs", MORE(i));
		PUT(CONFIG(i), ovl_config_lists, "redirect_mode", 2);
		PUT(CONFIG(i), ovl_config_lists, "uuid", 2);
		PUT(CONFIG(i), ovl_config_lists, "fsync_mode", 1);
		fake_put32(&f, INFO(i), 3); /* numlayer */
	}
	fake_put64(&f, MORE(given), text(0, "/one:/two"));
	fake_put64(&f, MORE(added) + 8, text(1, "/one"));
	fake_put64(&f, MORE(added) + 16, text(2, "/data"));
	fake_put32(&f, INFO(added) + 4, 1); /* numdatalayer */
	PUT(CONFIG(added), ovl_config_lists, "verity_mode", 2);
	PUT(CONFIG(added), ovl_config_lists, "fsync_mode", 0);
	PUT(CONFIG(added), ovl_config_lists, "uuid", 1);
	read_all();
	says(given, ",lowerdir=/one:/two");
	says(added, ",lowerdir+=/one,datadir+=/data,uuid=null,fsync=volatile,"
		    "verity=require");
	PUT(CONFIG(given), ovl_config_lists, "verity_mode", 3);
	fake_put32(&f, INFO(added), 0x7fffffff);
	read_all();
	ck_assert_int_eq(supers.v.v[given].say, MOUNT_TORN);
	ck_assert_int_eq(supers.v.v[added].say, MOUNT_LACKS);
}
END_TEST

static size_t an_ext4(uint32_t opt, uint32_t def)
{
	size_t n = super(EXT4);

	PUT(INFO(n), ext4, "s_sb_block", 1);
	PUT(INFO(n), ext4, "s_mount_opt", opt);
	PUT(INFO(n), ext4, "s_def_mount_opt", def);
	PUT(INFO(n), ext4, "s_es", MORE(n));
	PUT(INFO(n), ext4, "s_commit_interval", 5 * 250);
	PUT(INFO(n), ext4, "s_max_batch_time", 15000);
	PUT(INFO(n), ext4, "s_inode_readahead_blks", 32);
	PUT(INFO(n), ext4, "s_groups_count", 2);
	PUT(MORE(n), ext4_disk, "s_errors", 1);
	return n;
}

START_TEST(ext4_shows_what_is_not_usual)
{
	size_t usual = an_ext4(0x08000010, 0x08000010);
	size_t set = an_ext4(0x80410820, 0x08000410);

	PUT(INFO(set), ext4, "s_commit_interval", 30 * 250);
	PUT(INFO(set), ext4, "s_resgid", 7);
	PUT(INFO(set), ext4, "s_stripe", 16);
	PUT(INFO(set), ext4, "s_li_wait_mult", 11);
	PUT(INFO(set), ext4, "s_mount_opt2", 0x180);
	fake_put_field(&f, SB(set), "super_block.s_flags", 1u << 17);
	read_all();
	says(usual, "");
	says(set, ",dioread_nolock,nodelalloc,noauto_da_alloc,abort,resgid=7,"
		  "errors=remount-ro,commit=30,stripe=16,data=ordered,"
		  "init_itable=11,inlinecrypt,mb_optimize_scan=1");
}
END_TEST

START_TEST(ext4_has_quotas)
{
	size_t names = an_ext4(0, 0), flags = an_ext4(0x1c0000, 0);
	size_t odd = an_ext4(0x3c0000, 0x3c0000), none = an_ext4(0, 0x3c0000);
	uint64_t one;

	fake_put64(&f, INFO(names) + 96, text(0, "a b,c"));
	one = read_all();
	PUT(INFO(names), ext4, "s_jquota_fmt", 4);
	fake_put64(&f, INFO(names) + 104, text(1, "aquota.group"));
	PUT(INFO(odd), ext4, "s_jquota_fmt", 3);
	fake_put_field(&f, SB(flags), "super_block.s_dquot.flags", 0x9);
	fake_put64(&f, INFO(odd) + 104, text(1, "aquota.group"));
	for (size_t i = 0; i < supers.v.n; i++)
		buf_deinit(&supers.v.v[i].options);
	ck_assert_uint_eq(read_all(), one);
	says(names, ",jqfmt=vfsv1,usrjquota=a\\040b\\054c,"
		    "grpjquota=aquota.group");
	says(flags, ",quota,usrquota,grpquota");
	says(odd, ",jqfmt=,grpjquota=aquota.group");
	says(none, ",noquota");
	fake_put64(&f, INFO(names) + 96, 8);
	read_all();
	ck_assert_int_eq(supers.v.v[names].say, MOUNT_TORN);
}
END_TEST

/* As of 6.15. */
START_TEST(ext4_in_an_emergency)
{
	struct btf_kit kit = split_kit();
	size_t down = an_ext4(0, 0), both = an_ext4(0, 0);

	put_struct(&kit, "ext4_sb_info", ext4, N(ext4));
	put_struct(&kit, "ext4_super_block", ext4_disk, N(ext4_disk));
	kit_btf_type(&kit, "", BTF_ENUM, 1, false, 4);
	kit_btf_named(&kit, "EXT4_FLAGS_EMERGENCY_RO", 3);
	put_split(EXT4, &kit);
	put_fuse_types();
	PUT(INFO(down), ext4, "s_ext4_flags", 2);
	PUT(INFO(both), ext4, "s_ext4_flags", 2 | 8);
	read_all();
	says(down, ",shutdown");
	says(both, ",emergency_ro,shutdown");
}
END_TEST

START_TEST(ext4_is_directly_accessed)
{
	size_t dax = an_ext4(0x200, 0), ext2 = an_ext4(0x200, 0);

	supers.v.v[ext2].ext2 = true;
	read_all();
	says(dax, ",dax=always");
	says(ext2, ",dax");
}
END_TEST

/* What is not shown by all kernels. */
START_TEST(ext4_of_other_kinds)
{
	size_t down = an_ext4(0, 0), torn = an_ext4(0, 0);

	PUT(INFO(down), ext4, "s_ext4_flags", 2);
	PUT(INFO(torn), ext4, "s_es", 8);
	read_all();
	ck_assert_int_eq(supers.v.v[down].say, MOUNT_LACKS);
	ck_assert_int_eq(supers.v.v[torn].say, MOUNT_TORN);
}
END_TEST

START_TEST(fuse_shows_who_mounted_it)
{
	size_t n = super(FUSE), inner = super(FUSE), none = super(FUSE), i;

	for (i = n; i <= none; i++) {
		fake_put64(&f, INFO(i) + 8, MORE(i));
		PUT(MORE(i), fuse_conn, "user_ns", USERS);
		PUT(MORE(i), fuse_conn, "legacy_opts_show", i != none);
		PUT(MORE(i), fuse_conn, "user_id", 1000);
		PUT(MORE(i), fuse_conn, "max_read", UINT32_MAX);
	}
	PUT(MORE(n), fuse_conn, "max_read", 131072);
	PUT(MORE(n), fuse_conn, "allow_other", 1);
	PUT(MORE(inner), fuse_conn, "user_ns", USERS + 64);
	PUT(MORE(none), fuse_conn, "dax_mode", 1);
	fake_put_field(&f, SB(n), "super_block.s_bdev", USERS);
	fake_put_field(&f, SB(n), "super_block.s_blocksize", 4096);
	read_all();
	says(n, ",user_id=1000,group_id=0,allow_other,max_read=131072,"
		"blksize=4096");
	ck_assert_int_eq(supers.v.v[inner].say, MOUNT_LACKS);
	says(none, ",dax=always");
}
END_TEST

/* One that is built in has the kernel's types, and no module is looked at. */
START_TEST(autofs_of_the_image)
{
	size_t n = super(AUTOFS), gone = super(AUTOFS);

	fake_put_field(&f, SB(gone), "super_block.s_fs_info", 0);
	fake_put_field(&f, SB(n), "super_block.s_root", ROOT(n));
	fake_put64(&f, ROOT(n), MORE(n));
	fake_put32(&f, MORE(n) + 4, 12); /* its group */
	fake_put_field(&f, INFO(n), "autofs_sb_info.pipefd", 40);
	fake_put_field(&f, INFO(n), "autofs_sb_info.pipe", MORE(n) + 64);
	fake_put64(&f, MORE(n) + 64, MORE(n) + 128);
	fake_put64(&f, MORE(n) + 128 + 8, 1234);
	fake_put_field(&f, INFO(n), "autofs_sb_info.min_proto", 5);
	fake_put_field(&f, INFO(n), "autofs_sb_info.max_proto", 5);
	fake_put_field(&f, INFO(n), "autofs_sb_info.type", 2);
	fake_put_field(&f, INFO(n), "autofs_sb_info.exp_timeout", 300 * 250);
	fake_put64(&f, MODULES, 1); /* a list that is damaged */
	read_all();
	says(n,
	     ",fd=40,gid=12,pgrp=0,timeout=300,minproto=5,maxproto=5,direct");
	says(gone, "");
	fake_symbol("proc_timers_operations", BUILT_IN + 16);
	fake_put_field(&f, INFO(n), "autofs_sb_info.flags", 2);
	read_all();
	says(n, ",fd=40,gid=12,pgrp=0,timeout=300,minproto=5,maxproto=5,direct,"
		"strictexpire,pipe_ino=1234");
}
END_TEST

/* Types that do not fit to the kernel's, are cut off, or not there at all. */
START_TEST(modules_without_types)
{
	size_t n = an_ext4(0, 0), fuse = super(FUSE);

	kit_put_btf(&f, EXT4, split[EXT4].data, split[EXT4].len, 6,
		    base_strings);
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_UNTYPED);
	kit_put_btf(&f, EXT4, split[EXT4].data, 20, 5, base_strings);
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_UNTYPED);
	fake_btf(NULL, 0, ERR_NOT_FOUND);
	kit_put_btf(&f, EXT4, split[EXT4].data, split[EXT4].len, 5,
		    base_strings);
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_UNTYPED);
	fake_put64(&f, BTFS, BTFS); /* no module has any */
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_UNTYPED);
	ck_assert_int_eq(supers.v.v[fuse].say, MOUNT_UNTYPED);
}
END_TEST

START_TEST(types_that_lack_members)
{
	struct btf_kit kit = split_kit();
	size_t n = an_ext4(0, 0);

	put_struct(&kit, "ext4_sb_info", ext4, N(ext4) / 2);
	put_split(EXT4, &kit);
	read_all();
	ck_assert_int_eq(supers.v.v[n].say, MOUNT_LACKS);
}
END_TEST

START_TEST(as_many_batches_for_many_as_for_one)
{
	uint64_t one;
	size_t i;

	overlay();
	an_ext4(0, 0);
	one = read_all();
	for (i = 0; i < 40; i++)
		i % 2 ? overlay() : an_ext4(0, 0);
	ck_assert_uint_eq(read_all(), one);
}
END_TEST

/* Whatever memory says, there is an answer. */
START_TEST(hostile_memory)
{
	uint32_t state = 1;
	size_t i, round;

	for (i = 0; i < 2 * WHICH; i++)
		super((enum which)(i % WHICH));
	for (round = 0; round < 100; round++) {
		uint64_t from = round % 4 == 0	 ? BLOB(0)
				: round % 4 == 1 ? BTF_LINK(0)
						 : INFO(0);

		for (i = 0; i < 0x3000; i += 8) {
			state = state * 1664525 + 1013904223;
			if (state >> 28 < 2)
				fake_put64(&f, from + i,
					   state >> 28 ? state % 512
						       : DIRECT + state / 4096);
		}
		read_all();
		if (round % 10 == 9)
			put_types();
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_mount_modules");
	TCase *t = tcase_create("kernel_mount_modules");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, overlays);
	tcase_add_test(t, overlays_of_lists);
	tcase_add_test(t, ext4_shows_what_is_not_usual);
	tcase_add_test(t, ext4_has_quotas);
	tcase_add_test(t, ext4_in_an_emergency);
	tcase_add_test(t, ext4_is_directly_accessed);
	tcase_add_test(t, ext4_of_other_kinds);
	tcase_add_test(t, fuse_shows_who_mounted_it);
	tcase_add_test(t, autofs_of_the_image);
	tcase_add_test(t, modules_without_types);
	tcase_add_test(t, types_that_lack_members);
	tcase_add_test(t, as_many_batches_for_many_as_for_one);
	tcase_add_test(t, hostile_memory);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
