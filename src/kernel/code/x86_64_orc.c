/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the rules by which a kernel unwinds its own stacks. */
#include "kernel/code/x86_64_orc.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/code/x86_64_orc_mend.h"
#include "kernel/code/x86_64_orc_table.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_NUM_ORCS = WANTS_OF(READER_X86_64_ORC),
	FIELD_MODULE_ORC_IP,
	FIELD_MODULE_ORC
};

static const struct want want_table[] = {
	FIELD(MODULE_NUM_ORCS, "module", OPTIONAL, "arch.num_orcs"),
	FIELD(MODULE_ORC_IP, "module", OPTIONAL, "arch.orc_unwind_ip"),
	FIELD(MODULE_ORC, "module", OPTIONAL, "arch.orc_unwind"),
};

const struct wants x86_64_orc_wants = {.reader = "rules for unwinding",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

struct orc_reader {
	struct kernel *k;
	struct remarks *remarks;
	struct orc_tables *out;
	VEC(struct orc_source) sources;
	uint8_t *bytes; /* theirs, one behind the other */
	enum orc_format format;
	bool indirect_before; /* struct orc_table, sp_indirect_before */
};

static void orc_reader_deinit(struct orc_reader *r)
{
	free(r->bytes);
	vec_deinit(&r->sources);
}

/* From one symbol to another; empty where there are none. */
static struct module_range range_between(const struct kernel *k,
					 const char *start, const char *end)
{
	struct module_range range = {0};
	uint64_t stop;

	if (profile_symbol(k->profile, start, &range.start) &&
	    profile_symbol(k->profile, end, &stop) && stop > range.start)
		range.size = stop - range.start;
	return range;
}

/* What the kernel's own symbols say of its image. */
static int add_image(struct orc_reader *r)
{
	struct module_range places = range_between(
		r->k, "__start_orc_unwind_ip", "__stop_orc_unwind_ip");
	struct module_range entries =
		range_between(r->k, "__start_orc_unwind", "__stop_orc_unwind");
	struct orc_source s = {
		.name = "the kernel",
		.places_va = places.start,
		.entries_va = entries.start,
		.n = places.size / 4,
		.code = {range_between(r->k, "_stext", "_etext"),
			 range_between(r->k, "_sinittext", "_einittext")},
	};

	if (s.code[1].start < s.code[0].start + s.code[0].size)
		s.code[1].size = 0;
	if (!s.n || !s.code[0].size) {
		remarks_add(r->remarks,
			    "this kernel has no rules for unwinding (ORC)");
		return 0;
	}
	if (s.n > ORC_RULES_MAX || entries.size / ORC_ENTRY_BYTES != s.n) {
		remarks_add(r->remarks,
			    "the kernel's rules for unwinding make no sense: "
			    "0x%llx bytes for 0x%llx bytes of places",
			    (unsigned long long)entries.size,
			    (unsigned long long)places.size);
		return 0;
	}
	return vec_push(&r->sources, s) ? ERR_NOMEM : 0;
}

/* What a module says of itself; its rules are in its own memory. */
static int add_module(struct orc_reader *r, const struct records *rec, size_t i,
		      const struct module *m, size_t *room)
{
	struct orc_source s = {
		.owner = (uint32_t)i + 1,
		.name = m->name,
		.places_va = records_u64(rec, i, FIELD_MODULE_ORC_IP),
		.entries_va = records_u64(rec, i, FIELD_MODULE_ORC),
		.n = (uint32_t)records_u64(rec, i, FIELD_MODULE_NUM_ORCS),
		.code = {{m->text, m->text_size}},
	};

	if (!s.n || !m->text_size)
		return 0;
	if (!module_range_of(m, s.places_va, s.n * 4) ||
	    !module_range_of(m, s.entries_va, s.n * ORC_ENTRY_BYTES)) {
		remarks_add(r->remarks,
			    "module %s is damaged: its rules for unwinding are "
			    "not in its memory",
			    m->name);
		return 0;
	}
	if (s.n > *room) {
		remarks_add(r->remarks,
			    "modules have more than %u rules for unwinding: "
			    "those of %s were not looked at",
			    ORC_RULES_MAX, m->name);
		return 0;
	}
	*room -= s.n;
	return vec_push(&r->sources, s) ? ERR_NOMEM : 0;
}

static int add_modules(struct orc_reader *r, const struct modules *m,
		       struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_MODULE_NUM_ORCS, FIELD_MODULE_ORC_IP, FIELD_MODULE_ORC};
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *addrs = calloc(m->list.n + 1, sizeof(*addrs));
	size_t room = ORC_RULES_MAX, i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < m->list.n; i++)
		addrs[i] = m->list.v[i].addr;
	rc = records_read(r->k, addrs, m->list.n, fields, 3, &rec, err);
	for (i = 0; i < m->list.n && !rc; i++)
		if (rec.ok[i] && add_module(r, &rec, i, &m->list.v[i], &room))
			rc = err_nomem(err);
	return rc;
}

/* Memory for what is read. */
static int place_sources(struct orc_reader *r)
{
	size_t all = 0, i;
	uint8_t *at;

	for (i = 0; i < r->sources.n; i++)
		all += r->sources.v[i].n * (4 + ORC_ENTRY_BYTES);
	at = r->bytes = malloc(all + 1);
	for (i = 0; i < r->sources.n && r->bytes; i++) {
		struct orc_source *s = &r->sources.v[i];

		s->places = at;
		s->entries = at + s->n * 4;
		at = s->entries + s->n * ORC_ENTRY_BYTES;
	}
	return r->bytes ? 0 : ERR_NOMEM;
}

/* The header, and all places and entries, in one batch. */
static int read_sources(struct orc_reader *r, uint8_t *header, bool *has_header,
			struct err *err)
{
	size_t n = r->sources.n, i;
	_cleanup_free_ struct space_read *reads =
		calloc(2 * n + 1, sizeof(*reads));
	uint64_t header_va = 0;
	int rc;

	if (!reads || place_sources(r))
		return err_nomem(err);
	*has_header =
		profile_symbol(r->k->profile, "__start_orc_header", &header_va);
	for (i = 0; i < n; i++) {
		struct orc_source *s = &r->sources.v[i];

		reads[2 * i] = (struct space_read){.root = &r->k->root,
						   .va = s->places_va,
						   .dst = s->places,
						   .len = s->n * 4};
		reads[2 * i + 1] =
			(struct space_read){.root = &r->k->root,
					    .va = s->entries_va,
					    .dst = s->entries,
					    .len = s->n * ORC_ENTRY_BYTES};
	}
	reads[2 * n] =
		(struct space_read){.root = &r->k->root,
				    .va = header_va,
				    .dst = header,
				    .len = *has_header ? ORC_HEADER_BYTES : 0};
	rc = space_read(r->k->machine, reads, 2 * n + 1, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[2 * i].got < reads[2 * i].len ||
		    reads[2 * i + 1].got < reads[2 * i + 1].len)
			r->sources.v[i].n = 0;
	*has_header = *has_header && reads[2 * n].got == ORC_HEADER_BYTES;
	return rc;
}

/*
 * What the kernel says of its format, and what its rules look like, must not
 * differ; a format that is too new to be known may be one of these all the
 * same.
 */
static bool tell_format(struct orc_reader *r, const uint8_t *header)
{
	const struct orc_source *image = &r->sources.v[0];
	enum orc_format said =
		header ? orc_format_of_header(header) : ORC_FORMAT_NONE;
	enum orc_format seen = orc_format_of_entries(image->entries, image->n);

	if (said && seen && said != seen)
		seen = ORC_FORMAT_NONE;
	else if (said)
		seen = said;
	r->format = seen;
	if (!seen)
		remarks_add(r->remarks,
			    "the kernel's rules for unwinding are in no format "
			    "that is known");
	return seen != ORC_FORMAT_NONE;
}

static int add_table(struct orc_reader *r, const struct orc_source *s)
{
	if (s->n)
		return orc_table_make(r->format, s, r->out, r->remarks);
	remarks_add(r->remarks, "the rules for unwinding of %s cannot be read",
		    s->name);
	return 0;
}

/*
 * Up to 5.11 such a rule was of registers that entry code had left elsewhere,
 * and had its offset taken before the read; since then it is of functions that
 * switch stacks, and of nothing else.
 */
static bool indirect_before(const struct orc_table *t)
{
	bool regs = false, call = false;
	size_t i;

	for (i = 0; i < t->rules.n; i++)
		if (t->rules.v[i].sp_base == ORC_SP_INDIRECT) {
			call |= t->rules.v[i].kind == ORC_CALL;
			regs |= t->rules.v[i].kind != ORC_CALL;
		}
	return regs && !call;
}

int orc_read(struct kernel *k, const struct modules *m, struct orc_tables *out,
	     struct remarks *remarks, struct err *err)
{
	_cleanup_(orc_reader_deinit) struct orc_reader r = {
		.k = k, .remarks = remarks, .out = out};
	uint8_t header[ORC_HEADER_BYTES];
	bool has_header, before;
	size_t i;
	int rc;

	if (add_image(&r))
		return err_nomem(err);
	if (!r.sources.n)
		return 0;
	rc = add_modules(&r, m, err);
	if (!rc)
		rc = read_sources(&r, header, &has_header, err);
	if (rc)
		return rc;
	if (r.sources.v[0].n && !tell_format(&r, has_header ? header : NULL))
		return 0;
	for (i = 0; i < r.sources.n && !rc; i++) {
		rc = add_table(&r, &r.sources.v[i]);
		if (!out->n)
			break; /* without the kernel's no others help */
	}
	before = out->n && indirect_before(&out->v[0]);
	for (i = 0; i < out->n; i++)
		out->v[i].sp_indirect_before = before;
	if (rc)
		return err_nomem(err);
	return out->n ? orc_mend(k, &out->v[0], err) : 0;
}
