/* SPDX-License-Identifier: BSD-2-Clause */
/* How a struct lies in memory: its members, and what is between them. */
#ifndef TYPES_LAYOUT_H
#define TYPES_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "types/btf.h"

/* Nothing is there: whole bytes, and bits beside bit fields. */
struct layout_gap {
	uint64_t bytes, bits;
};

/* A member, and where it lies, from its struct's start. */
struct layout_member {
	struct btf_member m;
	uint64_t bit;  /* where it begins */
	uint64_t size; /* in bytes; 0: none, or not known */
	/*
	 * Of a bit field: its bits, 1 to 64, in an integer of `size` bytes at
	 * `offset`, where it begins at bit `shift`.  0: it is none, offset is
	 * where it begins.
	 */
	uint32_t width, shift;
	uint64_t offset;
	struct layout_gap before; /* between it and the one before */
};

/*
 * Members one after the other, in their order.  Gaps are those that pahole
 * tells: what is left of a bit field's integer is one of bits, as far as
 * nothing else begins in it.  Unions have none.
 */
struct layout {
	const struct btf *btf;
	struct btf_type t;
	uint32_t i;
	uint64_t seen; /* the first bit behind the last member */
	bool in_field; /* the last one is a bit field: its integer ends here */
	uint64_t field_end, field_bits;
	/* Of what was passed: gaps and how many, and what members take. */
	uint64_t n_gaps, n_bit_gaps, member_bytes, field_width;
	struct layout_gap gaps;
};

/* Of a struct or union; false where the id is none. */
bool layout_begin(struct layout *l, const struct btf *b, uint32_t id);

/* The next member; false at the end. */
bool layout_next(struct layout *l, struct layout_member *m);

/* What is behind the last of them, once there is no more. */
struct layout_gap layout_padding(const struct layout *l);

#endif
