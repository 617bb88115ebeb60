/* SPDX-License-Identifier: BSD-2-Clause */
/* LEB128: integers of any size, seven bits a byte. */
#include "base/leb.h"

size_t leb_unsigned(uint8_t out[LEB_MAX], uint64_t value)
{
	size_t n = 0;

	for (; value > 0x7f; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

size_t leb_signed(uint8_t out[LEB_MAX], int64_t value)
{
	size_t n = 0;

	/* Bit 6 of the last byte is the sign. */
	for (; value < -0x40 || value > 0x3f; value >>= 7)
		out[n++] = (uint8_t)((value & 0x7f) | 0x80);
	out[n++] = value & 0x7f;
	return n;
}
