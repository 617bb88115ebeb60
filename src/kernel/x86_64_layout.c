/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of the virtual memory of x86-64 Linux, as this guest has it. */
#include "kernel/x86_64_layout.h"

#include "arch/x86_64.h"
#include "kernel/readers.h"
#include "kernel/x86_64.h"

/* What is wanted of the types. */
enum {
	CONSTANT_FIXADDRS = WANTS_OF(READER_X86_64_LAYOUT),
	FIELD_MM_UNTAG_MASK
};

static const struct want want_table[] = {
	CONSTANT(FIXADDRS, "fixed_addresses",
		 "__end_of_permanent_fixed_addresses"),
	FIELD(MM_UNTAG_MASK, "mm_struct", OPTIONAL,
	      "context.untag_mask"), /* 6.4 */
};

const struct wants x86_64_layout_wants = {.reader = "the layout of memory",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

#define GIB		(1ULL << 30)
#define TIB		(1ULL << 40)
#define PIB		(1ULL << 50)

#define MODULES_END	0xffffffffff000000ULL
#define FIXADDR_TOP	0xffffffffff7ff000ULL
#define VSYSCALL_ADDR	0xffffffffff600000ULL
#define OLD_PAGE_OFFSET 0xffff880000000000ULL

/* What an area needs, to be there. */
enum when {
	ALWAYS,
	NOT_OLD, /* the map of 4.20 and later */
	OLD_PTI,
	BY_SYMBOL
};

/* Where it begins, where that is not the same in all kernels. */
enum base {
	FIXED,
	DIRECT,
	VMALLOC,
	VMEMMAP,
	MODULES,
	FIXMAP
};

/*
 * Areas with 4 and with 5 levels, ascending; a size of 0: up to the next.  Each
 * ends where the next begins, at the latest: bases move.
 */
struct area {
	const char *name, *words, *marker;
	const char *lam; /* the words of a kernel that knows of LAM */
	enum when when;
	const char *symbol[2]; /* BY_SYMBOL: one of these */
	enum base base;
	uint64_t start[2], size[2];
};

static const struct area areas[] = {
	{.name = "user",
	 .words = "user-space virtual memory, different per mm",
	 .marker = "User Space",
	 .start = {0, 0},
	 .size = {(1ULL << 47) - 4096, (1ULL << 56) - 4096}},
	{.name = "guard_hole",
	 .words = "guard hole",
	 .start = {(1ULL << 47) - 4096, (1ULL << 56) - 4096},
	 .size = {4096, 4096}},
	{.name = "non_canonical",
	 .words = "hole of non-canonical addresses",
	 .lam = "hole of non-canonical addresses; where LAM is on, aliases of "
		"user space",
	 .start = {1ULL << 47, 1ULL << 56}},
	{.name = "non_canonical",
	 .words = "hole of non-canonical addresses",
	 .marker = "Kernel Space",
	 .start = {1ULL << 63, 1ULL << 63}},
	{.name = "guard_hole",
	 .words = "guard hole, also reserved for hypervisor",
	 .start = {0xffff800000000000, 0xff00000000000000},
	 .size = {8 * TIB, 4 * PIB}},
	{.name = "ldt_remap",
	 .words = "LDT remap for PTI",
	 .marker = "LDT remap",
	 .when = NOT_OLD,
	 .start = {0xffff880000000000, 0xff10000000000000},
	 .size = {TIB / 2, PIB / 4}},
	{.name = "direct_map",
	 .words = "direct mapping of all physical memory",
	 .marker = "Low Kernel Mapping",
	 .base = DIRECT,
	 .size = {64 * TIB, 32 * PIB}},
	{.name = "vmalloc",
	 .words = "vmalloc/ioremap space",
	 .marker = "vmalloc() Area",
	 .base = VMALLOC,
	 .size = {32 * TIB, 12800 * TIB}},
	{.name = "vmemmap",
	 .words = "virtual memory map (struct pages)",
	 .marker = "Vmemmap",
	 .base = VMEMMAP,
	 .size = {TIB, PIB / 2}},
	{.name = "kasan",
	 .words = "KASAN shadow memory",
	 .marker = "KASAN shadow",
	 .when = BY_SYMBOL,
	 .symbol = {"kasan_early_shadow_page", "kasan_zero_page"},
	 .start = {0xffffec0000000000, 0xffdf000000000000},
	 .size = {16 * TIB, 0xfffffc0000000000 - 0xffdf000000000000}},
	{.name = "hole",
	 .words = "unused hole",
	 .marker = "KASAN shadow end",
	 .when = BY_SYMBOL,
	 .symbol = {"kasan_early_shadow_page", "kasan_zero_page"},
	 .start = {0xfffffc0000000000, 0xfffffc0000000000},
	 .size = {2 * TIB, 2 * TIB}},
	{.name = "cpu_entry_area",
	 .words = "cpu_entry_area mapping",
	 .marker = "CPU entry Area",
	 .when = BY_SYMBOL,
	 .symbol = {"get_cpu_entry_area", "cpu_entry_area"},
	 .start = {0xfffffe0000000000, 0xfffffe0000000000},
	 .size = {TIB / 2, TIB / 2}},
	{.name = "ldt_remap",
	 .words = "LDT remap for PTI",
	 .marker = "LDT remap",
	 .when = OLD_PTI,
	 .start = {0xfffffe8000000000, 0xff90000000000000},
	 .size = {TIB / 2, PIB / 4}},
	{.name = "espfix",
	 .words = "%esp fixup stacks",
	 .marker = "ESPfix Area",
	 .when = BY_SYMBOL,
	 .symbol = {"init_espfix_ap", "espfix_pud_page"},
	 .start = {0xffffff0000000000, 0xffffff0000000000},
	 .size = {TIB / 2, TIB / 2}},
	{.name = "efi",
	 .words = "EFI region mapping space",
	 .marker = "EFI Runtime Services",
	 .start = {0xffffffef00000000, 0xffffffef00000000},
	 .size = {64 * GIB, 64 * GIB}},
	{.name = "kernel_text",
	 .words = "kernel text mapping",
	 .marker = "High Kernel Mapping",
	 .start = {KERNEL_MAP, KERNEL_MAP}},
	{.name = "modules",
	 .words = "module mapping space",
	 .marker = "Modules",
	 .base = MODULES},
	{.name = "hole",
	 .words = "unused hole",
	 .marker = "End Modules",
	 .start = {MODULES_END, MODULES_END}},
	{.name = "fixmap",
	 .words = "kernel-internal fixmap range",
	 .marker = "Fixmap Area",
	 .base = FIXMAP},
	{.name = "vsyscall",
	 .words = "legacy vsyscall ABI",
	 .start = {VSYSCALL_ADDR, VSYSCALL_ADDR},
	 .size = {4096, 4096}},
};

#define AREAS (sizeof(areas) / sizeof(areas[0]))

static bool has_symbol(const struct kernel *k, const char *name)
{
	uint64_t va;

	return profile_symbol(k->profile, name, &va);
}

/* Up to 4.19 the direct map was where the LDT is remapped today. */
static bool is_old(const struct kernel *k)
{
	return k->page_offset < x86_64_bases(k->root.paging)->page_offset;
}

static bool area_is_there(const struct kernel *k, const struct area *a)
{
	switch (a->when) {
	case ALWAYS:
		return true;
	case NOT_OLD:
		return !is_old(k);
	case OLD_PTI:
		return is_old(k) && k->pti;
	case BY_SYMBOL:
		return has_symbol(k, a->symbol[0]) ||
		       has_symbol(k, a->symbol[1]);
	}
	return false;
}

/*
 * KERNEL_IMAGE_SIZE is 1 GiB where the image can be moved, else half of that:
 * arch/x86/include/asm/page_64_types.h.
 */
static uint64_t modules_start(const struct kernel *k)
{
	bool moves = k->slide || has_symbol(k, "kernel_randomize_memory") ||
		     has_symbol(k, "module_load_offset");

	return KERNEL_MAP + (moves ? GIB : GIB / 2);
}

/* 0: it cannot be told. */
static uint64_t fixmap_start(const struct kernel *k)
{
	int64_t pages;

	if (!profile_constant(k->profile, CONSTANT_FIXADDRS, &pages) ||
	    pages <= 0 ||
	    pages >= (int64_t)((FIXADDR_TOP - MODULES_END) / 4096))
		return 0;
	return FIXADDR_TOP - (uint64_t)pages * 4096;
}

static uint64_t area_start(const struct kernel *k, const struct area *a,
			   unsigned int five)
{
	switch (a->base) {
	case FIXED:
		return a->start[five];
	case DIRECT:
		return k->page_offset;
	case VMALLOC:
		return k->vmalloc_base;
	case VMEMMAP:
		return k->vmemmap_base;
	case MODULES:
		return modules_start(k);
	case FIXMAP:
		return fixmap_start(k);
	}
	return 0;
}

/* Behind those that are there, in its place: bases are the guest's word. */
static void layout_insert(struct x86_64_layout *l, struct x86_64_region r)
{
	size_t i = l->n++;

	for (; i && l->v[i - 1].start > r.start; i--)
		l->v[i] = l->v[i - 1];
	l->v[i] = r;
}

/* End each before the next one, and name what is left between. */
static void layout_fill(struct x86_64_layout *l)
{
	struct x86_64_layout out = {.n = 0};
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct x86_64_region r = l->v[i];
		uint64_t end =
			i + 1 < l->n ? l->v[i + 1].start - 1 : UINT64_MAX;

		if (i + 1 < l->n && l->v[i + 1].start == r.start)
			continue;
		if (r.last > end)
			r.last = end;
		out.v[out.n++] = r;
		if (r.last < end)
			out.v[out.n++] =
				(struct x86_64_region){.name = "hole",
						       .words = "unused hole",
						       .start = r.last + 1,
						       .last = end};
	}
	*l = out;
}

void x86_64_layout(const struct kernel *k, struct x86_64_layout *out)
{
	unsigned int five = k->root.paging == &paging_5level;
	size_t i;

	*out = (struct x86_64_layout){.n = 0};
	for (i = 0; i < AREAS; i++) {
		const struct area *a = &areas[i];
		uint64_t start = area_start(k, a, five), size = a->size[five];
		struct x86_64_region r = {a->name, a->words, a->marker, start,
					  UINT64_MAX};

		if (!area_is_there(k, a) || (!start && i))
			continue;
		if (a->lam &&
		    profile_field(k->profile, FIELD_MM_UNTAG_MASK)->present)
			r.words = a->lam;
		if (size && size - 1 <= UINT64_MAX - start)
			r.last = start + (size - 1);
		layout_insert(out, r);
	}
	layout_fill(out);
}

const struct x86_64_region *x86_64_region_of(const struct x86_64_layout *l,
					     uint64_t va)
{
	size_t i = l->n;

	while (i-- > 1)
		if (l->v[i].start <= va)
			return &l->v[i];
	return &l->v[0];
}
