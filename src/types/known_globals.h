/* SPDX-License-Identifier: BSD-2-Clause */
/* Globals of the kernel whose types are known, though no BTF has them. */
#ifndef TYPES_KNOWN_GLOBALS_H
#define TYPES_KNOWN_GLOBALS_H

#include <stddef.h>

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

#endif
