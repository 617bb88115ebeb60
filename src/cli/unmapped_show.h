/* SPDX-License-Identifier: BSD-2-Clause */
/* What was taken of a process that no table maps, and how that is told. */
#ifndef CLI_UNMAPPED_SHOW_H
#define CLI_UNMAPPED_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "cli/out.h"
#include "guest/place.h"
#include "kernel/mm/unmapped.h"

/* The option of all that take it. */
#define KEY_MAPPED_ONLY 0x2200
#define MAPPED_ONLY_OPTION                                                    \
	{                                                                     \
		"mapped-only", KEY_MAPPED_ONLY, NULL, 0,                      \
			"Of a process only what page tables map; nothing "    \
			"from the page cache, the swap cache, or zeros that " \
			"nobody has touched",                                 \
			0                                                     \
	}

/* A note for each run in front of `end`, of some the rest together. */
void unmapped_show_notes(struct out *out, const struct place *p,
			 const struct unmapped_runs *runs, uint64_t end);

/* The same as a table in that column of the last row, where there are any. */
void unmapped_show_rows(struct row_table *t, size_t column,
			const struct unmapped_runs *runs, uint64_t end);

#endif
