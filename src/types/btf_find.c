/* SPDX-License-Identifier: BSD-2-Clause */
/* Members, sizes and enumerators of BTF types. */
#include <string.h>

#include "base/cursor.h"
#include "types/btf.h"

#define MAX_DEPTH 16 /* anonymous structs in one another, arrays too */

bool btf_member(const struct btf *b, const struct btf_type *t, uint32_t i,
		struct btf_member *m)
{
	uint32_t offset;
	struct cursor c;

	if ((t->kind != BTF_STRUCT && t->kind != BTF_UNION) || i >= t->vlen)
		return false;
	cursor_init(&c, b->types, b->types_len);
	cursor_seek(&c, t->data + (size_t)i * 12);
	m->name = btf_string(b, cursor_u32(&c));
	m->type = cursor_u32(&c);
	offset = cursor_u32(&c);
	m->bit_offset = t->flag ? offset & 0xffffff : offset;
	m->bit_size = t->flag ? offset >> 24 : 0;
	return !c.bad;
}

bool btf_enumerator(const struct btf *b, const struct btf_type *t, uint32_t i,
		    struct btf_enumerator *e)
{
	bool wide = t->kind == BTF_ENUM64;
	struct cursor c;
	uint32_t low, high = 0;

	if ((t->kind != BTF_ENUM && !wide) || i >= t->vlen)
		return false;
	cursor_init(&c, b->types, b->types_len);
	cursor_seek(&c, t->data + (size_t)i * (wide ? 12 : 8));
	e->name = btf_string(b, cursor_u32(&c));
	low = cursor_u32(&c);
	if (wide)
		high = cursor_u32(&c);
	/* Always, for the flag does not tell: docs/facts/kernel.md, "BTF". */
	else if (low >> 31)
		high = UINT32_MAX;
	e->value = (int64_t)((uint64_t)high << 32 | low);
	return !c.bad;
}

/* Element type and number of an array. */
static bool array(const struct btf *b, const struct btf_type *t, uint32_t *elem,
		  uint32_t *n)
{
	struct cursor c;

	cursor_init(&c, b->types, b->types_len);
	cursor_seek(&c, t->data);
	*elem = cursor_u32(&c);
	cursor_skip(&c, 4);
	*n = cursor_u32(&c);
	return !c.bad;
}

uint64_t btf_size(const struct btf *b, uint32_t id)
{
	uint64_t times = 1;
	struct btf_type t;
	uint32_t n;
	int depth;

	for (depth = 0; depth < MAX_DEPTH; depth++) {
		if (!btf_resolve(b, id, &t))
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
			if (!array(b, &t, &id, &n))
				return 0;
			times *= n;
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
	uint32_t v;

	*shift = 0;
	if (!btf_resolve(b, id, &t) || t.kind != BTF_INT)
		return 0;
	v = le32(b->types + t.data);
	*shift = v >> 16 & 0xff;
	return (v & 0xff) < t.size * 8ULL ? v & 0xff : 0;
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
	struct btf_type t, inner;
	uint32_t i;

	if (depth >= MAX_DEPTH || !btf_resolve(s->b, id, &t))
		return false;
	for (i = 0; *s->visits && btf_member(s->b, &t, i, &m); i++) {
		--*s->visits;
		if (*m.name) {
			if (strncmp(m.name, s->name, s->len) != 0 ||
			    m.name[s->len])
				continue;
			s->found = m;
			s->bit = bit + m.bit_offset;
			return true;
		}
		if (btf_resolve(s->b, m.type, &inner) && !*inner.name &&
		    search_members(s, m.type, bit + m.bit_offset, depth + 1))
			return true;
	}
	return false;
}

bool btf_find(const struct btf *b, uint32_t id, const char *path,
	      uint32_t *visits, struct btf_place *place)
{
	struct search s = {.b = b, .visits = visits};
	uint64_t bit = 0;

	for (;;) {
		s.name = path;
		s.len = strcspn(path, ".");
		if (!search_members(&s, id, bit, 0))
			return false;
		if (!path[s.len])
			return set_place(b, &s.found, s.bit, place);
		if (s.found.bit_size)
			return false;
		path += s.len + 1;
		id = s.found.type;
		bit = s.bit;
	}
}
