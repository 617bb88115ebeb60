/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of files below /sys, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"
#include "unit/system_kit.h"

/* Per-CPU variables of CPU 0; those of the next one are 0x1000 behind. */
#define CPU_INFO (DIRECT + 0x20000)
#define SIBLING	 (DIRECT + 0x20100)
#define CORE	 (DIRECT + 0x20110)
#define DEVICES	 (DIRECT + 0x20120)
#define CPUS	 (DIRECT + 0x1000)
#define PRESENT	 (DIRECT + 0x1180)
#define TOTAL	 (DIRECT + 0x11c0)
#define DEVICE	 (DIRECT + 0x1200)
#define MASKS	 (DIRECT + 0x1300)
#define BLOCKS	 (DIRECT + 0x2000)
#define SECTIONS (DIRECT + 0x2010)
#define XNODE	 (DIRECT + 0x2100)
#define BLOCK(n) (DIRECT + 0x3000 + (n)*0x100ULL)
#define NODE	 (DIRECT + 0x10000)
#define ZONE(i)	 (NODE + (i)*0x400ULL)
#define NAMES	 (DIRECT + 0x4000)

static struct fake_kernel f;
static struct proc_values values;
static struct buf all;

/* Four CPUs: 1 is offline, 3 was never registered; firmware told of six. */
static void put_cpus(void)
{
	uint64_t cpu;

	system_kit_cpus(&f, CPUS, 4, 5);
	fake_symbol("__cpu_present_mask", PRESENT);
	fake_symbol("total_cpus", TOTAL);
	fake_symbol("cpu_info", CPU_INFO);
	fake_symbol("cpu_sibling_map", SIBLING);
	fake_symbol("cpu_core_map", CORE);
	fake_symbol("core_id_show", DIRECT);
	fake_symbol("die_id_show", DIRECT); /* whose member is not known */
	fake_symbol("core_cpus_show", DIRECT);
	fake_symbol("package_cpus_list_read", DIRECT);
	fake_field("device.offline", 8, 1);
	fake_bits("device.offline", 8, 1, 1);
	fake_bits("device.offline_disabled", 8, 0, 1);
	fake_field("cpuinfo_x86.topo.core_id", 4, 4);
	fake_put64(&f, PRESENT, 7);
	fake_put32(&f, TOTAL, 6);
	for (cpu = 0; cpu < 4; cpu++) {
		fake_put32(&f, CPU_INFO + cpu * 0x1000 + 4, (uint32_t)cpu - 1);
		fake_put64(&f, SIBLING + cpu * 0x1000, 1u << cpu);
		fake_put64(&f, CORE + cpu * 0x1000, 5);
		if (cpu < 3)
			fake_put64(&f, DEVICES + cpu * 0x1000,
				   DEVICE + cpu * 0x20);
	}
	fake_put32(&f, DEVICE + 8, 1);	      /* fixed */
	fake_put32(&f, DEVICE + 0x20 + 8, 2); /* offline */
}

static void setup(void)
{
	fake_kernel_init(&f);
	put_cpus();
}

static void teardown(void)
{
	buf_deinit(&all);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

/* All records: "NAME: TEXT", with an arrow in links. */
static const char *shown(const struct proc_file *file)
{
	struct err err = {0};
	size_t i;

	buf_reset(&all);
	proc_values_deinit(&values);
	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!proc_read(file, &f.kernel, NULL, 1, &values, &err), "%s",
		      err.text);
	for (i = 0; i < values.parts->records; i++) {
		file->entry(&values, 0, i, &all);
		buf_puts(&all, proc_is_link(&values, 0, i) ? "-> " : ": ");
		proc_text(&values, 0, i, &all);
		if (all.data[all.len - 1] != '\n')
			buf_puts(&all, "\n");
	}
	return all.data ? all.data : "";
}

START_TEST(cpus)
{
	fake_symbol("cpu_sys_devices", DEVICES);
	ck_assert_str_eq(shown(&proc_sysfs_cpu),
			 "possible: 0-3\n"
			 "present: 0-2\n"
			 "online: 0,2\n"
			 "offline: 1,3,4-5\n"
			 "cpu0/topology/core_id: -1\n"
			 "cpu0/topology/core_cpus: 1\n"
			 "cpu0/topology/package_cpus_list: 0,2\n"
			 "cpu1/online: 0\n"
			 "cpu2/online: 1\n"
			 "cpu2/topology/core_id: 1\n"
			 "cpu2/topology/core_cpus: 4\n"
			 "cpu2/topology/package_cpus_list: 0,2\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

/* Masks are behind pointers there; one of them leads nowhere. */
START_TEST(masks_of_many_cpus)
{
	fake_symbol("cpu_sys_devices", DEVICES);
	fake_symbol("alloc_cpumask_var_node", DIRECT);
	fake_put64(&f, SIBLING, MASKS);
	fake_put64(&f, MASKS, 9);
	fake_put64(&f, SIBLING + 2 * 0x1000, DIRECT + (1ULL << 40));
	shown(&proc_sysfs_cpu);
	ck_assert_ptr_nonnull(strstr(all.data, "cpu0/topology/core_cpus: 9\n"));
	ck_assert_ptr_null(strstr(all.data, "cpu2/topology/core_cpus"));
	ck_assert_ptr_null(strstr(all.data, "package_cpus"));
}
END_TEST

/* As many for many CPUs as for few. */
START_TEST(cpus_cost_no_more)
{
	size_t before, few;

	fake_symbol("cpu_sys_devices", DEVICES);
	fake_put32(&f, CPUS, 3);
	before = f.memory.calls;
	shown(&proc_sysfs_cpu);
	few = f.memory.calls - before;
	fake_put32(&f, CPUS, 4);
	before = f.memory.calls;
	shown(&proc_sysfs_cpu);
	ck_assert_uint_eq(f.memory.calls - before, few);
}
END_TEST

START_TEST(cpus_without_devices)
{
	ck_assert_str_eq(shown(&proc_sysfs_cpu), "possible: 0-3\n"
						 "present: 0-2\n"
						 "online: 0,2\n"
						 "offline: 1,3,4-5\n");
	ck_assert(values.parts->missing);
	ck_assert_uint_ne(values.parts->why.len, 0);
}
END_TEST

static void put_node(void)
{
	int i;

	system_kit_zone_fields();
	fake_field("zone._watermark", 0x28, 24);
	fake_field("zone.free_area", 0x100, 3 * 40);
	fake_constant("zone_type.__MAX_NR_ZONES", 2);
	fake_symbol("contig_page_data", NODE);
	fake_put64(&f, NODE + 0x810, 1 << 20);
	for (i = 0; i < 2; i++) {
		fake_put64(&f, ZONE(i), NAMES + i * 16);
		fake_put64(&f, ZONE(i) + 0x48, NODE);
	}
	fake_puts(&f, NAMES, "DMA");
	fake_puts(&f, NAMES + 16, "Normal");
}

/* Three blocks of 256 MiB, the last of which is offline. */
static void put_blocks(void)
{
	unsigned int i;

	put_node();
	fake_field("xarray.xa_head", 8, 8);
	fake_field("xa_node.shift", 0, 1);
	fake_field("xa_node.slots", 40, 64 * 8);
	fake_field("memory_block.start_section_nr", 0, 8);
	fake_field("memory_block.state", 8, 8);
	fake_field("memory_block.nid", 16, 4);
	fake_field("memory_block.zone", 24, 8);
	fake_symbol("memory_blocks", BLOCKS);
	fake_symbol("sections_per_block", SECTIONS);
	fake_symbol("offline_pages", DIRECT);
	fake_put64(&f, BLOCKS + 8, XNODE | 2);
	fake_put32(&f, SECTIONS, 2);
	for (i = 0; i < 3; i++) {
		fake_put64(&f, XNODE + 40 + i * 8, BLOCK(i));
		fake_put64(&f, BLOCK(i), i * 2);
		fake_put64(&f, BLOCK(i) + 8, i < 2 ? 1 : 4);
		fake_put64(&f, BLOCK(i) + 24, i ? ZONE(1) : 0);
	}
}

START_TEST(memory)
{
	put_blocks();
	ck_assert_str_eq(shown(&proc_sysfs_memory),
			 "block_size_bytes: 10000000\n"
			 "memory0/phys_index: 00000000\n"
			 "memory0/removable: 1\n"
			 "memory0/state: online\n"
			 "memory0/valid_zones: none\n"
			 "memory0/node0-> ../../node/node0\n"
			 "memory1/phys_index: 00000001\n"
			 "memory1/removable: 1\n"
			 "memory1/state: online\n"
			 "memory1/valid_zones: Normal\n"
			 "memory1/node0-> ../../node/node0\n"
			 "memory2/phys_index: 00000002\n"
			 "memory2/removable: 1\n"
			 "memory2/state: offline\n"
			 "memory2/node0-> ../../node/node0\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

START_TEST(states_of_an_enum)
{
	put_blocks();
	fake_constant("memory_block_state.MEM_ONLINE", 0);
	fake_constant("memory_block_state.MEM_GOING_OFFLINE", 1);
	fake_constant("memory_block_state.MEM_OFFLINE", 2);
	shown(&proc_sysfs_memory);
	ck_assert_ptr_nonnull(
		strstr(all.data, "memory0/state: going-offline\n"));
	ck_assert_ptr_null(strstr(all.data, "memory2/state")); /* 4 is none */
}
END_TEST

START_TEST(damaged_memory)
{
	struct err err = {0};

	put_blocks();
	fake_put64(&f, BLOCK(1), 40);
	shown(&proc_sysfs_memory);
	ck_assert_ptr_null(strstr(all.data, "memory1/"));
	ck_assert_ptr_null(strstr(all.data, "memory20/"));
	ck_assert_ptr_nonnull(strstr(all.data, "memory2/state: offline\n"));
	ck_assert(values.parts->torn && values.parts->missing);
	proc_values_deinit(&values);
	machine_drop_cache(&f.memory.machine);
	fake_put32(&f, SECTIONS, 0);
	ck_assert_int_eq(proc_read(&proc_sysfs_memory, &f.kernel, NULL, 1,
				   &values, &err),
			 ERR_CORRUPT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sysfs");
	TCase *t = tcase_create("sysfs");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, cpus);
	tcase_add_test(t, masks_of_many_cpus);
	tcase_add_test(t, cpus_cost_no_more);
	tcase_add_test(t, cpus_without_devices);
	tcase_add_test(t, memory);
	tcase_add_test(t, states_of_an_enum);
	tcase_add_test(t, damaged_memory);
	suite_add_tcase(s, t);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
