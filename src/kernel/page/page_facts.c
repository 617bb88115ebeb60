/* SPDX-License-Identifier: BSD-2-Clause */
/* Places that say what a page is: zero pages, the image, per-CPU areas. */
#include <stdlib.h>

#include "base/cursor.h"
#include "kernel/page/page_kpf.h"
#include "kernel/page/page_raw.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	STRUCT_PAGE = WANTS_OF(READER_PAGE_FACTS)
};

static const struct want want_table[] = {
	STRUCT(PAGE, "page", OPTIONAL),
};

const struct wants page_facts_wants = {
	.reader = "places of pages", .v = want_table, .n = WANTS_N(want_table)};

/* The parts of the image, from symbol to symbol: docs/facts/kernel.md, "Where
 * the kernel is". */
static const struct {
	const char *first, *end;
	enum page_kind kind;
} parts[] = {
	{"_text", "_etext", PAGE_TEXT},
	{"__start_rodata", "__end_rodata", PAGE_RODATA},
	{"__end_rodata", "_end", PAGE_DATA},
};

static int page_facts_add_range(struct page_facts *f, uint64_t pa, uint64_t end,
				enum page_kind kind)
{
	struct page_range r = {pa / PAGE_SIZE_4K,
			       (end + PAGE_SIZE_4K - 1) / PAGE_SIZE_4K, kind};

	return vec_push(&f->ranges, r);
}

static int add_image(struct kernel *k, struct page_facts *f)
{
	uint64_t first, end;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (profile_symbol(k->profile, parts[i].first, &first) &&
		    profile_symbol(k->profile, parts[i].end, &end) &&
		    page_facts_add_range(f, kernel_image_pa(k, first),
					 kernel_image_pa(k, end),
					 parts[i].kind))
			return ERR_NOMEM;
	return 0;
}

/*
 * The first chunk of each CPU, where the direct map has it: pcpu_unit_size
 * bytes (mm/percpu.c) from where its static variables begin.
 */
static int add_percpu(struct kernel *k, struct page_facts *f, struct err *err)
{
	struct percpu_first p;
	size_t i;
	int rc = percpu_first_read(k, &p, err);

	for (i = 0; i < p.n && !rc; i++) {
		uint64_t pa = p.first + p.offsets[i] - k->page_offset;

		if (machine_is_ram(k->machine, pa, PAGE_SIZE_4K) &&
		    page_facts_add_range(f, pa, pa + p.size, PAGE_PERCPU))
			rc = err_nomem(err);
	}
	free(p.offsets);
	return rc;
}

/*
 * By huge_zero_pfn; where there is none, from the struct page of
 * huge_zero_folio (>= 6.8) or huge_zero_page.
 */
int page_huge_zero(struct kernel *k, uint64_t *pfn, struct err *err)
{
	static const char *const names[] = {"huge_zero_pfn", "huge_zero_folio",
					    "huge_zero_page"};
	uint32_t size = profile_sizeof(k->profile, STRUCT_PAGE);
	uint64_t value = 0;
	int rc = ERR_NOT_FOUND;
	size_t i;

	for (i = 0; i < 3 && rc == ERR_NOT_FOUND; i++)
		rc = kernel_read_symbol(k, names[i], 8, &value, err);
	*pfn = UINT64_MAX;
	if (!rc && i == 1)
		*pfn = value;
	else if (!rc && value >= k->vmemmap_base && size)
		*pfn = (value - k->vmemmap_base) / size;
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

bool page_zero(const struct kernel *k, uint64_t *pa)
{
	uint64_t va;

	if (!profile_symbol(k->profile, "empty_zero_page", &va))
		return false;
	*pa = kernel_image_pa(k, va);
	return true;
}

int page_facts_read(struct kernel *k, struct page_facts *f, struct err *err)
{
	uint64_t pa;
	int rc;

	page_kpf_copied(k, f->copied);
	f->zero = page_zero(k, &pa) ? pa / PAGE_SIZE_4K : UINT64_MAX;
	rc = page_huge_zero(k, &f->huge_zero, err);
	if (rc)
		return rc;
	if (add_image(k, f))
		return err_nomem(err);
	return add_percpu(k, f, err);
}

void page_facts_deinit(struct page_facts *f)
{
	vec_deinit(&f->ranges);
}
