/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/zoneinfo and of a node's meminfo, on memory written by hand.
 */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"
#include "unit/system_kit.h"

#define NODE	(DIRECT + 0x10000)
#define ZONE(i) (NODE + (i)*0x400ULL)
#define WORDS	(DIRECT + 0x300)
#define TEXTS	(DIRECT + 0x400) /* vmstat_text */
#define CPUS	(DIRECT + 0x500)
#define PCP	(DIRECT + 0x20000) /* of CPU 0; the next is 0x1000 behind */
#define PZS	(DIRECT + 0x20100)
#define HSTATES (DIRECT + 0x700) /* the second one is the usual one */
#define DEFAULT (DIRECT + 0x900)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void put_fields(void)
{
	system_kit_zone_fields();
	fake_field("pglist_data.vm_stat", 0x820, 16);
	fake_field("pglist_data.kswapd_failures", 0x830, 4);
	fake_field("zone.spanned_pages", 0x10, 8);
	fake_field("zone.present_pages", 0x18, 8);
	fake_field("zone.managed_pages", 0x20, 8);
	fake_field("zone._watermark", 0x28, 32);
	fake_field("zone.watermark_boost", 0x50, 8);
	fake_field("zone.lowmem_reserve", 0x58, 16);
	fake_field("zone.per_cpu_pageset", 0x70, 8);
	fake_field("zone.per_cpu_zonestats", 0x78, 8);
	fake_field("zone.free_area", 0x100, 40);
	fake_field("zone.vm_stat", 0x200, 16);
	fake_field("zone.vm_numa_event", 0x220, 8);
	fake_field("zone.nr_reserved_highatomic", 0x230, 8);
	fake_field("zone.nr_free_highatomic", 0x238, 8);
	fake_field("per_cpu_pages.count", 0, 4);
	fake_field("per_cpu_pages.high", 4, 4);
	fake_field("per_cpu_pages.batch", 8, 4);
	fake_field("per_cpu_pages.high_min", 12, 4);
	fake_field("per_cpu_pages.high_max", 16, 4);
	fake_field("per_cpu_zonestat.stat_threshold", 2, 1);
	fake_field("per_cpu_zonestat.vm_numa_event", 8, 8);
	fake_constant("zone_type.__MAX_NR_ZONES", 2);
	fake_constant("zone_stat_item.NR_VM_ZONE_STAT_ITEMS", 2);
	fake_constant("numa_stat_item.NR_VM_NUMA_EVENT_ITEMS", 1);
	fake_constant("node_stat_item.NR_VM_NODE_STAT_ITEMS", 2);
}

static void put_names(void)
{
	static const char *const names[] = {"nr_free_pages", "nr_more",
					    "numa_hit", "nr_inactive_anon",
					    "nr_anon_transparent_hugepages"};
	uint64_t at = WORDS + 16;
	size_t i;

	fake_puts(&f, WORDS, "Normal");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++, at += 32) {
		fake_puts(&f, at, names[i]);
		fake_put64(&f, TEXTS + i * 8, at);
	}
}

static void put_zone(int i, uint64_t present)
{
	fake_put64(&f, ZONE(i), WORDS);
	fake_put64(&f, ZONE(i) + 8, 4096);
	fake_put64(&f, ZONE(i) + 0x10, present + 10);
	fake_put64(&f, ZONE(i) + 0x18, present);
	fake_put64(&f, ZONE(i) + 0x20, present);
	fake_put64(&f, ZONE(i) + 0x28, present);
	fake_put64(&f, ZONE(i) + 0x48, NODE);
	fake_put64(&f, ZONE(i) + 0x50, present ? 5 : 0);
	fake_put64(&f, ZONE(i) + 0x60, 7);
	fake_put64(&f, ZONE(i) + 0x70, PCP);
	fake_put64(&f, ZONE(i) + 0x78, PZS);
	fake_put64(&f, ZONE(i) + 0x230, 11);
	fake_put64(&f, ZONE(i) + 0x238, 12);
}

/* A zone without pages, one with some; of three CPUs the second is offline. */
static void setup(void)
{
	int cpu;

	fake_kernel_init(&f);
	put_fields();
	put_names();
	fake_symbol("contig_page_data", NODE);
	fake_symbol("vmstat_text", TEXTS);
	system_kit_cpus(&f, CPUS, 3, 5);
	for (cpu = 0; cpu < 3; cpu++) {
		fake_put32(&f, PCP + cpu * 0x1000, 20 + (uint32_t)cpu);
		fake_put32(&f, PZS + cpu * 0x1000, 6 << 16);
		fake_put64(&f, PZS + cpu * 0x1000 + 8, 100);
	}
	put_zone(0, 0);
	put_zone(1, 90);
	fake_put64(&f, NODE + 0x820, (uint64_t)-3);
	fake_put64(&f, NODE + 0x828, 1024);
	fake_put32(&f, NODE + 0x830, 16);
	fake_put64(&f, ZONE(1) + 0x200, 33);
	fake_put64(&f, ZONE(1) + 0x220, 1000);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static int read_text(struct err *err)
{
	size_t i;
	int rc = proc_read(&proc_zoneinfo, &f.kernel, NULL, 1, &values, err);

	for (i = 0; i < values.parts->records && !rc; i++)
		proc_text(&values, 0, i, &text);
	return rc;
}

START_TEST(as_5_10_has_it)
{
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_str_eq(text.data, "Node 0, zone   Normal\n"
				    "  pages free     0\n"
				    "        min      0\n"
				    "        low      0\n"
				    "        high     0\n"
				    "        spanned  10\n"
				    "        present  0\n"
				    "        managed  0\n"
				    "        protection: (0, 7)\n"
				    "Node 0, zone   Normal\n"
				    "  per-node stats\n"
				    "      nr_inactive_anon 0\n"
				    "      nr_anon_transparent_hugepages 1024\n"
				    "  pages free     33\n"
				    "        min      95\n"
				    "        low      5\n"
				    "        high     5\n"
				    "        spanned  100\n"
				    "        present  90\n"
				    "        managed  90\n"
				    "        protection: (0, 7)\n"
				    "      nr_free_pages 33\n"
				    "      nr_more      0\n"
				    "      numa_hit     1200\n"
				    "  pagesets\n"
				    "    cpu: 0\n"
				    "              count: 20\n"
				    "              high:  0\n"
				    "              batch: 0\n"
				    "  vm stats threshold: 6\n"
				    "    cpu: 2\n"
				    "              count: 22\n"
				    "              high:  0\n"
				    "              batch: 0\n"
				    "  vm stats threshold: 6\n"
				    "  node_unreclaimable:  1\n"
				    "  start_pfn:           4096\n");
}
END_TEST

/* What newer kernels have, and all that tells that they do. */
START_TEST(as_newer_ones_have_it)
{
	static const char *const lines[] = {
		"\n      nr_anon_transparent_hugepages 2\n",
		"\n        boost    5\n        min      95\n",
		"\n        high     5\n        promo    5\n        spanned  "
		"100\n",
		"\n        managed  90\n        cma      0\n",
		"\n              count:    20\n              high:     0\n"
		"              batch:    0\n              high_min: 0\n"
		"              high_max: 0\n  vm stats threshold: 6\n",
		"\n  start_pfn:           4096\n  reserved_highatomic: 11\n"
		"  free_highatomic:     12\n"};
	size_t i;

	fake_constant("node_stat_item.NR_SWAPCACHE", 40);
	fake_constant("node_stat_item.NR_ANON_THPS", 1);
	fake_constant("pagetype.PGTY_buddy", 0xf0);
	fake_field("dentry.d_shortname", 0x30, 40);
	fake_sizeof("folio", 192);
	fake_symbol("kswapd_test_hopeless", DIRECT);
	ck_assert_int_eq(read_text(NULL), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(strstr(text.data, lines[i]), "no %s in %s",
			      lines[i], text.data);
}
END_TEST

START_TEST(rows_are_of_zones_with_pages)
{
	struct rows r;
	size_t i;

	ck_assert_int_eq(read_text(NULL), 0);
	rows_init(&r);
	rows_begin(&r, proc_zoneinfo.columns, proc_zoneinfo.n_columns);
	for (i = 0; i < values.parts->records; i++)
		proc_zoneinfo.rows(&values, 0, i, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 1);
	rows_deinit(&r);
}
END_TEST

START_TEST(what_cannot_be_read)
{
	struct err err = {0};

	fake_put64(&f, ZONE(1) + (_i ? 0x70 : 0x78), 0x1234);
	ck_assert_int_eq(read_text(&err), ERR_UNREADABLE);
	ck_assert_msg(strstr(err.text, "CPU 0"), "%s", err.text);
}
END_TEST

START_TEST(kernels_that_are_not_known)
{
	fake_lose(_i ? READER_ZONE_STATS : READER_ZONE_PCP);
	ck_assert_int_eq(read_text(NULL), ERR_NO_LINUX);
}
END_TEST

/* Counters that are known: of zones free pages, of nodes two. */
static void put_meminfo(void)
{
	fake_constant("zone_stat_item.NR_FREE_PAGES", 0);
	fake_constant("node_stat_item.NR_INACTIVE_ANON", 0);
	fake_constant("node_stat_item.NR_FILE_THPS", 1);
	fake_constant("vm_event_item.THP_FAULT_ALLOC", 3);
	fake_field("hstate.nr_huge_pages_node", 0x10, 8);
	fake_field("hstate.free_huge_pages_node", 0x18, 8);
	fake_field("hstate.surplus_huge_pages_node", 0x20, 8);
	fake_sizeof("hstate", 0x100);
	fake_symbol("hstates", HSTATES);
	fake_symbol("default_hstate_idx", DEFAULT);
	fake_put32(&f, DEFAULT, 1);
	fake_put32(&f, HSTATES + 0x110, 8);
	fake_put32(&f, HSTATES + 0x114, 99); /* another node's */
	fake_put32(&f, HSTATES + 0x118, 5);
	fake_put64(&f, NODE + 0x820, 7);
	fake_put64(&f, ZONE(0) + 0x200, 1);
}

static const char *node_meminfo(void)
{
	struct buf name = {0};
	struct err err = {0};
	size_t i;

	buf_reset(&text);
	proc_values_deinit(&values);
	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(
		!proc_read(&proc_sysfs_node, &f.kernel, NULL, 1, &values, &err),
		"%s", err.text);
	for (i = 0; i < values.parts->records; i++) {
		buf_reset(&name);
		proc_sysfs_node.entry(&values, 0, i, &name);
		if (!strcmp(name.data, "node0/meminfo"))
			proc_text(&values, 0, i, &text);
	}
	buf_deinit(&name);
	return text.data ? text.data : "";
}

START_TEST(memory_of_a_node)
{
	put_meminfo();
	ck_assert_str_eq(node_meminfo(), "Node 0 MemTotal:            360 kB\n"
					 "Node 0 MemFree:             136 kB\n"
					 "Node 0 MemUsed:             224 kB\n"
					 "Node 0 Inactive:             28 kB\n"
					 "Node 0 Inactive(anon):       28 kB\n"
					 "Node 0 NFS_Unstable:          0 kB\n"
					 "Node 0 Bounce:                0 kB\n"
					 "Node 0 WritebackTmp:          0 kB\n"
					 "Node 0 FileHugePages:  2097152 kB\n"
					 "Node 0 HugePages_Total:     8\n"
					 "Node 0 HugePages_Free:      5\n"
					 "Node 0 HugePages_Surp:      0\n");
	/* From 5.12 on counted in pages, from 6.6 on aligned. */
	fake_constant("node_stat_item.NR_SWAPCACHE", 9);
	fake_field("sched_entity.vlag", 8, 8);
	node_meminfo();
	ck_assert_ptr_nonnull(
		strstr(text.data, "Node 0 FileHugePages:      4096 kB\n"));
}
END_TEST

/* A size that there is not, an array that this kernel lacks, a hole. */
START_TEST(huge_pages_that_are_not_known)
{
	put_meminfo();
	fake_put32(&f, DEFAULT, 8);
	ck_assert_ptr_null(strstr(node_meminfo(), "HugePages_"));
	fake_put32(&f, DEFAULT, 1);
	ck_assert_ptr_nonnull(strstr(node_meminfo(), "HugePages_Total:     8"));
	fake_no_field("hstate.nr_huge_pages_node");
	ck_assert_ptr_null(strstr(node_meminfo(), "HugePages_Total"));
	ck_assert_ptr_nonnull(strstr(text.data, "HugePages_Free:      5"));
	fake_sizeof("hstate", 1u << 30);
	ck_assert_ptr_null(strstr(node_meminfo(), "HugePages_"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_zoneinfo");
	TCase *t = tcase_create("proc_zoneinfo");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, as_5_10_has_it);
	tcase_add_test(t, as_newer_ones_have_it);
	tcase_add_test(t, rows_are_of_zones_with_pages);
	tcase_add_test(t, memory_of_a_node);
	tcase_add_test(t, huge_pages_that_are_not_known);
	tcase_add_loop_test(t, what_cannot_be_read, 0, 2);
	tcase_add_loop_test(t, kernels_that_are_not_known, 0, 2);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
