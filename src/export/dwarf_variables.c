/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables as entries of DWARF: known globals, and those of each CPU. */
#include "export/dwarf_unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "export/known_globals.h"

/* The section whose variables each CPU has its own of. */
#define PER_CPU_SECTION ".data..percpu"

/* What is found for one of the known globals. */
struct candidate {
	const struct known_global *known;
	uint32_t symbol, symbols; /* the last, and how many there are */
	uint32_t type, types;
};

static int order_by_type(const void *va, const void *vb)
{
	const struct candidate *a = va, *b = vb;

	if (a->known->kind != b->known->kind)
		return a->known->kind < b->known->kind ? -1 : 1;
	return strcmp(a->known->type, b->known->type);
}

static void globals_find_symbols(const struct portrait *p, struct candidate *c)
{
	uint32_t i;
	int known;

	for (i = 0; i < p->symbols.n; i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		if (s->owner != PORTRAIT_IMAGE || s->absolute)
			continue;
		known = known_globals_find(portrait_name(p, s));
		if (known < 0)
			continue;
		c[known].symbol = i;
		c[known].symbols++;
	}
}

/* Candidates ascend by type. */
static void globals_find_types(const struct dwarf_unit *u, struct candidate *c,
			       size_t n)
{
	struct known_global known = {0};
	struct candidate key = {.known = &known};
	struct candidate *found;
	struct btf_type t;
	uint32_t id;

	for (id = u->btf.first_id; id < btf_end(&u->btf); id++) {
		if (!btf_type(&u->btf, id, &t) || !*t.name)
			continue;
		known.kind = t.kind;
		known.type = t.name;
		found = bsearch(&key, c, n, sizeof(*c), order_by_type);
		if (!found)
			continue;
		while (found > c && !order_by_type(&key, found - 1))
			found--;
		for (; found < c + n && !order_by_type(&key, found); found++) {
			found->type = id;
			found->types++;
		}
	}
}

/* Whether the room up to the next symbol is enough for that type. */
static bool global_fits(const struct dwarf_unit *u, const struct candidate *c,
			uint32_t room)
{
	uint64_t size = 8;

	if (!strchr(c->known->shape, '*') && !dw_sized(u, c->type, &size))
		return false;
	return size && size <= room;
}

static int globals_add(struct dwarf_unit *u, const struct layout *l,
		       struct buf *strings, const struct candidate *c)
{
	const struct portrait_symbol *s = &u->p->symbols.v[c->symbol];
	struct dwarf_global global = {
		.va = s->va,
		.type = c->type,
		.name = (uint32_t)strings->len,
		.shape = c->known->shape,
		.external = isupper(s->type),
	};

	if (c->symbols != 1 || (c->known->kind != BTF_VOID && c->types != 1) ||
	    !global_fits(u, c, l->symbols[c->symbol].size))
		return 0;
	buf_add(strings, c->known->name, strlen(c->known->name) + 1);
	return vec_push(&u->globals, global);
}

int dw_globals(struct dwarf_unit *u, const struct layout *l,
	       struct buf *strings, struct err *err)
{
	struct candidate *c = calloc(known_globals_n, sizeof(*c));
	size_t i;
	int rc = 0;

	if (!c)
		return err_nomem(err);
	for (i = 0; i < known_globals_n; i++)
		c[i].known = &known_globals[i];
	globals_find_symbols(u->p, c);
	qsort(c, known_globals_n, sizeof(*c), order_by_type);
	globals_find_types(u, c, known_globals_n);
	for (i = 0; i < known_globals_n && !rc; i++)
		rc = globals_add(u, l, strings, &c[i]);
	free(c);
	return rc ? err_nomem(err) : 0;
}

/* Entries for what the shape makes of a type; where the last one lies. */
static uint64_t put_shape(const struct dwarf_unit *u, struct emit *s,
			  const char *shape, uint64_t type)
{
	for (; *shape; shape++) {
		uint64_t place = s->pos;

		switch (*shape) {
		case '*':
			dw_begin_at(u, s, DIE_POINTER, 0, type);
			emit_number(s, 8, 1);
			break;
		case '[':
			dw_begin_at(u, s, DIE_ARRAY, 0, type);
			dw_begin_at(u, s, DIE_RANGE, 0, 0);
			emit_number(s, 0, 1);
			break;
		case 'v':
			dw_begin_at(u, s, DIE_VOLATILE, 0, type);
			break;
		default:
			dw_begin_at(u, s, DIE_CONST, 0, type);
			break;
		}
		type = place;
	}
	return type;
}

void dw_put_globals(const struct dwarf_unit *u, struct emit *s)
{
	uint64_t type;
	size_t i;

	for (i = 0; i < u->globals.n; i++) {
		const struct dwarf_global *g = &u->globals.v[i];

		type = put_shape(u, s, g->shape, dw_place(u, g->type));
		dw_begin_at(u, s, DIE_VARIABLE, g->name, type);
		emit_number(s, g->external, 1);
		emit_uleb(s, 9);
		emit_number(s, DWARF_OP_ADDR, 1);
		emit_number(s, g->va, 8);
	}
}

/* A variable of that section whose type has a size. */
static bool per_cpu_variable(const struct dwarf_unit *u,
			     const struct btf_variable *v, struct btf_type *var,
			     uint64_t *size)
{
	return btf_type(&u->btf, v->type, var) && var->kind == BTF_VAR &&
	       *var->name && dw_sized(u, var->size, size);
}

/* As one struct, which is laid out as each CPU's area is. */
static void put_area(const struct dwarf_unit *u, struct emit *s,
		     const struct btf_type *section)
{
	uint64_t room = u->p->per_cpu_end - u->p->per_cpu, size;
	struct btf_variable v;
	struct btf_type var;
	uint32_t i;

	dw_begin_at(u, s, DIE_STRUCT, u->area, 0);
	emit_uleb(s, room);
	for (i = 0; btf_variable(section, i, &v); i++) {
		if (!per_cpu_variable(u, &v, &var, &size) || v.offset > room ||
		    size > room - v.offset)
			continue;
		dw_begin(u, s, DIE_MEMBER, var.name, var.size);
		emit_uleb(s, v.offset);
	}
	emit_number(s, 0, 1);
}

/*
 * One by one they have a type but no place, for no address is right for all
 * CPUs.  That is an empty expression: docs/facts/debuggers.md, "Types and
 * variables".
 */
static void put_without_place(const struct dwarf_unit *u, struct emit *s,
			      const struct btf_type *section)
{
	struct btf_variable v;
	struct btf_type var;
	uint64_t size;
	uint32_t i;

	for (i = 0; btf_variable(section, i, &v); i++) {
		if (!per_cpu_variable(u, &v, &var, &size))
			continue;
		dw_begin(u, s, DIE_VARIABLE, var.name, var.size);
		emit_number(s, 0, 1);
		emit_uleb(s, 0);
	}
}

void dw_put_per_cpu(const struct dwarf_unit *u, struct emit *s)
{
	struct btf_type section;
	uint32_t id;

	for (id = u->btf.first_id; id < btf_end(&u->btf); id++) {
		if (!btf_type(&u->btf, id, &section) ||
		    section.kind != BTF_DATASEC ||
		    strcmp(section.name, PER_CPU_SECTION) != 0)
			continue;
		if (u->area && u->p->per_cpu_end > u->p->per_cpu)
			put_area(u, s, &section);
		put_without_place(u, s, &section);
	}
}
