/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes where unmapped pages are looked for: page caches, swap caches. */
#include "kernel/mm/unmapped.h"

#include <string.h>

#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "unit/fake_kernel.h"

/*
 * An input, little-endian: u8 kind; u64 pgoff and flags of an area of AREA
 * pages; u8 number of gaps, for each {u8 first page, u8 pages, u64 slot, where
 * it is not 0}; and then values for memory, {u16 index, u64 value} each: a
 * value goes to the kernel address DIRECT + 8 * index.
 */
enum {
	TABLES = 1,    /* swap is as from 6.18 on */
	ZEROMAP = 2,   /* 6.12 to 7.1 */
	ANONYMOUS = 4, /* the area */
	TORN = 8       /* areas are missing */
};

#define PAGE	PAGE_SIZE_4K
#define VA	0x10000u
#define AREA	64u
#define GAPS	16
#define WORDS	8192u
#define FILE_AT DIRECT
#define SWAPS	(DIRECT + 0x100) /* swap_info[], swapper_spaces[] */
#define VMEMMAP (DIRECT + 0x8000)

static struct fake_kernel kernel;

static const struct fake_member members[] = {
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
	{"swap_info_struct.cluster_info", 16, 8},
};

static void set_up(void)
{

	if (kernel.memory.bytes)
		return;
	fake_kernel_init(&kernel);
	kernel.kernel.vmemmap_base = VMEMMAP;
	fake_page_fields();
	fake_fields(members, sizeof(members) / sizeof(members[0]));
	fake_sizeof("xa_node", 576);
	fake_sizeof("address_space", 192);
	fake_sizeof("swap_cluster_info", 48);
	fake_constant("pageflags.PG_uptodate", 3);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_swapcache", 10);
	fake_constant("pageflags.PG_swapbacked", 17);
	fake_symbol("swap_info", SWAPS);
	fake_symbol("swapper_spaces", SWAPS + 0x20);
}

static void set_kind(unsigned int kind)
{
	fake_no_field("swap_cluster_info.table");
	fake_no_field("swap_table.entries");
	fake_no_field("swap_info_struct.zeromap");
	if (kind & TABLES) {
		fake_field("swap_cluster_info.table", 8, 8);
		fake_field("swap_table.entries", 0, 4096);
	}
	if (kind & ZEROMAP)
		fake_field("swap_info_struct.zeromap", 8, 8);
}

/* All of the gaps, in order, and a frame for what has one. */
static void check_runs(const struct unmapped_runs *runs,
		       const struct unmapped_gap *gaps, size_t n)
{
	uint64_t left = 0;
	size_t i;

	for (i = 0; i < n; i++)
		left += gaps[i].len;
	for (i = 0; i < runs->list.n; i++) {
		const struct unmapped_run *r = &runs->list.v[i];
		bool cached = r->kind == UNMAPPED_PAGE_CACHE ||
			      r->kind == UNMAPPED_SWAP_CACHE;

		fuzz_require(r->len && r->len % PAGE == 0 && r->len <= left);
		fuzz_require(!i || r[-1].va + r[-1].len <= r->va);
		fuzz_require((r->pa != 0) == cached && r->pa % PAGE == 0);
		fuzz_require(unmapped_run_at(runs, r->va + r->len - 1) == r);
		left -= r->len;
	}
	fuzz_require(!left);
}

/* They ascend: a first page that lies before the last one's is behind it. */
static size_t take_gaps(struct cursor *c, struct unmapped_gap *gaps)
{
	size_t i, n = cursor_u8(c) % (GAPS + 1);
	uint64_t at = VA - PAGE;

	for (i = 0; i < n; i++) {
		struct unmapped_gap *g = &gaps[i];
		uint64_t slot;

		at += cursor_u8(c) * (uint64_t)PAGE;
		g->va = at;
		g->len = cursor_u8(c) * (uint64_t)PAGE;
		slot = cursor_u64(c);
		g->swapped = slot != 0;
		g->slot = swap_slot_of(slot);
		at += g->len;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vma vma = {.start = VA,
			  .end = VA + AREA * PAGE,
			  .ops = DIRECT,
			  .file = FILE_AT};
	struct page_cache cache = {0};
	struct unmapped u = {.k = &kernel.kernel, .vmas = {.v = &vma, .n = 1}};
	struct unmapped_gap gaps[GAPS] = {{0}};
	struct unmapped_runs runs = {0};
	unsigned int kind;
	struct cursor c;
	size_t n;

	set_up();
	cursor_init(&c, data, size);
	kind = cursor_u8(&c);
	set_kind(kind);
	vma.ops = kind & ANONYMOUS ? 0 : DIRECT;
	vma.pgoff = cursor_u64(&c);
	vma.flags = cursor_u64(&c);
	u.vmas.torn = kind & TORN;
	u.caches = &cache;
	n = take_gaps(&c, gaps);
	while (cursor_left(&c) >= 10) {
		uint64_t word = cursor_u16(&c) % WORDS;

		fake_put64(&kernel, DIRECT + word * 8, cursor_u64(&c));
	}
	fuzz_require(
		!page_caches_read(&kernel.kernel, &vma.file, 1, &cache, NULL));
	fuzz_require(!unmapped_find(&u, gaps, n, &runs, NULL));
	check_runs(&runs, gaps, n);
	unmapped_runs_deinit(&runs);
	machine_drop_cache(&kernel.memory.machine);
	memset(kernel.memory.bytes, 0, (size_t)WORDS * 8);
	return 0;
}
