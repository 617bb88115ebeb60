/* SPDX-License-Identifier: BSD-2-Clause */
/* Escaping of guest bytes before they reach a terminal or JSON. */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

enum escape_mode {
	/*
	 * One line of text: control characters (C0, DEL, C1), characters that
	 * reorder or hide text, and bytes that are no UTF-8 become \xNN, a
	 * backslash becomes two.  Can be undone.  Where the locale (LC_CTYPE)
	 * is not one of UTF-8, all that is not ASCII becomes \xNN: a terminal
	 * would take such bytes for something else, and libsmartcols 2.38
	 * never ends on them.
	 */
	ESCAPE_TEXT,
	/* Many lines for a terminal: as ESCAPE_TEXT, but keeps \n and '\'. */
	ESCAPE_LINES,
	/*
	 * For JSON: valid UTF-8 stays as it is.  Any other string has its bad
	 * bytes and its backslashes as \xNN.
	 */
	ESCAPE_JSON
};

/* Append the n bytes, escaped. */
void escape_add(struct buf *b, enum escape_mode mode, const char *bytes,
		size_t n);

#endif
