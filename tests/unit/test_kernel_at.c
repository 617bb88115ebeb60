/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is at an address: fixmap, per-CPU memory, stacks, sections. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "kernel/mm/mm_layout.h"
#include "kernel/code/module_sections.h"
#include "kernel/percpu_variable.h"
#include "kernel/stack/task_stack.h"
#include "kernel/alloc/x86_64_fixmap.h"
#include "kernel/stack/x86_64_user_sp.h"
#include "unit/fake_kernel.h"

#define CPUS	(DIRECT + 0x1000) /* nr_cpu_ids, unit size, offsets */
#define UNIT(n) (DIRECT + 0x20000 + (n)*0x8000ULL)
#define MODULE	(DIRECT + 0x3000)
#define SECTS	(DIRECT + 0x4000)
#define NAMES	(DIRECT + 0x5000)
#define LIST	(DIRECT + 0x6000)
#define TEXT	0xffffffffc0000000ULL

static struct fake_kernel f;

static void setup(void)
{
	fake_kernel_init(&f);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

START_TEST(slots_of_the_fixmap)
{
	struct x86_64_fixmap slot;

	ck_assert(!x86_64_fixmap_at(&f.kernel, 0xffffffffff5fd000, &slot));
	fake_constant("fixed_addresses.VSYSCALL_PAGE", 511);
	fake_constant("fixed_addresses.FIX_APIC_BASE", 514);
	fake_constant("fixed_addresses.FIX_IO_APIC_BASE_0", 515);
	fake_constant("fixed_addresses.FIX_IO_APIC_BASE_END", 642);
	fake_constant("fixed_addresses.__end_of_permanent_fixed_addresses",
		      646);
	fake_constant("fixed_addresses.FIX_BTMAP_END", 1024);
	fake_constant("fixed_addresses.__end_of_fixed_addresses", 1537);
	ck_assert(x86_64_fixmap_at(&f.kernel, 0xffffffffff5fdfff, &slot));
	ck_assert_str_eq(slot.first, "FIX_APIC_BASE");
	ck_assert_uint_eq(slot.start, 0xffffffffff5fd000);
	ck_assert_uint_eq(slot.index, 514);
	ck_assert_uint_eq(slot.behind, 0);
	ck_assert(x86_64_fixmap_at(&f.kernel, 0xffffffffff5fa000, &slot));
	ck_assert_str_eq(slot.first, "FIX_IO_APIC_BASE_0");
	ck_assert_uint_eq(slot.behind, 2);
	ck_assert(x86_64_fixmap_at(&f.kernel, 0xffffffffff600010, &slot));
	ck_assert_str_eq(slot.first, "VSYSCALL_PAGE");
	/* Before the first, between the permanent ones and those of boot,
	 * behind the last. */
	ck_assert(!x86_64_fixmap_at(&f.kernel, 0xffffffffff601000, &slot));
	ck_assert(!x86_64_fixmap_at(&f.kernel,
				    0xffffffffff7ff000 - 700 * 4096ULL, &slot));
	ck_assert(x86_64_fixmap_at(&f.kernel,
				   0xffffffffff7ff000 - 1030 * 4096ULL, &slot));
	ck_assert_str_eq(slot.first, "FIX_BTMAP_END");
	ck_assert(!x86_64_fixmap_at(
		&f.kernel, 0xffffffffff7ff000 - 1537 * 4096ULL, &slot));
	ck_assert(!x86_64_fixmap_at(&f.kernel, UINT64_MAX, &slot));
	ck_assert(!x86_64_fixmap_at(&f.kernel, 0, &slot));
}
END_TEST

static void put_cpus(uint64_t first)
{
	fake_symbol("nr_cpu_ids", CPUS);
	fake_symbol("pcpu_unit_size", CPUS + 4);
	fake_symbol("__per_cpu_offset", CPUS + 8);
	fake_put32(&f, CPUS, 2);
	fake_put32(&f, CPUS + 4, 0x8000);
	fake_put64(&f, CPUS + 8, UNIT(0) - first);
	fake_put64(&f, CPUS + 16, UNIT(1) - first);
	fake_symbol("__per_cpu_start", first);
	fake_symbol("__per_cpu_end", first + 0x3000);
}

static void check_percpu(uint64_t first)
{
	const struct profile_listed listing[] = {
		{.name = "__per_cpu_start", .va = first},
		{.name = "fixed", .va = first},
		{.name = "a", .va = first + 0x1000},
		{.name = "__end_of_a", .va = first + 0x1000},
		{.name = "b", .va = first + 0x1040},
		{.name = "__per_cpu_end", .va = first + 0x3000},
		{.name = "far", .va = first + 0x4000},
	};
	struct percpu_variable v;

	put_cpus(first);
	fake_listing(listing, sizeof(listing) / sizeof(listing[0]));
	ck_assert_int_eq(
		percpu_variable_at(&f.kernel, UNIT(1) + 0x1008, &v, NULL), 1);
	ck_assert_uint_eq(v.cpu, 1);
	ck_assert_uint_eq(v.start, UNIT(1));
	ck_assert_uint_eq(v.size, 0x8000);
	ck_assert_str_eq(v.name, "a");
	ck_assert_uint_eq(v.va, UNIT(1) + 0x1000);
	ck_assert_uint_eq(v.room, 0x40);
	ck_assert_int_eq(
		percpu_variable_at(&f.kernel, UNIT(0) + 0x2fff, &v, NULL), 1);
	ck_assert_uint_eq(v.cpu, 0);
	ck_assert_str_eq(v.name, "b");
	ck_assert_uint_eq(v.room, 0x3000 - 0x1040);
	ck_assert_int_eq(percpu_variable_at(&f.kernel, UNIT(0), &v, NULL), 1);
	ck_assert_str_eq(v.name, "fixed");
	/* Behind the static ones, and outside. */
	ck_assert_int_eq(
		percpu_variable_at(&f.kernel, UNIT(0) + 0x3000, &v, NULL), 1);
	ck_assert_ptr_null(v.name);
	ck_assert_int_eq(percpu_variable_at(&f.kernel, UNIT(2), &v, NULL), 0);
	ck_assert_int_eq(percpu_variable_at(&f.kernel, UNIT(0) - 1, &v, NULL),
			 0);
}

/* Up to 6.14 symbols are offsets, then addresses of the image. */
START_TEST(per_cpu_offsets)
{
	check_percpu(0);
}
END_TEST

START_TEST(per_cpu_addresses)
{
	check_percpu(0xffffffff82800000);
}
END_TEST

START_TEST(no_per_cpu_memory)
{
	struct percpu_variable v;

	ck_assert_int_eq(percpu_variable_at(&f.kernel, UNIT(0), &v, NULL), 0);
}
END_TEST

static void put_sections(void)
{
	fake_field("module.sect_attrs", 0x10, 8);
	fake_field("module_sect_attrs.attrs", 0x40, 0);
	fake_put64(&f, MODULE + 0x10, SECTS);
	fake_puts(&f, NAMES, ".text");
	fake_puts(&f, NAMES + 0x10, ".exit.text");
	fake_puts(&f, NAMES + 0x20, ".data");
}

static const uint64_t starts[3] = {TEXT, TEXT + 0x800, TEXT + 0x2000};
static const struct module m = {
	.addr = MODULE,
	.name = "m",
	.range = {{TEXT, 0x1000}, {TEXT + 0x2000, 0x1000}},
	.n_ranges = 2};

static void check_section(uint64_t va, const char *name, uint64_t start,
			  uint64_t room)
{
	struct module_section s;

	ck_assert_int_eq(module_section_at(&f.kernel, &m, va, &s, NULL), 1);
	ck_assert_str_eq(s.name, name);
	ck_assert_uint_eq(s.start, start);
	ck_assert_uint_eq(s.room, room);
}

static void check_sections(void)
{
	struct module_section s;

	check_section(TEXT, ".text", TEXT, 0x800);
	check_section(TEXT + 0x7ff, ".text", TEXT, 0x800);
	check_section(TEXT + 0xfff, ".exit.text", TEXT + 0x800, 0x800);
	check_section(TEXT + 0x2004, ".data", TEXT + 0x2000, 0x1000);
	ck_assert_int_eq(
		module_section_at(&f.kernel, &m, TEXT + 0x1000, &s, NULL), 0);
}

START_TEST(counted_sections)
{
	struct module_section s;
	size_t i;

	put_sections();
	fake_field("module_sect_attrs.nsections", 0x38, 4);
	fake_field("module_sect_attr.battr.attr.name", 0, 8);
	fake_field("module_sect_attr.address", 0x18, 8);
	fake_sizeof("module_sect_attr", 0x20);
	fake_put32(&f, SECTS + 0x38, 3);
	for (i = 0; i < 3; i++) {
		fake_put64(&f, SECTS + 0x40 + i * 0x20, NAMES + i * 0x10);
		fake_put64(&f, SECTS + 0x58 + i * 0x20, starts[i]);
	}
	check_sections();
	/* More than can be are cut; none at all is no section. */
	fake_put32(&f, SECTS + 0x38, UINT32_MAX);
	machine_drop_cache(&f.memory.machine);
	check_sections();
	fake_put64(&f, MODULE + 0x10, 0);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(module_section_at(&f.kernel, &m, TEXT, &s, NULL), 0);
}
END_TEST

START_TEST(listed_sections)
{
	struct module_section s;
	size_t i;

	put_sections();
	fake_field("module_sect_attrs.grp.bin_attrs", 0x8, 8);
	fake_field("bin_attribute.attr.name", 0, 8);
	fake_field("bin_attribute.private", 0x18, 8);
	fake_put64(&f, SECTS + 8, LIST);
	for (i = 0; i < 3; i++) {
		fake_put64(&f, LIST + i * 8, SECTS + 0x40 + i * 0x20);
		fake_put64(&f, SECTS + 0x40 + i * 0x20, NAMES + i * 0x10);
		fake_put64(&f, SECTS + 0x58 + i * 0x20, starts[i]);
	}
	check_sections();
	/* A list that leads elsewhere ends there. */
	fake_put64(&f, LIST, SECTS);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(module_section_at(&f.kernel, &m, TEXT, &s, NULL), 0);
}
END_TEST

#define NS	  (DIRECT + 0x7000)
#define NODE	  (DIRECT + 0x8000)
#define PID	  (DIRECT + 0x9000)
#define TASK(n)	  (DIRECT + 0xa000 + (n)*0x400ULL)
#define STACK(n)  (DIRECT + 0x40000 + (n)*0x8000ULL)
#define PID_LINKS 96

/* PID 5, and the idle tasks of two CPUs. */
static void put_tasks(void)
{
	size_t i;

	fake_task_fields();
	fake_field("task_struct.pid_links", PID_LINKS, 64);
	fake_field("task_struct.stack", 0x100, 8);
	fake_field("rq.idle", 0x10, 8);
	fake_symbol("init_pid_ns", NS);
	put_cpus(0);
	fake_symbol("runqueues", 0x2000);
	fake_put64(&f, NS + 8, NODE | 2);
	fake_put64(&f, NODE + 40 + 5 * 8, PID);
	fake_put64(&f, PID + 16, TASK(0) + PID_LINKS);
	for (i = 0; i < 3; i++)
		fake_put64(&f, TASK(i) + 0x100, STACK(i));
	fake_put_field(&f, TASK(0), "task_struct.pid", 5);
	fake_put_field(&f, TASK(0), "task_struct.tgid", 4);
	fake_puts(&f, TASK(0) + 48, "thread");
	fake_puts(&f, TASK(2) + 48, "swapper/1");
	fake_put64(&f, UNIT(0) + 0x2010, TASK(1));
	fake_put64(&f, UNIT(1) + 0x2010, TASK(2));
}

START_TEST(stacks_of_tasks)
{
	struct task_stack s;
	struct err err = {0};

	put_tasks();
	fake_sizeof("thread_union", 16384);
	ck_assert_int_eq(task_stack_at(&f.kernel, STACK(0) + 16383, &s, &err),
			 1);
	ck_assert_uint_eq(s.task, TASK(0));
	ck_assert_uint_eq(s.start, STACK(0));
	ck_assert_uint_eq(s.size, 16384);
	ck_assert_uint_eq(s.pid, 5);
	ck_assert_str_eq(s.comm, "thread");
	ck_assert_int_eq(task_stack_at(&f.kernel, STACK(2), &s, &err), 1);
	ck_assert_uint_eq(s.task, TASK(2));
	ck_assert_uint_eq(s.pid, 0);
	ck_assert_str_eq(s.comm, "swapper/1");
	ck_assert_int_eq(task_stack_at(&f.kernel, STACK(0) + 16384, &s, &err),
			 0);
}
END_TEST

/* One that cannot be is no size: then nothing is said. */
START_TEST(sizes_of_stacks)
{
	struct task_stack s;
	struct err err = {0};

	put_tasks();
	ck_assert_int_eq(task_stack_at(&f.kernel, STACK(0), &s, &err), 0);
	fake_sizeof("thread_union", 12345);
	ck_assert_uint_eq(task_stack_size(&f.kernel), 0);
	fake_symbol("__start_init_stack", STACK(1));
	fake_symbol("__end_init_stack", STACK(1) + 32768);
	ck_assert_uint_eq(task_stack_size(&f.kernel), 0);
	fake_sizeof("thread_union", 0);
	ck_assert_uint_eq(task_stack_size(&f.kernel), 32768);
}
END_TEST

static void put_regs(uint64_t regs, uint64_t cs, uint64_t ss, uint64_t sp)
{
	fake_put64(&f, regs + 136, cs);
	fake_put64(&f, regs + 152, sp);
	fake_put64(&f, regs + 160, ss);
}

/* At the top, or with FRED 16 bytes below it; and not of a kernel thread. */
START_TEST(stack_pointers_of_user_mode)
{
	struct task tasks[3] = {
		{.addr = TASK(0)}, {.addr = TASK(1)}, {.addr = TASK(2)}};
	uint64_t sps[3] = {1, 1, 1};

	put_tasks();
	fake_sizeof("thread_union", 16384);
	put_regs(STACK(0) + 16384 - 168, 0x33, 0x2b, 0x7ffc00001000);
	put_regs(STACK(1) + 16384 - 184, 0x1230023, 0x4560002b, 0xffb01000);
	put_regs(STACK(2) + 16384 - 168, 0x10, 0x18, 0x7ffc00002000);
	ck_assert_int_eq(x86_64_user_sps(&f.kernel, tasks, 3, sps, NULL), 0);
	ck_assert_uint_eq(sps[0], 0x7ffc00001000);
	ck_assert_uint_eq(sps[1], 0xffb01000);
	ck_assert_uint_eq(sps[2], 0);
}
END_TEST

#define MM     (DIRECT + 0xc000)
#define SIGNAL (DIRECT + 0xd000)

static void put_mm(uint64_t task_size)
{
	fake_field("mm_struct.start_code", 0, 8);
	fake_field("mm_struct.task_size", 8, 8);
	fake_field("mm_struct.mmap_base", 16, 8);
	fake_field("mm_struct.mmap_legacy_base", 24, 8);
	fake_field("mm_struct.mmap_compat_base", 32, 8);
	fake_field("mm_struct.mmap_compat_legacy_base", 40, 8);
	fake_field("mm_struct.context.untag_mask", 48, 8);
	fake_field("task_struct.personality", 0x108, 4);
	fake_field("task_struct.flags", 0x10c, 4);
	fake_field("task_struct.signal", 0x110, 8);
	fake_field("signal_struct.rlim", 0x20, 256);
	fake_field("rlimit.rlim_cur", 0, 8);
	fake_sizeof("rlimit", 16);
	fake_put64(&f, MM, 0x401000);
	fake_put64(&f, MM + 8, task_size);
	fake_put64(&f, MM + 16, 64);
	fake_put64(&f, MM + 24, 65);
	fake_put64(&f, MM + 32, 32);
	fake_put64(&f, MM + 40, 33);
	fake_put64(&f, MM + 48, ~0x7e00000000000000);
	fake_put32(&f, TASK(0) + 0x108, MM_ADDR_NO_RANDOMIZE);
	fake_put32(&f, TASK(0) + 0x10c, 0x400000);
	fake_put64(&f, TASK(0) + 0x110, SIGNAL);
	fake_put64(&f, SIGNAL + 0x20 + 3 * 16, 8 << 20);
}

START_TEST(layouts_of_processes)
{
	struct task t = {.addr = TASK(0), .mm = MM};
	struct mm_layout l;

	put_mm(0x7ffffffff000);
	ck_assert_int_eq(mm_layout_read(&f.kernel, &t, &l, NULL), 0);
	ck_assert_uint_eq(l.start_code, 0x401000);
	ck_assert_uint_eq(l.end_code, 0); /* this kernel has none */
	ck_assert(!l.compat && l.randomized && l.has_personality);
	ck_assert_uint_eq(l.mmap_base, 64);
	ck_assert_uint_eq(l.mmap_legacy_base, 65);
	ck_assert_uint_eq(l.personality, MM_ADDR_NO_RANDOMIZE);
	ck_assert(l.has_stack_limit);
	ck_assert_uint_eq(l.stack_limit, 8 << 20);
	ck_assert(l.has_tags);
	ck_assert_uint_eq(l.tags, 0x7e00000000000000);
	/* Fewer limits than that one, then memory that is not there. */
	fake_field("signal_struct.rlim", 0x20, 48);
	ck_assert_int_eq(mm_layout_read(&f.kernel, &t, &l, NULL), 0);
	ck_assert(!l.has_stack_limit);
	t = (struct task){.addr = DIRECT - 4096, .mm = DIRECT - 4096};
	ck_assert_int_eq(mm_layout_read(&f.kernel, &t, &l, NULL), 0);
	ck_assert(!l.has_personality && !l.has_stack_limit && !l.task_size);
	ck_assert(!l.has_tags);
}
END_TEST

START_TEST(layouts_of_32_bits)
{
	struct task t = {.addr = TASK(0), .mm = MM};
	struct mm_layout l;

	put_mm(0xffffe000);
	ck_assert_int_eq(mm_layout_read(&f.kernel, &t, &l, NULL), 0);
	ck_assert(l.compat);
	ck_assert_uint_eq(l.mmap_base, 32);
	ck_assert_uint_eq(l.mmap_legacy_base, 33);
}
END_TEST

START_TEST(settings)
{
	struct mm_settings s;

	fake_symbol("randomize_va_space", MM);
	fake_symbol("stack_guard_gap", MM + 8);
	fake_put32(&f, MM, 2);
	fake_put32(&f, MM + 4, 99);
	fake_put64(&f, MM + 8, 1 << 20);
	ck_assert_int_eq(mm_settings_read(&f.kernel, &s, NULL), 0);
	ck_assert_uint_eq(s.randomize_va_space, 2);
	ck_assert_uint_eq(s.stack_guard_gap, 1 << 20);
	ck_assert_uint_eq(s.min_addr, UINT64_MAX);
	ck_assert_uint_eq(s.rnd_bits, UINT64_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("at an address");
	TCase *t = tcase_create("at an address");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, slots_of_the_fixmap);
	tcase_add_test(t, per_cpu_offsets);
	tcase_add_test(t, per_cpu_addresses);
	tcase_add_test(t, no_per_cpu_memory);
	tcase_add_test(t, counted_sections);
	tcase_add_test(t, listed_sections);
	tcase_add_test(t, stacks_of_tasks);
	tcase_add_test(t, sizes_of_stacks);
	tcase_add_test(t, stack_pointers_of_user_mode);
	tcase_add_test(t, layouts_of_processes);
	tcase_add_test(t, layouts_of_32_bits);
	tcase_add_test(t, settings);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
