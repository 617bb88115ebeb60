/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the slab caches that pages belong to. */
#include "kernel/page/page_slab.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/page/page_raw.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CACHE_NAME = WANTS_OF(READER_PAGE_SLAB)
};

static const struct want want_table[] = {
	FIELD(CACHE_NAME, "kmem_cache", OPTIONAL, "name"),
};

const struct wants page_slab_wants = {.reader = "slab caches of pages",
				      .v = want_table,
				      .n = WANTS_N(want_table)};

int page_slabs_find(struct kernel *k, const uint64_t *pfns, size_t n,
		    struct page_info *out, struct err *err)
{
	_cleanup_free_ struct page_raw *raw = calloc(n + 1, sizeof(*raw));
	_cleanup_free_ struct page_words *words = calloc(n + 1, sizeof(*words));
	_cleanup_(pfns_deinit) struct pfns heads = {0};
	struct page_work w;
	size_t i;
	int rc;

	if (!raw || !words)
		return err_nomem(err);
	rc = page_work_init(&w, k, err);
	w.n = n;
	w.raw = raw;
	if (!rc)
		rc = page_words_read(&w, pfns, n, words, err);
	for (i = 0; i < n; i++)
		raw[i] = (struct page_raw){.pfn = pfns[i], .page = words[i]};
	if (!rc)
		rc = compound_find(&w, &heads, err);
	for (i = 0; i < n && !rc; i++) {
		const struct page_raw *r = &raw[i];

		out[i] = (struct page_info){.pfn = r->pfn, .head = r->head_pfn};
		if (r->page.ok && r->head.ok && page_is_slab(&w, &r->head))
			out[i].cache = r->head.cache;
	}
	return rc;
}

static int page_slab_want(struct kernel *k, const struct page_info *pages,
			  size_t n, struct page_slabs *out, uint64_t *addrs)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!kernel_pointer(k, pages[i].cache) ||
		    map_get(&out->at, pages[i].cache, NULL))
			continue;
		addrs[out->list.n] = pages[i].cache;
		if (map_put(&out->at, pages[i].cache, out->list.n) ||
		    vec_push(&out->list, {0}))
			return ERR_NOMEM;
	}
	return 0;
}

int page_slabs_read(struct kernel *k, const struct page_info *pages, size_t n,
		    struct page_slabs *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CACHE_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_free_ char **names = calloc(n + 1, sizeof(*names));
	size_t i;
	int rc;

	if (!addrs || !names || page_slab_want(k, pages, n, out, addrs))
		return err_nomem(err);
	if (!out->list.n)
		return 0;
	rc = records_read(k, addrs, out->list.n, fields, 1, &r, err);
	for (i = 0; i < out->list.n && !rc; i++) {
		addrs[i] = records_u64(&r, i, FIELD_CACHE_NAME);
		names[i] = out->list.v[i].text;
	}
	return rc ? rc
		  : records_strings(k, addrs, out->list.n,
				    sizeof(out->list.v[0].text), names, NULL,
				    err);
}

const char *page_slab_of(const struct page_slabs *c,
			 const struct page_info *page)
{
	uint64_t i = 0;

	if (!page->cache || !map_get(&c->at, page->cache, &i) ||
	    !*c->list.v[i].text)
		return NULL;
	return c->list.v[i].text;
}

void page_slabs_deinit(struct page_slabs *c)
{
	map_deinit(&c->at);
	vec_deinit(&c->list);
}
