/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of code by their names, and who has them. */
#include "export/named.h"

#include <stdlib.h>
#include <string.h>

bool named_is_code(char letter)
{
	return letter && strchr("tTwWi", letter);
}

static int named_compare(const struct portrait *p,
			 const struct portrait_symbol *s, uint32_t owner,
			 const char *name)
{
	if (s->owner != owner)
		return s->owner < owner ? -1 : 1;
	return strcmp(portrait_name(p, s), name);
}

static int named_order(const void *va, const void *vb, void *ctx)
{
	const struct portrait *p = ctx;
	const struct portrait_symbol *a = &p->symbols.v[*(const uint32_t *)va];
	const struct portrait_symbol *b = &p->symbols.v[*(const uint32_t *)vb];

	return named_compare(p, a, b->owner, portrait_name(p, b));
}

int named_init(struct named *n, const struct portrait *p, struct err *err)
{
	uint32_t i;

	*n = (struct named){.p = p};
	for (i = 0; i < p->symbols.n; i++)
		if (named_is_code(p->symbols.v[i].type) &&
		    vec_push(&n->order, i))
			return err_nomem(err);
	if (n->order.n)
		qsort_r(n->order.v, n->order.n, sizeof(*n->order.v),
			named_order, (void *)(uintptr_t)p);
	return 0;
}

void named_deinit(struct named *n)
{
	vec_deinit(&n->order);
}

int64_t named_only(const struct named *n, uint32_t owner, const char *name)
{
	const struct portrait_symbol *symbols = n->p->symbols.v;
	size_t low = 0, high = n->order.n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (named_compare(n->p, &symbols[n->order.v[mid]], owner,
				  name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == n->order.n ||
	    named_compare(n->p, &symbols[n->order.v[low]], owner, name) ||
	    (low + 1 < n->order.n &&
	     !named_compare(n->p, &symbols[n->order.v[low + 1]], owner, name)))
		return -1;
	return n->order.v[low];
}
