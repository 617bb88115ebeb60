/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses by which the kernel itself reaches physical memory. */
#include "kernel/alias.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	STRUCT_PAGE = WANTS_OF(READER_ALIAS)
};

static const struct want want_table[] = {
	STRUCT(PAGE, "page", OPTIONAL),
};

const struct wants alias_wants = {
	.reader = "struct pages", .v = want_table, .n = WANTS_N(want_table)};

/* One walk for each of them. */
#define RULES 3

/* Frames that there can be: docs/facts/kernel.md, "Pages". */
static uint64_t alias_frames(const struct kernel *k)
{
	return 1ULL << ((k->root.paging->levels == 5 ? 52 : 46) - 12);
}

uint32_t alias_page_size(const struct kernel *k)
{
	return profile_sizeof(k->profile, STRUCT_PAGE);
}

bool alias_is_direct(const struct kernel *k, uint64_t va, uint64_t *pfn)
{
	*pfn = (va - k->page_offset) / PAGE_SIZE_4K;
	return va >= k->page_offset &&
	       machine_is_ram(k->machine, *pfn * PAGE_SIZE_4K, PAGE_SIZE_4K);
}

bool alias_is_page(const struct kernel *k, uint64_t va, uint64_t *pfn,
		   uint32_t *in)
{
	uint32_t size = alias_page_size(k);
	uint64_t from = va - k->vmemmap_base;

	if (!size || va < k->vmemmap_base || from / size >= alias_frames(k))
		return false;
	*pfn = from / size;
	*in = (uint32_t)(from % size);
	return true;
}

/* All that the rules give, as if it were mapped. */
static struct aliases by_rules(const struct kernel *k, uint64_t pa)
{
	uint32_t size = alias_page_size(k);
	struct aliases a = {0};
	uint64_t end;

	if (pa / PAGE_SIZE_4K >= alias_frames(k))
		return a;
	a.direct = (struct alias){ALIAS_THERE, k->page_offset + pa};
	if (size)
		a.page = (struct alias){ALIAS_THERE,
					k->vmemmap_base +
						pa / PAGE_SIZE_4K * size};
	if (pa >= k->phys_text && profile_symbol(k->profile, "_end", &end) &&
	    pa - k->phys_text < end - k->text)
		a.image = (struct alias){ALIAS_THERE,
					 k->text + (pa - k->phys_text)};
	return a;
}

/* pa: where the walk has to lead; NULL: anywhere. */
static void alias_take(struct alias *a, const struct walk *w,
		       const uint64_t *pa)
{
	if (a->state == ALIAS_NONE)
		return;
	if (w->result != WALK_MAPPED)
		a->state = ALIAS_NOT_MAPPED;
	else if (pa && w->pa != *pa)
		a->state = ALIAS_OTHER;
}

int aliases_find(struct kernel *k, const uint64_t *pas, size_t n,
		 struct aliases *out, struct err *err)
{
	_cleanup_free_ struct walk *walks =
		calloc(n * RULES + 1, sizeof(*walks));
	struct walk *w = walks;
	size_t i;
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < n; i++, w += RULES) {
		out[i] = by_rules(k, pas[i]);
		walk_launch(&w[0], &k->root, out[i].direct.at);
		walk_launch(&w[1], &k->root, out[i].image.at);
		walk_launch(&w[2], &k->root, out[i].page.at);
	}
	rc = walk_run(k->machine, walks, n * RULES, err);
	for (i = 0, w = walks; i < n && !rc; i++, w += RULES) {
		alias_take(&out[i].direct, &w[0], &pas[i]);
		alias_take(&out[i].image, &w[1], &pas[i]);
		alias_take(&out[i].page, &w[2], NULL);
	}
	return rc;
}
