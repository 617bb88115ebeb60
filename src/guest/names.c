/* SPDX-License-Identifier: BSD-2-Clause */
/* Names what kernel addresses lead to. */
#include "guest/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/alias.h"
#include "kernel/page/page.h"

/* The caches of those that no symbol names. */
static int names_find_caches(struct kernel *k, const uint64_t *vas,
			     struct guest_names *out, struct err *err)
{
	_cleanup_free_ struct page_info *pages =
		calloc(out->n + 1, sizeof(*pages));
	_cleanup_free_ uint64_t *pfns = calloc(out->n + 1, sizeof(*pfns));
	_cleanup_free_ size_t *whose = calloc(out->n + 1, sizeof(*whose));
	size_t i, n = 0;
	int rc;

	if (!pages || !pfns || !whose)
		return err_nomem(err);
	for (i = 0; i < out->n; i++)
		if (!out->v[i].symbol.name &&
		    alias_is_direct(k, vas[i], &pfns[n]))
			whose[n++] = i;
	rc = n ? page_slabs_find(k, pfns, n, pages, err) : 0;
	if (rc == ERR_NO_LINUX)
		return 0;
	if (!rc && n)
		rc = page_slabs_read(k, pages, n, &out->slabs, err);
	for (i = 0; i < n && !rc; i++)
		out->v[whose[i]].cache = page_slab_of(&out->slabs, &pages[i]);
	return rc;
}

int guest_names_read(struct guest *g, const uint64_t *vas, size_t n,
		     struct guest_names *out, struct err *err)
{
	_cleanup_free_ struct symbol *symbols = calloc(n + 1, sizeof(*symbols));
	size_t i;
	int rc;

	*out = (struct guest_names){.v = calloc(n + 1, sizeof(*out->v)),
				    .n = n};
	if (!symbols || !out->v)
		return err_nomem(err);
	rc = symbols_at(&g->symbols, vas, n, symbols, err);
	for (i = 0; i < n && !rc; i++)
		out->v[i].symbol = symbols[i];
	return rc ? rc : names_find_caches(g->kernel, vas, out, err);
}

void guest_names_deinit(struct guest_names *names)
{
	page_slabs_deinit(&names->slabs);
	free(names->v);
	*names = (struct guest_names){0};
}

void guest_name_text(const struct guest_name *name, char text[SYMBOL_TEXT])
{
	*text = '\0';
	if (name->symbol.name)
		symbol_text(&name->symbol, text, SYMBOL_TEXT);
	else if (name->cache)
		snprintf(text, SYMBOL_TEXT, "slab %s", name->cache);
}
