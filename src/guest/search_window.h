/* SPDX-License-Identifier: BSD-2-Clause */
/* What ranges to search are made of, for the files that find them. */
#ifndef GUEST_SEARCH_WINDOW_H
#define GUEST_SEARCH_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/search.h"
#include "walk/space.h"

/*
 * Memory that follows, in ascending order: at va, and from pa to `last` as far
 * as that is RAM (a window onto a device is not read).
 */
int search_add_ram(struct search *s, uint64_t va, uint64_t pa, uint64_t last,
		   int from, struct err *err);

/* Zeros that are nowhere; where no match can be in them, their ends alone. */
int search_add_zeros(struct search *s, uint64_t va, uint64_t len, int from,
		     struct err *err);

/*
 * Where that is in [start, last], whole pages, what s->unmapped has between
 * the n extents that tables map there.  Errors and ownership as
 * unmapped_find().
 */
int search_find_unmapped(struct search *s, uint64_t start, uint64_t last,
			 const struct space_extent *extents, size_t n,
			 struct unmapped_runs *out, struct err *err);

/*
 * Add the slots that areas of s->unmapped lie in, within [start, last], to n
 * others: ascending, each once.  ERR_REFUSED: too many.
 */
int search_add_slots(const struct search *s, uint64_t start, uint64_t last,
		     uint64_t **slots, size_t *n, struct err *err);

#endif
