/* SPDX-License-Identifier: BSD-2-Clause */
/* Types in the format of Volatility 3; docs/facts/isf.md, "Form". */
#include "export/isf_types.h"

#include <stdio.h>
#include <string.h>

#include "types/members.h"

/* Pointers, arrays and typedefs in one another; kernels have 6. */
#define MAX_LEVELS 32u

const struct isf_base isf_standard[ISF_STANDARD] = {
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

const struct isf_base *isf_standard_of(const char *name)
{
	size_t i;

	for (i = 0; i < ISF_STANDARD; i++)
		if (!strcmp(isf_standard[i].name, name))
			return &isf_standard[i];
	return NULL;
}

const char *isf_enum_base(uint32_t size, bool is_signed)
{
	size_t i;

	/* Behind void, pointer and char. */
	for (i = 3; i < ISF_STANDARD; i++)
		if (isf_standard[i].size == size &&
		    isf_standard[i].is_signed == is_signed)
			return isf_standard[i].name;
	return NULL;
}

bool isf_is_struct(const struct btf_type *t)
{
	return t->kind == BTF_STRUCT || t->kind == BTF_UNION;
}

bool isf_is_enum(const struct btf_type *t)
{
	return t->kind == BTF_ENUM || t->kind == BTF_ENUM64;
}

bool isf_names_struct(const struct btf *b, const struct btf_type *t,
		      struct btf_type *of)
{
	return t->kind == BTF_TYPEDEF && *t->name && btf_type(b, t->size, of) &&
	       isf_is_struct(of) && !*of->name;
}

static enum type_space isf_space_of(const struct btf *b,
				    const struct btf_type *t)
{
	struct btf_type of;

	if (isf_is_struct(t) || t->kind == BTF_FWD ||
	    isf_names_struct(b, t, &of))
		return TYPE_SPACE_TAGS;
	if (isf_is_enum(t) || t->kind == BTF_INT || t->kind == BTF_FLOAT)
		return TYPE_SPACE_ORDINARY;
	return TYPE_SPACE_NONE;
}

const char *isf_name(struct isf *f, uint32_t id, const struct btf_type *t)
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

bool isf_is_base(const struct isf *f, uint32_t id, const struct btf_type *t)
{
	const struct isf_base *s = isf_standard_of(t->name);
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

bool isf_has_words(const struct isf *f, uint32_t id)
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
			if (isf_names_struct(&f->btf, &t, &of))
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
			return isf_is_base(f, id, &t);
		default:
			return isf_is_struct(&t) || isf_is_enum(&t) ||
			       (t.kind == BTF_FWD && *t.name);
		}
	}
	return false;
}

static void isf_put_named(struct isf *f, const char *key, const char *kind,
			  const char *name)
{
	jsontext_open(&f->j, key, '{');
	jsontext_string(&f->j, "kind", kind);
	jsontext_string(&f->j, "name", name);
	jsontext_close(&f->j);
}

const char *isf_struct_kind(const struct btf_type *t)
{
	return t->kind == BTF_UNION || (t->kind == BTF_FWD && t->flag)
		       ? "union"
		       : "struct";
}

/* An enum that is only announced is not among "enums", and so an integer. */
static void isf_put_enum(struct isf *f, const char *key, uint32_t id,
			 const struct btf_type *t)
{
	if (t->vlen && isf_enum_base(t->size, false))
		isf_put_named(f, key, "enum", isf_name(f, id, t));
	else
		isf_put_named(f, key, "base", "unsigned int");
}

/* What is neither pointer, array, nor another name of something. */
static void isf_put_end(struct isf *f, const char *key, uint32_t id,
			const struct btf_type *t)
{
	if (isf_is_enum(t)) {
		isf_put_enum(f, key, id, t);
	} else if (t->kind == BTF_FUNC_PROTO) {
		jsontext_open(&f->j, key, '{');
		jsontext_string(&f->j, "kind", "function");
		jsontext_close(&f->j);
	} else if (t->kind == BTF_INT || t->kind == BTF_FLOAT) {
		isf_put_named(f, key, "base", t->name);
	} else {
		isf_put_named(f, key, isf_struct_kind(t), isf_name(f, id, t));
	}
}

void isf_put_type(struct isf *f, const char *key, uint32_t id)
{
	unsigned int opened = 0;
	struct btf_type t, of;
	struct btf_array a;

	while (btf_type(&f->btf, id, &t)) {
		if (isf_names_struct(&f->btf, &t, &of)) {
			isf_put_named(f, key, isf_struct_kind(&of),
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
			isf_put_end(f, key, id, &t);
			break;
		}
	}
	if (!id)
		isf_put_named(f, key, "base", "void");
	for (; opened; opened--)
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

void isf_put_char_array(struct isf *f, const char *key, uint64_t n)
{
	jsontext_open(&f->j, key, '{');
	jsontext_string(&f->j, "kind", "array");
	jsontext_number(&f->j, "count", n);
	isf_put_named(f, "subtype", "base", "char");
	jsontext_close(&f->j);
}

/* An array whose length nothing tells is not known either. */
void isf_put_symbol_type(struct isf *f, uint32_t type, const char *shape)
{
	size_t n = strlen(shape), i, opened = 0;
	const char *key = "type";

	if (strchr(shape, '[') || (type && !isf_has_words(f, type))) {
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
		isf_put_type(f, key, type);
	else
		isf_put_named(f, key, "base", "void");
	for (; opened; opened--)
		jsontext_close(&f->j);
}
