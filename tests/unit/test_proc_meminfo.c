/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/meminfo, vmstat and free, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "proc/free.h"
#include "unit/fake_kernel.h"
#include "unit/system_kit.h"

#define NODE	 (DIRECT + 0x10000)
#define ZONE	 NODE
#define ZONES	 (DIRECT + 0x1000) /* vm_zone_stat[] */
#define NODES	 (DIRECT + 0x1100) /* vm_node_stat[] */
#define WORDS	 (DIRECT + 0x2000) /* a variable each 8 bytes */
#define DIRECTS	 (DIRECT + 0x2800)
#define CPUS	 (DIRECT + 0x3000)
#define COUNTER	 (DIRECT + 0x3200)
#define PERCPU	 (DIRECT + 0x20000) /* of CPU 0; the next is 0x1000 behind */
#define HSTATES	 (DIRECT + 0x4000)
#define SUPER	 (DIRECT + 0x5000)
#define INODE(i) (DIRECT + 0x6000 + (i)*0x100ULL)
#define SPACES	 (DIRECT + 0x7000)
#define N_SPACES (DIRECT + 0x7100)
#define SPACE	 (DIRECT + 0x7200)
#define NAMES	 (DIRECT + 0x8000) /* vmstat_text[] */
#define EVENTS	 (PERCPU + 0x100)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

/* A symbol of 8 bytes, the value at it. */
static void put_word(const char *name, uint64_t value)
{
	static uint64_t at;

	if (at < WORDS || at >= DIRECTS - 8)
		at = WORDS;
	fake_symbol(name, at);
	fake_put64(&f, at, value);
	at += 8;
}

static void put_counters(void)
{
	static const struct {
		const char *name;
		bool of_zones;
		uint64_t value;
	} items[] = {
		{"zone_stat_item.NR_FREE_PAGES", true, 1000},
		{"zone_stat_item.NR_MLOCK", true, 3},
		{"zone_stat_item.NR_BOUNCE", true, 4},
		{"node_stat_item.NR_INACTIVE_ANON", false, 10},
		{"node_stat_item.NR_ACTIVE_ANON", false, 20},
		{"node_stat_item.NR_INACTIVE_FILE", false, 100},
		{"node_stat_item.NR_ACTIVE_FILE", false, 50},
		{"node_stat_item.NR_SLAB_RECLAIMABLE_B", false, 40},
		{"node_stat_item.NR_SLAB_UNRECLAIMABLE_B", false, 7},
		{"node_stat_item.NR_KERNEL_MISC_RECLAIMABLE", false, 2},
		{"node_stat_item.NR_FILE_PAGES", false, 200},
		{"node_stat_item.NR_KERNEL_STACK_KB", false, 1328},
		{"node_stat_item.NR_WRITEBACK", false, (uint64_t)-5},
		{"node_stat_item.NR_ANON_THPS", false, 2},
	};
	uint64_t at[2] = {0};
	size_t i;

	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		uint64_t to = at[items[i].of_zones]++;

		fake_constant(items[i].name, (int64_t)to);
		fake_put64(&f, (items[i].of_zones ? ZONES : NODES) + to * 8,
			   items[i].value);
	}
	fake_constant("zone_stat_item.NR_VM_ZONE_STAT_ITEMS", (int64_t)at[1]);
	fake_constant("node_stat_item.NR_VM_NODE_STAT_ITEMS", (int64_t)at[0]);
	fake_symbol("vm_zone_stat", ZONES);
	fake_symbol("vm_node_stat", NODES);
}

/* One zone, whose low watermark is 30. */
static void put_zone(void)
{
	fake_field("pglist_data.node_id", 0x800, 4);
	fake_field("pglist_data.node_start_pfn", 0x808, 8);
	fake_field("pglist_data.node_spanned_pages", 0x810, 8);
	fake_field("pglist_data.node_present_pages", 0x818, 8);
	fake_field("zone.name", 0, 8);
	fake_field("zone._watermark", 0x28, 24);
	fake_field("zone.zone_pgdat", 0x48, 8);
	fake_field("zone.watermark_boost", 0x50, 8);
	fake_sizeof("zone", 0x400);
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
	fake_symbol("contig_page_data", NODE);
	fake_put64(&f, ZONE + 0x30, 25);
	fake_put64(&f, ZONE + 0x48, NODE);
	fake_put64(&f, ZONE + 0x50, 5);
}

/* Of three CPUs the second is offline: what it has does not count. */
static void put_committed(void)
{
	fake_field("percpu_counter.count", 8, 8);
	fake_field("percpu_counter.counters", 32, 8);
	fake_symbol("vm_committed_as", COUNTER);
	fake_put64(&f, COUNTER + 8, 500);
	fake_put64(&f, COUNTER + 32, PERCPU);
	system_kit_cpus(&f, CPUS, 3, 5);
	fake_put32(&f, PERCPU, (uint32_t)-10);
	fake_put32(&f, PERCPU + 0x1000, 1000);
	fake_put32(&f, PERCPU + 0x2000, 3);
}

static void put_devices(void)
{
	const uint64_t links[] = {INODE(0) + 0x10, INODE(1) + 0x10};

	fake_field("super_block.s_inodes", 0x20, 16);
	fake_field("inode.i_sb_list", 0x10, 16);
	fake_field("inode.i_data.nrpages", 0x40, 8);
	fake_ring(&f, SUPER + 0x20, links, 2);
	fake_put64(&f, INODE(0) + 0x40, 5);
	fake_put64(&f, INODE(1) + 0x40, 6);
	put_word("blockdev_superblock", SUPER);
}

static void put_huge(void)
{
	fake_field("hstate.order", 0, 4);
	fake_field("hstate.nr_huge_pages", 8, 8);
	fake_field("hstate.free_huge_pages", 16, 8);
	fake_field("hstate.resv_huge_pages", 24, 8);
	fake_field("hstate.surplus_huge_pages", 32, 8);
	fake_sizeof("hstate", 0x100);
	fake_symbol("hstates", HSTATES);
	fake_put32(&f, HSTATES, 18);
	fake_put64(&f, HSTATES + 8, 1);
	fake_put32(&f, HSTATES + 0x100, 9);
	fake_put64(&f, HSTATES + 0x108, 8);
	fake_put64(&f, HSTATES + 0x110, 6);
	put_word("hugetlb_max_hstate", 2);
	put_word("default_hstate_idx", 1);
}

static void setup(void)
{
	fake_kernel_init(&f);
	put_counters();
	put_zone();
	put_committed();
	put_devices();
	put_huge();
	put_word("_totalram_pages", 300000);
	put_word("totalreserve_pages", 100);
	put_word("total_swap_pages", 1023);
	put_word("nr_swap_pages", 1000);
	put_word("sysctl_overcommit_kbytes", 0);
	put_word("sysctl_overcommit_ratio", 50);
	put_word("pcpu_nr_populated", 64);
	put_word("pcpu_nr_units", 2);
	fake_symbol("direct_pages_count", DIRECTS);
	fake_put64(&f, DIRECTS + 8, 7);
	fake_put64(&f, DIRECTS + 16, 3);
	put_word("direct_gbpages", 0);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static int read_file(const struct proc_file *file, struct err *err)
{
	size_t i;
	int rc;

	proc_values_deinit(&values);
	rc = proc_read(file, &f.kernel, NULL, 1, &values, err);
	for (i = 0; i < values.parts->records && !rc; i++)
		proc_text(&values, 0, i, &text);
	return rc;
}

static int read_text(struct err *err)
{
	return read_file(&proc_meminfo, err);
}

static void expect(const char *line)
{
	ck_assert_msg(text.data && strstr(text.data, line), "no %s in %s", line,
		      text.data);
}

START_TEST(lines_are_as_the_kernel_sums_them_up)
{
	static const char *const lines[] = {
		"MemTotal:        1200000 kB\n",
		/* 1000 - 100, 150 - 30, 42 - 21 */
		"MemAvailable:       4164 kB\n",
		"Buffers:              44 kB\n",
		"Active:              280 kB\n",
		"Inactive(file):      400 kB\n",
		"SwapTotal:          4092 kB\nSwapFree:           4000 kB\n",
		"Writeback:             0 kB\n",
		"KReclaimable:        168 kB\nSlab:                188 kB\n",
		"KernelStack:        1328 kB\n",
		"NFS_Unstable:          0 kB\nBounce:               16 kB\n",
		/* (300000 - 2^18 - 8 * 2^9) / 2 + 1023 */
		"CommitLimit:       71612 kB\n",
		"Committed_AS:       1972 kB\n",
		"VmallocTotal:   34359738367 kB\n",
		"VmallocChunk:          0 kB\nPercpu:              512 kB\n",
		"HugePages_Total:       8\nHugePages_Free:        6\n",
		"Hugepagesize:       2048 kB\nHugetlb:         1064960 kB\n",
		"DirectMap4k:          28 kB\nDirectMap2M:        6144 kB\n",
	};
	size_t i;

	ck_assert_int_eq(read_text(NULL), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect(lines[i]);
	/* what this kernel has not */
	ck_assert_ptr_null(strstr(text.data, "Zswap"));
	ck_assert_ptr_null(strstr(text.data, "SecPageTables"));
	ck_assert_ptr_null(strstr(text.data, "AnonHugePages"));
	ck_assert_ptr_null(strstr(text.data, "Cma"));
	ck_assert_ptr_null(strstr(text.data, "DirectMap1G"));
	ck_assert_ptr_null(strstr(text.data, "HardwareCorrupted"));
}
END_TEST

/* Huge pages were counted as such once, and are in pages now. */
START_TEST(huge_pages_in_their_unit)
{
	fake_constant("vm_event_item.THP_FAULT_ALLOC", 70);
	if (_i)
		fake_constant("node_stat_item.NR_SWAPCACHE", 5);
	ck_assert_int_eq(read_text(NULL), 0);
	expect(_i ? "AnonHugePages:         8 kB\n"
		  : "AnonHugePages:      4096 kB\n");
}
END_TEST

/* Where no counter has the swap cache, its trees do. */
START_TEST(swap_cache_of_old)
{
	fake_field("address_space.nrpages", 0x18, 8);
	fake_sizeof("address_space", 0x40);
	fake_symbol("swapper_spaces", SPACES);
	fake_symbol("nr_swapper_spaces", N_SPACES);
	fake_put64(&f, SPACES + 8, SPACE);
	fake_put32(&f, N_SPACES + 4, 2);
	fake_put64(&f, SPACE + 0x18, 20);
	fake_put64(&f, SPACE + 0x58, 30);
	ck_assert_int_eq(read_text(NULL), 0);
	expect("SwapCached:          200 kB\n");
	/* 200 - 50 - 11 */
	expect("Cached:              556 kB\n");
}
END_TEST

/* A line that is not known is not there. */
START_TEST(what_is_not_known_is_left_out)
{
	fake_put64(&f, INODE(1) + 0x18, 0x1234);
	ck_assert_int_eq(read_text(NULL), 0);
	ck_assert_ptr_null(strstr(text.data, "Buffers"));
	ck_assert_ptr_null(strstr(text.data, "\nCached"));
	expect("MemFree:            4000 kB\n");
}
END_TEST

START_TEST(kernels_that_are_not_known)
{
	fake_constant("node_stat_item.NR_VM_NODE_STAT_ITEMS", 0);
	ck_assert_int_eq(read_text(NULL), ERR_NO_LINUX);
}
END_TEST

static void put_name(uint64_t i, const char *name)
{
	fake_put64(&f, NAMES + i * 8, NAMES + 0x200 + i * 0x20);
	fake_puts(&f, NAMES + 0x200 + i * 0x20, name);
}

/* 3 counters of zones, 11 of nodes, 2 limits, 3 events. */
START_TEST(all_counters)
{
	static const char *const lines[] = {
		"nr_free_pages 1000\n", " 3\n 4\nnr_inactive_anon 10\n",
		/* 20 and 10 % of 1000 - 100 + 150 + 1 */
		"nr_dirty_threshold 210\n 104\n",
		"pgpgin 6\n 3\npgfault 101\nnr_unstable 0\n"};
	size_t i;

	fake_constant("writeback_stat_item.NR_VM_WRITEBACK_STAT_ITEMS", 2);
	fake_constant("vm_event_item.NR_VM_EVENT_ITEMS", 3);
	fake_constant("vm_event_item.PGPGIN", 0);
	fake_constant("vm_event_item.PGPGOUT", 1);
	fake_field("vm_event_state.event", 0, 24);
	fake_symbol("vm_event_states", EVENTS);
	fake_symbol("vmstat_text", NAMES);
	put_name(0, "nr_free_pages");
	put_name(3, "nr_inactive_anon");
	put_name(14, "nr_dirty_threshold");
	put_name(16, "pgpgin");
	put_name(18, "pgfault");
	put_word("vm_dirty_bytes", 0);
	put_word("dirty_background_bytes", 0);
	put_word("vm_dirty_bytes", 0);
	put_word("dirty_background_bytes", 0);
	put_word("vm_dirty_ratio", 20);
	put_word("dirty_background_ratio", 10);
	for (i = 0; i < 3; i++) { /* the second is offline */
		fake_put64(&f, EVENTS + i * 0x1000, 10 - 4 * i);
		fake_put64(&f, EVENTS + i * 0x1000 + 8, i ? 0 : 7);
		fake_put64(&f, EVENTS + i * 0x1000 + 16, i ? 1 : 100);
	}
	ck_assert_int_eq(read_file(&proc_vmstat, NULL), 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect(lines[i]);
	/* newer ones have two words more there, which must be known */
	fake_constant("vm_stat_item.NR_VM_STAT_ITEMS", 4);
	ck_assert_int_eq(read_file(&proc_vmstat, NULL), ERR_NO_LINUX);
	put_word("nr_memmap_pages", 7);
	put_word("nr_memmap_boot_pages", 8);
	ck_assert_int_eq(read_file(&proc_vmstat, NULL), 0);
}
END_TEST

START_TEST(as_free_sums_it_up)
{
	const struct meminfo m = {.v = {[MEMINFO_TOTAL] = 24683620,
					[MEMINFO_FREE] = 21585508,
					[MEMINFO_AVAILABLE] = 23987248,
					[MEMINFO_SHMEM] = 29884,
					[MEMINFO_BUFFERS] = 20592,
					[MEMINFO_CACHED] = 2200232,
					[MEMINFO_SRECLAIMABLE] = 538572,
					[MEMINFO_SWAP_TOTAL] = 4092,
					[MEMINFO_SWAP_FREE] = 4000},
				  .known = {[MEMINFO_AVAILABLE] = true}};
	struct rows rows;

	proc_free_text(&m, &text);
	ck_assert_str_eq(text.data,
			 "               total        used        free      "
			 "shared  buff/cache   available\n"
			 "Mem:        24683620      696372    21585508       "
			 "29884     2759396    23987248\n"
			 "Swap:           4092          92        4000\n");
	rows_init(&rows);
	rows_begin(&rows, proc_free_columns, PROC_FREE_COLUMNS);
	proc_free_rows(&m, &rows.top);
	ck_assert_uint_eq(row_count(&rows.top), 2);
	/* in bytes: total, used */
	ck_assert_uint_eq(row_cell(&rows.top, 0, 1)->number,
			  24683620ULL * 1024);
	ck_assert_uint_eq(row_cell(&rows.top, 1, 2)->number, 92 * 1024);
	rows_deinit(&rows);
}
END_TEST

/* Tables, words, what these lead to. */
START_TEST(few_batches)
{
	struct err err = {0};
	uint64_t before = f.memory.machine.stats.batches;

	ck_assert_msg(!read_text(&err), "%s", err.text);
	ck_assert_uint_le(f.memory.machine.stats.batches - before, 6);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_meminfo");
	TCase *t = tcase_create("proc_meminfo");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, lines_are_as_the_kernel_sums_them_up);
	tcase_add_loop_test(t, huge_pages_in_their_unit, 0, 2);
	tcase_add_test(t, swap_cache_of_old);
	tcase_add_test(t, what_is_not_known_is_left_out);
	tcase_add_test(t, kernels_that_are_not_known);
	tcase_add_test(t, all_counters);
	tcase_add_test(t, as_free_sums_it_up);
	tcase_add_test(t, few_batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
