/* SPDX-License-Identifier: BSD-2-Clause */
/* From addresses to names: the image, modules, generated code. */
#include "kernel/code/symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/locate.h"
#include "kernel/code/symbols_load.h"
#include "kernel/x86_64.h"

/* In the image, which profile_nearest() knows the borders of. */
static bool at_image(const struct symbols *s, uint64_t va, struct symbol *out)
{
	uint64_t next;

	*out = (struct symbol){0};
	if (!profile_nearest(s->k->profile, va, &out->name, &out->offset))
		return false;
	out->va = va - out->offset;
	if (profile_next_symbol(s->k->profile, out->va, &next))
		out->size = next - out->va;
	return true;
}

/* Code is mapped within reach of the image: KERNEL_MAP and up. */
static bool may_be_code(uint64_t va)
{
	return va >= KERNEL_MAP;
}

static const struct symbol_area *find_area(const struct symbols *s, uint64_t va)
{
	size_t lo = 0, hi = s->areas.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->areas.v[mid].start > va)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (!lo || va - s->areas.v[lo - 1].start >= s->areas.v[lo - 1].size)
		return NULL;
	return &s->areas.v[lo - 1];
}

/* In an area that was found. */
static void at_area(const struct symbols *s, const struct symbol_area *a,
		    uint64_t va, struct symbol *out)
{
	const struct module_symbols *table;
	const struct module_symbol *symbol;
	uint64_t end = a->start + a->size, next;

	if (!a->is_module) {
		*out = symbols_generated(s, a->number);
		out->offset = va - out->va;
		return;
	}
	table = &s->tables[a->number];
	symbol = module_symbols_at(table, va, a->start);
	if (!symbol)
		return;
	next = module_symbols_next(table, va);
	*out = (struct symbol){.name = module_symbols_name(table, symbol),
			       .module = s->modules.list.v[a->number].name,
			       .va = symbol->va,
			       .offset = va - symbol->va,
			       .size = (next < end ? next : end) - symbol->va};
}

int symbols_at(struct symbols *s, const uint64_t *vas, size_t n,
	       struct symbol *out, struct err *err)
{
	_cleanup_free_ bool *marked = NULL;
	const struct symbol_area *a;
	size_t i, left = 0;
	int rc;

	for (i = 0; i < n; i++)
		left += !at_image(s, vas[i], &out[i]) && may_be_code(vas[i]);
	if (!left)
		return 0;
	rc = symbols_load(s, err);
	if (rc)
		return rc;
	marked = calloc(s->modules.list.n + 1, sizeof(*marked));
	if (!marked)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		a = out[i].name ? NULL : find_area(s, vas[i]);
		if (a && a->is_module)
			marked[a->number] = true;
	}
	rc = symbols_load_tables(s, marked, err);
	for (i = 0; i < n && !rc; i++) {
		a = out[i].name ? NULL : find_area(s, vas[i]);
		if (a)
			at_area(s, a, vas[i], &out[i]);
	}
	return rc;
}

void symbol_text(const struct symbol *symbol, char *text, size_t size)
{
	*text = '\0';
	if (symbol->name)
		snprintf(text, size, "%s+0x%" PRIx64 "%s%s%s", symbol->name,
			 symbol->offset, symbol->module ? " [" : "",
			 symbol->module ? symbol->module : "",
			 symbol->module ? "]" : "");
}
