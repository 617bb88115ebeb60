/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of symbols: all that have a name, or are as a pattern has it. */
#include "kernel/code/symbols_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/code/symbols_load.h"
#include "profile/listing.h"
#include "symbols/glob.h"
#include "symbols/symtab.h"

static bool in_module(const struct symbols_wanted *w, const char *module)
{
	return !w->image && (!w->module || glob_match(w->module, module));
}

/* Marks the modules that one of n may be in; whether any is to be read. */
static bool mark_modules(const struct symbols *s,
			 const struct symbols_wanted *wanted, size_t n,
			 bool *marked)
{
	bool any = false;
	size_t i, j;

	for (i = 0; i < s->modules.list.n; i++) {
		for (j = 0; j < n && !marked[i]; j++)
			marked[i] = in_module(&wanted[j],
					      s->modules.list.v[i].name);
		any |= marked[i];
	}
	return any;
}

static int read_letters(struct symbols *s, struct err *err)
{
	size_t n = s->modules.list.n, i;

	for (i = 0; s->letters && i < n; i++)
		module_letters_deinit(&s->letters[i]);
	free(s->letters);
	s->letters = calloc(n + 1, sizeof(*s->letters));
	if (!s->letters)
		return err_nomem(err);
	return module_letters_read(s->k, &s->modules, s->tables, s->letters,
				   &s->remarks, err);
}

int symbols_list_read(struct symbols *s, const struct symbols_wanted *wanted,
		      size_t n, struct err *err)
{
	_cleanup_free_ bool *marked = NULL;
	bool outside = false;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		outside |= !wanted[i].image;
	if (!outside)
		return 0;
	rc = symbols_load(s, err);
	if (rc)
		return rc;
	marked = calloc(s->modules.list.n + 1, sizeof(*marked));
	if (!marked)
		return err_nomem(err);
	if (!mark_modules(s, wanted, n, marked))
		return 0;
	rc = symbols_load_tables(s, marked, err);
	return rc ? rc : read_letters(s, err);
}

static bool name_is_wanted(const struct symbols_wanted *w, const char *name)
{
	size_t len;

	switch (w->how) {
	case SYMBOLS_GLOB:
		return glob_match(w->name, name);
	case SYMBOLS_SUFFIXED:
		len = strlen(w->name);
		return !strncmp(name, w->name, len) && name[len] == '.';
	default:
		return !strcmp(name, w->name);
	}
}

static void list_image(const struct symbols *s, const struct symbols_wanted *w,
		       symbols_list_take *take, void *ctx)
{
	const struct profile *p = s->k->profile;
	struct profile_listing at = {0};
	struct symbols_listed l = {0};
	struct profile_listed from;
	uint64_t next;

	while (profile_list(p, &at, &from)) {
		if (!name_is_wanted(w, from.name))
			continue;
		l.letter = from.type;
		l.symbol = (struct symbol){.name = from.name, .va = from.va};
		if (profile_next_symbol(p, from.va, &next))
			l.symbol.size = next - from.va;
		take(ctx, &l);
	}
}

/* Up to the next symbol, or the end of the module's memory there. */
static uint64_t size_in_module(const struct symbols *s, size_t number,
			       uint64_t va)
{
	const struct module_range *range =
		module_range_of(&s->modules.list.v[number], va, 1);
	uint64_t next = module_symbols_next(&s->tables[number], va), end;

	if (!range)
		return 0;
	end = range->start + range->size;
	return (next < end ? next : end) - va;
}

static void list_module(const struct symbols *s, size_t number,
			const struct symbols_wanted *w, symbols_list_take *take,
			void *ctx)
{
	const struct module_symbols *table = &s->tables[number];
	size_t i;

	for (i = 0; i < table->list.n; i++) {
		const struct module_symbol *m = &table->list.v[i];
		const char *name = module_symbols_name(table, m);
		struct symbols_listed l = {.letter = SYMTAB_NO_TYPE};

		if (!name_is_wanted(w, name))
			continue;
		if (s->letters)
			l.letter = module_letter(&s->letters[number], m);
		l.symbol = (struct symbol){
			.name = name,
			.module = s->modules.list.v[number].name,
			.va = m->va,
			.size = size_in_module(s, number, m->va)};
		take(ctx, &l);
	}
}

void symbols_list(const struct symbols *s, const struct symbols_wanted *wanted,
		  symbols_list_take *take, void *ctx)
{
	size_t i;

	if (!wanted->module)
		list_image(s, wanted, take, ctx);
	if (wanted->image || !s->tables)
		return;
	for (i = 0; i < s->modules.list.n; i++)
		if (in_module(wanted, s->modules.list.v[i].name))
			list_module(s, i, wanted, take, ctx);
	for (i = 0; i < s->generated.list.n; i++) {
		const struct symbols_listed l = {
			.symbol = symbols_generated(s, i), .letter = 't'};

		if (in_module(wanted, l.symbol.module) &&
		    name_is_wanted(wanted, l.symbol.name))
			take(ctx, &l);
	}
}
