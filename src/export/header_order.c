/* SPDX-License-Identifier: BSD-2-Clause */
/* A C header's order: what a type needs comes before it. */
#include <string.h>

#include "export/header_inside.h"

/*
 * Structs and unions are all announced first, and enums are defined first, so
 * that only two things decide: a struct is whole when the types of its members
 * are; a typedef is there when those that it names are.
 */

struct base {
	const char *name;
	uint32_t kind, size;
};

/* As gcc and clang call C's types, on x86-64 and BPF alike. */
static const struct base bases[] = {
	{"char", BTF_INT, 1},
	{"signed char", BTF_INT, 1},
	{"unsigned char", BTF_INT, 1},
	{"_Bool", BTF_INT, 1},
	{"short", BTF_INT, 2},
	{"short int", BTF_INT, 2},
	{"short unsigned int", BTF_INT, 2},
	{"unsigned short", BTF_INT, 2},
	{"int", BTF_INT, 4},
	{"unsigned int", BTF_INT, 4},
	{"long", BTF_INT, 8},
	{"long int", BTF_INT, 8},
	{"long unsigned int", BTF_INT, 8},
	{"unsigned long", BTF_INT, 8},
	{"long long", BTF_INT, 8},
	{"long long int", BTF_INT, 8},
	{"long long unsigned int", BTF_INT, 8},
	{"unsigned long long", BTF_INT, 8},
	{"__int128", BTF_INT, 16},
	{"__int128 unsigned", BTF_INT, 16},
	{"unsigned __int128", BTF_INT, 16},
	{"float", BTF_FLOAT, 4},
	{"double", BTF_FLOAT, 8},
};

/* Unsigned and signed, by size. */
static const struct {
	uint32_t size;
	const char *like[2];
} likes[] = {
	{1, {"unsigned char", "signed char"}},
	{2, {"unsigned short", "short"}},
	{4, {"unsigned int", "int"}},
	{8, {"unsigned long long", "long long"}},
	{16, {"unsigned __int128", "__int128"}},
};

const char *header_base_name(const struct btf_type *t)
{
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(*bases); i++)
		if (t->kind == bases[i].kind && t->size == bases[i].size &&
		    !strcmp(t->name, bases[i].name))
			return bases[i].name;
	return NULL;
}

const char *header_base(const struct btf_type *t)
{
	const char *name = header_base_name(t);
	struct btf_int n;
	size_t i;

	if (name || !*t->name || !btf_int(t, &n))
		return name;
	if (n.encoding & BTF_INT_BOOL && t->size == 1)
		return "_Bool";
	for (i = 0; i < sizeof(likes) / sizeof(*likes); i++)
		if (t->size == likes[i].size)
			return likes[i].like[n.encoding & BTF_INT_SIGNED];
	return NULL;
}

static uint64_t member_key(uint32_t id, uint32_t i)
{
	return (uint64_t)id << 32 | i;
}

bool header_leaves_out(const struct header *h, uint32_t id, uint32_t i)
{
	return map_get(&h->left_out, member_key(id, i), NULL);
}

static void order_members(struct header *h, uint32_t id,
			  const struct btf_type *t)
{
	struct btf_member m;
	uint32_t i;

	for (i = 0; btf_member(t, i, &m); i++)
		if (!header_order(h, m.type, true) &&
		    map_put(&h->left_out, member_key(id, i), 1))
			h->oom = true;
	header_settle(h, id, t);
}

/* An anonymous one is written where it is used. */
static bool order_struct(struct header *h, uint32_t id,
			 const struct btf_type *t)
{
	struct header_type *info = &h->types[id];

	if (info->state != HEADER_AHEAD)
		return info->state == HEADER_WRITTEN;
	info->state = HEADER_UNDER_WAY;
	order_members(h, id, t);
	if (*t->name)
		header_define_struct(h, id, t);
	info->state = HEADER_WRITTEN;
	return true;
}

static bool order_typedef(struct header *h, uint32_t id,
			  const struct btf_type *t)
{
	struct header_type *info = &h->types[id];

	if (info->state != HEADER_AHEAD)
		return info->state == HEADER_WRITTEN;
	info->state = HEADER_UNDER_WAY;
	if (!*t->name || !header_order(h, t->size, false)) {
		info->state = HEADER_IMPOSSIBLE;
		return false;
	}
	header_define_typedef(h, id, t);
	info->state = HEADER_WRITTEN;
	return true;
}

/* A function returns neither functions nor arrays. */
static bool order_prototype(struct header *h, const struct btf_type *t)
{
	struct btf_type result;
	struct btf_param p;
	uint32_t i;

	if (btf_behind(h->btf, t->size, &result) &&
	    (result.kind == BTF_ARRAY || result.kind == BTF_FUNC_PROTO))
		return false;
	if (!header_order(h, t->size, false))
		return false;
	for (i = 0; btf_param(t, i, &p); i++)
		if (!header_order(h, p.type, false) ||
		    (!p.type && i + 1 < t->vlen))
			return false;
	return true;
}

static bool is_enum_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool order_type(struct header *h, uint32_t id, const struct btf_type *t,
		       bool whole)
{
	struct btf_array a;

	switch (t->kind) {
	case BTF_INT:
	case BTF_FLOAT:
		return header_base(t) != NULL;
	case BTF_PTR:
		return header_order(h, t->size, false);
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		return header_order(h, t->size, whole);
	case BTF_ARRAY:
		return btf_array(t, &a) && header_order(h, a.elem, true);
	case BTF_FUNC_PROTO:
		return !whole && order_prototype(h, t);
	case BTF_ENUM:
	case BTF_ENUM64:
		return t->vlen ? is_enum_size(t->size) : !whole && *t->name;
	case BTF_FWD:
		return !whole && *t->name;
	case BTF_STRUCT:
	case BTF_UNION:
		return (!whole && *t->name) || order_struct(h, id, t);
	case BTF_TYPEDEF:
		return order_typedef(h, id, t) &&
		       (!whole || header_order(h, t->size, true));
	default:
		return false;
	}
}

bool header_order(struct header *h, uint32_t id, bool whole)
{
	struct btf_type t;
	bool ok;

	if (!id)
		return !whole;
	if (!h->steps || h->depth >= HEADER_MAX_DEPTH ||
	    !btf_type(h->btf, id, &t))
		return false;
	h->steps--;
	h->depth++;
	ok = order_type(h, id, &t, whole);
	h->depth--;
	return ok;
}
