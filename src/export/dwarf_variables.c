/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables as entries of DWARF: known globals, and those of each CPU. */
#include "export/dwarf_unit.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/typed.h"

/* The section whose variables each CPU has its own of. */
#define PER_CPU_SECTION ".data..percpu"

static int globals_add(struct dwarf_unit *u, struct buf *strings,
		       const struct typed_symbol *t)
{
	const struct portrait_symbol *s = &u->p->symbols.v[t->symbol];
	const char *name = portrait_name(u->p, s);
	struct dwarf_global global = {
		.va = s->va,
		.type = t->type,
		.name = (uint32_t)strings->len,
		.shape = t->shape,
		.external = isupper(s->type),
	};
	uint64_t size;

	if (!strchr(t->shape, '*') && !dw_sized(u, t->type, &size))
		return 0; /* it was cut */
	buf_add(strings, name, strlen(name) + 1);
	return vec_push(&u->globals, global);
}

int dw_globals(struct dwarf_unit *u, struct buf *strings, struct err *err)
{
	_cleanup_(typed_deinit) struct typed typed = {0};
	int rc = typed_init(&typed, u->p, &u->btf, err);
	size_t i;

	for (i = 0; i < typed.n && !rc; i++)
		if (!typed.v[i].per_cpu && globals_add(u, strings, &typed.v[i]))
			rc = err_nomem(err);
	return rc;
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
