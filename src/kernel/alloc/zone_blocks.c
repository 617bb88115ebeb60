/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts blocks of pages by type, zone by zone. */
#include "kernel/alloc/zone_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/page/page_block.h"
#include "kernel/page/page_raw.h"
#include "kernel/page/page_zone.h"

struct block_reader {
	struct page_work work;
	const struct zones *zones;
	struct remarks *remarks;
};

/* Whether the page is one of that zone (pfn_to_online_page(), page_zone()). */
static bool block_is_of(const struct block_reader *r, const struct zone *z,
			const struct page_words *w)
{
	const char *name;

	if (!w || !w->ok)
		return false;
	name = page_zone_name(r->work.k, w->flags);
	return name && !strcmp(name, z->name) &&
	       page_node(r->work.k, w->flags) ==
		       (int)r->zones->nodes.v[z->node].id;
}

/* So many blocks are looked at together. */
#define BLOCKS_SLICE (1u << 14)

/* n blocks from `pfn` on. */
static int blocks_count(struct block_reader *r, const struct zone *z,
			uint64_t pfn, size_t n, uint64_t *counts,
			struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns pfns = {0};
	_cleanup_free_ int8_t *types = NULL;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		if (pfns_add(&pfns, pfn + i * PAGE_BLOCK_FRAMES))
			return err_nomem(err);
	types = calloc(pfns.list.n + 1, sizeof(*types));
	if (!types)
		return err_nomem(err);
	rc = pfns_read(&r->work, &pfns, err);
	if (!rc)
		rc = page_blocks_read(r->work.k, pfns.list.v, pfns.list.n,
				      types, err);
	for (i = 0; i < pfns.list.n && !rc; i++) {
		if (!block_is_of(r, z, &pfns.words[i]))
			continue;
		if (types[i] >= 0 && types[i] < ZONE_TYPES_MAX)
			counts[types[i]]++;
		else
			remarks_add(r->remarks,
				    "the type of a block of pages is not known "
				    "(node %u, zone %s)",
				    r->zones->nodes.v[z->node].id, z->name);
	}
	return rc;
}

static int blocks_of_zone(struct block_reader *r, const struct zone *z,
			  uint64_t *counts, struct err *err)
{
	uint64_t left =
		(z->spanned + PAGE_BLOCK_FRAMES - 1) / PAGE_BLOCK_FRAMES;
	uint64_t pfn = z->start_pfn;
	size_t n;
	int rc = 0;

	for (; left && !rc; left -= n, pfn += (uint64_t)n * PAGE_BLOCK_FRAMES) {
		n = left < BLOCKS_SLICE ? (size_t)left : BLOCKS_SLICE;
		rc = blocks_count(r, z, pfn, n, counts, err);
	}
	return rc;
}

int zone_blocks_read(struct kernel *k, const struct zones *zones,
		     struct zone_blocks *out, struct remarks *remarks,
		     struct err *err)
{
	struct block_reader r = {.zones = zones, .remarks = remarks};
	size_t i;
	int rc = page_work_init(&r.work, k, err);

	if (rc)
		return rc;
	out->counts = calloc(zones->list.n + 1, sizeof(*out->counts));
	if (!out->counts)
		return err_nomem(err);
	for (i = 0; i < zones->list.n && !rc; i++) {
		const struct zone *z = &zones->list.v[i];

		if (z->present && z->spanned <= ZONE_SPAN_MAX)
			rc = blocks_of_zone(&r, z, out->counts[i], err);
		else if (z->present)
			remarks_add(remarks,
				    "zone %s is larger than any can be",
				    z->name);
	}
	return rc;
}

void zone_blocks_deinit(struct zone_blocks *b)
{
	free(b->counts);
	b->counts = NULL;
}
