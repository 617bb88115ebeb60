/* SPDX-License-Identifier: BSD-2-Clause */
/* Types by their names. */
#ifndef TYPES_NAMED_H
#define TYPES_NAMED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "types/btf.h"

/* Ids of types, in their order. */
struct types_named {
	VEC(uint32_t) ids;
};

/*
 * Types called `name`: of any kind that C declares, or behind "struct ",
 * "union ", "enum " and "typedef " of that one.  Forward declarations count
 * where there is nothing else.  `name___2` is the second type of a name, if
 * none has that very name, and so on.  Only those of this blob, not of its
 * base.  0 or ERR_NOMEM; the caller deinits.
 */
int types_named_find(struct types_named *n, const struct btf *b,
		     const char *name);
void types_named_deinit(struct types_named *n);

/* "struct", "union", "enum", "typedef", "function", "variable", "base". */
const char *types_named_kind(const struct btf_type *t);

/* The word that C has in front of the name: "struct", "union", "enum"; or "".
 */
const char *types_named_keyword(const struct btf_type *t);

/* True for a type that only says that there is one of its name. */
bool types_named_is_forward(const struct btf_type *t);

#endif
