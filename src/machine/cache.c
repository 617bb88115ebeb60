/* SPDX-License-Identifier: BSD-2-Clause */
/* Scatter reads through a page cache: one call of the provider per batch. */
#include "machine/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/cache_inside.h"
#include "machine/limits.h"
#include "machine/places.h"

/* What a batch is read for. */
enum read_for {
	READ_ANSWER,
	READ_WAY,  /* it is no answer, but leads to some */
	READ_AHEAD /* nobody asks for it yet */
};

/* A batch in preparation: pages with wanted lines, and what is asked for. */
struct batch {
	struct cache_page **at; /* of each read's start */
	VEC(struct cache_page *) pages;
	VEC(struct mem_read) reads;
	bool own; /* by ops.read_own */
	enum read_for use;
};

static void batch_deinit(struct batch *b)
{
	free(b->at);
	vec_deinit(&b->pages);
	vec_deinit(&b->reads);
}

/* The lines that [pa, pa + len) touches; it lies within one page. */
static uint64_t line_mask(uint64_t pa, size_t len)
{
	unsigned int first = (pa % PAGE_SIZE_4K) >> CACHE_LINE_SHIFT;
	unsigned int last = ((pa + len - 1) % PAGE_SIZE_4K) >> CACHE_LINE_SHIFT;

	return (~0ULL << first) & (~0ULL >> (63 - last));
}

static size_t piece_len(uint64_t pa, size_t left)
{
	size_t room = PAGE_SIZE_4K - pa % PAGE_SIZE_4K;

	return left < room ? left : room;
}

/* Note what one read lacks in the cache; the page that it starts in. */
static int cache_want(struct machine *m, struct batch *b,
		      const struct mem_read *r, struct cache_page **at)
{
	uint64_t pa = r->pa;
	size_t left = r->len, n;

	for (; left; pa += n, left -= n) {
		struct cache_page *p = cache_page_get(m, pa);
		uint64_t lines, missing;

		if (!p)
			return ERR_NOMEM;
		if (left == r->len)
			*at = p;
		n = piece_len(pa, left);
		lines = line_mask(pa, n);
		missing = lines & ~p->valid;
		p->asked |= b->use == READ_AHEAD ? 0 : lines;
		p->way |= b->use == READ_WAY ? lines : 0;
		if (missing && !p->wanted && vec_push(&b->pages, p))
			return ERR_NOMEM;
		p->wanted |= missing;
	}
	return 0;
}

/* Turn the wanted lines of a page into as few reads as is worth it. */
static int ask_page(struct machine *m, struct batch *b, struct cache_page *p)
{
	uint8_t *dst;
	unsigned int line = 0;

	while (p->wanted >> line) {
		unsigned int end, gap = 0, probe;

		line += (unsigned int)__builtin_ctzll(p->wanted >> line);
		for (end = probe = line + 1;
		     probe < CACHE_LINES && gap <= CACHE_GAP_LINES; probe++) {
			gap = (p->wanted >> probe) & 1 ? 0 : gap + 1;
			if (!gap)
				end = probe + 1;
		}
		dst = cache_room(m, (end - line) * CACHE_LINE);
		if (!dst ||
		    vec_push(&b->reads, {.pa = p->number * PAGE_SIZE_4K +
					       line * CACHE_LINE,
					 .dst = dst,
					 .len = (end - line) * CACHE_LINE}))
			return ERR_NOMEM;
		line = end;
		if (line >= CACHE_LINES)
			break;
	}
	return 0;
}

/* Prepare as many of the n reads as the cache has room for: *n of them. */
static int cache_ask(struct machine *m, struct batch *b, struct mem_read *reads,
		     size_t *n)
{
	size_t i;

	b->at = calloc(*n + 1, sizeof(*b->at));
	if (!b->at)
		return ERR_NOMEM;
	for (i = 0; i < *n && m->cache.n < CACHE_MAX_PAGES; i++) {
		struct mem_read *r = &reads[i];

		r->status = MEM_PENDING;
		if (!machine_is_ram(m, r->pa, r->len))
			r->status = MEM_NOT_RAM;
		else if (r->len < CACHE_DIRECT &&
			 cache_want(m, b, r, &b->at[i]))
			return ERR_NOMEM;
	}
	*n = i;
	for (i = 0; i < b->pages.n; i++)
		if (ask_page(m, b, b->pages.v[i]))
			return ERR_NOMEM;
	for (i = 0; i < *n; i++)
		if (reads[i].status == MEM_PENDING &&
		    reads[i].len >= CACHE_DIRECT &&
		    vec_push(&b->reads, reads[i]))
			return ERR_NOMEM;
	return 0;
}

static int fetch(struct machine *m, struct batch *b, struct err *err)
{
	size_t i;
	int rc;

	if (!b->reads.n)
		return m->ops->go_on ? m->ops->go_on(m->ctx, err) : 0;
	rc = (b->own ? m->ops->read_own : m->ops->read)(m->ctx, b->reads.v,
							b->reads.n, err);
	if (rc)
		return rc;
	m->stats.batches++;
	for (i = 0; i < b->reads.n; i++)
		m->stats.read_bytes += b->reads.v[i].len;
	return 0;
}

/* Whether it is a step on the way to more, see places.h. */
static bool batch_is_few(const struct batch *b)
{
	size_t i, bytes = 0;

	if (b->use == READ_AHEAD)
		return true;
	for (i = 0; i < b->reads.n && i <= PLACES_FEW; i++)
		bytes += b->reads.v[i].len;
	return b->reads.n <= PLACES_FEW && bytes <= PLACES_FEW_BYTES;
}

/* What came into the cache. */
static void page_take(struct cache_page *p, const struct mem_read *r, bool few)
{
	unsigned int first = (r->pa % PAGE_SIZE_4K) >> CACHE_LINE_SHIFT, i;
	const uint8_t *bytes = r->dst;

	for (i = 0; i < r->len / CACHE_LINE; i++)
		p->line[first + i] = bytes + i * CACHE_LINE;
	p->valid |= line_mask(r->pa, r->len);
	p->few |= few ? line_mask(r->pa, r->len) : 0;
}

/* Record what came; the direct reads stand last in the batch, in order. */
static void cache_settle(struct machine *m, struct batch *b,
			 struct mem_read *reads, size_t n)
{
	bool few = batch_is_few(b);
	size_t i, at = 0;

	m->steps += few && b->use != READ_AHEAD && b->reads.n;
	for (i = 0; i < b->reads.n; i++) {
		const struct mem_read *r = &b->reads.v[i];
		struct cache_page *p = cache_page_find(m, r->pa);

		if (r->len >= CACHE_DIRECT)
			break;
		if (p && r->status == MEM_OK)
			page_take(p, r, few);
	}
	for (at = i, i = 0; i < n && at < b->reads.n; i++)
		if (reads[i].status == MEM_PENDING &&
		    reads[i].len >= CACHE_DIRECT)
			reads[i].status = b->reads.v[at++].status;
}

/* Copy bytes of one page, a stretch of adjoining lines at a time. */
static void page_copy(const struct cache_page *p, size_t from, uint8_t *dst,
		      size_t len)
{
	size_t i, n;

	for (; len; from += n, dst += n, len -= n) {
		i = from >> CACHE_LINE_SHIFT;
		n = CACHE_LINE - from % CACHE_LINE;
		for (; n < len && p->line[i + 1] == p->line[i] + CACHE_LINE;
		     i++)
			n += CACHE_LINE;
		if (n > len)
			n = len;
		memcpy(dst,
		       p->line[from >> CACHE_LINE_SHIFT] + from % CACHE_LINE,
		       n);
	}
}

/*
 * Copy one read out of the cache, from its first page on; MEM_FAILED where a
 * line is missing.
 */
static void copy_out(struct machine *m, const struct cache_page *p,
		     struct mem_read *r)
{
	uint64_t pa = r->pa;
	uint8_t *dst = r->dst;
	size_t left = r->len, n;

	r->status = MEM_OK;
	for (; left; pa += n, dst += n, left -= n, p = NULL) {
		uint64_t need;

		if (!p)
			p = cache_page_find(m, pa);
		n = piece_len(pa, left);
		need = line_mask(pa, n);
		if (!p || (p->valid & need) != need) {
			r->status = MEM_FAILED;
			return;
		}
		page_copy(p, pa % PAGE_SIZE_4K, dst, n);
	}
}

/* Answer out of the cache what came into it; with rc nothing did. */
static void cache_answer(struct machine *m, struct batch *b,
			 struct mem_read *reads, size_t n, int rc)
{
	size_t i;

	for (i = 0; i < b->pages.n; i++)
		b->pages.v[i]->wanted = 0;
	if (rc)
		return;
	cache_settle(m, b, reads, n);
	for (i = 0; i < n; i++)
		if (reads[i].status == MEM_PENDING)
			copy_out(m, b->at[i], &reads[i]);
}

/* One call, and what it asks for, on the account of the pause. */
static int account(struct machine *m, size_t n, struct err *err)
{
	m->stats.pieces += n + 1;
	if (m->stats.pieces <= MACHINE_PIECES_MAX)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "more than %llu pieces of memory would be read in one "
		       "pause, which is as much as qvmi does; ask for less",
		       (unsigned long long)MACHINE_PIECES_MAX);
}

static int read_cached(struct machine *m, enum read_for use,
		       struct mem_read *reads, size_t n, struct err *err)
{
	int rc = account(m, n, err);
	size_t some;

	for (; n && !rc; reads += some, n -= some) {
		_cleanup_(batch_deinit) struct batch b = {.use = use};

		if (m->cache.n >= CACHE_MAX_PAGES) {
			if (places_save(m))
				return err_nomem(err);
			machine_drop_cache(m);
		}
		some = n;
		rc = cache_ask(m, &b, reads, &some) ? err_nomem(err)
						    : fetch(m, &b, err);
		cache_answer(m, &b, reads, some, rc);
	}
	return rc;
}

int machine_read(struct machine *m, struct mem_read *reads, size_t n,
		 struct err *err)
{
	return read_cached(m, READ_ANSWER, reads, n, err);
}

int machine_read_way(struct machine *m, struct mem_read *reads, size_t n,
		     struct err *err)
{
	return read_cached(m, READ_WAY, reads, n, err);
}

int machine_read_ahead(struct machine *m, struct mem_read *reads, size_t n,
		       struct err *err)
{
	return read_cached(m, READ_AHEAD, reads, n, err);
}

static int read_past(struct machine *m, bool own, struct mem_read *reads,
		     size_t n, struct err *err)
{
	_cleanup_(batch_deinit) struct batch b = {.own = own};
	int rc = account(m, n, err);
	size_t i, at = 0;

	if (rc)
		return rc;
	for (i = 0; i < n; i++) {
		bool ram = machine_is_ram(m, reads[i].pa, reads[i].len);

		reads[i].status = ram ? MEM_PENDING : MEM_NOT_RAM;
		if (ram && vec_push(&b.reads, reads[i]))
			return err_nomem(err);
	}
	rc = fetch(m, &b, err);
	for (i = 0; i < n && at < b.reads.n && !rc; i++)
		if (reads[i].status == MEM_PENDING)
			reads[i].status = b.reads.v[at++].status;
	return rc;
}

int machine_read_past(struct machine *m, struct mem_read *reads, size_t n,
		      struct err *err)
{
	return read_past(m, false, reads, n, err);
}

int machine_read_own(struct machine *m, struct mem_read *reads, size_t n,
		     struct err *err)
{
	/* What is in the cache may have come by the other way. */
	return m->apart ? read_past(m, true, reads, n, err)
			: machine_read(m, reads, n, err);
}
