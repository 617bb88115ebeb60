/* SPDX-License-Identifier: BSD-2-Clause */
/* Globals of the kernel whose types are known, though no BTF has them. */
#ifndef TYPES_KNOWN_GLOBALS_H
#define TYPES_KNOWN_GLOBALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/btf.h"

/*
 * A global, and its type: what BTF calls `type`, of that kind (BTF_VOID: void),
 * and by `shape`, from there outwards: '*' a pointer to it, '[' an array of it,
 * 'c' a const one, 'v' a volatile one.
 */
struct known_global {
	const char *name;
	enum btf_kind kind;
	const char *type, *shape;
};

/* They ascend by name. */
extern const struct known_global known_globals[];
extern const size_t known_globals_n;

/* The one of that name, or NULL. */
const struct known_global *known_global_find(const char *name);

/*
 * Whether something of that type and shape has room at a symbol: so many bytes
 * from there to the next one, 0 where that is not known.
 */
bool known_global_fits(const struct btf *b, uint32_t type, const char *shape,
		       uint64_t room);

#endif
