/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is all about to be used. */
#ifndef BASE_POPULATE_H
#define BASE_POPULATE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Have all pages of [at, at + len), which are mapped, there in one go: a fault
 * for each takes longer.  Where the kernel cannot (before 5.14), each is.
 */
void populate(const void *at, size_t len, bool to_write);

#endif
