/* SPDX-License-Identifier: BSD-2-Clause */
/* What members of structs are made of, and their bit fields. */
#include "types/members.h"

uint32_t members_width(const struct btf_type *behind,
		       const struct btf_member *m, uint64_t *at)
{
	struct btf_int n;

	*at = m->bit_offset;
	if (m->bit_size || !btf_int(behind, &n) ||
	    n.bits >= behind->size * 8ULL)
		return m->bit_size;
	*at += n.bit_offset;
	return n.bits;
}

bool members_enums_tell(const struct btf *b)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(b, id, &t); id++)
		if (t.kind == BTF_ENUM64 || (t.kind == BTF_ENUM && t.flag))
			return true;
	return false;
}

bool members_is_signed(const struct btf_type *t, bool enums_tell)
{
	return t->flag || (t->kind == BTF_ENUM && !enums_tell);
}
