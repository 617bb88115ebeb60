/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping of guest bytes before they reach a terminal or JSON. */
#include "cli/escape.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Characters that change how the rest of a line is shown. */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x00, 0x1f},	  {0x7f, 0x9f},	    {0xad, 0xad},     {0x061c, 0x061c},
	{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x2069}, {0xfeff, 0xfeff},
};

static bool is_hidden(uint32_t c)
{
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
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

/* Length of the character at s, and the character; 0: no UTF-8. */
static size_t utf8_next(const uint8_t *s, size_t n, uint32_t *c)
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

static bool utf8_valid(const uint8_t *s, size_t n)
{
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = utf8_next(s + i, n - i, &c);
		if (!len)
			return false;
	}
	return true;
}

/* The largest character that is kept: all of them, or ASCII. */
static uint32_t largest(enum escape_mode mode)
{
	if (mode == ESCAPE_JSON || !strcmp(nl_langinfo(CODESET), "UTF-8"))
		return 0x10ffff;
	return 0x7f;
}

static bool keeps(enum escape_mode mode, uint32_t c, bool valid)
{
	switch (mode) {
	case ESCAPE_TEXT:
		return c != '\\' && !is_hidden(c);
	case ESCAPE_LINES:
		return c == '\n' || !is_hidden(c);
	case ESCAPE_JSON:
		return valid || c != '\\';
	}
	return false;
}

void escape_add(struct buf *b, enum escape_mode mode, const char *bytes,
		size_t n)
{
	const uint8_t *s = (const uint8_t *)bytes;
	bool valid = mode == ESCAPE_JSON && utf8_valid(s, n);
	uint32_t c, max = largest(mode);
	size_t i, k, len;

	for (i = 0; i < n; i += len) {
		len = utf8_next(s + i, n - i, &c);
		if (len && c <= max && keeps(mode, c, valid)) {
			buf_add(b, s + i, len);
			continue;
		}
		len = len ? len : 1;
		if (mode == ESCAPE_TEXT && s[i] == '\\') {
			buf_puts(b, "\\\\");
			continue;
		}
		for (k = 0; k < len; k++)
			buf_printf(b, "\\x%02x", s[i + k]);
	}
}
