/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is all about to be used, and much of it. */
#ifndef BASE_POPULATE_H
#define BASE_POPULATE_H

#include <stddef.h>

/*
 * Have all pages of [at, at + len), which are mapped, there to be written in
 * one go: a fault for each takes longer.  Where the kernel cannot
 * (before 5.14), each is.
 */
void populate(void *at, size_t len);

/*
 * From now on have pages of [at, at + len) come as huge ones, where the host
 * gives them: always or madvise in
 * /sys/kernel/mm/transparent_hugepage/enabled.
 */
void populate_huge(void *at, size_t len);

/* len bytes for free(3), in huge pages where possible.  NULL: no memory. */
void *populate_alloc_huge(size_t len);

#endif
