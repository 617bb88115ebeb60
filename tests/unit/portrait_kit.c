/* SPDX-License-Identifier: BSD-2-Clause */
/* Portraits for tests of what is written from them. */
#include "unit/portrait_kit.h"

#include <stdlib.h>
#include <string.h>

void kit_symbol(struct portrait *p, uint64_t va, char type, const char *name,
		uint32_t owner)
{
	struct portrait_symbol s = {
		.va = va, .name = p->names.len, .owner = owner, .type = type};

	buf_add(&p->names, name, strlen(name) + 1);
	if (p->names.oom || vec_push(&p->symbols, s))
		abort();
}

void kit_types(struct portrait *p, uint32_t owner, struct btf_kit *k)
{
	struct buf blob = {0};

	kit_btf_blob(k, 24, 0, &blob);
	if (blob.oom || vec_push(&p->types, {.owner = owner,
					     .btf = (uint8_t *)blob.data,
					     .len = blob.len,
					     .n = k->n}))
		abort();
}

char *kit_written(const struct portrait *p, kit_writer *write)
{
	struct err err = {0};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out || write(p, out, &err) || fclose(out)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return text;
}
