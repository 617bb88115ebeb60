/* SPDX-License-Identifier: BSD-2-Clause */
/* Digits of numbers. */
#include "base/digits.h"

#include <string.h>

char *digits_hex(char *at, uint64_t v, unsigned int least)
{
	unsigned int n = v ? (67 - (unsigned int)__builtin_clzll(v)) / 4 : 1;
	unsigned int i;

	if (n < least)
		n = least;
	for (i = n; i; v >>= 4)
		at[--i] = "0123456789abcdef"[v & 15];
	return at + n;
}

char *digits_decimal(char *at, uint64_t v)
{
	char digits[DIGITS_MAX];
	size_t n = 0;

	do {
		digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(at, digits + sizeof(digits) - n, n);
	return at + n;
}
