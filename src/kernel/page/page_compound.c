/* SPDX-License-Identifier: BSD-2-Clause */
/* Compound pages: their heads, sizes, and how often they are mapped. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/page/page_raw.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PAGE_FLAGS = WANTS_OF(READER_PAGE_COMPOUND),
	FIELD_COMPOUND_MAPCOUNT,
	FIELD_COMPOUND_DTOR,
	FIELD_COMPOUND_NR,
	FIELD_FOLIO_ENTIRE_MAPCOUNT,
	FIELD_FOLIO_LARGE_MAPCOUNT,
	FIELD_FOLIO_NR_PAGES,
	FIELD_FOLIO_DTOR,
	CONSTANT_PG_HEAD,
	CONSTANT_PG_DOUBLE_MAP,
	CONSTANT_PG_SLAB,
	CONSTANT_PG_HUGETLB,
	CONSTANT_HUGETLB_DTOR
};

static const struct want want_table[] = {
	FIELD(PAGE_FLAGS, "page", OPTIONAL, "flags.f|flags"), /* 6.18 */
	FIELD(COMPOUND_MAPCOUNT, "page", OPTIONAL, "compound_mapcount"),
	FIELD(COMPOUND_DTOR, "page", OPTIONAL, "compound_dtor"),
	FIELD(COMPOUND_NR, "page", OPTIONAL, "compound_nr"),
	FIELD(FOLIO_ENTIRE_MAPCOUNT, "folio", OPTIONAL, "_entire_mapcount"),
	FIELD(FOLIO_LARGE_MAPCOUNT, "folio", OPTIONAL,
	      "_large_mapcount"), /* 6.10 */
	FIELD(FOLIO_NR_PAGES, "folio", OPTIONAL, "_nr_pages|_folio_nr_pages"),
	FIELD(FOLIO_DTOR, "folio", OPTIONAL, "_folio_dtor"),
	CONSTANT(PG_HEAD, "pageflags", "PG_head"),
	CONSTANT(PG_DOUBLE_MAP, "pageflags", "PG_double_map"), /* up to 6.1 */
	CONSTANT(PG_SLAB, "pageflags", "PG_slab"),	       /* up to 6.9 */
	CONSTANT(PG_HUGETLB, "pageflags", "PG_hugetlb"),       /* 6.6 to 6.8 */
	CONSTANT(HUGETLB_DTOR, "compound_dtor_id",
		 "HUGETLB_PAGE_DTOR"), /* <=6.5*/
};

const struct wants page_compound_wants = {
	.reader = "compound pages", .v = want_table, .n = WANTS_N(want_table)};

/* Frames of a compound page: 1 GiB is the largest there is. */
#define COMPOUND_MAX (1u << 18)

/*
 * The head that the word of a tail page leads to: the head's address + 1, or a
 * mask + 1 for the tail's own (docs/facts/kernel.md, "Compound pages").
 */
static bool find_head(const struct page_work *w, uint64_t tail, uint64_t word,
		      uint64_t *head)
{
	uint64_t to = word - 1, base = w->k->vmemmap_base;
	uint64_t room = (uint64_t)COMPOUND_MAX * w->size, below = ~to + 1;

	if (below && below <= room && !(below & (below - 1)))
		to = page_addr(w, tail) & to;
	if (to < base || (to - base) % w->size)
		return false;
	*head = (to - base) / w->size;
	return *head < tail && tail - *head < COMPOUND_MAX;
}

/*
 * A head: its next page says whose it is.  From 5.18 to 7.0 the first struct
 * page of each 4 KiB of a huge page's may be a copy of the head's
 * (page_fixed_fake_head() in page-flags.h).
 */
static int want_next(struct page_work *w, struct pfns *next)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (page_flag(w->k, w->raw[i].page.flags, CONSTANT_PG_HEAD) &&
		    pfns_add(next, w->raw[i].pfn + 1))
			return ERR_NOMEM;
	return 0;
}

static void set_heads(struct page_work *w, const struct pfns *next)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		struct page_raw *r = &w->raw[i];
		const struct page_words *second = pfns_words(next, r->pfn + 1);
		bool tail = r->page.head & 1;

		r->head_pfn = r->pfn;
		if (!r->page.ok)
			continue;
		if (tail)
			r->compound = find_head(w, r->pfn, r->page.head,
						&r->head_pfn);
		else if (page_flag(w->k, r->page.flags, CONSTANT_PG_HEAD))
			r->compound = second && second->head & 1 &&
				      find_head(w, r->pfn + 1, second->head,
						&r->head_pfn);
		r->page.ok = r->compound || !tail;
	}
}

static int read_heads(struct page_work *w, struct pfns *heads, struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < w->n; i++)
		if (w->raw[i].compound && pfns_add(heads, w->raw[i].head_pfn))
			return err_nomem(err);
	rc = pfns_read(w, heads, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct page_raw *r = &w->raw[i];

		r->head =
			r->compound ? *pfns_words(heads, r->head_pfn) : r->page;
	}
	return rc;
}

int compound_find(struct page_work *w, struct pfns *heads, struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns next = {0};
	int rc;

	if (want_next(w, &next))
		return err_nomem(err);
	rc = pfns_read(w, &next, err);
	if (rc)
		return rc;
	set_heads(w, &next);
	return read_heads(w, heads, err);
}

/* What the first two struct pages say of all of a compound page. */
struct compound {
	uint32_t nr;
	int32_t entire, all_maps;
	uint64_t second_flags;
	bool hugetlb;
};

/* One of these members, wherever this kernel has it; 0 without. */
static uint64_t either(const struct records *folio, uint32_t a,
		       const struct records *second, uint32_t b, size_t i)
{
	return records_have(folio, a) ? records_u64(folio, i, a)
				      : records_u64(second, i, b);
}

static void fill_compound(const struct page_work *w,
			  const struct records *folio,
			  const struct records *second, size_t i,
			  struct compound *c)
{
	uint64_t nr = either(folio, FIELD_FOLIO_NR_PAGES, second,
			     FIELD_COMPOUND_NR, i);
	int64_t dtor;

	c->nr = nr <= COMPOUND_MAX ? (uint32_t)nr : 0;
	c->entire = (int32_t)either(folio, FIELD_FOLIO_ENTIRE_MAPCOUNT, second,
				    FIELD_COMPOUND_MAPCOUNT, i) +
		    1;
	c->all_maps = -1;
	if (records_have(folio, FIELD_FOLIO_LARGE_MAPCOUNT))
		c->all_maps = (int32_t)records_u64(folio, i,
						   FIELD_FOLIO_LARGE_MAPCOUNT) +
			      1;
	c->second_flags = records_u64(second, i, FIELD_PAGE_FLAGS);
	c->hugetlb = page_flag(w->k, c->second_flags, CONSTANT_PG_HUGETLB);
	if (profile_constant(w->k->profile, CONSTANT_HUGETLB_DTOR, &dtor))
		c->hugetlb |= either(folio, FIELD_FOLIO_DTOR, second,
				     FIELD_COMPOUND_DTOR, i) == (uint64_t)dtor;
}

static int read_compounds(struct page_work *w, const struct pfns *heads,
			  struct compound *out, struct err *err)
{
	static const uint32_t folio[] = {
		FIELD_FOLIO_NR_PAGES, FIELD_FOLIO_ENTIRE_MAPCOUNT,
		FIELD_FOLIO_LARGE_MAPCOUNT, FIELD_FOLIO_DTOR};
	static const uint32_t second[] = {
		FIELD_COMPOUND_NR, FIELD_COMPOUND_MAPCOUNT, FIELD_COMPOUND_DTOR,
		FIELD_PAGE_FLAGS};
	size_t n = heads->list.n, i;
	_cleanup_free_ uint64_t *addrs = calloc(2 * n + 1, sizeof(*addrs));
	struct records_want wants[] = {{addrs, n, folio, 4},
				       {addrs + n, n, second, 4}};
	struct records r[2] = {{0}};
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		addrs[i] = page_addr(w, heads->list.v[i]);
		addrs[n + i] = addrs[i] + w->size;
	}
	rc = records_read_all(w->k, wants, 2, r, err);
	for (i = 0; i < n && !rc; i++)
		fill_compound(w, &r[0], &r[1], i, &out[i]);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

/* Of a kernel that keeps no sum (up to 6.9); hugetlb has `entire`, and the word
 * of slabs is no count. */
static bool needs_sum(const struct page_work *w, const struct page_words *head,
		      const struct compound *c)
{
	return c->all_maps < 0 && !c->hugetlb && head->ok &&
	       !page_flag(w->k, head->flags, CONSTANT_PG_SLAB);
}

/*
 * total_mapcount() of mm/huge_memory.c: each frame's own mappings, and those
 * of the whole.  Up to 6.1 a frame's count is one too high while the whole is
 * mapped in both ways (PG_double_map).
 */
static void sum_maps(const struct page_work *w, const struct page_words *frames,
		     struct compound *c)
{
	bool doubled = page_flag(w->k, c->second_flags, CONSTANT_PG_DOUBLE_MAP);
	int sum = c->entire;
	uint32_t i;

	for (i = 0; i < c->nr; i++) {
		if (!frames[i].ok)
			return;
		if (frames[i].mapcount >= 0)
			sum += frames[i].mapcount + 1 - doubled;
	}
	c->all_maps = sum;
}

/* The frames of all that need it are one batch. */
static int sum_all(struct page_work *w, const struct pfns *heads,
		   struct compound *c, struct err *err)
{
	_cleanup_(pfns_deinit) struct pfns frames = {0};
	_cleanup_free_ size_t *first =
		calloc(heads->list.n + 1, sizeof(*first));
	size_t i;
	uint32_t j;
	int rc;

	if (!first)
		return err_nomem(err);
	for (i = 0; i < heads->list.n; i++) {
		first[i] = SIZE_MAX;
		if (!needs_sum(w, &heads->words[i], &c[i]) ||
		    c[i].nr > COUNT_MAX - frames.list.n)
			continue;
		first[i] = frames.list.n;
		for (j = 0; j < c[i].nr; j++)
			if (vec_push(&frames.list, heads->list.v[i] + j))
				return err_nomem(err);
	}
	rc = pfns_read(w, &frames, err);
	for (i = 0; i < heads->list.n && !rc; i++)
		if (first[i] != SIZE_MAX)
			sum_maps(w, &frames.words[first[i]], &c[i]);
	return rc;
}

int compound_read(struct page_work *w, const struct pfns *heads,
		  struct err *err)
{
	_cleanup_free_ struct compound *c =
		calloc(heads->list.n + 1, sizeof(*c));
	uint64_t which;
	size_t i;
	int rc;

	if (!c)
		return err_nomem(err);
	rc = read_compounds(w, heads, c, err);
	if (!rc && !w->unsummed)
		rc = sum_all(w, heads, c, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct page_raw *r = &w->raw[i];

		if (!r->compound || !map_get(&heads->at, r->head_pfn, &which))
			continue;
		r->nr = c[which].nr;
		r->entire = c[which].entire;
		r->all_maps = c[which].all_maps;
		r->second_flags = c[which].second_flags;
		r->hugetlb = c[which].hugetlb;
	}
	return rc;
}
