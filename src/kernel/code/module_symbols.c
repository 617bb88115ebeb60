/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the symbol tables of modules: ELF symbols, then their names. */
#include "kernel/code/module_symbols.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "symbols/names.h"
#include "symbols/symtab.h"

/* struct elf64_sym of a module: offset of its name, section, value
 * (docs/facts/kernel.md, "Modules") */
#define SYM_BYTES sizeof(Elf64_Sym)
#define SYM_NAME  offsetof(Elf64_Sym, st_name)
#define SYM_SHNDX offsetof(Elf64_Sym, st_shndx)
#define SYM_VALUE offsetof(Elf64_Sym, st_value)

/* A module whose table is being read. */
struct symbols_job {
	const struct module *module;
	struct module_symbols *out;
	uint8_t *table;
	size_t n;	  /* symbols of the table that are there */
	size_t names_len; /* bytes of names that are there */
	bool damaged;
};

struct symbols_reader {
	struct kernel *k;
	struct symbols_job *jobs;
	struct space_read *reads; /* one per job */
	size_t n;
	uint64_t *room;
	struct remarks *remarks;
};

static void symbols_reader_deinit(struct symbols_reader *r)
{
	size_t i;

	for (i = 0; r->jobs && i < r->n; i++)
		free(r->jobs[i].table);
	free(r->jobs);
	free(r->reads);
}

static bool take_room(struct symbols_reader *r, const struct module *m,
		      uint64_t bytes)
{
	if (bytes > *r->room) {
		remarks_add(r->remarks,
			    "the modules have more symbols than are read: "
			    "those of %s were not looked at",
			    m->name);
		return false;
	}
	*r->room -= bytes;
	return true;
}

/* Those that are to be read, with memory for their tables. */
static int begin_jobs(struct symbols_reader *r,
		      struct module_symbols_want *wants, size_t n)
{
	struct symbols_job *job;
	uint64_t bytes;
	size_t i;

	r->jobs = calloc(n + 1, sizeof(*r->jobs));
	r->reads = calloc(n + 1, sizeof(*r->reads));
	if (!r->jobs || !r->reads)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		bytes = wants[i].module->n_symbols * (uint64_t)SYM_BYTES;
		if (wants[i].out->read)
			continue;
		wants[i].out->read = true;
		if (!bytes || !take_room(r, wants[i].module, bytes))
			continue;
		job = &r->jobs[r->n++];
		job->module = wants[i].module;
		job->out = wants[i].out;
		job->table = malloc(bytes);
		if (!job->table)
			return ERR_NOMEM;
	}
	return 0;
}

static int module_symbols_read_tables(struct symbols_reader *r, struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++)
		r->reads[i] = (struct space_read){
			.root = &r->k->root,
			.va = r->jobs[i].module->symtab,
			.dst = r->jobs[i].table,
			.len = r->jobs[i].module->n_symbols * SYM_BYTES};
	rc = space_read(r->k->machine, r->reads, r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		r->jobs[i].n = r->reads[i].got / SYM_BYTES;
		r->jobs[i].damaged = r->reads[i].got < r->reads[i].len;
	}
	return rc;
}

/*
 * Bytes of names up to the end of the last one, as far as can be told before
 * they are read.  Where a name is beyond the module's memory it is no name.
 */
static uint64_t plan_names(struct symbols_job *job)
{
	const struct module *m = job->module;
	uint64_t last = 0, at;
	size_t i;

	for (i = 0; i < job->n; i++) {
		at = le32(job->table + i * SYM_BYTES + SYM_NAME);
		if (at >= m->strtab_room)
			job->damaged = true;
		else if (at > last)
			last = at;
	}
	last += SYMTAB_MAX_NAME + 1;
	return last < m->strtab_room ? last : m->strtab_room;
}

static int module_symbols_read_names(struct symbols_reader *r, struct err *err)
{
	struct symbols_job *job;
	uint64_t len;
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++) {
		job = &r->jobs[i];
		len = plan_names(job);
		if (!take_room(r, job->module, len))
			job->n = len = 0;
		job->out->names = malloc(len + 1);
		if (!job->out->names)
			return err_nomem(err);
		r->reads[i] = (struct space_read){.root = &r->k->root,
						  .va = job->module->strtab,
						  .dst = job->out->names,
						  .len = len};
	}
	rc = space_read(r->k->machine, r->reads, r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		r->jobs[i].names_len = r->reads[i].got;
		r->jobs[i].out->names[r->reads[i].got] = '\0';
	}
	return rc;
}

/* Whether a symbol has a name; one that does not end is none. */
static bool is_named(struct symbols_job *job, uint32_t name)
{
	size_t left = name < job->names_len ? job->names_len - name : 0, len;

	if (left > SYMTAB_MAX_NAME + 1)
		left = SYMTAB_MAX_NAME + 1;
	len = left ? strnlen(job->out->names + name, left) : 0;
	if (len == left)
		job->damaged = true;
	return len && len < left;
}

/* How a symbol competes with others of its address. */
struct ranked {
	struct module_symbol symbol;
	unsigned int rank;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->symbol.va != y->symbol.va)
		return x->symbol.va < y->symbol.va ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->symbol.number < y->symbol.number ? -1 : 1;
}

static int take_symbols(struct symbols_job *job)
{
	_cleanup_free_ struct ranked *all = calloc(job->n + 1, sizeof(*all));
	struct module_symbols *out = job->out;
	const uint8_t *sym = job->table;
	size_t i, n = 0;
	uint32_t name;

	if (!all || vec_reserve(&out->list, job->n))
		return ERR_NOMEM;
	for (i = 0; i < job->n; i++, sym += SYM_BYTES) {
		name = le32(sym + SYM_NAME);
		if (le16(sym + SYM_SHNDX) == SHN_UNDEF || !is_named(job, name))
			continue;
		all[n++] =
			(struct ranked){.symbol = {.va = le64(sym + SYM_VALUE),
						   .name = name,
						   .number = (uint32_t)i},
					.rank = names_rank(out->names + name)};
	}
	if (n)
		qsort(all, n, sizeof(*all), compare_ranked);
	for (i = 0; i < n; i++)
		out->list.v[i] = all[i].symbol;
	out->list.n = n;
	return 0;
}

int module_symbols_read(struct kernel *k, struct module_symbols_want *wants,
			size_t n, uint64_t *room, struct remarks *remarks,
			struct err *err)
{
	_cleanup_(symbols_reader_deinit) struct symbols_reader r = {
		.k = k, .room = room, .remarks = remarks};
	size_t i;
	int rc;

	if (begin_jobs(&r, wants, n))
		return err_nomem(err);
	rc = module_symbols_read_tables(&r, err);
	if (!rc)
		rc = module_symbols_read_names(&r, err);
	for (i = 0; i < r.n && !rc; i++) {
		if (take_symbols(&r.jobs[i]))
			return err_nomem(err);
		if (r.jobs[i].damaged)
			remarks_add(remarks,
				    "module %s is damaged: not all of its "
				    "symbols can be read",
				    r.jobs[i].module->name);
	}
	return rc;
}

void module_symbols_deinit(struct module_symbols *s)
{
	vec_deinit(&s->list);
	free(s->names);
	*s = (struct module_symbols){0};
}

/* How many symbols are at or before va. */
static size_t count_up_to(const struct module_symbols *s, uint64_t va)
{
	size_t lo = 0, hi = s->list.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->list.v[mid].va > va)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const struct module_symbol *module_symbols_at(const struct module_symbols *s,
					      uint64_t va, uint64_t start)
{
	size_t i = count_up_to(s, va);

	if (!i || s->list.v[i - 1].va < start)
		return NULL;
	for (i--; i && s->list.v[i - 1].va == s->list.v[i].va; i--)
		;
	return &s->list.v[i];
}

uint64_t module_symbols_next(const struct module_symbols *s, uint64_t va)
{
	size_t i = count_up_to(s, va);

	return i < s->list.n ? s->list.v[i].va : UINT64_MAX;
}

const char *module_symbols_name(const struct module_symbols *s,
				const struct module_symbol *symbol)
{
	return s->names + symbol->name;
}
