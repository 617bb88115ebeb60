/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of a process that no table maps, from where a fault would take them. */
#ifndef KERNEL_UNMAPPED_H
#define KERNEL_UNMAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/page_cache.h"
#include "kernel/mm/swap_cache.h"
#include "kernel/mm/vma.h"

/* Where the bytes are: first those that are in memory, or are known. */
enum unmapped_kind {
	UNMAPPED_PAGE_CACHE, /* of the file that is mapped */
	UNMAPPED_SWAP_CACHE,
	UNMAPPED_ZERO_PAGE, /* anonymous: nobody has written there */
	UNMAPPED_HOLE,	    /* nor in a file of tmpfs */
	UNMAPPED_ZEROS,	    /* zeros that went to swap as such */
	UNMAPPED_NO_AREA,   /* no area of the process */
	UNMAPPED_BEYOND,    /* beyond the end of the file */
	UNMAPPED_NO_CACHE,  /* in the file alone */
	UNMAPPED_SWAPPED,   /* in swap alone */
	UNMAPPED_READING,   /* its page in memory is not filled yet */
	UNMAPPED_OTHERS,    /* a driver, hugetlbfs or userfaultfd decides */
	UNMAPPED_UNKNOWN,   /* memory is torn, or the kernel's way not known */
	UNMAPPED_KINDS
};

/* Whether what is there can be told. */
bool unmapped_has_bytes(enum unmapped_kind kind);
/* One word, for JSON: "page-cache"; and what stands behind an address. */
const char *unmapped_name(enum unmapped_kind kind);
const char *unmapped_words(enum unmapped_kind kind);

/*
 * A stretch of whole pages without a frame, as page tables have it: empty, or
 * one page whose entry is that of swap.
 */
struct unmapped_gap {
	uint64_t va, len;
	bool swapped;
	struct swap_slot slot; /* where swapped */
};

/* Pages that follow each other, from one place. */
struct unmapped_run {
	uint64_t va, len;
	enum unmapped_kind kind;
	uint64_t pa; /* of the first, where a cache has them: they adjoin */
};

struct unmapped_runs {
	VEC(struct unmapped_run) list; /* ascending */
};

/* The areas of a process, and the caches of what it has mapped. */
struct unmapped {
	struct kernel *k;
	struct vma_list vmas;
	struct page_cache *caches; /* one per VMA */
};

/*
 * Read these, as vma_lists_read() and page_caches_read() do.  To be closed
 * also after an error.
 */
int unmapped_open(struct unmapped *u, struct kernel *k, const struct mm *mm,
		  struct err *err);
void unmapped_close(struct unmapped *u);

/*
 * Where the bytes of n gaps are, which ascend: all of them in runs, none left
 * out, in a number of batches that does not depend on how many pages there
 * are.  Nobody's rights are asked, as /proc/PID/mem does not.  ERR_REFUSED:
 * they are in more pieces than are looked up at once.  The caller frees *out,
 * also after an error.
 */
int unmapped_find(struct unmapped *u, const struct unmapped_gap *gaps, size_t n,
		  struct unmapped_runs *out, struct err *err);
/* The run that has this address, or NULL. */
const struct unmapped_run *unmapped_run_at(const struct unmapped_runs *runs,
					   uint64_t va);
void unmapped_runs_deinit(struct unmapped_runs *runs);

#endif
