/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a kernel's BTF down to the types that qvmi asks for. */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/map.h"
#include "fuzz/seeds/cut.h"
#include "kernel/readers.h"
#include "types/btf.h"

/* How much of a type is kept. */
enum keep {
	NOTHING,
	OPAQUE, /* its size; no members */
	WHOLE
};

struct cutter {
	const struct btf *b;
	enum keep *keep;	/* by id */
	uint32_t *number;	/* new id */
	struct map strings;	/* offsets, old to new */
	struct buf types, text; /* what comes out */
};

/*
 * Is `name` in a list of alternatives, "a|b.c", as readers have them, parted by
 * '|' and '.'; or, `inner`, before a '.'?
 */
static bool lists(const char *list, const char *name, bool inner)
{
	size_t len = strlen(name), n;

	for (; len && *list; list += n + (list[n] != '\0')) {
		n = strcspn(list, "|.");
		if (n == len && !strncmp(list, name, n) &&
		    (!inner || list[n] == '.'))
			return true;
	}
	return false;
}

static bool is_enumerator(const struct btf_type *t, const char *name)
{
	struct btf_enumerator e;
	uint32_t i;

	for (i = 0; btf_enumerator(t, i, &e); i++)
		if (!strcmp(name, e.name))
			return true;
	return false;
}

static bool is_wanted(const struct btf_type *t)
{
	bool is_struct = t->kind == BTF_STRUCT || t->kind == BTF_UNION;
	size_t i, j;

	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++) {
			const struct want *w = &kernel_readers.v[i]->v[j];

			if (w->kind == WANT_CONSTANT
				    ? is_enumerator(t, w->name)
				    : is_struct &&
					      lists(w->type, t->name, false))
				return true;
		}
	return false;
}

/* Members whose own members are asked for. */
static bool is_entered(const char *name)
{
	size_t i, j;

	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++)
			if (lists(kernel_readers.v[i]->v[j].name, name, true))
				return true;
	return !*name; /* anonymous ones are looked through */
}

static void mark(struct cutter *c, uint32_t id, enum keep keep)
{
	struct btf_member m;
	struct btf_type t;
	uint32_t i;

	if (!btf_type(c->b, id, &t) || c->keep[id] >= keep)
		return;
	c->keep[id] = keep;
	switch (t.kind) {
	case BTF_TYPEDEF:
	case BTF_VOLATILE:
	case BTF_CONST:
	case BTF_RESTRICT:
	case BTF_TYPE_TAG:
		mark(c, t.size, keep);
		break;
	case BTF_ARRAY:
		mark(c, le32(c->b->types + t.data), keep);
		mark(c, le32(c->b->types + t.data + 4), OPAQUE);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		for (i = 0; keep == WHOLE && btf_member(&t, i, &m); i++)
			mark(c, m.type, is_entered(m.name) ? WHOLE : OPAQUE);
		break;
	default:
		break;
	}
}

static void put32(struct buf *out, uint32_t value)
{
	buf_add(out, &value, 4);
}

/* A string keeps its bytes and gets a new offset. */
static uint32_t string(struct cutter *c, uint32_t old)
{
	const char *s = btf_string(c->b, old);
	uint64_t at = c->text.len;

	if (!*s)
		return 0;
	if (map_get(&c->strings, old, &at))
		return (uint32_t)at;
	if (map_put(&c->strings, old, at))
		abort();
	buf_add(&c->text, s, strlen(s) + 1);
	return (uint32_t)at;
}

static uint32_t number(const struct cutter *c, uint32_t id)
{
	return id < c->b->start.n ? c->number[id] : 0;
}

/* What follows a record: `n` members or enumerators, or an array's three. */
static void put_rest(struct cutter *c, const struct btf_type *t, uint32_t n)
{
	const uint8_t *p = c->b->types + t->data;
	uint32_t i;

	if (t->kind == BTF_INT)
		put32(&c->types, le32(p));
	if (t->kind == BTF_ARRAY) {
		put32(&c->types, number(c, le32(p)));
		put32(&c->types, number(c, le32(p + 4)));
		put32(&c->types, le32(p + 8));
	}
	for (i = 0; i < n && t->kind == BTF_ENUM; i++, p += 8) {
		put32(&c->types, string(c, le32(p)));
		put32(&c->types, le32(p + 4));
	}
	for (i = 0; i < n && t->kind == BTF_ENUM64; i++, p += 12) {
		put32(&c->types, string(c, le32(p)));
		buf_add(&c->types, p + 4, 8);
	}
	if (t->kind != BTF_STRUCT && t->kind != BTF_UNION)
		return;
	for (i = 0; i < n; i++, p += 12) {
		put32(&c->types, string(c, le32(p)));
		put32(&c->types, number(c, le32(p + 4)));
		put32(&c->types, le32(p + 8));
	}
}

static bool refers(uint32_t kind)
{
	return kind == BTF_TYPEDEF || kind == BTF_VOLATILE ||
	       kind == BTF_CONST || kind == BTF_RESTRICT ||
	       kind == BTF_TYPE_TAG;
}

static void put_type(struct cutter *c, uint32_t id)
{
	const uint8_t *p = c->b->types + c->b->start.v[id];
	uint32_t info = le32(p + 4), vlen = info & 0xffffff;
	struct btf_type t;

	btf_type(c->b, id, &t);
	if (c->keep[id] == OPAQUE)
		vlen = 0;
	put32(&c->types, string(c, le32(p)));
	put32(&c->types, (info & 0xff000000) | vlen);
	if (t.kind == BTF_PTR)
		put32(&c->types, 0);
	else
		put32(&c->types, refers(t.kind) ? number(c, t.size) : t.size);
	put_rest(c, &t, vlen);
}

static void put_blob(const struct cutter *c, struct buf *out)
{
	static const uint8_t magic[] = {0x9f, 0xeb, 1, 0};

	buf_add(out, magic, sizeof(magic));
	put32(out, 24);
	put32(out, 0);
	put32(out, (uint32_t)c->types.len);
	put32(out, (uint32_t)c->types.len);
	put32(out, (uint32_t)c->text.len);
	buf_add(out, c->types.data, c->types.len);
	buf_add(out, c->text.data, c->text.len);
}

void cut_btf(const void *bytes, size_t len, struct buf *out)
{
	struct cutter c = {0};
	struct btf_type t;
	uint32_t id, n = 0;
	struct btf b;

	if (btf_init(&b, bytes, len, NULL))
		abort();
	c.b = &b;
	c.keep = calloc(b.start.n, sizeof(*c.keep));
	c.number = calloc(b.start.n, sizeof(*c.number));
	if (!c.keep || !c.number)
		abort();
	for (id = 1; btf_type(&b, id, &t); id++)
		if (is_wanted(&t))
			mark(&c, id, WHOLE);
	for (id = 1; id < b.start.n; id++)
		if (c.keep[id] != NOTHING)
			c.number[id] = ++n;
	buf_add(&c.text, "", 1);
	for (id = 1; id < b.start.n; id++)
		if (c.keep[id] != NOTHING)
			put_type(&c, id);
	put_blob(&c, out);
	map_deinit(&c.strings);
	buf_deinit(&c.types);
	buf_deinit(&c.text);
	free(c.keep);
	free(c.number);
	btf_deinit(&b);
}
