/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching a guest's memory, a window of it at a time. */
#ifndef GUEST_SEARCH_H
#define GUEST_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "guest/pattern.h"
#include "kernel/mm/unmapped.h"
#include "machine/machine.h"
#include "walk/space.h"

/* What is read at once, as one batch. */
#define SEARCH_WINDOW (16u << 20)

/* Context of a match is what lies in the 16-byte lines that it touches. */
#define SEARCH_LINE 16

/* So much of a match is kept to be shown. */
#define SEARCH_SHOWN 64

/* Where memory is taken from: page tables, or an enum unmapped_kind. */
#define SEARCH_MAPPED (-1)

struct search_hit {
	uint64_t at, pa; /* pa: UINT64_MAX in zeros, which have none */
	int from;	 /* where it begins */
	size_t bytes;	 /* where context and match begin in search.bytes */
	uint8_t before, shown, after; /* how many of each */
};

/* A piece of memory in the window. */
struct search_piece {
	uint64_t va, pa;
	size_t len;
	uint8_t *at;
	int from;
	bool there;
};

/*
 * Zero-initialise and set what stands first; then search_range() for ranges in
 * ascending order, and search_end().  Matches may overlap; one that lies
 * across pages is found where these adjoin in the address space.  What was not
 * looked at stands in `unread` and the tables' `unreadable`.
 */
struct search {
	struct machine *m;
	const struct walk_root *root; /* NULL: physical addresses */
	/* Of the process that has this root; NULL: only what tables map. */
	struct unmapped *unmapped;
	const struct pattern *pattern;
	uint64_t align; /* of the address of a match; 1: any */
	size_t max;	/* matches; there is one more: cut */
	uint64_t most;	/* bytes to be searched; 0: any number */

	VEC(struct search_hit) hits;
	struct buf bytes;
	uint64_t searched;
	uint64_t unread; /* bytes of RAM that could not be read */
	uint64_t passed; /* zeros in which no match can be */
	/* Bytes of each kind, of those searched and passed, or nowhere. */
	uint64_t bytes_of[UNMAPPED_KINDS];
	struct space_tables top;    /* as deep as space_slots() goes... */
	struct space_tables bottom; /* ...and below */
	bool cut;

	/* Internal: the window, and the tail of the one before in front. */
	uint8_t *window;
	size_t used;
	VEC(struct search_piece) pieces;
};

/*
 * Search [start, last], as far as there is memory.  0, also where the matches
 * are cut; ERR_REFUSED: more than `most` bytes are there; ERR_CORRUPT: page
 * tables with more tables than the guest has pages; or what the machine says.
 */
int search_range(struct search *s, uint64_t start, uint64_t last,
		 struct err *err);
int search_end(struct search *s, struct err *err);
void search_deinit(struct search *s);

#endif
