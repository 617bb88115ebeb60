/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections of DWARF: counted first, so that they can be written in one go. */
#include "export/dwarf.h"

#include <stdlib.h>
#include <string.h>

#include "export/dwarf_unit.h"

/* Offsets are of 32 bits; the rest is never reached by a kernel. */
#define DWARF_MAX   (1ULL << 31)

#define KERNEL_NAME "vmlinux"
#define PRODUCER    "qvmi " QVMI_VERSION

struct dwarf {
	const struct portrait *p;
	const struct layout *l;
	struct dwarf_unit *units;
	size_t n;
	struct buf strings;	 /* what .debug_str begins with */
	uint32_t producer, area; /* in there */
	uint32_t abbrevs_far;	 /* where the modules' abbreviations are */
	uint64_t size[DWARF_SECTIONS];
};

const char *dw_name(enum dwarf_section section)
{
	static const char *const names[DWARF_SECTIONS] = {
		[DWARF_INFO] = ".debug_info",
		[DWARF_ABBREV] = ".debug_abbrev",
		[DWARF_STR] = ".debug_str",
		[DWARF_RNGLISTS] = ".debug_rnglists",
	};

	return names[section];
}

uint64_t dw_size(const struct dwarf *d, enum dwarf_section section)
{
	return d->size[section];
}

static uint32_t add_string(struct buf *strings, const char *s)
{
	uint32_t at = (uint32_t)strings->len;

	buf_add(strings, s, strlen(s) + 1);
	return at;
}

/*
 * As files are called that such a unit comes from.  No struct can be called so,
 * which gdb would not find any more: docs/facts/debuggers.md, "Types and
 * variables".
 */
static uint32_t add_unit_name(struct dwarf *d, uint32_t owner)
{
	uint32_t at = (uint32_t)d->strings.len;

	if (!owner)
		return add_string(&d->strings, KERNEL_NAME);
	buf_printf(&d->strings, "%s.ko", d->p->owners.v[owner - 1].name);
	buf_add(&d->strings, "", 1);
	return at;
}

/* A unit for each blob that is one; the kernel's is the first. */
static int dw_units(struct dwarf *d, struct err *err)
{
	const struct portrait *p = d->p;
	struct err why = {0};
	size_t i;
	int rc;

	d->units = calloc(p->types.n, sizeof(*d->units));
	if (!d->units)
		return err_nomem(err);
	for (i = 0; i < p->types.n; i++) {
		const struct portrait_types *t = &p->types.v[i];
		struct dwarf_unit *u = &d->units[d->n];

		if (i && (t->owner == PORTRAIT_IMAGE || t->owner > p->owners.n))
			continue;
		*u = (struct dwarf_unit){
			.p = p,
			.owner = t->owner,
			.base = i ? &d->units[0] : NULL,
			.producer = d->producer,
			.area = i ? 0 : d->area,
		};
		rc = dw_unit_init(u, t, &why);
		if (rc == ERR_CORRUPT && i)
			continue;
		if (rc)
			return err_pass(err, &why);
		u->name = add_unit_name(d, u->owner);
		d->n++;
	}
	return 0;
}

static int dw_things(struct dwarf *d, struct err *err)
{
	struct named code;
	size_t i;
	int rc;

	rc = named_init(&code, d->p, err);
	if (!rc)
		rc = dw_globals(&d->units[0], &d->strings, err);
	for (i = 0; i < d->n && !rc; i++)
		rc = dw_functions(&d->units[i], d->l, &code, err);
	named_deinit(&code);
	return rc;
}

/* The table's length, as it is once it was counted. */
static void put_ranges_header(const struct dwarf *d, struct emit *s)
{
	emit_number(s, d->size[DWARF_RNGLISTS] - DWARF_LENGTH_SIZE, 4);
	emit_number(s, DWARF_VERSION, 2);
	emit_number(s, DWARF_ADDRESS, 1);
	emit_number(s, 0, 1); /* segment selectors */
	emit_number(s, 0, 4); /* offsets of lists: they are not indexed */
}

/* A unit's code is what its owner's pieces are. */
static void put_ranges(const struct dwarf *d, struct dwarf_unit *u,
		       struct emit *s)
{
	size_t i;

	u->ranges = (uint32_t)s->pos;
	for (i = 0; i < d->l->pieces.n; i++) {
		const struct piece *piece = &d->l->pieces.v[i];

		if (piece->owner != u->owner || !piece_is_code(piece))
			continue;
		emit_number(s, DWARF_RLE_START_LENGTH, 1);
		emit_number(s, piece->va, 8);
		emit_uleb(s, piece->len);
	}
	emit_number(s, DWARF_RLE_END, 1);
}

static void put_strings(struct dwarf *d, struct emit *s)
{
	size_t i;

	emit_bytes(s, d->strings.data, d->strings.len);
	for (i = 0; i < d->n; i++) {
		struct dwarf_unit *u = &d->units[i];

		u->strings = (uint32_t)s->pos;
		emit_bytes(s, u->btf.strings, u->btf.strings_len);
	}
}

static void put_abbrevs(struct dwarf *d, struct emit *s)
{
	size_t i;

	dw_abbrevs(s, false);
	for (i = 1; i < d->n; i++)
		d->units[i].abbrevs = (uint32_t)s->pos;
	if (d->n > 1)
		dw_abbrevs(s, true);
}

void dw_put(struct dwarf *d, enum dwarf_section section, struct emit *s)
{
	struct emit from = {.f = s->f};
	size_t i;

	switch (section) {
	case DWARF_STR:
		put_strings(d, &from);
		break;
	case DWARF_ABBREV:
		put_abbrevs(d, &from);
		break;
	case DWARF_RNGLISTS:
		put_ranges_header(d, &from);
		for (i = 0; i < d->n; i++)
			put_ranges(d, &d->units[i], &from);
		break;
	default:
		for (i = 0; i < d->n; i++)
			dw_put_unit(&d->units[i], &from);
		break;
	}
	s->pos += from.pos;
}

/* .debug_info comes last: it has offsets into the others. */
static int dw_count(struct dwarf *d, struct err *err)
{
	static const enum dwarf_section order[DWARF_SECTIONS] = {
		DWARF_STR, DWARF_ABBREV, DWARF_RNGLISTS, DWARF_INFO};
	size_t i;

	for (i = 0; i < DWARF_SECTIONS; i++) {
		struct emit count = {0};

		dw_put(d, order[i], &count);
		d->size[order[i]] = count.pos;
		if (count.pos > DWARF_MAX)
			return err_set(err, ERR_CORRUPT,
				       "types would take %llu MiB",
				       (unsigned long long)count.pos >> 20);
	}
	return 0;
}

int dw_create(const struct portrait *p, const struct layout *l,
	      struct dwarf **out, struct err *err)
{
	struct dwarf *d;
	int rc;

	*out = NULL;
	if (!p->types.n || p->types.v[0].owner != PORTRAIT_IMAGE)
		return 0;
	d = calloc(1, sizeof(*d));
	if (!d)
		return err_nomem(err);
	d->p = p;
	d->l = l;
	add_string(&d->strings, "");
	d->producer = add_string(&d->strings, PRODUCER);
	d->area = add_string(&d->strings, DWARF_AREA);
	rc = dw_units(d, err);
	if (!rc)
		rc = dw_things(d, err);
	if (!rc && d->strings.oom)
		rc = err_nomem(err);
	if (!rc)
		rc = dw_count(d, err);
	if (rc) {
		dw_destroy(d);
		return rc;
	}
	*out = d;
	return 0;
}

void dw_destroy(struct dwarf *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->n; i++)
		dw_unit_deinit(&d->units[i]);
	free(d->units);
	buf_deinit(&d->strings);
	free(d);
}
