/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of registers by name, and of changes that are all made or none. */
#include "machine/regs.h"

#include "arch/x86_64.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A provider with two vCPUs that can fail in the ways that are to be met. */
static struct {
	struct vcpu vcpus[2];
	unsigned int writes, reads;
	const char *ignored; /* writes to it are not taken */
	const char *shadow;  /* changes with any other */
	const char *failing; /* writes to it fail, with that code */
	int code;
	bool dead; /* nothing works from the first failure on */
} cpu;

static struct machine m;
static struct err err;

static int write_reg(void *ctx, unsigned int vcpu, const struct arch_reg *reg,
		     uint64_t value, struct err *e)
{
	struct vcpu *v = &cpu.vcpus[vcpu];

	(void)ctx;
	cpu.writes++;
	if (cpu.failing && (!strcmp(cpu.failing, reg->name) || cpu.dead)) {
		cpu.dead = cpu.code == ERR_NO_GUEST;
		return err_set(e, cpu.code, "no %s", reg->name);
	}
	if (!cpu.ignored || strcmp(cpu.ignored, reg->name) != 0)
		vcpu_put(v, reg, value);
	if (cpu.shadow)
		vcpu_put(v, arch_reg_find(&arch_x86_64, cpu.shadow), value);
	return 0;
}

static int read_regs(void *ctx, struct vcpu *v, struct err *e)
{
	(void)ctx;
	cpu.reads++;
	if (cpu.dead)
		return err_set(e, ERR_NO_GUEST, "gone");
	*v = cpu.vcpus[v->index];
	return 0;
}

static const struct machine_ops ops = {.write_reg = write_reg,
				       .read_regs = read_regs};

static void setup(void)
{
	const struct arch_reg *r, *end = arch_x86_64.regs + X86_REGS;
	uint64_t value = 0x100;
	unsigned int i;

	memset(&cpu, 0, sizeof(cpu));
	machine_init(&m, &ops, NULL);
	for (i = 0; i < 2; i++) {
		cpu.vcpus[i].index = i;
		cpu.vcpus[i].arch = &arch_x86_64;
		for (r = arch_x86_64.regs; r < end; r++)
			vcpu_put(&cpu.vcpus[i], r, value++);
		ck_assert(!vec_push(&m.vcpus, cpu.vcpus[i]));
	}
}

static void teardown(void)
{
	machine_deinit(&m);
}

static int change(unsigned int vcpu, const char *a, uint64_t x, const char *b,
		  uint64_t y)
{
	struct reg_change changes[2] = {
		{.reg = arch_reg_find(&arch_x86_64, a), .new = x},
		{.reg = arch_reg_find(&arch_x86_64, b), .new = y},
	};
	uint64_t old = vcpu_get(&m.vcpus.v[vcpu % 2], changes[0].reg);
	int rc = machine_write_regs(&m, vcpu, changes, 2, &err);

	ck_assert(rc == ERR_NOT_FOUND || changes[0].old == old);
	return rc;
}

/* The provider's registers, and the machine's, are as set up. */
static void is_unchanged(void)
{
	const struct arch_reg *r, *end = arch_x86_64.regs + X86_REGS;
	uint64_t value = 0x100;
	unsigned int i;

	for (i = 0; i < 2; i++)
		for (r = arch_x86_64.regs; r < end; r++, value++) {
			ck_assert_uint_eq(vcpu_get(&cpu.vcpus[i], r), value);
			ck_assert_uint_eq(vcpu_get(&m.vcpus.v[i], r), value);
		}
}

START_TEST(names_are_distinct)
{
	const struct arch_reg *r, *end = arch_x86_64.regs + X86_REGS;

	for (r = arch_x86_64.regs; r < end; r++)
		ck_assert_ptr_eq(arch_reg_find(&arch_x86_64, r->name), r);
	ck_assert_ptr_null(arch_reg_find(&arch_x86_64, "eax"));
	ck_assert_ptr_null(arch_reg_find(&arch_x86_64, ""));
	ck_assert_uint_eq(arch_reg_find(&arch_x86_64, "eflags")->bytes, 4);
	ck_assert_ptr_nonnull(arch_reg_find(&arch_x86_64, "cs")->no_sets);
	ck_assert_ptr_null(arch_reg_find(&arch_x86_64, "rip")->no_sets);
}
END_TEST

START_TEST(members_do_not_overlap)
{
	struct vcpu v = {.arch = &arch_x86_64};

	vcpu_put(&v, arch_reg_find(&arch_x86_64, "cs"), 0x1122334455667788);
	ck_assert_uint_eq(v.reg[X86_CS], 0x7788);
	ck_assert_uint_eq(v.reg[X86_SS], 0);
	vcpu_put(&v, arch_reg_find(&arch_x86_64, "r15"), UINT64_MAX);
	ck_assert_uint_eq(v.reg[X86_R15], UINT64_MAX);
	ck_assert_uint_eq(v.reg[X86_RIP], 0);
}
END_TEST

START_TEST(changes_are_made)
{
	ck_assert_int_eq(change(1, "rip", 0xabc, "rax", UINT64_MAX), 0);
	ck_assert_uint_eq(cpu.vcpus[1].reg[X86_RIP], 0xabc);
	ck_assert_uint_eq(cpu.vcpus[1].reg[X86_RAX], UINT64_MAX);
	ck_assert_uint_eq(m.vcpus.v[1].reg[X86_RIP], 0xabc);
	ck_assert_uint_eq(cpu.writes, 2);
	ck_assert_uint_eq(
		cpu.vcpus[0].reg[X86_RIP],
		vcpu_get(&m.vcpus.v[0], arch_reg_find(&arch_x86_64, "rip")));
}
END_TEST

START_TEST(what_is_not_taken_is_put_back)
{
	cpu.ignored = "cr8";
	ck_assert_int_eq(change(0, "rip", 1, "cr8", 2), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "nothing was changed"));
	ck_assert_ptr_nonnull(strstr(err.text, "cr8 is 0x"));
	is_unchanged();
}
END_TEST

START_TEST(what_changes_with_it_is_told)
{
	cpu.shadow = "rbx";
	ck_assert_int_eq(change(0, "rip", 1, "rax", 2), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "may be left changed"));
	ck_assert_ptr_nonnull(strstr(err.text, "rbx"));
}
END_TEST

START_TEST(a_failure_on_the_way_is_put_back)
{
	cpu.failing = "rax";
	cpu.code = ERR_CORRUPT;
	ck_assert_int_eq(change(0, "rip", 1, "rax", 2), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "may be left changed"));
	teardown();
	setup();
	cpu.failing = "rax";
	cpu.code = ERR_REFUSED;
	ck_assert_int_eq(change(0, "rax", 1, "rip", 2), ERR_REFUSED);
	ck_assert_str_eq(err.text, "no rax");
	ck_assert_uint_eq(cpu.writes, 1);
	is_unchanged();
}
END_TEST

/* What was not tried is not tried again on the way back. */
START_TEST(a_later_refusal_is_put_back)
{
	static const int codes[] = {ERR_REFUSED, ERR_INTERRUPTED};
	struct reg_change c[3] = {
		{.reg = arch_reg_find(&arch_x86_64, "rip"), .new = 1},
		{.reg = arch_reg_find(&arch_x86_64, "rax"), .new = 2},
		{.reg = arch_reg_find(&arch_x86_64, "rbx"), .new = 3}};

	cpu.failing = "rax";
	cpu.code = codes[_i];
	ck_assert_int_eq(machine_write_regs(&m, 0, c, 3, &err), cpu.code);
	ck_assert_str_eq(err.text, "nothing was changed: no rax");
	ck_assert(c[0].sent && !c[1].sent && !c[2].sent);
	is_unchanged();
	ck_assert_int_eq(machine_write_regs(&m, 0, c + 1, 2, &err), cpu.code);
	ck_assert(!c[1].sent && !c[2].sent);
	is_unchanged();
}
END_TEST

START_TEST(a_lost_guest_is_told)
{
	cpu.failing = "rax";
	cpu.code = ERR_NO_GUEST;
	ck_assert_int_eq(change(0, "rip", 1, "rax", 2), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "may be left changed"));
}
END_TEST

START_TEST(refusals)
{
	static const struct machine_ops none = {0};

	ck_assert_int_eq(change(2, "rip", 1, "rax", 2), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "no vCPU 2"));
	m.ops = &none;
	ck_assert_int_eq(machine_write_regs(&m, 0, NULL, 0, &err), ERR_REFUSED);
	ck_assert_uint_eq(cpu.writes, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine/regs");
	TCase *c = tcase_create("regs");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, names_are_distinct);
	tcase_add_test(c, members_do_not_overlap);
	tcase_add_test(c, changes_are_made);
	tcase_add_test(c, what_is_not_taken_is_put_back);
	tcase_add_test(c, what_changes_with_it_is_told);
	tcase_add_test(c, a_failure_on_the_way_is_put_back);
	tcase_add_loop_test(c, a_later_refusal_is_put_back, 0, 2);
	tcase_add_test(c, a_lost_guest_is_told);
	tcase_add_test(c, refusals);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
