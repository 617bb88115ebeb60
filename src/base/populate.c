/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is all about to be used, and much of it. */
#include "base/populate.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE /* include/uapi/asm-generic/mman-common.h */
#define MADV_POPULATE_WRITE 23
#endif

#define HUGE_PAGE (2u << 20) /* of x86-64; elsewhere it may do nothing */

void populate(void *at, size_t len)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)at & -page;

	madvise((void *)from, (uintptr_t)at + len - from, MADV_POPULATE_WRITE);
}

void populate_huge(void *at, size_t len)
{
	uintptr_t from =
		((uintptr_t)at + HUGE_PAGE - 1) & -(uintptr_t)HUGE_PAGE;
	uintptr_t to = ((uintptr_t)at + len) & -(uintptr_t)HUGE_PAGE;

	if (from < to)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void *populate_alloc_huge(size_t len)
{
	void *at = NULL;

	if (len < HUGE_PAGE)
		at = malloc(len);
	else if (posix_memalign(&at, HUGE_PAGE, len))
		return NULL;
	if (at)
		populate_huge(at, len);
	return at;
}
