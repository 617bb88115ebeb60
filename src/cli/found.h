/* SPDX-License-Identifier: BSD-2-Clause */
/* How the guest was found: columns that commands share. */
#ifndef CLI_FOUND_H
#define CLI_FOUND_H

#include "cli/out.h"
#include "cli/session.h"

/* Four columns from `at` on: found_show() sets them in the last row. */
enum {
	FOUND_WORD,
	FOUND_TEXT,
	FOUND_STATE,
	FOUND_WHY,
	FOUND_N
};

#define FOUND_COLUMNS(at)                                                   \
	[(at) + FOUND_WORD] = ROW_COLUMN("found", NULL, ROW_WORDS),         \
		[(at) + FOUND_TEXT] = ROW_COLUMN(NULL, "Found", ROW_WORDS), \
		[(at) + FOUND_STATE] =                                      \
			ROW_COLUMN("found_state", NULL, ROW_GUEST),         \
		[(at) + FOUND_WHY] = ROW_COLUMN("found_why", NULL, ROW_WORDS)

void found_show(struct row_table *t, size_t at, const struct session *s);

#endif
