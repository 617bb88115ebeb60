/* SPDX-License-Identifier: BSD-2-Clause */
/* What a struct page says of its own type. */
#ifndef KERNEL_PAGE_TYPE_H
#define KERNEL_PAGE_TYPE_H

#include <stdbool.h>

#include "kernel/page/page_raw.h"

enum page_type {
	PAGE_TYPE_FREE, /* a free block begins there */
	PAGE_TYPE_AWAY, /* given back to the host */
	PAGE_TYPE_PGTABLE,
	PAGE_TYPE_HUGE, /* hugetlb */
	PAGE_TYPE_OBJECTS,
	PAGE_TYPES
};

/* False, too, where this kernel has no such type. */
bool page_is_type(const struct kernel *k, const struct page_words *w,
		  enum page_type type);

#endif
