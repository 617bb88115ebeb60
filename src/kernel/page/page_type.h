/* SPDX-License-Identifier: BSD-2-Clause */
/* What a struct page says of its own type. */
#ifndef KERNEL_PAGE_TYPE_H
#define KERNEL_PAGE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

enum page_type {
	PAGE_TYPE_FREE, /* a free block begins there */
	PAGE_TYPE_AWAY, /* given back to the host */
	PAGE_TYPE_PGTABLE,
	PAGE_TYPE_HUGE, /* hugetlb */
	PAGE_TYPE_OBJECTS,
	PAGE_TYPES
};

/* What the word page_type, or _mapcount, is in a page of each type; of one that
 * this kernel has not no word is. */
struct page_types {
	struct {
		uint32_t mask, value;
	} v[PAGE_TYPES];
};

/* By this kernel's types: page-flags.h of 4.17, 4.18, 6.11 and 6.12. */
void page_types_know(const struct kernel *k, struct page_types *out);

static inline bool page_is_type(const struct page_types *t, uint32_t word,
				enum page_type type)
{
	return (word & t->v[type].mask) == t->v[type].value;
}

#endif
