/* SPDX-License-Identifier: BSD-2-Clause */
/* Declarations in C, of types that BTF has. */
#include "types/declare.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * A declaration is what stands to the left of its name, and to the right: of
 * `int (*name[4])(void)`, an array of pointers to functions, "int (*" and
 * "[4])(void)".  A pointer to what goes on at the right is in brackets.
 */
static void left_of(const struct declare *d, uint32_t id, unsigned int depth);
static void right_of(const struct declare *d, uint32_t id, unsigned int depth);

/* The kind behind qualifiers. */
static uint32_t kind_behind(const struct declare *d, uint32_t id)
{
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < DECLARE_MAX_DEPTH && btf_type(d->btf, id, &t); i++) {
		if (t.kind != BTF_VOLATILE && t.kind != BTF_CONST &&
		    t.kind != BTF_RESTRICT && t.kind != BTF_TYPE_TAG)
			return t.kind;
		id = t.size;
	}
	return BTF_VOID;
}

static bool declarator_goes_on(const struct declare *d, uint32_t id)
{
	uint32_t kind = kind_behind(d, id);

	return kind == BTF_ARRAY || kind == BTF_FUNC_PROTO;
}

static void put_pointer(const struct declare *d, uint32_t to,
			unsigned int depth)
{
	left_of(d, to, depth);
	if (*d->last != '*')
		d->put(d->ctx, " ");
	d->put(d->ctx, declarator_goes_on(d, to) ? "(*" : "*");
}

/*
 * That of a pointer stands behind it.  Those of arrays and functions say
 * nothing: gcc writes some for what their elements are, and for noreturn.
 */
static void put_qualified(const struct declare *d, const struct btf_type *t,
			  unsigned int depth)
{
	uint32_t kind = kind_behind(d, t->size);
	const char *word = t->kind == BTF_CONST	     ? "const"
			   : t->kind == BTF_VOLATILE ? "volatile"
						     : "restrict";

	if (kind == BTF_PTR) {
		left_of(d, t->size, depth);
		d->put(d->ctx, " ");
		d->put(d->ctx, word);
		return;
	}
	if (t->kind != BTF_RESTRICT && !declarator_goes_on(d, t->size)) {
		d->put(d->ctx, word);
		d->put(d->ctx, " ");
	}
	left_of(d, t->size, depth);
}

static void left_of(const struct declare *d, uint32_t id, unsigned int depth)
{
	struct btf_array a;
	struct btf_type t;

	if (!*d->steps || depth++ >= DECLARE_MAX_DEPTH)
		return;
	if (!btf_type(d->btf, id, &t)) {
		d->put(d->ctx, "void");
		return;
	}
	switch (t.kind) {
	case BTF_PTR:
		put_pointer(d, t.size, depth);
		break;
	case BTF_ARRAY:
		if (btf_array(&t, &a))
			left_of(d, a.elem, depth);
		break;
	case BTF_FUNC_PROTO:
	case BTF_TYPE_TAG:
		left_of(d, t.size, depth);
		break;
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
		put_qualified(d, &t, depth);
		break;
	default:
		d->put_base(d->ctx, id, &t);
	}
}

static void declare_at(const struct declare *d, uint32_t id, const char *name,
		       unsigned int depth)
{
	left_of(d, id, depth);
	if (*name) {
		if (*d->last != '*')
			d->put(d->ctx, " ");
		d->put_name(d->ctx, name);
	}
	right_of(d, id, depth);
}

static void put_params(const struct declare *d, const struct btf_type *t,
		       unsigned int depth)
{
	struct btf_param p;
	uint32_t i;

	d->put(d->ctx, "(");
	for (i = 0; *d->steps && btf_param(t, i, &p); i++) {
		d->put(d->ctx, i ? ", " : "");
		if (p.type)
			declare_at(d, p.type, p.name, depth);
		else
			d->put(d->ctx, i ? "..." : "void");
	}
	d->put(d->ctx, t->vlen ? ")" : "void)");
}

static void put_count(const struct declare *d, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "[%" PRIu32, n);
	d->put(d->ctx, text);
	d->put(d->ctx, "]");
}

static void right_of(const struct declare *d, uint32_t id, unsigned int depth)
{
	struct btf_array a;
	struct btf_type t;

	if (!*d->steps || depth++ >= DECLARE_MAX_DEPTH ||
	    !btf_type(d->btf, id, &t))
		return;
	switch (t.kind) {
	case BTF_PTR:
		d->put(d->ctx, declarator_goes_on(d, t.size) ? ")" : "");
		right_of(d, t.size, depth);
		break;
	case BTF_ARRAY:
		if (!btf_array(&t, &a))
			break;
		put_count(d, a.n);
		right_of(d, a.elem, depth);
		break;
	case BTF_FUNC_PROTO:
		put_params(d, &t, depth);
		right_of(d, t.size, depth);
		break;
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		right_of(d, t.size, depth);
		break;
	default:
		break;
	}
}

void declare(const struct declare *d, uint32_t id, const char *name)
{
	declare_at(d, id, name, 0);
}

void declare_left(const struct declare *d, uint32_t id)
{
	left_of(d, id, 0);
}

void declare_right(const struct declare *d, uint32_t id)
{
	right_of(d, id, 0);
}
