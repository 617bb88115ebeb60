/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells frames that are a device's memory by their struct dev_pagemap. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/page/page_raw.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PAGE_PGMAP = WANTS_OF(READER_PAGE_DEVICE),
	FIELD_PGMAP_TYPE,
	FIELD_PGMAP_NR_RANGE,
	FIELD_PGMAP_RANGE,
	CONSTANT_PG_LRU,
	CONSTANT_MEMORY_FS_DAX,
	CONSTANT_MEMORY_GENERIC
};

static const struct want want_table[] = {
	FIELD(PAGE_PGMAP, "page|folio", OPTIONAL, "pgmap"), /* 6.15 */
	FIELD(PGMAP_TYPE, "dev_pagemap", OPTIONAL, "type"),
	FIELD(PGMAP_NR_RANGE, "dev_pagemap", OPTIONAL, "nr_range"), /* 5.10 */
	FIELD(PGMAP_RANGE, "dev_pagemap", OPTIONAL, "range"),	    /* 5.10 */
	CONSTANT(PG_LRU, "pageflags", "PG_lru"),
	CONSTANT(MEMORY_FS_DAX, "memory_type", "MEMORY_DEVICE_FS_DAX"),
	CONSTANT(MEMORY_GENERIC, "memory_type", "MEMORY_DEVICE_GENERIC"),
};

const struct wants page_device_wants = {
	.reader = "pages of devices",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* struct range {u64 start, end}, the end inclusive; some maps have several. */
#define RANGE_SIZE 16u
#define RANGES_MAX 8u

/* Of an address: what an entry of a page table has room for. */
#define PHYSICAL_BITS 52

/* Distinct dev_pagemaps that struct pages name, if that is what they are. */
struct pgmaps {
	struct map at;
	VEC(uint64_t) list;
	uint8_t (*ranges)[RANGES_MAX * RANGE_SIZE];
	struct records words; /* type, number of ranges */
};

static void pgmaps_deinit(struct pgmaps *p)
{
	map_deinit(&p->at);
	vec_deinit(&p->list);
	free(p->ranges);
	records_deinit(&p->words);
}

/* Is that a struct page of RAM? */
static bool is_page(const struct page_work *w, uint64_t va)
{
	const struct machine *m = w->k->machine;
	uint64_t end = ram_end(m->ram.v, m->ram.n) / PAGE_SIZE_4K;

	return va >= w->k->vmemmap_base && va < page_addr(w, end);
}

/*
 * May this be one?  The word shares its place with the links of lists: in
 * pages on an LRU list, and others, it leads to another struct page.
 */
static bool is_candidate(const struct page_work *w, const struct page_raw *r)
{
	uint64_t va = r->head.pgmap;

	return r->page.ok && r->head.ok && kernel_pointer(w->k, va) &&
	       !(va & 7) && !is_page(w, va) &&
	       !page_flag(w->k, r->head.flags, CONSTANT_PG_LRU) &&
	       !page_is_buddy(w, &r->head);
}

static int want_pgmaps(const struct page_work *w, struct pgmaps *p)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		uint64_t va = w->raw[i].head.pgmap;

		if (!is_candidate(w, &w->raw[i]) || map_get(&p->at, va, NULL))
			continue;
		if (map_put(&p->at, va, p->list.n) || vec_push(&p->list, va))
			return ERR_NOMEM;
	}
	return 0;
}

static int read_pgmaps(struct page_work *w, struct pgmaps *p, struct err *err)
{
	static const uint32_t fields[] = {FIELD_PGMAP_TYPE,
					  FIELD_PGMAP_NR_RANGE};
	uint32_t offset =
		profile_field(w->k->profile, FIELD_PGMAP_RANGE)->offset;
	_cleanup_free_ struct space_read *reads =
		calloc(p->list.n + 1, sizeof(*reads));
	size_t i;
	int rc;

	p->ranges = calloc(p->list.n + 1, sizeof(*p->ranges));
	if (!reads || !p->ranges)
		return err_nomem(err);
	for (i = 0; i < p->list.n; i++)
		reads[i] = (struct space_read){.root = &w->k->root,
					       .va = p->list.v[i] + offset,
					       .dst = p->ranges[i],
					       .len = sizeof(p->ranges[i])};
	rc = space_read(w->k->machine, reads, p->list.n, err);
	return rc ? rc
		  : records_read(w->k, p->list.v, p->list.n, fields, 2,
				 &p->words, err);
}

/* struct range: whole pages, and `end` is the last byte. */
static bool is_range(const uint8_t *range)
{
	uint64_t start = le64(range), end = le64(range + 8);

	return start < end && end < 1ULL << PHYSICAL_BITS &&
	       start % PAGE_SIZE_4K == 0 && (end + 1) % PAGE_SIZE_4K == 0;
}

/* It is one where the frame lies in one of its ranges: docs/facts/kernel.md,
 * "Pages of devices, and counts". */
static bool has_frame(const struct pgmaps *p, uint64_t which, uint64_t pfn)
{
	uint64_t n = records_u64(&p->words, which, FIELD_PGMAP_NR_RANGE);
	const uint8_t *range = p->ranges[which];
	uint64_t pa = pfn * PAGE_SIZE_4K, i;

	if (!p->words.ok[which])
		return false;
	for (i = 0; i < n && i < RANGES_MAX && is_range(range);
	     i++, range += RANGE_SIZE)
		if (pa >= le64(range) && pa < le64(range + 8))
			return true;
	return false;
}

static enum page_device device_of(const struct kernel *k, uint64_t type)
{
	int64_t value;

	if (profile_constant(k->profile, CONSTANT_MEMORY_FS_DAX, &value) &&
	    (uint64_t)value == type)
		return DEVICE_FS_DAX;
	if (profile_constant(k->profile, CONSTANT_MEMORY_GENERIC, &value) &&
	    (uint64_t)value == type)
		return DEVICE_GENERIC;
	return DEVICE_OTHER;
}

int page_devices_read(struct page_work *w, struct err *err)
{
	_cleanup_(pgmaps_deinit) struct pgmaps p = {0};
	uint64_t which;
	size_t i;
	int rc;

	if (!profile_field(w->k->profile, FIELD_PAGE_PGMAP)->present ||
	    !profile_field(w->k->profile, FIELD_PGMAP_TYPE)->present ||
	    !profile_field(w->k->profile, FIELD_PGMAP_NR_RANGE)->present ||
	    !profile_field(w->k->profile, FIELD_PGMAP_RANGE)->present)
		return 0;
	if (want_pgmaps(w, &p))
		return err_nomem(err);
	rc = read_pgmaps(w, &p, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct page_raw *r = &w->raw[i];

		if (is_candidate(w, r) &&
		    map_get(&p.at, r->head.pgmap, &which) &&
		    has_frame(&p, which, r->pfn))
			r->device =
				device_of(w->k, records_u64(&p.words, which,
							    FIELD_PGMAP_TYPE));
	}
	return rc;
}
