/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 of one number. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

/* Of the eight bytes of a number, by a key of two (Aumasson and Bernstein,
 * "SipHash: a fast short-input PRF"). */
uint64_t siphash_u64(uint64_t value, const uint64_t key[2]);

#endif
