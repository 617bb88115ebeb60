/* SPDX-License-Identifier: BSD-2-Clause */
/* From names to addresses: the image, modules, generated code. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/code/symbols_load.h"

/* How a name goes with the one that is looked for. */
enum match {
	NO_MATCH,
	SUFFIXED,
	EXACT
};

static enum match match(const char *have, const char *name, size_t len)
{
	if (strncmp(have, name, len) != 0)
		return NO_MATCH;
	return !have[len] ? EXACT : have[len] == '.' ? SUFFIXED : NO_MATCH;
}

/* A search by name; what matches worse than the best so far is dropped. */
struct symbol_search {
	const char *name;
	size_t len;
	enum match best;
	struct symbols_named *out;
};

static void take_match(struct symbol_search *f, const struct symbol *symbol)
{
	enum match m = match(symbol->name, f->name, f->len);
	struct symbols_named *out = f->out;
	size_t i;

	if (!m || m < f->best)
		return;
	if (m > f->best)
		out->n = 0;
	f->best = m;
	for (i = 0; i < out->n && i < SYMBOLS_ALIKE; i++)
		if (out->v[i].va == symbol->va)
			return;
	if (out->n < SYMBOLS_ALIKE)
		out->v[out->n] = *symbol;
	out->n++;
}

static void search_module(const struct symbols *s, size_t i,
			  struct symbol_search *f)
{
	const struct module_symbols *table = &s->tables[i];
	struct symbol symbol = {.module = s->modules.list.v[i].name};
	size_t j;

	for (j = 0; j < table->list.n; j++) {
		symbol.va = table->list.v[j].va;
		symbol.name = module_symbols_name(table, &table->list.v[j]);
		take_match(f, &symbol);
	}
}

static bool is_module(const char *have, const char *want)
{
	return !want || !strcmp(have, want);
}

static int search_outside(struct symbols *s, const char *module,
			  struct symbol_search *f, struct err *err)
{
	_cleanup_free_ bool *marked = NULL;
	size_t i;
	int rc = symbols_load(s, err);

	if (rc)
		return rc;
	marked = calloc(s->modules.list.n + 1, sizeof(*marked));
	if (!marked)
		return err_nomem(err);
	for (i = 0; i < s->modules.list.n; i++)
		marked[i] = is_module(s->modules.list.v[i].name, module);
	rc = symbols_load_tables(s, marked, err);
	for (i = 0; i < s->modules.list.n && !rc; i++)
		if (marked[i])
			search_module(s, i, f);
	for (i = 0; i < s->generated.list.n && !rc; i++) {
		struct symbol symbol = symbols_generated(s, i);

		if (is_module(symbol.module, module))
			take_match(f, &symbol);
	}
	return rc;
}

static void symbols_named_search_image(const struct symbols *s,
				       struct symbol_search *f)
{
	struct profile_named named[PROFILE_NAMED];
	size_t n = profile_named(s->k->profile, f->name, named), i;

	for (i = 0; i < n && i < PROFILE_NAMED; i++)
		take_match(f, &(struct symbol){.name = named[i].name,
					       .va = named[i].va});
	if (n > PROFILE_NAMED)
		f->out->n += n - PROFILE_NAMED;
}

int symbols_named(struct symbols *s, const char *name, const char *module,
		  struct symbols_named *out, struct err *err)
{
	struct symbol_search f = {
		.name = name, .len = strlen(name), .out = out};

	out->n = 0;
	if (!module)
		symbols_named_search_image(s, &f);
	return out->n ? 0 : search_outside(s, module, &f, err);
}

size_t symbols_module(const struct symbols *s, const char *module)
{
	size_t i;

	for (i = 0; i < s->modules.list.n; i++)
		if (s->modules.list.v[i].name == module)
			break;
	return i;
}

bool symbols_has_module(const struct symbols *s, const char *module)
{
	size_t i;

	for (i = 0; i < s->modules.list.n; i++)
		if (!strcmp(s->modules.list.v[i].name, module))
			return true;
	for (i = 0; i < s->generated.list.n; i++)
		if (!strcmp(generated_module(s->generated.list.v[i].by),
			    module))
			return true;
	return false;
}

static void symbols_named_count(struct buf *b, size_t n, const char *one,
				const char *many)
{
	if (n)
		buf_printf(b, ", %zu %s", n, n == 1 ? one : many);
}

void symbols_looked(const struct symbols *s, struct buf *b)
{
	static const struct {
		const char *one, *many;
	} names[] = {
		[GENERATED_FTRACE] = {"ftrace trampoline",
				      "ftrace trampolines"},
		[GENERATED_BPF] = {"piece of BPF code", "pieces of BPF code"},
		[GENERATED_KPROBES] = {"kprobe page", "kprobe pages"},
		[GENERATED_OPTPROBES] = {"page of optimised kprobes",
					 "pages of optimised kprobes"},
		[SYMBOLS_MODULES] = {"module", "modules"},
	};
	size_t n[SYMBOLS_MODULES + 1] = {0}, i;

	buf_puts(b, "the kernel");
	if (!s->read)
		return;
	n[SYMBOLS_MODULES] = s->modules.list.n;
	for (i = 0; i < s->generated.list.n; i++)
		n[s->generated.list.v[i].by]++;
	symbols_named_count(b, n[SYMBOLS_MODULES], "module", "modules");
	for (i = 0; i < GENERATORS; i++)
		symbols_named_count(b, n[i], names[i].one, names[i].many);
	for (i = 0; i <= SYMBOLS_MODULES; i++)
		if (!s->known[i])
			buf_printf(b, "; not at its %s, which it keeps %s",
				   names[i].many, profile_keeps(s->k->profile));
}
