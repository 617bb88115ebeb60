/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is all about to be used. */
#include "base/populate.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ /* include/uapi/asm-generic/mman-common.h */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

void populate(const void *at, size_t len, bool to_write)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)at & -page;

	madvise((void *)from, (uintptr_t)at + len - from,
		to_write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
}
