/* SPDX-License-Identifier: BSD-2-Clause */
/* Page walks as rows: the same keys for one address, a range, and a lesson. */
#ifndef CLI_WALK_ROWS_H
#define CLI_WALK_ROWS_H

#include <stdint.h>

#include "arch/paging.h"
#include "cli/out.h"
#include "lesson/lesson.h"
#include "guest/place.h"
#include "kernel/symbols.h"
#include "walk/walk.h"

/* What is shown of one walk. */
struct walk_shown {
	const struct place *place;
	const struct walk *walk;
	const struct symbol *symbol; /* NULL: none is told */
	uint64_t len;		     /* of a run in a range; 0: one address */
	const struct lesson *lesson; /* told; NULL: none */
};

/* Choose the columns: of one address (a record), of a range (a table). */
void walk_rows_begin(struct out *out, bool range);

/* Add a row. */
void walk_rows_add(struct out *out, const struct walk_shown *s);

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
