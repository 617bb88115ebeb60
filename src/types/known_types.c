/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the types of variables that are known, in one pass over all types. */
#include "types/known_types.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "types/known_globals.h"

static int compare_by_type(const void *va, const void *vb)
{
	const struct known_type *a = va, *b = vb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->of, b->of);
}

static int compare_by_name(const void *a, const void *b)
{
	return strcmp(((const struct known_type *)a)->name,
		      ((const struct known_type *)b)->name);
}

static bool is_wanted(const char *name, const char *only)
{
	return *name && (!only || !strcmp(name, only));
}

static int add_globals(struct known_types *k, const char *only)
{
	size_t i;

	for (i = 0; i < known_globals_n; i++) {
		const struct known_global *g = &known_globals[i];

		if (is_wanted(g->name, only) &&
		    vec_push(k, {.name = g->name,
				 .shape = g->shape,
				 .kind = g->kind,
				 .of = g->type,
				 .types = g->kind == BTF_VOID}))
			return ERR_NOMEM;
	}
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), compare_by_type);
	return 0;
}

/* All of the first n whose type has that kind and name get it. */
static void give_type(struct known_types *k, size_t n, uint32_t id,
		      const struct btf_type *t)
{
	const struct known_type key = {.kind = t->kind, .of = t->name};
	struct known_type *v =
		bsearch(&key, k->v, n, sizeof(key), compare_by_type);

	if (!v)
		return;
	while (v > k->v && !compare_by_type(v - 1, &key))
		v--;
	for (; v < k->v + n && !compare_by_type(v, &key); v++) {
		v->type = id;
		v->types++;
	}
}

/* Variables behind the globals, and what these are of. */
static int take_types(struct known_types *k, const struct btf *b,
		      const char *only)
{
	size_t globals = k->n;
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(b, id, &t); id++) {
		if (globals && *t.name)
			give_type(k, globals, id, &t);
		if (t.kind == BTF_VAR && is_wanted(t.name, only) &&
		    vec_push(k, {.name = t.name,
				 .shape = "",
				 .type = t.size,
				 .types = 1,
				 .per_cpu = true}))
			return ERR_NOMEM;
	}
	return 0;
}

/* Of names that are alike none is known. */
static void drop_alike(struct known_types *k)
{
	size_t i;

	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), compare_by_name);
	for (i = 1; i < k->n; i++)
		if (!compare_by_name(&k->v[i - 1], &k->v[i]))
			k->v[i - 1].types = k->v[i].types = 0;
}

int known_types_init(struct known_types *k, const struct btf *b,
		     const char *only)
{
	int rc;

	*k = (struct known_types){0};
	rc = add_globals(k, only);
	if (!rc)
		rc = take_types(k, b, only);
	drop_alike(k);
	return rc;
}

void known_types_deinit(struct known_types *k)
{
	vec_deinit(k);
}

const struct known_type *known_types_find(const struct known_types *k,
					  const char *name)
{
	const struct known_type key = {.name = name};
	const struct known_type *t =
		k->n ? bsearch(&key, k->v, k->n, sizeof(key), compare_by_name)
		     : NULL;

	return t && t->types == 1 ? t : NULL;
}

bool known_type_fits(const struct known_type *t, const struct btf *b,
		     uint64_t room)
{
	uint64_t size = strchr(t->shape, '*') ? 8 : btf_size(b, t->type);

	return size && size <= room;
}
