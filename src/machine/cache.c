/* SPDX-License-Identifier: BSD-2-Clause */
/* Scatter reads through a page cache: one call of the provider per batch. */
#include "machine/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/machine.h"

struct cache_page {
	uint64_t number; /* physical address / 4096 */
	uint64_t valid;	 /* bit i: line i is in data */
	uint64_t wanted; /* lines that the batch in preparation fetches */
	uint8_t data[PAGE_SIZE_4K];
};

/* A batch in preparation: pages with wanted lines, and what is asked for. */
struct batch {
	VEC(struct cache_page *) pages;
	VEC(struct mem_read) reads;
};

static void batch_deinit(struct batch *b)
{
	vec_deinit(&b->pages);
	vec_deinit(&b->reads);
}

static struct cache_page *page_find(const struct machine *m, uint64_t pa)
{
	uint64_t val;

	if (!map_get(&m->cache, pa / PAGE_SIZE_4K, &val))
		return NULL;
	return (struct cache_page *)(uintptr_t)val;
}

static struct cache_page *page_get(struct machine *m, uint64_t pa)
{
	uint64_t number = pa / PAGE_SIZE_4K;
	struct cache_page *p = page_find(m, pa);

	if (p)
		return p;
	p = malloc(sizeof(*p));
	if (!p)
		return NULL;
	p->number = number;
	p->valid = p->wanted = 0;
	if (map_put(&m->cache, number, (uintptr_t)p)) {
		free(p);
		return NULL;
	}
	return p;
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

/* Note what one read lacks in the cache. */
static int want(struct machine *m, struct batch *b, const struct mem_read *r)
{
	uint64_t pa = r->pa;
	size_t left = r->len, n;

	for (; left; pa += n, left -= n) {
		struct cache_page *p = page_get(m, pa);
		uint64_t missing;

		if (!p)
			return ERR_NOMEM;
		n = piece_len(pa, left);
		missing = line_mask(pa, n) & ~p->valid;
		if (missing && !p->wanted && vec_push(&b->pages, p))
			return ERR_NOMEM;
		p->wanted |= missing;
	}
	return 0;
}

/* Turn the wanted lines of a page into as few reads as is worth it. */
static int ask_page(struct batch *b, struct cache_page *p)
{
	unsigned int line = 0;

	while (p->wanted >> line) {
		unsigned int end, gap = 0, probe;

		line += (unsigned int)__builtin_ctzll(p->wanted >> line);
		for (end = probe = line + 1;
		     probe < 64 && gap <= CACHE_GAP_LINES; probe++) {
			gap = (p->wanted >> probe) & 1 ? 0 : gap + 1;
			if (!gap)
				end = probe + 1;
		}
		if (vec_push(&b->reads, {.pa = p->number * PAGE_SIZE_4K +
					       line * CACHE_LINE,
					 .dst = p->data + line * CACHE_LINE,
					 .len = (end - line) * CACHE_LINE}))
			return ERR_NOMEM;
		line = end;
		if (line >= 64)
			break;
	}
	return 0;
}

/* Prepare as many of the n reads as the cache has room for: *n of them. */
static int ask(struct machine *m, struct batch *b, struct mem_read *reads,
	       size_t *n)
{
	size_t i;

	for (i = 0; i < *n && m->cache.n < CACHE_MAX_PAGES; i++) {
		struct mem_read *r = &reads[i];

		r->status = MEM_PENDING;
		if (!machine_is_ram(m, r->pa, r->len))
			r->status = MEM_NOT_RAM;
		else if (r->len < CACHE_DIRECT && want(m, b, r))
			return ERR_NOMEM;
	}
	*n = i;
	for (i = 0; i < b->pages.n; i++)
		if (ask_page(b, b->pages.v[i]))
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
		return 0;
	rc = m->ops->read(m->ctx, b->reads.v, b->reads.n, err);
	if (rc)
		return rc;
	m->stats.batches++;
	for (i = 0; i < b->reads.n; i++)
		m->stats.read_bytes += b->reads.v[i].len;
	return 0;
}

/* Record what came; the direct reads stand last in the batch, in order. */
static void settle(struct machine *m, struct batch *b, struct mem_read *reads,
		   size_t n)
{
	size_t i, at = 0;

	for (i = 0; i < b->reads.n; i++) {
		const struct mem_read *r = &b->reads.v[i];
		struct cache_page *p = page_find(m, r->pa);

		if (r->len >= CACHE_DIRECT)
			break;
		if (p && r->status == MEM_OK)
			p->valid |= line_mask(r->pa, r->len);
	}
	for (at = i, i = 0; i < n && at < b->reads.n; i++)
		if (reads[i].status == MEM_PENDING &&
		    reads[i].len >= CACHE_DIRECT)
			reads[i].status = b->reads.v[at++].status;
}

/* Copy one read out of the cache; MEM_FAILED where a line is missing. */
static void copy_out(struct machine *m, struct mem_read *r)
{
	uint64_t pa = r->pa;
	uint8_t *dst = r->dst;
	size_t left = r->len, n;

	r->status = MEM_OK;
	for (; left; pa += n, dst += n, left -= n) {
		const struct cache_page *p = page_find(m, pa);
		uint64_t need;

		n = piece_len(pa, left);
		need = line_mask(pa, n);
		if (!p || (p->valid & need) != need) {
			r->status = MEM_FAILED;
			return;
		}
		memcpy(dst, p->data + pa % PAGE_SIZE_4K, n);
	}
}

/* Answer some of the *max reads; how many, at least one, is put there. */
static int read_some(struct machine *m, struct mem_read *reads, size_t *max,
		     struct err *err)
{
	_cleanup_(batch_deinit) struct batch b = {0};
	size_t i, n = *max;
	int rc;

	rc = ask(m, &b, reads, &n) ? err_nomem(err) : fetch(m, &b, err);
	for (i = 0; i < b.pages.n; i++)
		b.pages.v[i]->wanted = 0;
	if (rc)
		return rc;
	settle(m, &b, reads, n);
	for (i = 0; i < n; i++)
		if (reads[i].status == MEM_PENDING)
			copy_out(m, &reads[i]);
	*max = n;
	return 0;
}

int machine_read(struct machine *m, struct mem_read *reads, size_t n,
		 struct err *err)
{
	size_t some;
	int rc = 0;

	for (; n && !rc; reads += some, n -= some) {
		if (m->cache.n >= CACHE_MAX_PAGES)
			machine_drop_cache(m);
		some = n;
		rc = read_some(m, reads, &some, err);
	}
	return rc;
}

static void page_free(uint64_t val)
{
	free((struct cache_page *)(uintptr_t)val);
}

void machine_drop_cache(struct machine *m)
{
	map_each(&m->cache, page_free);
	map_deinit(&m->cache);
}
