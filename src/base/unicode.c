/* SPDX-License-Identifier: BSD-2-Clause */
/* What Unicode says of characters, as far as it takes to show foreign text. */
#include "base/unicode.h"

/* Both ends belong to it. */
struct range {
	uint32_t first, last;
};

#include "base/unicode_tables.h"

/* By halves: ranges are in order, and do not touch. */
static bool is_in(uint32_t c, const struct range *r, size_t n)
{
	size_t half;

	while (n) {
		half = n / 2;
		if (c > r[half].last) {
			r += half + 1;
			n -= half + 1;
		} else if (c < r[half].first) {
			n = half;
		} else {
			return true;
		}
	}
	return false;
}

bool unicode_hidden(uint32_t c)
{
	return is_in(c, hidden, sizeof(hidden) / sizeof(*hidden));
}

bool unicode_combines(uint32_t c)
{
	return is_in(c, marks, sizeof(marks) / sizeof(*marks));
}

/* What the first byte of a character says (Unicode, table 3-7). */
static size_t utf8_start(uint8_t byte, uint32_t *c, uint32_t *least)
{
	if (byte < 0x80) {
		*c = byte;
		*least = 0;
		return 1;
	}
	if (byte >= 0xc2 && byte <= 0xdf) {
		*c = byte & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (byte >= 0xe0 && byte <= 0xef) {
		*c = byte & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (byte >= 0xf0 && byte <= 0xf4) {
		*c = byte & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t unicode_next(const uint8_t *s, size_t n, uint32_t *c)
{
	uint32_t least = 0;
	size_t i, len = utf8_start(s[0], c, &least);

	if (!len || len > n)
		return 0;
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return len;
}
