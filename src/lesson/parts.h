/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an address and of a walk, as they are drawn. */
#ifndef LESSON_PARTS_H
#define LESSON_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/paging.h"
#include "walk/walk.h"

/*
 * The parts that a walk cuts its address into, from the highest bit down; their
 * number.  *bits is how many bits the address is drawn with.
 */
size_t walk_address_parts(const struct walk *w, unsigned int *bits,
			  struct paging_part parts[PAGING_MAX_PARTS]);

/* How the table of level i was found, as arithmetic. */
void walk_table_from(const struct walk *w, unsigned int i, char *text,
		     size_t size);

/* What the levels up to and with i permit together. */
struct walk_rights {
	bool write, user, nx;
};
struct walk_rights walk_rights_so_far(const struct walk *w, unsigned int i);

#endif
