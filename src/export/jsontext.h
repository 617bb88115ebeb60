/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON that is written piece by piece, for files of any size. */
#ifndef EXPORT_JSONTEXT_H
#define EXPORT_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

/* Objects and arrays in one another. */
#define JSONTEXT_DEPTH 64u

/*
 * One value on its way to `out`: zero-initialise the rest.  Each function adds
 * a member of the innermost object, by a key, or without one (NULL) an element
 * of the innermost array; the first of all is the value itself.  Strings and
 * keys are of any bytes, and escaped as in all of qvmi's JSON (docs/json.md).
 * Look once, at the end: at `oom`, and at ferror(out).
 */
struct jsontext {
	FILE *out;
	unsigned int depth;
	bool oom;
	struct jsontext_level {
		char close; /* ']' or '}' */
		bool lines; /* what is in it begins a line each */
		bool filled;
	} level[JSONTEXT_DEPTH];
	struct buf text;
};

void jsontext_deinit(struct jsontext *j);

/* `bracket` is '{' or '['; each is closed by jsontext_close(). */
void jsontext_open(struct jsontext *j, const char *key, char bracket);
void jsontext_open_lines(struct jsontext *j, const char *key, char bracket);
void jsontext_close(struct jsontext *j);

void jsontext_string(struct jsontext *j, const char *key, const char *s);
void jsontext_bytes(struct jsontext *j, const char *key, const void *bytes,
		    size_t n);
void jsontext_hex(struct jsontext *j, const char *key, uint64_t v);
void jsontext_number(struct jsontext *j, const char *key, uint64_t v);
void jsontext_signed(struct jsontext *j, const char *key, int64_t v);
void jsontext_bool(struct jsontext *j, const char *key, bool v);
void jsontext_null(struct jsontext *j, const char *key);

#endif
