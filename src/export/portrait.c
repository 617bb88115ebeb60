/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes a portrait: first all that is read, then all that comes of it. */
#include "export/portrait.h"

#include <stdlib.h>
#include <string.h>

#include "export/raw.h"
#include "kernel/stack/x86_64_orc_prove.h"

static void raw_destroy(struct portrait_raw *raw)
{
	size_t i;

	if (!raw)
		return;
	for (i = 0; i < raw->modules.list.n; i++) {
		if (raw->tables)
			module_symbols_deinit(&raw->tables[i]);
		if (raw->letters)
			module_letters_deinit(&raw->letters[i]);
	}
	free(raw->tables);
	free(raw->letters);
	btf_modules_deinit(&raw->btf);
	free(raw->code);
	free(raw->code_bytes);
	generated_deinit(&raw->generated);
	modules_deinit(&raw->modules);
	free(raw);
}

/* What an open kernel, and its profile, tell at once. */
static void portrait_begin(struct portrait *p, const struct kernel *k)
{
	memcpy(p->release, k->release, sizeof(p->release));
	memcpy(p->banner, k->banner, sizeof(p->banner));
	p->slide = k->slide;
	p->start = k->text;
	profile_symbol(k->profile, "_end", &p->end);
	profile_symbol(k->profile, "__per_cpu_start", &p->per_cpu);
	profile_symbol(k->profile, "__per_cpu_end", &p->per_cpu_end);
}

/* Proven while the tasks that prove them stand still. */
static int read_unwind(struct portrait *p, struct err *err)
{
	struct portrait_raw *raw = p->raw;
	int rc;

	if (!(raw->wants & PORTRAIT_UNWIND))
		return 0;
	rc = orc_read(raw->k, &raw->modules, &p->unwind, &p->remarks, err);
	return rc ? rc : orc_prove(raw->k, &p->unwind, NULL, &p->remarks, err);
}

int portrait_take(struct kernel *k, unsigned int wants, struct portrait *p,
		  struct err *err)
{
	int rc;

	p->raw = calloc(1, sizeof(*p->raw));
	if (!p->raw)
		return err_nomem(err);
	p->raw->k = k;
	p->raw->wants = wants;
	portrait_begin(p, k);
	rc = raw_read_owners(p, err);
	if (!rc)
		rc = raw_read_symbols(p, err);
	if (!rc)
		rc = raw_read_bytes(p, err);
	if (!rc)
		rc = raw_read_generated(p, err);
	if (!rc)
		rc = read_unwind(p, err);
	return rc;
}

int portrait_settle(struct portrait *p, struct err *err)
{
	int rc = raw_settle_symbols(p, err);

	if (!rc)
		rc = raw_settle_types(p, err);
	if (!rc)
		rc = raw_settle_generated(p, err);
	raw_destroy(p->raw);
	p->raw = NULL;
	return rc;
}

void portrait_deinit(struct portrait *p)
{
	size_t i;

	raw_destroy(p->raw);
	for (i = 0; i < p->types.n; i++)
		free(p->types.v[i].btf);
	for (i = 0; i < p->text.n; i++)
		free(p->text.v[i].bytes);
	vec_deinit(&p->symbols);
	vec_deinit(&p->owners);
	vec_deinit(&p->types);
	orc_tables_deinit(&p->unwind);
	vec_deinit(&p->text);
	buf_deinit(&p->names);
	remarks_deinit(&p->remarks);
	*p = (struct portrait){0};
}

const char *portrait_name(const struct portrait *p,
			  const struct portrait_symbol *s)
{
	return p->names.data + s->name;
}
