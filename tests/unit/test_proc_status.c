/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the text of /proc/PID/status, from values written by hand. */
#include "proc/status.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/masks.h"

static struct buf out;

static void setup(void)
{
	out = (struct buf){0};
}

static void teardown(void)
{
	buf_deinit(&out);
}

static const struct {
	uint64_t words[2];
	unsigned int bits;
	const char *hex, *list;
} masks[] = {
	{{1, 0}, 1, "1", "0"},
	{{0x5, 0}, 3, "5", "0,2"},
	{{0xff, 0}, 4, "f", "0-3"}, /* what is beyond does not count */
	{{0xf0f0, 0}, 16, "f0f0", "4-7,12-15"},
	{{0x3ffffffffULL, 0}, 34, "3,ffffffff", "0-33"},
	{{1ULL << 63, 1}, 65, "1,80000000,00000000", "63-64"},
	{{0, 0}, 32, "00000000", ""},
	{{0, 0}, 0, "", ""},
};

START_TEST(masks_of_bits)
{
	buf_puts(&out, "");
	mask_put_hex(masks[_i].words, masks[_i].bits, &out);
	buf_puts(&out, ";");
	mask_put_list(masks[_i].words, masks[_i].bits, &out);
	ck_assert_uint_eq(strlen(masks[_i].hex), strcspn(out.data, ";"));
	ck_assert(!strncmp(out.data, masks[_i].hex, strlen(masks[_i].hex)));
	ck_assert_str_eq(strchr(out.data, ';') + 1, masks[_i].list);
}
END_TEST

/* A process two namespaces down, which the inner one knows by other numbers;
 * its session is not seen there. */
static struct pid_numbers of[TASK_PIDS] = {{0, 2}, {2, 2}, {4, 2}, {6, 1}};
static struct pid_number numbers[] = {{1, 300}, {2, 3}, {1, 200}, {2, 2},
				      {1, 100}, {2, 1}, {1, 50}};
static uint32_t no_tracer[1] = {0}, groups[] = {4, 20};
static bool yes[1] = {true};

static struct task_numbers task_values = {
	.v = {[TASK_UMASK] = 022, [TASK_MAX_FDS] = 64}};
static struct cred cred = {.uid = {1, 2, 3, 4},
			   .gid = {5, 6, 7, 8},
			   .groups = groups,
			   .n_groups = 2};

START_TEST(identity)
{
	const struct task task = {.pid = 300,
				  .tgid = 200,
				  .ppid = 1,
				  .fs = 1,
				  .state = 'D',
				  .comm = "a\n\\ b"};
	const struct status_values s = {
		.numbers = &task_values,
		.creds = &cred,
		.pids = {.n = 1,
			 .pids = {.of = of, .numbers = numbers},
			 .tracers = no_tracer,
			 .numa = no_tracer,
			 .known = yes},
		.has = {.namespaces = true, .kthread = true}};

	status_put_identity(&s, &task, 0, &out);
	ck_assert_str_eq(out.data, "Name:\ta\\n\\\\ b\n"
				   "Umask:\t0022\n"
				   "State:\tD (disk sleep)\n"
				   "Tgid:\t200\nNgid:\t0\nPid:\t300\nPPid:\t1\n"
				   "TracerPid:\t0\n"
				   "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"
				   "FDSize:\t64\nGroups:\t4 20 \n"
				   "NStgid:\t200\t2\nNSpid:\t300\t3\n"
				   "NSpgid:\t100\t1\nNSsid:\t50\t0\n"
				   "Kthread:\t0\n");
}
END_TEST

/* Code is text only as far as areas that are executed go. */
START_TEST(memory)
{
	struct task_numbers t = {0};
	struct mm_numbers mm = {.v = {[MM_TOTAL_VM] = 100,
				      [MM_HIWATER_VM] = 90,
				      [MM_HIWATER_RSS] = 50,
				      [MM_EXEC_VM] = 3,
				      [MM_START_CODE] = 0x401800,
				      [MM_END_CODE] = 0x405001,
				      [MM_PGTABLES_BYTES] = 0x3000}};
	struct rss rss = {.file = 10, .anon = 20, .shmem = 1, .known = true};
	const struct status_values s = {
		.numbers = &t, .mm = &mm, .rss = &rss, .has = {.thp = true}};

	mm.known[MM_LOCK_SEQ] = true;
	status_put_memory(&s, 0, &out);
	ck_assert_ptr_nonnull(strstr(out.data, "VmPeak:\t     400 kB\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "VmHWM:\t     200 kB\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "VmRSS:\t     124 kB\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "VmExe:\t      12 kB\n"
					       "VmLib:\t       0 kB\n"
					       "VmPTE:\t      12 kB\n"));
	ck_assert_ptr_null(strstr(out.data, "Hugetlb"));
	ck_assert_ptr_nonnull(strstr(out.data,
				     "CoreDumping:\t0\nTHP_enabled:\t1\n"
				     "untag_mask:\t0xffffffffffffffff\n"));
	mm.none = true;
	buf_reset(&out);
	status_put_memory(&s, 0, &out);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

static const struct {
	enum speculation store, branch;
	uint64_t flags;
	const char *store_words, *branch_words;
} guards[] = {
	{SPECULATION_UNKNOWN, SPECULATION_UNKNOWN, 0, "unknown", "unknown"},
	{SPECULATION_UNAFFECTED, SPECULATION_UNAFFECTED, ~0ULL,
	 "not vulnerable", "not affected"},
	{SPECULATION_FREE, SPECULATION_FREE, ~0ULL, "vulnerable",
	 "always enabled"},
	{SPECULATION_BARRED, SPECULATION_BARRED, 0, "globally mitigated",
	 "always disabled"},
	{SPECULATION_CHOSEN, SPECULATION_CHOSEN, 0, "thread vulnerable",
	 "conditional enabled"},
	{SPECULATION_CHOSEN, SPECULATION_CHOSEN, 0x28, "thread mitigated",
	 "conditional disabled"},
	{SPECULATION_CHOSEN, SPECULATION_CHOSEN, 0x50, "thread force mitigated",
	 "conditional force disabled"},
	{SPECULATION_CHOSEN, SPECULATION_CHOSEN, 0x88, "vulnerable",
	 "conditional enabled"},
};

START_TEST(rights)
{
	uint64_t words[] = {3};
	struct task_numbers t = {.v = {[TASK_ATOMIC_FLAGS] = guards[_i].flags,
				       [TASK_NR_THREADS] = 2,
				       [TASK_FEATURES] = 3}};
	struct cred user = {.caps = {[CRED_PERMITTED] = 0x1ff},
			    .sigpending = 4,
			    .has_ucounts = true};
	struct task_signals signals = {.caught = 1ULL << 63, .blocked = 2};
	struct task_limits limits = {.soft = {[TASK_LIMIT_SIGPENDING] = 99}};
	const struct status_values s = {
		.numbers = &t,
		.creds = &user,
		.signals = &signals,
		.limits = &limits,
		.masks = {.cpus = {words, 1, 2}, .ok = yes},
		.spec = {guards[_i].store, guards[_i].branch}};
	char want[120];

	t.known[TASK_FEATURES] = true;
	status_put_rights(&s, 0, &out);
	ck_assert(!strncmp(out.data, "Threads:\t2\nSigQ:\t4/99\n", 22));
	ck_assert_ptr_nonnull(strstr(out.data, "SigBlk:\t0000000000000002\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "SigCgt:\t8000000000000000\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "CapPrm:\t00000000000001ff\n"));
	snprintf(want, sizeof(want),
		 "Speculation_Store_Bypass:\t%s\nSpeculationIndirectBranch:"
		 "\t%s\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n",
		 guards[_i].store_words, guards[_i].branch_words);
	ck_assert_ptr_nonnull(strstr(out.data, want));
	ck_assert_ptr_null(strstr(out.data, "Mems_allowed"));
	ck_assert_ptr_null(strstr(out.data, "Seccomp"));
	ck_assert_ptr_nonnull(strstr(out.data,
				     "x86_Thread_features:\tshstk wrss \n"
				     "x86_Thread_features_locked:\t\n"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_status");
	TCase *t = tcase_create("status");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, masks_of_bits, 0,
			    sizeof(masks) / sizeof(*masks));
	tcase_add_test(t, identity);
	tcase_add_test(t, memory);
	tcase_add_loop_test(t, rights, 0, sizeof(guards) / sizeof(*guards));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
