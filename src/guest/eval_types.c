/* SPDX-License-Identifier: BSD-2-Clause */
/* Types and members that expressions name. */
#include "guest/eval_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/nearest.h"
#include "types/named.h"
#include "types/outline.h"

/* Members that may be looked at for one path. */
#define EVAL_VISITS 65536u

/* What C calls them, and BTF. */
static const struct eval_alias {
	const char *c, *btf;
} aliases[] = {{"unsigned", "unsigned int"},
	       {"long", "long int"},
	       {"unsigned long", "long unsigned int"},
	       {"long long", "long long int"},
	       {"unsigned long long", "long long unsigned int"},
	       {"short", "short int"},
	       {"unsigned short", "short unsigned int"},
	       {"bool", "_Bool"}};

static int missing_type(const struct btf *b, const char *name, struct err *err)
{
	const char *word = strrchr(name, ' ');
	struct nearest near = {.word = word ? word + 1 : name};
	struct btf_type t;
	uint32_t id;

	near.len = strlen(near.word);
	for (id = 1; id < btf_end(b); id++)
		if (btf_type(b, id, &t) && types_named_kind(&t))
			nearest_try(&near, t.name);
	return err_set(err, ERR_NOT_FOUND, "no type '%s' in the kernel%s%s%s",
		       name, near.name ? ": did you mean " : "",
		       near.name ? near.name : "", near.name ? "?" : "");
}

/* The one that is meant: what stands behind all of them is the same. */
static int choose_named(const struct btf *b, const struct types_named *n,
			const char *name, uint32_t *type, struct err *err)
{
	struct btf_type t;
	uint32_t behind = 0;
	size_t i;

	*type = 0;
	for (i = 0; i < n->ids.n; i++) {
		uint32_t other;

		if (!btf_type(b, n->ids.v[i], &t) || t.kind == BTF_VAR ||
		    t.kind == BTF_FUNC)
			continue;
		other = btf_behind(b, n->ids.v[i], &t);
		if (*type && other != behind)
			return err_set(err, ERR_REFUSED,
				       "'%s' is several types: %s___2 is the "
				       "second",
				       name, name);
		if (!*type)
			*type = n->ids.v[i];
		behind = other;
	}
	return *type ? 0 : missing_type(b, name, err);
}

int eval_find_type(struct eval *ev, const struct expr_step *s, uint32_t *type,
		   struct err *err)
{
	_cleanup_free_ char *name = strndup(s->of.at, s->of.len);
	const struct btf *b = ev->made.btf.base;
	struct types_named named = {0};
	const char *wanted = name;
	unsigned int i;
	int rc = 0;

	if (!name)
		return err_nomem(err);
	*type = 0;
	for (i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (!strcmp(name, aliases[i].c))
			wanted = aliases[i].btf;
	if (strcmp(name, "void") != 0 || !s->stars) {
		if (types_named_find(&named, b, wanted))
			rc = err_nomem(err);
		else
			rc = choose_named(b, &named, name, type, err);
		types_named_deinit(&named);
	}
	for (i = 0; i < s->stars && !rc; i++) {
		*type = made_pointer(&ev->made, *type);
		if (!*type)
			rc = err_nomem(err);
	}
	return rc;
}

static void try_members(const struct btf *b, uint32_t id, struct nearest *near,
			uint32_t *visits, unsigned int depth)
{
	struct btf_type t, inner;
	struct btf_member m;
	uint32_t i;

	if (!btf_behind(b, id, &t))
		return;
	for (i = 0; *visits && btf_member(&t, i, &m); i++) {
		--*visits;
		if (*m.name)
			nearest_try(near, m.name);
		else if (depth && btf_behind(b, m.type, &inner) && !*inner.name)
			try_members(b, m.type, near, visits, depth - 1);
	}
}

static int missing_member(struct eval *ev, uint32_t type, const char *path,
			  struct err *err)
{
	_cleanup_(buf_deinit) struct buf text = {0};
	struct nearest near = {.word = path, .len = strlen(path)};
	uint32_t visits = EVAL_VISITS;

	outline_type_name(&ev->made.btf, type, &text);
	try_members(&ev->made.btf, type, &near, &visits, 8);
	return err_set(err, ERR_NOT_FOUND, "%.200s has no member '%s'%s%s%s",
		       text.data ? text.data : "it", path,
		       near.name ? ": did you mean " : "",
		       near.name ? near.name : "", near.name ? "?" : "");
}

static int find_path(struct eval *ev, uint32_t type, struct expr_text path,
		     struct eval_value *found, struct btf_place *place,
		     struct err *err)
{
	_cleanup_free_ char *name = strndup(path.at, path.len);
	uint32_t visits = EVAL_VISITS;

	if (!name)
		return err_nomem(err);
	if (btf_find_typed(&ev->made.btf, type, name, &visits, place,
			   &found->type))
		return 0;
	return missing_member(ev, type, name, err);
}

int eval_path(struct eval *ev, uint32_t type, struct expr_text path,
	      struct btf_place *place, struct err *err)
{
	struct eval_value found;

	return find_path(ev, type, path, &found, place, err);
}

static int no_struct(const struct expr_step *s, const struct btf_type *t,
		     struct err *err)
{
	const char *why = "is no struct";

	if (t->kind == BTF_PTR)
		why = t->size ? "is a pointer: -> leads to members"
			      : "has no known type: a cast gives it one";
	else if (t->kind == BTF_FWD)
		why = "is of a type of which only the name is known";
	else if (t->kind == BTF_ARRAY)
		why = "is an array";
	return err_set(err, ERR_REFUSED, "%.*s %s", EVAL_TEXT(s->operand), why);
}

int eval_member(struct eval *ev, const struct expr_step *s,
		struct eval_set *set, struct err *err)
{
	uint32_t last = 0;
	struct eval_value found = {0};
	struct btf_place place = {0};
	struct btf_type t;
	size_t i;
	int rc = 0;

	for (i = 0; i < set->v.n && !rc; i++) {
		struct eval_value *v = &set->v.v[i];

		if (v->lost)
			continue;
		if (!last || v->type != last) {
			eval_behind(ev, v->type, &t);
			if (!v->is_place ||
			    (t.kind != BTF_STRUCT && t.kind != BTF_UNION))
				return no_struct(s, &t, err);
			rc = find_path(ev, v->type, s->name, &found, &place,
				       err);
			last = v->type;
		}
		v->type = found.type;
		v->number += place.offset;
		v->bit_offset = place.bit_offset;
		v->bit_size = place.bit_size;
	}
	return rc;
}
