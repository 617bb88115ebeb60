/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of what readers want: how many, and whether they can be. */
#include <stdlib.h>

#include "profile/resolve.h"

size_t wanted_count(const struct readers *readers)
{
	size_t i, n = 0;

	for (i = 0; i < readers->n; i++)
		n += readers->v[i]->n;
	return n;
}

uint32_t *wanted_bases(const struct readers *readers)
{
	uint32_t *base = calloc(readers->n + 1, sizeof(*base));
	size_t i;

	for (i = 0; base && i < readers->n; i++)
		base[i + 1] = base[i] + (uint32_t)readers->v[i]->n;
	return base;
}

int wanted_none(const struct readers *readers, struct wanted_values *out)
{
	size_t n = wanted_count(readers);

	/* padding too is 0 */
	*out = (struct wanted_values){calloc(n + 1, sizeof(*out->v)), n};
	return out->v ? 0 : ERR_NOMEM;
}

void wanted_deinit(struct wanted_values *v)
{
	free(v->v);
	*v = (struct wanted_values){0};
}

/* A bool out of a file: any other value than these two is none. */
static bool is_bool(const bool *b)
{
	return *(const uint8_t *)b <= 1;
}

/* Who asks for the size alone of a member that is not there gets 0. */
static bool field_valid(const struct profile_field *f, const struct want *w)
{
	if (!is_bool(&f->present))
		return false;
	if (!f->present)
		return !f->offset && !f->size && !f->bit_offset && !f->bit_size;
	return f->offset <= WANTED_MAX_OFFSET &&
	       f->size <= (w->kind == WANT_FIELD ? WANTED_MAX_SIZE
						 : WANTED_MAX_OFFSET) &&
	       f->bit_offset < 8 && f->bit_size <= 64;
}

bool wanted_valid(const struct readers *readers, const struct wanted_values *v)
{
	size_t i, j, at = 0;

	for (i = 0; i < readers->n; i++)
		for (j = 0; j < readers->v[i]->n; j++, at++)
			if (!field_valid(&v->v[at].field, &readers->v[i]->v[j]))
				return false;
	return at == v->n;
}

void wanted_lacking(const struct wants *reader, const struct wanted_value *v,
		    struct buf *list)
{
	const struct want *w;
	size_t i;

	for (i = 0; i < reader->n; i++) {
		w = &reader->v[i];
		if (w->need == REQUIRED && !v[i].field.present)
			buf_printf(list, "%s%s%s%s", list->len ? ", " : "",
				   w->type, *w->name ? "." : "", w->name);
	}
}
