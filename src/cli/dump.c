/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as text: hexdump -C, gdb's x. */
#include "cli/dump.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"

#define LINE 16

/* One line of hexdump -C; n is 1 to 16. */
static void hex_line(struct buf *b, uint64_t va, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 + 3 * LINE + 2], *s;
	size_t i;

	memset(text, ' ', sizeof(text));
	for (i = 0; i < n; i++) {
		s = text + 2 + 3 * i + (i >= LINE / 2);
		s[0] = digits[p[i] >> 4];
		s[1] = digits[p[i] & 15];
	}
	buf_printf(b, "%08" PRIx64, va);
	buf_add(b, text, sizeof(text));
	buf_puts(b, "|");
	for (i = 0; i < n; i++)
		text[i] = (char)(p[i] >= 0x20 && p[i] < 0x7f ? p[i] : '.');
	buf_add(b, text, n);
	buf_puts(b, "|\n");
}

void dump_hex(struct buf *b, uint64_t va, const uint8_t *bytes, size_t n)
{
	bool squeezing = false;
	size_t i, len;

	for (i = 0; i < n; i += LINE) {
		len = n - i < LINE ? n - i : LINE;
		if (i && len == LINE &&
		    !memcmp(bytes + i, bytes + i - LINE, LINE)) {
			if (!squeezing)
				buf_puts(b, "*\n");
			squeezing = true;
			continue;
		}
		squeezing = false;
		hex_line(b, va + i, bytes + i, len);
	}
	if (n)
		buf_printf(b, "%08" PRIx64 "\n", va + n);
}

void dump_units(struct buf *b, uint64_t va, const uint8_t *bytes, size_t n,
		unsigned int width)
{
	/* gdb: 8 bytes or halfwords a line, 4 words, 2 giants. */
	unsigned int per_line = width == 8 ? 2 : width == 4 ? 4 : 8;
	size_t i, units = n / width;

	for (i = 0; i < units; i++) {
		if (i % per_line == 0)
			buf_printf(b, "%s0x%" PRIx64 ":", i ? "\n" : "",
				   va + i * width);
		buf_printf(b, "\t0x%0*" PRIx64, (int)(2 * width),
			   le_any(bytes + i * width, width));
	}
	if (units)
		buf_puts(b, "\n");
}
