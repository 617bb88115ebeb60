/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel knows of the pages of a place: runs of those alike. */
#ifndef GUEST_PAGE_RUNS_H
#define GUEST_PAGE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "kernel/page/page.h"
#include "kernel/page/page_group.h"
#include "kernel/page/page_slab.h"
#include "kernel/code/symbols.h"
#include "walk/walk.h"

/* Pages that follow each other and are alike in all that is shown. */
struct page_run {
	uint64_t at, pages;
	enum walk_result result; /* WALK_MAPPED for physical addresses */
};

/* Set the place, and what is chosen; the rest is zero. */
struct page_runs {
	const struct place *place;
	bool choose;	/* only these, and they are frames: */
	uint32_t kinds; /* 1 << enum page_kind, each... */
	bool hugetlb;	/* ...or those */
	VEC(struct page_run) runs;
	VEC(struct page_info) infos; /* the first page of each run */
	struct symbol *symbols;	     /* where each run begins */
	struct page_files files;
	struct page_groups groups;
	struct page_slabs slabs;
};

/*
 * Look at n pages from `at` on, which begins a page, a part of them at a time,
 * and add them.  ERR_REFUSED where there are more than a million runs of those
 * chosen; or as page_read().
 */
int page_runs_add(struct guest *g, struct page_runs *r, uint64_t at, uint64_t n,
		  struct err *err);

/* When all are there: symbols, files, control groups and caches of each run. */
int page_runs_name(struct guest *g, struct page_runs *r, struct err *err);
void page_runs_deinit(struct page_runs *r);

#endif
