/* SPDX-License-Identifier: BSD-2-Clause */
/* The writes that a user asks for: operands, or lines of a file. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "edit/change.h"

/* Texts that an item borrows; zero-initialise. */
struct plan_texts {
	VEC(char *) v;
};

/* One write: words of an address and values, of a width (0: 1 byte). */
struct plan_write {
	char **words;
	size_t n;
	char **expect; /* values that must be there */
	size_t n_expect;
	unsigned int width;
};

/* Add it to the change.  ERR_USAGE, ERR_SYS. */
int plan_add(struct change *c, const struct plan_write *w, struct err *err);

/*
 * Add each line of a file ("-": standard input):
 *
 *	line   = { word } [ comment ]		nothing, or one write
 *	word   = what `qvmi write` takes: ADDRESS, VALUE, -w WIDTH, -wWIDTH,
 *		 --expect VALUE, --expect=VALUE
 *	comment = "#" at the start of a word, up to the end of the line
 *
 * Words are parted by blanks.  '...' keeps all as it is, "..." all but \" and
 * \\; elsewhere a backslash keeps the next character.  width holds where a
 * line names none.  Errors begin with FILE:LINE.  The texts live as long as
 * the change.
 */
int plan_read(struct change *c, const char *file, unsigned int width,
	      struct plan_texts *texts, struct err *err);
void plan_texts_deinit(struct plan_texts *texts);

#endif
