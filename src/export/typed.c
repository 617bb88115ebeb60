/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the image whose types are known. */
#include "export/typed.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "types/known_types.h"

/* How many symbols of the image have the name of a known type, and one. */
struct named_symbols {
	uint32_t n, symbol;
};

static void find_symbols(const struct known_types *known,
			 const struct portrait *p, struct named_symbols *found)
{
	uint32_t i;

	for (i = 0; i < p->symbols.n; i++) {
		const struct known_type *t;

		if (p->symbols.v[i].owner != PORTRAIT_IMAGE)
			continue;
		t = known_types_find(known, portrait_name(p, &p->symbols.v[i]));
		if (!t)
			continue;
		found[t - known->v].symbol = i;
		found[t - known->v].n++;
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
		     const struct known_type *t, const struct named_symbols *f)
{
	return f->n == 1 && (t->per_cpu || !p->symbols.v[f->symbol].absolute) &&
	       known_type_fits(t, b, room_of(p, f->symbol));
}

static int compare_typed(const void *va, const void *vb)
{
	const struct typed_symbol *a = va, *b = vb;

	return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

static int typed_take(struct typed *t, const struct portrait *p,
		      const struct btf *b, const struct known_types *known)
{
	_cleanup_free_ struct named_symbols *found =
		calloc(known->n + 1, sizeof(*found));
	size_t i;

	if (!found)
		return ERR_NOMEM;
	find_symbols(known, p, found);
	for (i = 0; i < known->n; i++)
		if (is_typed(p, b, &known->v[i], &found[i]) &&
		    vec_push(t, {.symbol = found[i].symbol,
				 .type = known->v[i].type,
				 .shape = known->v[i].shape,
				 .per_cpu = known->v[i].per_cpu}))
			return ERR_NOMEM;
	return 0;
}

int typed_init(struct typed *t, const struct portrait *p, const struct btf *b,
	       struct err *err)
{
	struct known_types known;
	int rc = known_types_init(&known, b, NULL);

	*t = (struct typed){0};
	if (!rc)
		rc = typed_take(t, p, b, &known);
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), compare_typed);
	known_types_deinit(&known);
	return rc ? err_nomem(err) : 0;
}

void typed_deinit(struct typed *t)
{
	vec_deinit(t);
}
