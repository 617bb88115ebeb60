/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the letters of modules' symbols: their types, and who is exported. */
#include "kernel/code/module_letters.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "symbols/symtab.h"

/* What is wanted of the types: docs/facts/kernel.md, "Modules". */
enum {
	FIELD_EXPORT_VALUE = WANTS_OF(READER_MODULE_LETTERS),
	FIELD_EXPORT_NAME,
	STRUCT_EXPORT
};

/* The offsets, from where they are themselves, since 4.19. */
static const struct want want_table[] = {
	FIELD(EXPORT_VALUE, "kernel_symbol", OPTIONAL, "value_offset|value"),
	FIELD(EXPORT_NAME, "kernel_symbol", OPTIONAL, "name_offset|name"),
	STRUCT(EXPORT, "kernel_symbol", OPTIONAL),
};

const struct wants module_letters_wants = {.reader = "what modules export",
					   .v = want_table,
					   .n = WANTS_N(want_table)};

/* A symbol that a module exports to all, and where its name is. */
struct exported {
	uint64_t value, name;
};

struct letters_job {
	const struct module *module;
	const struct module_symbols *table;
	struct module_letters *out;
	uint8_t *bytes; /* of what it exports */
	struct exported *exports;
	size_t n;
	char *names;
	uint64_t names_at;
	size_t names_len;
	const char *damaged; /* what is; NULL: nothing */
};

struct letters_reader {
	struct kernel *k;
	struct letters_job *jobs;
	struct space_read *reads; /* at most two per job */
	struct letters_job **of;  /* whose each of them is */
	size_t n, n_reads;
	uint64_t room;
};

static void letters_reader_deinit(struct letters_reader *r)
{
	size_t i;

	for (i = 0; r->jobs && i < r->n; i++) {
		free(r->jobs[i].bytes);
		free(r->jobs[i].exports);
		free(r->jobs[i].names);
	}
	free(r->jobs);
	free(r->reads);
	free(r->of);
}

/*
 * Plan to read `len` bytes of a module's own memory.  NULL where they are not
 * there, or there is no memory for them, which *rc tells.
 */
static void *letters_plan(struct letters_reader *r, struct letters_job *job,
			  uint64_t va, uint64_t len, int *rc)
{
	void *dst;

	if (!module_range_of(job->module, va, len) || len > r->room)
		return NULL;
	dst = calloc(1, len + 1);
	*rc = dst ? 0 : ERR_NOMEM;
	if (!dst)
		return NULL;
	r->room -= len;
	r->of[r->n_reads] = job;
	r->reads[r->n_reads++] = (struct space_read){
		.root = &r->k->root, .va = va, .dst = dst, .len = len};
	return dst;
}

static int plan_types(struct letters_reader *r, struct letters_job *job)
{
	const struct module *m = job->module;
	uint64_t stride = profile_sizeof(r->k->profile, STRUCT_EXPORT);
	int rc = 0;

	if (!job->table->list.n || !m->typetab)
		return 0;
	job->out->v = letters_plan(r, job, m->typetab, m->n_symbols, &rc);
	if (job->out->v)
		job->out->n = m->n_symbols;
	else
		job->damaged = "its symbols' types are";
	if (rc || !m->n_exports || !stride)
		return rc;
	job->bytes =
		letters_plan(r, job, m->exports, m->n_exports * stride, &rc);
	if (job->bytes)
		job->n = m->n_exports;
	else
		job->damaged = "what it exports is";
	return rc;
}

/* All that was planned, as one batch; what did not come is damaged. */
static int letters_run(struct letters_reader *r, const char *what,
		       struct err *err)
{
	size_t i;
	int rc = space_read(r->k->machine, r->reads, r->n_reads, err);

	for (i = 0; i < r->n_reads && !rc; i++)
		if (r->reads[i].got < r->reads[i].len)
			r->of[i]->damaged = what;
	r->n_reads = 0;
	return rc;
}

/* A member of 4 bytes counts from itself, one of 8 is an address. */
static uint64_t export_address(const struct profile_field *f,
			       const uint8_t *bytes, uint64_t va)
{
	if (f->size != 4)
		return le64(bytes + f->offset);
	return va + f->offset +
	       (uint64_t)(int64_t)(int32_t)le32(bytes + f->offset);
}

static int by_value(const void *a, const void *b)
{
	const struct exported *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static bool has_exports(const struct kernel *k)
{
	const struct profile *p = k->profile;
	const struct profile_field *value =
		profile_field(p, FIELD_EXPORT_VALUE);
	const struct profile_field *name = profile_field(p, FIELD_EXPORT_NAME);
	uint32_t size = profile_sizeof(p, STRUCT_EXPORT);

	return value->present && name->present &&
	       (value->size == 4 || value->size == 8) &&
	       (name->size == 4 || name->size == 8) &&
	       value->offset + value->size <= size &&
	       name->offset + name->size <= size;
}

/* Their names lie side by side: all are one piece. */
static int plan_names(struct letters_reader *r, struct letters_job *job)
{
	const struct profile *p = r->k->profile;
	uint64_t stride = profile_sizeof(p, STRUCT_EXPORT), end = 0, va;
	const struct module_range *range;
	int rc = 0;
	size_t i;

	if (!job->n || job->damaged)
		return 0;
	job->exports = calloc(job->n, sizeof(*job->exports));
	if (!job->exports)
		return ERR_NOMEM;
	job->names_at = UINT64_MAX;
	for (i = 0; i < job->n; i++) {
		const uint8_t *bytes = job->bytes + i * stride;
		struct exported *e = &job->exports[i];

		va = job->module->exports + i * stride;
		e->value = export_address(profile_field(p, FIELD_EXPORT_VALUE),
					  bytes, va);
		e->name = export_address(profile_field(p, FIELD_EXPORT_NAME),
					 bytes, va);
		if (e->name < job->names_at)
			job->names_at = e->name;
		if (e->name > end)
			end = e->name;
	}
	qsort(job->exports, job->n, sizeof(*job->exports), by_value);
	range = module_range_of(job->module, job->names_at,
				end - job->names_at + 1);
	if (range) {
		end += SYMTAB_MAX_NAME + 1;
		if (end - range->start > range->size)
			end = range->start + range->size;
		job->names = letters_plan(r, job, job->names_at,
					  end - job->names_at, &rc);
	}
	if (job->names)
		job->names_len = end - job->names_at;
	else
		job->damaged = "the names of what it exports are";
	return rc;
}

/* Only what EXPORT_SYMBOL() is said of, not those for the GPL. */
static bool is_exported(const struct letters_job *job, uint64_t va,
			const char *name)
{
	size_t lo = 0, hi = job->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (job->exports[mid].value < va)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < job->n && job->exports[lo].value == va; lo++)
		if (!strcmp(job->names +
				    (job->exports[lo].name - job->names_at),
			    name))
			return true;
	return false;
}

static void settle_letters(struct letters_job *job, struct remarks *remarks)
{
	size_t i;

	if (job->damaged) {
		remarks_add(remarks,
			    "module %s is damaged: %s not in its memory",
			    job->module->name, job->damaged);
		job->out->n = 0;
		return;
	}
	for (i = 0; i < job->table->list.n && job->out->n; i++) {
		const struct module_symbol *s = &job->table->list.v[i];
		char *letter = &job->out->v[s->number];

		*letter = (char)(is_exported(job, s->va,
					     module_symbols_name(job->table, s))
					 ? toupper((unsigned char)*letter)
					 : tolower((unsigned char)*letter));
	}
}

static int letters_init(struct letters_reader *r, const struct modules *modules,
			const struct module_symbols *tables,
			struct module_letters *out)
{
	size_t n = modules->list.n, i;

	r->jobs = calloc(n + 1, sizeof(*r->jobs));
	r->reads = calloc(2 * n + 1, sizeof(*r->reads));
	r->of = calloc(2 * n + 1, sizeof(*r->of));
	if (!r->jobs || !r->reads || !r->of)
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		r->jobs[r->n++] =
			(struct letters_job){.module = &modules->list.v[i],
					     .table = &tables[i],
					     .out = &out[i]};
	return 0;
}

int module_letters_read(struct kernel *k, const struct modules *modules,
			const struct module_symbols *tables,
			struct module_letters *out, struct remarks *remarks,
			struct err *err)
{
	_cleanup_(letters_reader_deinit) struct letters_reader r = {
		.k = k, .room = MODULE_LETTERS_ROOM};
	size_t i;
	int rc;

	if (!has_exports(k)) {
		/* upper case is what is exported */
		if (modules->list.n)
			remarks_add(remarks,
				    "the types of modules' symbols are kept in "
				    "no way that is known");
		return 0;
	}
	if (letters_init(&r, modules, tables, out))
		return err_nomem(err);
	for (i = 0; i < r.n; i++)
		if (plan_types(&r, &r.jobs[i]))
			return err_nomem(err);
	rc = letters_run(&r, "its symbols' types are", err);
	for (i = 0; i < r.n && !rc; i++)
		if (plan_names(&r, &r.jobs[i]))
			rc = err_nomem(err);
	if (!rc)
		rc = letters_run(&r, "the names of what it exports are", err);
	for (i = 0; i < r.n && !rc; i++)
		settle_letters(&r.jobs[i], remarks);
	return rc;
}

void module_letters_deinit(struct module_letters *l)
{
	free(l->v);
	*l = (struct module_letters){0};
}

char module_letter(const struct module_letters *l,
		   const struct module_symbol *symbol)
{
	char letter = symbol->number < l->n ? l->v[symbol->number] : 0;

	return isascii(letter) && isalpha((unsigned char)letter)
		       ? letter
		       : SYMTAB_NO_TYPE;
}
