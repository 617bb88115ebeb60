/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what tells one boot from another, on memory written by hand. */
#include "kernel/boot.h"

#include <check.h>
#include <stdlib.h>

#include "arch/x86_64.h"
#include "kernel/marks.h"
#include "kernel/views.h"
#include "unit/fake_kernel.h"

#define INIT_TASK (DIRECT + 0x1000)
#define PID_1	  (DIRECT + 0x3000)

static struct fake_kernel f;

static void setup(void)
{
	fake_kernel_init(&f);
	fake_symbol("init_task", INIT_TASK);
	fake_field("task_struct.stack_canary", 0x40, 8);
	fake_field("task_struct.tasks", 0x80, 16);
	fake_field("task_struct.start_time", 0x90, 8);
	fake_put64(&f, INIT_TASK + 0x80, PID_1 + 0x80);
	fake_put64(&f, INIT_TASK + 0x40, 0x1234567890abcd00);
	fake_put64(&f, PID_1 + 0x90, 77000000);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static bool boot(uint64_t *id)
{
	bool known = false;

	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(kernel_boot_id(&f.kernel, id, &known, NULL), 0);
	return known;
}

/* It is the canary, and where things are, that count. */
START_TEST(canary)
{
	uint64_t first, second;

	ck_assert(boot(&first));
	fake_put64(&f, PID_1 + 0x90, 88000000);
	ck_assert(boot(&second) && first == second);
	fake_put64(&f, INIT_TASK + 0x40, 0x1234567890abcc00);
	ck_assert(boot(&second) && first != second);
	fake_put64(&f, INIT_TASK + 0x40, 0x1234567890abcd00);
	f.kernel.vmemmap_base += 1 << 30;
	ck_assert(boot(&second) && first != second);
}
END_TEST

/* Without one, the start of PID 1; before that, nothing tells. */
START_TEST(no_canary)
{
	uint64_t first, second;

	fake_no_field("task_struct.stack_canary");
	ck_assert(boot(&first));
	fake_put64(&f, PID_1 + 0x90, 77000001);
	ck_assert(boot(&second) && first != second);
	fake_put64(&f, INIT_TASK + 0x80, INIT_TASK + 0x80);
	ck_assert(!boot(&first));
	fake_no_field("task_struct.tasks");
	ck_assert(!boot(&first));
}
END_TEST

/* A variable is read as long as it is: behind it may be nothing. */
START_TEST(variables_at_the_end_of_memory)
{
	uint64_t value = 0;
	struct err err;

	fake_symbol("an_int", DIRECT + 0x8ffc);
	fake_symbol("a_long", DIRECT + 0x8ff8);
	fake_put64(&f, DIRECT + 0x8ff8, 0xfffffffe12345678);
	f.memory.fail_from = 0x9000;
	f.memory.fail_to = 0xa000;
	ck_assert(!kernel_read_symbol(&f.kernel, "an_int", 4, &value, &err));
	ck_assert_uint_eq(value, 0xfffffffe);
	ck_assert(!kernel_read_symbol(&f.kernel, "a_long", 8, &value, &err));
	ck_assert_uint_eq(value, 0xfffffffe12345678);
	ck_assert_int_eq(
		kernel_read_symbol(&f.kernel, "an_int", 8, &value, &err),
		ERR_UNREADABLE);
	ck_assert_int_eq(kernel_read_symbol(&f.kernel, "none", 8, &value, &err),
			 ERR_NOT_FOUND);
}
END_TEST

/* A vCPU in kernel mode, whose top table is at pgd. */
static void add_vcpu(uint64_t pgd)
{
	const struct vcpu v = {.arch = &arch_x86_64,
			       .index = (unsigned int)f.memory.machine.vcpus.n,
			       .reg[X86_CR0] = CR0_PE | CR0_PG,
			       .reg[X86_CR3] = pgd,
			       .reg[X86_CR4] = CR4_PAE,
			       .reg[X86_EFER] = EFER_LMA};

	ck_assert(!vec_push(&f.memory.machine.vcpus, v));
}

static enum kernel_since since(struct kernel_marks *m)
{
	enum kernel_since s;

	machine_drop_cache(&f.memory.machine);
	f.memory.calls = 0;
	ck_assert_int_eq(kernel_marks_check(&f.kernel, m, NULL, &s, NULL), 0);
	return s;
}

#define JIFFIES	  (DIRECT + 0x5000)
#define IMAGE	  0xabcdef067ULL
#define OTHER_PGD 0x7000

/* The image's entry is the last one of each top table. */
static void put_image(uint64_t pgd, uint64_t entry)
{
	array_put64(&f.memory, pgd + 4088, entry);
}

static void take_marks(struct kernel_marks *m)
{
	f.kernel.text = DIRECT; /* so that all lies in the image */
	fake_symbol("jiffies_64", JIFFIES);
	fake_put64(&f, JIFFIES, 1000);
	put_image(f.kernel.root.pgd, IMAGE);
	add_vcpu(f.kernel.root.pgd);
	ck_assert_int_eq(kernel_marks_take(&f.kernel, m, NULL), 0);
}

/* One batch tells that it is the same, whatever process runs. */
START_TEST(marks)
{
	struct kernel_marks m;

	take_marks(&m);
	ck_assert_int_eq(since(&m), KERNEL_SAME);
	ck_assert_uint_eq(f.memory.calls, 1);
	put_image(OTHER_PGD, IMAGE ^ PTE_A);
	f.memory.machine.vcpus.v[0].reg[X86_CR3] = OTHER_PGD;
	add_vcpu(f.kernel.root.pgd);
	fake_put64(&f, JIFFIES, 1001);
	ck_assert_int_eq(since(&m), KERNEL_SAME);
	ck_assert_uint_eq(f.memory.calls, 1);
	ck_assert_int_eq(f.kernel.views[1].shows, SHOWS_THIS);
	fake_put64(&f, JIFFIES, 900);
	ck_assert_int_eq(since(&m), KERNEL_BACK);
	ck_assert_int_eq(since(&m), KERNEL_SAME);
	fake_put64(&f, INIT_TASK + 0x40, 0x1234567890abcc00);
	ck_assert_int_eq(since(&m), KERNEL_OTHER);
	free(f.kernel.views);
}
END_TEST

/* The start of PID 1 counts where there is no canary. */
START_TEST(marks_without_canary)
{
	struct kernel_marks m;

	fake_no_field("task_struct.stack_canary");
	take_marks(&m);
	ck_assert_int_eq(since(&m), KERNEL_SAME);
	fake_put64(&f, PID_1 + 0x90, 77000001);
	ck_assert_int_eq(since(&m), KERNEL_OTHER);
	free(f.kernel.views);
}
END_TEST

/* A kernel may be there still, and no vCPU in it: kexec, firmware. */
START_TEST(marks_that_no_vcpu_shows)
{
	enum kernel_since s;
	struct kernel_marks m;
	struct err err;

	take_marks(&m);
	put_image(OTHER_PGD, 0);
	f.memory.machine.vcpus.v[0].reg[X86_CR3] = OTHER_PGD;
	ck_assert_int_eq(kernel_marks_check(&f.kernel, &m, NULL, &s, &err),
			 ERR_NO_LINUX);
	f.memory.machine.vcpus.v[0].reg[X86_CR0] = 0;
	ck_assert_int_eq(kernel_marks_check(&f.kernel, &m, NULL, &s, &err),
			 ERR_NO_LINUX);
	free(f.kernel.views);
}
END_TEST

/* They run guests of their own: it is there, and shown by none of them. */
START_TEST(marks_below_a_guest)
{
	enum kernel_since s;
	struct kernel_marks m;

	take_marks(&m);
	put_image(OTHER_PGD, 0);
	f.memory.machine.vcpus.v[0].reg[X86_CR3] = OTHER_PGD;
	f.memory.machine.vcpus.v[0].reg[X86_EFER] |= 1 << 12; /* SVME */
	ck_assert_int_eq(kernel_marks_check(&f.kernel, &m, NULL, &s, NULL), 0);
	ck_assert_int_eq(s, KERNEL_SAME);
	ck_assert(f.kernel.remembered);
	ck_assert_int_eq(f.kernel.views[0].shows, SHOWS_NONE);
	f.memory.machine.vcpus.v[0].reg[X86_CR3] = f.kernel.root.pgd;
	ck_assert_int_eq(since(&m), KERNEL_SAME);
	ck_assert(!f.kernel.remembered);
	ck_assert_int_eq(f.kernel.views[0].shows, SHOWS_THIS);
	free(f.kernel.views);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/boot");
	TCase *t = tcase_create("boot");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, canary);
	tcase_add_test(t, no_canary);
	tcase_add_test(t, variables_at_the_end_of_memory);
	tcase_add_test(t, marks);
	tcase_add_test(t, marks_without_canary);
	tcase_add_test(t, marks_that_no_vcpu_shows);
	tcase_add_test(t, marks_below_a_guest);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
