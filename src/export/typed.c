/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the image whose types are known. */
#include "export/typed.h"

#include <stdlib.h>
#include <string.h>

#include "types/known_globals.h"

/* A name with a type, and the symbol of that name. */
struct variable {
	const char *name, *shape;
	uint32_t type, types; /* how many there are */
	enum btf_kind kind;   /* that the type is looked for by, with its... */
	const char *of;	      /* ...name; NULL: it is known */
	uint32_t symbol, symbols;
};

struct variables {
	struct variable *v;
	size_t n, cap;
};

static int compare_variable_types(const void *va, const void *vb)
{
	const struct variable *a = va, *b = vb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->of, b->of);
}

static int compare_variable_names(const void *a, const void *b)
{
	return strcmp(((const struct variable *)a)->name,
		      ((const struct variable *)b)->name);
}

/* All whose type has that kind and name get it; they ascend by these. */
static void give_type(struct variables *all, uint32_t id,
		      const struct btf_type *t)
{
	const struct variable key = {.kind = t->kind, .of = t->name};
	struct variable *v = all->v, *end = all->v + all->n;

	v = bsearch(&key, v, all->n, sizeof(*v), compare_variable_types);
	if (!v)
		return;
	while (v > all->v && !compare_variable_types(v - 1, &key))
		v--;
	for (; v < end && !compare_variable_types(v, &key); v++) {
		v->type = id;
		v->types++;
	}
}

static int add_known(struct variables *all, const struct btf *b)
{
	struct btf_type t;
	uint32_t id;
	size_t i;

	for (i = 0; i < known_globals_n; i++) {
		const struct known_global *g = &known_globals[i];

		if (vec_push(all, {.name = g->name,
				   .shape = g->shape,
				   .kind = g->kind,
				   .of = g->type,
				   .types = g->kind == BTF_VOID}))
			return ERR_NOMEM;
	}
	if (!all->n)
		return 0;
	qsort(all->v, all->n, sizeof(*all->v), compare_variable_types);
	for (id = 1; btf_type(b, id, &t); id++)
		if (*t.name)
			give_type(all, id, &t);
	return 0;
}

static int add_variables(struct variables *all, const struct btf *b)
{
	struct btf_type t;
	uint32_t id;

	for (id = 1; btf_type(b, id, &t); id++)
		if (t.kind == BTF_VAR && *t.name &&
		    vec_push(all, {.name = t.name,
				   .shape = "",
				   .type = t.size,
				   .types = 1,
				   .kind = BTF_VAR}))
			return ERR_NOMEM;
	return 0;
}

/* Of names that are alike none is known. */
static void drop_alike(struct variables *all)
{
	size_t i;

	qsort(all->v, all->n, sizeof(*all->v), compare_variable_names);
	for (i = 1; i < all->n; i++)
		if (!compare_variable_names(&all->v[i - 1], &all->v[i]))
			all->v[i - 1].types = all->v[i].types = 0;
}

static void find_symbols(struct variables *all, const struct portrait *p)
{
	struct variable key = {0}, *v;
	uint32_t i;

	for (i = 0; i < p->symbols.n; i++) {
		if (p->symbols.v[i].owner != PORTRAIT_IMAGE)
			continue;
		key.name = portrait_name(p, &p->symbols.v[i]);
		v = bsearch(&key, all->v, all->n, sizeof(key),
			    compare_variable_names);
		if (!v)
			continue;
		v->symbol = i;
		v->symbols++;
	}
}

/* So many symbols at one address, and the room behind it is not known. */
#define MAX_ALIASES 64u

/* From a symbol to the next one behind it; 0: not known. */
static uint64_t room_of(const struct portrait *p, uint32_t symbol)
{
	const struct portrait_symbol *s = &p->symbols.v[symbol];
	uint32_t i, left = (uint32_t)p->symbols.n - symbol;

	for (i = 1; i < left && i < MAX_ALIASES; i++)
		if (s[i].owner == s->owner && s[i].va > s->va)
			return s[i].va - s->va;
	return 0;
}

static bool is_typed(const struct portrait *p, const struct btf *b,
		     const struct variable *v)
{
	if (v->types != 1 || v->symbols != 1 ||
	    (p->symbols.v[v->symbol].absolute && v->kind != BTF_VAR))
		return false;
	return known_global_fits(b, v->type, v->shape, room_of(p, v->symbol));
}

static int compare_typed(const void *va, const void *vb)
{
	const struct typed_symbol *a = va, *b = vb;

	return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

int typed_init(struct typed *t, const struct portrait *p, const struct btf *b,
	       struct err *err)
{
	struct variables all = {0};
	size_t i;
	int rc;

	*t = (struct typed){0};
	rc = add_known(&all, b);
	if (!rc)
		rc = add_variables(&all, b);
	if (!rc && all.n) {
		drop_alike(&all);
		find_symbols(&all, p);
	}
	for (i = 0; i < all.n && !rc; i++)
		if (is_typed(p, b, &all.v[i]))
			rc = vec_push(t, {.symbol = all.v[i].symbol,
					  .type = all.v[i].type,
					  .shape = all.v[i].shape,
					  .per_cpu = all.v[i].kind == BTF_VAR});
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), compare_typed);
	vec_deinit(&all);
	return rc ? err_nomem(err) : 0;
}

void typed_deinit(struct typed *t)
{
	vec_deinit(t);
}
