/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a portrait's values of what was read, and of what the profile has. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "export/raw.h"
#include "profile/listing.h"
#include "types/btf.h"

/* Symbols on their way into a portrait. */
struct settling {
	struct portrait *p;
	size_t odd; /* names that no symbol has */
};

/* Nothing that would end a line, or a field of it, in a file. */
static bool is_symbol_name(const char *name)
{
	const unsigned char *c = (const unsigned char *)name;

	for (; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return false;
	return *name;
}

static int add_symbol(struct settling *s, struct portrait_symbol symbol,
		      const char *name)
{
	if (!is_symbol_name(name)) {
		s->odd++;
		return 0;
	}
	symbol.name = s->p->names.len;
	buf_add(&s->p->names, name, strlen(name) + 1);
	return s->p->names.oom || vec_push(&s->p->symbols, symbol) ? ERR_NOMEM
								   : 0;
}

static int settle_image(struct settling *s)
{
	const struct profile *profile = s->p->raw->k->profile;
	struct profile_listing at = {0};
	struct profile_listed l;

	while (profile_list(profile, &at, &l))
		if (add_symbol(s,
			       (struct portrait_symbol){.va = l.va,
							.owner = PORTRAIT_IMAGE,
							.type = l.type,
							.absolute = l.absolute},
			       l.name))
			return ERR_NOMEM;
	return 0;
}

/* The symbols of a module in the order of its own table. */
static int settle_module(struct settling *s, uint32_t number)
{
	const struct portrait_raw *raw = s->p->raw;
	const struct module_symbols *table = &raw->tables[number];
	uint32_t n = raw->modules.list.v[number].n_symbols, i;
	_cleanup_free_ const struct module_symbol **by_number =
		calloc(n + 1, sizeof(*by_number));

	if (!by_number)
		return ERR_NOMEM;
	for (i = 0; i < table->list.n; i++)
		by_number[table->list.v[i].number] = &table->list.v[i];
	for (i = 0; i < n; i++) {
		const struct module_symbol *m = by_number[i];
		struct portrait_symbol symbol = {.owner = number + 1};

		if (!m)
			continue;
		symbol.va = m->va;
		symbol.type = module_letter(&raw->letters[number], m);
		symbol.absolute = !kernel_pointer(raw->k, m->va);
		if (add_symbol(s, symbol, module_symbols_name(table, m)))
			return ERR_NOMEM;
	}
	return 0;
}

/* The number of who made generated code; 0: there is no memory for it. */
static uint32_t generator_owner(struct portrait *p, enum generator by)
{
	const char *name = generated_module(by);
	struct portrait_owner o = {0};
	size_t i;

	for (i = p->n_modules; i < p->owners.n; i++)
		if (!strcmp(p->owners.v[i].name, name))
			return (uint32_t)i + 1;
	memcpy(o.name, name, strlen(name));
	return vec_push(&p->owners, o) ? 0 : (uint32_t)p->owners.n;
}

static int settle_generated(struct settling *s)
{
	const struct generated_code *code = &s->p->raw->generated;
	size_t i;

	for (i = 0; i < code->list.n; i++) {
		const struct generated *g = &code->list.v[i];
		struct portrait_symbol symbol = {.va = g->start, .type = 't'};

		symbol.owner = generator_owner(s->p, g->by);
		if (!symbol.owner ||
		    add_symbol(s, symbol, generated_name(code, g)))
			return ERR_NOMEM;
	}
	return 0;
}

int raw_settle_symbols(struct portrait *p, struct err *err)
{
	struct settling s = {.p = p};
	uint32_t i;
	int rc;

	if (!(p->raw->wants & PORTRAIT_SYMBOLS))
		return 0;
	rc = settle_image(&s);
	for (i = 0; i < p->n_modules && !rc; i++)
		rc = settle_module(&s, i);
	if (!rc)
		rc = settle_generated(&s);
	if (s.odd)
		remarks_add(&p->remarks,
			    "%zu symbols are left out, whose names are not of "
			    "printable characters",
			    s.odd);
	return rc ? err_nomem(err) : 0;
}

/* A module's types, which are checked; they are the portrait's from then on. */
static int settle_module_types(struct portrait *p, const struct btf *base,
			       struct btf_module *m, struct err *err)
{
	const char *name = p->owners.v[m->module].name;
	struct err why = {0};
	struct btf split;
	uint32_t n;
	int rc = btf_check_base(base, m->start_id, m->start_string, &why);

	if (!rc)
		rc = btf_init_split(&split, base, m->blob, m->len, &why);
	if (rc == ERR_NOMEM)
		return err_nomem(err);
	if (rc) {
		remarks_add(&p->remarks,
			    "the types of module %s are left out: %s", name,
			    why.text);
		return 0;
	}
	n = btf_end(&split) - split.first_id;
	btf_deinit(&split);
	if (vec_push(&p->types, {.owner = (uint32_t)m->module + 1,
				 .btf = m->blob,
				 .len = m->len,
				 .n = n}))
		return err_nomem(err);
	m->blob = NULL;
	return 0;
}

static int settle_kernel_types(struct portrait *p, struct err *err)
{
	struct err why = {0};
	const uint8_t *btf;
	uint8_t *copy;
	size_t len;
	int rc = profile_btf(p->raw->k->profile, &btf, &len, &why);

	if (rc == ERR_NOT_FOUND) {
		remarks_add(&p->remarks, "%s", why.text);
		return 0;
	}
	if (rc)
		return err_pass(err, &why);
	copy = malloc(len);
	if (!copy ||
	    vec_push(&p->types,
		     {.owner = PORTRAIT_IMAGE, .btf = copy, .len = len})) {
		free(copy);
		return err_nomem(err);
	}
	memcpy(copy, btf, len);
	return 0;
}

int raw_settle_types(struct portrait *p, struct err *err)
{
	struct btf_modules *modules = &p->raw->btf;
	struct btf base;
	size_t i;
	int rc;

	if (!(p->raw->wants & PORTRAIT_TYPES))
		return 0;
	rc = settle_kernel_types(p, err);
	if (rc || !p->types.n)
		return rc;
	rc = btf_init(&base, p->types.v[0].btf, p->types.v[0].len, err);
	if (!rc)
		p->types.v[0].n = btf_end(&base) - 1;
	for (i = 0; i < modules->list.n && !rc; i++)
		rc = settle_module_types(p, &base, &modules->list.v[i], err);
	btf_deinit(&base);
	return rc;
}
