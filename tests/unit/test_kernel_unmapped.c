/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of where unmapped pages are, on caches written by hand. */
#include "kernel/mm/unmapped.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "guest/search.h"
#include "kernel/page/page.h"
#include "unit/fake_kernel.h"

#define PAGE	   4096u
#define VMEMMAP	   (DIRECT + 0x40000)
#define AT(pfn)	   (VMEMMAP + (pfn)*64u)
#define FILE_AT	   (DIRECT + 0x50000)
#define MAPPING	   (DIRECT + 0x52000)
#define INODE	   (DIRECT + 0x54000)
#define SUPER	   (DIRECT + 0x56000)
#define NODE(n)	   (DIRECT + 0x58000 + (n)*576u)
#define SWAP_INFOS (DIRECT + 0x60000)
#define SWAP_INFO  (DIRECT + 0x60400)
#define SPACES_OF  (DIRECT + 0x60600) /* swapper_spaces[] */
#define SPACE(n)   (DIRECT + 0x61000 + (n)*SPACE_SIZE)
#define SPACE_SIZE 192u
#define ZEROMAP	   (DIRECT + 0x62000)
#define CLUSTERS   (DIRECT + 0x66000)
#define TABLE	   (DIRECT + 0x67000)
#define ANON_VMA   (DIRECT + 0x70000)
#define OPS	   (DIRECT + 0x71000)
#define VA	   0x10000u
#define TMPFS	   0x01021994u
#define SWAP_MAX   40000u

enum {
	UPTODATE = 1 << 3,
	HEAD = 1 << 6,
	SWAPCACHE = 1 << 10,
	SWAPBACKED = 1 << 17
};

static struct fake_kernel f;
static struct vma vma;
static struct page_cache cache;
static struct unmapped u;
static struct unmapped_runs runs;
static struct err err;

static void fields(void)
{
	static const struct fake_member list[] = {
		{"folio._nr_pages", 96, 4},
		{"file.f_mapping", 16, 8},
		{"address_space.host", 0, 8},
		{"address_space.i_pages.xa_head", 16, 8},
		{"address_space.nrpages", 88, 8},
		{"inode.i_mode", 0, 4},
		{"inode.i_flags", 4, 4},
		{"inode.i_sb", 40, 8},
		{"inode.i_mapping", 48, 8},
		{"inode.i_size", 80, 8},
		{"super_block.s_magic", 96, 8},
		{"xa_node.shift", 0, 1},
		{"xa_node.slots", 40, 512},
		{"swap_info_struct.max", 0, 4},
		{"swap_info_struct.zeromap", 8, 8},
		{"swap_info_struct.cluster_info", 16, 8},
	};

	fake_page_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("xa_node", 576);
	fake_sizeof("address_space", SPACE_SIZE);
	fake_sizeof("swap_cluster_info", 48);
	fake_constant("pageflags.PG_uptodate", 3);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_swapcache", 10);
	fake_constant("pageflags.PG_swapbacked", 17);
}

static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	fields();
	fake_symbol("swap_info", SWAP_INFOS);
	fake_symbol("swapper_spaces", SPACES_OF);
	fake_symbol("__per_cpu_offset", DIRECT + 0x72000);
	fake_symbol("nr_cpu_ids", DIRECT + 0x72010);
	fake_put64(&f, SWAP_INFOS, SWAP_INFO);
	fake_put64(&f, SPACES_OF, SPACE(0));
	fake_put32(&f, SWAP_INFO, SWAP_MAX);
	vma = (struct vma){.start = VA,
			   .end = VA + 10 * PAGE,
			   .ops = OPS,
			   .file = FILE_AT};
}

static void teardown(void)
{
	unmapped_runs_deinit(&runs);
	fake_kernel_deinit(&f);
}

/* A file of 6 pages and a bit, whose tree is node 0. */
static void file(uint64_t magic)
{
	fake_put64(&f, FILE_AT + 16, MAPPING);
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, MAPPING + 16, NODE(0) | 2);
	fake_put64(&f, MAPPING + 88, 5);
	fake_put32(&f, INODE, 0100644);
	fake_put64(&f, INODE + 40, SUPER);
	fake_put64(&f, INODE + 48, MAPPING);
	fake_put64(&f, INODE + 80, 6 * PAGE + 100);
	fake_put64(&f, SUPER + 96, magic);
}

static void slot(unsigned int node, unsigned int i, uint64_t entry)
{
	fake_put64(&f, NODE(node) + 40 + i * 8, entry);
}

static void shift(unsigned int node, uint8_t bits)
{
	f.memory.bytes[NODE(node) - DIRECT] = bits;
}

static void put(uint64_t pfn, uint64_t flags, uint64_t mapping, uint64_t index)
{
	fake_put64(&f, AT(pfn), flags);
	fake_put64(&f, AT(pfn) + 24, mapping);
	fake_put64(&f, AT(pfn) + 32, index);
	fake_put32(&f, AT(pfn) + 48, 0xffffffff);
	fake_put32(&f, AT(pfn) + 52, 1);
}

/* A folio of four, with its tails. */
static void put_large(uint64_t pfn, uint64_t flags, uint64_t mapping,
		      uint64_t index)
{
	uint64_t i;

	put(pfn, flags | HEAD, mapping, index);
	for (i = 1; i < 4; i++) {
		put(pfn + i, 0, 0, 0);
		fake_put64(&f, AT(pfn + i) + 8, AT(pfn) + 1);
	}
	fake_put32(&f, AT(pfn) + 96, 4);
}

static void find(const struct unmapped_gap *gaps, size_t n)
{
	machine_drop_cache(&f.memory.machine);
	unmapped_runs_deinit(&runs);
	ck_assert(!page_caches_read(&f.kernel, &vma.file, 1, &cache, &err));
	u = (struct unmapped){
		.k = &f.kernel, .vmas = {.v = &vma, .n = 1}, .caches = &cache};
	ck_assert_msg(!unmapped_find(&u, gaps, n, &runs, &err), "%s", err.text);
}

static void find_pages(uint64_t va, uint64_t pages)
{
	struct unmapped_gap gap = {.va = va, .len = pages * PAGE};

	find(&gap, 1);
}

/* Run i: pages from VA + `first` on. */
static void is(size_t i, uint64_t first, uint64_t pages,
	       enum unmapped_kind kind, uint64_t pfn)
{
	ck_assert_uint_gt(runs.list.n, i);
	ck_assert_msg(runs.list.v[i].kind == kind, "run %zu is %s, not %s", i,
		      unmapped_name(runs.list.v[i].kind), unmapped_name(kind));
	ck_assert_uint_eq(runs.list.v[i].va, VA + first * PAGE);
	ck_assert_uint_eq(runs.list.v[i].len, pages * PAGE);
	ck_assert_uint_eq(runs.list.v[i].pa, pfn * PAGE);
}

static void fill_tree(void)
{
	put(10, UPTODATE, MAPPING, 0);
	put_large(12, UPTODATE, MAPPING, 4);
	slot(0, 0, AT(10));
	slot(0, 1, 0x123 << 1 | 1); /* a shadow, or slot 0x123 of swap */
	slot(0, 4, AT(12));
	slot(0, 5, 4 << 2 | 2);
	slot(0, 6, 4 << 2 | 2);
	slot(0, 7, 4 << 2 | 2);
}

START_TEST(page_cache)
{
	file(0xef53);
	fill_tree();
	find_pages(VA, 10);
	ck_assert_uint_eq(runs.list.n, 4);
	is(0, 0, 1, UNMAPPED_PAGE_CACHE, 10);
	is(1, 1, 3, UNMAPPED_NO_CACHE, 0);
	is(2, 4, 3, UNMAPPED_PAGE_CACHE, 12);
	is(3, 7, 3, UNMAPPED_BEYOND, 0);
	ck_assert_ptr_eq(unmapped_run_at(&runs, VA + 6 * PAGE + 5),
			 &runs.list.v[2]);
	ck_assert_ptr_null(unmapped_run_at(&runs, VA - 1));
	/* from the middle of the folio, and by an offset of the area */
	vma.pgoff = 3;
	find_pages(VA + 2 * PAGE, 1);
	is(0, 2, 1, UNMAPPED_PAGE_CACHE, 13);
	/* kernels of before have the head in each slot (5.10) */
	slot(0, 5, AT(12));
	find_pages(VA + 1 * PAGE, 2);
	ck_assert_uint_eq(runs.list.n, 1);
	is(0, 1, 2, UNMAPPED_PAGE_CACHE, 12);
}
END_TEST

START_TEST(one_page_file)
{
	file(0xef53);
	put(10, UPTODATE, MAPPING, 0);
	fake_put64(&f, MAPPING + 16, AT(10));
	find_pages(VA, 2);
	is(0, 0, 1, UNMAPPED_PAGE_CACHE, 10);
	is(1, 1, 1, UNMAPPED_NO_CACHE, 0);
}
END_TEST

START_TEST(shared_memory)
{
	file(TMPFS);
	fill_tree();
	find_pages(VA, 7);
	ck_assert_uint_eq(runs.list.n, 4);
	is(1, 1, 1, UNMAPPED_SWAPPED, 0);
	is(2, 2, 2, UNMAPPED_HOLE, 0);
	vma.flags = VM_UFFD;
	find_pages(VA + 2 * PAGE, 1);
	is(0, 2, 1, UNMAPPED_OTHERS, 0);
}
END_TEST

START_TEST(areas)
{
	file(0xef53);
	vma.ops = 0;
	find_pages(VA - PAGE, 12);
	ck_assert_uint_eq(runs.list.n, 3);
	ck_assert_int_eq(runs.list.v[0].kind, UNMAPPED_NO_AREA);
	is(1, 0, 10, UNMAPPED_ZERO_PAGE, 0);
	is(2, 10, 1, UNMAPPED_NO_AREA, 0);
	vma.flags = VM_UFFD;
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_OTHERS, 0);
	vma.ops = OPS;
	vma.flags = VM_PFNMAP;
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_OTHERS, 0);
	vma.flags = 0;
	fake_put32(&f, INODE + 4, 1 << 13); /* S_DAX */
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_OTHERS, 0);
	vma.file = 0;
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_OTHERS, 0);
}
END_TEST

/* What a lookup finds may be another's by then, or no page at all. */
START_TEST(lies)
{
	file(0xef53);
	fill_tree();
	put(10, 0, MAPPING, 0);
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_READING, 0);
	put(10, UPTODATE, MAPPING, 3);
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	put(10, UPTODATE, MAPPING + 8, 0);
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	slot(0, 0, AT(10) + 4);
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	slot(0, 0, AT(14)); /* a tail */
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	/* a node that is its own child: holes are not known to be any */
	shift(0, 6);
	slot(0, 0, NODE(0) | 2);
	find_pages(VA, 2);
	is(0, 0, 2, UNMAPPED_UNKNOWN, 0);
	shift(0, 5);
	find_pages(VA, 2);
	is(0, 0, 2, UNMAPPED_UNKNOWN, 0);
	vma.start += 8; /* no area is so */
	find_pages(VA + PAGE, 1);
	is(0, 1, 1, UNMAPPED_UNKNOWN, 0);
	vma.start -= 8;
	vma.pgoff = UINT64_MAX - 3;
	find_pages(VA, 10);
	is(0, 0, 10, UNMAPPED_UNKNOWN, 0);
}
END_TEST

static void find_slots(const uint64_t *offsets, size_t n)
{
	struct unmapped_gap gaps[8];
	size_t i;

	for (i = 0; i < n; i++)
		gaps[i] = (struct unmapped_gap){.va = VA + i * PAGE,
						.len = PAGE,
						.swapped = true,
						.slot = {0, offsets[i]}};
	find(gaps, n);
}

static void put_swapped(uint64_t pfn, uint64_t offset)
{
	put(pfn, UPTODATE | SWAPCACHE | SWAPBACKED, ANON_VMA | 1, 0);
	fake_put64(&f, AT(pfn) + 40, offset);
}

/* By what of the offset is in its 64 MiB (6.12), or by all of it. */
START_TEST(swap_trees)
{
	static const uint64_t offsets[] = {5, 6, 16384 + 7, 70, SWAP_MAX};
	unsigned int i;

	put_swapped(20, 5);
	put_swapped(21, 16384 + 7);
	fake_put64(&f, SPACE(0) + 16, NODE(0) | 2);
	fake_put64(&f, SPACE(1) + 16, NODE(1) | 2);
	slot(0, 5, AT(20));
	slot(0, 6, 1 << 1 | 1);
	slot(1, 7, AT(21));
	fake_put64(&f, SWAP_INFO + 8, ZEROMAP);
	fake_put64(&f, ZEROMAP + 8, 1 << 6); /* of 70 */
	for (i = 0; i < 2; i++) {
		find_slots(offsets, 5);
		is(0, 0, 1, UNMAPPED_SWAP_CACHE, 20);
		is(1, 1, 1, UNMAPPED_SWAPPED, 0);
		is(2, 2, 1, UNMAPPED_SWAP_CACHE, 21);
		is(3, 3, 1, UNMAPPED_ZEROS, 0);
		is(4, 4, 1, UNMAPPED_UNKNOWN, 0);
		/* 16384 + 7 in a tree of three levels */
		shift(1, 12);
		slot(1, 7, 0);
		slot(1, 4, NODE(2) | 2);
		shift(2, 6);
		slot(2, 0, NODE(3) | 2);
		slot(3, 7, AT(21));
	}
	put_swapped(20, 4);
	put(21, SWAPCACHE | SWAPBACKED, ANON_VMA | 1, 0);
	fake_put64(&f, AT(21) + 40, 16384 + 7);
	find_slots(offsets, 3);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	is(2, 2, 1, UNMAPPED_READING, 0);
}
END_TEST

/* From 6.18 on: a table for each 512 slots, of pointers, then of frames. */
START_TEST(swap_tables)
{
	static const uint64_t offsets[] = {512 + 5, 512 + 6, 512 + 7, 512 + 8};

	fake_field("swap_cluster_info.table", 8, 8);
	fake_field("swap_table.entries", 0, 4096);
	fake_put64(&f, SWAP_INFO + 16, CLUSTERS);
	fake_put64(&f, CLUSTERS + 48 + 8, TABLE);
	put_swapped(20, 512 + 5);
	put_swapped(21, 512 + 6);
	fake_put64(&f, TABLE + 5 * 8, AT(20));
	fake_put64(&f, TABLE + 6 * 8, 3ULL << 60 | 21 << 2 | 2);
	fake_put64(&f, TABLE + 7 * 8, 1ULL << 60 | 77 << 1 | 1);
	fake_put64(&f, TABLE + 8 * 8, 1ULL << 60 | 1ULL << 59 | 1);
	find_slots(offsets, 4);
	is(0, 0, 2, UNMAPPED_SWAP_CACHE, 20);
	is(1, 2, 2, UNMAPPED_SWAPPED, 0);	   /* the bit is not for that */
	fake_no_field("swap_info_struct.zeromap"); /* 7.2 */
	find_slots(offsets, 4);
	is(1, 2, 1, UNMAPPED_SWAPPED, 0);
	is(2, 3, 1, UNMAPPED_ZEROS, 0);
}
END_TEST

/* The number of batches is that of one page. */
START_TEST(batches)
{
	size_t i, calls, one;

	file(0xef53);
	fake_put64(&f, INODE + 80, 64 * PAGE);
	vma.end = VA + 64 * PAGE;
	for (i = 0; i < 64; i++) {
		put(20 + i, UPTODATE, MAPPING, i);
		slot(0, (unsigned int)i, AT(20 + i));
	}
	calls = f.memory.calls;
	find_pages(VA, 1);
	one = f.memory.calls - calls;
	calls = f.memory.calls;
	find_pages(VA, 64);
	ck_assert_uint_eq(runs.list.n, 1);
	is(0, 0, 64, UNMAPPED_PAGE_CACHE, 20);
	ck_assert_uint_eq(f.memory.calls - calls, one);
	ck_assert_uint_le(one, 20);
}
END_TEST

/* A kernel without these types knows nothing, and says nothing. */
START_TEST(no_types)
{
	static const uint64_t offsets[] = {5};

	file(0xef53);
	fill_tree();
	fake_no_field("xa_node.slots");
	find_pages(VA, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
	find_slots(offsets, 1);
	is(0, 0, 1, UNMAPPED_UNKNOWN, 0);
}
END_TEST

#define PGD 0x80000u
#define PTE 0x83000u

/* The process's tables, of which page 0 of the area is frame 0x90. */
static struct walk_root tables(void)
{
	array_put64(&f.memory, PGD, (PGD + 0x1000) | PTE_P | PTE_US);
	array_put64(&f.memory, PGD + 0x1000, (PGD + 0x2000) | PTE_P | PTE_US);
	array_put64(&f.memory, PGD + 0x2000, PTE | PTE_P | PTE_US);
	array_put64(&f.memory, PTE + VA / PAGE * 8, 0x90000 | PTE_P | PTE_US);
	return (struct walk_root){.pgd = PGD, .paging = &paging_4level};
}

static void search_from(struct search *s, struct walk_root *root,
			uint64_t start, struct pattern *pattern,
			const char *text)
{
	*s = (struct search){.m = &f.memory.machine,
			     .root = root,
			     .unmapped = &u,
			     .pattern = pattern,
			     .align = 1,
			     .max = 5000};
	*pattern = (struct pattern){0};
	ck_assert(!pattern_add(pattern, text, 1, &err));
	ck_assert(!pattern_end(pattern, &err));
	ck_assert(!search_range(s, start, VA + 20 * PAGE - 1, &err));
	ck_assert(!search_end(s, &err));
}

static void search_for(struct search *s, struct walk_root *root,
		       struct pattern *pattern, const char *text)
{
	search_from(s, root, VA - PAGE, pattern, text);
}

static void search_over(struct search *s, struct pattern *pattern)
{
	search_deinit(s);
	pattern_deinit(pattern);
}

/* A match goes on from what is mapped into what is not, and begins there. */
START_TEST(searched)
{
	struct walk_root root = tables();
	struct pattern pattern;
	struct search s;

	vma.ops = 0;
	find_pages(VA, 1); /* for u */
	memcpy(f.memory.bytes + 0x90ffd, "abc", 3);
	search_for(&s, &root, &pattern, "hex:61626300");
	ck_assert_uint_eq(s.hits.n, 1);
	ck_assert_uint_eq(s.hits.v[0].at, VA + 0xffd);
	ck_assert_uint_eq(s.hits.v[0].pa, 0x90ffd);
	ck_assert_int_eq(s.hits.v[0].from, SEARCH_MAPPED);
	ck_assert_uint_eq(s.searched + s.passed, 10 * PAGE);
	ck_assert_uint_eq(s.bytes_of[UNMAPPED_ZERO_PAGE], 9 * PAGE);
	ck_assert_uint_eq(s.bytes_of[UNMAPPED_NO_AREA], 11 * PAGE);
	search_over(&s, &pattern);
	search_for(&s, &root, &pattern, "hex:0000");
	ck_assert(s.cut);
	ck_assert_int_eq(s.hits.v[4999].from, UNMAPPED_ZERO_PAGE);
	ck_assert_uint_eq(s.hits.v[4999].pa, UINT64_MAX);
	search_over(&s, &pattern);

	vma.ops = OPS;
	file(0xef53);
	fill_tree();
	memcpy(f.memory.bytes + 13 * PAGE + 5, "needle", 6);
	find_pages(VA, 1);
	search_for(&s, &root, &pattern, "str:needle");
	ck_assert_uint_eq(s.hits.n, 1);
	ck_assert_uint_eq(s.hits.v[0].at, VA + 5 * PAGE + 5);
	ck_assert_uint_eq(s.hits.v[0].pa, 13 * PAGE + 5);
	ck_assert_int_eq(s.hits.v[0].from, UNMAPPED_PAGE_CACHE);
	ck_assert_uint_eq(s.bytes_of[UNMAPPED_PAGE_CACHE], 3 * PAGE);
	search_over(&s, &pattern);
	/* frame 0 is one, too: from somewhere in it on */
	array_put64(&f.memory, PTE + VA / PAGE * 8, PTE_P | PTE_US);
	memcpy(f.memory.bytes + 0x20, "stitch", 6);
	machine_drop_cache(&f.memory.machine);
	search_from(&s, &root, VA + 0x10, &pattern, "str:stitch");
	ck_assert_uint_eq(s.hits.n, 1);
	ck_assert_uint_eq(s.hits.v[0].at, VA + 0x20);
	ck_assert_uint_eq(s.hits.v[0].pa, 0x20);
	search_over(&s, &pattern);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/unmapped");
	TCase *c = tcase_create("unmapped");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, page_cache);
	tcase_add_test(c, one_page_file);
	tcase_add_test(c, shared_memory);
	tcase_add_test(c, areas);
	tcase_add_test(c, lies);
	tcase_add_test(c, swap_trees);
	tcase_add_test(c, swap_tables);
	tcase_add_test(c, batches);
	tcase_add_test(c, no_types);
	tcase_add_test(c, searched);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
