/* SPDX-License-Identifier: BSD-2-Clause */
/* A type as C declares it, with what its members take and leave. */
#include "types/outline.h"

#include <string.h>

#include "types/declare.h"
#include "types/members.h"
#include "types/named.h"
#include "types/type_names.h"

/* What is put or looked at, of one type; a member is to be measured, too. */
#define STEPS_MAX    (1u << 18)
#define MEMBER_STEPS 8u
#define LEVELS_MAX   32u /* of structs without a name in one another */

/* An outline on its way. */
struct sketch {
	struct outline *o;
	const struct btf *btf;
	struct declare d;
	char last;
	uint64_t steps;
	bool signs;
	bool left_side;	      /* of a declaration, on which its base is */
	uint32_t written_out; /* the base, where it has no name; or 0 */
	bool oom;
};

static void sketch_put(void *ctx, const char *text)
{
	struct sketch *s = ctx;

	if (!s->steps)
		return;
	s->steps--;
	buf_puts(&s->o->texts, text);
	if (*text)
		s->last = text[strlen(text) - 1];
}

static void sketch_put_name(void *ctx, const char *name)
{
	char text[TYPE_NAME_MAX + 2];

	sketch_put(ctx, type_names_identifier(name, text));
}

/* The names of C's own types are words with blanks between. */
static void put_base(void *ctx, uint32_t id, const struct btf_type *t)
{
	struct sketch *s = ctx;
	const char *word = types_named_keyword(t);

	sketch_put(s, word);
	if (*word && !*t->name && s->left_side) {
		s->written_out = id;
		buf_add(&s->o->texts, "", 1);
		return;
	}
	if (*word && !*t->name)
		sketch_put(s, " {...}");
	else if (*word)
		sketch_put(s, " ");
	if (t->kind == BTF_INT || t->kind == BTF_FLOAT)
		sketch_put(s, t->name);
	else if (*t->name)
		sketch_put_name(s, t->name);
	else if (!*word)
		sketch_put(s, "void");
}

static void sketch_end(struct sketch *s)
{
	buf_add(&s->o->texts, "", 1);
	s->last = '\0';
}

static struct outline_item *sketch_add(struct sketch *s,
				       struct outline_item item)
{
	struct outline *o = s->o;

	if (o->items.n == OUTLINE_MAX_ITEMS || !s->steps) {
		o->cut = true;
		s->steps = 0;
		return NULL;
	}
	s->steps--;
	if (vec_push(&o->items, item)) {
		s->oom = true;
		return NULL;
	}
	return &o->items.v[o->items.n - 1];
}

/*
 * Both sides of a declaration: the texts at *left and *right, and whether its
 * base is to be written out between them.
 */
static uint32_t sketch_declare(struct sketch *s, uint32_t id, const char *name,
			       size_t *left, size_t *right)
{
	uint32_t base;

	s->written_out = 0;
	s->left_side = true;
	*left = s->o->texts.len;
	declare_left(&s->d, id);
	s->left_side = false;
	base = s->o->texts.oom ? 0 : s->written_out;
	if (!base)
		sketch_end(s);
	*right = base ? *left + strlen(s->o->texts.data + *left) + 1
		      : s->o->texts.len;
	if (*name) {
		if (base && s->last != '*')
			sketch_put(s, " ");
		sketch_put_name(s, name);
	}
	declare_right(&s->d, id);
	sketch_end(s);
	return base;
}

/* Behind a pointer offsets begin anew. */
static bool is_behind_pointer(const struct btf *b, uint32_t id)
{
	struct btf_array a;
	struct btf_type t;
	unsigned int i;

	for (i = 0; i < DECLARE_MAX_DEPTH; i++) {
		id = btf_behind(b, id, &t);
		if (!id || !btf_array(&t, &a))
			break;
		id = a.elem;
	}
	return id && t.kind == BTF_PTR;
}

static void sketch_spend(struct sketch *s, uint64_t steps)
{
	s->steps -= steps < s->steps ? steps : s->steps;
}

static uint64_t padding_of(struct sketch *s, uint32_t id)
{
	struct layout_member m;
	struct btf_type t;
	struct layout l;

	if (!btf_type(s->btf, id, &t) || t.kind != BTF_STRUCT ||
	    !layout_begin(&l, s->btf, id))
		return 0;
	while (s->steps && layout_next(&l, &m))
		sketch_spend(s, 1);
	return layout_padding(&l).bytes;
}

static void sketch_inside(struct sketch *s, uint32_t id, unsigned int level,
			  uint64_t base);

static void sketch_member(struct sketch *s, const struct layout *l,
			  const struct layout_member *m, unsigned int level,
			  uint64_t base)
{
	struct outline_item item = {.kind = OUTLINE_MEMBER,
				    .level = level,
				    .name = m->m.name,
				    .type = m->m.type,
				    .in_union = l->t.kind == BTF_UNION,
				    .before = m->before,
				    .offset = base + m->offset,
				    .size = m->size,
				    .width = m->width,
				    .shift = m->shift,
				    .padding = padding_of(s, m->m.type)};
	uint32_t inside = sketch_declare(s, m->m.type, m->m.name, &item.left,
					 &item.right);

	if (s->o->texts.oom || !inside) {
		sketch_add(s, item);
		return;
	}
	item.kind = OUTLINE_OPEN;
	sketch_add(s, item);
	sketch_inside(s, inside, level + 1,
		      is_behind_pointer(s->btf, m->m.type) ? 0 : item.offset);
	item.kind = OUTLINE_CLOSE;
	sketch_add(s, item);
}

static void sketch_constants(struct sketch *s, const struct btf_type *t,
			     unsigned int level)
{
	bool is_signed = members_is_signed(t, s->signs);
	struct btf_enumerator e;
	uint32_t i;

	for (i = 0; s->steps && btf_enumerator(t, i, &e); i++) {
		struct outline_item item = {.kind = OUTLINE_CONSTANT,
					    .level = level,
					    .name = e.name,
					    .value = (uint64_t)e.value};

		item.is_negative = is_signed && e.value < 0;
		if (!is_signed && t->kind == BTF_ENUM)
			item.value = (uint32_t)e.value;
		item.left = s->o->texts.len;
		sketch_put_name(s, e.name);
		sketch_end(s);
		if (!sketch_add(s, item))
			return;
	}
}

/* What is between the braces. */
static void sketch_inside(struct sketch *s, uint32_t id, unsigned int level,
			  uint64_t base)
{
	struct layout_member m;
	struct btf_type t;
	struct layout l;

	if (level > LEVELS_MAX) {
		s->o->cut = true;
		return;
	}
	if (btf_behind(s->btf, id, &t) &&
	    (t.kind == BTF_ENUM || t.kind == BTF_ENUM64))
		sketch_constants(s, &t, level);
	if (!layout_begin(&l, s->btf, id))
		return;
	while (s->steps && !s->oom && layout_next(&l, &m)) {
		sketch_spend(s, MEMBER_STEPS);
		sketch_member(s, &l, &m, level, base);
	}
	if (level != 1)
		return;
	s->o->whole = l;
	s->o->padding = layout_padding(&l);
	s->o->is_whole = true;
}

/* A struct, union or enum of its own name, or of a typedef's. */
static void sketch_whole(struct sketch *s, uint32_t id,
			 struct outline_item item)
{
	item.kind = OUTLINE_OPEN;
	item.size = btf_size(s->btf, id);
	sketch_add(s, item);
	sketch_inside(s, id, 1, 0);
	item.kind = OUTLINE_CLOSE;
	sketch_add(s, item);
}

static void sketch_typedef(struct sketch *s, const struct btf_type *t,
			   struct outline_item item)
{
	size_t behind; /* that word */
	uint32_t inside;

	item.left = s->o->texts.len;
	sketch_put(s, "typedef ");
	inside = sketch_declare(s, t->size, t->name, &behind, &item.right);
	if (inside)
		sketch_whole(s, inside, item);
	else
		sketch_add(s, item);
}

static bool sketch_type(struct sketch *s, uint32_t id, const struct btf_type *t)
{
	struct outline_item item = {
		.name = t->name, .type = id, .size = btf_size(s->btf, id)};

	if (t->kind == BTF_VAR)
		item.size = btf_size(s->btf, t->size);
	switch (t->kind) {
	case BTF_TYPEDEF:
		sketch_typedef(s, t, item);
		return true;
	case BTF_FUNC:
	case BTF_VAR:
		sketch_declare(s, t->size, t->name, &item.left, &item.right);
		sketch_add(s, item);
		return true;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_ENUM:
	case BTF_ENUM64:
	case BTF_FWD:
	case BTF_INT:
	case BTF_FLOAT:
		item.left = s->o->texts.len;
		put_base(s, id, t);
		sketch_end(s);
		item.right = s->o->texts.len;
		sketch_end(s);
		if (t->kind == BTF_FWD || t->kind == BTF_INT ||
		    t->kind == BTF_FLOAT ||
		    (*types_named_keyword(t) == 'e' && !t->vlen))
			sketch_add(s, item);
		else
			sketch_whole(s, id, item);
		return true;
	default:
		return false;
	}
}

static void sketch_begin(struct sketch *s, struct outline *o,
			 const struct btf *b, bool signs)
{
	*s = (struct sketch){
		.o = o, .btf = b, .steps = STEPS_MAX, .signs = signs};
	s->d = (struct declare){.btf = b,
				.put = sketch_put,
				.put_name = sketch_put_name,
				.put_base = put_base,
				.ctx = s,
				.last = &s->last,
				.steps = &s->steps};
}

int outline_type(struct outline *o, const struct btf *b, uint32_t id,
		 bool signs, struct err *err)
{
	struct btf_type t;
	struct sketch s;

	sketch_begin(&s, o, b, signs);
	if (!btf_type(b, id, &t) || !sketch_type(&s, id, &t))
		return err_set(err, ERR_NOT_FOUND,
			       "there is no such type that C declares");
	o->cut |= !s.steps;
	return s.oom || o->texts.oom ? err_nomem(err) : 0;
}

void outline_deinit(struct outline *o)
{
	vec_deinit(&o->items);
	buf_deinit(&o->texts);
}

void outline_type_name(const struct btf *b, uint32_t id, struct buf *text)
{
	struct outline o = {0};
	struct sketch s;

	sketch_begin(&s, &o, b, false);
	declare(&s.d, id, "");
	if (o.texts.oom)
		text->oom = true;
	else
		buf_puts(text, o.texts.data ? o.texts.data : "");
	buf_deinit(&o.texts);
}
