/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes how what VMAs use is counted: page tables, struct pages, swap. */
#include "kernel/mm/vma_use.h"

#include <string.h>

#include "arch/x86_64.h"
#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "kernel/mm/pagemap.h"
#include "unit/fake_kernel.h"

/*
 * An input, little-endian: u8 kind; u64 flags of an area; and then values for
 * memory, {u16 index, u64 value} each: a value goes to the kernel address
 * DIRECT + 8 * index.  The page tables begin at physical address 0x1000.
 */
enum {
	SINCE_6_1 = 1,
	SINCE_6_6 = 2,
	SWAP_MAP = 4 /* up to 7.1 */
};

#define WORDS	0xfc00u /* the tables of the kernel itself lie behind */
#define VMEMMAP (DIRECT + 0x20000)
#define SWAPS	(DIRECT + 0x100) /* swap_info[] */
#define PAGES	64u

static struct fake_kernel kernel;

static const struct {
	const char *name;
	uint32_t offset, size;
} members[] = {
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
	{"swap_info_struct.cluster_info", 16, 8},
	{"swap_cluster_info.table", 8, 8},
	{"swap_table.entries", 0, 4096},
	{"task_struct.mems_allowed", 0, 128},
};

static void set_up(void)
{
	size_t i;

	if (kernel.memory.bytes)
		return;
	fake_kernel_init(&kernel);
	kernel.kernel.vmemmap_base = VMEMMAP;
	kernel.kernel.swap =
		(struct x86_64_swap){.os = {.absent = x86_64_absent},
				     .known = true,
				     .inverted = true,
				     .hwpoison = 27,
				     .migration = 28,
				     .device = 30,
				     .marker = 31,
				     .swapin_error = 32,
				     .pfn_bits = 40};
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		fake_field(members[i].name, members[i].offset, members[i].size);
	fake_sizeof("page", 64);
	fake_sizeof("xa_node", 576);
	fake_sizeof("swap_cluster_info", 48);
	fake_constant("pageflags.PG_referenced", 2);
	fake_constant("pageflags.PG_dirty", 4);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_swapbacked", 17);
	fake_symbol("swap_info", SWAPS);
	fake_symbol("nr_swapfiles", DIRECT);
	fake_symbol("huge_zero_pfn", DIRECT + 8);
}

static void set_kind(unsigned int kind)
{
	fake_no_field("mm_struct.mm_mt.ma_root");
	fake_no_field("inode.__i_ctime");
	fake_no_field("swap_info_struct.swap_map");
	if (kind & SINCE_6_1)
		fake_field("mm_struct.mm_mt.ma_root", 0, 8);
	if (kind & SINCE_6_6)
		fake_field("inode.__i_ctime", 0, 8);
	if (kind & SWAP_MAP)
		fake_field("swap_info_struct.swap_map", 8, 8);
}

/* What is counted twice is the same both times. */
static void check_use(const struct vma_use *u)
{
	uint64_t shared = u->shared_clean + u->shared_dirty;
	uint64_t private = u->private_clean + u->private_dirty;

	fuzz_require(shared + private == u->rss);
	fuzz_require(u->pss == u->pss_anon + u->pss_file + u->pss_shmem);
	fuzz_require(u->pss <= u->rss << VMA_PSS_SHIFT);
	fuzz_require(u->pss >= private << VMA_PSS_SHIFT);
	fuzz_require(u->pss_dirty <= u->pss && u->pss_locked <= u->pss);
	fuzz_require(u->anonymous <= u->rss && u->referenced <= u->rss);
	fuzz_require(u->lazy_free <= u->anonymous && u->ksm <= u->anonymous);
	fuzz_require(u->swap_pss <= u->swap << VMA_PSS_SHIFT);
}

static void check_numa(const struct vma_numa *m)
{
	uint64_t pages = 0;
	size_t i;

	for (i = 0; i < VMA_NODES; i++)
		pages += m->node[i];
	fuzz_require(pages == m->pages && m->anon <= pages);
	fuzz_require(m->dirty <= pages && m->active <= pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mm mm = {.addr = DIRECT,
			.readable = true,
			.root = {.pgd = 0x1000,
				 .paging = &paging_4level,
				 .os = &kernel.kernel.swap.os}};
	struct vma vma = {.start = PAGE_SIZE_4K,
			  .end = 0x7ffffffff000,
			  .file = DIRECT + 0x40,
			  .ops = DIRECT};
	struct vma_list list = {.v = &vma, .n = 1};
	uint64_t words[PAGES];
	struct pagemap map = {.mm = &mm,
			      .vmas = &list,
			      .va = 0x200000 - 8 * PAGE_SIZE_4K,
			      .n = PAGES,
			      .words = words};
	struct vma_uses uses;
	struct cursor c;

	set_up();
	cursor_init(&c, data, size);
	set_kind(cursor_u8(&c));
	vma.flags = cursor_u64(&c);
	while (cursor_left(&c) >= 10) {
		uint64_t word = cursor_u16(&c) % WORDS;

		fake_put64(&kernel, DIRECT + word * 8, cursor_u64(&c));
	}
	if (!vma_uses_read(&kernel.kernel, &mm, &list, 1, &uses, NULL))
		check_use(uses.v);
	vma_uses_deinit(&uses);
	if (!vma_numas_read(&kernel.kernel, &mm, &list, 1, &uses, NULL))
		check_numa(uses.numa);
	vma_uses_deinit(&uses);
	pagemaps_read(&kernel.kernel, &map, 1, NULL);
	machine_drop_cache(&kernel.memory.machine);
	memset(kernel.memory.bytes, 0, (size_t)WORDS * 8);
	return 0;
}
