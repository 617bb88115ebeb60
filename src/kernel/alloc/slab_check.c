/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks for bytes of red zones and poison that somebody has overwritten. */
#include "kernel/alloc/slab_check.h"

#include <string.h>

#include "kernel/limits.h"

/* include/linux/poison.h */
#define RED_INACTIVE 0xbb
#define RED_ACTIVE   0xcc
#define POISON_INUSE 0x5a
#define POISON_FREE  0x6b
#define POISON_END   0xa5

/* Bytes [from, end) of a slab that are to be filled. */
struct check_place {
	enum slab_part part;
	uint64_t from, end;
	uint8_t fill, last; /* the last byte is this */
};

struct checker {
	const struct slab_layout *l;
	const struct slab_view *v;
	struct slab_damages *out;
	uint32_t index; /* of the object that is looked at */
};

const char *slab_part_words(enum slab_part part)
{
	static const char *const words[] = {
		[SLAB_PART_LEFT] = "red zone before it",
		[SLAB_PART_RIGHT] = "red zone behind it",
		[SLAB_PART_POISON] = "poison of a free object",
		[SLAB_PART_PADDING] = "padding behind it",
		[SLAB_PART_REST] = "padding behind the last object",
	};

	return words[part];
}

static uint8_t place_wants(const struct check_place *p, uint64_t at)
{
	return at + 1 == p->end ? p->last : p->fill;
}

static int check_found(const struct checker *c, const struct check_place *p,
		       uint64_t first, uint64_t last)
{
	struct slab_damage d = {.slab = c->v->base,
				.index = c->index,
				.part = p->part,
				.at = c->v->base + first,
				.len = (uint32_t)(last - first + 1),
				.wanted = place_wants(p, first)};
	size_t n = d.len < SLAB_DAMAGE_BYTES ? d.len : SLAB_DAMAGE_BYTES;

	if (c->out->list.n >= SLAB_DAMAGES_MAX) {
		c->out->more++;
		return 0;
	}
	if (p->part != SLAB_PART_REST) {
		d.object = slab_object_at(c->l, c->v, c->index);
		d.state = c->v->states[c->index];
	}
	memcpy(d.found, c->v->bytes + first, n);
	return vec_push(&c->out->list, d);
}

static int check_place(const struct checker *c, const struct check_place *p)
{
	uint64_t at, first = p->end, last = 0;

	for (at = p->from; at < p->end; at++) {
		if (c->v->bytes[at] == place_wants(p, at))
			continue;
		if (first == p->end)
			first = at;
		last = at;
	}
	return first < p->end ? check_found(c, p, first, last) : 0;
}

/* What is there of an object, as check_object() of mm/slub.c goes round. */
static size_t object_places(const struct checker *c, struct check_place *out)
{
	const struct slab_layout *l = c->l;
	bool used = c->v->states[c->index] == SLAB_IN_USE;
	bool padded = l->poison && !l->tracks &&
		      slab_exts_place(l, c->v) != SLAB_EXTS_IN_OBJECTS;
	uint64_t start = (uint64_t)c->index * l->size, object = start + l->left;
	uint8_t red = used ? RED_ACTIVE : RED_INACTIVE;
	uint64_t behind = object + l->object_size, in_use = object + l->inuse;
	uint64_t pad = l->offset >= l->inuse ? object + l->offset + 8 : in_use;
	size_t n = 0;

	if (l->red_zones) {
		out[n++] = (struct check_place){SLAB_PART_LEFT, start, object,
						red, red};
		out[n++] = (struct check_place){SLAB_PART_RIGHT, behind, in_use,
						red, red};
	} else if (l->poison) {
		out[n++] =
			(struct check_place){SLAB_PART_PADDING, behind, in_use,
					     POISON_INUSE, POISON_INUSE};
	}
	if (l->poison_free && !used)
		out[n++] =
			(struct check_place){SLAB_PART_POISON, object, behind,
					     POISON_FREE, POISON_END};
	if (padded)
		out[n++] = (struct check_place){SLAB_PART_PADDING, pad,
						start + l->size, POISON_INUSE,
						POISON_INUSE};
	return n;
}

int slab_check(const struct slab_layout *l, const struct slab_view *v,
	       struct slab_damages *out)
{
	struct checker c = {.l = l, .v = v, .out = out};
	struct check_place places[4];
	size_t i, n;
	int rc = 0;

	if (v->damaged || (!l->red_zones && !l->poison))
		return 0;
	for (c.index = 0; c.index < v->objects && !rc; c.index++) {
		enum slab_state state = v->states[c.index];

		if (state != SLAB_IN_USE && state != SLAB_FREE)
			continue;
		n = object_places(&c, places);
		for (i = 0; i < n && !rc; i++)
			rc = check_place(&c, &places[i]);
	}
	c.index = 0;
	places[0] = (struct check_place){
		SLAB_PART_REST, (uint64_t)v->objects * l->size,
		(uint64_t)v->pages * PAGE_SIZE_4K, POISON_INUSE, POISON_INUSE};
	if (rc || !l->poison || slab_exts_place(l, v) == SLAB_EXTS_BEHIND)
		return rc;
	return check_place(&c, &places[0]);
}

void slab_damages_deinit(struct slab_damages *d)
{
	vec_deinit(&d->list);
}
