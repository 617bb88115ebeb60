/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmapped memory while it is looked up, for the files that do it. */
#ifndef KERNEL_UNMAPPED_PARTS_H
#define KERNEL_UNMAPPED_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/mm/unmapped.h"

/* What is to be looked up for a part; then nothing. */
enum lookup {
	LOOKUP_DONE,
	LOOKUP_FILE, /* the tree of the file */
	LOOKUP_SLOT, /* the swap cache */
	LOOKUP_PAGE  /* the page that was found */
};

/* A stretch that is of one kind, or will be. */
struct unmapped_part {
	uint64_t va, len;
	enum lookup lookup;
	enum unmapped_kind kind; /* when it is done, or if its page is sound */
	size_t vma;		 /* of LOOKUP_FILE */
	uint64_t key;  /* index in the file, or the slot, of its first page */
	uint64_t page; /* the struct page of the folio */
	uint64_t mapping, pa;
};

struct unmapped_parts {
	VEC(struct unmapped_part) list;
};

int unmapped_part_add(struct unmapped_parts *out, struct unmapped_part part,
		      struct err *err);
void unmapped_parts_deinit(struct unmapped_parts *p);

/*
 * Three rounds, each for all parts of one kind of lookup; the parts are made
 * anew where one becomes several.
 */
int unmapped_look_up_files(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err);
int unmapped_look_up_slots(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err);
int unmapped_look_up_pages(const struct unmapped *u,
			   struct unmapped_parts *parts, struct err *err);

#endif
