/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash map from 64-bit keys to 64-bit values. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot;

/* Zero-initialise.  Any key is allowed, zero too. */
struct map {
	struct map_slot *slots;
	size_t n, cap;
};

bool map_get(const struct map *m, uint64_t key, uint64_t *val);

/* Insert or replace; 0 or ERR_NOMEM. */
int map_put(struct map *m, uint64_t key, uint64_t val);

void map_deinit(struct map *m);

#endif
