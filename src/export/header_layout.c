/* SPDX-License-Identifier: BSD-2-Clause */
/* Where C puts members, and what it takes to have them where they are. */
#include <string.h>

#include "export/header_inside.h"

/*
 * The rules are those of the System V ABI for x86-64, which BPF shares: a
 * member lies at a multiple of its alignment, a bit field within one unit of
 * its type, and the size is a multiple of the largest alignment.  In a packed
 * struct none of that holds: members lie at the next byte, fields at the next
 * bit.  Unnamed bit fields fill holes, and align nothing.
 */

#define MAX_ARRAYS 32u

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

bool header_measure(const struct header *h, uint32_t id, uint64_t *bits,
		    uint32_t *align)
{
	uint64_t times = 1;
	struct btf_array a;
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < MAX_ARRAYS; i++) {
		id = btf_behind(h->btf, id, &t);
		if (!id || !btf_array(&t, &a))
			break;
		times *= a.n;
		if (times > UINT32_MAX)
			return false;
		id = a.elem;
	}
	if (!id || i == MAX_ARRAYS)
		return false;
	*align = t.kind == BTF_PTR ? 8 : t.size;
	if (t.kind == BTF_STRUCT || t.kind == BTF_UNION)
		*align = h->types[id].align;
	times *= t.kind == BTF_PTR ? 8 : t.size;
	*bits = times * 8;
	return *align && times <= UINT32_MAX;
}

uint64_t header_natural(const struct header_member *m, uint64_t end,
			bool packed)
{
	uint64_t unit = m->align * 8ULL;

	if (m->is_field)
		return !packed && end % unit + m->bits > unit
			       ? round_up(end, unit)
			       : end;
	return round_up(end, packed ? 8 : unit);
}

/* A bit field is of an integer, and no wider than that. */
static bool can_be_field(const struct btf_type *behind, uint64_t width)
{
	const char *base = header_base(behind);

	if (base && !strcmp(base, "_Bool"))
		return width == 1;
	return behind->kind != BTF_FLOAT && width <= behind->size * 8ULL &&
	       (base || behind->kind == BTF_ENUM || behind->kind == BTF_ENUM64);
}

/* False where C cannot have it there. */
static bool place_member(const struct header *h,
			 const struct header_members *it,
			 struct header_member *m)
{
	bool is_union = it->t->kind == BTF_UNION;
	struct btf_type behind;
	uint32_t width;

	if (!btf_behind(h->btf, m->m.type, &behind) ||
	    !header_measure(h, m->m.type, &m->bits, &m->align))
		return false;
	width = members_width(&behind, &m->m, &m->at);
	m->is_field = width != 0;
	if (width && !can_be_field(&behind, width))
		return false;
	if (width)
		m->bits = width;
	else if (m->at % 8)
		return false;
	/* Without a name it is a struct's, whose members are this one's. */
	if (!*m->m.name &&
	    (width || (behind.kind != BTF_STRUCT && behind.kind != BTF_UNION)))
		return false;
	return m->at >= (is_union ? 0 : it->end) && (!is_union || !m->at) &&
	       m->at + m->bits <= it->t->size * 8ULL;
}

bool header_next(struct header *h, struct header_members *it,
		 struct header_member *m)
{
	uint32_t i = it->i++;

	*m = (struct header_member){.bits = UINT64_MAX};
	if (!btf_member(it->t, i, &m->m))
		return false;
	if (header_leaves_out(h, it->id, i) || !place_member(h, it, m))
		m->bits = UINT64_MAX;
	else if (m->at + m->bits > it->end)
		it->end = m->at + m->bits;
	return true;
}

void header_settle(struct header *h, uint32_t id, const struct btf_type *t)
{
	struct header_members it = {.t = t, .id = id};
	struct header_type *info = &h->types[id];
	struct header_member m;
	uint32_t align = 1;

	while (header_next(h, &it, &m)) {
		if (m.bits == UINT64_MAX)
			continue;
		/* What C does not put there by itself after any hole. */
		if (header_natural(&m, m.at, false) != m.at)
			info->packed = true;
		if (m.align > align)
			align = m.align;
	}
	if (t->size % align)
		info->packed = true;
	info->align = info->packed ? 1 : (uint8_t)align;
}
