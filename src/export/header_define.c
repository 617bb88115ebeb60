/* SPDX-License-Identifier: BSD-2-Clause */
/* Definitions of a C header: structs with their holes, enums, typedefs. */
#include <inttypes.h>
#include <string.h>

#include "export/header_inside.h"

/* A hole of more bytes than this is an array. */
#define MAX_HOLE 64u

static const char *const c23_words[] = {"bool", "true", "false"};

void header_print_tag(struct header *h, uint32_t id, const struct btf_type *t)
{
	bool is_union = t->kind == BTF_UNION || (t->kind == BTF_FWD && t->flag);

	if (t->kind != BTF_TYPEDEF && t->kind != BTF_INT)
		header_print(h, is_union ? "union " : "struct ");
	header_print_type_name(h, id, t->name);
}

/*
 * Fill a hole with unnamed bit fields, each at a multiple of its own size, so
 * that C has no say in where it lies; a large one with an array.
 */
static void print_hole(struct header *h, uint64_t from, uint64_t to)
{
	static const struct {
		const char *text;
		uint64_t bits;
	} fields[] = {
		{"long: ", 64}, {"int: ", 32}, {"short: ", 16}, {"char: ", 8}};
	uint64_t bits = from % 8 ? 8 - from % 8 : 0, i;

	if (bits > to - from)
		bits = to - from;
	for (; from < to; from += bits, bits = 0) {
		header_print_indent(h);
		if (!bits && to - from > MAX_HOLE * 8) {
			header_print_number(h, "unsigned char __hole",
					    h->holes++);
			bits = (to - from) / 8 * 8;
			header_print_number(h, "[", bits / 8);
			header_print(h, "];\n");
			continue;
		}
		for (i = 0; !bits && i < 4; i++)
			if (from % fields[i].bits == 0 &&
			    to - from >= fields[i].bits)
				bits = fields[i].bits;
		if (!bits)
			bits = to - from;
		for (i = 3; i && fields[i].bits < bits; i--)
			;
		header_print_number(h, fields[i].text, bits);
		header_print(h, ";\n");
	}
}

static void print_left_out(struct header *h, const char *name)
{
	header_print_indent(h);
	header_print(h, "/* left out: ");
	header_print_identifier(h, *name ? name : "unnamed");
	header_print(h, " */\n");
}

static void print_member(struct header *h, const struct header_member *m)
{
	struct btf_type t;
	uint32_t id;

	header_print_indent(h);
	if (*m->m.name) {
		header_declare(h, m->m.type, m->m.name);
	} else {
		id = btf_behind(h->btf, m->m.type, &t);
		header_print_struct(h, id, &t, false);
	}
	if (m->is_field)
		header_print_number(h, ": ", m->bits);
	header_print(h, ";\n");
}

/* What C would leave at the end, or a union has beside its members. */
static void print_end(struct header *h, const struct btf_type *t, uint64_t end,
		      uint32_t align)
{
	uint64_t whole = t->size * 8ULL, unit = align * 8ULL;

	if ((end + unit - 1) / unit * unit == whole)
		return;
	if (t->kind == BTF_STRUCT) {
		print_hole(h, end, whole);
		return;
	}
	header_print_indent(h);
	header_print_number(h, "unsigned char __hole", h->holes++);
	header_print_number(h, "[", t->size);
	header_print(h, "];\n");
}

void header_print_struct(struct header *h, uint32_t id,
			 const struct btf_type *t, bool tag)
{
	const struct header_type *info = &h->types[id];
	struct header_members it = {.t = t, .id = id};
	struct header_member m;
	uint64_t end = 0;

	if (tag)
		header_print_tag(h, id, t);
	else
		header_print(h, t->kind == BTF_UNION ? "union" : "struct");
	header_print(h, " {\n");
	h->level++;
	for (; h->steps && header_next(h, &it, &m);
	     end = t->kind == BTF_UNION ? 0 : it.end) {
		if (m.bits == UINT64_MAX) {
			print_left_out(h, m.m.name);
			continue;
		}
		if (header_natural(&m, end, info->packed) != m.at)
			print_hole(h, end, m.at);
		print_member(h, &m);
	}
	print_end(h, t, it.end, info->align);
	h->level--;
	header_print_indent(h);
	header_print(h, info->packed ? "} __attribute__((packed))" : "}");
}

/* C23 has a few names of its own for what kernels define. */
static bool is_c23_word(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(c23_words) / sizeof(*c23_words); i++)
		if (!strcmp(name, c23_words[i]))
			return true;
	return false;
}

static void print_guard(struct header *h)
{
	header_print(h, "#if !defined(__STDC_VERSION__) || "
			"__STDC_VERSION__ < 202311L\n");
}

static void print_guard_end(struct header *h)
{
	header_print(h, "#endif\n");
}

void header_define_struct(struct header *h, uint32_t id,
			  const struct btf_type *t)
{
	header_print_struct(h, id, t, true);
	header_print(h, ";\n\n");
}

void header_define_typedef(struct header *h, uint32_t id,
			   const struct btf_type *t)
{
	bool guarded = is_c23_word(t->name);

	if (guarded)
		print_guard(h);
	header_print(h, "typedef ");
	header_declare_type(h, id, t->name, t->size);
	header_print(h, ";\n");
	if (guarded)
		print_guard_end(h);
	header_print(h, "\n");
}

void header_announce(struct header *h, uint32_t id, const struct btf_type *t)
{
	if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64)
		header_print_enum(h, id, t);
	else
		header_print_tag(h, id, t);
	header_print(h, ";\n");
}

/*
 * An ENUM's values of 32 bits come as signed.  They are what the flag says,
 * where this kernel's types have that flag at all.
 */
static void print_value(struct header *h, const struct btf_type *t, int64_t v)
{
	bool is_signed = members_is_signed(t, h->signs);

	if (is_signed && v < 0)
		header_print_number(h, " = -", 0 - (uint64_t)v);
	else if (t->kind == BTF_ENUM)
		header_print_number(h, " = ", (uint32_t)v);
	else
		header_print_number(h, " = ", (uint64_t)v);
	if (t->kind == BTF_ENUM64)
		header_print(h, is_signed ? "LL" : "ULL");
}

/* What makes it as large as it is, where its values do not. */
static const char *enum_mode(const struct btf_type *t)
{
	struct btf_enumerator e;
	uint32_t i;

	switch (t->size) {
	case 1:
		return " __attribute__((mode(QI)))";
	case 2:
		return " __attribute__((mode(HI)))";
	case 8:
		for (i = 0; btf_enumerator(t, i, &e); i++)
			if (t->kind == BTF_ENUM64 &&
			    (e.value > UINT32_MAX || e.value < INT32_MIN))
				return "";
		return " __attribute__((mode(DI)))";
	default:
		return "";
	}
}

static void print_enum_body(struct header *h, uint32_t id,
			    const struct btf_type *t)
{
	struct btf_enumerator e;
	uint32_t i;

	header_print(h, " {\n");
	h->level++;
	for (i = 0; h->steps && btf_enumerator(t, i, &e); i++) {
		header_print_indent(h);
		header_print_constant(h, id, i, e.name);
		print_value(h, t, e.value);
		header_print(h, ",\n");
	}
	h->level--;
	header_print_indent(h);
	header_print(h, "}");
	header_print(h, enum_mode(t));
}

static void print_enum_name(struct header *h, uint32_t id,
			    const struct btf_type *t)
{
	header_print(h, "enum");
	if (*t->name) {
		header_print(h, " ");
		header_print_type_name(h, id, t->name);
	} else if (h->types[id].used && !h->types[id].inlined) {
		header_print_number(h, " unnamed_", id);
	}
}

void header_print_enum(struct header *h, uint32_t id, const struct btf_type *t)
{
	print_enum_name(h, id, t);
	if (h->types[id].inlined)
		print_enum_body(h, id, t);
}

void header_define_enum(struct header *h, uint32_t id, const struct btf_type *t)
{
	struct btf_enumerator e;
	bool guarded = false;
	uint32_t i;

	for (i = 0; !guarded && btf_enumerator(t, i, &e); i++)
		guarded = is_c23_word(e.name);
	if (guarded)
		print_guard(h);
	print_enum_name(h, id, t);
	print_enum_body(h, id, t);
	header_print(h, ";\n");
	if (guarded)
		print_guard_end(h);
	header_print(h, "\n");
}
