/* SPDX-License-Identifier: BSD-2-Clause */
/* Which types lead back to themselves: those are cut. */
#include <stdlib.h>

#include "export/dwarf_unit.h"

/*
 * C's types lead to themselves only by a pointer to a struct or union, whose
 * name stands for it.  Blobs of others may hold a struct in itself, or chains
 * of any length: whoever prints such types, or computes their sizes, recurses
 * until its stack is full.  One search over all types, depth first, finds both.
 */
#define GRAPH_DEPTH   64u
#define POINTER_STEPS 32u /* from a pointer to the struct that it is to */

/* What is known of a type: nothing, that its search is under way, or: */
enum {
	UNSEEN,
	OPEN,
	CUT,
	DONE /* + the longest chain of types behind it */
};

/* A type whose search is under way: its next reference, the longest chain. */
struct step {
	uint32_t id, edge, depth;
};

struct search {
	struct dwarf_unit *u;
	VEC(struct step) path;
};

static uint8_t graph_state(const struct dwarf_unit *u, uint32_t id)
{
	while (u->base && id < u->btf.first_id)
		u = u->base;
	return id && id < btf_end(&u->btf) ? u->state[id - u->btf.first_id]
					   : DONE;
}

bool dw_is_cut(const struct dwarf_unit *u, uint32_t id)
{
	return graph_state(u, id) == CUT;
}

/* Whether a pointer to this needs no more than a name. */
static bool graph_has_name(const struct dwarf_unit *u, uint32_t id)
{
	struct btf_array a;
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < POINTER_STEPS && btf_type(&u->btf, id, &t); i++) {
		switch (t.kind) {
		case BTF_STRUCT:
		case BTF_UNION:
			return true;
		case BTF_TYPEDEF:
		case BTF_CONST:
		case BTF_VOLATILE:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
			id = t.size;
			break;
		case BTF_ARRAY:
			id = btf_array(&t, &a) ? a.elem : 0;
			break;
		default:
			return false;
		}
	}
	return false;
}

static uint32_t graph_by_pointer(const struct dwarf_unit *u, uint32_t id)
{
	return graph_has_name(u, id) ? 0 : id;
}

/* The type that reference i of a type leads to (0: nowhere); false: no more. */
static bool graph_edge(const struct dwarf_unit *u, const struct btf_type *t,
		       uint32_t i, uint32_t *to)
{
	struct btf_member m;
	struct btf_param p;
	struct btf_array a;

	switch (t->kind) {
	case BTF_TYPEDEF:
	case BTF_CONST:
	case BTF_VOLATILE:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		*to = t->size;
		return !i;
	case BTF_PTR:
		*to = i ? 0 : graph_by_pointer(u, t->size);
		return !i;
	case BTF_ARRAY:
		*to = btf_array(t, &a) ? a.elem : 0;
		return !i;
	case BTF_STRUCT:
	case BTF_UNION:
		*to = btf_member(t, i, &m) ? m.type : 0;
		return i < t->vlen;
	case BTF_FUNC_PROTO:
		if (!i)
			*to = graph_by_pointer(u, t->size);
		else if (btf_param(t, i - 1, &p))
			*to = graph_by_pointer(u, p.type);
		else
			return false;
		return true;
	default:
		return false;
	}
}

/* The state of a type all of whose references were followed. */
static uint8_t graph_finish(struct dwarf_unit *u, const struct btf_type *t,
			    const struct step *step)
{
	uint8_t *state = &u->state[step->id - u->btf.first_id];
	uint64_t size;

	if (*state == CUT || step->depth >= GRAPH_DEPTH)
		return CUT;
	*state = (uint8_t)(DONE + step->depth);
	/* An array of what no array can be of. */
	if (t->kind == BTF_ARRAY && !dw_sized(u, step->id, &size))
		return CUT;
	return *state;
}

/* One step of the search: on to a new type, or back from one. */
static int graph_step(struct search *g)
{
	struct step *top = &g->path.v[g->path.n - 1];
	uint8_t *states = g->u->state;
	uint32_t first = g->u->btf.first_id, to = 0, depth;
	struct btf_type t = {0};
	uint8_t state;

	if (btf_type(&g->u->btf, top->id, &t) &&
	    graph_edge(g->u, &t, top->edge, &to)) {
		top->edge++;
		state = graph_state(g->u, to);
		if (state == OPEN) /* it leads back to one on the way */
			states[top->id - first] = CUT;
		if (state >= DONE && to &&
		    (depth = state - DONE + 1u) > top->depth)
			top->depth = depth;
		if (state != UNSEEN)
			return 0;
		states[to - first] = OPEN;
		return vec_push(&g->path, {.id = to});
	}
	state = graph_finish(g->u, &t, top);
	states[top->id - first] = state;
	depth = state == CUT ? 0 : state - DONE + 1u;
	if (--g->path.n && depth > g->path.v[g->path.n - 1].depth)
		g->path.v[g->path.n - 1].depth = depth;
	return 0;
}

int dw_graph(struct dwarf_unit *u, struct err *err)
{
	uint32_t first = u->btf.first_id, id;
	struct search g = {.u = u};
	int rc = 0;

	for (id = first ? first : 1; id < btf_end(&u->btf) && !rc; id++) {
		if (u->state[id - first] != UNSEEN)
			continue;
		u->state[id - first] = OPEN;
		rc = vec_push(&g.path, {.id = id});
		while (g.path.n && !rc)
			rc = graph_step(&g);
	}
	vec_deinit(&g.path);
	return rc ? err_nomem(err) : 0;
}
