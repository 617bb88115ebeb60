/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves what readers want against the types of a kernel. */
#include "profile/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"

#define MAX_NAME       64u
#define MAX_CANDIDATES 4096u	  /* types of wanted names, in all */
#define MAX_VISITS     (1u << 20) /* of members; a kernel takes some 2,000 */

/* Step through "a|b|c": true with the next name, false behind the last. */
static bool next_name(const char **list, char name[MAX_NAME])
{
	size_t len = strcspn(*list, "|");

	if (!len)
		return false;
	snprintf(name, MAX_NAME, "%.*s", (int)len, *list);
	*list += len;
	if (**list)
		(*list)++;
	return true;
}

static uint64_t hash_text(uint64_t h, const char *s)
{
	do
		h = hash_add(h, (uint8_t)*s);
	while (*s++);
	return h;
}

uint64_t wanted_hash(const struct readers *readers)
{
	uint64_t h = HASH_START ^ sizeof(struct wanted_value);
	size_t i, j;

	for (i = 0; i < readers->n; i++) {
		const struct wants *r = readers->v[i];

		h = hash_text(h, r->reader) + r->n;
		for (j = 0; j < r->n; j++)
			h = hash_text(hash_text(h, r->v[j].type),
				      r->v[j].name) +
			    r->v[j].kind * 2 + r->v[j].need;
	}
	return h;
}

/* A type in the kernel that has a wanted name. */
struct candidate {
	uint64_t name; /* its hash */
	uint32_t id;
	uint32_t score; /* wanted members it has */
};

struct resolver {
	const struct btf *btf;
	VEC(const struct want *) wants; /* all readers' */
	struct map names;		/* hashes of wanted structs */
	struct map values;		/* hashes of wanted enumerators */
	VEC(struct candidate) candidates;
	uint32_t visits; /* left for searches in all */
	struct wanted_values *out;
};

static void wanted_resolver_deinit(struct resolver *r)
{
	vec_deinit(&r->wants);
	map_deinit(&r->names);
	map_deinit(&r->values);
	vec_deinit(&r->candidates);
}

static int want_structs(struct resolver *r, const char *list)
{
	char name[MAX_NAME];

	while (next_name(&list, name))
		if (map_put(&r->names, hash_text(HASH_START, name), 0))
			return ERR_NOMEM;
	return 0;
}

static int want_one(struct resolver *r, const struct want *w)
{
	if (vec_push(&r->wants, w))
		return ERR_NOMEM;
	if (w->kind != WANT_CONSTANT)
		return want_structs(r, w->type);
	return map_put(&r->values, hash_text(HASH_START, w->name), 0);
}

/* Everything looked for, by hash, so that one scan finds it. */
static int want_all(struct resolver *r, const struct readers *readers)
{
	size_t i, j;

	for (i = 0; i < readers->n; i++)
		for (j = 0; j < readers->v[i]->n; j++)
			if (want_one(r, &readers->v[i]->v[j]))
				return ERR_NOMEM;
	return 0;
}

/* Is that a key?  Names longer than all of them are not read to their ends. */
static bool is_key(const struct map *m, const char *name, uint64_t *hash)
{
	if (strnlen(name, MAX_NAME) == MAX_NAME)
		return false;
	*hash = hash_text(HASH_START, name);
	return map_get(m, *hash, NULL);
}

static void take_enumerator(struct resolver *r, const struct btf_type *t,
			    const struct btf_enumerator *e)
{
	struct wanted_value *v;
	size_t i;

	for (i = 0; i < r->wants.n; i++) {
		const struct want *w = r->wants.v[i];

		v = &r->out->v[i];
		if (w->kind == WANT_CONSTANT && !v->field.present &&
		    !strcmp(w->name, e->name) &&
		    (!*w->type || !strcmp(w->type, t->name))) {
			v->constant = e->value;
			v->field.present = true;
		}
	}
}

static void scan_enum(struct resolver *r, const struct btf_type *t)
{
	struct btf_enumerator e;
	uint64_t hash;
	uint32_t i;

	for (i = 0; btf_enumerator(t, i, &e); i++)
		if (is_key(&r->values, e.name, &hash))
			take_enumerator(r, t, &e);
}

/* A struct by its name; one that has none by that of a typedef. */
static bool is_candidate(const struct resolver *r, uint32_t id,
			 const struct btf_type *t, struct candidate *c)
{
	struct btf_type behind = *t;

	if (!*t->name || !is_key(&r->names, t->name, &c->name))
		return false;
	c->id = id;
	if (t->kind == BTF_TYPEDEF) {
		c->id = btf_behind(r->btf, id, &behind);
		if (!c->id || *behind.name)
			return false;
	}
	return behind.kind == BTF_STRUCT || behind.kind == BTF_UNION;
}

/* One pass over all types of the blob: candidates by name, constants at once.
 */
static int scan_types(struct resolver *r)
{
	struct candidate c = {0};
	struct btf_type t;
	uint32_t id;

	for (id = r->btf->first_id ? r->btf->first_id : 1;
	     btf_type(r->btf, id, &t); id++) {
		if (t.kind == BTF_ENUM || t.kind == BTF_ENUM64)
			scan_enum(r, &t);
		else if (is_candidate(r, id, &t, &c) &&
			 r->candidates.n < MAX_CANDIDATES &&
			 vec_push(&r->candidates, c))
			return ERR_NOMEM;
	}
	return 0;
}

/* Anonymous structs in one another can add up to any offset. */
static bool is_sane(uint32_t offset, uint32_t size)
{
	return offset <= WANTED_MAX_OFFSET && size <= WANTED_MAX_SIZE;
}

static bool find_any(struct resolver *r, uint32_t id, const char *members,
		     struct btf_place *place)
{
	char path[MAX_NAME];

	while (next_name(&members, path))
		if (btf_find(r->btf, id, path, &r->visits, place) &&
		    is_sane(place->offset, place->size))
			return true;
	return false;
}

/* Does "a|b|c" hold the name with that hash? */
static bool lists(const char *list, uint64_t hash)
{
	char name[MAX_NAME];

	while (next_name(&list, name))
		if (hash_text(HASH_START, name) == hash)
			return true;
	return false;
}

static size_t count_named(const struct resolver *r, uint64_t hash)
{
	size_t i, n = 0;

	for (i = 0; i < r->candidates.n; i++)
		n += r->candidates.v[i].name == hash;
	return n;
}

/* Only names that occur more than once need to compete. */
static void score(struct resolver *r)
{
	struct candidate *c;
	struct btf_place place;
	size_t i, j;

	for (i = 0; i < r->candidates.n; i++) {
		c = &r->candidates.v[i];
		if (count_named(r, c->name) < 2)
			continue;
		for (j = 0; j < r->wants.n; j++)
			if (r->wants.v[j]->kind == WANT_FIELD &&
			    lists(r->wants.v[j]->type, c->name) &&
			    find_any(r, c->id, r->wants.v[j]->name, &place))
				c->score++;
	}
}

/* The type that stands for a name: most wanted members, then lowest id. */
static uint32_t best(const struct resolver *r, const char *name)
{
	uint64_t hash = hash_text(HASH_START, name);
	const struct candidate *c, *win = NULL;
	size_t i;

	for (i = 0; i < r->candidates.n; i++) {
		c = &r->candidates.v[i];
		if (c->name == hash && (!win || c->score > win->score))
			win = c;
	}
	return win ? win->id : 0;
}

static void resolve_field(struct resolver *r, const struct want *w,
			  struct profile_field *out)
{
	const char *list = w->type;
	char name[MAX_NAME];
	struct btf_place place;
	uint32_t id;

	while (next_name(&list, name)) {
		id = best(r, name);
		if (!id || !find_any(r, id, w->name, &place))
			continue;
		*out = (struct profile_field){
			.present = true,
			.bit_offset = place.bit_offset,
			.bit_size = place.bit_size,
			.offset = place.offset,
			.size = place.size,
		};
		return;
	}
}

static void resolve_size(struct resolver *r, const struct want *w,
			 struct profile_field *out)
{
	const char *list = w->type;
	char name[MAX_NAME];
	struct btf_type t;

	while (next_name(&list, name))
		if (btf_type(r->btf, best(r, name), &t) &&
		    t.size <= WANTED_MAX_OFFSET) {
			*out = (struct profile_field){.present = true,
						      .size = t.size};
			return;
		}
}

static void resolve_all(struct resolver *r)
{
	size_t i;

	score(r);
	for (i = 0; i < r->wants.n; i++) {
		const struct want *w = r->wants.v[i];
		struct profile_field *out = &r->out->v[i].field;

		if (w->kind == WANT_FIELD)
			resolve_field(r, w, out);
		else if (w->kind == WANT_SIZE)
			resolve_size(r, w, out);
	}
}

int wanted_resolve(const struct btf *btf, const struct readers *readers,
		   struct wanted_values *out, struct err *err)
{
	struct wanted_values values;
	_cleanup_(wanted_resolver_deinit) struct resolver r = {
		.btf = btf, .visits = MAX_VISITS, .out = &values};

	if (wanted_none(readers, &values) || want_all(&r, readers) ||
	    scan_types(&r)) {
		wanted_deinit(&values);
		return err_nomem(err);
	}
	resolve_all(&r);
	*out = values;
	return 0;
}
