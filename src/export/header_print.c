/* SPDX-License-Identifier: BSD-2-Clause */
/* Declarations of a C header, as text. */
#include <inttypes.h>

#include "export/header_inside.h"

#define FLUSH_AT (64u << 10)
/* So many bytes of text cost as much as one more type to look at. */
#define STEP_BYTES 16u

void header_flush(struct header *h)
{
	if (h->text.oom)
		h->oom = true;
	if (h->text.len)
		fwrite(h->text.data, 1, h->text.len, h->out);
	buf_reset(&h->text);
}

/* After each piece: what it has cost. */
static void print_added(struct header *h, size_t before)
{
	uint64_t cost = 1 + (h->text.len - before) / STEP_BYTES;

	h->steps -= cost < h->steps ? cost : h->steps;
	if (h->text.len > before)
		h->last = h->text.data[h->text.len - 1];
	if (h->text.len > FLUSH_AT)
		header_flush(h);
}

void header_print(struct header *h, const char *s)
{
	size_t before = h->text.len;

	buf_puts(&h->text, s);
	print_added(h, before);
}

void header_print_number(struct header *h, const char *before, uint64_t n)
{
	char text[24];

	header_print(h, before);
	snprintf(text, sizeof(text), "%" PRIu64, n);
	header_print(h, text);
}

void header_print_indent(struct header *h)
{
	unsigned int i;

	for (i = 0; i < h->level; i++)
		header_print(h, "\t");
}

void header_print_identifier(struct header *h, const char *name)
{
	char text[TYPE_NAME_MAX + 2];

	header_print(h, type_names_identifier(name, text));
}

void header_print_type_name(struct header *h, uint32_t id, const char *name)
{
	size_t before = h->text.len;

	type_names_add(&h->names, &h->text, id, name);
	print_added(h, before);
}

void header_print_constant(struct header *h, uint32_t id, uint32_t i,
			   const char *name)
{
	size_t before = h->text.len;

	type_names_add_constant(&h->names, &h->text, id, i, name);
	print_added(h, before);
}

/*
 * A declaration is what stands to the left of its name, and to the right: of
 * `int (*name[4])(void)`, an array of pointers to functions, "int (*" and
 * "[4])(void)".  A pointer to what goes on at the right is in brackets.
 */
static void print_left(struct header *h, uint32_t id);
static void print_right(struct header *h, uint32_t id);

/* The kind behind qualifiers. */
static uint32_t kind_behind(const struct header *h, uint32_t id)
{
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < HEADER_MAX_DEPTH && btf_type(h->btf, id, &t); i++) {
		if (t.kind != BTF_VOLATILE && t.kind != BTF_CONST &&
		    t.kind != BTF_RESTRICT && t.kind != BTF_TYPE_TAG)
			return t.kind;
		id = t.size;
	}
	return BTF_VOID;
}

static bool declarator_goes_on(const struct header *h, uint32_t id)
{
	uint32_t kind = kind_behind(h, id);

	return kind == BTF_ARRAY || kind == BTF_FUNC_PROTO;
}

static void print_pointer(struct header *h, uint32_t to)
{
	print_left(h, to);
	if (h->last != '*')
		header_print(h, " ");
	header_print(h, declarator_goes_on(h, to) ? "(*" : "*");
}

/*
 * That of a pointer stands behind it.  Those of arrays and functions say
 * nothing: gcc writes some for what their elements are, and for noreturn.
 */
static void print_qualified(struct header *h, const struct btf_type *t)
{
	uint32_t kind = kind_behind(h, t->size);
	const char *word = t->kind == BTF_CONST	     ? "const"
			   : t->kind == BTF_VOLATILE ? "volatile"
						     : "restrict";

	if (kind == BTF_PTR) {
		print_left(h, t->size);
		header_print(h, " ");
		header_print(h, word);
		return;
	}
	if (t->kind != BTF_RESTRICT && !declarator_goes_on(h, t->size)) {
		header_print(h, word);
		header_print(h, " ");
	}
	print_left(h, t->size);
}

/* What has no name of its own is written out. */
static void print_base(struct header *h, uint32_t id, const struct btf_type *t)
{
	const char *base = header_base_name(t);

	if (base)
		header_print(h, base);
	else if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64)
		header_print_enum(h, id, t);
	else if (*t->name)
		header_print_tag(h, id, t);
	else
		header_print_struct(h, id, t, false);
}

static void print_left(struct header *h, uint32_t id)
{
	struct btf_array a;
	struct btf_type t;

	if (!h->steps)
		return;
	if (!btf_type(h->btf, id, &t)) {
		header_print(h, "void");
		return;
	}
	switch (t.kind) {
	case BTF_PTR:
		print_pointer(h, t.size);
		break;
	case BTF_ARRAY:
		if (btf_array(&t, &a))
			print_left(h, a.elem);
		break;
	case BTF_FUNC_PROTO:
	case BTF_TYPE_TAG:
		print_left(h, t.size);
		break;
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
		print_qualified(h, &t);
		break;
	default:
		print_base(h, id, &t);
	}
}

static void print_params(struct header *h, const struct btf_type *t)
{
	struct btf_param p;
	uint32_t i;

	header_print(h, "(");
	for (i = 0; h->steps && btf_param(t, i, &p); i++) {
		header_print(h, i ? ", " : "");
		if (p.type)
			header_declare(h, p.type, p.name);
		else
			header_print(h, i ? "..." : "void");
	}
	header_print(h, t->vlen ? ")" : "void)");
}

static void print_right(struct header *h, uint32_t id)
{
	struct btf_array a;
	struct btf_type t;

	if (!h->steps || !btf_type(h->btf, id, &t))
		return;
	switch (t.kind) {
	case BTF_PTR:
		header_print(h, declarator_goes_on(h, t.size) ? ")" : "");
		print_right(h, t.size);
		break;
	case BTF_ARRAY:
		if (!btf_array(&t, &a))
			break;
		header_print_number(h, "[", a.n);
		header_print(h, "]");
		print_right(h, a.elem);
		break;
	case BTF_FUNC_PROTO:
		print_params(h, &t);
		print_right(h, t.size);
		break;
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		print_right(h, t.size);
		break;
	default:
		break;
	}
}

void header_declare(struct header *h, uint32_t id, const char *name)
{
	print_left(h, id);
	if (*name) {
		if (h->last != '*')
			header_print(h, " ");
		header_print_identifier(h, name);
	}
	print_right(h, id);
}

void header_declare_type(struct header *h, uint32_t id, const char *name,
			 uint32_t of)
{
	print_left(h, of);
	if (h->last != '*')
		header_print(h, " ");
	header_print_type_name(h, id, name);
	print_right(h, of);
}
