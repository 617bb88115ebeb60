/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes of BTF types, and paths of members. */
#include <string.h>

#include "types/btf.h"

#define MAX_DEPTH 16 /* anonymous structs in one another, arrays too */

uint64_t btf_size(const struct btf *b, uint32_t id)
{
	uint64_t times = 1;
	struct btf_array a;
	struct btf_type t;
	int depth;

	for (depth = 0; depth < MAX_DEPTH; depth++) {
		if (!btf_behind(b, id, &t))
			return 0;
		switch (t.kind) {
		case BTF_PTR:
			return 8 * times;
		case BTF_INT:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_FLOAT:
		case BTF_DATASEC:
			return t.size * times;
		case BTF_ARRAY:
			if (!btf_array(&t, &a))
				return 0;
			id = a.elem;
			times *= a.n;
			if (times > UINT32_MAX)
				return 0;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

/* A bitfield of the old encoding: its width stands in the INT behind it. */
static uint32_t int_bits(const struct btf *b, uint32_t id, uint32_t *shift)
{
	struct btf_type t;
	struct btf_int i;

	*shift = 0;
	if (!btf_behind(b, id, &t) || !btf_int(&t, &i))
		return 0;
	*shift = i.bit_offset;
	return i.bits < t.size * 8ULL ? i.bits : 0;
}

static bool set_place(const struct btf *b, const struct btf_member *m,
		      uint64_t bit, struct btf_place *place)
{
	uint32_t bits = m->bit_size, shift;
	uint64_t size;

	if (!bits) {
		bits = int_bits(b, m->type, &shift);
		bit += shift;
	}
	size = bits ? (bit % 8 + bits + 7) / 8 : btf_size(b, m->type);
	if (bit / 8 > UINT32_MAX || size > UINT32_MAX ||
	    (bits ? bits > 64 : bit % 8 != 0))
		return false;
	*place = (struct btf_place){
		.offset = (uint32_t)(bit / 8),
		.size = (uint32_t)size,
		.bit_offset = (uint8_t)(bits ? bit % 8 : 0),
		.bit_size = (uint8_t)bits,
	};
	return true;
}

/* A search for one name, with what is left of its budget. */
struct search {
	const struct btf *b;
	const char *name;
	size_t len;
	uint32_t *visits;
	struct btf_member found;
	uint64_t bit; /* of the member found */
};

static bool search_members(struct search *s, uint32_t id, uint64_t bit,
			   int depth)
{
	struct btf_member m;
	struct btf_type t;
	uint32_t i;

	if (depth >= MAX_DEPTH || !btf_behind(s->b, id, &t))
		return false;
	for (i = 0; *s->visits && btf_member(&t, i, &m); i++) {
		--*s->visits;
		if (*m.name) {
			if (strncmp(m.name, s->name, s->len) != 0 ||
			    m.name[s->len])
				continue;
			s->found = m;
			s->bit = bit + m.bit_offset;
			return true;
		}
		/* its type may have a name: -fms-extensions, in Linux 6.19 */
		if (search_members(s, m.type, bit + m.bit_offset, depth + 1))
			return true;
	}
	return false;
}

bool btf_find_typed(const struct btf *b, uint32_t id, const char *path,
		    uint32_t *visits, struct btf_place *place, uint32_t *type)
{
	struct search s = {.b = b, .visits = visits};
	uint64_t bit = 0;

	for (;;) {
		s.name = path;
		s.len = strcspn(path, ".");
		if (!search_members(&s, id, bit, 0))
			return false;
		*type = s.found.type;
		if (!path[s.len])
			return set_place(b, &s.found, s.bit, place);
		if (s.found.bit_size)
			return false;
		path += s.len + 1;
		id = s.found.type;
		bit = s.bit;
	}
}

bool btf_find(const struct btf *b, uint32_t id, const char *path,
	      uint32_t *visits, struct btf_place *place)
{
	uint32_t type;

	return btf_find_typed(b, id, path, visits, place, &type);
}
