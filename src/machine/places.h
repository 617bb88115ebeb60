/* SPDX-License-Identifier: BSD-2-Clause */
/* Where memory was read, so that the next time it is read at once. */
#ifndef MACHINE_PLACES_H
#define MACHINE_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"

/*
 * What is asked for again and again in one boot mostly lies where it lay: page
 * tables, variables, structs that live long.  The way there is made of batches
 * with few pieces, each of which tells where the next ones are.  Read ahead,
 * all of them together, these places fill the page cache; the readers then go
 * the same way, believe nothing that they did not before, and ask the machine
 * only for what has moved.
 *
 * A place is the physical address of a line (cache.h), and in its low bits how
 * many lines there are, less one; at most a page of them; and PLACE_WAY where
 * it is on the way of other questions, too.  struct places, which the caller
 * zero-initialises and frees, is in machine.h.
 */
#define PLACE_WAY (1ULL << 63)

/* All of the page that pa is in. */
uint64_t place_of_page(uint64_t pa);

/* Batches of more pieces or bytes than that are no such way. */
#define PLACES_FEW	 256u
#define PLACES_FEW_BYTES (64u << 10)

/* More places and more bytes of all of them are not kept: the first ones are.
 */
#define PLACES_MAX	 4096u
#define PLACES_MAX_BYTES (512u << 10)

/*
 * The pause begins: read n of them into the page cache, as one batch, those
 * that are RAM.  0, or what machine_read() says.
 */
int places_fetch(struct machine *m, const uint64_t *places, size_t n,
		 struct err *err);

/*
 * Put into *out, in place of what it has, the lines of batches with few pieces,
 * and of places_fetch(), that were asked for in this pause, ascending; counting
 * of m->steps begins anew.  0 or ERR_NOMEM.
 */
int places_take(struct machine *m, struct places *out);

/* All that was asked for up to now is on the way of whatever comes. */
void places_are_way(struct machine *m);

/*
 * places_take() of what is in the page cache, before that is dropped while the
 * pause lasts.
 */
int places_save(struct machine *m);

void places_deinit(struct places *p);

#endif
