/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of registers, by name. */
#include "arch/regbits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t mask(const struct regbit *b)
{
	return ((1ULL << b->width) - 1) << b->bit;
}

uint64_t regbits_known(const struct regbit *bits)
{
	uint64_t all = 0;

	for (; bits->name; bits++)
		all |= mask(bits);
	return all;
}

void regbits_text(const struct regbit *bits, uint64_t value, char *text,
		  size_t size)
{
	uint64_t rest = value & ~regbits_known(bits);
	size_t n = 0;

	*text = '\0';
	for (; bits->name; bits++) {
		uint64_t field = (value & mask(bits)) >> bits->bit;

		if (!field || n >= size)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "",
				      bits->name);
		if (bits->width > 1 && n < size)
			n += (size_t)snprintf(text + n, size - n, "=%" PRIu64,
					      field);
	}
	if (rest && n < size)
		snprintf(text + n, size - n, "%s0x%" PRIx64, n ? " " : "",
			 rest);
}
