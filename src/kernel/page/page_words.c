/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the words of struct pages. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/page/page_raw.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PAGE_FLAGS = WANTS_OF(READER_PAGE_WORDS),
	FIELD_PAGE_HEAD,
	FIELD_PAGE_MAPPING,
	FIELD_PAGE_INDEX,
	FIELD_PAGE_PRIVATE,
	FIELD_PAGE_MAPCOUNT,
	FIELD_PAGE_REFCOUNT,
	FIELD_PAGE_PGMAP,
	FIELD_PAGE_MEMCG,
	FIELD_PAGE_CACHE,
	STRUCT_PAGE
};

static const struct want want_table[] = {
	FIELD(PAGE_FLAGS, "page", REQUIRED, "flags.f|flags"), /* 6.18 */
	FIELD(PAGE_HEAD, "page", REQUIRED,
	      "compound_info|compound_head"), /* 7.1 */
	FIELD(PAGE_MAPPING, "page", REQUIRED, "mapping"),
	FIELD(PAGE_INDEX, "page", OPTIONAL, "index|__folio_index"), /* 6.16 */
	FIELD(PAGE_PRIVATE, "page", OPTIONAL, "private"),
	FIELD(PAGE_MAPCOUNT, "page", REQUIRED, "_mapcount"),
	FIELD(PAGE_REFCOUNT, "page", REQUIRED, "_refcount|_count"), /* 4.6 */
	FIELD(PAGE_PGMAP, "page|folio", OPTIONAL, "pgmap"),	    /* 6.15 */
	FIELD(PAGE_MEMCG, "page", OPTIONAL, "memcg_data|mem_cgroup"),
	FIELD(PAGE_CACHE, "slab|page", OPTIONAL, "slab_cache"), /* 5.17 */
	STRUCT(PAGE, "page", REQUIRED),
};

const struct wants page_words_wants = {
	.reader = "pages", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t page_fields[] = {
	FIELD_PAGE_FLAGS,   FIELD_PAGE_HEAD,	 FIELD_PAGE_MAPPING,
	FIELD_PAGE_INDEX,   FIELD_PAGE_MAPCOUNT, FIELD_PAGE_REFCOUNT,
	FIELD_PAGE_PRIVATE, FIELD_PAGE_PGMAP,	 FIELD_PAGE_MEMCG,
	FIELD_PAGE_CACHE,
};

/* Values of a struct page's members, by WANTS_INDEX(). */
typedef uint64_t page_values[WANTS_INDEX(STRUCT_PAGE)];

/*
 * Frames that follow each other are read as they lie, in pieces of 64 KiB,
 * which no cache keeps: nobody looks at a frame twice, and a machine has
 * millions of them.
 */
#define BULK_LEAST 2048u
#define BULK_PIECE 1024u

int page_work_init(struct page_work *w, struct kernel *k, struct err *err)
{
	*w = (struct page_work){
		.k = k, .size = profile_sizeof(k->profile, STRUCT_PAGE)};
	page_types_know(k, &w->types);
	return profile_check_reader(k->profile, READER_PAGE_WORDS, err);
}

void pfns_deinit(struct pfns *p)
{
	map_deinit(&p->at);
	vec_deinit(&p->list);
	free(p->words);
}

int pfns_add(struct pfns *p, uint64_t pfn)
{
	if (map_get(&p->at, pfn, NULL))
		return 0;
	if (map_put(&p->at, pfn, p->list.n) || vec_push(&p->list, pfn))
		return ERR_NOMEM;
	return 0;
}

/* What was read for a pfn that is in the set. */
const struct page_words *pfns_words(const struct pfns *p, uint64_t pfn)
{
	uint64_t i = 0;

	return map_get(&p->at, pfn, &i) ? &p->words[i] : NULL;
}

static struct page_words words_of(bool ok, const uint64_t *v)
{
	uint32_t word = (uint32_t)v[WANTS_INDEX(FIELD_PAGE_MAPCOUNT)];

	return (struct page_words){
		.ok = ok,
		.flags = v[WANTS_INDEX(FIELD_PAGE_FLAGS)],
		.head = v[WANTS_INDEX(FIELD_PAGE_HEAD)],
		.mapping = v[WANTS_INDEX(FIELD_PAGE_MAPPING)],
		.index = v[WANTS_INDEX(FIELD_PAGE_INDEX)],
		.order = v[WANTS_INDEX(FIELD_PAGE_PRIVATE)],
		.pgmap = v[WANTS_INDEX(FIELD_PAGE_PGMAP)],
		.memcg = v[WANTS_INDEX(FIELD_PAGE_MEMCG)],
		.cache = v[WANTS_INDEX(FIELD_PAGE_CACHE)],
		.mapcount = (int32_t)word,
		.type = word,
		.refcount = (int32_t)v[WANTS_INDEX(FIELD_PAGE_REFCOUNT)],
	};
}

static int words_scattered(struct page_work *w, const uint64_t *pfns, size_t n,
			   struct page_words *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	page_values v = {0};
	size_t i, f;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = page_addr(w, pfns[i]);
	rc = records_read(w->k, addrs, n, page_fields, WANTS_N(page_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		for (f = 0; f < WANTS_N(page_fields); f++)
			v[WANTS_INDEX(page_fields[f])] =
				records_u64(&r, i, page_fields[f]);
		out[i] = words_of(r.ok[i], v);
	}
	return rc;
}

/* Where members are, of those that there are; false: not all of them are in the
 * struct page. */
static bool words_places(const struct page_work *w, struct profile_field *at)
{
	size_t f;

	if (!w->size || w->size > PAGE_SIZE_4K)
		return false;
	for (f = 0; f < WANTS_N(page_fields); f++) {
		at[f] = *profile_field(w->k->profile, page_fields[f]);
		if (at[f].present &&
		    (at[f].size > 8 ||
		     (uint64_t)at[f].offset + at[f].size > w->size))
			return false;
	}
	return true;
}

static void words_take(const uint8_t *page, const struct profile_field *at,
		       struct page_words *out)
{
	page_values v = {0};
	size_t f;

	for (f = 0; f < WANTS_N(page_fields); f++)
		v[WANTS_INDEX(page_fields[f])] =
			at[f].present ? le_any(page + at[f].offset, at[f].size)
				      : 0;
	*out = words_of(true, v);
}

/* n frames that follow each other; a piece that has a hole is read again. */
static int words_bulk(struct page_work *w, const uint64_t *pfns, size_t n,
		      const struct profile_field *at, struct page_words *out,
		      struct err *err)
{
	size_t pieces = (n + BULK_PIECE - 1) / BULK_PIECE, i, j, some;
	_cleanup_free_ struct space_read *reads =
		calloc(pieces + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = malloc(n * w->size + 1);
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < pieces; i++) {
		size_t first = i * BULK_PIECE;

		some = n - first < BULK_PIECE ? n - first : BULK_PIECE;
		reads[i] = (struct space_read){.root = &w->k->root,
					       .va = page_addr(w, pfns[first]),
					       .dst = bytes + first * w->size,
					       .len = some * w->size};
	}
	rc = space_read(w->k->machine, reads, pieces, err);
	for (i = 0; i < pieces && !rc; i++) {
		size_t first = i * BULK_PIECE;

		some = reads[i].len / w->size;
		if (reads[i].got < reads[i].len)
			rc = words_scattered(w, pfns + first, some, out + first,
					     err);
		for (j = 0; j < some && reads[i].got == reads[i].len; j++)
			words_take(bytes + (first + j) * w->size, at,
				   &out[first + j]);
	}
	return rc;
}

int page_words_read(struct page_work *w, const uint64_t *pfns, size_t n,
		    struct page_words *out, struct err *err)
{
	struct profile_field at[WANTS_N(page_fields)];
	size_t i;

	for (i = 1; i < n && pfns[i] == pfns[0] + i; i++)
		;
	if (i < n || n < BULK_LEAST || !words_places(w, at))
		return words_scattered(w, pfns, n, out, err);
	return words_bulk(w, pfns, n, at, out, err);
}

int pfns_read(struct page_work *w, struct pfns *p, struct err *err)
{
	p->words = calloc(p->list.n + 1, sizeof(*p->words));
	if (!p->words)
		return err_nomem(err);
	return page_words_read(w, p->list.v, p->list.n, p->words, err);
}
