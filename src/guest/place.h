/* SPDX-License-Identifier: BSD-2-Clause */
/* A parsed address brought together with a guest: where it is. */
#ifndef GUEST_PLACE_H
#define GUEST_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/addr.h"
#include "guest/guest.h"
#include "kernel/mm/mm.h"
#include "kernel/task/task.h"
#include "walk/walk.h"

struct place {
	enum addr_space space;
	uint64_t at;		/* virtual, or physical for ADDR_PHYS */
	struct walk_root root;	/* not for ADDR_PHYS */
	struct addr_root named; /* for ADDR_ROOT, as given */
	struct task task;	/* for ADDR_PID */
	struct mm mm;		/* for ADDR_PID */
};

/*
 * Resolve symbols and the address space.  ERR_NOT_FOUND: no such symbol or
 * process, or one without memory; ERR_REFUSED: several symbols of that name.
 */
int place_resolve(struct guest *g, const struct addr *a, struct place *p,
		  struct err *err);

/*
 * Find the address spaces of n places in which `space` and, by it, named or
 * task.pid are set: all processes in one batch.  Errors as above; *bad is the
 * place.
 */
int places_enter(struct guest *g, struct place *places, size_t n, size_t *bad,
		 struct err *err);

/* A place with these set, and no more. */
struct place place_of(const struct addr *a);

/* Only the number: symbols and sums.  ERR_NOT_FOUND, ERR_REFUSED, ERR_USAGE. */
int place_value(struct guest *g, const struct addr *a, uint64_t *at,
		struct err *err);

/* The address `at` in this space as a user writes it: "89:0x7f..". */
void place_label(const struct place *p, uint64_t at, char *text, size_t size);

/* A part of a place, to be written. */
struct place_range {
	const struct place *place;
	uint64_t at;
	size_t len;
};

/* Physical memory behind what of a range lies in one page. */
struct piece {
	size_t range; /* its number */
	uint64_t at, pa;
	size_t len;
	bool writes; /* the entry that maps it lets its owner write */
	bool dirty;  /* ...and was written through; both not for ADDR_PHYS */
};

struct pieces {
	VEC(struct piece) list;
};

/*
 * All of n ranges as pieces of RAM, in order; the walks are one batch per
 * level.  ERR_REFUSED, naming the page, when any byte has no page, or no RAM
 * behind it; *bad is its range.
 */
int place_pieces(struct machine *m, const struct place_range *ranges, size_t n,
		 struct pieces *out, size_t *bad, struct err *err);
void pieces_deinit(struct pieces *p);

/* True where [at, at + len) does not run over the end of 64 bits. */
bool place_fits(uint64_t at, uint64_t len);

#endif
