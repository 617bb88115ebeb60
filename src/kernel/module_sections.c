/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections of a module, as /sys/module/NAME/sections has them. */
#include "kernel/module_sections.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_SECTS = WANTS_OF(READER_MODULE_SECTIONS),
	FIELD_SECTS_N,
	FIELD_SECTS_ATTRS,
	FIELD_SECTS_LIST,
	FIELD_SECT_ADDRESS,
	FIELD_SECT_NAME,
	FIELD_BIN_PRIVATE,
	FIELD_BIN_NAME,
	STRUCT_SECT,
	STRUCT_BIN
};

static const struct want want_table[] = {
	FIELD(MODULE_SECTS, "module", OPTIONAL, "sect_attrs"),
	FIELD(SECTS_N, "module_sect_attrs", OPTIONAL,
	      "nsections"), /* up to 6.13 */
	FIELD(SECTS_ATTRS, "module_sect_attrs", OPTIONAL, "attrs"),
	FIELD(SECTS_LIST, "module_sect_attrs", OPTIONAL, "grp.bin_attrs"),
	FIELD(SECT_ADDRESS, "module_sect_attr", OPTIONAL, "address"),
	FIELD(SECT_NAME, "module_sect_attr", OPTIONAL,
	      "battr.attr.name|name"), /* 5.8 */
	FIELD(BIN_PRIVATE, "bin_attribute", OPTIONAL, "private"),
	FIELD(BIN_NAME, "bin_attribute", OPTIONAL, "attr.name"),
	STRUCT(SECT, "module_sect_attr", OPTIONAL),
	STRUCT(BIN, "bin_attribute", OPTIONAL),
};

const struct wants module_sections_wants = {.reader = "sections of modules",
					    .v = want_table,
					    .n = WANTS_N(want_table)};

static const uint32_t module_fields[] = {FIELD_MODULE_SECTS};
static const uint32_t sects_fields[] = {FIELD_SECTS_N, FIELD_SECTS_LIST};
static const uint32_t old_fields[] = {FIELD_SECT_ADDRESS, FIELD_SECT_NAME};
static const uint32_t bin_fields[] = {FIELD_BIN_PRIVATE, FIELD_BIN_NAME};

/*
 * An array behind the struct module_sect_attrs: up to 6.13 of struct
 * module_sect_attr, and counted; then of struct bin_attribute, and as long as
 * the list of pointers to them, which ends in NULL.
 */
struct section_form {
	const uint32_t *fields; /* address, name */
	uint32_t stride;
};

static bool section_form(const struct kernel *k, struct section_form *f)
{
	bool old = profile_field(k->profile, FIELD_SECTS_N)->present;

	*f = (struct section_form){
		old ? old_fields : bin_fields,
		profile_sizeof(k->profile, old ? STRUCT_SECT : STRUCT_BIN)};
	return f->stride &&
	       profile_field(k->profile, FIELD_SECTS_ATTRS)->present &&
	       profile_field(k->profile, f->fields[0])->present &&
	       profile_field(k->profile, f->fields[1])->present;
}

/* How many there are: as many pointers as lead to the array, one by one. */
static int section_count(struct kernel *k, uint64_t list, uint64_t first,
			 uint32_t stride, size_t *n, struct err *err)
{
	uint64_t v[MODULE_SECTIONS_MAX];
	struct space_read read = {
		.root = &k->root, .va = list, .dst = v, .len = sizeof(v)};
	int rc = space_read(k->machine, &read, 1, err);

	*n = 0;
	while (!rc && *n < read.got / sizeof(v[0]) &&
	       le64(&v[*n]) == first + *n * stride)
		++*n;
	return rc;
}

static bool section_is_in(const struct module_range *r, uint64_t va)
{
	return va - r->start < r->size;
}

/* The last that begins at or before va in its range; its number, or n. */
static size_t section_best(const struct records *rec,
			   const struct section_form *f,
			   const struct module_range *r, uint64_t va,
			   struct module_section *out)
{
	uint64_t end = r->start + (r->size - 1), start;
	size_t i, best = rec->n;

	for (i = 0; i < rec->n; i++) {
		start = records_u64(rec, i, f->fields[0]);
		if (!rec->ok[i] || !section_is_in(r, start))
			continue;
		if (start > va)
			end = start - 1 < end ? start - 1 : end;
		else if (best == rec->n || start >= out->start)
			best = i;
		if (best == i)
			out->start = start;
	}
	out->room = end - out->start + 1;
	return best;
}

static int section_find(struct kernel *k, uint64_t sects,
			const struct section_form *f,
			const struct module_range *r, uint64_t va,
			struct module_section *out, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	uint64_t at[MODULE_SECTIONS_MAX], name;
	uint64_t first =
		sects + profile_field(k->profile, FIELD_SECTS_ATTRS)->offset;
	char *text = out->name;
	size_t n, i;
	int rc = records_read(k, &sects, 1, sects_fields, WANTS_N(sects_fields),
			      &rec, err);

	n = (size_t)records_u64(&rec, 0, FIELD_SECTS_N);
	if (!rc && f->fields == bin_fields)
		rc = section_count(k, records_u64(&rec, 0, FIELD_SECTS_LIST),
				   first, f->stride, &n, err);
	records_deinit(&rec);
	if (rc)
		return rc;
	n = n < MODULE_SECTIONS_MAX ? n : MODULE_SECTIONS_MAX;
	for (i = 0; i < n; i++)
		at[i] = first + i * f->stride;
	rc = records_read(k, at, n, f->fields, 2, &rec, err);
	i = rc ? 0 : section_best(&rec, f, r, va, out);
	if (rc || i == rec.n)
		return rc;
	name = records_u64(&rec, i, f->fields[1]);
	rc = records_strings(k, &name, 1, sizeof(out->name), &text, NULL, err);
	return rc ? rc : 1;
}

int module_section_at(struct kernel *k, const struct module *m, uint64_t va,
		      struct module_section *out, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	const struct module_range *r = module_range_of(m, va, 1);
	struct section_form form;
	uint64_t sects;
	int rc;

	*out = (struct module_section){0};
	if (!r || !section_form(k, &form))
		return 0;
	rc = records_read(k, &m->addr, 1, module_fields, 1, &rec, err);
	sects = rc ? 0 : records_u64(&rec, 0, FIELD_MODULE_SECTS);
	if (rc || !kernel_pointer(k, sects))
		return rc;
	return section_find(k, sects, &form, r, va, out, err);
}
