/* SPDX-License-Identifier: BSD-2-Clause */
/* How all of RAM is used: counts of frames, and how these are shown. */
#ifndef CLI_PAGE_SUMMARY_H
#define CLI_PAGE_SUMMARY_H

#include "cli/out.h"
#include "cli/session.h"
#include "kernel/page/page_census.h"
#include "kernel/remarks.h"

struct page_summary {
	struct page_census census;
	struct remarks remarks;
	uint64_t holes; /* frames below the end of RAM that are none of it */
};

/* Count all frames of RAM. */
int page_summary_read(struct session *s, struct page_summary *sum,
		      struct err *err);
void page_summary_show(struct out *out, const struct page_summary *sum);
void page_summary_deinit(struct page_summary *sum);

#endif
