/* SPDX-License-Identifier: BSD-2-Clause */
/* Page walks as rows: the same keys for one address, a range, and a lesson. */
#ifndef CLI_WALK_ROWS_H
#define CLI_WALK_ROWS_H

#include <stdint.h>

#include "arch/paging.h"
#include "cli/out.h"
#include "lesson/lesson.h"
#include "lesson/parts.h"
#include "guest/place.h"
#include "kernel/code/symbols.h"
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

#endif
