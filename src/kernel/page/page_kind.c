/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges what a page is, by the words of its struct page. */
#include <stdio.h>
#include <string.h>

#include "kernel/page/page_raw.h"
#include "kernel/page/page_type.h"
#include "kernel/readers.h"

/* Bits of page.flags: docs/facts/kernel.md, "Pages". */
enum {
	CONSTANT_PG_LOCKED = WANTS_OF(READER_PAGE_KIND),
	CONSTANT_PG_REFERENCED,
	CONSTANT_PG_UPTODATE,
	CONSTANT_PG_DIRTY,
	CONSTANT_PG_LRU,
	CONSTANT_PG_HEAD,
	CONSTANT_PG_ACTIVE,
	CONSTANT_PG_SLAB,
	CONSTANT_PG_RESERVED,
	CONSTANT_PG_PRIVATE,
	CONSTANT_PG_WRITEBACK,
	CONSTANT_PG_SWAPCACHE,
	CONSTANT_PG_SWAPBACKED,
	CONSTANT_PG_UNEVICTABLE,
	CONSTANT_PG_MLOCKED,
	CONSTANT_PG_HWPOISON,
	CONSTANT_PG_DOUBLE_MAP
};

static const struct want want_table[] = {
	CONSTANT(PG_LOCKED, "pageflags", "PG_locked"),
	CONSTANT(PG_REFERENCED, "pageflags", "PG_referenced"),
	CONSTANT(PG_UPTODATE, "pageflags", "PG_uptodate"),
	CONSTANT(PG_DIRTY, "pageflags", "PG_dirty"),
	CONSTANT(PG_LRU, "pageflags", "PG_lru"),
	CONSTANT(PG_HEAD, "pageflags", "PG_head"),
	CONSTANT(PG_ACTIVE, "pageflags", "PG_active"),
	CONSTANT(PG_SLAB, "pageflags", "PG_slab"), /* up to 6.9 */
	CONSTANT(PG_RESERVED, "pageflags", "PG_reserved"),
	CONSTANT(PG_PRIVATE, "pageflags", "PG_private"),
	CONSTANT(PG_WRITEBACK, "pageflags", "PG_writeback"),
	CONSTANT(PG_SWAPCACHE, "pageflags", "PG_swapcache"),
	CONSTANT(PG_SWAPBACKED, "pageflags", "PG_swapbacked"),
	CONSTANT(PG_UNEVICTABLE, "pageflags", "PG_unevictable"),
	CONSTANT(PG_MLOCKED, "pageflags", "PG_mlocked"),
	CONSTANT(PG_HWPOISON, "pageflags", "PG_hwpoison"),
	CONSTANT(PG_DOUBLE_MAP, "pageflags", "PG_double_map"), /* up to 6.1 */
};

const struct wants page_kind_wants = {
	.reader = "kinds of pages", .v = want_table, .n = WANTS_N(want_table)};

static const struct {
	const char *name, *words;
} kinds[PAGE_KINDS] = {
	[PAGE_UNKNOWN] = {"unknown", "a page that the kernel keeps no (or no "
				     "sound) record of"},
	[PAGE_NOT_RAM] = {"not-ram", "not RAM"},
	[PAGE_FREE] = {"free", "a free page"},
	[PAGE_UNREFERENCED] = {"unreferenced",
			       "a page without a reference: free on a list of "
			       "a CPU, or the tail of a kernel allocation"},
	[PAGE_ZERO] = {"zero", "the zero page of all processes"},
	[PAGE_HUGE_ZERO] = {"huge-zero", "the huge zero page of all processes"},
	[PAGE_ANON] = {"anon", "an anonymous page"},
	[PAGE_ANON_SHARED] = {"anon-shared",
			      "an anonymous page, shared until it is written "
			      "(copy on write)"},
	[PAGE_KSM] = {"ksm", "a page that KSM has merged"},
	[PAGE_SWAP_CACHE] = {"swap-cache",
			     "a page of shared memory on its way to swap"},
	[PAGE_FILE] = {"file", "page cache of a file"},
	[PAGE_SHMEM] = {"shmem", "shared memory or a file of tmpfs"},
	[PAGE_DAX] = {"dax", "memory of a DAX file system or device"},
	[PAGE_TEXT] = {"text", "code of the kernel"},
	[PAGE_RODATA] = {"rodata", "read-only data of the kernel"},
	[PAGE_DATA] = {"data", "data of the kernel"},
	[PAGE_PERCPU] = {"percpu", "per-CPU data of the kernel"},
	[PAGE_TABLE] = {"page-table", "a page table"},
	[PAGE_SLAB] = {"slab", "slab objects of the kernel"},
	[PAGE_KERNEL] = {"kernel", "memory that the kernel has allocated"},
	[PAGE_RESERVED] = {"reserved", "memory set aside at boot"},
	[PAGE_DEVICE] = {"device", "memory of a device"},
	[PAGE_OFFLINE] = {"offline", "a page given back to the host"},
	[PAGE_POISONED] = {"poisoned", "a page with a hardware error"},
};

const char *page_kind_name(enum page_kind kind)
{
	return kinds[kind].name;
}

const char *page_kind_words(enum page_kind kind)
{
	return kinds[kind].words;
}

bool page_is_anon(enum page_kind kind)
{
	return kind == PAGE_ANON || kind == PAGE_ANON_SHARED ||
	       kind == PAGE_KSM;
}

bool page_is_file(enum page_kind kind)
{
	return kind == PAGE_FILE || kind == PAGE_SHMEM || kind == PAGE_DAX;
}

/* In the order in which they are told. */
static const struct {
	uint32_t id;
	const char *name;
} flag_names[] = {
	{CONSTANT_PG_LOCKED, "locked"},
	{CONSTANT_PG_REFERENCED, "referenced"},
	{CONSTANT_PG_UPTODATE, "uptodate"},
	{CONSTANT_PG_DIRTY, "dirty"},
	{CONSTANT_PG_LRU, "lru"},
	{CONSTANT_PG_HEAD, "head"},
	{CONSTANT_PG_ACTIVE, "active"},
	{CONSTANT_PG_SLAB, "slab"},
	{CONSTANT_PG_RESERVED, "reserved"},
	{CONSTANT_PG_PRIVATE, "private"},
	{CONSTANT_PG_WRITEBACK, "writeback"},
	{CONSTANT_PG_SWAPBACKED, "swapbacked"},
	{CONSTANT_PG_UNEVICTABLE, "unevictable"},
	{CONSTANT_PG_MLOCKED, "mlocked"},
	{CONSTANT_PG_HWPOISON, "hwpoison"},
};

bool page_flag(const struct kernel *k, uint64_t flags, uint32_t bit)
{
	int64_t nr;

	return profile_constant(k->profile, bit, &nr) && nr >= 0 && nr < 64 &&
	       flags >> nr & 1;
}

void page_flag_names(const struct kernel *k, uint64_t flags, char *text,
		     size_t size)
{
	size_t i, len = 0;

	*text = '\0';
	for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (page_flag(k, flags, flag_names[i].id) && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? "," : "",
						flag_names[i].name);
}

/* A word below -1 is no count: it says what type of page this is. */
static uint32_t own_maps(const struct page_words *w)
{
	return w->mapcount < -1 ? 0 : (uint32_t)w->mapcount + 1;
}

static bool is_anon(const struct page_raw *r)
{
	return r->head.mapping & 1;
}

/*
 * page_mapcount(): its own mappings, and those of all of a huge page.  Up to
 * 6.1 the frames of a huge file page count those as well, and those of an
 * anonymous one count one too many while it is mapped in both ways.
 */
uint32_t page_maps(const struct page_work *w, const struct page_raw *r)
{
	uint32_t entire = r->entire > 0 ? (uint32_t)r->entire : 0;
	uint32_t own = own_maps(&r->page);
	int64_t bit;

	if (!r->compound)
		return own;
	if (page_is_huge(w, r))
		return entire;
	if (!profile_constant(w->k->profile, CONSTANT_PG_DOUBLE_MAP, &bit))
		return own + entire;
	if (!is_anon(r))
		return own;
	own += entire;
	return own - (own &&
		      page_flag(w->k, r->second_flags, CONSTANT_PG_DOUBLE_MAP));
}

/* A reserved page: what it holds depends on where it is. */
static enum page_kind judge_reserved(const struct page_facts *f, uint64_t pfn)
{
	size_t i;

	for (i = 0; i < f->ranges.n; i++)
		if (pfn >= f->ranges.v[i].first && pfn < f->ranges.v[i].end)
			return f->ranges.v[i].kind;
	return PAGE_RESERVED;
}

/* One that is owned, of no special type: by its mapping. */
static enum page_kind judge_mapping(const struct kernel *k,
				    const struct page_raw *r, uint32_t maps)
{
	uint64_t bits = r->head.mapping & 3;
	bool swap_backed = page_flag(k, r->head.flags, CONSTANT_PG_SWAPBACKED);

	if (bits == 1 && kernel_pointer(k, r->head.mapping))
		return maps > 1 ? PAGE_ANON_SHARED : PAGE_ANON;
	if (bits == 3 && kernel_pointer(k, r->head.mapping))
		return PAGE_KSM;
	if (r->cached)
		return swap_backed ? PAGE_SHMEM : PAGE_FILE;
	if (!r->head.mapping && swap_backed &&
	    page_flag(k, r->head.flags, CONSTANT_PG_SWAPCACHE))
		return PAGE_SWAP_CACHE;
	return PAGE_KERNEL;
}

/* A hypervisor's memory may be "generic", too; then no file has it. */
static enum page_kind judge_device(const struct page_raw *r)
{
	if (r->device == DEVICE_FS_DAX ||
	    (r->device == DEVICE_GENERIC && r->file))
		return PAGE_DAX;
	return PAGE_DEVICE;
}

bool page_is_slab(const struct page_work *w, const struct page_words *head)
{
	return page_is_type(&w->types, head->type, PAGE_TYPE_OBJECTS) ||
	       page_flag(w->k, head->flags, CONSTANT_PG_SLAB);
}

static enum page_kind judge_kind(const struct page_work *w,
				 const struct page_facts *f,
				 const struct page_raw *r, uint32_t maps)
{
	const struct page_words *head = &r->head;

	if (r->pfn == f->zero)
		return PAGE_ZERO;
	if (!r->page.ok || !head->ok)
		return PAGE_UNKNOWN;
	if (r->head_pfn == f->huge_zero)
		return PAGE_HUGE_ZERO;
	if (page_flag(w->k, r->page.flags, CONSTANT_PG_RESERVED) && !r->device)
		return judge_reserved(f, r->pfn);
	if (page_flag(w->k, r->page.flags, CONSTANT_PG_HWPOISON))
		return PAGE_POISONED;
	if (r->in_free_block ||
	    page_is_type(&w->types, head->type, PAGE_TYPE_FREE))
		return PAGE_FREE;
	if (page_is_type(&w->types, head->type, PAGE_TYPE_AWAY))
		return PAGE_OFFLINE;
	if (page_is_type(&w->types, head->type, PAGE_TYPE_PGTABLE))
		return PAGE_TABLE;
	if (page_is_slab(w, head))
		return PAGE_SLAB;
	if (r->device)
		return judge_device(r);
	if (!head->refcount && page_is_huge(w, r))
		return PAGE_FREE; /* in the pool of huge pages */
	if (head->mapcount < -1 &&
	    !page_is_type(&w->types, head->type, PAGE_TYPE_HUGE))
		return PAGE_KERNEL; /* of any other type */
	return head->refcount ? judge_mapping(w->k, r, maps)
			      : PAGE_UNREFERENCED;
}

/* References that nobody here accounts for. */
static int32_t count_extra(const struct page_raw *r, const struct page_info *p)
{
	int64_t expected = r->batched;

	if (!r->compound)
		expected += p->mapcount;
	else
		expected += p->hugetlb ? r->entire : r->all_maps;
	if (p->swap_cache)
		expected += p->nr;
	return (int32_t)(r->head.refcount - expected);
}

/*
 * What is counted: for what processes and files own all mappings are.  Other
 * pages may be mapped as frames, which leaves no count; and the word is not
 * one where it tells a type, nor for slabs.  Pages of some types have no
 * references, either (>= 6.14).
 */
static void set_counts(const struct page_raw *r, uint32_t maps,
		       struct page_info *out)
{
	bool is_free = out->kind == PAGE_FREE || out->kind == PAGE_UNREFERENCED;
	bool typed = r->head.mapcount < -1 || out->kind == PAGE_SLAB;

	out->refcount = r->head.refcount;
	out->refs_counted = out->refcount || is_free || out->kind == PAGE_DAX;
	out->maps_counted = page_is_anon(out->kind) || out->kind == PAGE_FILE ||
			    out->kind == PAGE_SHMEM ||
			    out->kind == PAGE_SWAP_CACHE ||
			    (maps && !typed && !is_free);
	if (out->maps_counted)
		out->mapcount = maps;
}

/* That of frames that stand together: a power of two. */
static int8_t order_of(uint32_t nr)
{
	return nr ? (int8_t)(31 - __builtin_clz(nr)) : 0;
}

/* Who has it, beside its mapping: marks in low bits are not of the pointer. */
static void set_owners(const struct page_raw *r, struct page_info *out)
{
	bool slab = out->kind == PAGE_SLAB;

	out->order = r->compound ? order_of(r->nr) : 0;
	out->in_buddy = r->in_free_block;
	if (out->in_buddy)
		out->order = (int8_t)r->free_order;
	if (slab)
		out->cache = r->head.cache;
	else if (!(r->head.memcg & 1)) /* that of a slab's objects */
		out->memcg = r->head.memcg & ~(uint64_t)7;
}

void page_judge(const struct page_work *w, const struct page_facts *f,
		const struct page_raw *r, struct page_info *out)
{
	uint32_t maps = page_maps(w, r);

	out->kind = judge_kind(w, f, r, maps);
	out->head = r->head_pfn;
	out->nr = r->compound ? r->nr : 1;
	if (out->kind == PAGE_UNKNOWN)
		return;
	out->hugetlb = r->compound && page_is_huge(w, r);
	out->flags = r->head.flags;
	out->dirty = page_flag(w->k, out->flags, CONSTANT_PG_DIRTY);
	out->uptodate = page_flag(w->k, out->flags, CONSTANT_PG_UPTODATE);
	if ((page_is_anon(out->kind) || out->kind == PAGE_SWAP_CACHE) &&
	    page_flag(w->k, out->flags, CONSTANT_PG_SWAPBACKED) &&
	    page_flag(w->k, out->flags, CONSTANT_PG_SWAPCACHE))
		out->swap_slot = r->head.order;
	set_counts(r, maps, out);
	set_owners(r, out);
	if (!page_is_anon(out->kind) && !(page_is_file(out->kind) && r->file))
		return;
	out->mapping = r->head.mapping & ~(uint64_t)3;
	out->index = r->head.index;
	if (!page_is_anon(out->kind))
		return;
	out->lazy_free = !out->hugetlb &&
			 !page_flag(w->k, out->flags, CONSTANT_PG_SWAPBACKED);
	out->swap_cache = !out->lazy_free && !out->hugetlb &&
			  page_flag(w->k, out->flags, CONSTANT_PG_SWAPCACHE);
	out->extra_refs = count_extra(r, out);
}
