/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads struct pages, and what hangs on them, for many frames at once. */
#include "kernel/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/page/lru_batch.h"
#include "kernel/page/page_block.h"
#include "kernel/page/page_kpf.h"
#include "kernel/page/page_raw.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MAPPING_HOST = WANTS_OF(READER_PAGE),
	FIELD_MAPPING_NRPAGES,
	FIELD_INODE_MAPPING
};

static const struct want want_table[] = {
	FIELD(MAPPING_HOST, "address_space", OPTIONAL, "host"),
	FIELD(MAPPING_NRPAGES, "address_space", OPTIONAL, "nrpages"),
	FIELD(INODE_MAPPING, "inode", OPTIONAL, "i_mapping"),
};

const struct wants page_wants = {.reader = "mappings of pages",
				 .v = want_table,
				 .n = WANTS_N(want_table)};

/* So many frames are one batch: more of them would only take memory. */
#define SLICE (1u << 15)

/* May a free block that begins earlier hold this page? */
static bool maybe_free(const struct page_raw *r)
{
	return r->page.ok && !r->compound && !r->page.refcount;
}

/* What was read already: frames that are asked for mostly follow each other. */
static const struct page_words *page_asked(const struct page_work *w,
					   uint64_t pfn)
{
	uint64_t i = w->n ? pfn - w->raw[0].pfn : UINT64_MAX;

	return i < w->n && w->raw[i].pfn == pfn ? &w->raw[i].page : NULL;
}

/* The pages where free blocks with these can begin. */
static int want_others(struct page_work *w, struct pfns *others)
{
	size_t i, order;

	for (i = 0; i < w->n; i++) {
		const struct page_raw *r = &w->raw[i];

		for (order = 0; order < PAGE_ORDERS && maybe_free(r); order++)
			if (!page_asked(w, r->pfn >> order << order) &&
			    pfns_add(others, r->pfn >> order << order))
				return ERR_NOMEM;
	}
	return 0;
}

/* Blocks are aligned to their size; one that holds the page reaches it. */
static bool in_free_block(const struct page_work *w, const struct pfns *others,
			  struct page_raw *r)
{
	const struct page_words *words;
	size_t order;

	for (order = 0; order < PAGE_ORDERS; order++) {
		words = page_asked(w, r->pfn >> order << order);
		if (!words)
			words = pfns_words(others, r->pfn >> order << order);
		if (!words || !words->ok || !page_is_buddy(w, words) ||
		    words->order < order || words->order >= PAGE_ORDERS)
			continue;
		r->free_order = (uint8_t)words->order;
		return true;
	}
	return false;
}

static int read_others(struct page_work *w, struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns others = {0};
	size_t i;
	int rc;

	if (want_others(w, &others))
		return err_nomem(err);
	rc = pfns_read(w, &others, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct page_raw *r = &w->raw[i];

		r->in_free_block =
			maybe_free(r) && in_free_block(w, &others, r);
	}
	return rc;
}

/* The distinct address_spaces that heads name, if that is what they are. */
static int want_mappings(struct page_work *w, struct map *at, uint64_t *addrs,
			 size_t *n)
{
	size_t i;

	*n = 0;
	for (i = 0; i < w->n; i++) {
		uint64_t mapping = w->raw[i].head.mapping;

		if (mapping & 3 || !kernel_pointer(w->k, mapping) ||
		    map_get(at, mapping, NULL))
			continue;
		if (map_put(at, mapping, *n))
			return ERR_NOMEM;
		addrs[(*n)++] = mapping;
	}
	return 0;
}

/*
 * mapping.host.i_mapping leads back to the mapping: that is a file's.  Where it
 * holds no pages, this is none of its cache: drivers leave the mapping in pages
 * of theirs that processes have mapped (perf's ring: that of anon_inode).
 */
static int check_mappings(struct page_work *w, struct err *err)
{
	static const uint32_t host[] = {FIELD_MAPPING_HOST,
					FIELD_MAPPING_NRPAGES};
	static const uint32_t back[] = {FIELD_INODE_MAPPING};
	_cleanup_(map_deinit) struct map at = {0};
	_cleanup_(records_deinit) struct records hosts = {0};
	_cleanup_(records_deinit) struct records inodes = {0};
	_cleanup_free_ uint64_t *addrs = calloc(w->n + 1, sizeof(*addrs));
	size_t i, n = 0;
	uint64_t which;
	int rc;

	if (!addrs || want_mappings(w, &at, addrs, &n))
		return err_nomem(err);
	rc = records_read(w->k, addrs, n, host, 2, &hosts, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&hosts, i, FIELD_MAPPING_HOST);
	if (!rc)
		rc = records_read(w->k, addrs, n, back, 1, &inodes, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct page_raw *r = &w->raw[i];

		r->file = map_get(&at, r->head.mapping, &which) &&
			  records_u64(&inodes, which, FIELD_INODE_MAPPING) ==
				  r->head.mapping;
		r->cached = r->file &&
			    (!records_have(&hosts, FIELD_MAPPING_NRPAGES) ||
			     records_u64(&hosts, which, FIELD_MAPPING_NRPAGES));
	}
	return rc;
}

static void count_batched(struct page_work *w, const struct map *batches)
{
	uint64_t count;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (map_get(batches, page_addr(w, w->raw[i].head_pfn), &count))
			w->raw[i].batched = (uint32_t)count;
}

/* All rounds: each depends on what the one before has found. */
static int read_raw(struct page_work *w, const uint64_t *pfns,
		    const struct map *batches, struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns heads = {0};
	_cleanup_free_ struct page_words *words =
		calloc(w->n + 1, sizeof(*words));
	size_t i;
	int rc;

	if (!words)
		return err_nomem(err);
	rc = page_words_read(w, pfns, w->n, words, err);
	for (i = 0; i < w->n; i++)
		w->raw[i] = (struct page_raw){.pfn = pfns[i], .page = words[i]};
	if (!rc)
		rc = compound_find(w, &heads, err);
	if (!rc)
		rc = read_others(w, err);
	if (!rc)
		rc = compound_read(w, &heads, err);
	if (!rc)
		rc = check_mappings(w, err);
	if (!rc)
		rc = page_devices_read(w, err);
	if (!rc)
		count_batched(w, batches);
	return rc;
}

static int page_read_slice(struct page_work *w, const uint64_t *pfns,
			   const struct page_facts *facts,
			   const struct map *batches, struct page_info *out,
			   struct err *err)
{
	int rc = read_raw(w, pfns, batches, err);
	size_t i;

	for (i = 0; i < w->n && !rc; i++) {
		out[i] = (struct page_info){
			.pfn = pfns[i],
			.addr = page_addr(w, pfns[i]),
			.kind = PAGE_NOT_RAM,
			.migrate = -1,
		};
		if (machine_is_ram(w->k->machine, pfns[i] * PAGE_SIZE_4K,
				   PAGE_SIZE_4K))
			page_judge(w, facts, &w->raw[i], &out[i]);
		out[i].kpf = page_kpf(w, facts, &w->raw[i]);
	}
	return rc ? rc : page_migrate_read(w->k, out, w->n, err);
}

int page_read(struct kernel *k, const uint64_t *pfns, size_t n,
	      struct page_info *out, struct err *err)
{
	_cleanup_(page_facts_deinit) struct page_facts facts = {0};
	_cleanup_(map_deinit) struct map batches = {0};
	struct page_work w;
	_cleanup_free_ struct page_raw *raw =
		malloc(((n < SLICE ? n : SLICE) + 1) * sizeof(*raw));
	size_t i;
	int rc;

	if (!raw)
		return err_nomem(err);
	rc = page_work_init(&w, k, err);
	w.raw = raw;
	if (!rc)
		rc = page_facts_read(k, &facts, err);
	if (!rc)
		rc = lru_batches_read(k, &batches, err);
	for (i = 0; i < n && !rc; i += w.n) {
		w.n = n - i < SLICE ? n - i : SLICE;
		rc = page_read_slice(&w, pfns + i, &facts, &batches, out + i,
				     err);
	}
	return rc;
}
