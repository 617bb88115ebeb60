/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers want of a kernel's types: static tables beside each reader. */
#ifndef PROFILE_WANTS_H
#define PROFILE_WANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum want_kind {
	WANT_FIELD,   /* where a member lies */
	WANT_SIZE,    /* the size of a struct */
	WANT_CONSTANT /* the value of an enumerator */
};

/*
 * The reader's word.  REQUIRED: without it the reader reads nothing at all.
 * OPTIONAL: absence is an answer.
 */
enum want_need {
	OPTIONAL,
	REQUIRED
};

/*
 * `type` and `name` list alternatives, tried in order, parted by '|'; dots go
 * into nested members, anonymous structs and unions are looked through.  Where
 * a name changed, the version beside it is that of mainline
 * (docs/facts/kernel.md, "Members that changed their names").
 */
struct want {
	enum want_kind kind;
	enum want_need need;
	const char *type; /* struct; enum, "" for any */
	const char *name; /* members; enumerator; "" of a size */
};

/* All that one reader wants; up to WANTS_MAX. */
struct wants {
	const char *reader; /* what it reads, in messages: "VMAs" */
	const struct want *v;
	size_t n;
};

/* The readers; each has its place here for its number. */
struct readers {
	const struct wants *const *v;
	size_t n;
};

#define WANTS_MAX 64u

/*
 * An id says which reader wants it, and where it stands in its table: a file
 * counts its own up from WANTS_OF(its number), and knows no others.
 */
#define WANTS_OF(reader) ((reader)*WANTS_MAX)
#define WANTS_READER(id) ((id) / WANTS_MAX)
#define WANTS_INDEX(id)	 ((id) % WANTS_MAX)
#define WANTS_NONE	 UINT32_MAX /* no id */
#define WANTS_N(table)	 (sizeof(table) / sizeof((table)[0]))

/* Entries of such a table: FIELD(TASK_PID, ...) is that of FIELD_TASK_PID. */
#define FIELD(id, structs, need, members) \
	[WANTS_INDEX(FIELD_##id)] = {WANT_FIELD, need, structs, members}
#define STRUCT(id, structs, need) \
	[WANTS_INDEX(STRUCT_##id)] = {WANT_SIZE, need, structs, ""}
#define CONSTANT(id, type, enumerator)                                 \
	[WANTS_INDEX(CONSTANT_##id)] = {WANT_CONSTANT, OPTIONAL, type, \
					enumerator}

#endif
