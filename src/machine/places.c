/* SPDX-License-Identifier: BSD-2-Clause */
/* Places that were read, out of the page cache, and back into it. */
#include "machine/places.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/sort.h"
#include "machine/cache_inside.h"

#define LINES_MASK (CACHE_LINE - 1ULL)

static size_t place_bytes(uint64_t place)
{
	return ((place & LINES_MASK) + 1) * CACHE_LINE;
}

uint64_t place_of_page(uint64_t pa)
{
	return (pa & ~(PAGE_SIZE_4K - 1ULL)) | (CACHE_LINES - 1);
}

/* Runs of lines of one page, while there is room for them. */
static int places_add_lines(struct places *out, uint64_t pa, uint64_t left,
			    size_t *bytes)
{
	while (left) {
		unsigned int first = (unsigned int)__builtin_ctzll(left);
		uint64_t ones = ~(left >> first);
		unsigned int n = ones ? (unsigned int)__builtin_ctzll(ones)
				      : CACHE_LINES;
		uint64_t place = pa + first * CACHE_LINE + (n - 1);

		*bytes += n * CACHE_LINE;
		if (out->v.n == PLACES_MAX || *bytes > PLACES_MAX_BYTES)
			return 0;
		if (vec_push(&out->v, place))
			return ERR_NOMEM;
		if (first + n == CACHE_LINES)
			return 0;
		left &= ~0ULL << (first + n);
	}
	return 0;
}

static int places_add_page(struct places *out, const struct cache_page *p,
			   size_t *bytes)
{
	uint64_t pa = p->number * PAGE_SIZE_4K, lines = p->asked & p->few;

	return places_add_lines(out, pa | PLACE_WAY, lines & p->way, bytes) ||
			       places_add_lines(out, pa, lines & ~p->way, bytes)
		       ? ERR_NOMEM
		       : 0;
}

static int places_add(const struct machine *m, struct places *out)
{
	const struct cache_page *p;
	size_t i, bytes = 0;

	for (i = 0; i < out->v.n; i++)
		bytes += place_bytes(out->v.v[i]);
	for (p = m->pages; p; p = p->next)
		if (places_add_page(out, p, &bytes))
			return ERR_NOMEM;
	return 0;
}

void places_are_way(struct machine *m)
{
	struct cache_page *p;

	for (p = m->pages; p; p = p->next)
		p->way |= p->asked;
}

int places_save(struct machine *m)
{
	return places_add(m, &m->places);
}

int places_take(struct machine *m, struct places *out)
{
	struct places all = m->places;
	int rc;

	m->places = (struct places){0};
	m->steps = 0;
	rc = places_add(m, &all);
	places_deinit(out);
	*out = all;
	sort_u64(all.v.v, all.v.n);
	return rc;
}

/* Nobody looks at these bytes but in the cache. */
int places_fetch(struct machine *m, const uint64_t *places, size_t n,
		 struct err *err)
{
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = malloc(PAGE_SIZE_4K);
	size_t i, some = 0;

	m->steps = 0;
	places_deinit(&m->places);
	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		struct mem_read r = {.pa = places[i] &
					   ~(LINES_MASK | PLACE_WAY),
				     .dst = bytes,
				     .len = place_bytes(places[i])};

		if (r.pa % PAGE_SIZE_4K + r.len <= PAGE_SIZE_4K &&
		    machine_is_ram(m, r.pa, r.len))
			reads[some++] = r;
	}
	return some ? machine_read_ahead(m, reads, some, err) : 0;
}

void places_deinit(struct places *p)
{
	vec_deinit(&p->v);
}
