/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of the page cache, and the memory that they lie in. */
#include "machine/cache_inside.h"

#include <stdlib.h>

#include "base/map.h"

struct cache_page *cache_page_find(const struct machine *m, uint64_t pa)
{
	uint64_t val;

	if (!map_get(&m->cache, pa / PAGE_SIZE_4K, &val))
		return NULL;
	return (struct cache_page *)(uintptr_t)val;
}

void *cache_room(struct machine *m, size_t len)
{
	struct cache_block *b = m->blocks;

	len = (len + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	if (!b || b->used + len > CACHE_BLOCK) {
		b = malloc(sizeof(*b));
		if (!b)
			return NULL;
		b->used = 0;
		b->next = m->blocks;
		m->blocks = b;
	}
	b->used += len;
	return b->bytes + b->used - len;
}

struct cache_page *cache_page_get(struct machine *m, uint64_t pa)
{
	uint64_t number = pa / PAGE_SIZE_4K;
	struct cache_page *p = cache_page_find(m, pa);

	if (p)
		return p;
	p = cache_room(m, sizeof(*p));
	if (!p || map_put(&m->cache, number, (uintptr_t)p))
		return NULL;
	p->number = number;
	p->valid = p->wanted = p->asked = p->few = p->way = 0;
	p->next = NULL;
	*(m->pages ? &m->last_page->next : &m->pages) = p;
	m->last_page = p;
	return p;
}

void machine_drop_cache(struct machine *m)
{
	struct cache_block *b, *next;

	for (b = m->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	m->blocks = NULL;
	m->pages = NULL;
	map_deinit(&m->cache);
}
