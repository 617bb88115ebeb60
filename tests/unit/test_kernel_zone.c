/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of zones and their free lists, on memory written by hand. */
#include "kernel/alloc/zone_free.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"
#include "unit/system_kit.h"

#define NODE(n)			(DIRECT + 0x10000 + (n)*0x1000ULL)
#define ZONE(n, i)		(NODE(n) + (i)*0x400ULL)
#define AREA(n, i)		(ZONE(n, i) + 0x100)
#define LIST(n, i, order, type) (AREA(n, i) + (order)*40ULL + (type)*16ULL)
#define NODE_DATA		DIRECT
#define STATES			(DIRECT + 0x100)
#define NAMES			(DIRECT + 0x200)
#define WORDS			(DIRECT + 0x300)
#define VMEMMAP			(DIRECT + 0x80000)
#define LINK(pfn)		(VMEMMAP + (pfn)*64ULL + 8)

static struct fake_kernel f;
static struct zones zones;
static struct zone_free blocks;
static struct remarks remarks;

static void put_fields(void)
{
	system_kit_zone_fields();
	fake_field("zone.spanned_pages", 0x10, 8);
	fake_field("zone.present_pages", 0x18, 8);
	fake_field("zone.managed_pages", 0x20, 8);
	fake_field("zone._watermark", 0x28, 24);
	fake_field("zone.free_area", 0x100, 3 * 40);
	fake_field("free_area.free_list", 0, 32);
	fake_field("page.buddy_list", 8, 16);
	fake_sizeof("page", 64);
	fake_sizeof("zoneref", 16);
	fake_sizeof("zonelist", (2 * 2 + 1) * 16);
	fake_constant("zone_type.__MAX_NR_ZONES", 2);
	fake_constant("node_states.N_ONLINE", 1);
}

static void put_zone(int n, int i, uint64_t start, uint64_t present)
{
	int order, type;

	fake_put64(&f, ZONE(n, i), WORDS + i * 16);
	fake_put64(&f, ZONE(n, i) + 8, start);
	fake_put64(&f, ZONE(n, i) + 0x10, present);
	fake_put64(&f, ZONE(n, i) + 0x18, present);
	fake_put64(&f, ZONE(n, i) + 0x48, NODE(n));
	for (order = 0; order < 3 && present; order++)
		for (type = 0; type < 2; type++)
			fake_ring(&f, LIST(n, i, order, type), NULL, 0);
}

/* Two nodes: the first has both zones, the second only one with pages. */
static void setup(void)
{
	int n;

	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	put_fields();
	fake_symbol("node_data", NODE_DATA);
	fake_symbol("node_states", STATES);
	fake_symbol("migratetype_names", NAMES);
	fake_put64(&f, STATES + 8, 3);
	for (n = 0; n < 2; n++) {
		fake_put64(&f, NODE_DATA + n * 8, NODE(n));
		fake_put32(&f, NODE(n) + 0x800, (uint32_t)n);
		fake_put64(&f, NODE(n) + 0x808, n * 128 + 1);
		put_zone(n, 0, 1, n ? 0 : 63);
		put_zone(n, 1, n * 128 + 64, 64);
	}
	fake_puts(&f, WORDS, "DMA");
	fake_puts(&f, WORDS + 16, "Normal");
	fake_puts(&f, WORDS + 32, "Unmovable");
	fake_put64(&f, NAMES, WORDS + 32);
	fake_ring(&f, LIST(0, 0, 0, 0), (uint64_t[]){LINK(3), LINK(7)}, 2);
	fake_ring(&f, LIST(0, 0, 0, 1), (uint64_t[]){LINK(5)}, 1);
	fake_ring(&f, LIST(0, 0, 1, 1), (uint64_t[]){LINK(8)}, 1);
	fake_ring(&f, LIST(1, 1, 2, 0), (uint64_t[]){LINK(192)}, 1);
	fake_put64(&f, AREA(0, 0) + 32, 3);
	fake_put64(&f, AREA(0, 0) + 40 + 32, 1);
	fake_put64(&f, AREA(1, 1) + 80 + 32, 1);
}

static void teardown(void)
{
	zone_free_deinit(&blocks);
	zones_deinit(&zones);
	remarks_deinit(&remarks);
	fake_kernel_deinit(&f);
}

static int read_all(struct err *err)
{
	int rc = zones_read(&f.kernel, &zones, err);

	return rc ? rc
		  : zone_free_read(&f.kernel, &zones, &blocks, &remarks, err);
}

START_TEST(nodes_and_zones)
{
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_uint_eq(zones.nodes.n, 2);
	ck_assert_uint_eq(zones.nodes.v[1].start_pfn, 129);
	ck_assert_uint_eq(zones.list.n, 4);
	ck_assert_str_eq(zones.list.v[3].name, "Normal");
	ck_assert_uint_eq(zones.list.v[3].node, 1);
	ck_assert_uint_eq(zones.n_marks, 3);
	ck_assert(!zones.promo);
	ck_assert_uint_eq(nodes_most(&f.kernel), 2);
}
END_TEST

START_TEST(only_those_online)
{
	fake_put64(&f, STATES + 8, 2);
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_uint_eq(zones.nodes.n, 1);
	ck_assert_uint_eq(zones.nodes.v[0].id, 1);
}
END_TEST

START_TEST(without_numa)
{
	fake_symbol("contig_page_data", NODE(0));
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_uint_eq(zones.nodes.n, 1);
	ck_assert_uint_eq(zones.list.n, 2);
}
END_TEST

START_TEST(buddyinfo)
{
	struct proc_values v;
	struct buf b = {0};
	size_t i;

	ck_assert_int_eq(
		proc_read(&proc_buddyinfo, &f.kernel, NULL, 1, &v, NULL), 0);
	for (i = 0; i < v.parts->records; i++)
		proc_text(&v, 0, i, &b);
	ck_assert_str_eq(b.data,
			 "Node 0, zone      DMA      3      1      0 \n"
			 "Node 0, zone   Normal      0      0      0 \n"
			 "Node 1, zone   Normal      0      0      1 \n");
	buf_deinit(&b);
	proc_values_deinit(&v);
}
END_TEST

#define SECTIONS (DIRECT + 0x400)
#define ROOTS	 (DIRECT + 0x500)
#define SECTION	 (DIRECT + 0x600)
#define USAGE	 (DIRECT + 0x700)

/* All frames are in one block, of type 1. */
static void put_sections(void)
{
	fake_field("page.flags.f", 0, 8);
	fake_field("task_struct.mems_allowed", 0, 128); /* 1024 nodes */
	fake_constant("zone_type.ZONE_DMA", 0);
	fake_constant("zone_type.ZONE_NORMAL", 1);
	fake_field("mem_section.usage", 8, 8);
	fake_field("mem_section_usage.pageblock_flags", 24, 0);
	fake_sizeof("mem_section", 16);
	fake_constant("pageblock_bits.NR_PAGEBLOCK_BITS", 4);
	fake_symbol("mem_section", SECTIONS);
	fake_put64(&f, SECTIONS, ROOTS);
	fake_put64(&f, ROOTS, SECTION);
	fake_put64(&f, SECTION + 8, USAGE);
	fake_put64(&f, USAGE + 24, 1);
	fake_put64(&f, VMEMMAP + 64 * 64, 1ULL << 53);
	fake_put64(&f, VMEMMAP + 192 * 64, 1ULL << 54 | 1ULL << 53);
	fake_put64(&f, NODE(0) + 0x818, 127);
	fake_put64(&f, NODE(1) + 0x818, 64);
}

#define ORDERS_TEXT                                    \
	"Page block order: 9\n"                        \
	"Pages per block:  512\n\n"                    \
	"Free pages count per migrate type at order  " \
	"     0      1      2 \n"
#define TYPES_TEXT "\nNumber of blocks type     Unmovable              \n"
#define NO_NAME	   "            "

/* The page of 192 may be of any other zone: then no block is counted there. */
START_TEST(pagetypeinfo)
{
	struct proc_values v;
	_cleanup_(buf_deinit) struct buf b = {0}, want = {0};
	size_t i;

	put_sections();
	if (_i)
		fake_put64(&f, VMEMMAP + 192 * 64, 1ULL << 53);
	ck_assert_int_eq(
		proc_read(&proc_pagetypeinfo, &f.kernel, NULL, 1, &v, NULL), 0);
	for (i = 0; i < v.parts->records; i++)
		proc_text(&v, 0, i, &b);
	buf_puts(
		&want, ORDERS_TEXT
		"Node    0, zone      DMA, type    Unmovable "
		"     2      0      0 \n"
		"Node    0, zone      DMA, type " NO_NAME " "
		"     1      1      0 \n"
		"Node    0, zone   Normal, type    Unmovable "
		"     0      0      0 \n"
		"Node    0, zone   Normal, type " NO_NAME " "
		"     0      0      0 \n" TYPES_TEXT
		"Node 0, zone      DMA            0            1 \n"
		"Node 0, zone   Normal            0            1 \n" ORDERS_TEXT
		"Node    1, zone   Normal, type    Unmovable "
		"     0      0      1 \n"
		"Node    1, zone   Normal, type " NO_NAME " "
		"     0      0      0 \n" TYPES_TEXT);
	buf_printf(&want, "Node 1, zone   Normal            0            %d \n",
		   !_i);
	ck_assert_str_eq(b.data, want.data);
	proc_values_deinit(&v);
}
END_TEST

START_TEST(blocks_are_counted)
{
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_uint_eq(blocks.n_orders, 3);
	ck_assert_uint_eq(blocks.n_types, 2);
	ck_assert_str_eq(blocks.type[0], "Unmovable");
	ck_assert_str_eq(blocks.type[1], "");
	ck_assert_uint_eq(zone_free_count(&blocks, 0, 0, 0), 2);
	ck_assert_uint_eq(zone_free_count(&blocks, 0, 0, 1), 1);
	ck_assert_uint_eq(zone_free_count(&blocks, 0, 1, 1), 1);
	ck_assert_uint_eq(zone_free_count(&blocks, 3, 2, 0), 1);
	ck_assert_uint_eq(zone_free_count(&blocks, 1, 0, 0), 0);
	ck_assert_ptr_null(remarks_next(&remarks, NULL));
}
END_TEST

/* What a list cannot be like, and what is said of it. */
static const struct {
	uint64_t at, value;
	const char *words;
} damages[] = {
	{AREA(0, 0) + 32, 4, "nr_free is 4, and the lists have 3"},
	{AREA(0, 1) + 32, 1, "nr_free is 1, and the lists have 0"},
	{LINK(7), LINK(3), "of order 0 is damaged"},
	{LINK(3) + 8, LINK(7), "of order 0 is damaged"},
	{LIST(0, 0, 2, 0), 0x1234, "of order 2 is damaged"},
};

START_TEST(damage)
{
	fake_put64(&f, damages[_i].at, damages[_i].value);
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_ptr_nonnull(remarks.texts.data);
	ck_assert_msg(strstr(remarks.texts.data, damages[_i].words), "%s",
		      remarks.texts.data);
	ck_assert_uint_eq(remarks.n, 1);
}
END_TEST

/* Not aligned to its order, of another zone, between two pages. */
START_TEST(blocks_where_none_can_be)
{
	const uint64_t at[] = {LINK(9), LINK(64), LINK(8) + 32};

	fake_ring(&f, LIST(0, 0, 1, 1), &at[_i], 1);
	ck_assert_int_eq(read_all(NULL), 0);
	ck_assert_ptr_nonnull(remarks.texts.data);
	ck_assert_msg(strstr(remarks.texts.data, "no block of order 1 can be"),
		      "%s", remarks.texts.data);
}
END_TEST

START_TEST(damaged_zones)
{
	struct err err = {0};

	fake_put64(&f, _i ? ZONE(1, 1) + 0x48 : NODE(1) + 0x800, NODE(0));
	ck_assert_int_eq(read_all(&err), ERR_UNREADABLE);
	ck_assert_msg(strstr(err.text, "memory node 1"), "%s", err.text);
}
END_TEST

START_TEST(kernels_that_are_not_known)
{
	struct err err = {0};

	if (_i == 0)
		fake_lose(READER_ZONE);
	else if (_i == 1)
		fake_sizeof("zonelist", 0);
	else
		fake_constant("zone_type.__MAX_NR_ZONES", 100);
	ck_assert_int_eq(read_all(&err), ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_zone");
	TCase *t = tcase_create("kernel_zone");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nodes_and_zones);
	tcase_add_test(t, only_those_online);
	tcase_add_test(t, without_numa);
	tcase_add_test(t, buddyinfo);
	tcase_add_loop_test(t, pagetypeinfo, 0, 2);
	tcase_add_test(t, blocks_are_counted);
	tcase_add_loop_test(t, damage, 0, sizeof(damages) / sizeof(*damages));
	tcase_add_loop_test(t, blocks_where_none_can_be, 0, 3);
	tcase_add_loop_test(t, damaged_zones, 0, 2);
	tcase_add_loop_test(t, kernels_that_are_not_known, 0, 3);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
