/* SPDX-License-Identifier: BSD-2-Clause */
/* Who uses a type of a C header: what one alone has is written inside it. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/header_inside.h"

/*
 * An anonymous struct may be written twice, but an enum's constants only once:
 * where more than one type has it, it gets a name and stands by itself.
 */

#define MAX_USERS 64u

struct use {
	uint32_t by; /* the last of them */
	uint8_t n;   /* 2: or more */
};

static void use_type(struct header *h, struct use *uses, uint32_t id,
		     uint32_t by)
{
	if (!id || id >= btf_end(h->btf))
		return;
	if (uses[id].n < 2)
		uses[id].n++;
	uses[id].by = by;
}

static void use_members(struct header *h, struct use *uses, uint32_t by,
			const struct btf_type *t)
{
	struct btf_type inner;
	struct btf_member m;
	uint32_t i, id;

	for (i = 0; btf_member(t, i, &m); i++) {
		use_type(h, uses, m.type, by);
		id = *m.name ? 0 : btf_behind(h->btf, m.type, &inner);
		h->types[id].bare = true; /* that of 0 is nobody's */
	}
}

static void use_types(struct header *h, struct use *uses, uint32_t by,
		      const struct btf_type *t)
{
	struct btf_param p;
	struct btf_array a;
	uint32_t i;

	switch (t->kind) {
	case BTF_PTR:
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
	case BTF_FUNC:
	case BTF_VAR:
	case BTF_FUNC_PROTO:
		use_type(h, uses, t->size, by);
		break;
	default:
		break;
	}
	if (btf_array(t, &a))
		use_type(h, uses, a.elem, by);
	for (i = 0; btf_param(t, i, &p); i++)
		use_type(h, uses, p.type, by);
	use_members(h, uses, by, t);
}

/* Whether it is written once, inside a type that has a name. */
static bool is_inlined(const struct header *h, const struct use *uses,
		       uint32_t id)
{
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < MAX_USERS && uses[id].n == 1; i++) {
		id = uses[id].by;
		if (!btf_type(h->btf, id, &t) || t.kind == BTF_FUNC ||
		    t.kind == BTF_VAR)
			return false;
		if (*t.name && (t.kind == BTF_STRUCT || t.kind == BTF_UNION ||
				t.kind == BTF_TYPEDEF))
			return !h->types[id].bare;
	}
	return false;
}

int header_find_uses(struct header *h)
{
	_cleanup_free_ struct use *uses =
		calloc(btf_end(h->btf), sizeof(*uses));
	struct btf_type t;
	uint32_t id;

	if (!uses)
		return ERR_NOMEM;
	for (id = 1; btf_type(h->btf, id, &t); id++)
		use_types(h, uses, id, &t);
	for (id = 1; btf_type(h->btf, id, &t); id++) {
		if ((t.kind != BTF_ENUM && t.kind != BTF_ENUM64) || *t.name)
			continue;
		h->types[id].inlined = is_inlined(h, uses, id);
		h->types[id].used = uses[id].n;
	}
	return 0;
}
