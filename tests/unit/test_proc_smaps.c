/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what smaps, smaps_rollup and numa_maps show; forms taken from real
 * guests. */
#include "proc/smaps.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define KIB	 1024u
#define PSS(kib) ((uint64_t)(kib)*KIB << VMA_PSS_SHIFT)

static struct mm mms[] = {{.addr = 1, .readable = true}};
static struct vma vmas[] = {{.start = 0x400000,
			     .end = 0x402000,
			     .flags = VM_READ | VM_EXEC | 0x870,
			     .mm = 1,
			     .ops = 1},
			    {.start = 0x800000,
			     .end = 0xc00000,
			     .flags = VM_READ | VM_WRITE | 5ULL << 32,
			     .mm = 1}};
static struct vma_list lists[] = {{.v = vmas, .n = 2}};
static char sh[] = "/bin/sh";
static struct map_entry lines_of_7[] = {
	{.start = 0x400000,
	 .end = 0x402000,
	 .offset = 0x1000,
	 .major = 8,
	 .minor = 1,
	 .ino = 4711,
	 .perms = "r-xp",
	 .name = sh},
	{.start = 0x800000, .end = 0xc00000, .perms = "rw-p"}};
static struct map_entry *lines[] = {lines_of_7};
static struct vma_use used[] = {{.rss = 8 * KIB,
				 .pss = PSS(3) - 1,
				 .pss_file = PSS(3) - 1,
				 .shared_clean = 4 * KIB,
				 .private_clean = 4 * KIB,
				 .referenced = 8 * KIB},
				{.rss = 2048 * KIB,
				 .pss = PSS(2048),
				 .pss_anon = PSS(2048),
				 .pss_dirty = PSS(2048),
				 .private_dirty = 2048 * KIB,
				 .anonymous = 2048 * KIB,
				 .anon_thp = 2048 * KIB,
				 .private_hugetlb = 4096 * KIB,
				 .swap = 4 * KIB,
				 .swap_pss = PSS(2)}};
static size_t first[] = {0};
static const struct task tasks[] = {{.pid = 7, .comm = "one"}};
static struct proc_part parts[] = {{.records = 2}};
static struct smaps smaps = {
	.maps = {.mms = mms, .lists = lists, .v = lines},
	.uses = {.v = used, .first = first},
	.thp = {.known = true, .always = true},
};
static const struct proc_values values = {.file = &proc_pid_smaps,
					  .tasks = tasks,
					  .parts = parts,
					  .n = 1,
					  .own = &smaps};

static struct fake_kernel f;

static void setup(void)
{
	fake_kernel_init(&f);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

START_TEST(as_5_10_prints_it)
{
	struct buf b = {0};

	vma_flags_init(&f.kernel, &smaps.form);
	proc_text(&values, 0, 0, &b);
	ck_assert_str_eq(b.data, "00400000-00402000 r-xp 00001000 08:01 4711"
				 "                               /bin/sh\n"
				 "Size:                  8 kB\n"
				 "KernelPageSize:        4 kB\n"
				 "MMUPageSize:           4 kB\n"
				 "Rss:                   8 kB\n"
				 "Pss:                   2 kB\n"
				 "Shared_Clean:          4 kB\n"
				 "Shared_Dirty:          0 kB\n"
				 "Private_Clean:         4 kB\n"
				 "Private_Dirty:         0 kB\n"
				 "Referenced:            8 kB\n"
				 "Anonymous:             0 kB\n"
				 "LazyFree:              0 kB\n"
				 "AnonHugePages:         0 kB\n"
				 "ShmemPmdMapped:        0 kB\n"
				 "FilePmdMapped:         0 kB\n"
				 "Shared_Hugetlb:        0 kB\n"
				 "Private_Hugetlb:       0 kB\n"
				 "Swap:                  0 kB\n"
				 "SwapPss:               0 kB\n"
				 "Locked:                0 kB\n"
				 "THPeligible:    0\n"
				 "VmFlags: rd ex mr mw me dw \n");
	buf_deinit(&b);
}
END_TEST

START_TEST(as_later_kernels_print_it)
{
	struct buf b = {0};

	fake_field("address_space_operations.migrate_folio", 0, 8);
	fake_field("inode.__i_ctime", 0, 8);
	fake_field("inode.__i_atime", 0, 8);
	fake_symbol("huge_anon_orders_always", DIRECT);
	vma_flags_init(&f.kernel, &smaps.form);
	smaps.form.pkeys = true;
	proc_text(&values, 0, 1, &b);
	ck_assert_str_eq(b.data, "00800000-00c00000 rw-p 00000000 00:00 0 \n"
				 "Size:               4096 kB\n"
				 "KernelPageSize:        4 kB\n"
				 "MMUPageSize:           4 kB\n"
				 "Rss:                2048 kB\n"
				 "Pss:                2048 kB\n"
				 "Pss_Dirty:          2048 kB\n"
				 "Shared_Clean:          0 kB\n"
				 "Shared_Dirty:          0 kB\n"
				 "Private_Clean:         0 kB\n"
				 "Private_Dirty:      2048 kB\n"
				 "Referenced:            0 kB\n"
				 "Anonymous:          2048 kB\n"
				 "KSM:                   0 kB\n"
				 "LazyFree:              0 kB\n"
				 "AnonHugePages:      2048 kB\n"
				 "ShmemPmdMapped:        0 kB\n"
				 "FilePmdMapped:         0 kB\n"
				 "Shared_Hugetlb:        0 kB\n"
				 "Private_Hugetlb:    4096 kB\n"
				 "Swap:                  4 kB\n"
				 "SwapPss:               2 kB\n"
				 "Locked:                0 kB\n"
				 "THPeligible:           1\n"
				 "ProtectionKey:         5\n"
				 "VmFlags: rd wr \n");
	buf_deinit(&b);
}
END_TEST

START_TEST(a_sum_of_all)
{
	struct buf b = {0};

	vma_flags_init(&f.kernel, &smaps.form);
	proc_pid_smaps_rollup.text(&values, 0, 0, &b);
	ck_assert_ptr_eq(strstr(b.data,
				"00400000-00c00000 ---p 00000000 00:00 0"
				"                                  [rollup]\n"
				"Rss:                2056 kB\n"
				"Pss:                2050 kB\n"
				"Pss_Anon:           2048 kB\n"
				"Pss_File:              2 kB\n"
				"Pss_Shmem:             0 kB\n"),
			 b.data);
	ck_assert_ptr_null(strstr(b.data, "VmFlags"));
	buf_deinit(&b);
}
END_TEST

/* The cell of the column with that key, in the last row. */
static const struct row_cell *cell(const struct rows *r, const char *key)
{
	size_t i = 0;

	while (strcmp(r->top.columns[i].key, key) != 0)
		ck_assert_uint_lt(++i, r->top.n_columns);
	return row_cell(&r->top, row_count(&r->top) - 1, i);
}

START_TEST(rows_have_the_same_values)
{
	struct rows r;

	vma_flags_init(&f.kernel, &smaps.form);
	rows_init(&r);
	rows_begin(&r, proc_pid_smaps.columns, proc_pid_smaps.n_columns);
	proc_pid_smaps.rows(&values, 0, 1, &r.top);
	ck_assert_uint_eq(cell(&r, "pid")->number, 7);
	ck_assert_uint_eq(cell(&r, "size")->number, 4096 * KIB);
	ck_assert_uint_eq(cell(&r, "pss")->number, 2048 * KIB);
	ck_assert_uint_eq(cell(&r, "swap_pss")->number, 2 * KIB);
	ck_assert_uint_eq(cell(&r, "thp_eligible")->number, 1);
	ck_assert(!cell(&r, "protection_key")->set);
	ck_assert(!cell(&r, "path")->set);
	rows_deinit(&r);
	rows_init(&r);
	rows_begin(&r, proc_pid_smaps_rollup.columns,
		   proc_pid_smaps_rollup.n_columns);
	proc_pid_smaps_rollup.rows(&values, 0, 0, &r.top);
	ck_assert_uint_eq(cell(&r, "rss")->number, 2056 * KIB);
	ck_assert_uint_eq(cell(&r, "private_hugetlb")->number, 4096 * KIB);
	rows_deinit(&r);
}
END_TEST

/* What orders allow, and where a page of that size fits. */
START_TEST(where_huge_pages_can_be)
{
	struct thp t = {.known = true, .madvise = true};
	struct vma v = vmas[1];

	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	v.flags |= VM_HUGEPAGE;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_YES);
	v.ops = 1; /* not anonymous */
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	v.ops = 0;
	v.start = 0x801000;
	v.end = 0xbff000;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	v.end = 0xc00000;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_YES);
	v.flags |= VM_NOHUGEPAGE;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	/* sizes have their own settings */
	v = (struct vma){.start = 0x801000, .end = 0x809000};
	t = (struct thp){.known = true, .any_order = true, .orders_always = 4};
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_YES);
	t.orders_always = 1 << 9;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	mms[0].flags = 1 << 24;
	t.orders_always = 4;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	mms[0].flags = 0;
}
END_TEST

/* What a file system of shared memory says, and what is not known of it. */
START_TEST(where_huge_pages_can_be_shared)
{
	struct thp t = {.known = true,
			.shmem_ops = 1,
			.shmem_anon_ops = 2,
			.shm_ops = 3};
	struct vma v = {
		.start = 0x800000, .end = 0xa00000, .pgoff = 512, .ops = 1};

	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_YES);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 2), THP_UNKNOWN);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 3), THP_NO);
	v.flags = VM_HUGEPAGE;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 3), THP_YES);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 4), THP_UNKNOWN);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, THP_HUGE_UNKNOWN),
			 THP_UNKNOWN);
	v.pgoff = 1; /* its pages lie in another way */
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_NO);
	v.pgoff = 0;
	t.shmem = -1;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_NO);
	t.shmem = -2;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_UNKNOWN);
	t.shmem = 0;
	v.ops = 2;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_UNKNOWN);
	t.shmem_orders = 1 << 9;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_UNKNOWN);
	v.ops = 3;
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 0), THP_NO);
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_UNKNOWN);
	ck_assert(thp_is_shmem(&t, &v));
	v.flags |= VM_HUGETLB; /* a segment of hugetlbfs, which has none of it
				*/
	ck_assert(!thp_is_shmem(&t, &v));
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_NO);
	v.flags = VM_HUGEPAGE;
	v.ops = 4; /* another file */
	ck_assert_int_eq(thp_eligible(&t, mms, &v, 1), THP_NO);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_smaps");
	TCase *t = tcase_create("proc_smaps");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, as_5_10_prints_it);
	tcase_add_test(t, as_later_kernels_print_it);
	tcase_add_test(t, a_sum_of_all);
	tcase_add_test(t, rows_have_the_same_values);
	tcase_add_test(t, where_huge_pages_can_be);
	tcase_add_test(t, where_huge_pages_can_be_shared);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
