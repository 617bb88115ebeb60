/* SPDX-License-Identifier: BSD-2-Clause */
/* What a search found, and how that is shown. */
#ifndef CLI_SEARCH_SHOW_H
#define CLI_SEARCH_SHOW_H

#include <stdint.h>

#include "cli/out.h"
#include "guest/search.h"
#include "kernel/code/symbols.h"

/*
 * Choose the columns; a row for each match, with its symbol; then what is to be
 * said of what was searched, where `asked` bytes could have been (0: that
 * cannot be told).
 */
void search_show_answer(struct out *out, const struct search *f,
			const struct symbol *symbols, uint64_t asked);

#endif
