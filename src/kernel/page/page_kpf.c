/* SPDX-License-Identifier: BSD-2-Clause */
/* The word that /proc/kpageflags has for a page, out of its struct page. */
#include "kernel/page/page_kpf.h"

#include <stdio.h>

#include "kernel/page/page_type.h"
#include "kernel/readers.h"

/* Bits of page.flags: docs/facts/kernel.md, "kpageflags". */
enum {
	CONSTANT_PG_LOCKED = WANTS_OF(READER_PAGE_KPF),
	CONSTANT_PG_ERROR,
	CONSTANT_PG_REFERENCED,
	CONSTANT_PG_UPTODATE,
	CONSTANT_PG_DIRTY,
	CONSTANT_PG_LRU,
	CONSTANT_PG_ACTIVE,
	CONSTANT_PG_WRITEBACK,
	CONSTANT_PG_RECLAIM,
	CONSTANT_PG_SWAPCACHE,
	CONSTANT_PG_SWAPBACKED,
	CONSTANT_PG_UNEVICTABLE,
	CONSTANT_PG_HWPOISON,
	CONSTANT_PG_IDLE,
	CONSTANT_PG_RESERVED,
	CONSTANT_PG_MLOCKED,
	CONSTANT_PG_MAPPEDTODISK,
	CONSTANT_PG_OWNER_2,
	CONSTANT_PG_PRIVATE,
	CONSTANT_PG_PRIVATE_2,
	CONSTANT_PG_OWNER_PRIVATE,
	CONSTANT_PG_ARCH,
	CONSTANT_PG_UNCACHED,
	CONSTANT_PG_ARCH_2,
	CONSTANT_PG_ARCH_3,
	CONSTANT_PG_HEAD,
	CONSTANT_PG_LARGE_RMAPPABLE,
	FIELD_FOLIO_LARGE_MAPCOUNT
};

static const struct want want_table[] = {
	CONSTANT(PG_LOCKED, "pageflags", "PG_locked"),
	CONSTANT(PG_ERROR, "pageflags", "PG_error"), /* up to 6.11 */
	CONSTANT(PG_REFERENCED, "pageflags", "PG_referenced"),
	CONSTANT(PG_UPTODATE, "pageflags", "PG_uptodate"),
	CONSTANT(PG_DIRTY, "pageflags", "PG_dirty"),
	CONSTANT(PG_LRU, "pageflags", "PG_lru"),
	CONSTANT(PG_ACTIVE, "pageflags", "PG_active"),
	CONSTANT(PG_WRITEBACK, "pageflags", "PG_writeback"),
	CONSTANT(PG_RECLAIM, "pageflags", "PG_reclaim"),
	CONSTANT(PG_SWAPCACHE, "pageflags", "PG_swapcache"),
	CONSTANT(PG_SWAPBACKED, "pageflags", "PG_swapbacked"),
	CONSTANT(PG_UNEVICTABLE, "pageflags", "PG_unevictable"),
	CONSTANT(PG_HWPOISON, "pageflags", "PG_hwpoison"),
	CONSTANT(PG_IDLE, "pageflags", "PG_idle"),
	CONSTANT(PG_RESERVED, "pageflags", "PG_reserved"),
	CONSTANT(PG_MLOCKED, "pageflags", "PG_mlocked"),
	CONSTANT(PG_MAPPEDTODISK, "pageflags", "PG_mappedtodisk"),
	CONSTANT(PG_OWNER_2, "pageflags", "PG_owner_2"), /* in its place */
	CONSTANT(PG_PRIVATE, "pageflags", "PG_private"),
	CONSTANT(PG_PRIVATE_2, "pageflags", "PG_private_2"),
	CONSTANT(PG_OWNER_PRIVATE, "pageflags", "PG_owner_priv_1"),
	CONSTANT(PG_ARCH, "pageflags", "PG_arch_1"),
	CONSTANT(PG_UNCACHED, "pageflags", "PG_uncached"),
	CONSTANT(PG_ARCH_2, "pageflags", "PG_arch_2"),
	CONSTANT(PG_ARCH_3, "pageflags", "PG_arch_3"),
	CONSTANT(PG_HEAD, "pageflags", "PG_head"),
	CONSTANT(PG_LARGE_RMAPPABLE, "pageflags", "PG_large_rmappable"),
	FIELD(FOLIO_LARGE_MAPCOUNT, "folio", OPTIONAL,
	      "_large_mapcount"), /* 6.10 */
};

const struct wants page_kpf_wants = {
	.reader = "flags of pages", .v = want_table, .n = WANTS_N(want_table)};

#define KPF(bit) (1ULL << KPF_##bit)

/* Bits that are copied from page.flags. */
static const struct {
	uint8_t kpf;
	uint32_t flag;
} copied[] = {
	{KPF_LOCKED, CONSTANT_PG_LOCKED},
	{KPF_ERROR, CONSTANT_PG_ERROR},
	{KPF_REFERENCED, CONSTANT_PG_REFERENCED},
	{KPF_UPTODATE, CONSTANT_PG_UPTODATE},
	{KPF_DIRTY, CONSTANT_PG_DIRTY},
	{KPF_LRU, CONSTANT_PG_LRU},
	{KPF_ACTIVE, CONSTANT_PG_ACTIVE},
	{KPF_WRITEBACK, CONSTANT_PG_WRITEBACK},
	{KPF_RECLAIM, CONSTANT_PG_RECLAIM},
	{KPF_SWAPBACKED, CONSTANT_PG_SWAPBACKED},
	{KPF_UNEVICTABLE, CONSTANT_PG_UNEVICTABLE},
	{KPF_IDLE, CONSTANT_PG_IDLE},
	{KPF_RESERVED, CONSTANT_PG_RESERVED},
	{KPF_MLOCKED, CONSTANT_PG_MLOCKED},
	{KPF_MAPPEDTODISK, CONSTANT_PG_MAPPEDTODISK},
	{KPF_MAPPEDTODISK, CONSTANT_PG_OWNER_2},
	{KPF_PRIVATE, CONSTANT_PG_PRIVATE},
	{KPF_PRIVATE_2, CONSTANT_PG_PRIVATE_2},
	{KPF_OWNER_PRIVATE, CONSTANT_PG_OWNER_PRIVATE},
	{KPF_ARCH, CONSTANT_PG_ARCH},
	{KPF_UNCACHED, CONSTANT_PG_UNCACHED},
	{KPF_ARCH_2, CONSTANT_PG_ARCH_2},
	{KPF_ARCH_3, CONSTANT_PG_ARCH_3},
};

/* As tools/mm/page-types.c names them. */
static const struct {
	uint8_t kpf;
	const char *name;
} names[] = {
	{KPF_LOCKED, "locked"},
	{KPF_ERROR, "error"},
	{KPF_REFERENCED, "referenced"},
	{KPF_UPTODATE, "uptodate"},
	{KPF_DIRTY, "dirty"},
	{KPF_LRU, "lru"},
	{KPF_ACTIVE, "active"},
	{KPF_SLAB, "slab"},
	{KPF_WRITEBACK, "writeback"},
	{KPF_RECLAIM, "reclaim"},
	{KPF_BUDDY, "buddy"},
	{KPF_MMAP, "mmap"},
	{KPF_ANON, "anonymous"},
	{KPF_SWAPCACHE, "swapcache"},
	{KPF_SWAPBACKED, "swapbacked"},
	{KPF_COMPOUND_HEAD, "compound_head"},
	{KPF_COMPOUND_TAIL, "compound_tail"},
	{KPF_HUGE, "huge"},
	{KPF_UNEVICTABLE, "unevictable"},
	{KPF_HWPOISON, "hwpoison"},
	{KPF_NOPAGE, "nopage"},
	{KPF_KSM, "ksm"},
	{KPF_THP, "thp"},
	{KPF_OFFLINE, "offline"},
	{KPF_ZERO_PAGE, "zero_page"},
	{KPF_IDLE, "idle_page"},
	{KPF_PGTABLE, "pgtable"},
	{KPF_RESERVED, "reserved"},
	{KPF_MLOCKED, "mlocked"},
	{KPF_MAPPEDTODISK, "mappedtodisk"},
	{KPF_PRIVATE, "private"},
	{KPF_PRIVATE_2, "private_2"},
	{KPF_OWNER_PRIVATE, "owner_private"},
	{KPF_ARCH, "arch"},
	{KPF_UNCACHED, "uncached"},
	{KPF_ARCH_2, "arch_2"},
	{KPF_ARCH_3, "arch_3"},
};

/* From 6.10 on a tail has what its head has: before, what is its own. */
static bool kpf_of_head(const struct page_work *w)
{
	return profile_field(w->k->profile, FIELD_FOLIO_LARGE_MAPCOUNT)
		->present;
}

void page_kpf_copied(const struct kernel *k, uint64_t of[64])
{
	size_t i;
	int64_t nr;

	for (i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (profile_constant(k->profile, copied[i].flag, &nr) &&
		    nr >= 0 && nr < 64)
			of[nr] |= 1ULL << copied[i].kpf;
}

static uint64_t kpf_copy(const struct page_facts *f, uint64_t flags)
{
	uint64_t kpf = 0;

	for (; flags; flags &= flags - 1)
		kpf |= f->copied[__builtin_ctzll(flags)];
	return kpf;
}

static bool kpf_huge(const struct page_work *w, const struct page_raw *r)
{
	return r->compound && page_is_huge(w, r);
}

/* Any frame of it is mapped. */
static bool kpf_mapped(const struct page_work *w, const struct page_raw *r)
{
	if (!r->compound)
		return r->page.mapcount >= 0 && !page_is_slab(w, &r->head);
	if (kpf_huge(w, r) || r->entire > 0)
		return r->entire > 0;
	return r->all_maps > 0 && !page_is_slab(w, &r->head);
}

/* A compound page that processes or files have, and not one of drivers. */
static bool kpf_thp(const struct page_work *w, const struct page_raw *r)
{
	if (!r->compound)
		return false;
	if (kpf_of_head(w))
		return page_flag(w->k, r->second_flags,
				 CONSTANT_PG_LARGE_RMAPPABLE);
	return page_flag(w->k, r->head.flags, CONSTANT_PG_LRU) ||
	       r->head.mapping & 1;
}

/* What kind of a compound page it is, or which page of zeros. */
static uint64_t kpf_compound(const struct page_work *w,
			     const struct page_facts *f,
			     const struct page_raw *r)
{
	uint64_t kpf = 0;

	if (r->compound)
		kpf = r->pfn == r->head_pfn ? KPF(COMPOUND_HEAD)
					    : KPF(COMPOUND_TAIL);
	if (kpf_huge(w, r))
		return kpf | KPF(HUGE);
	if (kpf_thp(w, r))
		return kpf | KPF(THP);
	if (r->compound && r->head_pfn == f->huge_zero)
		return kpf | KPF(ZERO_PAGE) | KPF(THP);
	return r->pfn == f->zero ? kpf | KPF(ZERO_PAGE) : kpf;
}

/* What the word of its type says. */
static uint64_t kpf_typed(const struct page_work *w, const struct page_raw *r)
{
	uint64_t kpf = 0;

	if (r->in_free_block || page_is_buddy(w, &r->page))
		kpf |= KPF(BUDDY);
	if (page_is_type(&w->types, r->page.type, PAGE_TYPE_AWAY))
		kpf |= KPF(OFFLINE);
	if (page_is_type(&w->types, r->page.type, PAGE_TYPE_PGTABLE))
		kpf |= KPF(PGTABLE);
	return page_is_slab(w, &r->head) ? kpf | KPF(SLAB) : kpf;
}

uint64_t page_kpf(const struct page_work *w, const struct page_facts *f,
		  const struct page_raw *r)
{
	uint64_t flags = kpf_of_head(w) ? r->head.flags : r->page.flags, kpf;

	if (!r->page.ok || !r->head.ok || r->device)
		return KPF(NOPAGE);
	kpf = kpf_copy(f, flags) | kpf_compound(w, f, r) | kpf_typed(w, r);
	if (kpf_mapped(w, r))
		kpf |= KPF(MMAP);
	if (r->head.mapping & 1)
		kpf |= KPF(ANON);
	if ((r->head.mapping & 3) == 3)
		kpf |= KPF(KSM);
	if (page_flag(w->k, r->head.flags, CONSTANT_PG_SWAPBACKED) &&
	    page_flag(w->k, r->head.flags, CONSTANT_PG_SWAPCACHE))
		kpf |= KPF(SWAPCACHE);
	if (page_flag(w->k, kpf & KPF(HUGE) ? r->head.flags : r->page.flags,
		      CONSTANT_PG_HWPOISON))
		kpf |= KPF(HWPOISON);
	return kpf;
}

void page_kpf_names(uint64_t kpf, char *text, size_t size)
{
	size_t i, len = 0;

	*text = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kpf >> names[i].kpf & 1 && len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? "," : "", names[i].name);
}
