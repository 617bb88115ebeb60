/* SPDX-License-Identifier: BSD-2-Clause */
/* Digits of numbers, for text that is written ten thousands of times. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>

#define DIGITS_MAX 20 /* of a 64-bit number */

/*
 * Write a number in lower-case hexadecimal with at least `least` digits (at
 * most 16), or in decimal.  `at` has room for DIGITS_MAX; the result is the
 * place behind the last digit, no NUL is written.
 */
char *digits_hex(char *at, uint64_t v, unsigned int least);
char *digits_decimal(char *at, uint64_t v);

#endif
