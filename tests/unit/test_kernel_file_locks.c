/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of locks of files, and of the lines that tell of them. */
#include "kernel/fs/file_locks.h"

#include <check.h>
#include <stdlib.h>

#include "proc/lock_line.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"

#define LOCK(n)	  (DIRECT + 0x10000 + (n)*256ULL)
#define FILE_AT	  (DIRECT + 0x20000)
#define INODE	  (DIRECT + 0x21000)
#define SB	  (DIRECT + 0x22000)
#define CONTEXT	  (DIRECT + 0x23000)
#define OFFSETS	  (DIRECT + 0x24000)
#define MASKS	  (DIRECT + 0x25000)
#define HEAD(cpu) (DIRECT + 0x26000 + (cpu)*0x1000ULL)

#define LINK	  0
#define LIST	  16
#define WAITERS	  32
#define WAITER	  48

static struct fake_kernel f;

static void fields(void)
{
	static const struct fake_member list[] = {
		{"file_lock_list_struct.hlist.first", 8, 8},
		{"file_lock.fl_link", LINK, 16},
		{"file_lock.fl_list", LIST, 16},
		{"file_lock.fl_blocked_requests", WAITERS, 16},
		{"file_lock.fl_blocked_member", WAITER, 16},
		{"file_lock.fl_flags", 64, 4},
		{"file_lock.fl_type", 68, 4},
		{"file_lock.fl_pid", 72, 4},
		{"file_lock.fl_file", 80, 8},
		{"file_lock.fl_owner", 88, 8},
		{"file_lock.fl_start", 96, 8},
		{"file_lock.fl_end", 104, 8},
		{"file.f_inode", 0, 8},
		{"inode.i_sb", 0, 8},
		{"inode.i_ino", 8, 8},
		{"inode.i_mode", 16, 4},
		{"super_block.s_dev", 0, 4},
		{"super_block.s_flags", 8, 8},
		{"file_lock_context.flc_flock", 0, 16},
		{"file_lock_context.flc_posix", 16, 16},
		{"file_lock_context.flc_lease", 32, 16},
		{"inode_operations.fileattr_get", 0, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

/* Two CPUs. */
static void setup(void)
{
	fake_kernel_init(&f);
	fields();
	fake_symbol("__per_cpu_offset", OFFSETS);
	fake_symbol("nr_cpu_ids", MASKS);
	fake_symbol("__cpu_online_mask", MASKS + 8);
	fake_symbol("__cpu_possible_mask", MASKS + 16);
	fake_symbol("file_lock_list", HEAD(0));
	fake_put32(&f, MASKS, 2);
	fake_put64(&f, MASKS + 8, 3);
	fake_put64(&f, MASKS + 16, 3);
	fake_put64(&f, OFFSETS + 8, 0x1000);
	fake_put64(&f, FILE_AT, INODE);
	fake_put64(&f, INODE, SB);
	fake_put64(&f, INODE + 8, 77);
	fake_put32(&f, SB, 8 << 20 | 3);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* A lock that nobody waits for. */
static void lock(unsigned int n, uint32_t flags, uint32_t pid)
{
	fake_ring(&f, LOCK(n) + WAITERS, NULL, 0);
	fake_put_field(&f, LOCK(n), "file_lock.fl_flags", flags);
	fake_put_field(&f, LOCK(n), "file_lock.fl_type", 1);
	fake_put_field(&f, LOCK(n), "file_lock.fl_pid", pid);
	fake_put_field(&f, LOCK(n), "file_lock.fl_file", FILE_AT);
	fake_put_field(&f, LOCK(n), "file_lock.fl_end", INT64_MAX);
}

/* What /proc/locks says, and whether it is whole. */
static void says(const char *text, bool whole)
{
	struct proc_values v;
	struct err err = {0};
	struct proc_part *part;

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!proc_read(&proc_locks, &f.kernel, NULL, 1, &v, &err),
		      "%s", err.text);
	part = v.parts;
	buf_add(&part->text, "", 1);
	ck_assert_str_eq(part->text.data, text);
	ck_assert_uint_eq(part->why.len == 0, whole);
	proc_values_deinit(&v);
}

START_TEST(those_of_all_cpus)
{
	lock(0, LOCK_POSIX, 5);
	lock(1, LOCK_FLOCK, 6);
	lock(2, LOCK_LEASE | LOCK_DOWNGRADING, 7);
	fake_put_field(&f, LOCK(0), "file_lock.fl_end", 9);
	fake_put64(&f, HEAD(0) + 8, LOCK(1));
	fake_put64(&f, HEAD(1) + 8, LOCK(0));
	fake_put64(&f, LOCK(0), LOCK(2));
	says("1: FLOCK  ADVISORY  WRITE 6 08:03:77 0 EOF\n"
	     "2: POSIX  ADVISORY  WRITE 5 08:03:77 0 9\n"
	     "3: LEASE  BREAKING  READ 7 08:03:77 0 EOF\n",
	     true);
}
END_TEST

static void waiting(void)
{
	const uint64_t first[] = {LOCK(1) + WAITER, LOCK(3) + WAITER};
	const uint64_t second[] = {LOCK(2) + WAITER};
	unsigned int i;

	for (i = 0; i < 4; i++)
		lock(i, LOCK_POSIX, 5 + i);
	fake_ring(&f, LOCK(0) + WAITERS, first, 2);
	fake_ring(&f, LOCK(1) + WAITERS, second, 1);
	fake_put64(&f, HEAD(0) + 8, LOCK(0));
}

START_TEST(who_waits_for_whom)
{
	waiting();
	says("1: POSIX  ADVISORY  WRITE 5 08:03:77 0 EOF\n"
	     "1: -> POSIX  ADVISORY  WRITE 6 08:03:77 0 EOF\n"
	     "1:  -> POSIX  ADVISORY  WRITE 7 08:03:77 0 EOF\n"
	     "1: -> POSIX  ADVISORY  WRITE 8 08:03:77 0 EOF\n",
	     true);
	/* up to 5.12 */
	fake_no_field("inode_operations.fileattr_get");
	says("1: POSIX  ADVISORY  WRITE 5 08:03:77 0 EOF\n"
	     "1: -> POSIX  ADVISORY  WRITE 6 08:03:77 0 EOF\n"
	     "1: -> POSIX  ADVISORY  WRITE 8 08:03:77 0 EOF\n",
	     true);
}
END_TEST

/* One that is on two lists, and one that leads to itself. */
START_TEST(circles_end)
{
	static const char left[] =
		"1: POSIX  ADVISORY  WRITE 5 08:03:77 0 EOF\n"
		"1: -> POSIX  ADVISORY  WRITE 8 08:03:77 0 "
		"EOF\n";
	const uint64_t other[] = {LOCK(1) + WAITER};

	waiting();
	fake_ring(&f, LOCK(2) + WAITERS, other, 1);
	says(left, false);
	fake_put64(&f, LOCK(0), LOCK(0));
	says(left, false);
}
END_TEST

/* Of nobody: counted, but not shown; of a kind that is not known: an error. */
START_TEST(those_that_are_not_shown)
{
	lock(0, LOCK_POSIX, 0);
	lock(1, LOCK_POSIX | LOCK_OFDLCK, 0);
	lock(2, LOCK_LAYOUT, 9);
	fake_put64(&f, HEAD(0) + 8, LOCK(0));
	fake_put64(&f, LOCK(0), LOCK(1));
	says("2: OFDLCK ADVISORY  WRITE -1 08:03:77 0 EOF\n", true);
	fake_put64(&f, LOCK(1), LOCK(2));
	says("2: OFDLCK ADVISORY  WRITE -1 08:03:77 0 EOF\n", false);
}
END_TEST

START_TEST(locks_of_inodes)
{
	const uint64_t contexts[] = {CONTEXT};
	const uint64_t flocks[] = {LOCK(1) + LIST}, posix[] = {LOCK(0) + LIST};
	struct inode_locks l;
	struct err err = {0};
	uint64_t at;

	lock(0, LOCK_POSIX, 5);
	lock(1, LOCK_FLOCK, 6);
	fake_ring(&f, CONTEXT, flocks, 1);
	fake_ring(&f, CONTEXT + 16, posix, 1);
	fake_ring(&f, CONTEXT + 32, NULL, 0);
	ck_assert(!inode_locks_read(&f.kernel, contexts, 1, &l, &err));
	ck_assert(map_get(&l.at, CONTEXT, &at) && at == 0);
	ck_assert_uint_eq(l.ranges.v[0].n, 2);
	ck_assert(!l.ranges.v[0].torn);
	ck_assert_int_eq(l.all.v.v[0].pid, 6);
	ck_assert_int_eq(l.all.v.v[1].pid, 5);
	inode_locks_deinit(&l);
	fake_put64(&f, CONTEXT + 32, 1);
	machine_drop_cache(&f.memory.machine);
	ck_assert(!inode_locks_read(&f.kernel, contexts, 1, &l, &err));
	ck_assert(l.ranges.v[0].torn);
	inode_locks_deinit(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_file_locks");
	TCase *t = tcase_create("kernel_file_locks");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, those_of_all_cpus);
	tcase_add_test(t, who_waits_for_whom);
	tcase_add_test(t, circles_end);
	tcase_add_test(t, those_that_are_not_shown);
	tcase_add_test(t, locks_of_inodes);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
