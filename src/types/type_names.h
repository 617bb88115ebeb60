/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of types that C can take: identifiers, and no two of them alike. */
#ifndef TYPES_TYPE_NAMES_H
#define TYPES_TYPE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "types/btf.h"

/* What is behind so many bytes of a name is cut: KSYM_NAME_LEN (6.1) is 512. */
#define TYPE_NAME_MAX 512u

/*
 * Names that may not be alike; a format says which types have one of which.
 * TYPE_SPACE_NONE: it has none, or none that anything could be alike.
 */
enum type_space {
	TYPE_SPACE_NONE,
	TYPE_SPACE_TAGS,
	TYPE_SPACE_ORDINARY, /* typedefs, and C has its enumerators there */
};

typedef enum type_space type_space_of(const struct btf *b,
				      const struct btf_type *t);

/* The second type of a name is `name___2`, as libbpf has it, and so on. */
struct type_names {
	struct map numbers; /* of those from the second on */
};

/*
 * Number the types that are alike in the order of their ids; with `constants`
 * enumerators, too, which are ordinary names.  A forward declaration is that of
 * the first struct, or union, or enum, of its name.  0 or ERR_NOMEM; the caller
 * deinits, also after an error.
 */
int type_names_init(struct type_names *n, const struct btf *b,
		    type_space_of *space_of, bool constants, struct err *err);
void type_names_deinit(struct type_names *n);

/* Which one of its name a type is; 1: the first. */
uint32_t type_names_number(const struct type_names *n, uint32_t id);

/* Append the name of a type, or of its enumerator i, as an identifier. */
void type_names_add(const struct type_names *n, struct buf *b, uint32_t id,
		    const char *name);
void type_names_add_constant(const struct type_names *n, struct buf *b,
			     uint32_t id, uint32_t i, const char *name);

/*
 * The name as an identifier of C: itself, or what is put to `text`, where what
 * C would not take is '_', and a keyword has one behind it.
 */
const char *type_names_identifier(const char *name,
				  char text[TYPE_NAME_MAX + 2]);

/* How many bytes of a name are taken. */
size_t type_names_length(const char *name);

#endif
