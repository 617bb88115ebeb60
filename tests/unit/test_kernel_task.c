/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the PID table and of tasks, on memory written by hand. */
#include "kernel/task/task.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/idr.h"
#include "unit/fake_kernel.h"

#define NS	  (DIRECT + 0x1000)
#define NODE(n)	  (DIRECT + 0x10000 + (n)*0x400ULL)
#define PID(n)	  (DIRECT + 0x20000 + (n)*64ULL)
#define TASK(n)	  (DIRECT + 0x40000 + (n)*512ULL)
#define CRED(n)	  (DIRECT + 0x30000 + (n)*64ULL)

#define PID_LINKS 96 /* offset of task_struct.pid_links */

static struct fake_kernel f;
static struct task_list list;
static struct err err;

static void fields(void)
{
	fake_task_fields();
	fake_field("task_struct.fs", 64, 8);
	fake_field("task_struct.pid_links", PID_LINKS, 64);
	fake_field("cred.uid", 0, 4);
	fake_field("cred.gid", 4, 4);
	fake_field("cred.euid", 8, 4);
	fake_field("cred.egid", 12, 4);
	fake_symbol("init_pid_ns", NS);
}

/* Enter task n with this pid into a node's slot. */
static void enter(unsigned int node, unsigned int slot, unsigned int n,
		  uint32_t pid, uint32_t tgid)
{
	fake_put64(&f, NODE(node) + 40 + slot * 8, PID(n));
	fake_put64(&f, PID(n) + 16, TASK(n) + PID_LINKS);
	if (pid == tgid)
		fake_put64(&f, PID(n) + 24, TASK(n) + PID_LINKS + 16);
	fake_put_field(&f, TASK(n), "task_struct.pid", pid);
	fake_put_field(&f, TASK(n), "task_struct.tgid", tgid);
	fake_put_field(&f, TASK(n), "task_struct.real_parent", TASK(0));
	fake_put_field(&f, TASK(n), "task_struct.real_cred", CRED(0));
	fake_puts(&f, TASK(n) + 48, "task");
}

/* A table of two levels: pids 1, 2, thread 3 of 2, and 100. */
static void setup(void)
{
	fake_kernel_init(&f);
	fields();
	fake_put64(&f, NS + 8, NODE(0) | 2);
	f.memory.bytes[NODE(0) - DIRECT] = 6; /* shift */
	fake_put64(&f, NODE(0) + 40, NODE(1) | 2);
	fake_put64(&f, NODE(0) + 48, NODE(2) | 2);
	enter(1, 1, 1, 1, 1);
	enter(1, 2, 2, 2, 2);
	enter(1, 3, 3, 3, 2);
	enter(2, 36, 4, 100, 100);
	fake_put32(&f, CRED(0), 1000);
	fake_put32(&f, CRED(0) + 8, 4000000000);
}

static void teardown(void)
{
	task_list_deinit(&list);
	fake_kernel_deinit(&f);
}

START_TEST(processes_in_order)
{
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 3);
	ck_assert_uint_eq(list.v[0].pid, 1);
	ck_assert_uint_eq(list.v[1].pid, 2);
	ck_assert_uint_eq(list.v[2].pid, 100);
	ck_assert_uint_eq(list.v[2].uid, 1000);
	ck_assert_uint_eq(list.v[2].euid, 4000000000);
	ck_assert_str_eq(list.v[2].comm, "task");
}
END_TEST

START_TEST(threads_too)
{
	ck_assert_int_eq(task_list_read(&f.kernel, true, &list, &err), 0);
	ck_assert_uint_eq(list.n, 4);
	ck_assert_uint_eq(list.v[2].pid, 3);
	ck_assert_uint_eq(list.v[2].tgid, 2);
}
END_TEST

START_TEST(one_task)
{
	struct task t;

	ck_assert_int_eq(task_find(&f.kernel, 100, &t, &err), 0);
	ck_assert_uint_eq(t.addr, TASK(4));
	ck_assert_int_eq(task_find(&f.kernel, 3, &t, &err), 0);
	ck_assert_uint_eq(t.tgid, 2);
	ck_assert_int_eq(task_find(&f.kernel, 99, &t, &err), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "99"));
	ck_assert_int_eq(task_find(&f.kernel, 0, &t, &err), ERR_NOT_FOUND);
	ck_assert_int_eq(task_find(&f.kernel, UINT32_MAX, &t, &err),
			 ERR_NOT_FOUND);
}
END_TEST

START_TEST(cost_does_not_follow_the_number)
{
	size_t few, i;

	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	few = f.memory.machine.stats.batches;
	task_list_deinit(&list);
	machine_drop_cache(&f.memory.machine);
	for (i = 5; i < 60; i++)
		enter(1, (unsigned int)i, (unsigned int)i, (uint32_t)i,
		      (uint32_t)i);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert_uint_eq(list.n, 58);
	ck_assert_uint_le(f.memory.machine.stats.batches - few, few);
}
END_TEST

/* Many are found at the cost of one, in any order, also twice. */
START_TEST(many_tasks_are_found_at_once)
{
	static const uint32_t pids[] = {100, 3, 99, 3, 1, 0, UINT32_MAX};
	struct err torn;
	struct task t[7];
	size_t one;

	ck_assert_int_eq(task_find(&f.kernel, 100, &t[0], &err), 0);
	one = f.memory.calls;
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(tasks_find(&f.kernel, pids, 7, t, &torn, &err), 0);
	ck_assert_uint_eq(f.memory.calls, 2 * one);
	ck_assert_int_eq(torn.code, 0);
	ck_assert_uint_eq(t[0].addr, TASK(4));
	ck_assert_uint_eq(t[1].addr, TASK(3));
	ck_assert_uint_eq(t[1].euid, 4000000000);
	ck_assert_uint_eq(t[2].addr, 0);
	ck_assert_uint_eq(t[3].addr, TASK(3));
	ck_assert_uint_eq(t[4].addr, TASK(1));
	ck_assert_uint_eq(t[5].addr, 0);
	ck_assert_uint_eq(t[6].addr, 0);
	ck_assert_int_eq(task_missing(99, &torn, &err), ERR_NOT_FOUND);
	/* Node 2, which has 100, cannot be there. */
	machine_drop_cache(&f.memory.machine);
	fake_put64(&f, NODE(0) + 48, 0x12);
	ck_assert_int_eq(tasks_find(&f.kernel, pids, 7, t, &torn, &err), 0);
	ck_assert_uint_eq(t[0].addr, 0);
	ck_assert_uint_eq(t[4].addr, TASK(1));
	ck_assert_int_eq(task_missing(100, &torn, &err), ERR_UNREADABLE);
}
END_TEST

/* What is broken is left out or marked; the rest is told. */
START_TEST(torn_tables_say_so)
{
	struct task t;

	switch (_i) {
	case 0: /* a node that is its own child */
		fake_put64(&f, NODE(0) + 48, NODE(0) | 2);
		break;
	case 1: /* a node outside memory */
		fake_put64(&f, NODE(0) + 48, (DIRECT + (1 << 28)) | 2);
		break;
	case 2: /* a shift that does not fit */
		f.memory.bytes[NODE(2) - DIRECT] = 12;
		break;
	case 3: /* an entry that is no pointer */
		fake_put64(&f, NODE(2) + 40 + 36 * 8, 0x7f0000001000);
		break;
	case 4: /* a node that is there already */
		fake_put64(&f, NODE(0) + 48, NODE(1) | 2);
		break;
	case 5: /* a number larger than any */
		f.memory.bytes[NODE(0) - DIRECT] = 18;
		fake_put64(&f, NODE(0) + 40, NODE(3) | 2);
		fake_put64(&f, NODE(0) + 48, 0);
		fake_put64(&f, NODE(0) + 40 + 63 * 8, NODE(4) | 2);
		f.memory.bytes[NODE(3) - DIRECT] = 12;
		fake_put64(&f, NODE(3) + 40, NODE(5) | 2);
		f.memory.bytes[NODE(5) - DIRECT] = 6;
		fake_put64(&f, NODE(5) + 40, NODE(1) | 2);
		break;
	case 6: /* a task of another pid */
		fake_put_field(&f, TASK(4), "task_struct.pid", 101);
		break;
	case 7: /* a struct pid outside memory */
		fake_put64(&f, NODE(2) + 40 + 36 * 8, DIRECT + (1 << 28));
		break;
	default: /* a task outside memory */
		fake_put64(&f, PID(4) + 24, DIRECT + (1 << 28));
		break;
	}
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 2);
	/* The way to that one is sound, or its thread is found. */
	if (_i == 4 || _i == 5 || _i == 8)
		return;
	/* It cannot be said that there is none. */
	ck_assert_int_eq(task_find(&f.kernel, 100, &t, &err), ERR_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "pid 100 cannot be told: "));
}
END_TEST

/* A node in all slots of others is read once, not 4096 times. */
START_TEST(shared_nodes_are_torn)
{
	unsigned int i;

	f.memory.bytes[NODE(0) - DIRECT] = 12;
	f.memory.bytes[NODE(3) - DIRECT] = 6;
	for (i = 0; i < 64; i++) {
		fake_put64(&f, NODE(0) + 40 + i * 8, NODE(3) | 2);
		fake_put64(&f, NODE(3) + 40 + i * 8, NODE(1) | 2);
	}
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_lt(f.memory.reads, 100);
}
END_TEST

/* What cannot be read is not called absent. */
START_TEST(a_torn_table_hides_no_task)
{
	struct task t;

	fake_put64(&f, NODE(0) + 48, (DIRECT + (1 << 28)) | 2);
	ck_assert_int_eq(task_find(&f.kernel, 100, &t, &err), ERR_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(err.text, "torn PID table"));
	ck_assert_int_eq(task_find(&f.kernel, 2, &t, &err), 0);
}
END_TEST

/* There are no more tasks than memory has room for: 1 MiB here. */
START_TEST(tasks_must_fit_into_memory)
{
	fake_sizeof("task_struct", 512 << 10);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert_uint_eq(list.n, 2);
	ck_assert(list.torn);
}
END_TEST

/* A type out of the guest's types, by which tasks[] is indexed. */
START_TEST(pid_types_that_cannot_be)
{
	static const int64_t types[] = {-1, INT64_MIN, INT64_MAX,
					0x1fffffffffffffff, 4};

	fake_constant("pid_type.PIDTYPE_TGID", types[_i]);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err),
			 ERR_NO_LINUX);
}
END_TEST

START_TEST(no_process_yet)
{
	fake_put64(&f, NS + 8, 0);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err),
			 ERR_NO_LINUX);
	ck_assert_ptr_nonnull(strstr(err.text, "booting"));
}
END_TEST

static const struct {
	uint32_t state, exit_state;
	char letter;
} states[] = {
	{0, 0, 'R'},	   {1, 0, 'S'},	     {2, 0, 'D'},     {0x102, 0, 'D'},
	{0x104, 0, 'T'},   {8, 0, 't'},	     {0, 0x10, 'X'},  {0, 0x20, 'Z'},
	{0x80, 0x20, 'Z'}, {0x40, 0, 'P'},   {0x402, 0, 'I'}, {0x1000, 0, 'D'},
	{0x8000, 0, 'D'},  {0x2001, 0, 'S'}, {0x80, 0, 'R'},
};

START_TEST(state_letters)
{
	fake_put_field(&f, TASK(1), "task_struct.__state", states[_i].state);
	fake_put_field(&f, TASK(1), "task_struct.exit_state",
		       states[_i].exit_state);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert_int_eq(list.v[0].state, states[_i].letter);
}
END_TEST

/* The same tasks in lists, on a kernel without the table. */
#define TASKS	    200 /* offset of task_struct.tasks */
#define SIGNAL	    216
#define THREAD_NODE 224
#define THREAD_HEAD 16
#define SIGNALS(n)  (DIRECT + 0x38000 + (n)*64ULL)

/* Link n addresses to a ring. */
static void ring(const uint64_t *links, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		fake_put64(&f, links[i], links[(i + 1) % n]);
		fake_put64(&f, links[i] + 8, links[(i + n - 1) % n]);
	}
}

static void link_tasks(void)
{
	const uint64_t processes[] = {TASK(0) + TASKS, TASK(1) + TASKS,
				      TASK(4) + TASKS, TASK(2) + TASKS};
	unsigned int i;

	fake_no_field("pid_namespace.idr.idr_rt.xa_head");
	fake_field("task_struct.tasks", TASKS, 16);
	fake_field("task_struct.signal", SIGNAL, 8);
	fake_field("task_struct.thread_node", THREAD_NODE, 16);
	fake_field("signal_struct.thread_head", THREAD_HEAD, 16);
	fake_symbol("init_task", TASK(0));
	ring(processes, 4);
	for (i = 1; i < 5; i++) {
		/* The first task of each process, and thread 3 of 2. */
		const uint64_t threads[] = {SIGNALS(i) + THREAD_HEAD,
					    TASK(i) + THREAD_NODE,
					    TASK(3) + THREAD_NODE};

		fake_put64(&f, TASK(i) + SIGNAL, SIGNALS(i));
		if (i != 3)
			ring(threads, i == 2 ? 3 : 2);
	}
}

START_TEST(lists_where_there_is_no_table)
{
	struct task t;

	link_tasks();
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 3);
	ck_assert_uint_eq(list.v[0].pid, 1);
	ck_assert_uint_eq(list.v[1].pid, 2);
	ck_assert_uint_eq(list.v[2].pid, 100);
	ck_assert_uint_eq(list.v[2].euid, 4000000000);
	task_list_deinit(&list);
	ck_assert_int_eq(task_list_read(&f.kernel, true, &list, &err), 0);
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 4);
	ck_assert_uint_eq(list.v[2].pid, 3);
	ck_assert_int_eq(task_find(&f.kernel, 3, &t, &err), 0);
	ck_assert_uint_eq(t.tgid, 2);
	ck_assert_int_eq(task_find(&f.kernel, 99, &t, &err), ERR_NOT_FOUND);
}
END_TEST

/* What can be reached from both sides is there, and marked. */
START_TEST(broken_lists_end)
{
	link_tasks();
	/* Past 4, into itself: only the way back leads to 2. */
	fake_put64(&f, TASK(4) + TASKS, TASK(4) + TASKS);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 3);
	task_list_deinit(&list);
	/* Nowhere. */
	fake_put64(&f, TASK(1) + TASKS, 0x10);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 3);
	task_list_deinit(&list);
	/* A ring that leaves out the head, on both sides. */
	fake_put64(&f, TASK(1) + TASKS, TASK(4) + TASKS);
	fake_put64(&f, TASK(4) + TASKS, TASK(1) + TASKS);
	fake_put64(&f, TASK(2) + TASKS + 8, 0x20);
	ck_assert_int_eq(task_list_read(&f.kernel, true, &list, &err), 0);
	ck_assert(list.torn);
	ck_assert_uint_ge(list.n, 3);
}
END_TEST

START_TEST(neither_table_nor_list)
{
	fake_no_field("pid_namespace.idr.idr_rt.xa_head");
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err),
			 ERR_NO_LINUX);
	ck_assert_ptr_nonnull(strstr(err.text, "init_task.tasks"));
}
END_TEST

START_TEST(what_a_kernel_lacks_is_said)
{
	fake_lose(READER_VMA);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err), 0);
	task_list_deinit(&list);
	fake_lose(READER_TASK);
	ck_assert_int_eq(task_list_read(&f.kernel, false, &list, &err),
			 ERR_NO_LINUX);
	ck_assert_str_eq(err.text, "processes cannot be read");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_task");
	TCase *t = tcase_create("kernel_task");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, processes_in_order);
	tcase_add_test(t, threads_too);
	tcase_add_test(t, one_task);
	tcase_add_test(t, many_tasks_are_found_at_once);
	tcase_add_test(t, cost_does_not_follow_the_number);
	tcase_add_loop_test(t, torn_tables_say_so, 0, 9);
	tcase_add_test(t, shared_nodes_are_torn);
	tcase_add_test(t, a_torn_table_hides_no_task);
	tcase_add_test(t, tasks_must_fit_into_memory);
	tcase_add_loop_test(t, pid_types_that_cannot_be, 0, 5);
	tcase_add_test(t, no_process_yet);
	tcase_add_loop_test(t, state_letters, 0,
			    sizeof(states) / sizeof(states[0]));
	tcase_add_test(t, lists_where_there_is_no_table);
	tcase_add_test(t, broken_lists_end);
	tcase_add_test(t, neither_table_nor_list);
	tcase_add_test(t, what_a_kernel_lacks_is_said);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
