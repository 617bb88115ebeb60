/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's readers want, by name. */
#include "unit/wants_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int first_len(const char *list)
{
	return (int)strcspn(list, "|");
}

bool kit_is_want(const struct want *w, enum want_kind kind, const char *name)
{
	char full[160];

	snprintf(full, sizeof(full), "%.*s%s%.*s", first_len(w->type), w->type,
		 *w->type && *w->name ? "." : "", first_len(w->name), w->name);
	return w->kind == kind && !strcmp(full, name);
}

uint32_t kit_want(enum want_kind kind, const char *name)
{
	uint32_t i, j;

	for (i = 0; i < READERS; i++)
		for (j = 0; j < kernel_readers.v[i]->n; j++)
			if (kit_is_want(&kernel_readers.v[i]->v[j], kind, name))
				return WANTS_OF(i) + j;
	fprintf(stderr, "no reader wants %s\n", name);
	abort();
}

struct wanted_value *kit_value(const struct wanted_values *v,
			       enum want_kind kind, const char *name)
{
	uint32_t *base = wanted_bases(&kernel_readers);
	uint32_t id = kit_want(kind, name);
	struct wanted_value *value;

	value = &v->v[base[WANTS_READER(id)] + WANTS_INDEX(id)];
	free(base);
	return value;
}
