/* SPDX-License-Identifier: BSD-2-Clause */
/* LEB128: integers of any size, seven bits a byte (DWARF 5, section 7.6). */
#ifndef BASE_LEB_H
#define BASE_LEB_H

#include <stddef.h>
#include <stdint.h>

/* The longest that a value of 64 bits becomes. */
#define LEB_MAX 10

/* Write a value, the low bits first; how many bytes that takes. */
size_t leb_unsigned(uint8_t out[LEB_MAX], uint64_t value);
size_t leb_signed(uint8_t out[LEB_MAX], int64_t value);

#endif
