/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables of the kernel whose types are known. */
#ifndef TYPES_KNOWN_TYPES_H
#define TYPES_KNOWN_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/btf.h"

/* A variable by its name, and its type: `type`, and of that `shape`, see
 * known_globals.h. */
struct known_type {
	const char *name, *shape;
	uint32_t type;	/* 0: void */
	bool per_cpu;	/* BTF has it: each CPU has its own */
	uint32_t types; /* how many it may have: of one it is known */
	/* What the type is looked for by; of NULL: nothing */
	enum btf_kind kind;
	const char *of;
};

/* They ascend by name, each at most once with `types` 1. */
struct known_types {
	struct known_type *v;
	size_t n, cap;
};

/*
 * Those of the variables that BTF has, and of globals that are known from
 * elsewhere (known_globals.h); with `only` that one alone.  Where two have one
 * name, or two types are called as it, the type is not known.  0 or ERR_NOMEM;
 * the caller deinits.
 */
int known_types_init(struct known_types *k, const struct btf *b,
		     const char *only);
void known_types_deinit(struct known_types *k);

/* The one of that name whose type is known, or NULL. */
const struct known_type *known_types_find(const struct known_types *k,
					  const char *name);

/* Whether it has room at a symbol: so many bytes from there to the next one,
 * 0 where that is not known. */
bool known_type_fits(const struct known_type *t, const struct btf *b,
		     uint64_t room);

#endif
