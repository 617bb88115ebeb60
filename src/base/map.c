/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash map from 64-bit keys to 64-bit values, by linear probing. */
#include "base/map.h"

#include <stdlib.h>

#include "base/err.h"

struct map_slot {
	uint64_t key;
	uint64_t val;
	bool used;
};

/*
 * Fibonacci hashing: each bit of a key is in the high bits of the product, also
 * the highest ones, which are all that some keys differ by.
 */
static size_t slot_of(uint64_t key, size_t cap)
{
	return (size_t)((key * 0x9e3779b97f4a7c15ULL) >>
			(64 - __builtin_ctzll(cap)));
}

static struct map_slot *map_find(const struct map *m, uint64_t key)
{
	size_t i = slot_of(key, m->cap);

	while (m->slots[i].used && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

bool map_get(const struct map *m, uint64_t key, uint64_t *val)
{
	const struct map_slot *s;

	if (!m->cap)
		return false;
	s = map_find(m, key);
	if (s->used && val)
		*val = s->val;
	return s->used;
}

static int grow(struct map *m)
{
	struct map bigger = {.n = m->n, .cap = m->cap ? m->cap * 2 : 64};
	size_t i;

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return ERR_NOMEM;
	for (i = 0; i < m->cap; i++)
		if (m->slots[i].used)
			*map_find(&bigger, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = bigger;
	return 0;
}

int map_put(struct map *m, uint64_t key, uint64_t val)
{
	struct map_slot *s;

	if (m->n >= m->cap / 2 && grow(m))
		return ERR_NOMEM;
	s = map_find(m, key);
	if (!s->used)
		m->n++;
	*s = (struct map_slot){.key = key, .val = val, .used = true};
	return 0;
}

void map_deinit(struct map *m)
{
	free(m->slots);
	*m = (struct map){0};
}
