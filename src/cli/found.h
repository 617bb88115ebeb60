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
	[(at) + FOUND_WORD] = OUT_COLUMN("found", NULL, OUT_WORDS),         \
		[(at) + FOUND_TEXT] = OUT_COLUMN(NULL, "Found", OUT_WORDS), \
		[(at) + FOUND_STATE] =                                      \
			OUT_COLUMN("found_state", NULL, OUT_GUEST),         \
		[(at) + FOUND_WHY] = OUT_COLUMN("found_why", NULL, OUT_WORDS)

void found_show(struct out_table *t, size_t at, const struct session *s);

#endif
