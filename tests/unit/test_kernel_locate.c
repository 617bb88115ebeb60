/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel is taken: page tables and registers made by hand. */
#include "kernel/locate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "kernel/x86_64.h"
#include "kernel/views.h"
#include "unit/array_machine.h"

/*
 * Images are of 2 MiB pages, and so are the places where they lie.  Page 7 of
 * memory is filled with HLT: an image that lies there is at a halt wherever
 * its vCPU is.
 */
#define LARGE	  (2u << 20)
#define RAM	  (16u * LARGE)
#define TEXT(n)	  (KERNEL_MAP + (uint64_t)(n)*LARGE)
#define PLACE(n)  ((uint64_t)(n)*LARGE)
#define HALTS	  7
#define PARKED_AT (TEXT(20) + 0x101)
#define RUNS	  0x202 /* RFLAGS: IF */
#define NO_IRQ	  0x2
#define NO_RAM	  40 /* a place that is none */

static struct array_machine a;
static struct location_views l;
static struct err err;
static struct location_choice choice;

static void setup(void)
{
	array_machine_init(&a, RAM);
	memset(a.bytes + PLACE(HALTS), 0xf4, LARGE);
	l = (struct location_views){0};
	err = (struct err){0};
	choice = (struct location_choice){0};
}

static void teardown(void)
{
	location_deinit(&l);
	array_machine_deinit(&a);
}

/* Three tables from `root` on map n large pages from TEXT(text) at place. */
static void map_image(uint64_t root, unsigned int text, unsigned int place,
		      unsigned int n)
{
	unsigned int i;

	array_put64(&a, root + 511 * 8, (root + 0x1000) | 0x63);
	array_put64(&a, root + 0x1000 + 510 * 8, (root + 0x2000) | 0x63);
	for (i = 0; i < n; i++)
		array_put64(&a, root + 0x2000 + (text + i) * 8,
			    PLACE(place + i) | 0xe3);
}

static struct vcpu *add_vcpu(uint64_t root, uint64_t rip, uint64_t rflags,
			     bool halted)
{
	struct vcpu v = {.arch = &arch_x86_64,
			 .index = (unsigned int)a.machine.vcpus.n,
			 .reg[X86_RIP] = rip,
			 .reg[X86_EFLAGS] = rflags,
			 .reg[X86_CS] = 0x10,
			 .reg[X86_CR0] = 0x80050033,
			 .reg[X86_CR3] = root,
			 .reg[X86_CR4] = 0x6f0,
			 .reg[X86_EFER] = 0xd01,
			 .halted = halted};

	ck_assert_int_eq(vec_push(&a.machine.vcpus, v), 0);
	return &a.machine.vcpus.v[a.machine.vcpus.n - 1];
}

/* One that has no page tables: real mode. */
static void add_real(bool halted)
{
	*add_vcpu(0, 0xfff0, NO_IRQ, halted) =
		(struct vcpu){.arch = &arch_x86_64,
			      .index = (unsigned int)a.machine.vcpus.n - 1,
			      .reg[X86_RIP] = 0xfff0,
			      .reg[X86_CR0] = 0x10,
			      .halted = halted};
}

static int find(const struct vcpu *only)
{
	choice.only = only;
	return location_find(&a.machine, &choice, &l, &err);
}

static void check_error(const struct vcpu *only, bool helps, const char *words)
{
	ck_assert_int_eq(find(only), ERR_NO_LINUX);
	ck_assert_msg(strstr(err.text, words), "%s", err.text);
	ck_assert_int_eq(choice.needed, helps);
	ck_assert_ptr_null(l.v);
}

/* The old kernel maps more, and is met first: it is dead all the same. */
static void crash(void)
{
	map_image(0x10000, 20, HALTS, 8);
	map_image(0x14000, 60, 2, 4);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x14000, TEXT(60) + 0x500, RUNS, false);
}

START_TEST(the_living_one_is_taken)
{
	crash();
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 1);
	ck_assert_uint_eq(l.v[1].at.phys_text, PLACE(2));
	ck_assert_uint_eq(l.v[1].at.text, TEXT(60));
	ck_assert(l.v[0].parked && !l.v[1].parked);
	ck_assert_uint_ne(l.v[0].image, l.v[1].image);
}
END_TEST

START_TEST(the_dead_one_can_be_chosen)
{
	crash();
	ck_assert_int_eq(find(&a.machine.vcpus.v[0]), 0);
	ck_assert_uint_eq(l.chosen, 0);
	ck_assert_uint_eq(l.v[0].at.phys_text, PLACE(HALTS));
}
END_TEST

/* KVM does not always tell that a vCPU is halted: its last instruction does. */
START_TEST(the_instruction_counts)
{
	crash();
	a.machine.vcpus.v[0].halted = false;
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 1);
}
END_TEST

/* An idle CPU waits in MWAIT with interrupts off, and goes on (intel_idle()).
 */
START_TEST(mwait_is_no_end)
{
	crash();
	memcpy(a.bytes + PLACE(HALTS) + 0xfe, "\x0f\x01\xc9", 3);
	check_error(NULL, true,
		    "two kernels seem to run: on vCPU 0 (text at physical "
		    "0xe00000) and vCPU 1 (0x400000): say which vCPU's is "
		    "meant");
}
END_TEST

START_TEST(halted_with_interrupts_on_is_idle)
{
	crash();
	a.machine.vcpus.v[0].reg[X86_EFLAGS] = RUNS;
	check_error(NULL, true, "two kernels seem to run");
	ck_assert_int_eq(find(&a.machine.vcpus.v[1]), 0);
	ck_assert_uint_eq(l.chosen, 1);
}
END_TEST

/* The next kernel is unpacked over the code that the halted CPU is in. */
START_TEST(code_that_is_another_by_now)
{
	crash();
	memset(a.bytes + PLACE(HALTS) + 0xfe, 0x48, 8);
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 1);
	location_deinit(&l);
	a.machine.vcpus.v[0].halted = false;
	check_error(NULL, true, "two kernels seem to run");
}
END_TEST

/* Where the code cannot be read, what the provider says has to do. */
START_TEST(code_that_is_gone)
{
	map_image(0x10000, 20, NO_RAM, 2);
	map_image(0x14000, 60, 2, 4);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x14000, TEXT(60) + 0x500, RUNS, false);
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 1);
	location_deinit(&l);
	a.machine.vcpus.v[0].halted = false;
	check_error(NULL, true, "two kernels seem to run");
}
END_TEST

/* Right after a crash nothing but the dead kernel is mapped. */
START_TEST(before_the_second_kernel_runs)
{
	map_image(0x10000, 20, HALTS, 8);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x18000, 0x37ffa56e, NO_IRQ, false);
	check_error(NULL, true,
		    "the kernel of vCPU 0 stands still, and no other one runs "
		    "yet (vCPU 1: boot loader or early boot)");
	ck_assert_int_eq(find(&a.machine.vcpus.v[0]), 0);
	location_deinit(&l);
	check_error(&a.machine.vcpus.v[1], false,
		    "vCPU 1: no Linux kernel in the vCPU's page tables");
	a.machine.vcpus.v[1].reg[X86_CR0] = 0x10;
	check_error(NULL, true, "the kernel of vCPU 0 stands still");
}
END_TEST

/* A machine that was halted has no other kernel, and is shown. */
START_TEST(the_end_of_the_only_kernel)
{
	map_image(0x10000, 20, HALTS, 8);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_real(true); /* never started */
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 0);
}
END_TEST

START_TEST(two_dead_kernels)
{
	map_image(0x10000, 20, HALTS, 1);
	map_image(0x14000, 60, HALTS, 1);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x14000, TEXT(60) + 0x101, NO_IRQ, true);
	check_error(NULL, true, "vCPU 0 and vCPU 1 stand still in two kernels");
}
END_TEST

/* The usual guest pays nothing for all this, whatever its CPUs do. */
START_TEST(one_kernel_costs_no_batch_more)
{
	uint64_t before;

	map_image(0x10000, 20, 2, 8);
	map_image(0x14000, 20, 2, 8);
	add_vcpu(0x10000, TEXT(20) + 0x500, RUNS, false);
	ck_assert_int_eq(find(NULL), 0);
	before = a.machine.stats.batches;
	ck_assert_uint_eq(before, 3); /* the levels of its tables */
	location_deinit(&l);
	machine_drop_cache(&a.machine);
	add_vcpu(0x10000, TEXT(20) + 0x500, NO_IRQ, true);
	add_vcpu(0x10000, TEXT(20) + 0x600, RUNS, true);
	add_real(true);
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(a.machine.stats.batches, 2 * before);
	location_deinit(&l);
	machine_drop_cache(&a.machine);
	add_vcpu(0x14000, TEXT(20) + 0x700, RUNS, true); /* tables of its own */
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(a.machine.stats.batches, 4 * before);
}
END_TEST

/* Other roots of one kernel map less of it, from a later page on (PTI). */
START_TEST(parts_of_one_image_are_one)
{
	map_image(0x10000, 22, 4, 1);
	map_image(0x14000, 20, 2, 8);
	add_vcpu(0x10000, TEXT(22) + 0x500, RUNS, false);
	add_vcpu(0x14000, TEXT(20) + 0x500, RUNS, false);
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.v[0].image, l.v[1].image);
	ck_assert_uint_eq(l.chosen, 1);
}
END_TEST

/* As far from its physical place as the other, yet not the same. */
START_TEST(images_side_by_side_are_two)
{
	map_image(0x10000, 20, 2, 2);
	map_image(0x14000, 24, 6, 2);
	add_vcpu(0x10000, TEXT(20) + 0x500, RUNS, false);
	add_vcpu(0x14000, TEXT(24) + 0x500, RUNS, false);
	check_error(NULL, true, "two kernels seem to run");
}
END_TEST

/* A CPU that was stopped turns in a loop once something wakes it. */
START_TEST(loops_without_end)
{
	static const struct {
		uint8_t code[4];
		unsigned int rip;
		uint64_t rflags;
		bool parked;
	} cases[] = {
		{{0xf3, 0x90, 0xeb, 0xfc}, 0, NO_IRQ, true}, /* pause; jmp */
		{{0xf3, 0x90, 0xeb, 0xfc}, 2, NO_IRQ, true},
		{{0xf3, 0x90, 0xeb, 0xfc}, 2, RUNS, false},
		{{0xf3, 0x90, 0xeb, 0xfa}, 2, NO_IRQ, false}, /* looks at it */
		{{0xf3, 0x90, 0xeb, 0xfc}, 1, NO_IRQ, false},
		{{0x90, 0xeb, 0xfe, 0x90}, 1, NO_IRQ, true},
		{{0x90, 0xeb, 0xfe, 0x90}, 3, NO_IRQ, false},
	};
	size_t i;

	crash();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* a page of its own: pages that were read are kept */
		memcpy(a.bytes + PLACE(9) + i * 0x1000, cases[i].code, 4);
		a.machine.vcpus.v[0].reg[X86_RIP] =
			TEXT(22) + i * 0x1000 + cases[i].rip;
		a.machine.vcpus.v[0].reg[X86_EFLAGS] = cases[i].rflags;
		a.machine.vcpus.v[0].halted = false;
		if (cases[i].parked)
			ck_assert_int_eq(find(NULL), 0);
		else
			check_error(NULL, true, "two kernels seem to run");
		ck_assert(!cases[i].parked || l.v[0].parked);
		location_deinit(&l);
	}
}
END_TEST

/* A root of a parked vCPU is not preferred for mapping more. */
START_TEST(roots_in_use_come_first)
{
	map_image(0x10000, 20, HALTS, 8);
	map_image(0x14000, 20, HALTS, 4);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	add_vcpu(0x14000, TEXT(22), RUNS, false);
	add_vcpu(0x18000, 0x1000, NO_IRQ, false); /* so that it is looked at */
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_uint_eq(l.chosen, 1);
}
END_TEST

/* A guest of the guest is on the vCPU: another look may find the kernel. */
START_TEST(vcpus_that_host)
{
	add_vcpu(0x18000, 0x1000, RUNS, false)->reg[X86_EFER] |=
		1 << 12; /* SVME */
	check_error(NULL, false,
		    "it runs a guest of its own (nested virtualisation)");
	ck_assert(choice.later);
	check_error(&a.machine.vcpus.v[0], false,
		    "vCPU 0: no Linux kernel in the vCPU's page tables: it "
		    "runs a guest of its own");
	ck_assert(choice.later);
	/* beside an offline CPU, too */
	map_image(0x10000, 20, HALTS, 8);
	add_vcpu(0x10000, PARKED_AT, NO_IRQ, true);
	check_error(NULL, true, "vCPU 0: a guest of its own");
	ck_assert(choice.later);
	/* virtualisation that is on does not hide a kernel */
	a.machine.vcpus.v[0].reg[X86_CR3] = 0x10000;
	a.machine.vcpus.v[0].reg[X86_RIP] = TEXT(20) + 0x500;
	ck_assert_int_eq(find(NULL), 0);
	ck_assert(!choice.later);
}
END_TEST

START_TEST(modes_of_vcpus)
{
	struct kernel k = {.machine = &a.machine};
	struct vcpu *v;

	crash();
	add_vcpu(0x14000, 0x401000, RUNS, false)->reg[X86_CS] = 0x33;
	add_vcpu(0x18000, 0x1000, RUNS, false);
	add_vcpu(0x18000, 0x1000, RUNS, false)->reg[X86_EFER] |=
		1 << 12; /* SVME */
	add_vcpu(0x18000, 0x1000, RUNS, false)->reg[X86_CR4] |=
		1 << 13; /* VMXE */
	add_real(false);
	add_real(true);
	ck_assert_int_eq(find(NULL), 0);
	ck_assert_int_eq(kernel_take_views(&k, &l, &err), 0);
	v = a.machine.vcpus.v;
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[0]), "other");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[1]), "kernel");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[2]), "user");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[3]), "unknown");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[4]), "guest");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[5]), "guest");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[6]), "firmware");
	ck_assert_str_eq(kernel_vcpu_mode(&k, &v[7]), "waiting");
	ck_assert_uint_eq(kernel_view_of(&k, &v[0])->phys_text, PLACE(HALTS));
	ck_assert_str_eq(kernel_view_of(&k, &v[0])->banner, "unknown");
	free(k.views);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/locate");
	TCase *t = tcase_create("locate");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_living_one_is_taken);
	tcase_add_test(t, the_dead_one_can_be_chosen);
	tcase_add_test(t, the_instruction_counts);
	tcase_add_test(t, mwait_is_no_end);
	tcase_add_test(t, halted_with_interrupts_on_is_idle);
	tcase_add_test(t, code_that_is_another_by_now);
	tcase_add_test(t, code_that_is_gone);
	tcase_add_test(t, before_the_second_kernel_runs);
	tcase_add_test(t, the_end_of_the_only_kernel);
	tcase_add_test(t, two_dead_kernels);
	tcase_add_test(t, one_kernel_costs_no_batch_more);
	tcase_add_test(t, parts_of_one_image_are_one);
	tcase_add_test(t, images_side_by_side_are_two);
	tcase_add_test(t, loops_without_end);
	tcase_add_test(t, roots_in_use_come_first);
	tcase_add_test(t, vcpus_that_host);
	tcase_add_test(t, modes_of_vcpus);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
