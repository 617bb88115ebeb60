/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what tasks belong to: processes, parents, control groups. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/task/autogroup.h"
#include "kernel/task/kernfs_path.h"
#include "kernel/limits.h"
#include "kernel/task/task_cgroup.h"
#include "kernel/task/task_children.h"
#include "kernel/task/task_cpuset.h"
#include "kernel/task/task_threads.h"
#include "kernel/task/task_timers.h"
#include "unit/fake_kernel.h"

#define NS	   (DIRECT + 0x1000)
#define NODE	   (DIRECT + 0x2000)
#define PID(n)	   (DIRECT + 0x4000 + (n)*64ULL)
#define CRED	   (DIRECT + 0x5000)
#define TASK(n)	   (DIRECT + 0x10000 + (n)*512ULL)
#define SIGNAL(n)  (DIRECT + 0x20000 + (n)*256ULL)
#define ROOT(n)	   (DIRECT + 0x30000 + (n)*256ULL)
#define SET(n)	   (DIRECT + 0x31000 + (n)*64ULL)
#define LINK(n)	   (DIRECT + 0x32000 + (n)*64ULL)
#define GROUP(n)   (DIRECT + 0x33000 + (n)*64ULL)
#define KN(n)	   (DIRECT + 0x40000 + (n)*64ULL)
#define NAME(n)	   (DIRECT + 0x35000 + (n)*64ULL)
#define SUBSYS(n)  (DIRECT + 0x36000 + (n)*64ULL)
#define SYMBOLS	   (DIRECT + 0x37000)
#define CSS	   (DIRECT + 0x38000)

#define PID_LINKS  96
#define AT_SIGNAL  160
#define AT_CHILD   168
#define AT_SIBLING 184
#define AT_CGROUPS 200

static struct fake_kernel f;
static struct err err;

/* Enter task n with this pid into the table. */
static void enter(unsigned int n, uint32_t pid, uint32_t tgid)
{
	fake_put64(&f, NODE + 40 + pid * 8, PID(n));
	fake_put64(&f, PID(n) + 16, TASK(n) + PID_LINKS);
	if (pid == tgid)
		fake_put64(&f, PID(n) + 24, TASK(n) + PID_LINKS + 16);
	fake_put_field(&f, TASK(n), "task_struct.pid", pid);
	fake_put_field(&f, TASK(n), "task_struct.tgid", tgid);
	fake_put_field(&f, TASK(n), "task_struct.real_parent", TASK(1));
	fake_put_field(&f, TASK(n), "task_struct.real_cred", CRED);
	fake_put64(&f, TASK(n) + AT_SIGNAL, SIGNAL(tgid));
	fake_ring(&f, TASK(n) + AT_CHILD, NULL, 0);
}

static struct task task_of(unsigned int n, uint32_t pid, uint32_t tgid)
{
	return (struct task){.addr = TASK(n), .pid = pid, .tgid = tgid};
}

/* PIDs 1, 2 with a thread 3, and 4. */
static void setup(void)
{
	fake_kernel_init(&f);
	fake_task_fields();
	fake_field("task_struct.fs", 64, 8);
	fake_field("task_struct.pid_links", PID_LINKS, 64);
	fake_field("task_struct.signal", AT_SIGNAL, 8);
	fake_field("task_struct.children", AT_CHILD, 16);
	fake_field("task_struct.sibling", AT_SIBLING, 16);
	fake_field("task_struct.cgroups", AT_CGROUPS, 8);
	fake_field("signal_struct.nr_threads", 0, 4);
	fake_field("cred.uid", 0, 4);
	fake_field("cred.gid", 4, 4);
	fake_field("cred.euid", 8, 4);
	fake_field("cred.egid", 12, 4);
	fake_symbol("init_pid_ns", NS);
	fake_put64(&f, NS + 8, NODE | 2);
	enter(1, 1, 1);
	enter(2, 2, 2);
	enter(3, 3, 2);
	enter(4, 4, 4);
	fake_put32(&f, SIGNAL(1), 1);
	fake_put32(&f, SIGNAL(2), 2);
	fake_put32(&f, SIGNAL(4), 1);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* Each counts for its own; also where a thread, or a process twice, is asked
 * for. */
START_TEST(threads)
{
	static const uint32_t pids[] = {2, 1, 3, 2};
	const struct task tasks[] = {task_of(2, 2, 2), task_of(1, 1, 1),
				     task_of(3, 3, 2), task_of(2, 2, 2)};
	struct task_threads t;
	size_t i, sum[4] = {0};

	ck_assert(!task_threads_read(&f.kernel, tasks, 4, true, &t, &err));
	ck_assert(!t.torn);
	ck_assert_uint_eq(t.v.n, 7);
	ck_assert_uint_eq(t.of.n, 7);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(t.of.v[i], i);
		ck_assert_uint_eq(t.v.v[i].pid, pids[i]);
	}
	for (i = 0; i < t.v.n; i++)
		sum[t.of.v[i]] += t.v.v[i].pid;
	ck_assert_uint_eq(sum[0], 5);
	ck_assert_uint_eq(sum[1], 1);
	ck_assert_uint_eq(sum[2], 5);
	ck_assert_uint_eq(sum[3], 5);
	task_threads_deinit(&t);
	ck_assert(!task_threads_read(&f.kernel, tasks, 4, false, &t, &err));
	ck_assert_uint_eq(t.v.n, 4);
	task_threads_deinit(&t);
}
END_TEST

/* A process that is asked for again and again: not all that is many times. */
START_TEST(too_many_threads)
{
	enum {
		MANY = TASK_THREADS_MAX_ALL + 1
	};
	struct task *tasks = calloc(MANY, sizeof(*tasks));
	struct task_threads t;
	size_t i;

	ck_assert_ptr_nonnull(tasks);
	for (i = 0; i < MANY; i++)
		tasks[i] = task_of(2, 2, 2);
	ck_assert(!task_threads_read(&f.kernel, tasks, MANY, true, &t, &err));
	ck_assert(t.torn);
	ck_assert_uint_eq(t.v.n, 2 * MANY - 1);
	task_threads_deinit(&t);
	free(tasks);
}
END_TEST

START_TEST(children)
{
	const uint64_t links[] = {TASK(4) + AT_SIBLING, TASK(2) + AT_SIBLING};
	const struct task tasks[] = {task_of(1, 1, 1), task_of(2, 2, 2),
				     task_of(4, 4, 4)};
	struct task_children c[3];

	memset(c, 0, sizeof(c));
	fake_ring(&f, TASK(1) + AT_CHILD, links, 2);
	fake_put64(&f, TASK(4) + AT_CHILD, 0x10);
	fake_put64(&f, TASK(4) + AT_CHILD + 8, 0x10);
	ck_assert(!task_children_read(&f.kernel, tasks, 3, c, &err));
	ck_assert(c[0].known && !c[0].torn);
	ck_assert_uint_eq(c[0].pids.n, 2);
	ck_assert_uint_eq(c[0].pids.v[0], 4);
	ck_assert_uint_eq(c[0].pids.v[1], 2);
	ck_assert(c[1].known && !c[1].torn && !c[1].pids.n);
	ck_assert(c[2].torn);
	task_children_deinit(c, 3);
	fake_no_field("task_struct.sibling");
	memset(c, 0, sizeof(c));
	ck_assert(!task_children_read(&f.kernel, tasks, 1, c, &err));
	ck_assert(!c[0].known);
}
END_TEST

static const struct {
	const char *name;
	uint32_t offset, size;
} members[] = {
	{"cgroup_root.root_list", 0, 16},
	{"cgroup_root.hierarchy_id", 16, 4},
	{"cgroup_root.subsys_mask", 20, 4},
	{"cgroup_root.name", 24, 64},
	{"cgroup_root.cgrp.kn", 96 + 8, 8},
	{"css_set.dfl_cgrp", 0, 8},
	{"css_set.cgrp_links", 8, 16},
	{"css_set.subsys", 24, 3 * 8},
	{"cgrp_cset_link.cgrp", 0, 8},
	{"cgrp_cset_link.cgrp_link", 8, 16},
	{"cgroup.root", 0, 8},
	{"cgroup.kn", 8, 8},
	{"cgroup.self.flags", 16, 4},
	{"cgroup_subsys.legacy_name", 0, 8},
	{"cgroup_subsys_state.cgroup", 0, 8},
	{"kernfs_node.name", 0, 8},
	{"kernfs_node.__parent", 8, 8},
};

static void put_group(uint64_t va, uint64_t root, uint64_t kn, uint32_t flags)
{
	fake_put64(&f, va, root);
	fake_put64(&f, va + 8, kn);
	fake_put32(&f, va + 16, flags);
}

/* Directories /, /a and /a/b; hierarchies of version 2 and two of version 1,
 * one of which has a name in place of subsystems. */
static void put_hierarchies(void)
{
	const uint64_t roots[] = {ROOT(2), ROOT(1), ROOT(0)};
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		fake_field(members[i].name, members[i].offset, members[i].size);
	fake_symbol("cgroup_roots", SYMBOLS);
	fake_symbol("cgrp_dfl_root", ROOT(0));
	fake_symbol("cgrp_dfl_visible", SYMBOLS + 16);
	fake_symbol("init_css_set", SET(0));
	fake_symbol("cgroup_subsys", SYMBOLS + 32);
	fake_ring(&f, SYMBOLS, roots, 3);
	fake_put32(&f, SYMBOLS + 16, 1);
	for (i = 0; i < 3; i++) {
		fake_put64(&f, SYMBOLS + 32 + i * 8, SUBSYS(i));
		fake_put64(&f, SUBSYS(i), NAME(i));
		put_group(ROOT(i) + 96, ROOT(i), KN(0), 2);
		fake_put32(&f, ROOT(i) + 16, i ? (uint32_t)(6 - i) : 0);
	}
	fake_puts(&f, NAME(0), "cpuset");
	fake_puts(&f, NAME(1), "cpu");
	fake_puts(&f, NAME(2), "cpuacct");
	fake_puts(&f, NAME(3), "a");
	fake_puts(&f, NAME(4), "b");
	fake_put32(&f, ROOT(1) + 20, 6);
	fake_puts(&f, ROOT(2) + 24, "systemd");
	fake_put64(&f, KN(1), NAME(3));
	fake_put64(&f, KN(1) + 8, KN(0));
	fake_put64(&f, KN(2), NAME(4));
	fake_put64(&f, KN(2) + 8, KN(1));
}

/* A set with groups of its own in each. */
static void put_set(void)
{
	const uint64_t links[] = {LINK(0) + 8, LINK(1) + 8};

	put_group(GROUP(0), ROOT(0), KN(2), 0);
	put_group(GROUP(1), ROOT(1), KN(1), 2);
	put_group(GROUP(2), ROOT(2), KN(0), 2);
	fake_put64(&f, LINK(0), GROUP(1));
	fake_put64(&f, LINK(1), GROUP(2));
	fake_put64(&f, SET(1), GROUP(0));
	fake_ring(&f, SET(1) + 8, links, 2);
	fake_ring(&f, SET(0) + 8, NULL, 0);
}

START_TEST(control_groups)
{
	struct task tasks[] = {task_of(1, 1, 1), task_of(2, 2, 2),
			       task_of(4, 4, 4)};
	struct task_cgroups c;

	put_hierarchies();
	put_set();
	fake_put64(&f, TASK(1) + AT_CGROUPS, SET(0));
	fake_put64(&f, TASK(2) + AT_CGROUPS, SET(1));
	fake_put64(&f, TASK(4) + AT_CGROUPS, SET(1));
	tasks[2].flags = PF_EXITING;
	ck_assert(!task_cgroups_read(&f.kernel, tasks, 3, &c, &err));
	ck_assert(c.known && !c.torn);
	ck_assert_uint_eq(c.list.n, 3);
	ck_assert_str_eq(c.list.v[0].name, "systemd");
	ck_assert_uint_eq(c.list.v[0].id, 4);
	ck_assert_uint_eq(c.list.v[1].subsystems, 6);
	ck_assert(c.list.v[2].is_default && !c.list.v[1].is_default);
	ck_assert_str_eq(c.subsystems[2], "cpuacct");
	ck_assert_str_eq(c.of[0].path, "/");
	ck_assert_str_eq(c.of[2].path, "/");
	ck_assert(!c.of[2].dead);
	ck_assert_str_eq(c.of[3 + 0].path, "/");
	ck_assert_str_eq(c.of[3 + 1].path, "/a");
	ck_assert_str_eq(c.of[3 + 2].path, "/a/b");
	ck_assert(c.of[3 + 2].dead && !c.of[3 + 1].dead);
	ck_assert_str_eq(c.of[6 + 1].path, "/");
	ck_assert_str_eq(c.of[6 + 2].path, "/a/b");
	task_cgroups_deinit(&c);
}
END_TEST

/* Never mounted; and directories in a circle. */
START_TEST(no_control_groups)
{
	const struct task task = task_of(2, 2, 2);
	struct task_cgroups c;

	put_hierarchies();
	put_set();
	fake_put64(&f, TASK(2) + AT_CGROUPS, SET(1));
	fake_put32(&f, SYMBOLS + 16, 0);
	fake_put64(&f, KN(0) + 8, KN(2));
	ck_assert(!task_cgroups_read(&f.kernel, &task, 1, &c, &err));
	ck_assert(c.known);
	ck_assert_uint_eq(c.list.n, 2);
	ck_assert_ptr_null(c.of[1].path);
	task_cgroups_deinit(&c);
	fake_no_field("cgroup.kn");
	ck_assert(!task_cgroups_read(&f.kernel, &task, 1, &c, &err));
	ck_assert(!c.known && !c.torn);
	task_cgroups_deinit(&c);
}
END_TEST

/* Tasks share what is the same; a name that cannot be read is no empty one;
 * and no path is deeper than its nodes are many. */
START_TEST(paths_of_groups)
{
	enum {
		DEEP = 100
	};
	const uint64_t nodes[] = {KN(2), KN(2), 0, KN(1), KN(DEEP)};
	char *paths[5] = {NULL};
	uint64_t before;
	size_t i;

	put_hierarchies();
	for (i = 3; i <= DEEP; i++) {
		fake_put64(&f, KN(i), NAME(4));
		fake_put64(&f, KN(i) + 8, KN(i - 1));
	}
	before = f.kernel.machine->stats.batches;
	ck_assert(!kernfs_paths_read(&f.kernel, nodes, 4, paths, &err));
	ck_assert_uint_le(f.kernel.machine->stats.batches - before, 8);
	ck_assert_str_eq(paths[0], "/a/b");
	ck_assert_str_eq(paths[1], "/a/b");
	ck_assert_ptr_null(paths[2]);
	ck_assert_str_eq(paths[3], "/a");
	for (i = 0; i < 5; i++) {
		free(paths[i]);
		paths[i] = NULL;
	}
	ck_assert(!kernfs_paths_read(&f.kernel, nodes, 5, paths, &err));
	ck_assert_uint_eq(strlen(paths[4]), 2 * DEEP);
	for (i = 0; i < 5; i++) {
		free(paths[i]);
		paths[i] = NULL;
	}
	fake_put64(&f, KN(1), 0x1000);
	machine_drop_cache(f.kernel.machine);
	ck_assert(!kernfs_paths_read(&f.kernel, nodes, 5, paths, &err));
	for (i = 0; i < 5; i++)
		ck_assert_ptr_null(paths[i]);
}
END_TEST

/* Names of 200 bytes, below one another: the kernel shows no such path. */
START_TEST(paths_too_long)
{
	const uint64_t nodes[] = {KN(21), KN(20), KN(21)};
	char *paths[3] = {NULL}, name[201];
	size_t i;

	put_hierarchies();
	memset(name, 'x', sizeof(name) - 1);
	name[200] = '\0';
	fake_puts(&f, NAME(8), name);
	for (i = 1; i < 22; i++) {
		fake_put64(&f, KN(i), NAME(8));
		fake_put64(&f, KN(i) + 8, KN(i - 1));
	}
	ck_assert(!kernfs_paths_read(&f.kernel, nodes, 3, paths, &err));
	ck_assert_ptr_null(paths[0]);
	ck_assert_uint_eq(strlen(paths[1]), 20 * 201);
	ck_assert_ptr_null(paths[2]);
	free(paths[1]);
}
END_TEST

START_TEST(cpusets)
{
	const struct task tasks[] = {task_of(2, 2, 2), task_of(1, 1, 1)};
	char *paths[2] = {NULL, NULL};
	bool known;

	put_hierarchies();
	put_set();
	fake_constant("cgroup_subsys_id.cpuset_cgrp_id", 2);
	fake_put64(&f, TASK(2) + AT_CGROUPS, SET(1));
	fake_put64(&f, SET(1) + 24 + 16, CSS);
	fake_put64(&f, CSS, GROUP(1));
	ck_assert(!task_cpusets_read(&f.kernel, tasks, 2, paths, &known, &err));
	ck_assert(known);
	ck_assert_str_eq(paths[0], "/a");
	ck_assert_ptr_null(paths[1]);
	free(paths[0]);
	fake_constant("cgroup_subsys_id.cpuset_cgrp_id", 3); /* beyond it */
	ck_assert(!task_cpusets_read(&f.kernel, tasks, 1, paths, &known, &err));
	ck_assert(!known);
}
END_TEST

START_TEST(autogroups)
{
	const struct task tasks[] = {task_of(1, 1, 1), task_of(2, 2, 2)};
	struct autogroup a[2];

	fake_field("signal_struct.autogroup", 8, 8);
	fake_field("autogroup.tg", 0, 8);
	fake_field("autogroup.id", 8, 8);
	fake_field("autogroup.nice", 16, 4);
	fake_field("task_group.autogroup", 0, 8);
	fake_put64(&f, SIGNAL(1) + 8, GROUP(0));
	fake_put64(&f, GROUP(0), GROUP(1));
	fake_put64(&f, GROUP(0) + 8, 55);
	fake_put32(&f, GROUP(0) + 16, (uint32_t)-3);
	fake_put64(&f, GROUP(1), GROUP(0));
	fake_put64(&f, SIGNAL(2) + 8, GROUP(2)); /* that of the first tasks */
	fake_put64(&f, GROUP(2), GROUP(3));
	ck_assert(!autogroups_read(&f.kernel, tasks, 2, a, &err));
	ck_assert(a[0].known && a[0].is_group);
	ck_assert_int_eq(a[0].id, 55);
	ck_assert_int_eq(a[0].nice, -3);
	ck_assert(a[1].known && !a[1].is_group);
}
END_TEST

#define TIMER(n) (DIRECT + 0x39000 + (n)*256ULL)
#define LIST_AT	 16

static void put_timer(unsigned int n, uint32_t id, uint64_t sigq)
{
	fake_put32(&f, TIMER(n), id);
	fake_put32(&f, TIMER(n) + 4, 1); /* clock */
	fake_put32(&f, TIMER(n) + 8, 4); /* to a thread */
	fake_put64(&f, TIMER(n) + 40, PID(1));
	fake_put32(&f, sigq, 10 + id);
	fake_put64(&f, sigq + 8, 0x1234);
}

static void timer_fields(uint32_t head, uint32_t sigq)
{
	fake_field("signal_struct.posix_timers", 16, head);
	fake_field("k_itimer.list", LIST_AT, 16);
	fake_field("k_itimer.it_id", 0, 4);
	fake_field("k_itimer.it_clock", 4, 4);
	fake_field("k_itimer.it_sigev_notify", 8, 4);
	fake_field("k_itimer.it_signal", 32, 8);
	fake_field("k_itimer.it_pid", 40, 8);
	fake_field("k_itimer.sigq", 48, sigq);
	fake_field("sigqueue.info.si_signo", 0, 4);
	fake_field("sigqueue.info._sifields._rt._sigval", 8, 8);
	fake_field("pid.level", 4, 4);
	fake_field("pid.numbers", 0x10, 0);
	fake_field("upid.nr", 0, 4);
	fake_field("upid.ns", 8, 8);
	fake_sizeof("upid", 16);
}

/* Of the first process two, of the other one none. */
START_TEST(timers_in_a_ring)
{
	const uint64_t links[] = {TIMER(1) + LIST_AT, TIMER(0) + LIST_AT};
	const struct task tasks[] = {task_of(1, 1, 1), task_of(4, 4, 4)};
	struct task_timers t[2];

	memset(t, 0, sizeof(t));
	timer_fields(16, 8);
	put_timer(0, 0, CSS);
	put_timer(1, 1, CSS + 32);
	fake_put64(&f, TIMER(0) + 48, CSS);
	fake_put64(&f, TIMER(1) + 48, CSS + 32);
	fake_ring(&f, SIGNAL(1) + 16, links, 2);
	fake_ring(&f, SIGNAL(4) + 16, NULL, 0);
	ck_assert(!task_timers_read(&f.kernel, tasks, 2, t, &err));
	ck_assert(t[0].known && !t[0].torn);
	ck_assert_uint_eq(t[0].v.n, 2);
	ck_assert_int_eq(t[0].v.v[0].id, 1);
	ck_assert_int_eq(t[0].v.v[0].signo, 11);
	ck_assert_int_eq(t[0].v.v[1].id, 0);
	ck_assert_uint_eq(t[0].v.v[1].value, 0x1234);
	ck_assert_uint_eq(t[0].v.v[1].notify, 4);
	ck_assert(t[1].known && !t[1].torn && !t[1].v.n);
	task_timers_deinit(t, 2);
}
END_TEST

/* Of two threads of a process the same; and one that goes in a circle. */
START_TEST(timers_in_a_chain)
{
	const struct task tasks[] = {task_of(2, 2, 2), task_of(3, 3, 2),
				     task_of(4, 4, 4)};
	struct task_timers t[3];

	memset(t, 0, sizeof(t));
	timer_fields(8, 32);
	put_timer(0, 0, TIMER(0) + 48);
	put_timer(1, 1, TIMER(1) + 48);
	put_timer(2, 2, TIMER(2) + 48);
	fake_put64(&f, TIMER(1) + 32, SIGNAL(2) | 1); /* being made */
	fake_put64(&f, SIGNAL(2) + 16, TIMER(0) + LIST_AT);
	fake_put64(&f, TIMER(0) + LIST_AT, TIMER(1) + LIST_AT);
	fake_put64(&f, SIGNAL(4) + 16, TIMER(2) + LIST_AT);
	fake_put64(&f, TIMER(2) + LIST_AT, TIMER(2) + LIST_AT);
	ck_assert(!task_timers_read(&f.kernel, tasks, 3, t, &err));
	ck_assert(t[0].known && !t[0].torn && !t[1].torn);
	ck_assert_uint_eq(t[0].v.n, 1);
	ck_assert_uint_eq(t[1].v.n, 1);
	ck_assert_int_eq(t[1].v.v[0].signo, 10);
	ck_assert(t[2].torn);
	ck_assert_uint_eq(t[2].v.n, 1);
	task_timers_deinit(t, 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/task_groups");
	TCase *t = tcase_create("task_groups");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, threads);
	tcase_add_test(t, too_many_threads);
	tcase_add_test(t, children);
	tcase_add_test(t, control_groups);
	tcase_add_test(t, no_control_groups);
	tcase_add_test(t, paths_of_groups);
	tcase_add_test(t, paths_too_long);
	tcase_add_test(t, cpusets);
	tcase_add_test(t, autogroups);
	tcase_add_test(t, timers_in_a_ring);
	tcase_add_test(t, timers_in_a_chain);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
