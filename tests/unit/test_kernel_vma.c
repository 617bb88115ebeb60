/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of VMA lists out of maple and red-black trees written by hand. */
#include "kernel/mm/vma.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "kernel/mm/vma_find.h"
#include "unit/fake_kernel.h"

/* Kernel addresses of what the tests build. */
#define NODE(n) (DIRECT + 0x10000 + (n)*256ULL)
#define VMA(n)	(DIRECT + 0x40000 + (n)*128ULL)
#define MM	(DIRECT + 0x8000)

/* Maple node types and how a pointer carries them. */
enum {
	DENSE,
	LEAF,
	RANGE,
	ARANGE
};
#define ENODE(n, type) (NODE(n) | (type) << 3)
#define ROOT(n, type)  (ENODE(n, type) | 2)

/* Offsets of 6.12: parent, then pivots, slots, and where the end is kept. */
enum {
	PIVOT = 8,
	SLOT_64 = 128,
	SLOT_A = 80,
	END_64 = 248,
	END_A = 240
};

static struct fake_kernel f;
static struct mm mm;
static struct vma_list list;
static struct err err;

static void fields(void)
{
	static const char *const vma[] = {
		"vm_area_struct.vm_start",  "vm_area_struct.vm_end",
		"vm_area_struct.vm_mm",	    "vm_area_struct.vm_flags",
		"vm_area_struct.vm_pgoff",  "vm_area_struct.vm_file",
		"vm_area_struct.vm_ops",    "vm_area_struct.vm_private_data",
		"vm_area_struct.anon_name", "vm_area_struct.shared",
	};
	unsigned int i;

	for (i = 0; i < sizeof(vma) / sizeof(vma[0]); i++)
		fake_field(vma[i], i * 8, 8);
	fake_field("mm_struct.mm_mt.ma_root", 0, 8);
	fake_field("maple_range_64.pivot", PIVOT, 15 * 8);
	fake_field("maple_range_64.slot", SLOT_64, 16 * 8);
	fake_field("maple_range_64.meta.end", END_64, 1);
	fake_field("maple_arange_64.pivot", PIVOT, 9 * 8);
	fake_field("maple_arange_64.slot", SLOT_A, 10 * 8);
	fake_field("maple_arange_64.meta.end", END_A, 1);
	fake_field("maple_node.slot", 8, 31 * 8);
}

static void setup(void)
{
	fake_kernel_init(&f);
	fields();
	mm = (struct mm){.addr = MM, .map_count = 40, .readable = true};
}

static void teardown(void)
{
	vma_lists_deinit(&list, 1);
	fake_kernel_deinit(&f);
}

/* A VMA of [page, page + pages) in pages. */
static uint64_t vma(unsigned int n, uint64_t page, uint64_t pages)
{
	fake_put_field(&f, VMA(n), "vm_area_struct.vm_start", page << 12);
	fake_put_field(&f, VMA(n), "vm_area_struct.vm_end",
		       (page + pages) << 12);
	fake_put_field(&f, VMA(n), "vm_area_struct.vm_mm", MM);
	return VMA(n);
}

/* Entry i of a leaf or range node: its slot, and its upper bound if any. */
static void entry(unsigned int node, unsigned int i, uint64_t slot,
		  uint64_t last_page)
{
	fake_put64(&f, NODE(node) + SLOT_64 + i * 8, slot);
	if (last_page)
		fake_put64(&f, NODE(node) + PIVOT + i * 8,
			   ((last_page + 1) << 12) - 1);
}

static void end_at(unsigned int node, unsigned int where, uint8_t end)
{
	f.memory.bytes[NODE(node) - DIRECT + where] = end;
}

static void read_list(uint64_t root)
{
	mm.vma_head = root;
	ck_assert_int_eq(vma_lists_read(&f.kernel, &mm, 1, &list, &err), 0);
}

static void assert_pages(size_t i, uint64_t page, uint64_t pages)
{
	ck_assert_uint_gt(list.n, i);
	ck_assert_uint_eq(list.v[i].start, page << 12);
	ck_assert_uint_eq(list.v[i].end, (page + pages) << 12);
}

/* A leaf with gap, VMA, gap, VMA, gap to the end; its end in the last slot. */
static void small_leaf(unsigned int node)
{
	entry(node, 0, 0, 15);
	entry(node, 1, vma(0, 16, 4), 19);
	entry(node, 2, 0, 31);
	entry(node, 3, vma(1, 32, 1), 32);
	entry(node, 4, 0, 0); /* to the node's maximum */
	end_at(node, END_64, 4);
}

START_TEST(a_leaf_as_root)
{
	small_leaf(0);
	read_list(ROOT(0, LEAF));
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 2);
	assert_pages(0, 16, 4);
	assert_pages(1, 32, 1);
}
END_TEST

START_TEST(an_empty_tree)
{
	read_list(0);
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(a_full_leaf_uses_its_last_slot)
{
	unsigned int i;

	/* A gap of one page, 15 VMAs: pivot[14] is set, slot[15] a VMA. */
	fake_put64(&f, NODE(0) + PIVOT, 0xfff);
	for (i = 1; i < 16; i++)
		entry(0, i, vma(i, i, 1), i < 15 ? i : 0);
	/* The last one reaches to the end of the address space. */
	fake_put_field(&f, VMA(15), "vm_area_struct.vm_end", 0);
	read_list(ROOT(0, LEAF));
	/* [15 pages, 2^64) has end 0: not an area, so it is torn, not lost */
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 14);
	assert_pages(13, 14, 1);
}
END_TEST

START_TEST(metadata_is_no_pointer)
{
	unsigned int i;

	/* 15 entries, pivot[14] 0: slot[15] holds {end, gap}, not a VMA. */
	for (i = 0; i < 14; i++)
		entry(0, i, vma(i, i + 1, 1), i + 1);
	entry(0, 0, 0, 0);
	fake_put64(&f, NODE(0) + PIVOT, 0x1fff);
	entry(0, 14, 0, 0);
	end_at(0, END_64, 14);
	f.memory.bytes[NODE(0) - DIRECT + END_64 + 1] = 14; /* gap */
	read_list(ROOT(0, LEAF));
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 13);
}
END_TEST

START_TEST(arange_over_leaves)
{
	/* arange_64: pivots at 8, slots at 80, end at 240 */
	fake_put64(&f, NODE(9) + PIVOT, (100 << 12) - 1);
	fake_put64(&f, NODE(9) + SLOT_A, ENODE(0, LEAF));
	fake_put64(&f, NODE(9) + SLOT_A + 8, ENODE(1, LEAF) | 4);
	end_at(9, END_A, 1);
	small_leaf(0);
	entry(0, 4, 0, 99); /* the leaf ends where its parent says */
	entry(1, 0, vma(2, 100, 1), 100);
	entry(1, 1, vma(3, 101, 7), 107);
	entry(1, 2, 0, 0);
	end_at(1, END_64, 2);
	read_list(ROOT(9, ARANGE));
	ck_assert_msg(!list.torn, "%s", list.why);
	ck_assert_uint_eq(list.n, 4);
	assert_pages(2, 100, 1);
	assert_pages(3, 101, 7);
}
END_TEST

START_TEST(range_over_arange_over_leaf)
{
	/* Three levels, one of them the other kind of inner node. */
	entry(8, 0, ENODE(9, ARANGE), 99);
	entry(8, 1, ENODE(1, LEAF), 0);
	end_at(8, END_64, 1);
	fake_put64(&f, NODE(9) + SLOT_A, ENODE(0, LEAF));
	end_at(9, END_A, 0);
	small_leaf(0);
	entry(1, 0, vma(2, 100, 1), 100);
	end_at(1, END_64, 1);
	read_list(ROOT(8, RANGE));
	ck_assert_msg(!list.torn, "%s", list.why);
	ck_assert_uint_eq(list.n, 3);
	assert_pages(2, 100, 1);
}
END_TEST

START_TEST(dense_nodes)
{
	/* Each slot is one index; no area is one byte long, so: torn. */
	fake_put64(&f, NODE(0) + 16, vma(0, 16, 1));
	read_list(ROOT(0, DENSE));
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 0);
	ck_assert_ptr_nonnull(strstr(list.why, "no VMA of this process"));
}
END_TEST

START_TEST(reserved_entries_are_skipped)
{
	small_leaf(0);
	entry(0, 2, 0x406, 31); /* XA_ZERO_ENTRY of a failed fork */
	read_list(ROOT(0, LEAF));
	ck_assert(!list.torn);
	ck_assert_uint_eq(list.n, 2);
}
END_TEST

/* Types come from the guest, too: a node type with impossible members. */
START_TEST(layouts_that_cannot_be)
{
	small_leaf(0);
	switch (_i) {
	case 0: /* no pivot at all */
		fake_field("maple_range_64.pivot", PIVOT, 0);
		fake_field("maple_range_64.slot", SLOT_64, 8);
		break;
	case 1: /* more than a node has room for */
		fake_field("maple_range_64.slot", SLOT_64, 17 * 8);
		break;
	case 2: /* fewer than it takes to part the slots */
		fake_field("maple_range_64.pivot", PIVOT, 14 * 8);
		break;
	default:
		fake_field("maple_range_64.meta.end", 256, 1);
		break;
	}
	read_list(ROOT(0, LEAF));
	ck_assert(list.torn);
	ck_assert_uint_eq(list.n, 0);
}
END_TEST

/* Trees that are not sound end, keep what is sound, and say so. */
START_TEST(broken_trees_are_torn)
{
	unsigned int i;

	small_leaf(0);
	switch (_i) {
	case 0: /* dead: its parent is itself */
		fake_put64(&f, NODE(0), NODE(0));
		break;
	case 1: /* a pivot that goes back */
		entry(0, 3, VMA(1), 18);
		break;
	case 2: /* a child that is its own parent */
		entry(1, 0, ENODE(1, RANGE), 0);
		break;
	case 3: /* a chain of nodes that is too long */
		for (i = 1; i < 20; i++)
			entry(i, 0, ENODE(i + 1, RANGE), 0);
		break;
	case 4: /* a VMA of another process */
		fake_put_field(&f, VMA(1), "vm_area_struct.vm_mm", MM + 64);
		break;
	case 5: /* a VMA that is not where the tree says */
		fake_put_field(&f, VMA(1), "vm_area_struct.vm_end", 99 << 12);
		break;
	case 6: /* a node outside memory */
		entry(1, 0, (DIRECT + (1ULL << 29)) | LEAF << 3, 0);
		break;
	case 7: /* more entries than the process has areas */
		mm.map_count = 0;
		for (i = 0; i < 16; i++)
			entry(1, i, ENODE(2, RANGE), i < 15 ? i + 1 : 0);
		for (i = 0; i < 16; i++)
			entry(2, i, ENODE(2, RANGE), i < 15 ? i + 1 : 0);
		break;
	case 8: /* type 5 does not exist */
		read_list(ROOT(0, 5));
		ck_assert(list.torn);
		return;
	default: /* a root that is an entry */
		read_list(VMA(0));
		ck_assert(list.torn);
		return;
	}
	read_list(_i == 2 || _i == 3 || _i == 6 || _i == 7 ? ROOT(1, RANGE)
							   : ROOT(0, LEAF));
	ck_assert(list.torn);
	ck_assert_str_ne(list.why, "");
	ck_assert_uint_le(list.n, 2);
}
END_TEST

/* The red-black tree of 6.0 and before, with its list beside it. */
static void rb(unsigned int n, uint64_t page, int left, int right, int next)
{
	vma(n, page, 1);
	fake_put_field(&f, VMA(n), "vm_area_struct.vm_next",
		       next < 0 ? 0 : VMA(next));
	fake_put64(&f, VMA(n) + 96 + 8, right < 0 ? 0 : VMA(right) + 96);
	fake_put64(&f, VMA(n) + 96 + 16, left < 0 ? 0 : VMA(left) + 96);
}

static void rb_fields(void)
{
	fake_no_field("mm_struct.mm_mt.ma_root");
	fake_field("vm_area_struct.vm_next", 88, 8);
	fake_field("vm_area_struct.vm_rb", 96, 24);
	fake_field("rb_node.rb_right", 8, 8);
	fake_field("rb_node.rb_left", 16, 8);
	rb(0, 50, 1, 2, 2);
	rb(1, 20, -1, 3, 3);
	rb(2, 70, -1, -1, -1);
	rb(3, 30, -1, -1, 0);
}

START_TEST(red_black_tree)
{
	rb_fields();
	read_list(VMA(0) + 96);
	ck_assert_msg(!list.torn, "%s", list.why);
	ck_assert_uint_eq(list.n, 4);
	assert_pages(0, 20, 1);
	assert_pages(1, 30, 1);
	assert_pages(2, 50, 1);
	assert_pages(3, 70, 1);
}
END_TEST

START_TEST(red_black_tree_and_list_differ)
{
	rb_fields();
	fake_put_field(&f, VMA(1), "vm_area_struct.vm_next", VMA(2));
	read_list(VMA(0) + 96);
	ck_assert(list.torn);
}
END_TEST

START_TEST(red_black_cycle_ends)
{
	rb_fields();
	rb(3, 30, 0, 0, 0);
	mm.map_count = UINT32_MAX; /* is no more to be trusted */
	read_list(VMA(0) + 96);
	ck_assert(list.torn);
	ck_assert_ptr_nonnull(strstr(list.why, "VMA twice in its tree"));
	ck_assert_uint_eq(list.n, 4); /* each of them once */
}
END_TEST

/* No more than memory has room for: 1 MiB here. */
START_TEST(areas_must_fit_into_memory)
{
	fake_sizeof("vm_area_struct", 512 << 10);
	rb_fields();
	read_list(VMA(0) + 96);
	ck_assert(list.torn);
	ck_assert_ptr_nonnull(strstr(list.why, "more VMAs than can be"));
	ck_assert_uint_eq(list.n, 2);
}
END_TEST

/* A guest with room for all of them is told of a limit of ours, not its own. */
START_TEST(limits_are_ours)
{
	const struct mm mms[] = {{.map_count = 100},
				 {.map_count = 3u << 20},
				 {.map_count = 3u << 20}};
	struct vma_list lists[3] = {{0}};
	struct vma_budget b;
	size_t i, n[3] = {0};

	f.memory.machine.ram.v[0].size = 64ULL << 30;
	ck_assert_int_eq(vma_budget_init(&f.kernel, mms, 3, &b), 0);
	for (i = 0; i < 3; i++)
		while (vma_budget_take(&b, i, lists, 0x1000))
			n[i]++;
	ck_assert_uint_eq(n[0], 2 * 100 + 64);
	ck_assert_str_eq(lists[0].why, "more VMAs than can be at 0x1000");
	ck_assert_uint_eq(n[1], VMA_MAX);
	ck_assert_str_eq(lists[1].why, "more VMAs than qvmi follows at 0x1000");
	ck_assert_uint_eq(n[0] + n[1] + n[2], VMA_MAX_ALL);
	ck_assert_str_eq(lists[2].why, "more VMAs than qvmi follows at 0x1000");
	vma_budget_deinit(&b);
}
END_TEST

START_TEST(old_names_share_a_union)
{
	/* 5.17 to 6.1: anon_name lies in the union `shared` */
	fake_field("vm_area_struct.anon_name", 72, 8);
	small_leaf(0);
	fake_put64(&f, VMA(0) + 72, DIRECT + 0x1000);
	fake_put64(&f, VMA(1) + 72, DIRECT + 0x1000);
	fake_put_field(&f, VMA(1), "vm_area_struct.vm_file", DIRECT + 0x2000);
	read_list(ROOT(0, LEAF));
	ck_assert_uint_eq(list.v[0].anon_name, DIRECT + 0x1000);
	ck_assert_uint_eq(list.v[1].anon_name, 0);
}
END_TEST

START_TEST(the_end_is_exclusive)
{
	/* mtest took addr <= vm_end for inside. */
	small_leaf(0);
	read_list(ROOT(0, LEAF));
	ck_assert_ptr_eq(vma_find(&list, 16 << 12), &list.v[0]);
	ck_assert_ptr_eq(vma_find(&list, (20 << 12) - 1), &list.v[0]);
	ck_assert_ptr_null(vma_find(&list, 20 << 12));
	ck_assert_ptr_null(vma_find(&list, (16 << 12) - 1));
	ck_assert_ptr_null(vma_find(&list, 33 << 12));
}
END_TEST

START_TEST(what_a_kernel_lacks_is_said)
{
	fake_lose(READER_VMA);
	read_list(0); /* no VMA, none that is lost */
	vma_lists_deinit(&list, 1);
	small_leaf(0);
	mm.vma_head = ROOT(0, LEAF);
	ck_assert_int_eq(vma_lists_read(&f.kernel, &mm, 1, &list, &err),
			 ERR_NO_LINUX);
	ck_assert_str_eq(err.text, "VMAs cannot be read");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_vma");
	TCase *t = tcase_create("kernel_vma");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_leaf_as_root);
	tcase_add_test(t, an_empty_tree);
	tcase_add_test(t, a_full_leaf_uses_its_last_slot);
	tcase_add_test(t, metadata_is_no_pointer);
	tcase_add_test(t, arange_over_leaves);
	tcase_add_test(t, range_over_arange_over_leaf);
	tcase_add_test(t, dense_nodes);
	tcase_add_test(t, reserved_entries_are_skipped);
	tcase_add_loop_test(t, layouts_that_cannot_be, 0, 4);
	tcase_add_loop_test(t, broken_trees_are_torn, 0, 10);
	tcase_add_test(t, red_black_tree);
	tcase_add_test(t, red_black_tree_and_list_differ);
	tcase_add_test(t, red_black_cycle_ends);
	tcase_add_test(t, areas_must_fit_into_memory);
	tcase_add_test(t, limits_are_ours);
	tcase_add_test(t, old_names_share_a_union);
	tcase_add_test(t, the_end_is_exclusive);
	tcase_add_test(t, what_a_kernel_lacks_is_said);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
