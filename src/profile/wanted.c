/* SPDX-License-Identifier: BSD-2-Clause */
/* Resolves the table of wanted.h against the types of a kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/vec.h"
#include "profile/resolve.h"

#define MAX_NAME       64u
#define MAX_CANDIDATES 4096u	  /* types of wanted names, in all */
#define MAX_VISITS     (1u << 20) /* of members; a kernel takes some 2,000 */

enum need {
	OPTIONAL,
	REQUIRED
};

struct field_want {
	const char *structs, *members;
	enum need need;
};

#define FIELD_WANT(id, s, n, m) {.structs = (s), .members = (m), .need = (n)},
static const struct field_want fields[FIELD_COUNT] = {
	WANTED_FIELDS(FIELD_WANT)};

#define STRUCT_WANT(id, s) s,
static const char *const structs[STRUCT_COUNT] = {WANTED_STRUCTS(STRUCT_WANT)};

struct constant_want {
	const char *type, *name;
};

#define CONSTANT_WANT(id, e, n) {.type = (e), .name = (n)},
static const struct constant_want constants[CONSTANT_COUNT] = {
	WANTED_CONSTANTS(CONSTANT_WANT)};

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
		h = (h ^ (uint8_t)*s) * 0x100000001b3ULL;
	while (*s++);
	return h;
}

#define HASH_START 0xcbf29ce484222325ULL

uint64_t wanted_hash(void)
{
	uint64_t h = HASH_START ^ sizeof(struct wanted_values);
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		h = hash_text(hash_text(h, fields[i].structs),
			      fields[i].members) +
		    fields[i].need;
	for (i = 0; i < STRUCT_COUNT; i++)
		h = hash_text(h, structs[i]);
	for (i = 0; i < CONSTANT_COUNT; i++)
		h = hash_text(hash_text(h, constants[i].type),
			      constants[i].name);
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
	struct map names;  /* hashes of wanted structs */
	struct map values; /* hashes of wanted enumerators */
	VEC(struct candidate) candidates;
	uint32_t visits; /* left for searches in all */
	struct wanted_values *out;
};

static void wanted_resolver_deinit(struct resolver *r)
{
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

/* Everything looked for, by hash, so that one scan finds it. */
static int want_all(struct resolver *r)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (want_structs(r, fields[i].structs))
			return ERR_NOMEM;
	for (i = 0; i < STRUCT_COUNT; i++)
		if (want_structs(r, structs[i]))
			return ERR_NOMEM;
	for (i = 0; i < CONSTANT_COUNT; i++)
		if (map_put(&r->values,
			    hash_text(HASH_START, constants[i].name), 0))
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
	struct wanted_constant *c;
	size_t i;

	for (i = 0; i < CONSTANT_COUNT; i++) {
		c = &r->out->constant[i];
		if (!c->present && !strcmp(constants[i].name, e->name) &&
		    (!*constants[i].type ||
		     !strcmp(constants[i].type, t->name)))
			*c = (struct wanted_constant){e->value, true};
	}
}

static void scan_enum(struct resolver *r, const struct btf_type *t)
{
	struct btf_enumerator e;
	uint64_t hash;
	uint32_t i;

	for (i = 0; btf_enumerator(r->btf, t, i, &e); i++)
		if (is_key(&r->values, e.name, &hash))
			take_enumerator(r, t, &e);
}

/* One pass over all types: candidates by name, constants at once. */
static int scan_types(struct resolver *r)
{
	struct candidate c = {0};
	struct btf_type t;

	for (c.id = 1; btf_type(r->btf, c.id, &t); c.id++) {
		if (t.kind == BTF_ENUM || t.kind == BTF_ENUM64) {
			scan_enum(r, &t);
			continue;
		}
		if ((t.kind == BTF_STRUCT || t.kind == BTF_UNION) && *t.name &&
		    is_key(&r->names, t.name, &c.name) &&
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
		for (j = 0; j < FIELD_COUNT; j++)
			if (lists(fields[j].structs, c->name) &&
			    find_any(r, c->id, fields[j].members, &place))
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

static void resolve_field(struct resolver *r, size_t i)
{
	const char *list = fields[i].structs;
	char name[MAX_NAME];
	struct btf_place place;
	uint32_t id;

	while (next_name(&list, name)) {
		id = best(r, name);
		if (!id || !find_any(r, id, fields[i].members, &place))
			continue;
		r->out->field[i] = (struct profile_field){
			.present = true,
			.bit_offset = place.bit_offset,
			.bit_size = place.bit_size,
			.offset = place.offset,
			.size = place.size,
		};
		return;
	}
}

static void resolve_size(struct resolver *r, size_t i)
{
	const char *list = structs[i];
	char name[MAX_NAME];
	struct btf_type t;

	while (next_name(&list, name))
		if (btf_type(r->btf, best(r, name), &t) &&
		    t.size <= WANTED_MAX_OFFSET) {
			r->out->size[i] = t.size;
			return;
		}
}

/* A bool out of a file: any other value than these two is none. */
static bool is_bool(const bool *b)
{
	return *(const uint8_t *)b <= 1;
}

/* Who asks for the size alone of a member that is not there gets 0. */
static bool field_valid(const struct profile_field *f, enum need need)
{
	if (!is_bool(&f->present))
		return false;
	if (!f->present)
		return need == OPTIONAL && !f->offset && !f->size &&
		       !f->bit_offset && !f->bit_size;
	return is_sane(f->offset, f->size) && f->bit_offset < 8 &&
	       f->bit_size <= 64;
}

bool wanted_valid(const struct wanted_values *v)
{
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (!field_valid(&v->field[i], fields[i].need))
			return false;
	for (i = 0; i < STRUCT_COUNT; i++)
		if (v->size[i] > WANTED_MAX_OFFSET)
			return false;
	for (i = 0; i < CONSTANT_COUNT; i++)
		if (!is_bool(&v->constant[i].present))
			return false;
	return true;
}

/* List the REQUIRED members that are missing. */
static int check_required(const struct wanted_values *v, uint32_t cut,
			  struct err *err)
{
	_cleanup_(buf_deinit) struct buf list = {0};
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		if (fields[i].need == REQUIRED && !v->field[i].present)
			buf_printf(&list, "%s%s", list.len ? ", " : "",
				   wanted_field_name((enum field_id)i));
	if (list.oom)
		return err_nomem(err);
	if (!list.len)
		return 0;
	return err_set(err, ERR_NO_LINUX, "types of this kernel lack %s%s",
		       list.data,
		       cut ? " (its BTF is cut off, or newer than qvmi)" : "");
}

int wanted_resolve(const struct btf *btf, struct wanted_values *out,
		   struct err *err)
{
	_cleanup_(wanted_resolver_deinit) struct resolver r = {
		.btf = btf, .visits = MAX_VISITS, .out = out};
	size_t i;

	memset(out, 0, sizeof(*out)); /* padding too: it gets stored */
	if (want_all(&r) || scan_types(&r))
		return err_nomem(err);
	score(&r);
	for (i = 0; i < FIELD_COUNT; i++)
		resolve_field(&r, i);
	for (i = 0; i < STRUCT_COUNT; i++)
		resolve_size(&r, i);
	return check_required(out, btf->cut, err);
}

/* Names for messages: the alternatives stay in, they help the reader. */
#define FIELD_NAME(id, s, n, m) s "." m,
static const char *const field_names[FIELD_COUNT] = {WANTED_FIELDS(FIELD_NAME)};

const char *wanted_field_name(enum field_id id)
{
	return id < FIELD_COUNT ? field_names[id] : "?";
}
