/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints bitmaps. */
#include "base/masks.h"

#include <inttypes.h>
#include <stdbool.h>

#define CHUNK 32u

static bool mask_bit(const uint64_t *words, unsigned int bit)
{
	return words[bit / 64] >> bit % 64 & 1;
}

void mask_put_hex(const uint64_t *words, unsigned int bits, struct buf *out)
{
	unsigned int width = bits % CHUNK ? bits % CHUNK : CHUNK;
	unsigned int at = bits - width;

	if (!bits)
		return;
	for (;; at -= CHUNK) {
		uint32_t chunk = (uint32_t)(words[at / 64] >> at % 64);

		if (width < CHUNK)
			chunk &= (1u << width) - 1;
		buf_printf(out, "%0*" PRIx32 "%s", (int)((width + 3) / 4),
			   chunk, at ? "," : "");
		width = CHUNK;
		if (!at)
			return;
	}
}

void mask_put_list(const uint64_t *words, unsigned int bits, struct buf *out)
{
	const char *comma = "";
	unsigned int first, bit = 0;

	while (bit < bits) {
		if (!mask_bit(words, bit)) {
			bit++;
			continue;
		}
		first = bit;
		while (bit < bits && mask_bit(words, bit))
			bit++;
		buf_printf(out, "%s%u", comma, first);
		if (bit - first > 1)
			buf_printf(out, "-%u", bit - 1);
		comma = ",";
	}
}
