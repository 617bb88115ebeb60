/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a type, out of bytes: each member's, element's and enumerator's. */
#ifndef TYPES_VALUE_H
#define TYPES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/btf.h"

/* So many values of one type at most: what is beyond is said to be cut off. */
#define VALUE_STEPS (1u << 16)

enum value_kind {
	VALUE_OPEN,    /* a struct, union or array, whose parts follow */
	VALUE_CLOSE,   /* that one ends */
	VALUE_FOLDED,  /* one whose parts are too deep to be told */
	VALUE_NUMBER,  /* of 1 to 8 bytes, or a bit field */
	VALUE_BOOL,    /* a number that is 0 or 1 */
	VALUE_ENUM,    /* a number, and perhaps a word */
	VALUE_POINTER, /* a number, which is an address */
	VALUE_STRING,  /* bytes of characters, up to the first NUL */
	VALUE_BYTES,   /* what else there is, as its bytes */
	VALUE_MORE     /* so many elements are left out here: number */
};

/* A part; what it points to lives as long as the bytes and the BTF. */
struct value {
	enum value_kind kind;
	unsigned int level; /* 0: all of it */
	const char *name;   /* of a member; "" where it has none; else NULL */
	uint64_t index;	    /* of an element, which has no name */
	uint32_t type;
	uint64_t offset, size; /* from the start; size 0: a flexible array */
	bool known;	       /* the bytes are there; else nothing below is */
	uint64_t number;
	bool is_signed; /* number is a int64_t */
	const char *word;
	const uint8_t *bytes; /* len of them */
	size_t len;
};

struct value_opts {
	unsigned int
		depth;	   /* structs with a name, and arrays, in one another */
	uint32_t elements; /* of an array */
	bool signs;	   /* members_enums_tell() */
};

typedef void value_visit(void *ctx, const struct value *v);

/*
 * Visit all values of a type whose first `len` bytes are at `bytes`, in the
 * order of its members.  False where it was cut off by VALUE_STEPS.
 */
bool value_walk(const struct btf *b, uint32_t id, const uint8_t *bytes,
		size_t len, const struct value_opts *opts, value_visit *visit,
		void *ctx);

#endif
