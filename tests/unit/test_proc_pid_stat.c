/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/PID/stat and its like, on memory written by hand: their text,
 * and that many processes take no more batches than one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/proc.h"
#include "unit/fake_kernel.h"

#define TASKS	   8
#define TASK(n)	   (DIRECT + 0x10000 + (n)*0x400)
#define SIGNAL(n)  (DIRECT + 0x20000 + (n)*0x400)
#define SIGHAND(n) (DIRECT + 0x30000 + (n)*0x1000)
#define MM(n)	   (DIRECT + 0x48000 + (n)*0x400)
#define PID(n)	   (DIRECT + 0x50000 + (n)*0x100)
#define DELAYS(n)  (DIRECT + 0x58000 + (n)*0x100)

/* Members of 8 bytes, one behind the other. */
static const char *const of_task[] = {"signal",
				      "sighand",
				      "delays",
				      "min_flt",
				      "maj_flt",
				      "gtime",
				      "prio",
				      "static_prio",
				      "rt_priority",
				      "policy",
				      "exit_signal",
				      "exit_code",
				      "thread_info.cpu",
				      "__state",
				      "utime",
				      "stime",
				      "se.sum_exec_runtime",
				      "prev_cputime.utime",
				      "prev_cputime.stime",
				      "start_boottime",
				      "pending.signal",
				      "blocked",
				      "sched_info.run_delay",
				      "sched_info.pcount"};
static const char *const of_signal[] = {"nr_threads",
					"min_flt",
					"maj_flt",
					"gtime",
					"cmin_flt",
					"cmaj_flt",
					"cutime",
					"cstime",
					"cgtime",
					"flags",
					"group_exit_code",
					"core_state",
					"tty",
					"utime",
					"stime",
					"sum_sched_runtime",
					"prev_cputime.utime",
					"prev_cputime.stime",
					"shared_pending.signal"};
static const char *const of_mm[] = {
	"total_vm", "start_code", "end_code",  "start_stack", "start_data",
	"end_data", "start_brk",  "arg_start", "arg_end",     "env_start",
	"env_end",  "data_vm",	  "stack_vm"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fake_kernel f;
static struct task tasks[TASKS];
static struct err err;

static void fields(const char *type, const char *const *names, size_t n)
{
	char name[80];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s.%s", type, names[i]);
		fake_field(name, (uint32_t)i * 8, 8);
	}
}

static void put(uint64_t va, const char *name, uint64_t value)
{
	fake_put_field(&f, va, name, value);
}

static void setup(void)
{
	size_t i;

	fake_kernel_init(&f);
	fields("task_struct", of_task, COUNT(of_task));
	fields("signal_struct", of_signal, COUNT(of_signal));
	fields("mm_struct", of_mm, COUNT(of_mm));
	fake_field("signal_struct.rlim", 0x200, 16 * 16);
	fake_field("signal_struct.pids", 0x300, 32);
	fake_field("rlimit.rlim_cur", 0, 8);
	fake_field("rlimit.rlim_max", 8, 8);
	fake_sizeof("rlimit", 16);
	fake_field("sighand_struct.action", 0, 64 * 32);
	fake_field("k_sigaction.sa.sa_handler", 0, 8);
	fake_field("mm_struct.rss_stat.count", 0x200, 32);
	fake_constant("MM_ANONPAGES", 1);
	fake_field("task_delay_info.blkio_delay", 0, 8);
	fake_field("task_delay_info.swapin_start", 8, 8);
	fake_field("pid.level", 4, 4);
	fake_field("pid.numbers", 0x10, 0);
	fake_field("upid.nr", 0, 4);
	fake_field("upid.ns", 8, 8);
	fake_sizeof("upid", 16);
	fake_constant("pid_type.PIDTYPE_PGID", 2);
	fake_constant("pid_type.PIDTYPE_SID", 3);
	for (i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){.addr = TASK(i),
					 .mm = MM(i),
					 .pid = (uint32_t)i + 10,
					 .tgid = (uint32_t)i + 10,
					 .ppid = 1,
					 .flags = 0x400000,
					 .state = 'S',
					 .comm = "a b"};
		put(TASK(i), "task_struct.signal", SIGNAL(i));
		put(TASK(i), "task_struct.sighand", SIGHAND(i));
		put(TASK(i), "task_struct.delays", DELAYS(i));
		put(SIGNAL(i), "signal_struct.nr_threads", 1);
		fake_put64(&f, SIGNAL(i) + 0x300 + 16, PID(0));
		fake_put64(&f, SIGNAL(i) + 0x300 + 24, PID(1));
	}
	fake_put32(&f, PID(0) + 0x10, 77);
	fake_put32(&f, PID(1) + 0x10, 66);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* Numbers that all differ, where that can be. */
static void put_first(void)
{
	static const char *const ends[] = {
		"start_data", "end_data",  "start_brk", "arg_start",
		"arg_end",    "env_start", "env_end"};
	char name[40];
	size_t i;

	put(TASK(0), "task_struct.min_flt", 5);
	put(TASK(0), "task_struct.maj_flt", 1);
	put(TASK(0), "task_struct.gtime", 10000000);
	put(TASK(0), "task_struct.prio", 120);
	put(TASK(0), "task_struct.static_prio", 125);
	put(TASK(0), "task_struct.exit_signal", 17);
	put(TASK(0), "task_struct.exit_code", 9);
	put(TASK(0), "task_struct.thread_info.cpu", 3);
	put(TASK(0), "task_struct.__state", 1);
	put(TASK(0), "task_struct.utime", 3000000000);
	put(TASK(0), "task_struct.stime", 1000000000);
	put(TASK(0), "task_struct.se.sum_exec_runtime", 4000000000);
	put(TASK(0), "task_struct.start_boottime", 50000000);
	put(TASK(0), "task_struct.pending.signal", 1);
	put(TASK(0), "task_struct.blocked", 2);
	put(SIGNAL(0), "signal_struct.min_flt", 100);
	put(SIGNAL(0), "signal_struct.cmin_flt", 7);
	put(SIGNAL(0), "signal_struct.cmaj_flt", 2);
	put(SIGNAL(0), "signal_struct.cutime", 20000000);
	put(SIGNAL(0), "signal_struct.cstime", 30000000);
	put(SIGNAL(0), "signal_struct.group_exit_code", 8);
	fake_put64(&f, SIGNAL(0) + 0x200 + 5 * 16, 999);
	fake_put64(&f, SIGHAND(0), 1);
	fake_put64(&f, SIGHAND(0) + 32, 0x401000);
	fake_put64(&f, DELAYS(0), 40000000);
	put(MM(0), "mm_struct.total_vm", 10);
	put(MM(0), "mm_struct.data_vm", 3);
	put(MM(0), "mm_struct.stack_vm", 2);
	put(MM(0), "mm_struct.start_code", 0x401000);
	put(MM(0), "mm_struct.end_code", 0x402000);
	put(MM(0), "mm_struct.start_stack", 0x7000);
	fake_put64(&f, MM(0) + 0x208, 4);
	for (i = 0; i < COUNT(ends); i++) {
		snprintf(name, sizeof(name), "mm_struct.%s", ends[i]);
		put(MM(0), name, i + 1);
	}
}

static void check_text(const struct proc_file *file, const char *want)
{
	struct proc_values v;

	machine_drop_cache(&f.memory.machine);
	ck_assert(!proc_read(file, &f.kernel, tasks, 1, &v, &err));
	ck_assert_uint_eq(v.parts[0].why.len, 0);
	ck_assert_str_eq(v.parts[0].text.data, want);
	proc_values_deinit(&v);
}

#define HEAD  "10 (a b) S 1 77 66 0 -1 4194304 "
#define TIMES " 300 100 2 3 20 5 1 0 5 40960 4 999 4198400 4202496 28672 0 0 "
#define REST  "1 2 1 2 1 0 0 17 3 0 0 4 1 0 1 2 3 4 5 6 7 "

START_TEST(stat)
{
	put_first();
	check_text(&proc_pid_stat, HEAD "105 7 1 2" TIMES REST "9\n");
	check_text(&proc_tid_stat, HEAD "5 7 1 2" TIMES REST "9\n");
	/* stopped: what the group agreed on */
	put(SIGNAL(0), "signal_struct.flags", 1);
	check_text(&proc_pid_stat, HEAD "105 7 1 2" TIMES REST "8\n");
	check_text(&proc_tid_stat, HEAD "5 7 1 2" TIMES REST "9\n");
}
END_TEST

START_TEST(statm_and_schedstat)
{
	put_first();
	check_text(&proc_pid_statm, "10 4 0 1 0 5 0\n");
	put(TASK(0), "task_struct.sched_info.run_delay", 5);
	put(TASK(0), "task_struct.sched_info.pcount", 6);
	check_text(&proc_pid_schedstat, "4000000000 5 6\n");
	tasks[0].flags |= PF_KTHREAD;
	check_text(&proc_pid_statm, "0 0 0 0 0 0 0\n");
}
END_TEST

/* What is damaged is said of that process alone. */
START_TEST(damaged)
{
	struct proc_values v;

	put(TASK(1), "task_struct.sighand", 0x10);
	ck_assert(!proc_read(&proc_pid_stat, &f.kernel, tasks, 2, &v, &err));
	ck_assert_uint_eq(v.parts[0].why.len, 0);
	ck_assert(v.parts[1].torn && v.parts[1].why.len &&
		  !v.parts[1].text.len);
	proc_values_deinit(&v);
	fake_no_field("task_struct.policy");
	ck_assert(!proc_read(&proc_pid_stat, &f.kernel, tasks, 1, &v, &err));
	ck_assert(!v.parts[0].torn && v.parts[0].why.len);
	proc_values_deinit(&v);
}
END_TEST

/* What the first of them lacks is not what the kernel lacks. */
START_TEST(the_first_is_damaged)
{
	struct proc_values v;

	put(TASK(0), "task_struct.signal", 0x10);
	ck_assert(!proc_read(&proc_pid_stat, &f.kernel, tasks, 2, &v, &err));
	ck_assert(v.parts[0].torn && v.parts[0].why.len);
	ck_assert_uint_eq(v.parts[1].why.len, 0);
	proc_values_deinit(&v);
	/* Its rules are not known: the way of older kernels is not taken. */
	ck_assert(!proc_read(&proc_pid_wchan, &f.kernel, tasks, 2, &v, &err));
	ck_assert(v.parts[1].why.len && !v.parts[1].text.len);
	proc_values_deinit(&v);
}
END_TEST

/* A number that cannot be read is no 0. */
START_TEST(what_leads_nowhere)
{
	const struct {
		uint64_t at, was;
	} pointers[] = {
		{SIGNAL(0) + 0x300 + 16, PID(0)},
		{SIGNAL(0) + 0x300 + 24, PID(1)},
		{TASK(0) + 16, DELAYS(0)},
	};
	struct proc_values v;
	size_t i;

	for (i = 0; i < COUNT(pointers); i++) {
		fake_put64(&f, pointers[i].at, 0x10);
		machine_drop_cache(&f.memory.machine);
		ck_assert(!proc_read(&proc_pid_stat, &f.kernel, tasks, 1, &v,
				     &err));
		ck_assert(v.parts[0].torn && v.parts[0].why.len &&
			  !v.parts[0].text.len);
		proc_values_deinit(&v);
		fake_put64(&f, pointers[i].at, pointers[i].was);
	}
}
END_TEST

static const struct proc_file *const files[] = {
	&proc_pid_stat, &proc_tid_stat,	  &proc_pid_statm,    &proc_pid_status,
	&proc_pid_io,	&proc_pid_limits, &proc_pid_schedstat};

START_TEST(many_cost_no_more)
{
	struct proc_values v;
	size_t one, all;

	machine_drop_cache(&f.memory.machine);
	f.memory.calls = 0;
	ck_assert(!proc_read(files[_i], &f.kernel, tasks, 1, &v, &err));
	proc_values_deinit(&v);
	one = f.memory.calls;
	machine_drop_cache(&f.memory.machine);
	f.memory.calls = 0;
	ck_assert(!proc_read(files[_i], &f.kernel, tasks, TASKS, &v, &err));
	all = f.memory.calls;
	ck_assert_uint_eq(v.n, TASKS);
	proc_values_deinit(&v);
	ck_assert_msg(all <= one, "%s: %zu of one, %zu of all", files[_i]->name,
		      one, all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_stat");
	TCase *t = tcase_create("stat");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, stat);
	tcase_add_test(t, statm_and_schedstat);
	tcase_add_test(t, damaged);
	tcase_add_test(t, the_first_is_damaged);
	tcase_add_test(t, what_leads_nowhere);
	tcase_add_loop_test(t, many_cost_no_more, 0, COUNT(files));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
