/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of an address space: what tables map, and what a fault would bring. */
#ifndef KERNEL_MM_BYTES_H
#define KERNEL_MM_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/unmapped.h"
#include "walk/walk.h"

/*
 * Where the pages are that n walks of one process did not find: those whose
 * entries are empty, or of swap; others are in no run.  Errors and ownership
 * as unmapped_find().
 */
int mm_unmapped(struct kernel *k, const struct mm *mm, const struct walk *walks,
		size_t n, struct unmapped_runs *out, struct err *err);

/* What is to be read, and what came of it.  Zero-initialise, set what is first.
 */
struct mm_bytes {
	const struct walk_root *root;
	const struct mm *mm; /* whose that is; NULL: only what is mapped */
	uint64_t at;
	void *dst; /* len bytes of the caller, at least one */
	size_t len;
	/*
	 * NULL: it ends at the first page that is nowhere.  Else a byte for
	 * each page, the caller's: 1 where it is there, 0 where it is not, and
	 * then zeros are in its place; at and len are of whole pages.
	 */
	uint8_t *pages;

	size_t got; /* without `pages`: so many are there, from the start; the
		       caller may have read some before */
	struct unmapped_runs runs; /* all that no table maps of these pages */
};

/*
 * Read from at + got on.  What no table of a process maps is taken from where a
 * fault would take it, without asking for rights; nothing of that is done in
 * the guest.  The number of batches does not depend on len.  Errors as
 * unmapped_find(), or of the machine; mm_bytes_deinit() also after them.
 */
int mm_bytes_read(struct kernel *k, struct mm_bytes *b, struct err *err);
void mm_bytes_deinit(struct mm_bytes *b);

#endif
