/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what VMAs use, on page tables and struct pages written by hand. */
#include "kernel/mm/vma_use.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "kernel/mm/pagemap.h"
#include "unit/fake_kernel.h"

#define PAGE	   4096u
#define VMEMMAP	   (DIRECT + 0x40000) /* of 1024 frames */
#define AT(pfn)	   (VMEMMAP + (pfn)*64u)
#define ANON	   (DIRECT + 0x60000)
#define FILE_AT	   (DIRECT + 0x61000)
#define MAPPING	   (DIRECT + 0x62000)
#define INODE	   (DIRECT + 0x63000)
#define SUPER	   (DIRECT + 0x64000)
#define NODE	   (DIRECT + 0x65000)
#define SWAP_INFOS (DIRECT + 0x66000)
#define SWAP_INFO  (DIRECT + 0x66400)
#define SWAP_MAP   (DIRECT + 0x67000)
#define VARIABLES  (DIRECT + 0x68000)
#define TABLES	   0x10000u /* four of each process: pgd, pud, pmd, pte */
#define VA	   0x10000u
#define HUGE_VA	   0x200000u
#define HUGE_PFN   512u
#define WHOLE	   ((uint64_t)PAGE << VMA_PSS_SHIFT)
#define TMPFS	   0x01021994u

enum {
	REFERENCED = 1 << 2,
	DIRTY = 1 << 4,
	HEAD = 1 << 6,
	SWAPBACKED = 1 << 17
};

static struct fake_kernel f;
static struct mm mms[2];
static struct vma vmas[2];
static struct vma_list lists[2];
static struct vma_uses uses;

static void fields(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} list[] = {
		{"page.flags.f", 0, 8},
		{"page.compound_info", 8, 8},
		{"page.mapping", 24, 8},
		{"page.private", 40, 8},
		{"page._mapcount", 48, 4},
		{"page.page_type", 48, 4},
		{"page._refcount", 52, 4},
		{"folio._nr_pages", 96, 4},
		{"folio._entire_mapcount", 100, 4},
		{"file.f_mapping", 16, 8},
		{"address_space.host", 0, 8},
		{"address_space.i_pages.xa_head", 16, 8},
		{"inode.i_mode", 0, 4},
		{"inode.i_flags", 4, 4},
		{"inode.i_sb", 40, 8},
		{"inode.i_size", 80, 8},
		{"super_block.s_magic", 96, 8},
		{"xa_node.shift", 0, 1},
		{"xa_node.slots", 40, 512},
		{"swap_info_struct.max", 0, 4},
		{"swap_info_struct.swap_map", 8, 8},
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fake_field(list[i].name, list[i].offset, list[i].size);
	fake_sizeof("page", 64);
	fake_sizeof("xa_node", 576);
	fake_constant("pageflags.PG_referenced", 2);
	fake_constant("pageflags.PG_dirty", 4);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_swapbacked", 17);
}

/* The tables of a process, down to one of 4 KiB pages. */
static void tables(unsigned int process)
{
	uint32_t pa = TABLES + process * 4 * PAGE;
	unsigned int i;

	for (i = 0; i < 3; i++)
		array_put64(&f.memory, pa + i * PAGE,
			    (pa + (i + 1) * PAGE) | 0x67);
	mms[process] = (struct mm){.addr = 1,
				   .readable = true,
				   .root = {.pgd = pa,
					    .paging = &paging_4level,
					    .os = &f.kernel.swap.os}};
	vmas[process] = (struct vma){.start = VA,
				     .end = HUGE_VA + 0x200000,
				     .flags = VM_READ | VM_WRITE};
	lists[process] = (struct vma_list){.v = &vmas[process], .n = 1};
}

static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	f.kernel.swap = (struct x86_64_swap){.os = {.absent = x86_64_absent},
					     .known = true,
					     .inverted = true,
					     .hwpoison = 29,
					     .migration = 30,
					     .device = 32,
					     .marker = 32,
					     .swapin_error = 32,
					     .pfn_bits = 40};
	fields();
	fake_symbol("swap_info", SWAP_INFOS);
	fake_symbol("nr_swapfiles", VARIABLES);
	tables(0);
	tables(1);
}

static void teardown(void)
{
	vma_uses_deinit(&uses);
	fake_kernel_deinit(&f);
}

/* The entry of a process for a page from VA on. */
static void entry(unsigned int process, unsigned int page, uint64_t value)
{
	array_put64(&f.memory,
		    TABLES + process * 4 * PAGE + 3 * PAGE +
			    (VA / PAGE + page) * 8,
		    value);
}

static void huge_entry(uint64_t value)
{
	array_put64(&f.memory, TABLES + 2 * PAGE + HUGE_VA / 0x200000 * 8,
		    value);
}

static void put(uint64_t pfn, uint64_t flags, uint64_t mapping, uint32_t maps,
		uint32_t refs)
{
	fake_put64(&f, AT(pfn), flags);
	fake_put64(&f, AT(pfn) + 24, mapping);
	fake_put32(&f, AT(pfn) + 48, maps - 1);
	fake_put32(&f, AT(pfn) + 52, refs);
}

/* A folio of 2 MiB that is mapped as a whole so many times. */
static void put_huge(uint64_t flags, uint64_t mapping, uint32_t maps,
		     uint32_t refs)
{
	uint64_t i;

	put(HUGE_PFN, flags | HEAD, mapping, 0, refs);
	for (i = 1; i < 512; i++) {
		put(HUGE_PFN + i, 0, 0, 0, 0);
		fake_put64(&f, AT(HUGE_PFN + i) + 8, AT(HUGE_PFN) + 1);
	}
	fake_put32(&f, AT(HUGE_PFN) + 96, 512);
	fake_put32(&f, AT(HUGE_PFN) + 100, maps - 1);
	huge_entry(HUGE_PFN * PAGE | PTE_P | PTE_PS | PTE_A);
}

static const struct vma_use *count(size_t n)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	vma_uses_deinit(&uses);
	ck_assert_msg(!vma_uses_read(&f.kernel, mms, lists, n, &uses, &err),
		      "%s", err.text);
	ck_assert_uint_eq(uses.unreadable, 0);
	return uses.v;
}

START_TEST(an_anonymous_page)
{
	const struct vma_use *u;

	put(5, SWAPBACKED, ANON | 1, 1, 2);
	entry(0, 0, 5 * PAGE | PTE_P | PTE_A | PTE_D);
	u = count(1);
	ck_assert_uint_eq(u->rss, PAGE);
	ck_assert_uint_eq(u->anonymous, PAGE);
	ck_assert_uint_eq(u->private_dirty, PAGE);
	ck_assert_uint_eq(u->referenced, PAGE);
	ck_assert_uint_eq(u->pss, WHOLE);
	ck_assert_uint_eq(u->pss_anon, WHOLE);
	ck_assert_uint_eq(u->pss_dirty, WHOLE);
	ck_assert_uint_eq(u->lazy_free + u->ksm + u->pss_locked, 0);
	/* clean, nobody looked, and the VMA is locked */
	entry(0, 0, 5 * PAGE | PTE_P);
	vmas[0].flags |= VM_LOCKED;
	u = count(1);
	ck_assert_uint_eq(u->private_clean, PAGE);
	ck_assert_uint_eq(u->referenced, 0);
	ck_assert_uint_eq(u->pss_locked, WHOLE);
	/* it may be dropped: no longer backed by swap */
	put(5, 0, ANON | 1, 1, 2);
	ck_assert_uint_eq(count(1)->lazy_free, PAGE);
	entry(0, 0, 5 * PAGE | PTE_P | PTE_D);
	ck_assert_uint_eq(count(1)->lazy_free, 0);
	put(5, SWAPBACKED, ANON | 3, 1, 2);
	ck_assert_uint_eq(count(1)->ksm, PAGE);
}
END_TEST

START_TEST(a_page_that_others_map)
{
	const struct vma_use *u;

	put(5, REFERENCED, MAPPING, 3, 4);
	entry(0, 0, 5 * PAGE | PTE_P);
	u = count(1);
	ck_assert_uint_eq(u->shared_clean, PAGE);
	ck_assert_uint_eq(u->pss, WHOLE / 3);
	ck_assert_uint_eq(u->pss_file, WHOLE / 3);
	ck_assert_uint_eq(u->referenced, PAGE);
	put(5, DIRTY | SWAPBACKED, MAPPING, 2, 3);
	u = count(1);
	ck_assert_uint_eq(u->shared_dirty, PAGE);
	ck_assert_uint_eq(u->pss_shmem, WHOLE / 2);
	/* a single reference is a single mapping, whatever else it says */
	put(5, 0, MAPPING, 2, 1);
	u = count(1);
	ck_assert_uint_eq(u->private_clean, PAGE);
	ck_assert_uint_eq(u->pss, WHOLE);
}
END_TEST

START_TEST(what_is_not_counted)
{
	put(5, 0, MAPPING, 1, 2);
	entry(0, 0, 5 * PAGE | PTE_P | 1 << 9); /* special */
	ck_assert_uint_eq(count(1)->rss, 0);
	entry(0, 0, 0);
	entry(0, 100, 5 * PAGE | PTE_P); /* of another VMA: none here */
	vmas[0].end = VA + PAGE;
	ck_assert_uint_eq(count(1)->rss, 0);
	vmas[0].end = VA + 2 * PAGE;
	entry(0, 1, 0x10000ULL * PAGE | PTE_P); /* it has no struct page */
	ck_assert_uint_eq(count(1)->rss, 0);
	ck_assert_uint_eq(count(1)->unknown, 1);
}
END_TEST

START_TEST(a_page_without_access_is_there)
{
	const struct vma_use *u;

	put(5, SWAPBACKED, ANON | 1, 1, 2);
	/* PROT_NONE: the address's bits are turned over */
	entry(0, 0, (~(5ULL * PAGE) & PTE_ADDR_4K) | PTE_G | PTE_A);
	u = count(1);
	ck_assert_uint_eq(u->rss, PAGE);
	ck_assert_uint_eq(u->private_clean, PAGE);
	ck_assert_uint_eq(u->referenced, PAGE);
}
END_TEST

START_TEST(a_huge_page)
{
	const struct vma_use *u;

	put_huge(SWAPBACKED, ANON | 1, 1, 1);
	u = count(1);
	ck_assert_uint_eq(u->rss, 2u << 20);
	ck_assert_uint_eq(u->anon_thp, 2u << 20);
	ck_assert_uint_eq(u->private_clean, 2u << 20);
	ck_assert_uint_eq(u->pss, 512 * WHOLE);
	put_huge(SWAPBACKED, MAPPING, 2, 3);
	u = count(1);
	ck_assert_uint_eq(u->shmem_thp, 2u << 20);
	ck_assert_uint_eq(u->shared_clean, 2u << 20);
	ck_assert_uint_eq(u->pss, 512 * (WHOLE / 2));
	put_huge(0, MAPPING, 2, 3);
	ck_assert_uint_eq(count(1)->file_thp, 2u << 20);
	/* the zero page is nobody's */
	fake_symbol("huge_zero_pfn", VARIABLES + 8);
	fake_put64(&f, VARIABLES + 8, HUGE_PFN);
	ck_assert_uint_eq(count(1)->rss, 0);
	/* of hugetlbfs: in counts of its own */
	fake_put64(&f, VARIABLES + 8, 0);
	vmas[0].flags |= VM_HUGETLB;
	put_huge(0, MAPPING, 1, 1);
	u = count(1);
	ck_assert_uint_eq(u->private_hugetlb, 2u << 20);
	ck_assert_uint_eq(u->rss, 0);
	put_huge(0, MAPPING, 2, 1);
	ck_assert_uint_eq(count(1)->shared_hugetlb, 2u << 20);
}
END_TEST

START_TEST(huge_pages_that_some_kernels_overlook)
{
	uint64_t none =
		(~((uint64_t)HUGE_PFN * PAGE) & PTE_ADDR_2M) | PTE_G | PTE_PS;

	put_huge(SWAPBACKED, ANON | 1, 1, 1);
	huge_entry(none);
	ck_assert_uint_eq(count(1)->anon_thp, 2u << 20); /* 5.10 */
	fake_field("mm_struct.mm_mt.ma_root", 0, 8);
	ck_assert_uint_eq(count(1)->rss, 0); /* 6.1 */
	fake_field("inode.__i_ctime", 0, 8);
	ck_assert_uint_eq(count(1)->rss, 2u << 20); /* 6.6 */
	huge_entry(HUGE_PFN * PAGE | PTE_P | PTE_PS | 1 << 9);
	ck_assert_uint_eq(count(1)->rss, 0);
}
END_TEST

/* A place in the area of type 0. */
static uint64_t swap_entry(uint64_t offset)
{
	return ~(offset << 9) & 0x07fffffffffffe00;
}

START_TEST(swapped_out)
{
	const struct vma_use *u;

	fake_put64(&f, SWAP_INFOS, SWAP_INFO);
	fake_put32(&f, SWAP_INFO, 100);
	fake_put64(&f, SWAP_INFO + 8, SWAP_MAP);
	f.memory.bytes[SWAP_MAP - DIRECT + 9] = 0x42; /* cached, used twice */
	f.memory.bytes[SWAP_MAP - DIRECT + 10] = 1;
	entry(0, 0, swap_entry(9));
	entry(0, 1, swap_entry(10));
	u = count(1);
	ck_assert_uint_eq(u->swap, 2 * PAGE);
	ck_assert_uint_eq(u->swap_pss, WHOLE / 2 + WHOLE);
	ck_assert_uint_eq(u->unknown_swap, 0);
	/* more than a byte holds, or what the area has not */
	f.memory.bytes[SWAP_MAP - DIRECT + 9] = 0x82;
	entry(0, 1, swap_entry(100));
	u = count(1);
	ck_assert_uint_eq(u->swap, 2 * PAGE);
	ck_assert_uint_eq(u->unknown_swap, 2);
}
END_TEST

START_TEST(shared_memory_in_swap)
{
	const struct vma_use *u;
	unsigned int i;

	fake_put32(&f, VARIABLES, 1);
	fake_put64(&f, FILE_AT + 16, MAPPING);
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, MAPPING + 16, NODE | 2);
	fake_put32(&f, INODE, 0100644);
	fake_put64(&f, INODE + 40, SUPER);
	fake_put64(&f, INODE + 80, 8 * PAGE);
	fake_put64(&f, SUPER + 96, TMPFS);
	fake_put64(&f, NODE + 40 + 2 * 8, 0x77 << 1 | 1);
	fake_put64(&f, NODE + 40 + 3 * 8, AT(5));
	fake_put64(&f, NODE + 40 + 7 * 8, 0x78 << 1 | 1);
	vmas[0].end = VA + 4 * PAGE;
	vmas[0].file = FILE_AT;
	vmas[0].flags |= VM_SHARED;
	u = count(1);
	ck_assert_uint_eq(u->swap, PAGE);
	ck_assert_uint_eq(u->swap_pss, 0);
	vmas[0].pgoff = 1;
	vmas[0].end = VA + 7 * PAGE;
	ck_assert_uint_eq(count(1)->swap, 2 * PAGE);
	/* one entry of four pages, of which one is mapped: it is one folio */
	fake_put64(&f, NODE + 40 + 4 * 8, 0x79 << 1 | 1);
	fake_put64(&f, NODE + 40 + 5 * 8, 4 << 2 | 2);
	fake_put64(&f, NODE + 40 + 6 * 8, 4 << 2 | 2);
	fake_put64(&f, NODE + 40 + 7 * 8, 4 << 2 | 2);
	vmas[0].end = VA + 4 * PAGE;
	ck_assert_uint_eq(count(1)->swap, 5 * PAGE);
	vmas[0].pgoff = 5;
	ck_assert_uint_eq(count(1)->swap, 4 * PAGE);
	vmas[0].pgoff = 3;
	vmas[0].end = VA + PAGE;
	ck_assert_uint_eq(count(1)->swap, 0);
	for (i = 4; i < 7; i++)
		fake_put64(&f, NODE + 40 + i * 8, 0);
	fake_put64(&f, NODE + 40 + 7 * 8, 0x78 << 1 | 1);
	vmas[0].pgoff = 1;
	vmas[0].end = VA + 7 * PAGE;
	ck_assert_uint_eq(count(1)->swap, 2 * PAGE);
	/* a private copy may hide some */
	vmas[0].flags &= ~VM_SHARED;
	ck_assert_uint_eq(count(1)->swap, 2 * PAGE);
	put(5, SWAPBACKED, ANON | 1, 1, 2);
	entry(0, 0, 5 * PAGE | PTE_P);
	u = count(1);
	ck_assert_uint_eq(u->swap, 0);
	ck_assert_uint_eq(u->unknown_swap, 1);
}
END_TEST

#define PM_SOFT_DIRTY (1ULL << 55)
#define PM_EXCLUSIVE  (1ULL << 56)
#define PM_UFFD_WP    (1ULL << 57)
#define PM_FILE	      (1ULL << 61)
#define PM_SWAP	      (1ULL << 62)
#define PM_PRESENT    (1ULL << 63)

START_TEST(words_of_a_pagemap)
{
	uint64_t words[8];
	struct pagemap map = {.mm = &mms[0],
			      .vmas = &lists[0],
			      .va = VA,
			      .n = 8,
			      .words = words};
	struct err err = {0};

	put(5, SWAPBACKED, ANON | 1, 1, 2);
	put(6, 0, MAPPING, 2, 3);
	entry(0, 0, 5 * PAGE | PTE_P | 1 << 11);
	entry(0, 1, 6 * PAGE | PTE_P | 1 << 10);
	entry(0, 2, 7 * PAGE | PTE_P | 1 << 9);
	entry(0, 3, swap_entry(9) | 2);
	ck_assert_msg(!pagemaps_read(&f.kernel, &map, 1, &err), "%s", err.text);
	ck_assert_uint_eq(words[0],
			  PM_PRESENT | PM_EXCLUSIVE | PM_SOFT_DIRTY | 5);
	ck_assert_uint_eq(words[1], PM_PRESENT | PM_FILE | 6);
	ck_assert_uint_eq(words[2], PM_PRESENT | 7);
	ck_assert_uint_eq(words[3], PM_SWAP | PM_SOFT_DIRTY | 9 << 5);
	ck_assert_uint_eq(words[4], 0);
	fake_field("task_struct.__state", 0, 4); /* 5.14 */
	vmas[0].flags |= 0x08000000;
	ck_assert(!pagemaps_read(&f.kernel, &map, 1, &err));
	ck_assert_uint_eq(words[1], PM_PRESENT | PM_FILE | PM_UFFD_WP |
					    PM_SOFT_DIRTY | 6);
	ck_assert_uint_eq(words[4], PM_SOFT_DIRTY);
	/* from the middle of a huge page on */
	vmas[0].flags &= ~0x08000000ULL;
	put_huge(SWAPBACKED, ANON | 1, 1, 1);
	map.va = HUGE_VA + 3 * PAGE;
	machine_drop_cache(&f.memory.machine);
	ck_assert(!pagemaps_read(&f.kernel, &map, 1, &err));
	ck_assert_uint_eq(words[0], PM_PRESENT | PM_EXCLUSIVE | (HUGE_PFN + 3));
	ck_assert_uint_eq(words[7],
			  PM_PRESENT | PM_EXCLUSIVE | (HUGE_PFN + 10));
	/* another maps one of its frames, too: known of each since 6.11 */
	fake_put32(&f, AT(HUGE_PFN + 4) + 48, 0);
	machine_drop_cache(&f.memory.machine);
	ck_assert(!pagemaps_read(&f.kernel, &map, 1, &err));
	ck_assert_uint_eq(words[1], PM_PRESENT | PM_EXCLUSIVE | (HUGE_PFN + 4));
	fake_sizeof("procmap_query", 104);
	ck_assert(!pagemaps_read(&f.kernel, &map, 1, &err));
	ck_assert_uint_eq(words[0], PM_PRESENT | PM_EXCLUSIVE | (HUGE_PFN + 3));
	ck_assert_uint_eq(words[1], PM_PRESENT | (HUGE_PFN + 4));
	ck_assert_uint_eq(words[7],
			  PM_PRESENT | PM_EXCLUSIVE | (HUGE_PFN + 10));
	/* of hugetlbfs, not there: only that it is write-protected */
	vmas[0].flags |= VM_HUGETLB;
	huge_entry(swap_entry(9) | 1 << 2 | 1 << 1);
	machine_drop_cache(&f.memory.machine);
	ck_assert(!pagemaps_read(&f.kernel, &map, 1, &err));
	ck_assert_uint_eq(words[0], PM_UFFD_WP);
}
END_TEST

/* A page on the move is private up to 6.10, and shared later. */
START_TEST(on_the_move)
{
	const struct vma_use *u;

	put(5, SWAPBACKED, ANON | 1, 0, 2);
	entry(0, 0, swap_entry(5) | 30ULL << 59);
	u = count(1);
	ck_assert_uint_eq(u->rss, PAGE);
	ck_assert_uint_eq(u->private_clean, PAGE);
	fake_sizeof("procmap_query", 104);
	u = count(1);
	ck_assert_uint_eq(u->shared_clean, PAGE);
	ck_assert_uint_eq(u->private_clean, 0);
	ck_assert_uint_eq(u->pss, WHOLE);
	/* of a huge page a bit of the offset is taken for a dirty one */
	entry(0, 0, 0);
	put_huge(SWAPBACKED, ANON | 1, 0, 1);
	huge_entry(swap_entry(HUGE_PFN) | 30ULL << 59);
	ck_assert_uint_eq(count(1)->shared_clean, 2u << 20);
	fake_field("inode.__i_ctime", 0, 8);
	ck_assert_uint_eq(count(1)->shared_dirty, 2u << 20); /* 6.6 */
}
END_TEST

/* As many batches for three as for one, and who is torn costs no other. */
START_TEST(words_of_many_pagemaps)
{
	const struct vma_list torn = {.torn = true, .why = "it is torn"};
	uint64_t words[3][8], one;
	struct pagemap maps[3];
	struct err err = {0};
	size_t i;

	put(5, SWAPBACKED, ANON | 1, 1, 2);
	entry(0, 0, 5 * PAGE | PTE_P);
	for (i = 0; i < 3; i++)
		maps[i] = (struct pagemap){.mm = &mms[0],
					   .vmas = &lists[0],
					   .va = VA,
					   .n = 8,
					   .words = words[i]};
	machine_drop_cache(&f.memory.machine);
	one = f.memory.machine.stats.batches;
	ck_assert(!pagemaps_read(&f.kernel, maps, 1, &err));
	one = f.memory.machine.stats.batches - one;
	machine_drop_cache(&f.memory.machine);
	f.memory.machine.stats.batches = 0;
	ck_assert(!pagemaps_read(&f.kernel, maps, 3, &err));
	ck_assert_uint_eq(f.memory.machine.stats.batches, one);
	ck_assert_uint_ne(words[2][0], 0);
	ck_assert_mem_eq(words[0], words[2], sizeof(words[0]));
	maps[1].vmas = &torn;
	ck_assert(!pagemaps_read(&f.kernel, maps, 3, &err));
	ck_assert_int_eq(maps[1].why.code, ERR_UNREADABLE);
	ck_assert_int_eq(maps[2].why.code, 0);
	ck_assert_mem_eq(words[0], words[2], sizeof(words[0]));
}
END_TEST

START_TEST(pages_on_their_nodes)
{
	const struct vma_numa *m;
	struct err err = {0};

	fake_field("task_struct.mems_allowed", 0, 128); /* ten bits */
	fake_constant("pageflags.PG_active", 8);
	fake_constant("pageflags.PG_reserved", 13);
	put(5, 3ULL << 54 | SWAPBACKED | 1 << 8, ANON | 1, 1, 2);
	put(6, 1ULL << 54 | DIRTY, MAPPING, 4, 5);
	put(7, 1 << 13, 0, 1, 1);
	entry(0, 0, 5 * PAGE | PTE_P | PTE_D);
	entry(0, 1, 6 * PAGE | PTE_P);
	entry(0, 2, 7 * PAGE | PTE_P);
	ck_assert_msg(!vma_numas_read(&f.kernel, mms, lists, 1, &uses, &err),
		      "%s", err.text);
	m = uses.numa;
	ck_assert_uint_eq(m->pages, 2);
	ck_assert_uint_eq(m->anon, 1);
	ck_assert_uint_eq(m->active, 1);
	ck_assert_uint_eq(m->dirty, 2);
	ck_assert_uint_eq(m->most_maps, 4);
	ck_assert_uint_eq(m->node[3], 1);
	ck_assert_uint_eq(m->node[1], 1);
	ck_assert_uint_eq(uses.v->unknown, 0);
}
END_TEST

START_TEST(many_take_as_many_batches_as_one)
{
	size_t one;

	put(5, 0, MAPPING, 2, 3);
	put(6, 0, MAPPING, 1, 2);
	entry(0, 0, 5 * PAGE | PTE_P);
	entry(1, 0, 5 * PAGE | PTE_P);
	entry(1, 1, 6 * PAGE | PTE_P);
	f.memory.calls = 0;
	count(1);
	one = f.memory.calls;
	ck_assert_uint_le(one, 8);
	f.memory.calls = 0;
	count(2);
	ck_assert_uint_eq(f.memory.calls, one);
	ck_assert_uint_eq(uses.v[uses.first[0]].pss, WHOLE / 2);
	ck_assert_uint_eq(uses.v[uses.first[1]].rss, 2 * PAGE);
	ck_assert_uint_eq(uses.v[uses.first[1]].private_clean, PAGE);
}
END_TEST

START_TEST(a_table_that_is_not_there_is_said)
{
	struct err err = {0};

	array_put64(&f.memory, TABLES + 2 * PAGE, 0x7ffff000 | 0x67);
	vma_uses_deinit(&uses);
	ck_assert(!vma_uses_read(&f.kernel, mms, lists, 1, &uses, &err));
	ck_assert_uint_eq(uses.unreadable, 1);
	ck_assert_uint_eq(uses.table, 0x7ffff000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_vma_use");
	TCase *t = tcase_create("kernel_vma_use");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_anonymous_page);
	tcase_add_test(t, a_page_that_others_map);
	tcase_add_test(t, what_is_not_counted);
	tcase_add_test(t, a_page_without_access_is_there);
	tcase_add_test(t, a_huge_page);
	tcase_add_test(t, huge_pages_that_some_kernels_overlook);
	tcase_add_test(t, swapped_out);
	tcase_add_test(t, shared_memory_in_swap);
	tcase_add_test(t, words_of_a_pagemap);
	tcase_add_test(t, on_the_move);
	tcase_add_test(t, words_of_many_pagemaps);
	tcase_add_test(t, pages_on_their_nodes);
	tcase_add_test(t, many_take_as_many_batches_as_one);
	tcase_add_test(t, a_table_that_is_not_there_is_said);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
