/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the struct pages of frames that processes use. */
#include "kernel/page/page_use.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/page/page_raw.h"
#include "kernel/page/page_zone.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	CONSTANT_PG_ACTIVE = WANTS_OF(READER_PAGE_USE),
	CONSTANT_PG_DIRTY,
	CONSTANT_PG_REFERENCED,
	CONSTANT_PG_RESERVED,
	CONSTANT_PG_SWAPBACKED,
	CONSTANT_PG_SWAPCACHE,
	CONSTANT_PG_UNEVICTABLE,
	CONSTANT_PG_WRITEBACK,
	CONSTANT_PG_YOUNG
};

static const struct want want_table[] = {
	CONSTANT(PG_ACTIVE, "pageflags", "PG_active"),
	CONSTANT(PG_DIRTY, "pageflags", "PG_dirty"),
	CONSTANT(PG_REFERENCED, "pageflags", "PG_referenced"),
	CONSTANT(PG_RESERVED, "pageflags", "PG_reserved"),
	CONSTANT(PG_SWAPBACKED, "pageflags", "PG_swapbacked"),
	CONSTANT(PG_SWAPCACHE, "pageflags", "PG_swapcache"),
	CONSTANT(PG_UNEVICTABLE, "pageflags", "PG_unevictable"),
	CONSTANT(PG_WRITEBACK, "pageflags", "PG_writeback"),
	CONSTANT(PG_YOUNG, "pageflags", "PG_young"), /* PAGE_IDLE_FLAG */
};

const struct wants page_use_wants = {
	.reader = "use of pages", .v = want_table, .n = WANTS_N(want_table)};

/* So many frames are one batch: more of them would only take memory. */
#define SLICE (1u << 17)

static struct page_use page_use_of(const struct page_work *w,
				   const struct page_raw *r)
{
	const struct kernel *k = w->k;
	const struct page_words *head = &r->head;
	uint64_t flags = head->flags;
	bool swap_backed = page_flag(k, flags, CONSTANT_PG_SWAPBACKED);

	if (!r->page.ok || !head->ok)
		return (struct page_use){0};
	return (struct page_use){
		.known = true,
		.anon = head->mapping & 1,
		.ksm = (head->mapping & 3) == 3,
		.swap_backed = swap_backed,
		.dirty = page_flag(k, flags, CONSTANT_PG_DIRTY),
		.referenced = page_flag(k, flags, CONSTANT_PG_REFERENCED) ||
			      page_flag(k, flags, CONSTANT_PG_YOUNG),
		.reserved = page_flag(k, r->page.flags, CONSTANT_PG_RESERVED),
		.active = page_flag(k, flags, CONSTANT_PG_ACTIVE) ||
			  page_flag(k, flags, CONSTANT_PG_UNEVICTABLE),
		.writeback = page_flag(k, flags, CONSTANT_PG_WRITEBACK),
		.swap_cache = swap_backed &&
			      page_flag(k, flags, CONSTANT_PG_SWAPCACHE),
		.node = page_node(k, flags),
		.maps = page_maps(w, r),
		.refs = head->refcount,
	};
}

/* Heads, and what they say of their compound pages. */
static int page_use_heads(struct page_work *w, struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns heads = {0};
	int rc = compound_find(w, &heads, err);

	return rc ? rc : compound_read(w, &heads, err);
}

static int page_use_slice(struct page_work *w, const uint64_t *pfns,
			  struct page_use *out, struct err *err)
{
	_cleanup_free_ struct page_words *words =
		calloc(w->n + 1, sizeof(*words));
	size_t i;
	int rc;

	if (!words)
		return err_nomem(err);
	rc = page_words_read(w, pfns, w->n, words, err);
	for (i = 0; i < w->n && !rc; i++)
		w->raw[i] = (struct page_raw){.pfn = pfns[i], .page = words[i]};
	if (!rc)
		rc = page_use_heads(w, err);
	for (i = 0; i < w->n && !rc; i++)
		out[i] = page_use_of(w, &w->raw[i]);
	return rc;
}

int page_uses_read(struct kernel *k, const uint64_t *pfns, size_t n,
		   struct page_use *out, struct err *err)
{
	struct page_work w;
	_cleanup_free_ struct page_raw *raw =
		malloc(((n < SLICE ? n : SLICE) + 1) * sizeof(*raw));
	size_t i;
	int rc;

	if (!raw)
		return err_nomem(err);
	rc = page_work_init(&w, k, err);
	w.unsummed = true;
	w.raw = raw;
	for (i = 0; i < n && !rc; i += w.n) {
		w.n = n - i < SLICE ? n - i : SLICE;
		rc = page_use_slice(&w, pfns + i, out + i, err);
	}
	return rc;
}
