/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of where pages belong and to whom, on structures written by hand. */
#include <check.h>
#include <stdlib.h>

#include "kernel/page/page.h"
#include "kernel/page/page_block.h"
#include "kernel/page/page_group.h"
#include "kernel/page/page_kpf.h"
#include "kernel/page/page_slab.h"
#include "kernel/page/page_zone.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"

#define SIZE	 64u
#define VMEMMAP	 (DIRECT + 0x40000)
#define AT(pfn)	 (VMEMMAP + (pfn)*SIZE)
#define SUBSYS	 0xffffffff82000000ULL
#define MEMCG(i) (DIRECT + 0x60000 + 0x100 * (i))
#define CGROUP	 (DIRECT + 0x61000) /* each next one 0x100 behind */
#define KN	 (DIRECT + 0x62000)
#define OBJCG	 (DIRECT + 0x63000)
#define NAMES	 (DIRECT + 0x64000)
#define CACHE	 (DIRECT + 0x65000)
#define SECTIONS (DIRECT + 0x66000) /* the variable */
#define ROOTS	 (DIRECT + 0x67000)
#define SECTION	 (DIRECT + 0x68000)
#define USAGE	 (DIRECT + 0x69000)
#define NONE	 0xffffffffu
#define CSS	 16 /* in a mem_cgroup */

static struct fake_kernel f;
static struct page_info infos[4];

static void page_fields(void)
{
	static const struct fake_member list[] = {
		{"slab.slab_cache", 8, 8},
		{"mem_cgroup.css", CSS, 64},
		{"mem_cgroup.css.cgroup", CSS, 8},
		{"mem_cgroup.css.ss", CSS + 8, 8},
		{"mem_cgroup.css.flags", CSS + 16, 4},
		{"mem_cgroup.css.parent", CSS + 24, 8},
		{"obj_cgroup.memcg", 8, 8},
		{"cgroup.kn", 8, 8},
		{"kernfs_node.id", 0, 8},
		{"kernfs_node.name", 8, 8},
		{"kernfs_node.__parent", 16, 8},
		{"kmem_cache.name", 24, 8},
	};

	fake_page_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	page_fields();
	fake_symbol("memory_cgrp_subsys", SUBSYS);
	fake_symbol("nr_cpu_ids", DIRECT + 0x50000);
	fake_symbol("__per_cpu_offset", DIRECT + 0x50008);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* A page that somebody has: its type, and the word of its memcg. */
static void put(uint64_t pfn, uint32_t word, uint32_t refs, uint64_t memcg)
{
	fake_put32(&f, AT(pfn) + 48, word);
	fake_put32(&f, AT(pfn) + 52, refs);
	fake_put64(&f, AT(pfn) + 56, memcg);
}

static void look(const uint64_t *pfns, size_t n)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!page_read(&f.kernel, pfns, n, infos, &err), "%s",
		      err.text);
}

#define FLAGS(node, zone) ((uint64_t)(node) << 54 | (uint64_t)(zone) << 51)

START_TEST(zones)
{
	const struct kernel *k = &f.kernel;

	ck_assert_int_eq(page_node(k, FLAGS(3, 1)), -1);
	fake_field("task_struct.mems_allowed", 0, 128); /* 1024 nodes */
	ck_assert_ptr_null(page_zone_name(k, FLAGS(3, 1)));
	fake_constant("zone_type.__MAX_NR_ZONES", 5);
	fake_constant("zone_type.ZONE_DMA", 0);
	fake_constant("zone_type.ZONE_DMA32", 1);
	fake_constant("zone_type.ZONE_NORMAL", 2);
	ck_assert_int_eq(page_node(k, FLAGS(3, 1) | 0x1ffff), 3);
	ck_assert_int_eq(page_node(k, FLAGS(1023, 1)), 1023);
	ck_assert_str_eq(page_zone_name(k, FLAGS(3, 1) | 0x1ffff), "DMA32");
	ck_assert_str_eq(page_zone_name(k, FLAGS(0, 0)), "DMA");
	ck_assert_str_eq(page_zone_name(k, FLAGS(1023, 2)), "Normal");
	ck_assert_ptr_null(page_zone_name(k, FLAGS(0, 5)));
	fake_constant("zone_type.__MAX_NR_ZONES", 4); /* two bits, not three */
	ck_assert_str_eq(page_zone_name(k, FLAGS(0, 4)), "Normal");
	fake_field("task_struct.mems_allowed", 0, 8); /* 64, or fewer */
	ck_assert_int_eq(page_node(k, FLAGS(3, 1)), -1);
	ck_assert_ptr_null(page_zone_name(k, FLAGS(3, 1)));
}
END_TEST

/* Of 64 nodes or fewer an array with an element for each tells how many. */
START_TEST(few_nodes)
{
	const struct kernel *k = &f.kernel;

	fake_field("task_struct.mems_allowed", 0, 8);
	fake_constant("zone_type.__MAX_NR_ZONES", 5);
	fake_constant("zone_type.ZONE_DMA32", 1);
	fake_field("hstate.nr_huge_pages_node", 0, 64 * 4);
	ck_assert_int_eq(page_node(k, 63ULL << 58), 63);
	ck_assert_str_eq(page_zone_name(k, 63ULL << 58 | 1ULL << 55), "DMA32");
	fake_field("kmem_cache.node", 0, 16 * 8);
	ck_assert_int_eq(page_node(k, 5ULL << 60 | 1ULL << 59), 5);
	ck_assert_str_eq(page_zone_name(k, 5ULL << 60 | 1ULL << 57), "DMA32");
	fake_field("kmem_cache.node", 0, 8); /* one node, and no bit for it */
	ck_assert_int_eq(page_node(k, 1ULL << 63), 0);
	ck_assert_str_eq(page_zone_name(k, 1ULL << 61), "DMA32");
	fake_field("kmem_cache.node", 0, 3 * 8);
	ck_assert_int_eq(page_node(k, 1ULL << 63), -1);
}
END_TEST

/* Group i of cgroup and directory i below `parent` (0: the root). */
static void put_group(unsigned int i, unsigned int parent, bool online,
		      const char *name)
{
	uint64_t css = MEMCG(i) + CSS, kn = KN + 0x100 * i;

	fake_put64(&f, css, CGROUP + 0x100 * i);
	fake_put64(&f, css + 8, SUBSYS);
	fake_put32(&f, css + 16, online ? 2 : 1);
	fake_put64(&f, css + 24, i ? MEMCG(parent) + CSS : 0);
	fake_put64(&f, CGROUP + 0x100 * i + 8, kn);
	fake_put64(&f, kn, 100 + i);
	fake_put64(&f, kn + 8, NAMES + 0x100 * i);
	fake_put64(&f, kn + 16, i ? KN + 0x100 * parent : 0);
	fake_puts(&f, NAMES + 0x100 * i, name);
}

static void put_groups(void)
{
	put_group(0, 0, true, "");
	put_group(1, 0, true, "a");
	put_group(2, 1, true, "b");
	put_group(3, 2, false, "gone");
	fake_put64(&f, OBJCG + 8, MEMCG(1));
}

static void is(const struct page_groups *g, size_t i, uint64_t inode,
	       const char *path)
{
	const struct page_group *group = page_group_of(g, &infos[i]);

	ck_assert_ptr_nonnull(group);
	ck_assert_uint_eq(group->inode, inode);
	if (path)
		ck_assert_str_eq(group->path, path);
	else
		ck_assert_ptr_null(group->path);
}

START_TEST(groups)
{
	static const uint64_t pfns[] = {3, 4, 5, 6};
	struct page_groups g = {0};
	struct err err = {0};

	put_groups();
	put(3, NONE, 1, MEMCG(2));
	put(4, NONE, 1, OBJCG | 2);
	put(5, NONE, 1, MEMCG(0));
	put(6, NONE, 1, MEMCG(3)); /* its parent has what is left of it */
	look(pfns, 4);
	ck_assert_int_eq(page_groups_read(&f.kernel, infos, 4, &g, &err), 0);
	is(&g, 0, 102, "/a/b");
	is(&g, 1, 101, "/a");
	is(&g, 2, 100, "/");
	is(&g, 3, 102, "/a/b");
	page_groups_deinit(&g);
}
END_TEST

/* No group, and words that lead nowhere, or in a circle. */
START_TEST(groups_that_are_none)
{
	static const uint64_t pfns[] = {3, 4, 5, 6};
	struct page_groups g = {0};
	struct err err = {0};

	put_groups();
	put(3, NONE, 1, 0);
	put(4, NONE, 1, MEMCG(1) | 1); /* the objects' of a slab */
	put(5, NONE, 1, NAMES);	       /* something else */
	put(6, NONE, 1, MEMCG(2));
	fake_put64(&f, KN + 0x200 + 16, KN + 0x200);
	look(pfns, 4);
	ck_assert_int_eq(page_groups_read(&f.kernel, infos, 4, &g, &err), 0);
	ck_assert_ptr_null(page_group_of(&g, &infos[0]));
	ck_assert_ptr_null(page_group_of(&g, &infos[1]));
	ck_assert_ptr_null(page_group_of(&g, &infos[2]));
	is(&g, 3, 102, NULL);
	page_groups_deinit(&g);
	/* parents that end in themselves */
	fake_put32(&f, MEMCG(1) + CSS + 16, 0);
	fake_put64(&f, MEMCG(1) + CSS + 24, MEMCG(1) + CSS);
	put(3, NONE, 1, MEMCG(1));
	look(pfns, 1);
	ck_assert_int_eq(page_groups_read(&f.kernel, infos, 1, &g, &err), 0);
	ck_assert_ptr_null(page_group_of(&g, &infos[0]));
	page_groups_deinit(&g);
}
END_TEST

static uint64_t words[8];

/* Read n words of such a file from a frame on; how many there were. */
static size_t words_of(const struct proc_file *file, uint64_t first, size_t n)
{
	struct proc_bytes b = {.offset = first * 8, .dst = words, .len = n * 8};
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!file->bytes(&f.kernel, &b, 1, &err) && !b.why.code, "%s",
		      b.why.text);
	return b.got / 8;
}

#define MAX_PFN (DIRECT + 0x50100)
#define BATCHES f.memory.machine.stats.batches

START_TEST(numbers_of_groups)
{
	uint64_t batches, batches_of_one;

	fake_symbol("max_pfn", MAX_PFN);
	fake_put64(&f, MAX_PFN, 0x8003); /* the section to its end */
	put_groups();
	put(3, NONE, 1, MEMCG(2));
	put(4, NONE, 1, OBJCG | 2);
	put(5, NONE, 1, MEMCG(3));
	put(6, NONE, 1, NAMES); /* no group */
	put(8, NONE, 1, MEMCG(1));
	fake_put64(&f, AT(9) + 8, AT(8) + 1); /* its tail */
	words_of(&proc_kpagecgroup, 5, 1);    /* what the first one costs */
	batches = BATCHES;
	ck_assert_uint_eq(words_of(&proc_kpagecgroup, 5, 1), 1);
	ck_assert_uint_eq(words[0], 102);
	batches_of_one = BATCHES - batches;
	batches = BATCHES;
	ck_assert_uint_eq(words_of(&proc_kpagecgroup, 3, 7), 7);
	ck_assert_uint_le(BATCHES - batches, batches_of_one);
	ck_assert_uint_eq(words[0], 102);
	ck_assert_uint_eq(words[1], 101);
	ck_assert_uint_eq(words[2], 102);
	ck_assert_uint_eq(words[3], 0);
	ck_assert_uint_eq(words[4], 0);
	ck_assert_uint_eq(words[5], 101);
	ck_assert_uint_eq(words[6], 0); /* up to 6.4 */
	fake_sizeof("cachestat", 40);
	ck_assert_uint_eq(words_of(&proc_kpagecgroup, 9, 1), 1);
	ck_assert_uint_eq(words[0], 101);
}
END_TEST

START_TEST(words_of_frames)
{
	struct proc_bytes wrong[] = {{.offset = 4, .dst = words, .len = 8},
				     {.offset = 8, .dst = words, .len = 4},
				     {.dst = words, .len = 8}};
	struct err err = {0};

	ck_assert(!proc_kpageflags.bytes(&f.kernel, wrong, 3, &err));
	ck_assert_int_eq(wrong[0].why.code, ERR_USAGE);
	ck_assert_int_eq(wrong[1].why.code, ERR_USAGE);
	ck_assert_int_eq(wrong[2].why.code, ERR_UNREADABLE);
	fake_symbol("max_pfn", MAX_PFN);
	fake_put64(&f, MAX_PFN, 0x7ff0);
	put(3, 0xf2ffffff, 1, 0); /* a page table */
	put(4, 0, 2, 0);	  /* mapped once */
	ck_assert_uint_eq(words_of(&proc_kpageflags, 3, 2), 2);
	ck_assert_uint_eq(words[0], 1ULL << KPF_PGTABLE);
	ck_assert_uint_eq(words[1], 1ULL << KPF_MMAP);
	ck_assert_uint_eq(words_of(&proc_kpagecount, 3, 2), 2);
	ck_assert_uint_eq(words[0], 0);
	ck_assert_uint_eq(words[1], 1);
	ck_assert_uint_eq(words_of(&proc_kpageflags, 0x7fff, 2), 1);
	ck_assert_uint_eq(words[0], 1ULL << KPF_NOPAGE);
	ck_assert_uint_eq(words_of(&proc_kpageflags, 0x8000, 1), 0);
	ck_assert_uint_eq(words_of(&proc_kpageflags, UINT64_MAX / 8, 1), 0);
}
END_TEST

START_TEST(slabs)
{
	static const uint64_t pfns[] = {3, 4, 5};
	struct page_slabs s = {0};
	struct err err = {0};

	put(3, 0xf5000000, 1, 0);
	fake_put64(&f, AT(3) + 8, CACHE);
	fake_put64(&f, CACHE + 24, NAMES);
	fake_puts(&f, NAMES, "kmalloc-64");
	put(4, 0xf5000000, 1, 0);
	fake_put64(&f, AT(4) + 8, 0x1234); /* no pointer */
	put(5, NONE, 1, 0);
	fake_put64(&f, AT(5) + 8, CACHE); /* no slab */
	look(pfns, 3);
	ck_assert_int_eq(infos[0].kind, PAGE_SLAB);
	ck_assert_uint_eq(infos[0].cache, CACHE);
	ck_assert_int_eq(page_slabs_read(&f.kernel, infos, 3, &s, &err), 0);
	ck_assert_str_eq(page_slab_of(&s, &infos[0]), "kmalloc-64");
	ck_assert_ptr_null(page_slab_of(&s, &infos[1]));
	ck_assert_ptr_null(page_slab_of(&s, &infos[2]));
	page_slabs_deinit(&s);
}
END_TEST

/* Section 0 with its flags, and eight free frames from 16 on. */
static void put_section(uint64_t flags)
{
	uint64_t pfn;

	fake_symbol("mem_section", SECTIONS);
	fake_put64(&f, SECTIONS, ROOTS);
	fake_put64(&f, ROOTS, SECTION);
	fake_put64(&f, SECTION + 8, USAGE);
	fake_put64(&f, USAGE + 24, flags);
	fake_field("mem_section.usage", 8, 8);
	fake_field("mem_section_usage.pageblock_flags", 24, 0);
	fake_sizeof("mem_section", 16);
	fake_constant("migratetype.MIGRATE_UNMOVABLE", 0);
	fake_constant("migratetype.MIGRATE_MOVABLE", 1);
	fake_constant("migratetype.MIGRATE_RECLAIMABLE", 2);
	fake_constant("migratetype.MIGRATE_ISOLATE", 5);
	for (pfn = 16; pfn < 25; pfn++)
		put(pfn, NONE, 0, 0);
	put(16, 0xf0000000, 0, 0);
	fake_put64(&f, AT(16) + 40, 3);
}

static const char *migrate_of_block(void)
{
	static const uint64_t pfns[] = {16, 19, 24};

	look(pfns, 3);
	ck_assert(infos[1].in_buddy && infos[1].kind == PAGE_FREE);
	ck_assert_int_eq(infos[1].order, 3);
	ck_assert_int_eq(infos[0].migrate, infos[1].migrate);
	ck_assert(!infos[2].in_buddy);
	ck_assert_int_eq(infos[2].migrate, -1);
	return page_migrate_name(&f.kernel, infos[1].migrate);
}

START_TEST(lists_of_free_blocks)
{
	put_section(0x1);
	ck_assert_ptr_null(migrate_of_block()); /* how many bits? */
	fake_constant("pageblock_bits.NR_PAGEBLOCK_BITS", 4);
	ck_assert_str_eq(migrate_of_block(), "Movable");
	fake_put64(&f, USAGE + 24, 0x1a); /* and marked to be skipped */
	ck_assert_str_eq(migrate_of_block(), "Reclaimable");
	fake_put64(&f, USAGE + 24, 0x7); /* none that has a name */
	ck_assert_ptr_null(migrate_of_block());
	fake_put64(&f, SECTION + 8, 0); /* no section */
	ck_assert_ptr_null(migrate_of_block());
	fake_put64(&f, SECTION + 8, USAGE);
	/* 6.17: isolation is a bit of its own */
	fake_constant("pageblock_bits.__NR_PAGEBLOCK_BITS", 5);
	fake_constant("pageblock_bits.PB_migrate_isolate", 4);
	fake_put64(&f, USAGE + 24, 0x11);
	ck_assert_str_eq(migrate_of_block(), "Isolate");
	fake_put64(&f, USAGE + 24, 0x2);
	ck_assert_str_eq(migrate_of_block(), "Reclaimable");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/page_owner");
	TCase *t = tcase_create("owners");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, zones);
	tcase_add_test(t, few_nodes);
	tcase_add_test(t, groups);
	tcase_add_test(t, groups_that_are_none);
	tcase_add_test(t, numbers_of_groups);
	tcase_add_test(t, words_of_frames);
	tcase_add_test(t, slabs);
	tcase_add_test(t, lists_of_free_blocks);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
