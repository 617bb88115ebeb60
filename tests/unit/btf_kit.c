/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes BTF blobs, type by type. */
#include "unit/btf_kit.h"

#include <stdio.h>
#include <string.h>

#include "profile/btf.h"
#include "profile/wanted.h"
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
	return at;
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

#define PATH(id, s, need, m) first_path(s, m),
#define MAX_MEMBERS	     256

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

static void constants(struct btf_kit *k)
{
	static const char *const wanted[][2] = {
#define CONSTANT(id, e, n) {e, n},
		WANTED_CONSTANTS(CONSTANT)};
	uint32_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		kit_btf_type(k, wanted[i][0], BTF_ENUM, 1, false, 4);
		kit_btf_u32(k, kit_btf_string(k, wanted[i][1]));
		kit_btf_u32(k, 100 + i);
	}
}

void kit_btf_wanted(struct btf_kit *k, const char *without)
{
	struct path paths[] = {WANTED_FIELDS(PATH)};
	static const char *const sized[] = {
#define SIZED(id, s) s,
		WANTED_STRUCTS(SIZED)};
	const size_t n = sizeof(paths) / sizeof(paths[0]);
	size_t i, j, count;
	char full[160];
	uint32_t size;

	kit_btf_int(k, "long", 8, 64);
	for (i = 0; i < n; i++) {
		const char *list[MAX_MEMBERS];

		for (j = 0; j < i; j++)
			if (!strcmp(paths[i].structure, paths[j].structure))
				break;
		if (j < i)
			continue;
		for (count = 0; j < n; j++) {
			if (strcmp(paths[i].structure, paths[j].structure))
				continue;
			snprintf(full, sizeof(full), "%s.%s",
				 paths[j].structure, paths[j].member);
			if (!without || strcmp(full, without))
				list[count++] = paths[j].member;
		}
		structure(k, paths[i].structure, list, count, &size);
	}
	for (i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		struct path p = first_path(sized[i], "");

		for (j = 0; j < n; j++)
			if (!strcmp(paths[j].structure, p.structure))
				break;
		if (j == n)
			kit_btf_type(k, p.structure, BTF_STRUCT, 0, false, 24);
	}
	constants(k);
}
