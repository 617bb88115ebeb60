/* SPDX-License-Identifier: BSD-2-Clause */
/* What the page cache consists of; for cache.c and places.c. */
#ifndef MACHINE_CACHE_INSIDE_H
#define MACHINE_CACHE_INSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "machine/cache.h"
#include "machine/machine.h"

#define CACHE_LINES (PAGE_SIZE_4K / CACHE_LINE) /* as many as bits */

/* Lines that are fetched as one lie side by side, wherever that is. */
struct cache_page {
	struct cache_page *next;
	uint64_t number; /* physical address / 4096 */
	uint64_t valid;	 /* bit i: line[i] is there */
	uint64_t wanted; /* lines that the batch in preparation fetches */
	uint64_t asked;	 /* lines that somebody asked for */
	uint64_t few;	 /* lines that came in a batch of few, see places.h */
	uint64_t way;	 /* lines that are a way, see places.h */
	const uint8_t *line[CACHE_LINES];
};

/* What pages and their lines lie in. */
struct cache_block {
	struct cache_block *next;
	size_t used;
	uint8_t bytes[CACHE_BLOCK];
};

/* The page that pa is in; NULL: it is not there. */
struct cache_page *cache_page_find(const struct machine *m, uint64_t pa);

/* The same, made where it is not there; NULL: out of memory. */
struct cache_page *cache_page_get(struct machine *m, uint64_t pa);

/* Room for whole lines, until the cache is dropped; NULL: out of memory. */
void *cache_room(struct machine *m, size_t len);

#endif
