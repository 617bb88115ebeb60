/* SPDX-License-Identifier: BSD-2-Clause */
/* Refuses writes that others would see, unless they are asked for. */
#ifndef EDIT_GUARD_H
#define EDIT_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "kernel/page/page.h"
#include "kernel/mm/vma.h"

/* What a write may do beyond changing memory that is one process's own. */
enum guard_allow {
	GUARD_SHARED = 1,   /* change what others use, too */
	GUARD_READONLY = 2, /* change what its owner may not write */
	GUARD_PHYSICAL = 4, /* change frames that nothing good is known of */
	GUARD_ALL = 7
};

/* A part of a write, within one page of RAM. */
struct guard_piece {
	const struct place *place;
	const struct piece *piece;
	const struct mm *mm;	     /* whose memory it is; addr 0: nobody's */
	const struct vma_list *vmas; /* of that mm */
};

/*
 * Judge all pieces before any is written: the entry that maps each, the VMA,
 * the page.  ERR_REFUSED, for the first piece that takes more than `allow`,
 * names the address, what is there, who else would see it, and the options
 * that are missing; *bad is its number.  Zero pages and free pages are refused
 * whatever is allowed.  docs/pages.md has the rules.  found[0 .. n - 1] tells
 * what the pages are; all PAGE_UNKNOWN where no kernel can tell, and *blind is
 * set.  A space named by its root is judged as the process whose page tables
 * these are.
 */
int guard_check(struct guest *g, const struct guard_piece *pieces, size_t n,
		unsigned int allow, struct page_info *found, bool *blind,
		size_t *bad, struct err *err);

/* How a page is reached. */
enum guard_access {
	GUARD_BY_PROCESS,
	GUARD_BY_KERNEL,
	GUARD_BY_FRAME
};

/* All that a judgement is made of. */
struct guard_page {
	enum guard_access access;
	bool blind;	       /* info says nothing */
	bool entry_writes;     /* the entry lets its owner write */
	bool entry_dirty;      /* and has been written through */
	const struct vma *vma; /* GUARD_BY_PROCESS; NULL: none there */
	struct page_info info;
	const struct page_file *file; /* NULL: none */
};

/* What a write takes, and why; never: nothing allows it. */
struct guard_verdict {
	unsigned int need;
	bool never;
	char why[384];
};

/* Judge one page; only reasons beyond `allow` are told. */
void guard_judge(const struct guard_page *p, unsigned int allow,
		 struct guard_verdict *out);

#endif
