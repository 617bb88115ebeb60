/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks slots up in the swap cache, in whichever way this kernel keeps it. */
#include "kernel/mm/swap_cache.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/alias.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/mm/swap_area.h"
#include "kernel/mm/swap_work.h"

/* What is wanted of the types. */
enum {
	FIELD_SWAP_INFO_MAX = WANTS_OF(READER_SWAP_CACHE),
	FIELD_SWAP_INFO_ZEROMAP,
	FIELD_SWAP_INFO_CLUSTERS,
	FIELD_SWAP_INFO_MAP,
	FIELD_CLUSTER_TABLE,
	FIELD_TABLE_ENTRIES,
	STRUCT_CLUSTER
};

static const struct want want_table[] = {
	FIELD(SWAP_INFO_MAX, "swap_info_struct", OPTIONAL, "max"),
	FIELD(SWAP_INFO_ZEROMAP, "swap_info_struct", OPTIONAL,
	      "zeromap"), /* 6.12 to 7.1 */
	FIELD(SWAP_INFO_CLUSTERS, "swap_info_struct", OPTIONAL, "cluster_info"),
	FIELD(SWAP_INFO_MAP, "swap_info_struct", OPTIONAL,
	      "swap_map"), /* up to 7.1 */
	FIELD(CLUSTER_TABLE, "swap_cluster_info", OPTIONAL, "table"), /* 6.18 */
	FIELD(TABLE_ENTRIES, "swap_table", OPTIONAL, "entries"),
	STRUCT(CLUSTER, "swap_cluster_info", OPTIONAL),
};

const struct wants swap_cache_wants = {
	.reader = "the swap cache", .v = want_table, .n = WANTS_N(want_table)};

#define OFFSET_BITS 58

/* Entries of tables: docs/facts/kernel.md, "Swap areas". */
#define TABLE_PFN_SHIFT 2
#define TABLE_PFN_BITS	40
#define TABLE_ZERO	(1ULL << 59)

uint64_t swap_slot_value(const struct swap_slot *slot)
{
	return (uint64_t)slot->type << OFFSET_BITS | slot->offset;
}

struct swap_slot swap_slot_of(uint64_t value)
{
	return (struct swap_slot){
		.type = (uint8_t)(value >> OFFSET_BITS) & (SWAP_TYPES - 1),
		.offset = value & ((1ULL << OFFSET_BITS) - 1)};
}

static void swap_work_deinit(struct swap_work *w)
{
	free(w->v);
}

static int swap_read_infos(struct swap_work *w, const struct swap_slot *slots,
			   size_t n_slots, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_SWAP_INFO_MAX, FIELD_SWAP_INFO_ZEROMAP,
		FIELD_SWAP_INFO_CLUSTERS, FIELD_SWAP_INFO_MAP};
	_cleanup_(records_deinit) struct records r = {0};
	bool used[SWAP_TYPES] = {false};
	unsigned int types[SWAP_TYPES], i;
	uint64_t at[SWAP_TYPES];
	size_t n = 0, j;
	int rc;

	for (j = 0; j < n_slots; j++)
		used[slots[j].type % SWAP_TYPES] = true;
	for (i = 0; i < SWAP_TYPES; i++)
		if (used[i])
			types[n++] = i;
	rc = swap_areas_find(w->k, types, n, at, err);
	if (!rc)
		rc = records_read(w->k, at, n, fields, WANTS_N(fields), &r,
				  err);
	for (i = 0; i < n && !rc; i++) {
		w->infos.max[types[i]] =
			records_u64(&r, i, FIELD_SWAP_INFO_MAX);
		w->infos.zeromap[types[i]] =
			records_u64(&r, i, FIELD_SWAP_INFO_ZEROMAP);
		w->infos.clusters[types[i]] =
			records_u64(&r, i, FIELD_SWAP_INFO_CLUSTERS);
		w->infos.map[types[i]] =
			records_u64(&r, i, FIELD_SWAP_INFO_MAP);
	}
	return rc;
}

static int by_slot_value(const void *a, const void *b)
{
	const struct swap_wanted *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* Those whose area has them, in order; of the others nothing is known. */
static int swap_choose(struct swap_work *w, const struct swap_slot *slots,
		       size_t n)
{
	size_t i;

	w->v = calloc(n + 1, sizeof(*w->v));
	for (i = 0; w->v && i < n; i++) {
		w->out[i] = (struct swap_found){.state = SWAP_UNKNOWN};
		if (slots[i].type < SWAP_TYPES &&
		    slots[i].offset < w->infos.max[slots[i].type])
			w->v[w->n++] = (struct swap_wanted){
				swap_slot_value(&slots[i]), i};
	}
	if (w->v && w->n)
		qsort(w->v, w->n, sizeof(*w->v), by_slot_value);
	return w->v ? 0 : ERR_NOMEM;
}

int swap_read_words(struct swap_work *w, const uint64_t *addrs, uint64_t *words,
		    struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(w->n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		reads[i] = (struct space_read){.root = &w->k->root,
					       .va = addrs[i],
					       .dst = &words[i],
					       .len = addrs[i] ? 8 : 0};
	rc = space_read(w->k->machine, reads, w->n, err);
	for (i = 0; i < w->n; i++)
		if (reads[i].got != 8)
			words[i] = 0;
	return rc;
}

/* The kernel has one table for each cluster of slots (6.18). */
static bool swap_has_tables(const struct swap_work *w)
{
	return profile_field(w->k->profile, FIELD_CLUSTER_TABLE)->present;
}

/* Where the table's entry of each that is wanted lies; 0: nowhere. */
static int swap_find_entries(struct swap_work *w, uint64_t *at, struct err *err)
{
	const struct profile_field *table =
		profile_field(w->k->profile, FIELD_CLUSTER_TABLE);
	uint32_t per =
		profile_field(w->k->profile, FIELD_TABLE_ENTRIES)->size / 8;
	uint32_t size = profile_sizeof(w->k->profile, STRUCT_CLUSTER);
	size_t i;
	int rc;

	for (i = 0; i < w->n && per; i++) {
		struct swap_slot s = swap_slot_of(w->v[i].value);

		at[i] = w->infos.clusters[s.type];
		if (at[i])
			at[i] += s.offset / per * size + table->offset;
	}
	rc = swap_read_words(w, at, at, err);
	for (i = 0; i < w->n && per; i++)
		if (kernel_pointer(w->k, at[i]))
			at[i] += swap_slot_of(w->v[i].value).offset % per * 8;
		else
			at[i] = 0;
	return rc;
}

/* A frame or a struct page, or another value: what was there before. */
static void swap_take_entry(const struct swap_work *w, uint64_t entry,
			    struct swap_found *f)
{
	uint64_t pfn =
		entry >> TABLE_PFN_SHIFT & ((1ULL << TABLE_PFN_BITS) - 1);

	f->state = SWAP_OUT;
	if ((entry & 3) == 2)
		*f = (struct swap_found){SWAP_CACHED,
					 w->k->vmemmap_base +
						 pfn * alias_page_size(w->k)};
	else if (entry && !(entry & 1))
		*f = (struct swap_found){SWAP_CACHED, entry};
	else if (entry & TABLE_ZERO &&
		 !profile_field(w->k->profile, FIELD_SWAP_INFO_ZEROMAP)
			  ->present)
		f->state = SWAP_ZEROS;
}

static int swap_find_in_tables(struct swap_work *w, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(w->n + 1, sizeof(*at));
	_cleanup_free_ uint64_t *entries = calloc(w->n + 1, sizeof(*entries));
	size_t i;
	int rc;

	if (!at || !entries)
		return err_nomem(err);
	rc = swap_find_entries(w, at, err);
	if (!rc)
		rc = swap_read_words(w, at, entries, err);
	for (i = 0; i < w->n && !rc; i++)
		if (at[i])
			swap_take_entry(w, entries[i], &w->out[w->v[i].number]);
	return rc;
}

/* The bit of each in a map of those that hold nothing but zeros. */
static int swap_find_zeros(struct swap_work *w, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(w->n + 1, sizeof(*at));
	_cleanup_free_ uint64_t *words = calloc(w->n + 1, sizeof(*words));
	size_t i;
	int rc;

	if (!at || !words)
		return err_nomem(err);
	for (i = 0; i < w->n; i++) {
		struct swap_slot s = swap_slot_of(w->v[i].value);

		at[i] = w->infos.zeromap[s.type];
		if (at[i])
			at[i] += s.offset / 64 * 8;
	}
	rc = swap_read_words(w, at, words, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct swap_found *f = &w->out[w->v[i].number];

		if (f->state == SWAP_OUT &&
		    words[i] >> (w->v[i].value % 64) & 1)
			f->state = SWAP_ZEROS;
	}
	return rc;
}

int swap_slots_find(struct kernel *k, const struct swap_slot *slots, size_t n,
		    struct swap_found *out, struct err *err)
{
	_cleanup_(swap_work_deinit) struct swap_work w = {.k = k, .out = out};
	int rc = swap_read_infos(&w, slots, n, err);

	if (!rc && swap_choose(&w, slots, n))
		rc = err_nomem(err);
	if (rc || !w.n)
		return rc;
	rc = swap_has_tables(&w) ? swap_find_in_tables(&w, err)
				 : swap_find_in_trees(&w, err);
	return rc ? rc : swap_find_zeros(&w, err);
}

/* docs/facts/kernel.md, "Swap areas" */
#define MAP_CACHED	  0x40u
#define MAP_CONTINUED	  0x80u
#define MAP_BAD		  0x3fu
#define TABLE_COUNT_SHIFT 60
#define TABLE_COUNT_MAX	  15u

/* 0 is no count of a slot that a page table has. */
static uint32_t swap_map_count(uint64_t word, uint64_t offset)
{
	uint32_t byte = word >> offset % 8 * 8 & 0xff & ~MAP_CACHED;

	return byte && byte < MAP_BAD ? byte : SWAP_COUNT_UNKNOWN;
}

static uint32_t swap_entry_count(uint64_t entry)
{
	uint32_t count = (uint32_t)(entry >> TABLE_COUNT_SHIFT);

	return count && count < TABLE_COUNT_MAX && entry & 3
		       ? count
		       : SWAP_COUNT_UNKNOWN;
}

/* By the bytes of swap_map, or by entries of tables. */
static int swap_count_wanted(struct swap_work *w, uint64_t *at,
			     uint32_t *counts, struct err *err)
{
	bool map = profile_field(w->k->profile, FIELD_SWAP_INFO_MAP)->present;
	size_t i;
	int rc = 0;

	for (i = 0; i < w->n && map; i++) {
		struct swap_slot s = swap_slot_of(w->v[i].value);

		at[i] = w->infos.map[s.type];
		if (at[i])
			at[i] += s.offset & ~7ULL;
	}
	if (!map)
		rc = swap_find_entries(w, at, err);
	if (!rc)
		rc = swap_read_words(w, at, at, err);
	for (i = 0; i < w->n && !rc; i++)
		counts[w->v[i].number] =
			map ? swap_map_count(at[i],
					     swap_slot_of(w->v[i].value).offset)
			    : swap_entry_count(at[i]);
	return rc;
}

int swap_slots_count(struct kernel *k, const struct swap_slot *slots, size_t n,
		     uint32_t *counts, struct err *err)
{
	_cleanup_free_ struct swap_found *found = calloc(n + 1, sizeof(*found));
	_cleanup_(swap_work_deinit) struct swap_work w = {.k = k, .out = found};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i;
	int rc;

	if (!found || !at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		counts[i] = SWAP_COUNT_UNKNOWN;
	rc = swap_read_infos(&w, slots, n, err);
	if (!rc && swap_choose(&w, slots, n))
		rc = err_nomem(err);
	return rc || !w.n ? rc : swap_count_wanted(&w, at, counts, err);
}
