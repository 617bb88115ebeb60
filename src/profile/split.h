/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers want, resolved in types that modules have split off. */
#ifndef PROFILE_SPLIT_H
#define PROFILE_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/resolve.h"
#include "profile/wants.h"

/*
 * A module's blob, as it lies in memory, and where it counts its types and its
 * strings on from the kernel's (docs/facts/kernel.md, "Types of modules").
 */
struct split {
	const uint8_t *bytes;
	size_t len;
	uint32_t start_id, start_string;
	struct readers readers;	   /* who want something of it */
	struct wanted_values *out; /* their values; n 0: it is damaged */
};

/*
 * Resolve n of them, on top of the kernel's BTF: their own structs and
 * enumerators, whose members may be of the kernel's types.  0 also where some
 * or all, or the kernel's, are damaged; ERR_NOMEM.  The caller deinits each
 * *out, which is zeroed, also after an error.
 */
int splits_resolve(const uint8_t *btf, size_t len, const struct split *v,
		   size_t n, struct err *err);

#endif
