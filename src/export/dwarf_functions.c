/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions as entries of DWARF. */
#include "export/dwarf_unit.h"

#include <ctype.h>
#include <stdlib.h>

#include "symbols/names.h"

/* A prototype that is whole: neither cut nor of another kind. */
static bool function_proto(const struct dwarf_unit *u, uint32_t id,
			   struct btf_type *proto)
{
	struct btf_type func;

	return btf_type(&u->btf, id, &func) &&
	       btf_type(&u->btf, func.size, proto) &&
	       proto->kind == BTF_FUNC_PROTO && !dw_is_cut(u, func.size);
}

static int order_by_symbol(const void *va, const void *vb)
{
	const struct dwarf_function *a = va, *b = vb;

	if (a->symbol != b->symbol)
		return a->symbol < b->symbol ? -1 : 1;
	return a->type < b->type ? -1 : a->type > b->type;
}

/* By address; of one address the best name first. */
static int order_by_place(const void *va, const void *vb, void *ctx)
{
	const struct dwarf_function *a = va, *b = vb;
	const struct portrait *p = ctx;
	unsigned int rank_a, rank_b;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	rank_a = names_rank(portrait_name(p, &p->symbols.v[a->symbol]));
	rank_b = names_rank(portrait_name(p, &p->symbols.v[b->symbol]));
	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	return a->symbol < b->symbol ? -1 : a->symbol > b->symbol;
}

/* Drop functions that share what `order` has brought together. */
static void functions_unique(struct dwarf_unit *u, bool by_symbol)
{
	struct dwarf_function *v = u->functions.v;
	size_t i, last, n = 0;

	for (i = 0; i < u->functions.n; i = last) {
		for (last = i + 1; last < u->functions.n; last++)
			if (by_symbol ? v[last].symbol != v[i].symbol
				      : v[last].va != v[i].va)
				break;
		/* Two prototypes of one function: neither is to be trusted. */
		if (by_symbol && last - i > 1)
			continue;
		v[n++] = v[i];
	}
	u->functions.n = n;
}

/*
 * A name that several symbols have, static functions of different files, may
 * be of another than the prototype is of; so only those are taken that are the
 * only ones of their name, on either side.
 */
int dw_functions(struct dwarf_unit *u, const struct layout *l,
		 const struct named *code, struct err *err)
{
	uint32_t first = u->btf.first_id, id;
	struct btf_type t, proto;
	int64_t symbol;

	for (id = first; id < btf_end(&u->btf); id++) {
		const struct placed *placed;

		if (!btf_type(&u->btf, id, &t) || t.kind != BTF_FUNC ||
		    !*t.name || !function_proto(u, id, &proto))
			continue;
		symbol = named_only(code, u->owner, t.name);
		if (symbol < 0)
			continue;
		placed = &l->symbols[symbol];
		if (placed->piece == LAYOUT_NOWHERE || !placed->size ||
		    l->pieces.v[placed->piece].owner != u->owner ||
		    !piece_is_code(&l->pieces.v[placed->piece]))
			continue;
		if (vec_push(&u->functions, {.va = u->p->symbols.v[symbol].va,
					     .size = placed->size,
					     .type = id,
					     .symbol = (uint32_t)symbol}))
			return err_nomem(err);
	}
	if (!u->functions.n)
		return 0;
	qsort(u->functions.v, u->functions.n, sizeof(*u->functions.v),
	      order_by_symbol);
	functions_unique(u, true);
	qsort_r(u->functions.v, u->functions.n, sizeof(*u->functions.v),
		order_by_place, (void *)(uintptr_t)u->p);
	functions_unique(u, false);
	return 0;
}

void dw_put_functions(const struct dwarf_unit *u, struct emit *s)
{
	struct btf_type func, proto;
	size_t i;

	for (i = 0; i < u->functions.n; i++) {
		const struct dwarf_function *f = &u->functions.v[i];
		char letter = u->p->symbols.v[f->symbol].type;

		if (!btf_type(&u->btf, f->type, &func) ||
		    !function_proto(u, f->type, &proto))
			continue;
		dw_begin(u, s, dw_with(DIE_FUNCTION, &proto), func.name,
			 proto.size);
		emit_number(s, isupper(letter) != 0, 1);
		emit_number(s, f->va, 8);
		emit_uleb(s, f->size);
		dw_put_params(u, s, &proto, true);
	}
}
