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
	return 0;
}

/* What BTF calls it; the caller frees. */
static char *type_name(struct expr_text text)
{
	char *name = strndup(text.at, text.len);
	size_t i;

	for (i = 0; name && i < sizeof(aliases) / sizeof(*aliases); i++)
		if (!strcmp(name, aliases[i].c)) {
			free(name);
			return strdup(aliases[i].btf);
		}
	return name;
}

/* Functions and variables have their names apart. */
static void drop_no_types(const struct btf *b, struct types_named *named)
{
	struct btf_type t;
	size_t i, n = 0;

	for (i = 0; i < named->ids.n; i++)
		if (btf_type(b, named->ids.v[i], &t) && t.kind != BTF_VAR &&
		    t.kind != BTF_FUNC)
			named->ids.v[n++] = named->ids.v[i];
	named->ids.n = n;
}

/* All of that name, of the kernel or where it has none of the module. */
static int find_named(struct eval *ev, const struct expr_step *s,
		      const char *name, const struct btf *of_module,
		      struct types_named *named)
{
	const struct btf *kernel = &ev->types->kernel;
	int rc = s->module.len ? 0 : types_named_find(named, kernel, name);

	drop_no_types(kernel, named);
	if (rc || named->ids.n || of_module == kernel)
		return rc;
	rc = types_named_find(named, of_module, name);
	drop_no_types(of_module, named);
	return rc;
}

/* Whether there is that type; void needs none where it is pointed to. */
static int type_exists(struct eval *ev, const struct expr_step *s,
		       const struct btf *of_module, bool *exists)
{
	_cleanup_free_ char *name = type_name(s->of);
	struct types_named named = {0};
	int rc = name ? find_named(ev, s, name, of_module, &named) : ERR_NOMEM;

	*exists = named.ids.n ||
		  (name && !strcmp(name, "void") && s->stars && !s->module.len);
	types_named_deinit(&named);
	return rc;
}

static bool step_has_type(const struct expr_step *s)
{
	return s->kind == EXPR_CAST || s->kind == EXPR_CONTAINER ||
	       s->kind == EXPR_LIST || s->kind == EXPR_TREE;
}

/* The first step whose type is in neither the kernel nor that module. */
static int first_missing(struct eval *ev, const struct expr *e,
			 const struct guest_module_types *m, size_t *missing)
{
	const struct btf *b = m ? &m->btf : &ev->types->kernel;
	bool exists = true;
	size_t i;
	int rc = 0;

	for (i = 0; i < e->n && exists && !rc; i++) {
		const struct expr_step *s = &e->step[i];

		*missing = i;
		if (!step_has_type(s))
			continue;
		exists = !s->module.len ||
			 (m && strlen(m->name) == s->module.len &&
			  !strncmp(m->name, s->module.at, s->module.len));
		if (exists)
			rc = type_exists(ev, s, b, &exists);
	}
	if (exists)
		*missing = e->n;
	return rc;
}

static int missing_type(const struct eval *ev, const struct expr_step *s,
			struct err *err)
{
	_cleanup_free_ char *name = strndup(s->of.at, s->of.len);
	_cleanup_free_ char *module =
		s->module.len ? strndup(s->module.at, s->module.len) : NULL;

	if (!name || (s->module.len && !module))
		return err_nomem(err);
	return guest_types_missing(ev->types, ev->guest->profile, name, module,
				   err);
}

/* The only module that has what the kernel has not. */
static int base_of_modules(struct eval *ev, const struct expr *e,
			   const struct btf **base, struct err *err)
{
	struct guest_types *types = ev->types;
	const struct guest_module_types *found = NULL;
	size_t i, at, best = 0;
	int rc = guest_types_read_modules(types, ev->guest, err);

	if (rc)
		return rc;
	for (i = 0; i < types->split.n; i++) {
		const struct guest_module_types *m = &types->split.v[i];

		if (first_missing(ev, e, m, &at))
			return err_nomem(err);
		best = at > best ? at : best;
		if (at < e->n)
			continue;
		if (found)
			return err_set(err, ERR_REFUSED,
				       "types of several modules: a name with "
				       "[%s] or [%s] behind it is that of one",
				       found->name, m->name);
		found = m;
	}
	if (!types->split.n && first_missing(ev, e, NULL, &best))
		return err_nomem(err);
	if (!found)
		return missing_type(ev, &e->step[best], err);
	*base = &found->btf;
	return 0;
}

int eval_base(struct eval *ev, const struct expr *e, const struct btf **base,
	      struct err *err)
{
	size_t missing;

	*base = &ev->types->kernel;
	if (first_missing(ev, e, NULL, &missing))
		return err_nomem(err);
	return missing < e->n ? base_of_modules(ev, e, base, err) : 0;
}

int eval_find_type(struct eval *ev, const struct expr_step *s, uint32_t *type,
		   struct err *err)
{
	_cleanup_free_ char *name = type_name(s->of);
	const struct btf *b = ev->made.btf.base;
	struct types_named named = {0};
	unsigned int i;
	int rc;

	*type = 0;
	if (!name || find_named(ev, s, name, b, &named))
		rc = err_nomem(err);
	else
		rc = choose_named(b, &named, name, type, err);
	types_named_deinit(&named);
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
