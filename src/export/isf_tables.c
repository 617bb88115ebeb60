/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of types for Volatility 3: structs, enums, base types. */
#include <stdio.h>
#include <string.h>

#include "export/isf_types.h"
#include "types/members.h"

/* Bits of an integer: of one that lies where C would read it, if it can. */
static void isf_put_bits(struct isf *f, const char *name, uint32_t type,
			 const struct btf_type *behind, uint64_t at,
			 uint32_t width)
{
	uint64_t unit = behind->size * 8ULL;

	if (at % unit + width > unit)
		unit = 8;
	jsontext_open(&f->j, name, '{');
	jsontext_open(&f->j, "type", '{');
	jsontext_string(&f->j, "kind", "bitfield");
	jsontext_number(&f->j, "bit_position", at % unit);
	jsontext_number(&f->j, "bit_length", width);
	isf_put_type(f, "type", type);
	jsontext_close(&f->j);
	jsontext_number(&f->j, "offset", at / unit * unit / 8);
	jsontext_close(&f->j);
}

static bool fits_bits(const struct btf_type *behind, uint64_t at,
		      uint32_t width)
{
	return (behind->kind == BTF_INT || isf_is_enum(behind)) &&
	       behind->size && at % 8 + width <= behind->size * 8ULL;
}

/* What has no words, or cannot be where it is, is left out. */
static void isf_put_field(struct isf *f, const struct btf_type *t,
			  const struct btf_member *m, unsigned int *unnamed)
{
	const char *name = m->name;
	struct btf_type behind = {0};
	char made[32];
	uint32_t width;
	uint64_t at;

	btf_behind(&f->btf, m->type, &behind);
	width = members_width(&behind, m, &at);
	if (!isf_has_words(f, m->type) || at > t->size * 8ULL)
		return;
	if (!*name) {
		snprintf(made, sizeof(made), "unnamed_field_%x", (*unnamed)++);
		name = made;
	}
	if (width) {
		if (fits_bits(&behind, at, width))
			isf_put_bits(f, name, m->type, &behind, at, width);
		return;
	}
	if (at % 8)
		return;
	jsontext_open(&f->j, name, '{');
	isf_put_type(f, "type", m->type);
	jsontext_number(&f->j, "offset", at / 8);
	if (!*m->name && isf_is_struct(&behind))
		jsontext_bool(&f->j, "anonymous", true);
	jsontext_close(&f->j);
}

static void isf_put_struct(struct isf *f, const char *name,
			   const struct btf_type *t)
{
	unsigned int unnamed = 0;
	struct btf_member m;
	uint32_t i;

	jsontext_open(&f->j, name, '{');
	jsontext_number(&f->j, "size", t->size);
	jsontext_open(&f->j, "fields", '{');
	for (i = 0; btf_member(t, i, &m); i++)
		isf_put_field(f, t, &m, &unnamed);
	jsontext_close(&f->j);
	jsontext_string(&f->j, "kind", isf_struct_kind(t));
	jsontext_close(&f->j);
}

/* One without a name is there by its number, and by each typedef of it. */
static void isf_put_user_types(struct isf *f)
{
	struct btf_type t, of;
	uint32_t id;

	jsontext_open_lines(&f->j, "user_types", '{');
	for (id = 1; btf_type(&f->btf, id, &t) && !ferror(f->j.out); id++) {
		if (isf_is_struct(&t))
			isf_put_struct(f, isf_name(f, id, &t), &t);
		else if (isf_names_struct(&f->btf, &t, &of))
			isf_put_struct(f, isf_name(f, id, &t), &of);
	}
	jsontext_close(&f->j);
}

static void isf_put_constants(struct isf *f, const struct btf_type *t)
{
	bool is_signed = members_is_signed(t, f->signs), negative = false;
	struct btf_enumerator e;
	uint32_t i;

	jsontext_open(&f->j, "constants", '{');
	for (i = 0; btf_enumerator(t, i, &e); i++) {
		if (is_signed)
			jsontext_signed(&f->j, e.name, e.value);
		else
			jsontext_number(&f->j, e.name,
					t->kind == BTF_ENUM
						? (uint32_t)e.value
						: (uint64_t)e.value);
		negative |= is_signed && e.value < 0;
	}
	jsontext_close(&f->j);
	jsontext_string(&f->j, "base", isf_enum_base(t->size, negative));
}

static void isf_put_enums(struct isf *f)
{
	struct btf_type t;
	uint32_t id;

	jsontext_open_lines(&f->j, "enums", '{');
	for (id = 1; btf_type(&f->btf, id, &t) && !ferror(f->j.out); id++) {
		if (!isf_is_enum(&t) || !t.vlen ||
		    !isf_enum_base(t.size, false))
			continue;
		jsontext_open(&f->j, isf_name(f, id, &t), '{');
		jsontext_number(&f->j, "size", t.size);
		isf_put_constants(f, &t);
		jsontext_close(&f->j);
	}
	jsontext_close(&f->j);
}

static void isf_put_base(struct isf *f, const struct isf_base *b,
			 bool is_signed)
{
	jsontext_open(&f->j, b->name, '{');
	jsontext_number(&f->j, "size", b->size);
	jsontext_bool(&f->j, "signed", is_signed);
	jsontext_string(&f->j, "kind", b->kind);
	jsontext_string(&f->j, "endian", "little");
	jsontext_close(&f->j);
}

/* `char` is what the kernel was built with: 6.2 made it unsigned. */
static bool char_is_signed(const struct isf *f)
{
	bool signed_flag = false, char_flag = true;
	struct btf_type t;
	struct btf_int n;
	uint32_t id;

	for (id = 1; btf_type(&f->btf, id, &t); id++) {
		if (!btf_int(&t, &n))
			continue;
		if (!strcmp(t.name, "signed char"))
			signed_flag = n.encoding & BTF_INT_SIGNED;
		else if (!strcmp(t.name, "char"))
			char_flag = n.encoding & BTF_INT_SIGNED;
	}
	/* Up to 5.12 (pahole 1.21) the flags of chars tell nothing. */
	return char_flag || !signed_flag;
}

static void isf_put_base_types(struct isf *f)
{
	bool is_signed = char_is_signed(f);
	struct btf_type t;
	struct btf_int n;
	uint32_t id;
	size_t i;

	jsontext_open_lines(&f->j, "base_types", '{');
	for (i = 0; i < ISF_STANDARD; i++)
		isf_put_base(f, &isf_standard[i],
			     strcmp(isf_standard[i].name, "char") != 0
				     ? isf_standard[i].is_signed
				     : is_signed);
	for (id = 1; btf_type(&f->btf, id, &t); id++) {
		struct isf_base base = {t.name, "int", t.size, true};

		if (!isf_is_base(f, id, &t) || isf_standard_of(t.name))
			continue;
		if (!btf_int(&t, &n))
			base.kind = "float";
		else if (n.encoding & BTF_INT_BOOL)
			base.kind = "bool";
		isf_put_base(f, &base,
			     t.kind == BTF_FLOAT ||
				     n.encoding & BTF_INT_SIGNED);
	}
	jsontext_close(&f->j);
}

void isf_put_types(struct isf *f)
{
	isf_put_base_types(f);
	isf_put_user_types(f);
	isf_put_enums(f);
}
