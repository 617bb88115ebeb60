/* SPDX-License-Identifier: BSD-2-Clause */
/* What members of structs are made of, and their bit fields. */
#ifndef TYPES_MEMBERS_H
#define TYPES_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "types/btf.h"

/*
 * How wide a bit field is, 0 for none, and the bit where the member begins,
 * from the struct's start.  Before kernels had the flag the width stood in the
 * INT, with more bits to skip.
 */
uint32_t members_width(const struct btf_type *behind,
		       const struct btf_member *m, uint64_t *at);

/*
 * Whether flags of enums tell which are signed: up to 6.0 none has one
 * (docs/facts/kernel.md, "BTF").
 */
bool members_enums_tell(const struct btf *b);

/* Whether the values of an enum are to be taken as signed. */
bool members_is_signed(const struct btf_type *t, bool enums_tell);

#endif
