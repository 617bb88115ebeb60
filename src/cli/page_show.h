/* SPDX-License-Identifier: BSD-2-Clause */
/* How what is known of pages is shown. */
#ifndef CLI_PAGE_SHOW_H
#define CLI_PAGE_SHOW_H

#include "cli/out.h"
#include "guest/page_runs.h"

/* Choose the columns; then a row for each run. */
void page_show_begin(struct out *out);
void page_show_run(struct out *out, const struct kernel *k,
		   const struct page_runs *a, size_t i);

#endif
