/* SPDX-License-Identifier: BSD-2-Clause */
/* Types as entries of DWARF, each out of one of BTF. */
#include "export/dwarf_unit.h"

#include "types/members.h"

/*
 * Chains of types are no longer than dwarf_graph.c leaves them; parameters of
 * one function in C are 127 at least, and a kernel has no more than 20.
 */
#define MAX_CHAIN    256u
#define MAX_PARAMS   127u

#define POINTER_SIZE 8u

/* Kinds whose entry is of another type, and nothing more. */
static const uint8_t qualifiers[BTF_KINDS] = {
	[BTF_TYPEDEF] = DIE_TYPEDEF,
	[BTF_VOLATILE] = DIE_VOLATILE,
	[BTF_CONST] = DIE_CONST,
	[BTF_RESTRICT] = DIE_RESTRICT,
};

/* Sizes that C has numbers of; a debugger computes with them. */
static bool number_has_size(const struct btf_type *t)
{
	switch (t->size) {
	case 1:
		return t->kind != BTF_FLOAT;
	case 2:
	case 4:
	case 8:
		return true;
	case 10:
	case 12:
		return t->kind == BTF_FLOAT;
	case 16:
		return t->kind == BTF_FLOAT || t->kind == BTF_INT;
	default:
		return false;
	}
}

/* Whether a type has an entry; where not, `*behind` may stand for it. */
static bool type_has_die(const struct dwarf_unit *u, uint32_t id,
			 const struct btf_type *t, uint32_t *behind)
{
	*behind = 0;
	switch (t->kind) {
	case BTF_INT:
	case BTF_FLOAT:
	case BTF_ENUM:
	case BTF_ENUM64:
		return number_has_size(t);
	case BTF_PTR:
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_FUNC_PROTO:
		return true;
	case BTF_ARRAY:
		return !dw_is_cut(u, id);
	case BTF_FWD:
		return *t->name;
	case BTF_TYPEDEF:
		if (*t->name)
			return true;
		break;
	case BTF_TYPE_TAG:
		break;
	default:
		return false;
	}
	*behind = dw_is_cut(u, id) ? 0 : t->size;
	return false;
}

uint32_t dw_target(const struct dwarf_unit *u, uint32_t id)
{
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < MAX_CHAIN && btf_type(&u->btf, id, &t); i++) {
		uint32_t behind;

		if (type_has_die(u, id, &t, &behind))
			return id;
		id = behind;
	}
	return 0;
}

bool dw_sized(const struct dwarf_unit *u, uint32_t id, uint64_t *size)
{
	uint64_t times = 1, one;
	struct btf_array a;
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < MAX_CHAIN; i++) {
		id = dw_target(u, id);
		if (!btf_type(&u->btf, id, &t))
			return false;
		if (btf_array(&t, &a)) {
			id = a.elem;
			times *= a.n;
		} else if (t.kind < BTF_KINDS && qualifiers[t.kind]) {
			id = dw_is_cut(u, id) ? 0 : t.size;
		} else if (t.kind == BTF_FUNC_PROTO) {
			return false;
		} else {
			one = t.kind == BTF_PTR	  ? POINTER_SIZE
			      : t.kind == BTF_FWD ? 0
			      : dw_is_cut(u, id)  ? 0
						  : t.size;
			*size = times * one;
			return *size <= UINT32_MAX;
		}
		if (times > UINT32_MAX)
			return false;
	}
	return false;
}

/* Where a name lies in .debug_str: in the blob's own strings, or its base's. */
static uint32_t string_place(const struct dwarf_unit *u, const char *name)
{
	uintptr_t at = (uintptr_t)name;

	for (; u; u = u->base) {
		uintptr_t first = (uintptr_t)u->btf.strings;

		if (at >= first && at - first < u->btf.strings_len)
			return u->strings + (uint32_t)(at - first);
	}
	return 0;
}

uint64_t dw_place(const struct dwarf_unit *u, uint32_t type)
{
	type = dw_target(u, type);
	if (!type)
		return 0;
	while (u->base && type < u->btf.first_id)
		u = u->base;
	return u->die[type - u->btf.first_id];
}

void dw_begin_at(const struct dwarf_unit *u, struct emit *s, unsigned int die,
		 uint32_t name, uint64_t type)
{
	emit_uleb(s, dw_code(die, name, type));
	if (name)
		emit_number(s, name, 4);
	if (type)
		emit_number(s, u->base ? type : type - u->start, 4);
}

void dw_begin(const struct dwarf_unit *u, struct emit *s, unsigned int die,
	      const char *name, uint32_t type)
{
	dw_begin_at(u, s, die, *name ? string_place(u, name) : 0,
		    dw_place(u, type));
}

unsigned int dw_with(unsigned int die, const struct btf_type *t)
{
	return t->vlen ? die : die | DIE_CHILDLESS;
}

static void end_children(struct emit *s, const struct btf_type *t)
{
	if (t->vlen)
		emit_number(s, 0, 1);
}

static void put_base(const struct dwarf_unit *u, struct emit *s,
		     const struct btf_type *t)
{
	unsigned int encoding = DWARF_ATE_FLOAT;
	struct btf_int i;

	if (btf_int(t, &i)) {
		bool has_sign = i.encoding & BTF_INT_SIGNED;

		if (i.encoding & BTF_INT_BOOL)
			encoding = DWARF_ATE_BOOLEAN;
		else if (t->size == 1) /* all such are kinds of char in C */
			encoding = has_sign ? DWARF_ATE_SIGNED_CHAR
					    : DWARF_ATE_UNSIGNED_CHAR;
		else
			encoding = has_sign ? DWARF_ATE_SIGNED
					    : DWARF_ATE_UNSIGNED;
	}
	dw_begin(u, s, DIE_BASE, t->name, 0);
	emit_number(s, encoding, 1);
	emit_uleb(s, t->size);
}

/*
 * One that ends a struct has 0 elements in BTF, and so it has here, for gdb
 * shows no offsets beside an array without a count: docs/facts/debuggers.md,
 * "Types and variables".
 */
static void put_array(const struct dwarf_unit *u, struct emit *s,
		      const struct btf_type *t)
{
	struct btf_array a = {0};

	btf_array(t, &a);
	dw_begin(u, s, DIE_ARRAY, "", a.elem);
	dw_begin(u, s, DIE_COUNT, "", 0);
	emit_uleb(s, a.n);
	emit_number(s, 0, 1);
}

/*
 * Bits of a member, where it is a bitfield: by the flag's encoding, or that of
 * old, in which an INT behind it tells.
 */
static uint32_t member_bits(const struct dwarf_unit *u,
			    const struct btf_type *t, struct btf_member *m)
{
	struct btf_type type;
	struct btf_int i;

	if (t->flag || !btf_behind(&u->btf, m->type, &type) ||
	    !btf_int(&type, &i) || i.bits >= type.size * 8ULL)
		return m->bit_size;
	m->bit_offset += i.bit_offset;
	return i.bits;
}

/* Those of types that are none, or that lie outside, are left out. */
static void put_member(const struct dwarf_unit *u, struct emit *s,
		       const struct btf_type *t, struct btf_member *m)
{
	uint64_t size, room = t->size * 8ULL;
	uint32_t bits = member_bits(u, t, m);

	if (!dw_sized(u, m->type, &size) || m->bit_offset > room)
		return;
	room -= m->bit_offset;
	if (bits) {
		if (bits > room || bits > size * 8 || bits > 128)
			return;
		dw_begin(u, s, DIE_BITFIELD, m->name, m->type);
		emit_uleb(s, bits);
		emit_uleb(s, m->bit_offset);
	} else if (m->bit_offset % 8 == 0 && size * 8 <= room) {
		dw_begin(u, s, DIE_MEMBER, m->name, m->type);
		emit_uleb(s, m->bit_offset / 8);
	}
}

static void put_struct(const struct dwarf_unit *u, struct emit *s, uint32_t id,
		       const struct btf_type *t)
{
	bool is_union = t->kind == BTF_UNION;
	struct btf_member m;
	uint32_t i;

	if (dw_is_cut(u, id)) {
		dw_begin(u, s, is_union ? DIE_UNION_DECL : DIE_STRUCT_DECL,
			 t->name, 0);
		return;
	}
	dw_begin(u, s, dw_with(is_union ? DIE_UNION : DIE_STRUCT, t), t->name,
		 0);
	emit_uleb(s, t->size);
	for (i = 0; btf_member(t, i, &m); i++)
		put_member(u, s, t, &m);
	end_children(s, t);
}

/* What bits of that many bytes are without a sign. */
static uint64_t without_sign(int64_t value, uint32_t size)
{
	return size < 8 ? (uint64_t)value & ((1ULL << 8 * size) - 1)
			: (uint64_t)value;
}

static void put_enum(const struct dwarf_unit *u, struct emit *s,
		     const struct btf_type *t)
{
	bool has_sign = members_is_signed(t, u->enums_tell);
	struct btf_enumerator e;
	uint32_t i;

	dw_begin(u, s, dw_with(DIE_ENUM, t), t->name, 0);
	emit_number(s, t->size, 1);
	for (i = 0; btf_enumerator(t, i, &e); i++) {
		if (!*e.name)
			continue;
		dw_begin(u, s,
			 has_sign ? DIE_ENUMERATOR : DIE_ENUMERATOR_UNSIGNED,
			 e.name, 0);
		if (has_sign)
			emit_sleb(s, e.value);
		else
			emit_uleb(s, without_sign(e.value, t->size));
	}
	end_children(s, t);
}

void dw_put_params(const struct dwarf_unit *u, struct emit *s,
		   const struct btf_type *proto, bool names)
{
	struct btf_param p;
	uint32_t i;

	for (i = 0; i < MAX_PARAMS && btf_param(proto, i, &p); i++) {
		if (!p.type)
			dw_begin(u, s, DIE_VARARGS, "", 0);
		else
			dw_begin(u, s, DIE_PARAM, names ? p.name : "", p.type);
	}
	end_children(s, proto);
}

static void put_proto(const struct dwarf_unit *u, struct emit *s, uint32_t id,
		      const struct btf_type *t)
{
	if (dw_is_cut(u, id)) {
		dw_begin(u, s, DIE_PROTO | DIE_CHILDLESS, "", 0);
		return;
	}
	dw_begin(u, s, dw_with(DIE_PROTO, t), "", t->size);
	dw_put_params(u, s, t, false);
}

static void put_type(const struct dwarf_unit *u, struct emit *s, uint32_t id,
		     const struct btf_type *t)
{
	uint32_t behind = dw_is_cut(u, id) ? 0 : t->size;

	switch (t->kind) {
	case BTF_INT:
	case BTF_FLOAT:
		put_base(u, s, t);
		break;
	case BTF_PTR:
		dw_begin(u, s, DIE_POINTER, "", behind);
		emit_number(s, POINTER_SIZE, 1);
		break;
	case BTF_ARRAY:
		put_array(u, s, t);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		put_struct(u, s, id, t);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		put_enum(u, s, t);
		break;
	case BTF_FWD:
		dw_begin(u, s, t->flag ? DIE_UNION_DECL : DIE_STRUCT_DECL,
			 t->name, 0);
		break;
	case BTF_FUNC_PROTO:
		put_proto(u, s, id, t);
		break;
	default:
		dw_begin(u, s, qualifiers[t->kind], t->name, behind);
		break;
	}
}

void dw_put_types(struct dwarf_unit *u, struct emit *s)
{
	uint32_t first = u->btf.first_id, id, behind;
	struct btf_type t;

	for (id = first; id < btf_end(&u->btf); id++) {
		if (!btf_type(&u->btf, id, &t) ||
		    !type_has_die(u, id, &t, &behind))
			continue;
		u->die[id - first] = (uint32_t)s->pos;
		put_type(u, s, id, &t);
	}
}
