/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a type, out of bytes: each member's, element's and enumerator's. */
#include "types/value.h"

#include <string.h>

#include "base/cursor.h"
#include "types/layout.h"
#include "types/members.h"

#define LEVELS_MAX 64u

/* A walk under way. */
struct valuing {
	const struct btf *btf;
	const uint8_t *bytes;
	size_t len;
	const struct value_opts *opts;
	value_visit *visit;
	void *ctx;
	uint32_t steps;
	unsigned int depth;
};

static void value_type(struct valuing *w, struct value v);

static void value_say(struct valuing *w, const struct value *v)
{
	if (!w->steps)
		return;
	w->steps--;
	w->visit(w->ctx, v);
}

static void value_say_kind(struct valuing *w, const struct value *v,
			   enum value_kind kind)
{
	struct value copy = *v;

	copy.kind = kind;
	value_say(w, &copy);
}

static bool value_is_there(const struct valuing *w, uint64_t offset,
			   uint64_t size)
{
	return offset <= w->len && size <= w->len - offset;
}

/* As many bits as it has, which are the low ones: with their sign, or not. */
static uint64_t value_extend(uint64_t number, uint32_t bits, bool is_signed)
{
	if (bits >= 64)
		return number;
	number &= (1ULL << bits) - 1;
	if (is_signed && bits && number >> (bits - 1))
		number |= ~0ULL << bits;
	return number;
}

static void value_enum(struct valuing *w, const struct btf_type *t,
		       struct value *v, uint32_t bits)
{
	struct btf_enumerator e;
	uint32_t i;

	v->kind = VALUE_ENUM;
	v->is_signed = members_is_signed(t, w->opts->signs);
	v->number = value_extend(v->number, bits, v->is_signed);
	for (i = 0; w->steps && btf_enumerator(t, i, &e); i++) {
		w->steps -= i % 8 == 7;
		if (value_extend((uint64_t)e.value, bits, v->is_signed) !=
		    v->number)
			continue;
		v->word = e.name;
		return;
	}
}

/* An integer, an enumerator or an address of `bits` bits in v->number. */
static void value_scalar(struct valuing *w, const struct btf_type *t,
			 struct value *v, uint32_t bits)
{
	struct btf_int n;

	v->kind = VALUE_NUMBER;
	if (t->kind == BTF_PTR) {
		v->kind = VALUE_POINTER;
	} else if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64) {
		value_enum(w, t, v, bits);
	} else if (btf_int(t, &n)) {
		v->is_signed = n.encoding & BTF_INT_SIGNED;
		v->number = value_extend(v->number, bits, v->is_signed);
		if (n.encoding & BTF_INT_BOOL && v->number < 2)
			v->kind = VALUE_BOOL;
	}
	value_say(w, v);
}

/* Of a bit field: the bytes that its bits are in, which are at most nine. */
static void value_field(struct valuing *w, const struct layout_member *m,
			const struct btf_type *t, struct value *v, uint64_t bit)
{
	uint32_t shift = bit % 8, n = (shift + m->width + 7) / 8, i;
	unsigned __int128 bits = 0;

	v->known = m->width <= 64 && value_is_there(w, bit / 8, n);
	for (i = 0; v->known && i < n; i++)
		bits |= (unsigned __int128)w->bytes[bit / 8 + i] << (8 * i);
	v->number = value_extend((uint64_t)(bits >> shift), m->width, false);
	value_scalar(w, t, v, m->width);
}

static void value_members(struct valuing *w, uint32_t id, const struct value *v)
{
	struct layout_member m;
	struct btf_type t;
	struct layout l;

	if (!layout_begin(&l, w->btf, id))
		return;
	while (w->steps && layout_next(&l, &m)) {
		struct value part = {.level = v->level + 1,
				     .name = m.m.name,
				     .type = m.m.type,
				     .offset = v->offset + m.offset,
				     .size = m.size};

		if (m.width && btf_behind(w->btf, m.m.type, &t))
			value_field(w, &m, &t, &part, v->offset * 8 + m.bit);
		else
			value_type(w, part);
	}
}

static bool value_is_char(const struct btf *b, uint32_t id)
{
	struct btf_type t;
	struct btf_int n;

	return btf_behind(b, id, &t) && btf_int(&t, &n) && t.size == 1 &&
	       !strcmp(t.name, "char");
}

static void value_string(struct valuing *w, struct value *v)
{
	v->kind = VALUE_STRING;
	v->known = value_is_there(w, v->offset, v->size);
	if (v->known) {
		v->bytes = w->bytes + v->offset;
		v->len = strnlen((const char *)v->bytes, v->size);
	}
	value_say(w, v);
}

static void value_elements(struct valuing *w, const struct btf_array *a,
			   const struct value *v)
{
	uint64_t size = btf_size(w->btf, a->elem), i;
	struct value more = {.level = v->level + 1, .known = true};

	for (i = 0; w->steps && i < a->n && i < w->opts->elements; i++) {
		const struct value part = {.level = v->level + 1,
					   .index = i,
					   .type = a->elem,
					   .offset = v->offset + i * size,
					   .size = size};

		value_type(w, part);
	}
	more.number = a->n - i;
	if (more.number)
		value_say_kind(w, &more, VALUE_MORE);
}

/* What has parts: told as far as it is not too deep. */
static void value_parts(struct valuing *w, uint32_t id,
			const struct btf_type *t, struct value *v)
{
	bool deeper = v->level && (*t->name || t->kind == BTF_ARRAY);
	struct btf_array a;

	v->known = value_is_there(w, v->offset, v->size);
	if ((deeper && w->depth >= w->opts->depth) || v->level >= LEVELS_MAX) {
		value_say_kind(w, v, VALUE_FOLDED);
		return;
	}
	w->depth += deeper;
	value_say_kind(w, v, VALUE_OPEN);
	if (btf_array(t, &a))
		value_elements(w, &a, v);
	else
		value_members(w, id, v);
	value_say_kind(w, v, VALUE_CLOSE);
	w->depth -= deeper;
}

static void value_bytes(struct valuing *w, struct value *v)
{
	v->kind = VALUE_BYTES;
	v->known = value_is_there(w, v->offset, v->size);
	if (v->known) {
		v->bytes = w->bytes + v->offset;
		v->len = v->size;
	}
	value_say(w, v);
}

static void value_type(struct valuing *w, struct value v)
{
	uint32_t id = 0;
	struct btf_array a;
	struct btf_type t = {0};

	if (!w->steps)
		return;
	id = btf_behind(w->btf, v.type, &t);
	switch (t.kind) {
	case BTF_STRUCT:
	case BTF_UNION:
		value_parts(w, id, &t, &v);
		return;
	case BTF_ARRAY:
		if (btf_array(&t, &a) && value_is_char(w->btf, a.elem))
			value_string(w, &v);
		else
			value_parts(w, id, &t, &v);
		return;
	case BTF_INT:
	case BTF_PTR:
	case BTF_ENUM:
	case BTF_ENUM64:
		if (v.size != 1 && v.size != 2 && v.size != 4 && v.size != 8)
			break;
		v.known = value_is_there(w, v.offset, v.size);
		if (v.known)
			v.number = le_any(w->bytes + v.offset, v.size);
		value_scalar(w, &t, &v, (uint32_t)v.size * 8);
		return;
	default:
		break;
	}
	value_bytes(w, &v);
}

bool value_walk(const struct btf *b, uint32_t id, const uint8_t *bytes,
		size_t len, const struct value_opts *opts, value_visit *visit,
		void *ctx)
{
	struct valuing w = {.btf = b,
			    .bytes = bytes,
			    .len = len,
			    .opts = opts,
			    .visit = visit,
			    .ctx = ctx,
			    .steps = VALUE_STEPS};

	value_type(&w, (struct value){.type = id, .size = btf_size(b, id)});
	return w.steps != 0;
}
