/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads where sections of a module were put. */
#include "kernel/code/module_sections.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_SECTIONS = WANTS_OF(READER_MODULE_SECTIONS),
	FIELD_MODULE_NUM_ORCS,
	FIELD_MODULE_ORC_IP,
	FIELD_SECTIONS_COUNT,
	FIELD_SECTIONS_ATTRS,
	FIELD_SECTIONS_LIST,
	FIELD_SECTION_NAME,
	FIELD_SECTION_ADDRESS,
	FIELD_ATTRIBUTE_NAME,
	FIELD_ATTRIBUTE_PRIVATE,
	STRUCT_SECTION
};

static const struct want want_table[] = {
	FIELD(MODULE_SECTIONS, "module", OPTIONAL, "sect_attrs"),
	FIELD(MODULE_NUM_ORCS, "module", OPTIONAL, "arch.num_orcs"),
	FIELD(MODULE_ORC_IP, "module", OPTIONAL, "arch.orc_unwind_ip"),
	FIELD(SECTIONS_COUNT, "module_sect_attrs", OPTIONAL,
	      "nsections"), /* up to 6.13 */
	FIELD(SECTIONS_ATTRS, "module_sect_attrs", OPTIONAL, "attrs"),
	FIELD(SECTIONS_LIST, "module_sect_attrs", OPTIONAL, "grp.bin_attrs"),
	FIELD(SECTION_NAME, "module_sect_attr", OPTIONAL,
	      "battr.attr.name|name"), /* 5.8, before */
	FIELD(SECTION_ADDRESS, "module_sect_attr", OPTIONAL, "address"),
	FIELD(ATTRIBUTE_NAME, "bin_attribute", OPTIONAL, "attr.name"),
	FIELD(ATTRIBUTE_PRIVATE, "bin_attribute", OPTIONAL, "private"),
	STRUCT(SECTION, "module_sect_attr", OPTIONAL),
};

const struct wants module_sections_wants = {.reader = "sections of modules",
					    .v = want_table,
					    .n = WANTS_N(want_table)};

static const uint32_t module_fields[] = {
	FIELD_MODULE_SECTIONS, FIELD_MODULE_NUM_ORCS, FIELD_MODULE_ORC_IP};
static const uint32_t count_fields[] = {FIELD_SECTIONS_COUNT,
					FIELD_SECTIONS_LIST};

/* How each is told: a struct of its own, or a bin_attribute (6.14). */
struct section_form {
	uint32_t fields[2]; /* its name, its address */
};
static const struct section_form own = {
	{FIELD_SECTION_NAME, FIELD_SECTION_ADDRESS}};
static const struct section_form attribute = {
	{FIELD_ATTRIBUTE_NAME, FIELD_ATTRIBUTE_PRIVATE}};

/* One module whose sections are being read. */
struct section_reader {
	struct kernel *k;
	const struct module *m;
	struct module_sections *out;
	struct remarks *remarks;
	const struct section_form *form;
	uint64_t at[MODULE_SECTIONS_MAX]; /* where each is told */
	size_t n;
};

static bool section_has(const struct section_reader *r, uint32_t id)
{
	return profile_field(r->k->profile, id)->present;
}

static bool sections_known(const struct section_reader *r)
{
	return section_has(r, FIELD_MODULE_SECTIONS) &&
	       section_has(r, r->form->fields[0]) &&
	       section_has(r, r->form->fields[1]) &&
	       (r->form == &own
			? section_has(r, FIELD_SECTIONS_ATTRS) &&
				  profile_sizeof(r->k->profile, STRUCT_SECTION)
			: section_has(r, FIELD_SECTIONS_LIST));
}

/* An array of them, behind their number. */
static void place_counted(struct section_reader *r, uint64_t attrs,
			  uint64_t count)
{
	uint32_t offset =
		profile_field(r->k->profile, FIELD_SECTIONS_ATTRS)->offset;
	uint32_t size = profile_sizeof(r->k->profile, STRUCT_SECTION);

	if (count > MODULE_SECTIONS_MAX) {
		remarks_add(r->remarks,
			    "module %s has %" PRIu64
			    " sections: those behind %u were not looked at",
			    r->m->name, count, MODULE_SECTIONS_MAX);
		count = MODULE_SECTIONS_MAX;
	}
	for (r->n = 0; r->n < count; r->n++)
		r->at[r->n] = attrs + offset + r->n * (uint64_t)size;
}

/* Pointers to them, up to NULL. */
static int place_listed(struct section_reader *r, uint64_t list,
			struct err *err)
{
	uint8_t bytes[MODULE_SECTIONS_MAX * 8];
	struct space_read read = {.root = &r->k->root,
				  .va = list,
				  .dst = bytes,
				  .len = sizeof(bytes)};
	int rc = space_read(r->k->machine, &read, 1, err);
	size_t i;

	for (i = 0; i < read.got / 8 && !rc; i++) {
		r->at[i] = le64(bytes + 8 * i);
		if (!r->at[i])
			break;
		r->n = i + 1;
	}
	if (!rc && (i == read.got / 8))
		remarks_add(r->remarks,
			    "the list of sections of module %s has no end",
			    r->m->name);
	return rc;
}

static int place_sections(struct section_reader *r, uint64_t attrs,
			  struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	int rc = records_read(r->k, &attrs, 1, count_fields,
			      WANTS_N(count_fields), &rec, err);

	if (rc)
		return rc;
	if (!rec.ok[0])
		remarks_add(r->remarks,
			    "the sections of module %s cannot be read",
			    r->m->name);
	else if (r->form == &own)
		place_counted(r, attrs,
			      records_u64(&rec, 0, FIELD_SECTIONS_COUNT));
	else
		rc = place_listed(r, records_u64(&rec, 0, FIELD_SECTIONS_LIST),
				  err);
	return rc;
}

static int read_placed(struct section_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *names = calloc(r->n + 1, sizeof(*names));
	_cleanup_free_ char **text = calloc(r->n + 1, sizeof(*text));
	_cleanup_free_ bool *ok = calloc(r->n + 1, sizeof(*ok));
	size_t i;
	int rc;

	if (!names || !text || !ok || vec_reserve(&r->out->list, r->n + 1))
		return err_nomem(err);
	rc = records_read(r->k, r->at, r->n, r->form->fields, 2, &rec, err);
	for (i = 0; i < r->n && !rc; i++) {
		names[i] = records_u64(&rec, i, r->form->fields[0]);
		text[i] = r->out->list.v[i].name;
		r->out->list.v[i].start =
			records_u64(&rec, i, r->form->fields[1]);
	}
	if (!rc)
		rc = records_strings(r->k, names, r->n, MODULE_SECTION_NAME,
				     text, ok, err);
	for (i = 0; i < r->n && !rc; i++) {
		if (ok[i] && rec.ok[i])
			r->out->list.v[r->out->list.n++] = r->out->list.v[i];
		else
			remarks_add(r->remarks,
				    "section %zu of module %s cannot be read",
				    i, r->m->name);
	}
	return rc;
}

int module_sections_read(struct kernel *k, const struct module *m,
			 struct module_sections *out, struct remarks *remarks,
			 struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	struct section_reader r = {
		.k = k, .m = m, .out = out, .remarks = remarks};
	uint64_t attrs;
	int rc = records_read(k, &m->addr, 1, module_fields,
			      WANTS_N(module_fields), &rec, err);

	*out = (struct module_sections){0};
	if (rc || !rec.ok[0])
		return rc;
	out->has_orc = records_have(&rec, FIELD_MODULE_NUM_ORCS) &&
		       records_have(&rec, FIELD_MODULE_ORC_IP);
	out->n_orc = (uint32_t)records_u64(&rec, 0, FIELD_MODULE_NUM_ORCS);
	out->orc_ip = records_u64(&rec, 0, FIELD_MODULE_ORC_IP);
	r.form = section_has(&r, FIELD_SECTIONS_COUNT) ? &own : &attribute;
	out->known = sections_known(&r);
	attrs = records_u64(&rec, 0, FIELD_MODULE_SECTIONS);
	if (!out->known || !attrs)
		return 0;
	rc = place_sections(&r, attrs, err);
	return rc ? rc : read_placed(&r, err);
}

void module_sections_deinit(struct module_sections *s)
{
	vec_deinit(&s->list);
}

static bool section_is_in(const struct module_range *r, uint64_t va)
{
	return va - r->start < r->size;
}

/* The last that begins at or before va in its range. */
static bool section_best(const struct module_sections *all,
			 const struct module_range *r, uint64_t va,
			 struct module_section *out)
{
	uint64_t end = r->start + (r->size - 1);
	bool found = false;
	size_t i;

	for (i = 0; i < all->list.n; i++) {
		const struct module_section *s = &all->list.v[i];

		if (!section_is_in(r, s->start))
			continue;
		if (s->start > va)
			end = s->start - 1 < end ? s->start - 1 : end;
		else if (!found || s->start >= out->start)
			*out = *s;
		found |= s->start <= va;
	}
	out->room = found ? end - out->start + 1 : 0;
	return found;
}

int module_section_at(struct kernel *k, const struct module *m, uint64_t va,
		      struct module_section *out, struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	const struct module_range *r = module_range_of(m, va, 1);
	struct module_sections all;
	int rc;

	*out = (struct module_section){0};
	if (!r)
		return 0;
	rc = module_sections_read(k, m, &all, &remarks, err);
	if (!rc)
		rc = section_best(&all, r, va, out);
	module_sections_deinit(&all);
	return rc;
}
