/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of names of VMAs and of paths, on memory written by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fs/file.h"
#include "kernel/fs/path.h"
#include "kernel/mm/vma_name.h"
#include "unit/fake_kernel.h"

#define ANON	  (DIRECT + 0x1000) /* struct anon_vma_name */
#define OPS	  (DIRECT + 0x2000) /* vm_operations_struct */
#define SPECIAL	  (DIRECT + 0x3000) /* vm_special_mapping */
#define NAME_FN	  (DIRECT + 0x4000) /* special_mapping_name() */
#define DENTRY(n) (DIRECT + 0x10000 + (n)*256ULL)
#define MOUNT(n)  (DIRECT + 0x20000 + (n)*128ULL)
#define VFSMNT(n) (MOUNT(n) + 32)
#define DOPS	  (DIRECT + 0x30000)

static struct fake_kernel f;
static struct vma_names names;
static struct mm mm = {.addr = 1,
		       .start_brk = 0x10000,
		       .brk = 0x20000,
		       .start_stack = 0x7ffe1000};
static struct vma vma;
static struct vma_list list = {.v = &vma, .n = 1};

static void setup(void)
{
	fake_kernel_init(&f);
	fake_field("anon_vma_name.name", 4, 0);
	fake_field("vm_operations_struct.name", 16, 8);
	fake_field("vm_special_mapping.name", 0, 8);
	fake_symbol("special_mapping_name", NAME_FN);
	fake_puts(&f, ANON + 4, "arena 7");
	fake_put64(&f, SPECIAL, DIRECT + 0x5000);
	fake_puts(&f, DIRECT + 0x5000, "[vvar_vclock]");
	vma = (struct vma){
		.mm = 1, .start = 0x7f0000000000, .end = 0x7f0000001000};
}

static void teardown(void)
{
	vma_names_deinit(&names);
	fake_kernel_deinit(&f);
}

/* The name of the VMA as it is now, compared. */
static void assert_name(const char *path, const char *want)
{
	struct vma_name_place place = {.mm = &mm, .path = path};
	const char *name = NULL;
	uint64_t maker = 1;

	ck_assert_int_eq(vma_names_read(&f.kernel, &list, 1, &names, NULL), 0);
	ck_assert_int_eq(
		vma_name(&f.kernel, &names, &place, &vma, &name, &maker), 0);
	ck_assert_pstr_eq(name, want);
	ck_assert_uint_eq(maker, 0);
	vma_names_deinit(&names);
}

START_TEST(anonymous_memory)
{
	assert_name(NULL, NULL);
	vma.anon_name = ANON;
	assert_name(NULL, "[anon:arena 7]");
	/* named shared memory is a file of tmpfs (>= 6.2) */
	vma.file = DIRECT;
	assert_name("/dev/zero (deleted)", "[anon_shmem:arena 7]");
	vma.anon_name = 0;
	assert_name("/dev/zero (deleted)", "/dev/zero (deleted)");
}
END_TEST

START_TEST(heap_and_stack)
{
	vma.start = 0x20000; /* begins where the heap ends */
	vma.end = 0x21000;
	assert_name(NULL, "[heap]");
	fake_field("inode.__i_ctime", 0, 8); /* >= 6.6: only touches it */
	assert_name(NULL, NULL);
	vma.start = 0x1f000;
	assert_name(NULL, "[heap]");
	vma.anon_name = ANON; /* the heap keeps its name */
	assert_name(NULL, "[heap]");
	vma.start = 0x7ffe0000;
	vma.end = 0x7ffe2000;
	assert_name(NULL, "[stack]");
}
END_TEST

START_TEST(special_mappings)
{
	vma.ops = OPS;
	vma.private_data = SPECIAL;
	assert_name(NULL, NULL); /* no name function */
	fake_put64(&f, OPS + 16, NAME_FN);
	machine_drop_cache(&f.memory.machine);
	assert_name(NULL, "[vvar_vclock]");
}
END_TEST

/* One that is not known, which is told, and one that cannot be read. */
START_TEST(unknown_name_functions_are_not_guessed)
{
	struct vma_name_place place = {.mm = &mm};
	const char *name = NULL;
	uint64_t maker = 1;

	vma.ops = _i ? DIRECT + (1 << 28) : OPS;
	fake_put64(&f, OPS + 16, NAME_FN + 64);
	ck_assert_int_eq(vma_names_read(&f.kernel, &list, 1, &names, NULL), 0);
	ck_assert_int_eq(
		vma_name(&f.kernel, &names, &place, &vma, &name, &maker),
		ERR_NOT_FOUND);
	ck_assert_ptr_null(name);
	ck_assert_uint_eq(maker, _i ? 0 : NAME_FN + 64);
}
END_TEST

/* A dentry: its parent, name, and whether it still is hashed. */
static void dentry(unsigned int n, unsigned int parent, const char *name)
{
	fake_put_field(&f, DENTRY(n), "dentry.d_parent", DENTRY(parent));
	fake_put_field(&f, DENTRY(n), "dentry.d_name.name", DENTRY(n) + 100);
	fake_put_field(&f, DENTRY(n), "dentry.d_name.len", strlen(name));
	fake_put_field(&f, DENTRY(n), "dentry.d_hash.pprev", DIRECT);
	fake_put_field(&f, DENTRY(n), "dentry.d_op", DOPS);
	fake_puts(&f, DENTRY(n) + 100, name);
}

static void mount(unsigned int n, unsigned int root, unsigned int parent,
		  unsigned int point)
{
	fake_put_field(&f, MOUNT(n), "mount.mnt.mnt_root", DENTRY(root));
	fake_put_field(&f, MOUNT(n), "mount.mnt_parent", MOUNT(parent));
	fake_put_field(&f, MOUNT(n), "mount.mnt_mountpoint", DENTRY(point));
}

/* /usr/lib in mount 0, and mount 1 with "lib.so" on /usr/lib. */
static void tree(void)
{
	fake_field("dentry.d_parent", 0, 8);
	fake_field("dentry.d_name.name", 8, 8);
	fake_field("dentry.d_name.len", 16, 4);
	fake_field("dentry.d_inode", 24, 8);
	fake_field("dentry.d_op", 32, 8);
	fake_field("dentry.d_hash.pprev", 40, 8);
	fake_field("dentry.d_shortname", 100, 32);
	fake_field("dentry_operations.d_dname", 0, 8);
	fake_field("inode.i_ino", 0, 8);
	fake_field("mount.mnt_parent", 0, 8);
	fake_field("mount.mnt_mountpoint", 8, 8);
	fake_field("mount.mnt", 32, 24);
	fake_field("mount.mnt.mnt_root", 32, 8);
	/* find_root() looks for PID 1, of which there is none */
	fake_symbol("init_pid_ns", DIRECT + 0x7000);
	fake_field("pid_namespace.idr.idr_rt.xa_head", 0, 8);
	fake_field("pid.tasks", 16, 4 * 8);
	fake_field("xa_node.slots", 40, 64 * 8);
	fake_field("task_struct.pid_links", 0, 64);
	fake_field("task_struct.comm", 0, 16);
	fake_constant("pid_type.PIDTYPE_PID", 0);
	fake_constant("pid_type.PIDTYPE_TGID", 1);
	dentry(0, 0, "/");
	dentry(1, 0, "usr");
	dentry(2, 1, "lib");
	dentry(3, 3, "/");
	dentry(4, 3, "lib.so");
	mount(0, 0, 0, 0);
	mount(1, 3, 0, 2);
}

/* What becomes of one path; text is NULL where `fault` says why. */
static void assert_resolved(unsigned int mnt, unsigned int d, const char *want,
			    enum path_fault fault)
{
	struct path_job job = {.at = {VFSMNT(mnt), DENTRY(d)}};
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!path_resolve(&f.kernel, &job, 1, &err), "%s", err.text);
	ck_assert_pstr_eq(job.text, want);
	ck_assert_int_eq(job.fault, fault);
	ck_assert_int_eq(!job.text, !!job.fault);
	free(job.text);
}

static void assert_path(unsigned int mnt, unsigned int d, const char *want)
{
	assert_resolved(mnt, d, want, want ? PATH_SOUND : PATH_TORN);
}

START_TEST(paths)
{
	tree();
	assert_path(0, 0, "/");
	assert_path(0, 2, "/usr/lib");
	assert_path(1, 3, "/usr/lib");
	assert_path(1, 4, "/usr/lib/lib.so");
	/* unhashed: its name is gone */
	fake_put_field(&f, DENTRY(4), "dentry.d_hash.pprev", 0);
	assert_path(1, 4, "/usr/lib/lib.so (deleted)");
	/* a root is never deleted */
	fake_put_field(&f, DENTRY(3), "dentry.d_hash.pprev", 0);
	assert_path(1, 3, "/usr/lib");
	/* moved out of what its mount shows: no way leads there */
	mount(1, 2, 0, 2);
	assert_path(1, 4, "/ (deleted)");
	fake_put_field(&f, DENTRY(4), "dentry.d_hash.pprev", DIRECT);
	assert_path(1, 4, "/");
	fake_put_field(&f, DENTRY(4), "dentry.d_hash.pprev", 0);
	mount(1, 3, 0, 2);
	/* no d_op at all, and one that cannot be read: a pseudo file's? */
	fake_put_field(&f, DENTRY(4), "dentry.d_op", 0);
	assert_path(1, 4, "/usr/lib/lib.so (deleted)");
	fake_put_field(&f, DENTRY(4), "dentry.d_op", DIRECT + (1 << 28));
	assert_path(1, 4, NULL);
}
END_TEST

#define INODE  (DIRECT + 0x6800)
#define FSDATA (DIRECT + 0x6900)

static const struct {
	const char *function, *want;
	enum path_fault fault;
} pseudo[] = {
	{"simple_dname", "/lib.so (deleted)", 0},
	{"sockfs_dname", "socket:[4711]", 0},
	{"pipefs_dname", "pipe:[4711]", 0},
	{"pidfs_dname", "anon_inode:[pidfd]", 0},
	{"anon_inodefs_dname", "anon_inode:lib.so", 0},
	{"anon_inodefs_dname.llvm.7", "anon_inode:lib.so", 0},
	{"dmabuffs_dname", "/lib.so:my buffer", 0},
	{"ns_dname", "my buffer:[4711]", 0},
	{"some_other_dname", NULL, PATH_UNKNOWN},
	{"simple_dnames", NULL, PATH_UNKNOWN},
};

/* A pseudo file with all that names are made of. */
static void pseudo_file(const char *function)
{
	tree();
	fake_field("dentry.d_fsdata", 48, 8);
	fake_field("dma_buf.name", 8, 8);
	fake_field("proc_ns_operations.name", 8, 8);
	fake_symbol(function, DIRECT + 0x6000);
	fake_put64(&f, DOPS, DIRECT + 0x6000);
	fake_put_field(&f, DENTRY(4), "dentry.d_inode", INODE);
	fake_put_field(&f, DENTRY(4), "dentry.d_fsdata", FSDATA);
	fake_put64(&f, INODE, 4711);
	fake_put64(&f, FSDATA + 8, FSDATA + 64);
	fake_puts(&f, FSDATA + 64, "my buffer");
}

START_TEST(files_without_a_path)
{
	pseudo_file(pseudo[_i].function);
	assert_resolved(1, 4, pseudo[_i].want, pseudo[_i].fault);
}
END_TEST

/* A dma_buf has no name as a rule, and any bytes where it has one. */
START_TEST(dma_bufs)
{
	pseudo_file("dmabuffs_dname");
	fake_put64(&f, FSDATA + 8, 0);
	assert_path(1, 4, "/lib.so:");
	fake_put64(&f, FSDATA + 8, DIRECT + (1 << 28));
	assert_path(1, 4, NULL);
	fake_put64(&f, FSDATA + 8, FSDATA + 64);
	memset(f.memory.bytes + (FSDATA + 64 - DIRECT), 'x', 512);
	assert_path(1, 4,
		    "/lib.so:" /* without an end: cut */
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	fake_put_field(&f, DENTRY(4), "dentry.d_fsdata", DIRECT + (1 << 28));
	assert_path(1, 4, NULL);
	/* types that do not tell where it is: nothing is damaged */
	fake_no_field("dma_buf.name");
	assert_resolved(1, 4, NULL, PATH_UNKNOWN);
}
END_TEST

/* From 6.9 on a namespace's type is found through its inode. */
START_TEST(namespaces)
{
	pseudo_file("ns_dname");
	fake_field("pid.stashed", 0, 8);
	assert_resolved(1, 4, NULL, PATH_UNKNOWN);
	fake_field("inode.i_private", 8, 8);
	fake_field("ns_common.ops", 0, 8);
	fake_put64(&f, INODE + 8, INODE + 64);
	fake_put64(&f, INODE + 64, INODE + 128);
	fake_put64(&f, INODE + 136, INODE + 144);
	fake_puts(&f, INODE + 144, "net");
	assert_path(1, 4, "net:[4711]");
	fake_put_field(&f, DENTRY(4), "dentry.d_inode", DIRECT + (1 << 28));
	assert_path(1, 4, NULL);
}
END_TEST

/* n directories of `len` letters below the root of mount 0. */
static void descend(unsigned int n, uint32_t len)
{
	const uint64_t first = DIRECT + 0x40000, name = DIRECT + 0x3f000;
	unsigned int i;

	memset(f.memory.bytes + (name - DIRECT), 'd', len);
	for (i = 0; i < n; i++) {
		uint64_t d = first + i * 128ULL;

		fake_put_field(&f, d, "dentry.d_parent",
			       i ? d - 128 : DENTRY(0));
		fake_put_field(&f, d, "dentry.d_name.name", name);
		fake_put_field(&f, d, "dentry.d_name.len", len);
		fake_put_field(&f, d, "dentry.d_hash.pprev", DIRECT);
	}
}

static const struct {
	unsigned int n;
	uint32_t len;
	enum path_fault fault;
} depths[] = {
	{23, 200, 0}, /* 4,623 bytes */
	{1500, 2, 0},
	{4096, 200, 0}, /* as deep as qvmi goes */
	{4097, 1, PATH_LIMIT},
	{3, 4095, 0},
	{300, 4095, PATH_LIMIT}, /* more than 1 MiB */
	{1, 4096, PATH_TORN},	 /* no name is longer */
};

/* /proc prints paths of any length. */
START_TEST(long_paths)
{
	unsigned int n = depths[_i].n;
	struct path_job job = {
		.at = {VFSMNT(0), DIRECT + 0x40000 + (n - 1) * 128ULL}};

	tree();
	descend(n, depths[_i].len);
	ck_assert_int_eq(path_resolve(&f.kernel, &job, 1, NULL), 0);
	ck_assert_int_eq(job.fault, depths[_i].fault);
	if (!job.fault) {
		ck_assert_uint_eq(strlen(job.text), n * (depths[_i].len + 1));
		ck_assert_uint_eq(strcspn(job.text + 1, "/"), depths[_i].len);
	}
	free(job.text);
}
END_TEST

/* Paths that lead nowhere end, and say at which structure. */
START_TEST(broken_paths)
{
	tree();
	switch (_i) {
	case 0: /* two dentries that are each other's parent */
		dentry(5, 4, "x");
		dentry(4, 5, "y");
		break;
	case 1: /* a parent outside memory */
		fake_put_field(&f, DENTRY(4), "dentry.d_parent",
			       DIRECT + (1 << 28));
		break;
	case 2: /* a name that is too long */
		fake_put_field(&f, DENTRY(4), "dentry.d_name.len", 0xffffffff);
		break;
	case 3: /* a mount outside memory */
		fake_put_field(&f, MOUNT(1), "mount.mnt_parent",
			       DIRECT + (1 << 28));
		break;
	case 4: /* no mount at all: not the root, but unknown */
		fake_put_field(&f, MOUNT(1), "mount.mnt_parent", -32ULL);
		break;
	default: /* two mounts that are each other's parent */
		mount(0, 2, 1, 3);
		mount(1, 3, 0, 2);
		break;
	}
	assert_path(1, 4, NULL);
}
END_TEST

static void file(uint64_t at, unsigned int mnt, unsigned int d)
{
	fake_put_field(&f, at, "file.f_path.mnt", VFSMNT(mnt));
	fake_put_field(&f, at, "file.f_path.dentry", DENTRY(d));
	fake_put_field(&f, at, "file.f_inode", DIRECT);
}

/* However many have it open, and whatever it is called: its name is one. */
START_TEST(files_share_a_path)
{
	const uint64_t files[] = {DIRECT + 0x8000, DIRECT + 0x8100,
				  DIRECT + 0x8200, DIRECT + 0x8300,
				  DIRECT + (1 << 28)};
	struct file_infos infos = {0};
	size_t i;

	tree();
	fake_field("file.f_path.mnt", 0, 8);
	fake_field("file.f_path.dentry", 8, 8);
	fake_field("file.f_inode", 16, 8);
	fake_field("file.f_mode", 24, 4);
	fake_field("inode.i_sb", 8, 8);
	fake_field("super_block.s_dev", 0, 4);
	file(files[0], 1, 4);
	file(files[1], 0, 2);
	file(files[2], 1, 4);
	file(files[3], 0, 4); /* the dentry by another mount */
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(file_infos_add(&infos, files[i]), 0);
	ck_assert_int_eq(file_infos_add(&infos, files[0]), 0);
	ck_assert_int_eq(file_infos_add(&infos, 0), 0);
	ck_assert_uint_eq(infos.files.n, 5);
	ck_assert_ptr_null(file_infos_get(&infos, files[0]));
	ck_assert_int_eq(file_infos_read(&f.kernel, &infos, NULL), 0);
	ck_assert_ptr_eq(file_infos_get(&infos, files[3]), &infos.v[3]);
	ck_assert_ptr_null(file_infos_get(&infos, 0));
	ck_assert_str_eq(infos.v[0].path, "/usr/lib/lib.so");
	ck_assert_str_eq(infos.v[1].path, "/usr/lib");
	ck_assert_ptr_eq(infos.v[2].path, infos.v[0].path);
	ck_assert_ptr_ne(infos.v[3].path, infos.v[0].path);
	ck_assert_ptr_null(infos.v[4].path);
	ck_assert_int_eq(infos.v[4].fault, PATH_TORN);
	ck_assert_uint_eq(infos.v[4].fault_at, files[4]);
	file_infos_deinit(&infos);
}
END_TEST

/* A file that has no dentry has no path, and least of all "/". */
START_TEST(no_dentry_is_no_root)
{
	struct path_job job = {0};

	tree();
	ck_assert_int_eq(path_resolve(&f.kernel, &job, 1, NULL), 0);
	ck_assert_ptr_null(job.text);
	job.at.mnt = VFSMNT(1);
	ck_assert_int_eq(path_resolve(&f.kernel, &job, 1, NULL), 0);
	ck_assert_ptr_null(job.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_names");
	TCase *t = tcase_create("kernel_names");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, anonymous_memory);
	tcase_add_test(t, heap_and_stack);
	tcase_add_test(t, special_mappings);
	tcase_add_loop_test(t, unknown_name_functions_are_not_guessed, 0, 2);
	tcase_add_test(t, paths);
	tcase_add_loop_test(t, files_without_a_path, 0,
			    sizeof(pseudo) / sizeof(pseudo[0]));
	tcase_add_test(t, dma_bufs);
	tcase_add_test(t, namespaces);
	tcase_add_loop_test(t, long_paths, 0,
			    sizeof(depths) / sizeof(depths[0]));
	tcase_add_loop_test(t, broken_paths, 0, 6);
	tcase_add_test(t, no_dentry_is_no_root);
	tcase_add_test(t, files_share_a_path);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
