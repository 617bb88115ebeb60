/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in order. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* In rising order, in a time that grows as n does; v may be NULL where n is
 * 0. */
void sort_u64(uint64_t *v, size_t n);

/* The same, each number once: how many are left. */
size_t sort_u64_once(uint64_t *v, size_t n);

/* Which of n numbers in rising order it is; n: none of them. */
size_t sort_u64_find(const uint64_t *v, size_t n, uint64_t number);

#endif
