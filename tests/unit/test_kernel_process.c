/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of command lines, times and groups, on memory written by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "kernel/mm/rss.h"
#include "kernel/mm/task_args.h"
#include "kernel/task/task_group.h"
#include "kernel/task/task_time.h"
#include "unit/fake_kernel.h"

/* User and kernel addresses lead to the same pages: the first GiB each. */
#define PGD_PA	  0xff000
#define PUD_PA	  0xfe000

#define TASK(n)	  (DIRECT + 0x10000 + (n)*0x400)
#define MM(n)	  (DIRECT + 0x20000 + (n)*0x400)
#define SIGNAL(n) (DIRECT + 0x30000 + (n)*0x400)
#define PID(n)	  (DIRECT + 0x40000 + (n)*0x100)
#define ARGS	  0x50000
#define HOLE	  0x60000

static struct fake_kernel f;
static struct task tasks[3];
static struct err err;

static void setup(void)
{
	size_t i;

	fake_kernel_init(&f);
	array_put64(&f.memory, PGD_PA, PUD_PA | 0x67);
	fake_field("mm_struct.pgd", 0, 8);
	fake_field("mm_struct.arg_start", 0x10, 8);
	fake_field("mm_struct.arg_end", 0x18, 8);
	fake_field("mm_struct.env_start", 0x20, 8);
	fake_field("mm_struct.env_end", 0x28, 8);
	fake_field("mm_struct.rss_stat.count", 0x40, 32);
	fake_field("task_struct.utime", 0x10, 8);
	fake_field("task_struct.stime", 0x18, 8);
	fake_field("task_struct.se.sum_exec_runtime", 0x20, 8);
	fake_field("task_struct.prev_cputime.utime", 0x28, 8);
	fake_field("task_struct.prev_cputime.stime", 0x30, 8);
	fake_field("task_struct.start_boottime", 0x38, 8);
	fake_field("task_struct.signal", 0x40, 8);
	fake_field("signal_struct.utime", 0x10, 8);
	fake_field("signal_struct.stime", 0x18, 8);
	fake_field("signal_struct.sum_sched_runtime", 0x20, 8);
	fake_field("signal_struct.prev_cputime.utime", 0x28, 8);
	fake_field("signal_struct.prev_cputime.stime", 0x30, 8);
	for (i = 0; i < 3; i++) {
		tasks[i] = (struct task){.addr = TASK(i),
					 .mm = MM(i),
					 .pid = (uint32_t)i + 1,
					 .tgid = (uint32_t)i + 1};
		fake_put64(&f, MM(i), DIRECT + PGD_PA);
		fake_put64(&f, TASK(i) + 0x40, SIGNAL(i));
	}
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* Arguments of task n at `va`, the environment behind them. */
static void put_args(size_t n, uint64_t va, const char *args, size_t len,
		     size_t env)
{
	memcpy(f.memory.bytes + va, args, len + env);
	fake_put64(&f, MM(n) + 0x10, va);
	fake_put64(&f, MM(n) + 0x18, va + len);
	fake_put64(&f, MM(n) + 0x20, va + len);
	fake_put64(&f, MM(n) + 0x28, va + len + env);
}

static void check_args(const struct task_args *a, enum task_args_state state,
		       const char *bytes, size_t len)
{
	ck_assert_int_eq(a->state, state);
	ck_assert_uint_eq(a->len, len);
	if (len)
		ck_assert_mem_eq(a->bytes, bytes, len);
}

START_TEST(arguments)
{
	struct task_args a[3] = {0};

	put_args(0, ARGS, "sh\0-c\0\0A=1", 7, 4);
	tasks[1].flags = PF_KTHREAD;
	put_args(2, HOLE, "gone", 5, 0);
	f.memory.fail_from = HOLE;
	f.memory.fail_to = HOLE + 0x1000;
	ck_assert(!task_args_read(&f.kernel, tasks, 3, a, &err));
	check_args(&a[0], TASK_ARGS_WHOLE, "sh\0-c\0\0", 7);
	check_args(&a[1], TASK_ARGS_NONE, NULL, 0);
	check_args(&a[2], TASK_ARGS_ABSENT, NULL, 0);
	task_args_deinit(a, 3);
}
END_TEST

START_TEST(environments)
{
	struct task_args a[3] = {0};

	put_args(0, ARGS, "sh\0A=1\0B=\0", 3, 7);
	tasks[1].flags = PF_KTHREAD;
	put_args(2, HOLE - 4, "sh\0A=1\0", 4, 4);
	f.memory.fail_from = HOLE;
	f.memory.fail_to = HOLE + 0x1000;
	ck_assert(!task_environ_read(&f.kernel, tasks, 3, a, &err));
	check_args(&a[0], TASK_ARGS_WHOLE, "A=1\0B=\0", 7);
	check_args(&a[1], TASK_ARGS_NONE, NULL, 0);
	check_args(&a[2], TASK_ARGS_ABSENT, NULL, 0);
	task_args_deinit(a, 3);
}
END_TEST

/* A title over the arguments, into the environment, and one that has no end. */
START_TEST(titles)
{
	static const char endless[8 + 0x20] = "0123456789abcdef";
	struct task_args a[3] = {0};

	put_args(0, ARGS, "a longer title\0behind", 6, 15);
	put_args(1, ARGS + 0x1000, "four", 4, 0);
	put_args(2, HOLE - 0x10, endless, 8, 0x20);
	f.memory.fail_from = HOLE;
	f.memory.fail_to = HOLE + 0x1000;
	ck_assert(!task_args_read(&f.kernel, tasks, 3, a, &err));
	check_args(&a[0], TASK_ARGS_WHOLE, "a longer title", 15);
	check_args(&a[1], TASK_ARGS_WHOLE, "four", 4);
	check_args(&a[2], TASK_ARGS_ABSENT, NULL, 0);
	task_args_deinit(a, 3);
}
END_TEST

/* Whatever a process says, so much is read and no more. */
START_TEST(command_lines_are_bounded)
{
	struct task_args a[3] = {0};

	put_args(0, 0x1000, "x", 2, 0);
	fake_put64(&f, MM(0) + 0x18, 0x1000 + 2 * TASK_ARGS_MAX);
	put_args(1, ARGS, "x", 2, 0);
	fake_put64(&f, MM(1) + 0x18, UINT64_MAX);
	put_args(2, ARGS, "x", 2, 0);
	fake_put64(&f, MM(2) + 0x18, ARGS - 1);
	ck_assert(!task_args_read(&f.kernel, tasks, 3, a, &err));
	ck_assert_int_eq(a[0].state, TASK_ARGS_CUT);
	ck_assert_uint_eq(a[0].len, TASK_ARGS_MAX);
	ck_assert_int_eq(a[1].state, TASK_ARGS_ABSENT);
	check_args(&a[2], TASK_ARGS_WHOLE, NULL, 0);
	task_args_deinit(a, 3);
}
END_TEST

static void put_usage(uint64_t va, uint64_t user, uint64_t system,
		      uint64_t runtime, uint64_t prev_user,
		      uint64_t prev_system)
{
	fake_put64(&f, va + 0x10, user);
	fake_put64(&f, va + 0x18, system);
	fake_put64(&f, va + 0x20, runtime);
	fake_put64(&f, va + 0x28, prev_user);
	fake_put64(&f, va + 0x30, prev_system);
}

/* cputime_adjust() of the kernel, case by case. */
static const struct {
	uint64_t user, system, runtime, prev_user, prev_system;
	uint64_t want_user, want_system;
} usages[] = {
	{30, 10, 400, 0, 0, 300, 100},	   /* in proportion */
	{0, 10, 400, 0, 0, 0, 400},	   /* all of one kind */
	{30, 0, 400, 0, 0, 400, 0},	   /* all of the other */
	{0, 0, 400, 0, 0, 400, 0},	   /* less than a tick */
	{30, 10, 400, 350, 60, 350, 60},   /* /proc said more already */
	{30, 10, 400, 320, 60, 320, 80},   /* user time never goes back */
	{30, 10, 400, 200, 150, 250, 150}, /* nor does system time */
	{1ULL << 62, 1ULL << 62, 1ULL << 60, 0, 0, 1ULL << 59, 1ULL << 59},
};

START_TEST(times_are_adjusted)
{
	struct task_time t;

	put_usage(TASK(0), usages[_i].user, usages[_i].system,
		  usages[_i].runtime, usages[_i].prev_user,
		  usages[_i].prev_system);
	fake_put64(&f, TASK(0) + 0x38, 12345);
	ck_assert(!task_times_read(&f.kernel, tasks, 1, false, &t, &err));
	ck_assert(t.has_cpu && t.has_start);
	ck_assert_uint_eq(t.user, usages[_i].want_user);
	ck_assert_uint_eq(t.system, usages[_i].want_system);
	ck_assert_uint_eq(t.start, 12345);
}
END_TEST

/* Process 1 has thread 2, and one that is gone; process 3 is torn. */
START_TEST(times_of_processes)
{
	struct task_time t[3];

	tasks[1].tgid = 1;
	put_usage(TASK(0), 10, 0, 100, 0, 0);
	put_usage(TASK(1), 10, 10, 200, 0, 0);
	put_usage(SIGNAL(0), 10, 0, 100, 0, 0);
	put_usage(TASK(2), 1, 0, 1, 0, 0);
	fake_put64(&f, TASK(2) + 0x40, 0x10);
	ck_assert(!task_times_read(&f.kernel, tasks, 3, true, t, &err));
	ck_assert(t[0].has_cpu);
	ck_assert_uint_eq(t[0].user, 300);
	ck_assert_uint_eq(t[0].system, 100);
	ck_assert(!t[2].has_cpu && t[2].has_start);
	fake_no_field("task_struct.se.sum_exec_runtime");
	ck_assert(!task_times_read(&f.kernel, tasks, 3, true, t, &err));
	ck_assert(!t[0].has_cpu);
}
END_TEST

START_TEST(groups_and_sessions)
{
	struct task_group g[2];

	fake_field("signal_struct.nr_threads", 0x40, 4);
	fake_field("signal_struct.pids", 0x48, 32);
	fake_field("pid.numbers", 0x20, 0); /* an array of any length */
	fake_field("pid.level", 4, 4);
	fake_field("upid.nr", 0, 4);
	fake_field("upid.ns", 8, 8);
	fake_sizeof("upid", 16);
	fake_constant("pid_type.PIDTYPE_PGID", 2);
	fake_constant("pid_type.PIDTYPE_SID", 3);
	fake_put32(&f, SIGNAL(0) + 0x40, 5);
	fake_put64(&f, SIGNAL(0) + 0x48 + 16, PID(0));
	fake_put64(&f, SIGNAL(0) + 0x48 + 24, PID(1));
	fake_put32(&f, PID(0) + 0x20, 77);
	fake_put32(&f, PID(1) + 0x20, 66);
	ck_assert(!task_groups_read(&f.kernel, tasks, 2, g, &err));
	ck_assert(g[0].has_threads && g[0].has_pgid && g[0].has_sid);
	ck_assert_uint_eq(g[0].threads, 5);
	ck_assert_uint_eq(g[0].pgid, 77);
	ck_assert_uint_eq(g[0].sid, 66);
	ck_assert(g[1].has_threads && !g[1].has_pgid && !g[1].has_sid);
	fake_constant("pid_type.PIDTYPE_SID", 4); /* beyond the array */
	ck_assert(!task_groups_read(&f.kernel, tasks, 2, g, &err));
	ck_assert(g[0].has_pgid && !g[0].has_sid);
}
END_TEST

/* Threads share an mm; a kernel thread has none. */
START_TEST(resident_sets_of_tasks)
{
	struct rss rss[3];

	fake_constant("MM_FILEPAGES", 0);
	fake_put64(&f, MM(0) + 0x40, 9);
	tasks[1].mm = tasks[0].mm;
	tasks[2].mm = 0;
	ck_assert(!rss_of_tasks(&f.kernel, tasks, 3, rss, &err));
	ck_assert(rss[0].known && rss[1].known && rss[2].known);
	ck_assert_uint_eq(rss_total(&rss[0]), 9);
	ck_assert_uint_eq(rss_total(&rss[1]), 9);
	ck_assert_uint_eq(rss_total(&rss[2]), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/process");
	TCase *t = tcase_create("process");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, arguments);
	tcase_add_test(t, environments);
	tcase_add_test(t, titles);
	tcase_add_test(t, command_lines_are_bounded);
	tcase_add_loop_test(t, times_are_adjusted, 0,
			    sizeof(usages) / sizeof(*usages));
	tcase_add_test(t, times_of_processes);
	tcase_add_test(t, groups_and_sessions);
	tcase_add_test(t, resident_sets_of_tasks);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
