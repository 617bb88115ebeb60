/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of types that C can take: identifiers, and no two of them alike. */
#include "types/type_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "types/named.h"

/* Of C11 and what GNU adds; one that compilers define is no name either. */
static const char *const keywords[] = {
	"_Alignas",
	"_Alignof",
	"_Atomic",
	"_Bool",
	"_Complex",
	"_Generic",
	"_Imaginary",
	"_Noreturn",
	"_Static_assert",
	"_Thread_local",
	"__builtin_va_list",
	"__int128",
	"asm",
	"auto",
	"break",
	"case",
	"char",
	"const",
	"continue",
	"default",
	"do",
	"double",
	"else",
	"enum",
	"extern",
	"float",
	"for",
	"goto",
	"if",
	"inline",
	"int",
	"long",
	"register",
	"restrict",
	"return",
	"short",
	"signed",
	"sizeof",
	"static",
	"struct",
	"switch",
	"typedef",
	"typeof",
	"union",
	"unsigned",
	"void",
	"volatile",
	"while",
};

static bool name_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool name_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_keyword(const char *name)
{
	return bsearch(&name, keywords, sizeof(keywords) / sizeof(*keywords),
		       sizeof(*keywords), compare_words) != NULL;
}

size_t type_names_length(const char *name)
{
	return strnlen(name, TYPE_NAME_MAX);
}

static bool is_identifier(const char *name)
{
	size_t i;

	if (!name_is_letter(*name))
		return false;
	for (i = 1; i < TYPE_NAME_MAX &&
		    (name_is_letter(name[i]) || name_is_digit(name[i]));
	     i++)
		;
	return !name[i] && !is_keyword(name);
}

const char *type_names_identifier(const char *name,
				  char text[TYPE_NAME_MAX + 2])
{
	size_t i, n = type_names_length(name), at = 0;

	if (is_identifier(name))
		return name;
	if (!n || name_is_digit(*name))
		text[at++] = '_';
	for (i = 0; i < n && at < TYPE_NAME_MAX; i++, at++)
		text[at] = name_is_letter(name[i]) || name_is_digit(name[i])
				   ? name[i]
				   : '_';
	text[at] = '\0';
	if (is_keyword(text)) {
		text[at++] = '_';
		text[at] = '\0';
	}
	return text;
}

struct named {
	const char *name;  /* an identifier */
	uint32_t id, part; /* 0, or the number of an enumerator, from 1 on */
	uint8_t space;	   /* enum type_space */
	uint8_t kind;	   /* that a forward declaration stands for */
	bool forward;
};

struct naming {
	VEC(struct named) all;
	VEC(char *) made; /* identifiers that are not the types' own names */
	struct type_names *names;
};

static void naming_deinit(struct naming *n)
{
	size_t i;

	for (i = 0; i < n->made.n; i++)
		free(n->made.v[i]);
	vec_deinit(&n->made);
	vec_deinit(&n->all);
}

static int naming_add(struct naming *n, struct named item)
{
	char text[TYPE_NAME_MAX + 2], *copy;
	const char *name;

	if (!*item.name)
		return 0;
	name = type_names_identifier(item.name, text);
	if (name != item.name) {
		copy = strdup(name);
		if (!copy)
			return ERR_NOMEM;
		if (vec_push(&n->made, copy)) {
			free(copy);
			return ERR_NOMEM;
		}
		item.name = copy;
	}
	return vec_push(&n->all, item);
}

static int naming_add_constants(struct naming *n, const struct btf_type *t,
				uint32_t id)
{
	struct btf_enumerator e;
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && btf_enumerator(t, i, &e); i++)
		rc = naming_add(n,
				(struct named){.name = e.name,
					       .id = id,
					       .part = i + 1,
					       .space = TYPE_SPACE_ORDINARY});
	return rc;
}

/* The kind that a type is, or that it announces. */
static uint32_t naming_kind(const struct btf_type *t)
{
	if (t->kind == BTF_FWD)
		return t->flag ? BTF_UNION : BTF_STRUCT;
	return t->kind == BTF_ENUM64 ? BTF_ENUM : t->kind;
}

static int naming_collect(struct naming *n, const struct btf *b,
			  type_space_of *space_of, bool constants)
{
	enum type_space space;
	struct btf_type t;
	uint32_t id;
	int rc = 0;

	for (id = 1; !rc && id < btf_end(b); id++) {
		if (!btf_type(b, id, &t))
			continue;
		space = space_of(b, &t);
		if (space != TYPE_SPACE_NONE)
			rc = naming_add(
				n,
				(struct named){
					.name = t.name,
					.id = id,
					.space = (uint8_t)space,
					.kind = (uint8_t)naming_kind(&t),
					.forward = types_named_is_forward(&t)});
		if (!rc && constants)
			rc = naming_add_constants(n, &t, id);
	}
	return rc;
}

/* Those that are alike side by side, definitions before declarations. */
static int compare_named(const void *va, const void *vb)
{
	const struct named *a = va, *b = vb;
	int order;

	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	order = strcmp(a->name, b->name);
	if (order)
		return order;
	if (a->forward != b->forward)
		return a->forward ? 1 : -1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->part < b->part ? -1 : a->part > b->part;
}

static uint64_t key_of(uint32_t id, uint32_t part)
{
	return (uint64_t)id << 32 | part;
}

/* Number n of them that are alike. */
static int naming_number(struct naming *n, const struct named *v, size_t count)
{
	uint32_t first[BTF_KINDS] = {0}; /* of that kind, which has a number */
	uint32_t last = 0, number;
	size_t i;

	for (i = 0; i < count; i++) {
		uint32_t *of_kind = &first[v[i].kind];

		number = v[i].forward && *of_kind ? *of_kind : ++last;
		if (!*of_kind)
			*of_kind = number;
		if (number > 1 && map_put(&n->names->numbers,
					  key_of(v[i].id, v[i].part), number))
			return ERR_NOMEM;
	}
	return 0;
}

static int naming_number_all(struct naming *n)
{
	const struct named *v = n->all.v;
	size_t i, j;
	int rc = 0;

	if (n->all.n)
		qsort(n->all.v, n->all.n, sizeof(*v), compare_named);
	for (i = 0; !rc && i < n->all.n; i = j) {
		for (j = i + 1; j < n->all.n && v[j].space == v[i].space &&
				!strcmp(v[j].name, v[i].name);
		     j++)
			;
		if (j > i + 1)
			rc = naming_number(n, v + i, j - i);
	}
	return rc;
}

int type_names_init(struct type_names *names, const struct btf *b,
		    type_space_of *space_of, bool constants, struct err *err)
{
	struct naming n = {.names = names};
	int rc;

	*names = (struct type_names){0};
	rc = naming_collect(&n, b, space_of, constants);
	if (!rc)
		rc = naming_number_all(&n);
	naming_deinit(&n);
	return rc ? err_nomem(err) : 0;
}

void type_names_deinit(struct type_names *n)
{
	map_deinit(&n->numbers);
}

uint32_t type_names_number(const struct type_names *n, uint32_t id)
{
	uint64_t number = 1;

	map_get(&n->numbers, key_of(id, 0), &number);
	return (uint32_t)number;
}

static void add_numbered(const struct type_names *n, struct buf *b,
			 uint64_t key, const char *name)
{
	char text[TYPE_NAME_MAX + 2];
	uint64_t number;

	buf_puts(b, type_names_identifier(name, text));
	if (map_get(&n->numbers, key, &number))
		buf_printf(b, "___%u", (unsigned int)number);
}

void type_names_add(const struct type_names *n, struct buf *b, uint32_t id,
		    const char *name)
{
	add_numbered(n, b, key_of(id, 0), name);
}

void type_names_add_constant(const struct type_names *n, struct buf *b,
			     uint32_t id, uint32_t i, const char *name)
{
	add_numbered(n, b, key_of(id, i + 1), name);
}
