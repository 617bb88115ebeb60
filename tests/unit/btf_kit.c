/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes BTF blobs, type by type. */
#include "unit/btf_kit.h"

#include <stdio.h>
#include <string.h>

#include "kernel/readers.h"
#include "types/btf.h"
#include "unit/kallsyms_kit.h"

uint32_t kit_btf_string(struct btf_kit *k, const char *s)
{
	uint32_t at;

	if (!k->strings.len)
		buf_add(&k->strings, "", 1);
	if (!*s)
		return 0;
	at = (uint32_t)k->strings.len;
	buf_add(&k->strings, s, strlen(s) + 1);
	return k->first_string + at;
}

void kit_btf_u32(struct btf_kit *k, uint32_t value)
{
	kit_put(&k->types, value, 4);
}

uint32_t kit_btf_type(struct btf_kit *k, const char *name, uint32_t kind,
		      uint32_t vlen, bool flag, uint32_t size)
{
	kit_btf_u32(k, kit_btf_string(k, name));
	kit_btf_u32(k, vlen | kind << 24 | (uint32_t)flag << 31);
	kit_btf_u32(k, size);
	return ++k->n;
}

uint32_t kit_btf_int(struct btf_kit *k, const char *name, uint32_t size,
		     uint32_t bits)
{
	uint32_t id = kit_btf_type(k, name, BTF_INT, 0, false, size);

	kit_btf_u32(k, bits);
	return id;
}

uint32_t kit_btf_array(struct btf_kit *k, uint32_t elem, uint32_t n)
{
	uint32_t id = kit_btf_type(k, "", BTF_ARRAY, 0, false, 0);

	kit_btf_u32(k, elem);
	kit_btf_u32(k, elem);
	kit_btf_u32(k, n);
	return id;
}

void kit_btf_member(struct btf_kit *k, const char *name, uint32_t type,
		    uint32_t offset)
{
	kit_btf_u32(k, kit_btf_string(k, name));
	kit_btf_u32(k, type);
	kit_btf_u32(k, offset);
}

uint32_t kit_btf_struct(struct btf_kit *k, const char *name, uint32_t size,
			const char *member, uint32_t type)
{
	uint32_t id = kit_btf_type(k, name, BTF_STRUCT, 1, false, size);

	kit_btf_member(k, member, type, 0);
	return id;
}

void kit_btf_named(struct btf_kit *k, const char *name, uint32_t value)
{
	kit_btf_u32(k, kit_btf_string(k, name));
	kit_btf_u32(k, value);
}

void kit_btf_blob(struct btf_kit *k, uint32_t hdr_len, size_t pad,
		  struct buf *out)
{
	uint32_t layout_off = (uint32_t)(k->types.len);
	uint32_t layout_len = hdr_len >= 32 ? (uint32_t)k->layout.len : 0;

	kit_btf_string(k, "");
	for (; pad; pad--)
		buf_add(&k->strings, "", 1);
	kit_put(out, 0xeb9f, 2);
	kit_put(out, 1, 1);
	kit_put(out, 0, 1);
	kit_put(out, hdr_len, 4);
	kit_put(out, 0, 4);
	kit_put(out, k->types.len, 4);
	kit_put(out, layout_off + layout_len, 4);
	kit_put(out, k->strings.len, 4);
	if (hdr_len >= 32) {
		kit_put(out, layout_off, 4);
		kit_put(out, layout_len, 4);
	}
	buf_add(out, k->types.data, k->types.len);
	if (layout_len)
		buf_add(out, k->layout.data, layout_len);
	buf_add(out, k->strings.data, k->strings.len);
}

void kit_btf_deinit(struct btf_kit *k)
{
	buf_deinit(&k->types);
	buf_deinit(&k->strings);
	buf_deinit(&k->layout);
}

/* "a.b.c" with the alternatives behind '|' left out. */
struct path {
	char structure[64], member[64];
};

static struct path first_path(const char *structs, const char *members)
{
	struct path p;

	snprintf(p.structure, sizeof(p.structure), "%.*s",
		 (int)strcspn(structs, "|"), structs);
	snprintf(p.member, sizeof(p.member), "%.*s", (int)strcspn(members, "|"),
		 members);
	return p;
}

#define MAX_MEMBERS 256
#define MAX_WANTS   2048

/* Does an earlier path start with the same `len` characters and a border? */
static bool seen(const char *const *list, size_t i, size_t len)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (!strncmp(list[j], list[i], len) &&
		    (list[j][len] == '.' || !list[j][len]))
			return true;
	return false;
}

/*
 * A struct with the members in `list` (paths, perhaps dotted), each of 8
 * bytes or a struct of its own; returns its id and its size.
 */
static uint32_t structure(struct btf_kit *k, const char *name,
			  const char *const *list, size_t n, uint32_t *size)
{
	struct {
		char name[64];
		uint32_t type, offset;
	} m[MAX_MEMBERS];
	uint32_t count = 0, at = 16, part, id;
	size_t i, j, len;

	for (i = 0; i < n; i++) {
		const char *inner[MAX_MEMBERS];
		size_t n_inner = 0;

		len = strcspn(list[i], ".");
		if (seen(list, i, len))
			continue;
		for (j = i; j < n; j++)
			if (!strncmp(list[j], list[i], len) &&
			    list[j][len] == '.')
				inner[n_inner++] = list[j] + len + 1;
		part = 8;
		id = n_inner ? structure(k, "", inner, n_inner, &part) : 1;
		/* A nested struct must have a name, or it is looked through. */
		if (n_inner)
			id = kit_btf_type(k, "inner_t", BTF_TYPEDEF, 0, false,
					  id);
		snprintf(m[count].name, sizeof(m->name), "%.*s", (int)len,
			 list[i]);
		m[count].type = id;
		m[count++].offset = at * 8;
		at += part;
	}
	*size = at;
	id = kit_btf_type(k, name, BTF_STRUCT, count, false, at);
	for (i = 0; i < count; i++)
		kit_btf_member(k, m[i].name, m[i].type, m[i].offset);
	return id;
}

static bool same(const struct want *a, const struct want *b)
{
	return a->kind == b->kind && !strcmp(a->type, b->type) &&
	       !strcmp(a->name, b->name);
}

/* All that readers want, each thing once. */
static size_t all_wants(const struct want *out[MAX_WANTS])
{
	size_t i, j, at, n = 0;

	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++) {
			out[n] = &kernel_readers.v[i]->v[j];
			for (at = 0; !same(out[at], out[n]); at++)
				;
			n += at == n;
		}
	return n;
}

static void constants(struct btf_kit *k, const struct want *const *wants,
		      size_t n)
{
	uint32_t value = 100;
	size_t i;

	for (i = 0; i < n; i++) {
		if (wants[i]->kind != WANT_CONSTANT)
			continue;
		kit_btf_type(k, wants[i]->type, BTF_ENUM, 1, false, 4);
		kit_btf_u32(k, kit_btf_string(k, wants[i]->name));
		kit_btf_u32(k, value++);
	}
}

/* Those whose size is wanted, but no member. */
static void sizes(struct btf_kit *k, const struct want *const *wants, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		struct path p = first_path(wants[i]->type, "");

		for (j = 0; j < n; j++)
			if (wants[j]->kind == WANT_FIELD &&
			    !strcmp(first_path(wants[j]->type, "").structure,
				    p.structure))
				break;
		if (wants[i]->kind == WANT_SIZE && j == n)
			kit_btf_type(k, p.structure, BTF_STRUCT, 0, false, 24);
	}
}

/* The struct of that path, unless an earlier one was of it. */
static void structure_of(struct btf_kit *k, const struct path *paths, size_t n,
			 size_t i, const char *without)
{
	const char *list[MAX_MEMBERS];
	size_t j, count = 0;
	char full[160];
	uint32_t size;

	for (j = 0; j < n; j++) {
		if (strcmp(paths[i].structure, paths[j].structure))
			continue;
		if (j < i)
			return;
		snprintf(full, sizeof(full), "%.63s.%.63s", paths[j].structure,
			 paths[j].member);
		if (!without || strcmp(full, without))
			list[count++] = paths[j].member;
	}
	structure(k, paths[i].structure, list, count, &size);
}

void kit_btf_wanted(struct btf_kit *k, const char *without)
{
	const struct want *wants[MAX_WANTS];
	struct path paths[MAX_WANTS];
	size_t i, n_paths = 0, n = all_wants(wants);

	kit_btf_int(k, "long", 8, 64);
	for (i = 0; i < n; i++)
		if (wants[i]->kind == WANT_FIELD)
			paths[n_paths++] =
				first_path(wants[i]->type, wants[i]->name);
	for (i = 0; i < n_paths; i++)
		structure_of(k, paths, n_paths, i, without);
	sizes(k, wants, n);
	constants(k, wants, n);
}
