/* SPDX-License-Identifier: BSD-2-Clause */
/* FNV-1a of 64 bits: for what nobody has to be kept from finding twice. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#define HASH_START 0xcbf29ce484222325ULL

/* A byte more; or a number, taken as one. */
static inline uint64_t hash_add(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3ULL;
}

#endif
