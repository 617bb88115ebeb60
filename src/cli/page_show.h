/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of pages, and how that is shown. */
#ifndef CLI_PAGE_SHOW_H
#define CLI_PAGE_SHOW_H

#include <stdint.h>

#include "base/vec.h"
#include "cli/out.h"
#include "kernel/page.h"
#include "kernel/page_group.h"
#include "kernel/page_slab.h"
#include "kernel/symbols.h"
#include "walk/walk.h"

/* Pages that follow each other and are alike in all that is shown. */
struct page_run {
	uint64_t at, pages;
	enum walk_result result; /* WALK_MAPPED for physical addresses */
};

struct page_answer {
	VEC(struct page_run) runs;
	VEC(struct page_info) infos; /* the first page of each run */
	struct symbol *symbols;	     /* where each run begins */
	struct page_files files;
	struct page_groups groups;
	struct page_slabs slabs;
};

void page_answer_deinit(struct page_answer *a);

/* Choose the columns; then a row for each run. */
void page_show_begin(struct out *out);
void page_show_run(struct out *out, const struct kernel *k,
		   const struct page_answer *a, size_t i);

#endif
