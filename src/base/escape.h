/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping of guest bytes before they reach a terminal or JSON. */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

enum escape_mode {
	/*
	 * One line of text: characters that cannot be seen or that reorder
	 * others (unicode_hidden()), marks upon nothing and all but the first
	 * few upon one character, and bytes that are no UTF-8 become \xNN, a
	 * backslash becomes two.  Can be undone.  Where the locale (LC_CTYPE)
	 * is not one of UTF-8, all that is not ASCII becomes \xNN: a terminal
	 * would take such bytes for something else, and libsmartcols 2.38
	 * never ends on them.
	 */
	ESCAPE_TEXT,
	/* Many lines for a terminal: as ESCAPE_TEXT, but keeps \n and '\'. */
	ESCAPE_LINES,
	/*
	 * A string for JSON: bytes that are no UTF-8 become \x80 to \xff.  A
	 * backslash becomes \x5c in a string that has such bytes, and in
	 * others where it would look like the start of one of these four
	 * letters.  Can be undone.
	 */
	ESCAPE_JSON
};

/* Append the n bytes, escaped. */
void escape_add(struct buf *b, enum escape_mode mode, const char *bytes,
		size_t n);

/*
 * Append two lines: the text as ESCAPE_TEXT, its tabs and ends of lines as
 * blanks, and ^ under byte `at` of it.  What is before that has to be ASCII, as
 * it is where a parser of ASCII has come so far.
 */
void escape_add_place(struct buf *b, const char *text, size_t at);

/*
 * Append text that is JSON: what ESCAPE_TEXT does not keep for what it is
 * becomes \uNNNN, as JSON has it: the same value to every parser.
 */
void escape_add_json(struct buf *b, const char *json, size_t n);

/* Append text, with each byte of `which` as "\040": as the kernel's
 * seq_escape() writes what would part fields (fs/seq_file.c). */
void escape_add_octal(struct buf *b, const char *text, const char *which);

#endif
