/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the proof of rules for unwinding, by tasks written by hand. */
#include "kernel/stack/x86_64_orc_prove.h"

#include <check.h>
#include <string.h>

#include "kernel/task/task.h"
#include "kernel/stack/x86_64_unwind.h"
#include "unit/fake_kernel.h"

#define NS	 (DIRECT + 0x1000)
#define NODE	 (DIRECT + 0x2000)
#define CRED	 (DIRECT + 0x3000)
#define PID(n)	 (DIRECT + 0x10000 + (n)*64ULL)
#define TASK(n)	 (DIRECT + 0x20000 + (n)*512ULL)
#define STACK(n) (DIRECT + 0x40000 + (n)*0x2000ULL)
#define TOP(n)	 (STACK(n) + 0x2000)
#define LINKS	 96

#define TASKS	 24
#define RUNNING	 0u
#define SLEEPING 1u

/* Functions: one that was called, one that has registers, one that is the
 * last. */
#define TEXT   0xffffffff81000000ULL
#define CALLED (TEXT + 0x10)
#define ENTRY  (TEXT + 0x110)
#define LAST   (TEXT + 0x210)
#define FORKED (TEXT + 0x200)
#define TRACER (TEXT + 0x20)
#define BEHIND (TEXT + 0x310) /* without a rule */

static struct fake_kernel f;
static struct orc_tables tables;
static struct orc_proof proof;
static struct remarks remarks;
static struct err err;

static void fields(void)
{
	fake_task_fields();
	fake_field("task_struct.pid_links", LINKS, 64);
	fake_field("task_struct.thread.sp", 200, 8);
	fake_field("task_struct.stack", 208, 8);
	fake_field("task_struct.on_cpu", 216, 4);
	fake_field("inactive_task_frame.bp", 40, 8);
	fake_field("inactive_task_frame.ret_addr", 48, 8);
	fake_sizeof("inactive_task_frame", 56);
	fake_sizeof("thread_union", 0x2000);
	fake_field("cred.uid", 0, 4);
	fake_symbol("init_pid_ns", NS);
}

static void add_rules(void)
{
	static const struct orc_rule rules[] = {
		{.va = TEXT,
		 .kind = ORC_CALL,
		 .sp_base = ORC_SP,
		 .sp_offset = 8},
		{.va = TEXT + 0x100,
		 .kind = ORC_REGS,
		 .sp_base = ORC_SP,
		 .signal = 1},
		{.va = TEXT + 0x200, .kind = ORC_END},
		{.va = TEXT + 0x300, .kind = ORC_NONE}};
	struct orc_table t = {0};
	size_t i;

	for (i = 0; i < 4; i++)
		ck_assert_int_eq(vec_push(&t.rules, rules[i]), 0);
	ck_assert_int_eq(vec_push(&tables, t), 0);
}

/* It was switched from in a function that `last` had called. */
static void put_stack(unsigned int n, uint64_t last)
{
	uint64_t sp = TOP(n) - X86_64_PT_REGS - 8 - 56;

	fake_put64(&f, TASK(n) + 208, STACK(n));
	fake_put64(&f, TASK(n) + 200, sp);
	fake_put64(&f, sp + 48, CALLED);
	fake_put64(&f, sp + 56, last);
	if (last == ENTRY) {
		fake_put64(&f, sp + 64 + 128, 0x401000);
		fake_put64(&f, sp + 64 + 136, 0x33);
	}
}

static void put_task(unsigned int n)
{
	bool kthread = n % 2;

	fake_put64(&f, NODE + 40 + n * 8, PID(n));
	fake_put64(&f, PID(n) + 16, TASK(n) + LINKS);
	fake_put64(&f, PID(n) + 24, TASK(n) + LINKS + 16);
	fake_put32(&f, TASK(n), SLEEPING);
	fake_put32(&f, TASK(n) + 8, kthread ? PF_KTHREAD : 0);
	fake_put32(&f, TASK(n) + 12, n);
	fake_put32(&f, TASK(n) + 16, n);
	fake_put64(&f, TASK(n) + 32, TASK(1));
	fake_put64(&f, TASK(n) + 40, CRED);
	put_stack(n, kthread ? LAST : ENTRY);
}

static void setup(void)
{
	unsigned int n;

	fake_kernel_init(&f);
	fields();
	fake_put64(&f, NS + 8, NODE | 2);
	for (n = 1; n <= TASKS; n++)
		put_task(n);
	add_rules();
}

static void teardown(void)
{
	orc_tables_deinit(&tables);
	remarks_deinit(&remarks);
	fake_kernel_deinit(&f);
}

/* The number of tables that are left; led and failed of all. */
static size_t prove(size_t led, size_t failed, size_t silent)
{
	ck_assert_msg(!orc_prove(&f.kernel, &tables, &proof, &remarks, &err),
		      "%s", err.text);
	ck_assert_uint_eq(proof.led, led);
	ck_assert_uint_eq(proof.failed, failed);
	ck_assert_uint_eq(proof.silent, silent);
	return tables.n;
}

static bool remarked(const char *words)
{
	const char *remark = remarks_next(&remarks, NULL);

	return remark && strstr(remark, words) &&
	       !remarks_next(&remarks, remark);
}

START_TEST(all_lead_out)
{
	ck_assert_uint_eq(prove(ORC_PROOFS_MAX, 0, 0), 1);
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

/* FRED leaves 16 bytes free at the top. */
START_TEST(below_the_top)
{
	unsigned int n;

	for (n = 1; n <= TASKS; n++) {
		uint64_t sp = TOP(n) - X86_64_PT_REGS - 8 - 56 - 16;

		fake_put64(&f, TASK(n) + 200, sp);
		fake_put64(&f, sp + 48, CALLED);
		fake_put64(&f, sp + 56, n % 2 ? LAST : ENTRY);
		fake_put64(&f, sp + 64 + 128, 0x401000);
		fake_put64(&f, sp + 64 + 136, 0x33);
	}
	ck_assert_uint_eq(prove(ORC_PROOFS_MAX, 0, 0), 1);
}
END_TEST

/* One task that never ran, which nothing has called. */
START_TEST(a_task_that_never_ran)
{
	uint64_t sp = TOP(2) - X86_64_PT_REGS - 56;

	fake_symbol("ret_from_fork_asm", FORKED);
	fake_put64(&f, TASK(2) + 200, sp);
	fake_put64(&f, sp + 48, FORKED);
	ck_assert_uint_eq(prove(ORC_PROOFS_MAX, 0, 0), 1);
}
END_TEST

/* User's tasks and the kernel's own are looked at, half and half. */
START_TEST(both_kinds)
{
	unsigned int n;

	for (n = 1; n <= TASKS; n += 2)
		put_stack(n, CALLED);
	ck_assert_uint_eq(prove(ORC_PROOFS_MAX / 2, ORC_PROOFS_MAX / 2, 0), 0);
	ck_assert(remarked("do not lead out of 10 of 20 sleeping tasks"));
}
END_TEST

/* A few that do not are no proof against them. */
START_TEST(most_lead_out)
{
	static const unsigned int chosen[] = {2, 6, 8, 10, 12};
	unsigned int i;

	for (i = 0; i < 5; i++)
		put_stack(chosen[i], CALLED); /* up to where nothing is */
	ck_assert_uint_eq(prove(15, 5, 0), 1);
	put_stack(14, CALLED);
	machine_drop_cache(&f.memory.machine);
	ck_assert_uint_eq(prove(14, 6, 0), 0);
}
END_TEST

/* An end that is not at the top of the stack, as rules that say nothing but
 * that would have it. */
START_TEST(ends_everywhere)
{
	tables.v[0].rules.v[0].kind = ORC_END;
	ck_assert_uint_eq(prove(0, ORC_PROOFS_MAX, 0), 0);
	ck_assert(remarked("do not lead out of 20 of 20 sleeping tasks"));
}
END_TEST

START_TEST(silent)
{
	fake_symbol("return_to_handler", TRACER);
	put_stack(1, TRACER);
	put_stack(2, BEHIND);
	ck_assert_uint_eq(prove(ORC_PROOFS_MAX - 2, 0, 2), 1);
}
END_TEST

START_TEST(all_silent)
{
	unsigned int n;

	for (n = 1; n <= TASKS; n++)
		put_stack(n, BEHIND);
	ck_assert_uint_eq(prove(0, 0, ORC_PROOFS_MAX), 0);
	ck_assert(remarked("all 20 tasks"));
}
END_TEST

/* What sleeps in no way that is known is not looked at. */
START_TEST(none_sleeps)
{
	unsigned int n;

	for (n = 1; n <= TASKS; n++) {
		fake_put32(&f, TASK(n), n % 6 ? SLEEPING : RUNNING);
		if (n % 6 == 1)
			fake_put32(&f, TASK(n) + 216, 1); /* on_cpu */
		if (n % 6 == 2)
			fake_put64(&f, TASK(n) + 208, 0); /* no stack */
		if (n % 6 == 3)
			fake_put64(&f, TASK(n) + 200, TOP(n) + 8);
		if (n % 6 == 4)
			fake_put64(&f, TASK(n) + 200, TOP(n) - 56);
		if (n % 6 == 5)
			fake_put64(&f, TASK(n) + 200, STACK(n) + 0x101);
	}
	ck_assert_uint_eq(prove(0, 0, 0), 0);
	ck_assert(remarked("no task sleeps"));
}
END_TEST

START_TEST(nothing_to_prove_by)
{
	fake_lose(_i ? READER_TASK : READER_X86_64_SLEEPER);
	ck_assert_uint_eq(prove(0, 0, 0), 0);
	ck_assert(remarked(_i ? "processes cannot be read"
			      : "stacks of tasks cannot be read"));
}
END_TEST

/* Without its type, symbols tell how long a stack is. */
START_TEST(lengths_of_stacks)
{
	fake_sizeof("thread_union", _i == 2 ? 12345 : 0);
	if (_i == 1) {
		fake_symbol("__start_init_stack", DIRECT);
		fake_symbol("__end_init_stack", DIRECT + 0x2000);
	}
	ck_assert_uint_eq(prove(_i == 1 ? ORC_PROOFS_MAX : 0, 0, 0), _i == 1);
}
END_TEST

START_TEST(no_tables)
{
	size_t reads = f.memory.reads;

	orc_tables_deinit(&tables);
	ck_assert_uint_eq(prove(0, 0, 0), 0);
	ck_assert_uint_eq(f.memory.reads, reads);
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

/* As many batches for many tasks as for one. */
START_TEST(batches)
{
	unsigned int n;
	uint64_t many, before;

	prove(ORC_PROOFS_MAX, 0, 0);
	many = f.memory.machine.stats.batches;
	for (n = 2; n <= TASKS; n++)
		fake_put64(&f, NODE + 40 + n * 8, 0);
	machine_drop_cache(&f.memory.machine);
	before = f.memory.machine.stats.batches;
	prove(1, 0, 0);
	ck_assert_uint_le(many, f.memory.machine.stats.batches - before);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/x86_64_orc_prove");
	TCase *t = tcase_create("prove");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_lead_out);
	tcase_add_test(t, below_the_top);
	tcase_add_test(t, a_task_that_never_ran);
	tcase_add_test(t, both_kinds);
	tcase_add_test(t, most_lead_out);
	tcase_add_test(t, ends_everywhere);
	tcase_add_test(t, silent);
	tcase_add_test(t, all_silent);
	tcase_add_test(t, none_sleeps);
	tcase_add_loop_test(t, nothing_to_prove_by, 0, 2);
	tcase_add_loop_test(t, lengths_of_stacks, 0, 3);
	tcase_add_test(t, no_tables);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
