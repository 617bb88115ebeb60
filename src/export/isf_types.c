/* SPDX-License-Identifier: BSD-2-Clause */
/* Types in the format of Volatility 3; docs/facts/isf.md, "Form". */
#include "export/isf_types.h"

#include <stdio.h>
#include <string.h>

#include "export/members.h"

/* Pointers, arrays and typedefs in one another; kernels have 6. */
#define MAX_LEVELS 32u

/*
 * Integers that are there anyway: enums need one of their size.  Those of BTF
 * are as these where they have their names.
 */
struct isf_base {
	const char *name, *kind;
	uint32_t size;
	bool is_signed;
};

static const struct isf_base standard[] = {
	{"void", "void", 0, false},
	{"pointer", "int", 8, false},
	{"char", "char", 1, true},
	{"signed char", "char", 1, true},
	{"unsigned char", "char", 1, false},
	{"short int", "int", 2, true},
	{"short unsigned int", "int", 2, false},
	{"int", "int", 4, true},
	{"unsigned int", "int", 4, false},
	{"long int", "int", 8, true},
	{"long unsigned int", "int", 8, false},
};

#define N_STANDARD (sizeof(standard) / sizeof(*standard))

static const struct isf_base *find_standard(const char *name)
{
	size_t i;

	for (i = 0; i < N_STANDARD; i++)
		if (!strcmp(standard[i].name, name))
			return &standard[i];
	return NULL;
}

/* What an enum of that size is read as; NULL: there is none of it. */
static const char *enum_base(uint32_t size, bool is_signed)
{
	size_t i;

	/* Behind void, pointer and char. */
	for (i = 3; i < N_STANDARD; i++)
		if (standard[i].size == size &&
		    standard[i].is_signed == is_signed)
			return standard[i].name;
	return NULL;
}

static bool is_struct(const struct btf_type *t)
{
	return t->kind == BTF_STRUCT || t->kind == BTF_UNION;
}

static bool is_enum(const struct btf_type *t)
{
	return t->kind == BTF_ENUM || t->kind == BTF_ENUM64;
}

/* Whether it is a typedef of a struct that has no other name. */
static bool names_struct(const struct btf *b, const struct btf_type *t,
			 struct btf_type *of)
{
	return t->kind == BTF_TYPEDEF && *t->name && btf_type(b, t->size, of) &&
	       is_struct(of) && !*of->name;
}

static enum type_space isf_space_of(const struct btf *b,
				    const struct btf_type *t)
{
	struct btf_type of;

	if (is_struct(t) || t->kind == BTF_FWD || names_struct(b, t, &of))
		return TYPE_SPACE_TAGS;
	if (is_enum(t) || t->kind == BTF_INT || t->kind == BTF_FLOAT)
		return TYPE_SPACE_ORDINARY;
	return TYPE_SPACE_NONE;
}

/* A type's name here, until the next is asked for. */
static const char *isf_name(struct isf *f, uint32_t id,
			    const struct btf_type *t)
{
	uint32_t number = type_names_number(&f->names, id);

	buf_reset(&f->name);
	if (!*t->name)
		buf_printf(&f->name, "unnamed_%x", id);
	else
		buf_add(&f->name, t->name, type_names_length(t->name));
	if (number > 1)
		buf_printf(&f->name, "___%u", number);
	f->j.oom |= f->name.oom;
	return f->name.data ? f->name.data : "";
}

/* A name is that of one base type, and nothing that Volatility has itself. */
static bool is_base(const struct isf *f, uint32_t id, const struct btf_type *t)
{
	const struct isf_base *s = find_standard(t->name);
	bool is_int = t->kind == BTF_INT;

	if ((!is_int && t->kind != BTF_FLOAT) || !*t->name)
		return false;
	if (s)
		return is_int && t->size == s->size && s->size &&
		       strcmp(s->name, "pointer") != 0;
	return type_names_number(&f->names, id) == 1 &&
	       (t->size == 1 || t->size == 2 || t->size == 4 || t->size == 8 ||
		(t->size == 16 && is_int));
}

/* Whether the format has words for all that a type is made of. */
static bool has_words(const struct isf *f, uint32_t id)
{
	bool pointed_to = false;
	struct btf_type t, of;
	struct btf_array a;
	unsigned int i;

	for (i = 0; i < MAX_LEVELS; i++) {
		if (!id)
			return pointed_to;
		if (!btf_type(&f->btf, id, &t))
			return false;
		switch (t.kind) {
		case BTF_ARRAY:
			if (!btf_array(&t, &a))
				return false;
			id = a.elem;
			break;
		case BTF_PTR:
			pointed_to = true;
			id = t.size;
			break;
		case BTF_TYPEDEF:
			if (names_struct(&f->btf, &t, &of))
				return true;
			id = t.size;
			break;
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			id = t.size;
			break;
		case BTF_FUNC_PROTO:
			return pointed_to;
		case BTF_INT:
		case BTF_FLOAT:
			return is_base(f, id, &t);
		default:
			return is_struct(&t) || is_enum(&t) ||
			       (t.kind == BTF_FWD && *t.name);
		}
	}
	return false;
}

static void put_named(struct isf *f, const char *key, const char *kind,
		      const char *name)
{
	jsontext_open(&f->j, key, '{');
	jsontext_string(&f->j, "kind", kind);
	jsontext_string(&f->j, "name", name);
	jsontext_close(&f->j);
}

static const char *struct_kind(const struct btf_type *t)
{
	return t->kind == BTF_UNION || (t->kind == BTF_FWD && t->flag)
		       ? "union"
		       : "struct";
}

/* An enum that is only announced is not among "enums", and so an integer. */
static void put_enum(struct isf *f, const char *key, uint32_t id,
		     const struct btf_type *t)
{
	if (t->vlen && enum_base(t->size, false))
		put_named(f, key, "enum", isf_name(f, id, t));
	else
		put_named(f, key, "base", "unsigned int");
}

/* What is neither pointer, array, nor another name of something. */
static void put_end(struct isf *f, const char *key, uint32_t id,
		    const struct btf_type *t)
{
	if (is_enum(t)) {
		put_enum(f, key, id, t);
	} else if (t->kind == BTF_FUNC_PROTO) {
		jsontext_open(&f->j, key, '{');
		jsontext_string(&f->j, "kind", "function");
		jsontext_close(&f->j);
	} else if (t->kind == BTF_INT || t->kind == BTF_FLOAT) {
		put_named(f, key, "base", t->name);
	} else {
		put_named(f, key, struct_kind(t), isf_name(f, id, t));
	}
}

/* Of a type that has_words(): one object in another. */
static void put_type(struct isf *f, const char *key, uint32_t id)
{
	unsigned int opened = 0;
	struct btf_type t, of;
	struct btf_array a;

	while (btf_type(&f->btf, id, &t)) {
		if (names_struct(&f->btf, &t, &of)) {
			put_named(f, key, struct_kind(&of),
				  isf_name(f, id, &t));
			break;
		}
		if (t.kind == BTF_PTR || btf_array(&t, &a)) {
			jsontext_open(&f->j, key, '{');
			jsontext_string(&f->j, "kind",
					t.kind == BTF_PTR ? "pointer"
							  : "array");
			if (t.kind == BTF_ARRAY)
				jsontext_number(&f->j, "count", a.n);
			key = "subtype";
			opened++;
			id = t.kind == BTF_PTR ? t.size : a.elem;
		} else if (t.kind == BTF_TYPEDEF || t.kind == BTF_VOLATILE ||
			   t.kind == BTF_CONST || t.kind == BTF_RESTRICT ||
			   t.kind == BTF_TYPE_TAG) {
			id = t.size;
		} else {
			put_end(f, key, id, &t);
			break;
		}
	}
	if (!id)
		put_named(f, key, "base", "void");
	for (; opened; opened--)
		jsontext_close(&f->j);
}

/* Bits of an integer: of one that lies where C would read it, if it can. */
static void put_bits(struct isf *f, const char *name, uint32_t type,
		     const struct btf_type *behind, uint64_t at, uint32_t width)
{
	uint64_t unit = behind->size * 8ULL;

	if (at % unit + width > unit)
		unit = 8;
	jsontext_open(&f->j, name, '{');
	jsontext_open(&f->j, "type", '{');
	jsontext_string(&f->j, "kind", "bitfield");
	jsontext_number(&f->j, "bit_position", at % unit);
	jsontext_number(&f->j, "bit_length", width);
	put_type(f, "type", type);
	jsontext_close(&f->j);
	jsontext_number(&f->j, "offset", at / unit * unit / 8);
	jsontext_close(&f->j);
}

static bool fits_bits(const struct btf_type *behind, uint64_t at,
		      uint32_t width)
{
	return (behind->kind == BTF_INT || is_enum(behind)) && behind->size &&
	       at % 8 + width <= behind->size * 8ULL;
}

/* What has no words, or cannot be where it is, is left out. */
static void put_field(struct isf *f, const struct btf_type *t,
		      const struct btf_member *m, unsigned int *unnamed)
{
	const char *name = m->name;
	struct btf_type behind = {0};
	char made[32];
	uint32_t width;
	uint64_t at;

	members_behind(&f->btf, m->type, &behind);
	width = members_width(&behind, m, &at);
	if (!has_words(f, m->type) || at > t->size * 8ULL)
		return;
	if (!*name) {
		snprintf(made, sizeof(made), "unnamed_field_%x", (*unnamed)++);
		name = made;
	}
	if (width) {
		if (fits_bits(&behind, at, width))
			put_bits(f, name, m->type, &behind, at, width);
		return;
	}
	if (at % 8)
		return;
	jsontext_open(&f->j, name, '{');
	put_type(f, "type", m->type);
	jsontext_number(&f->j, "offset", at / 8);
	if (!*m->name && is_struct(&behind))
		jsontext_bool(&f->j, "anonymous", true);
	jsontext_close(&f->j);
}

static void put_struct(struct isf *f, const char *name,
		       const struct btf_type *t)
{
	unsigned int unnamed = 0;
	struct btf_member m;
	uint32_t i;

	jsontext_open(&f->j, name, '{');
	jsontext_number(&f->j, "size", t->size);
	jsontext_open(&f->j, "fields", '{');
	for (i = 0; btf_member(t, i, &m); i++)
		put_field(f, t, &m, &unnamed);
	jsontext_close(&f->j);
	jsontext_string(&f->j, "kind", struct_kind(t));
	jsontext_close(&f->j);
}

/* One without a name is there by its number, and by each typedef of it. */
static void put_user_types(struct isf *f)
{
	struct btf_type t, of;
	uint32_t id;

	jsontext_open_lines(&f->j, "user_types", '{');
	for (id = 1; btf_type(&f->btf, id, &t) && !ferror(f->j.out); id++) {
		if (is_struct(&t))
			put_struct(f, isf_name(f, id, &t), &t);
		else if (names_struct(&f->btf, &t, &of))
			put_struct(f, isf_name(f, id, &t), &of);
	}
	jsontext_close(&f->j);
}

static void put_constants(struct isf *f, const struct btf_type *t)
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
	jsontext_string(&f->j, "base", enum_base(t->size, negative));
}

static void put_enums(struct isf *f)
{
	struct btf_type t;
	uint32_t id;

	jsontext_open_lines(&f->j, "enums", '{');
	for (id = 1; btf_type(&f->btf, id, &t) && !ferror(f->j.out); id++) {
		if (!is_enum(&t) || !t.vlen || !enum_base(t.size, false))
			continue;
		jsontext_open(&f->j, isf_name(f, id, &t), '{');
		jsontext_number(&f->j, "size", t.size);
		put_constants(f, &t);
		jsontext_close(&f->j);
	}
	jsontext_close(&f->j);
}

static void put_base(struct isf *f, const struct isf_base *b, bool is_signed)
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

static void put_base_types(struct isf *f)
{
	bool is_signed = char_is_signed(f);
	struct btf_type t;
	struct btf_int n;
	uint32_t id;
	size_t i;

	jsontext_open_lines(&f->j, "base_types", '{');
	for (i = 0; i < N_STANDARD; i++)
		put_base(f, &standard[i],
			 strcmp(standard[i].name, "char") != 0
				 ? standard[i].is_signed
				 : is_signed);
	for (id = 1; btf_type(&f->btf, id, &t); id++) {
		struct isf_base base = {t.name, "int", t.size, true};

		if (!is_base(f, id, &t) || find_standard(t.name))
			continue;
		if (!btf_int(&t, &n))
			base.kind = "float";
		else if (n.encoding & BTF_INT_BOOL)
			base.kind = "bool";
		put_base(f, &base,
			 t.kind == BTF_FLOAT || n.encoding & BTF_INT_SIGNED);
	}
	jsontext_close(&f->j);
}

int isf_types_init(struct isf *f, struct err *err)
{
	f->signs = members_enums_tell(&f->btf);
	return type_names_init(&f->names, &f->btf, isf_space_of, false, err);
}

void isf_types_deinit(struct isf *f)
{
	type_names_deinit(&f->names);
	buf_deinit(&f->name);
}

void isf_put_types(struct isf *f)
{
	put_base_types(f);
	put_user_types(f);
	put_enums(f);
}

void isf_put_char_array(struct isf *f, const char *key, uint64_t n)
{
	jsontext_open(&f->j, key, '{');
	jsontext_string(&f->j, "kind", "array");
	jsontext_number(&f->j, "count", n);
	put_named(f, "subtype", "base", "char");
	jsontext_close(&f->j);
}

/* An array whose length nothing tells is not known either. */
void isf_put_symbol_type(struct isf *f, uint32_t type, const char *shape)
{
	size_t n = strlen(shape), i, opened = 0;
	const char *key = "type";

	if (strchr(shape, '[') || (type && !has_words(f, type))) {
		type = 0;
		n = 0;
	}
	for (i = n; i > 0; i--) {
		if (shape[i - 1] != '*')
			continue;
		jsontext_open(&f->j, key, '{');
		jsontext_string(&f->j, "kind", "pointer");
		key = "subtype";
		opened++;
	}
	if (type)
		put_type(f, key, type);
	else
		put_named(f, key, "base", "void");
	for (; opened; opened--)
		jsontext_close(&f->j);
}
