/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a place: what tables map, and what a fault would bring. */
#ifndef GUEST_PLACE_READ_H
#define GUEST_PLACE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "kernel/mm/unmapped.h"

/* What is to be read, and what came of it.  Zero-initialise, set what is first.
 */
struct place_bytes {
	void *dst; /* len bytes of the caller */
	size_t len;
	bool mapped_only; /* of a process, too */

	size_t got;	/* so many are there, from the start */
	struct err why; /* got < len: what is there instead */
	/* What no table maps of these, cut to them: all of it has bytes. */
	struct unmapped_runs filled;
};

/*
 * Read from p->at on, as far as memory reaches.  In a process what no table
 * maps is taken from where a fault would take it, without asking for rights;
 * nothing of that is done in the guest.
 */
int place_read(struct guest *g, const struct place *p, struct place_bytes *b,
	       struct err *err);
void place_bytes_deinit(struct place_bytes *b);

#endif
