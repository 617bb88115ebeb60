/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping of guest bytes before they reach a terminal or JSON. */
#include "base/escape.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/unicode.h"

/*
 * Marks put upon one character: no language needs more (Unicode's own limit for
 * streams, UAX #15, is 30), and with hundreds of them a name covers the lines
 * around it.
 */
#define MARKS_MAX 4u

/* What is known of the text so far. */
struct escaper {
	enum escape_mode mode;
	uint32_t largest; /* character that is kept: all of them, or ASCII */
	bool valid;	  /* the bytes are UTF-8; only for ESCAPE_JSON */
	unsigned int marks_left;
};

static bool utf8_valid(const uint8_t *s, size_t n)
{
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = unicode_next(s + i, n - i, &c);
		if (!len)
			return false;
	}
	return true;
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/*
 * Whether a backslash would be taken for the start of what ESCAPE_JSON makes of
 * a byte that is no UTF-8 (\x80 to \xff), or of a backslash (\x5c).
 */
static bool looks_escaped(const uint8_t *s, size_t n)
{
	if (n < 4 || s[1] != 'x')
		return false;
	return (s[2] >= '8' && is_hex(s[2]) && is_hex(s[3])) ||
	       (s[2] == '5' && s[3] == 'c');
}

/* Whether what is no hidden character is kept: the one at s. */
static bool keeps(const struct escaper *e, const uint8_t *s, size_t n)
{
	if (*s != '\\')
		return true;
	if (e->mode == ESCAPE_JSON)
		return e->valid && !looks_escaped(s, n);
	return e->mode == ESCAPE_LINES;
}

/* A mark needs a character before it, and not too many marks between. */
static bool keeps_mark(struct escaper *e, uint32_t c)
{
	if (c >= 0x80 && unicode_combines(c)) {
		if (!e->marks_left)
			return false;
		e->marks_left--;
		return true;
	}
	e->marks_left = c == '\n' ? 0 : MARKS_MAX;
	return true;
}

static bool keeps_character(struct escaper *e, uint32_t c, const uint8_t *s,
			    size_t n)
{
	/* What JSON cannot show is escaped when the text is made. */
	if (e->mode == ESCAPE_JSON)
		return keeps(e, s, n);
	if (c > e->largest || !keeps(e, s, n))
		return false;
	if (unicode_hidden(c) && (c != '\n' || e->mode != ESCAPE_LINES))
		return false;
	return keeps_mark(e, c);
}

/* Letters that every mode keeps, at the start of s; most text is made of. */
static size_t plain(const uint8_t *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && s[i] >= ' ' && s[i] < 0x7f && s[i] != '\\'; i++)
		;
	return i;
}

static void add_bytes(struct buf *b, enum escape_mode mode, const uint8_t *s,
		      size_t n)
{
	size_t i;

	if (mode == ESCAPE_TEXT && *s == '\\') {
		buf_puts(b, "\\\\");
		return;
	}
	for (i = 0; i < n; i++)
		buf_printf(b, "\\x%02x", s[i]);
}

void escape_add(struct buf *b, enum escape_mode mode, const char *bytes,
		size_t n)
{
	const uint8_t *s = (const uint8_t *)bytes;
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	struct escaper e = {.mode = mode,
			    .largest = utf8 ? 0x10ffff : 0x7f,
			    .valid = mode == ESCAPE_JSON && utf8_valid(s, n)};
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = plain(s + i, n - i);
		if (len) {
			e.marks_left = MARKS_MAX;
			buf_add(b, s + i, len);
			continue;
		}
		len = unicode_next(s + i, n - i, &c);
		if (len && keeps_character(&e, c, s + i, n - i)) {
			buf_add(b, s + i, len);
			continue;
		}
		len = len ? len : 1;
		e.marks_left = 0;
		add_bytes(b, mode, s + i, len);
	}
}

static void add_one_line(struct buf *b, const char *text, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len + 1) {
		len = 0;
		while (i + len < n && text[i + len] != '\t' &&
		       text[i + len] != '\n')
			len++;
		escape_add(b, ESCAPE_TEXT, text + i, len);
		if (i + len < n)
			buf_puts(b, " ");
	}
}

void escape_add_place(struct buf *b, const char *text, size_t at)
{
	size_t start = b->len, column;

	add_one_line(b, text, at);
	column = b->len - start;
	add_one_line(b, text + at, strlen(text + at));
	buf_printf(b, "\n%*s^\n", (int)column, "");
}

/* As JSON has it: in units of UTF-16. */
static void add_units(struct buf *b, uint32_t c)
{
	if (c < 0x10000) {
		buf_printf(b, "\\u%04x", c);
		return;
	}
	c -= 0x10000;
	buf_printf(b, "\\u%04x\\u%04x", 0xd800 + (c >> 10),
		   0xdc00 + (c & 0x3ff));
}

void escape_add_json(struct buf *b, const char *json, size_t n)
{
	const uint8_t *s = (const uint8_t *)json;
	struct escaper e = {.mode = ESCAPE_JSON};
	size_t i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = plain(s + i, n - i);
		if (len) {
			/* A quote starts a string. */
			e.marks_left = s[i + len - 1] == '"' ? 0 : MARKS_MAX;
			buf_add(b, s + i, len);
			continue;
		}
		len = unicode_next(s + i, n - i, &c);
		if (!len || c < ' ' || c == '\\' ||
		    (!unicode_hidden(c) && keeps_mark(&e, c))) {
			len = len ? len : 1;
			buf_add(b, s + i, len);
			continue;
		}
		e.marks_left = 0;
		add_units(b, c);
	}
}

void escape_add_octal(struct buf *b, const char *text, const char *which)
{
	for (; *text; text++)
		if (strchr(which, *text))
			buf_printf(b, "\\%03o", (unsigned char)*text);
		else
			buf_add(b, text, 1);
}
