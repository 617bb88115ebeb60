/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what pages are, on struct pages written by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/page/page.h"
#include "unit/fake_kernel.h"

#define SIZE	64u
#define VMEMMAP (DIRECT + 0x40000)
#define AT(pfn) (VMEMMAP + (pfn)*SIZE)
#define MAPPING (DIRECT + 0x60000)
#define INODE	(DIRECT + 0x61000)
#define CPU	(DIRECT + 0x62000) /* the one CPU's variables */
#define OFFSETS (DIRECT + 0x63000) /* __per_cpu_offset, nr_cpu_ids */
#define NONE	0xffffffffu	   /* -1: no mapping, no type */

/* Bits of page.flags here. */
enum {
	DIRTY = 4,
	LRU = 5,
	PG_HEAD = 6,
	SWAPCACHE = 10,
	RESERVED = 13,
	SWAPBACKED = 17,
	HWPOISON = 20,
	OLD_SLAB = 9,
	DOUBLE_MAP = 22
};

static struct fake_kernel f;
static struct page_info info;

static void fields(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} list[] = {
		{"page.flags.f", 0, 8},	    {"page.compound_info", 8, 8},
		{"page.mapping", 24, 8},    {"page.index", 32, 8},
		{"page.private", 40, 8},    {"page._mapcount", 48, 4},
		{"page.page_type", 48, 4},  {"page._refcount", 52, 4},
		{"page.memcg_data", 56, 8}, {"address_space.host", 0, 8},
		{"inode.i_mapping", 48, 8}, {"cpu_fbatches.lru_add", 0, 32},
		{"folio_batch.nr", 0, 1},   {"folio_batch.folios", 8, 24},
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fake_field(list[i].name, list[i].offset, list[i].size);
	fake_sizeof("page", SIZE);
}

static void constants(void)
{
	fake_constant("pageflags.PG_dirty", DIRTY);
	fake_constant("pageflags.PG_lru", LRU);
	fake_constant("pageflags.PG_head", PG_HEAD);
	fake_constant("pageflags.PG_swapcache", SWAPCACHE);
	fake_constant("pageflags.PG_reserved", RESERVED);
	fake_constant("pageflags.PG_swapbacked", SWAPBACKED);
	fake_constant("pageflags.PG_hwpoison", HWPOISON);
}

/* Types as 6.12 has them. */
static void types(void)
{
	fake_constant("pagetype.PGTY_buddy", 0xf0);
	fake_constant("pagetype.PGTY_offline", 0xf1);
	fake_constant("pagetype.PGTY_table", 0xf2);
	fake_constant("pagetype.PGTY_hugetlb", 0xf4);
	fake_constant("pagetype.PGTY_slab", 0xf5);
}

static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	f.kernel.text = 0xffffffff81000000;
	f.kernel.phys_text = 0x80000;
	fields();
	constants();
	fake_symbol("empty_zero_page", 0xffffffff81005000);
	fake_symbol("_text", 0xffffffff81000000);
	fake_symbol("_etext", 0xffffffff81002000);
	fake_symbol("__start_rodata", 0xffffffff81002000);
	fake_symbol("__end_rodata", 0xffffffff81003000);
	fake_symbol("_end", 0xffffffff81006000);
	fake_symbol("__per_cpu_offset", OFFSETS);
	fake_symbol("nr_cpu_ids", OFFSETS + 8);
	fake_symbol("lru_pvecs", 0);
	fake_put64(&f, OFFSETS, CPU);
	fake_put32(&f, OFFSETS + 8, 1);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* A struct page: flags, word 1, mapping, word 48, references. */
static void put(uint64_t pfn, uint64_t flags, uint64_t head, uint64_t mapping,
		uint32_t word, uint32_t refs)
{
	fake_put64(&f, AT(pfn), flags);
	fake_put64(&f, AT(pfn) + 8, head);
	fake_put64(&f, AT(pfn) + 24, mapping);
	fake_put64(&f, AT(pfn) + 32, 7);
	fake_put32(&f, AT(pfn) + 48, word);
	fake_put32(&f, AT(pfn) + 52, refs);
}

static enum page_kind look(uint64_t pfn)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!page_read(&f.kernel, &pfn, 1, &info, &err), "%s",
		      err.text);
	ck_assert_uint_eq(info.pfn, pfn);
	return info.kind;
}

static void is(uint64_t pfn, enum page_kind want)
{
	enum page_kind kind = look(pfn);

	ck_assert_msg(kind == want, "pfn %u is %s, not %s", (unsigned int)pfn,
		      page_kind_name(kind), page_kind_name(want));
}

#define ANON_VMA (DIRECT + 0x70000)

START_TEST(anonymous)
{
	put(3, 1 << SWAPBACKED | 1 << LRU, 0, ANON_VMA | 1, 0, 1);
	is(3, PAGE_ANON);
	ck_assert_uint_eq(info.mapcount, 1);
	ck_assert_uint_eq(info.mapping, ANON_VMA);
	ck_assert_uint_eq(info.index, 7);
	ck_assert_int_eq(info.extra_refs, 0);
	ck_assert(!info.dirty && !info.lazy_free && !info.swap_cache);
	put(3, 1 << SWAPBACKED, 0, ANON_VMA | 1, 1, 2);
	is(3, PAGE_ANON_SHARED);
	ck_assert_uint_eq(info.mapcount, 2);
	put(3, 1 << SWAPBACKED, 0, ANON_VMA | 3, 0, 1);
	is(3, PAGE_KSM);
	put(3, 1 << DIRTY, 0, ANON_VMA | 1, 0, 1);
	is(3, PAGE_ANON);
	ck_assert(info.dirty && info.lazy_free);
	put(3, 1 << SWAPBACKED | 1 << SWAPCACHE, 0, ANON_VMA | 1, 0, 3);
	is(3, PAGE_ANON);
	ck_assert(info.swap_cache);
	ck_assert_int_eq(info.extra_refs, 1);
	put(3, 1 << SWAPBACKED, 0, 0x1235, 0, 1); /* no pointer */
	is(3, PAGE_KERNEL);
}
END_TEST

/* A batch that is full up to its number; what lies behind it is old. */
START_TEST(references_of_batches)
{
	put(3, 1 << SWAPBACKED, 0, ANON_VMA | 1, 0, 3);
	is(3, PAGE_ANON);
	ck_assert_int_eq(info.extra_refs, 2);
	fake_put64(&f, CPU, 2);
	fake_put64(&f, CPU + 8, AT(9));
	fake_put64(&f, CPU + 16, AT(3));
	fake_put64(&f, CPU + 24, AT(3));
	is(3, PAGE_ANON);
	ck_assert_int_eq(info.extra_refs, 1);
	fake_put64(&f, CPU, 255); /* more than there is room for */
	is(3, PAGE_ANON);
	ck_assert_int_eq(info.extra_refs, 0);
}
END_TEST

/* Page cache is what an inode owns; anything else is the kernel's. */
START_TEST(files)
{
	put(4, 0, 0, MAPPING, 1, 3);
	is(4, PAGE_KERNEL);
	fake_put64(&f, MAPPING, INODE);
	is(4, PAGE_KERNEL);
	fake_put64(&f, INODE + 48, MAPPING);
	is(4, PAGE_FILE);
	ck_assert_uint_eq(info.mapcount, 2);
	ck_assert_uint_eq(info.mapping, MAPPING);
	put(4, 1 << SWAPBACKED, 0, MAPPING, NONE, 1);
	is(4, PAGE_SHMEM);
	put(4, 1 << SWAPBACKED | 1 << SWAPCACHE, 0, 0, NONE, 1);
	is(4, PAGE_SWAP_CACHE);
}
END_TEST

/* A driver's pages keep the mapping of the file that they are mapped by. */
START_TEST(no_cache_no_file)
{
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, INODE + 48, MAPPING);
	fake_field("address_space.nrpages", 8, 8);
	put(4, 0, 0, MAPPING, 1, 3);
	is(4, PAGE_KERNEL);
	ck_assert_uint_eq(info.mapping, 0);
	ck_assert(info.maps_counted);
	ck_assert_uint_eq(info.mapcount, 2);
	fake_put64(&f, MAPPING + 8, 1);
	is(4, PAGE_FILE);
}
END_TEST

/* What the kernel does not count is not 0. */
START_TEST(counts)
{
	types();
	put(0x84, 1 << RESERVED, 0, 0, 59, 61); /* the vdso */
	is(0x84, PAGE_DATA);
	ck_assert(info.maps_counted && info.refs_counted);
	ck_assert_uint_eq(info.mapcount, 60);
	ck_assert_int_eq(info.refcount, 61);
	put(0x84, 1 << RESERVED, 0, 0, NONE, 1); /* maybe mapped as vvar is */
	is(0x84, PAGE_DATA);
	ck_assert(!info.maps_counted);
	put(4, 0, 0, 0, NONE, 1);
	is(4, PAGE_KERNEL);
	ck_assert(!info.maps_counted);
	put(4, 0, 0, 0, 0xf5000000, 0); /* >= 6.14: a slab without references */
	is(4, PAGE_SLAB);
	ck_assert(!info.maps_counted && !info.refs_counted);
	put(4, 0, 0, 0, 0xf0000000, 0);
	is(4, PAGE_FREE);
	ck_assert(!info.maps_counted && info.refs_counted);
	put(4, 1 << SWAPBACKED, 0, ANON_VMA | 1, NONE, 1);
	is(4, PAGE_ANON);
	ck_assert(info.maps_counted);
	ck_assert_uint_eq(info.mapcount, 0);
}
END_TEST

#define PGMAP (DIRECT + 0x71000)

/* Frames 4 to 7, and 9, of a map of memory of this type. */
static void device(uint32_t type)
{
	fake_field("page.pgmap", 8, 8);
	fake_field("dev_pagemap.type", 0, 4);
	fake_field("dev_pagemap.nr_range", 4, 4);
	fake_field("dev_pagemap.range", 8, 16);
	fake_constant("memory_type.MEMORY_DEVICE_FS_DAX", 3);
	fake_constant("memory_type.MEMORY_DEVICE_GENERIC", 4);
	fake_put32(&f, PGMAP, type);
	fake_put32(&f, PGMAP + 4, 2);
	fake_put64(&f, PGMAP + 8, 0x4000);
	fake_put64(&f, PGMAP + 16, 0x7fff);
	fake_put64(&f, PGMAP + 24, 0x9000);
	fake_put64(&f, PGMAP + 32, 0x9fff);
}

START_TEST(devices)
{
	device(3);
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, INODE + 48, MAPPING);
	put(4, 1 << RESERVED, PGMAP, MAPPING, NONE, 1);
	is(4, PAGE_DAX);
	ck_assert_uint_eq(info.mapping, MAPPING);
	ck_assert_uint_eq(info.index, 7);
	ck_assert(!info.maps_counted);
	put(4, 0, PGMAP, MAPPING, 1, 3); /* >= 6.15 counts them */
	is(4, PAGE_DAX);
	ck_assert_uint_eq(info.mapcount, 2);
	put(7, 1 << RESERVED, PGMAP, 1, NONE, 1); /* of several files */
	is(7, PAGE_DAX);
	ck_assert_uint_eq(info.mapping, 0);
	put(9, 1 << RESERVED, PGMAP, 0, NONE, 1);
	is(9, PAGE_DAX);
	put(8, 1 << RESERVED, PGMAP, MAPPING, NONE, 1); /* not in the map */
	is(8, PAGE_RESERVED);
	put(4, 1 << RESERVED, PGMAP + (1 << 28), 0, NONE, 1);
	is(4, PAGE_RESERVED);
	put(4, 1 << RESERVED, AT(5), 0, NONE, 1); /* a list of pages */
	is(4, PAGE_RESERVED);
	put(4, 1 << RESERVED | 1 << HWPOISON, PGMAP, 0, NONE, 1);
	is(4, PAGE_POISONED);
}
END_TEST

START_TEST(devices_of_other_kinds)
{
	device(4);
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, INODE + 48, MAPPING);
	put(4, 0, PGMAP, MAPPING, NONE, 1); /* /dev/dax0.0 */
	is(4, PAGE_DAX);
	put(4, 0, PGMAP, 0, NONE, 1); /* or a hypervisor's */
	is(4, PAGE_DEVICE);
	device(1);
	is(4, PAGE_DEVICE);
	fake_put32(&f, PGMAP + 4, 0);
	is(4, PAGE_KERNEL);
}
END_TEST

START_TEST(by_place)
{
	put(0x80, 1 << RESERVED, 0, 0, NONE, 1);
	is(0x80, PAGE_TEXT);
	put(0x82, 1 << RESERVED, 0, 0, NONE, 1);
	is(0x82, PAGE_RODATA);
	put(0x84, 1 << RESERVED, 0, 0, NONE, 1);
	is(0x84, PAGE_DATA);
	put(0x84, 0, 0, 0, NONE, 1); /* given back after boot */
	is(0x84, PAGE_KERNEL);
	is(0x85, PAGE_ZERO);
	put(0x86, 1 << RESERVED, 0, 0, NONE, 1);
	is(0x86, PAGE_RESERVED);
	put(0x86, 1 << HWPOISON, 0, 0, NONE, 1);
	is(0x86, PAGE_POISONED);
	is(0x100, PAGE_NOT_RAM);
	f.kernel.vmemmap_base = DIRECT + (1 << 28); /* mapped, no RAM */
	is(3, PAGE_UNKNOWN);
}
END_TEST

START_TEST(huge_zero)
{
	put(0x20, 1 << PG_HEAD, 0, 0, NONE, 1);
	put(0x21, 0, AT(0x20) | 1, 0, NONE, 0);
	is(0x21, PAGE_KERNEL);
	fake_symbol("huge_zero_folio", DIRECT + 0x64000);
	fake_put64(&f, DIRECT + 0x64000, AT(0x20));
	is(0x21, PAGE_HUGE_ZERO);
	fake_put64(&f, DIRECT + 0x64000, 0); /* not made yet */
	is(0x21, PAGE_KERNEL);
}
END_TEST

/* Each way that types have been written; kinds are the same. */
static const struct {
	const char *what;
	uint32_t buddy, offline, table, slab;
} ways[] = {
	{"6.12", 0xf0000000, 0xf1000000, 0xf2000000, 0xf5000000},
	{"6.11", 0xbfffffff, 0xdfffffff, 0xefffffff, 0xfdffffff},
	{"5.11", 0xffffff7f, 0xfffffeff, 0xfffffdff, NONE},
	{"5.10", 0xffffff7f, 0xfffffeff, 0xfffffbff, NONE},
	{"4.17", 0xffffff80, NONE, NONE, NONE},
};

static void set_way(int i)
{
	if (i == 0)
		types();
	if (i == 1) {
		fake_constant("pagetype.PG_buddy", 0x40000000);
		fake_constant("pagetype.PG_offline", 0x20000000);
		fake_constant("pagetype.PG_table", 0x10000000);
		fake_constant("pagetype.PG_hugetlb", 0x04000000);
		fake_constant("pagetype.PG_slab", 0x02000000);
	}
	if (i >= 2) {
		fake_constant("pageflags.PG_slab", OLD_SLAB);
		fake_constant("compound_dtor_id.HUGETLB_PAGE_DTOR", 2);
	}
	if (i >= 3) {
		fake_no_field("page.memcg_data");
		fake_field("page.mem_cgroup", 56, 8);
	}
	if (i == 4)
		fake_no_field("page.page_type");
}

START_TEST(types_of_pages)
{
	set_way(_i);
	put(8, 0, 0, 0, ways[_i].buddy, 0);
	is(8, PAGE_FREE);
	if (ways[_i].offline != NONE) {
		put(9, 0, 0, 0, ways[_i].offline, 1);
		is(9, PAGE_OFFLINE);
	}
	if (ways[_i].table != NONE) {
		put(9, 0, 0, 0, ways[_i].table, 1);
		is(9, PAGE_TABLE);
	}
	put(9, ways[_i].slab == NONE ? 1 << OLD_SLAB : 0, 0, 0, ways[_i].slab,
	    1);
	is(9, PAGE_SLAB);
	put(9, 1 << SWAPBACKED, 0, ANON_VMA | 1, 0, 1);
	is(9, PAGE_ANON);
	put(9, 0, 0, 0, NONE, 1);
	is(9, PAGE_KERNEL);
	ck_assert_uint_eq(info.mapcount, 0);
}
END_TEST

/* Eight free pages at 16, the order in the first; 24 is not among them. */
START_TEST(free_blocks)
{
	uint64_t pfn;

	types();
	for (pfn = 16; pfn < 26; pfn++)
		put(pfn, 0, 0, 0, NONE, 0);
	is(19, PAGE_UNREFERENCED);
	put(16, 0, 0, 0, 0xf0000000, 0);
	fake_put64(&f, AT(16) + 40, 3);
	for (pfn = 16; pfn < 24; pfn++)
		is(pfn, PAGE_FREE);
	is(24, PAGE_UNREFERENCED);
	fake_put64(&f, AT(16) + 40, 1);
	is(17, PAGE_FREE);
	is(18, PAGE_UNREFERENCED);
	put(17, 0, 0, 0, NONE, 1); /* somebody has it */
	is(17, PAGE_KERNEL);
}
END_TEST

/* A huge page of eight frames from 32 on, in the ways tails have been tied. */
static void put_huge(int way, uint64_t mapping, uint32_t word, uint32_t refs)
{
	uint64_t pfn, tie = AT(32) | 1;

	if (way == 1)
		tie = ~(uint64_t)(8 * SIZE - 1) | 1; /* 7.1 */
	put(32, 1 << PG_HEAD | 1 << SWAPBACKED, 0, mapping, word, refs);
	for (pfn = 33; pfn < 40; pfn++)
		put(pfn, 0, tie, 0, NONE, 0);
}

START_TEST(compound_pages)
{
	types();
	fake_field("folio._nr_pages", 120, 4);
	fake_field("folio._entire_mapcount", 88, 4);
	fake_field("folio._large_mapcount", 80, 4);
	put_huge(_i, ANON_VMA | 1, NONE, 1);
	fake_put32(&f, AT(32) + 120, 8);
	fake_put32(&f, AT(32) + 88, 0); /* mapped once as a whole */
	fake_put32(&f, AT(32) + 80, 0);
	is(35, PAGE_ANON);
	ck_assert_uint_eq(info.head, 32);
	ck_assert_uint_eq(info.nr, 8);
	ck_assert_uint_eq(info.mapcount, 1);
	ck_assert_int_eq(info.extra_refs, 0);
	/* and that frame once more, by an entry of its own */
	fake_put32(&f, AT(35) + 48, 0);
	fake_put32(&f, AT(32) + 80, 1);
	fake_put32(&f, AT(32) + 52, 2);
	is(35, PAGE_ANON_SHARED);
	ck_assert_int_eq(info.extra_refs, 0);
	is(34, PAGE_ANON);
	is(32, PAGE_ANON);
	fake_put32(&f, AT(32) + 52, 4);
	is(34, PAGE_ANON);
	ck_assert_int_eq(info.extra_refs, 2);
}
END_TEST

/* Up to 6.1: no sum of mappings is kept, and frames may count one too many. */
START_TEST(old_compound_pages)
{
	uint64_t pfn;

	set_way(2);
	fake_constant("pageflags.PG_double_map", DOUBLE_MAP);
	fake_field("page.compound_nr", 28, 4);
	fake_field("page.compound_mapcount", 20, 4);
	fake_field("page.compound_dtor", 16, 1);
	put_huge(0, ANON_VMA | 1, NONE, 8);
	fake_put32(&f, AT(33) + 28, 8);
	fake_put32(&f, AT(33) + 20, NONE); /* not mapped as a whole */
	for (pfn = 32; pfn < 40; pfn++)
		fake_put32(&f, AT(pfn) + 48, 0);
	is(36, PAGE_ANON);
	ck_assert_uint_eq(info.mapcount, 1);
	ck_assert_int_eq(info.extra_refs, 0);
	/* both ways: each frame once more than it says */
	fake_put64(&f, AT(33), 1 << DOUBLE_MAP);
	fake_put32(&f, AT(33) + 20, 0);
	fake_put32(&f, AT(36) + 48, 1);
	fake_put32(&f, AT(32) + 52, 2);
	is(36, PAGE_ANON_SHARED);
	ck_assert_uint_eq(info.mapcount, 2);
	ck_assert_int_eq(info.extra_refs, 0);
	is(37, PAGE_ANON);
	/* of a file all is in the frames' own counts */
	fake_put64(&f, MAPPING, INODE);
	fake_put64(&f, INODE + 48, MAPPING);
	fake_put64(&f, AT(32) + 24, MAPPING);
	is(37, PAGE_SHMEM);
	ck_assert_uint_eq(info.mapcount, 1);
	fake_put32(&f, AT(33) + 16, 2); /* HUGETLB_PAGE_DTOR */
	fake_put32(&f, AT(33) + 20, 2);
	is(37, PAGE_SHMEM);
	ck_assert(info.hugetlb);
	ck_assert_uint_eq(info.mapcount, 3);
}
END_TEST

/* 5.18 to 7.0: one struct page that is another's copy, flags and all. */
START_TEST(copies_of_heads)
{
	types();
	fake_field("folio._nr_pages", 120, 4);
	fake_field("folio._entire_mapcount", 88, 4);
	put(32, 1 << PG_HEAD, 0, ANON_VMA | 1, 0xf4000000, 1);
	put(33, 0, AT(32) | 1, 0, NONE, 0);
	fake_put32(&f, AT(32) + 120, 128);
	fake_put32(&f, AT(32) + 88, 0);
	put(96, 1 << PG_HEAD, 0, ANON_VMA | 1, 0xf4000000, 1);
	put(97, 0, AT(32) | 1, 0, NONE, 0);
	is(96, PAGE_ANON);
	ck_assert_uint_eq(info.head, 32);
	ck_assert(info.hugetlb);
	ck_assert_uint_eq(info.mapcount, 1);
}
END_TEST

/* Ties that lead out of the map of pages, forward, or too far. */
START_TEST(tails_that_lead_nowhere)
{
	static const uint64_t ties[] = {
		1,	    VMEMMAP - SIZE + 1, AT(36) + 1,
		AT(32) + 9, 0xdead000000000101, UINT64_MAX,
	};

	put(35, 0, ties[_i], ANON_VMA | 1, 0, 1);
	is(35, PAGE_UNKNOWN);
}
END_TEST

START_TEST(many_at_once)
{
	uint64_t pfns[] = {3, 0x85, 3, 200};
	struct page_info out[4];

	put(3, 1 << SWAPBACKED, 0, ANON_VMA | 1, 0, 1);
	put(200, 0, 0, 0, NONE, 1);
	ck_assert_int_eq(page_read(&f.kernel, pfns, 4, out, NULL), 0);
	ck_assert_int_eq(out[0].kind, PAGE_ANON);
	ck_assert_int_eq(out[1].kind, PAGE_ZERO);
	ck_assert_int_eq(out[2].kind, PAGE_ANON);
	ck_assert_int_eq(out[3].kind, PAGE_KERNEL);
}
END_TEST

START_TEST(without_struct_page)
{
	uint64_t pfn = 3;
	struct err err = {0};

	fake_lose(READER_PAGE_WORDS);
	ck_assert_int_eq(page_read(&f.kernel, &pfn, 1, &info, &err),
			 ERR_NO_LINUX);
	ck_assert_str_eq(err.text, "pages cannot be read");
}
END_TEST

START_TEST(names_of_flags)
{
	char text[32];

	page_flag_names(&f.kernel, 1 << LRU | 1 << DIRTY | 1 << 30, text,
			sizeof(text));
	ck_assert_str_eq(text, "dirty,lru");
	page_flag_names(&f.kernel, 0, text, sizeof(text));
	ck_assert_str_eq(text, "");
	page_flag_names(&f.kernel, UINT64_MAX, text, 8);
	ck_assert_str_eq(text, "dirty,l");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_page");
	TCase *t = tcase_create("kernel_page");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, anonymous);
	tcase_add_test(t, references_of_batches);
	tcase_add_test(t, files);
	tcase_add_test(t, no_cache_no_file);
	tcase_add_test(t, counts);
	tcase_add_test(t, devices);
	tcase_add_test(t, devices_of_other_kinds);
	tcase_add_test(t, by_place);
	tcase_add_test(t, huge_zero);
	tcase_add_loop_test(t, types_of_pages, 0, 5);
	tcase_add_test(t, free_blocks);
	tcase_add_loop_test(t, compound_pages, 0, 2);
	tcase_add_test(t, old_compound_pages);
	tcase_add_test(t, copies_of_heads);
	tcase_add_loop_test(t, tails_that_lead_nowhere, 0, 6);
	tcase_add_test(t, many_at_once);
	tcase_add_test(t, without_struct_page);
	tcase_add_test(t, names_of_flags);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
