/* SPDX-License-Identifier: BSD-2-Clause */
/* Declarations of a C header, as text. */
#include <inttypes.h>

#include "export/header_inside.h"

#define FLUSH_AT (64u << 10)
/* So many bytes of text cost as much as one more type to look at. */
#define STEP_BYTES 16u

void header_flush(struct header *h)
{
	if (h->text.oom)
		h->oom = true;
	if (h->text.len)
		fwrite(h->text.data, 1, h->text.len, h->out);
	buf_reset(&h->text);
}

/* After each piece: what it has cost. */
static void print_added(struct header *h, size_t before)
{
	uint64_t cost = 1 + (h->text.len - before) / STEP_BYTES;

	h->steps -= cost < h->steps ? cost : h->steps;
	if (h->text.len > before)
		h->last = h->text.data[h->text.len - 1];
	if (h->text.len > FLUSH_AT)
		header_flush(h);
}

void header_print(struct header *h, const char *s)
{
	size_t before = h->text.len;

	buf_puts(&h->text, s);
	print_added(h, before);
}

void header_print_number(struct header *h, const char *before, uint64_t n)
{
	char text[24];

	header_print(h, before);
	snprintf(text, sizeof(text), "%" PRIu64, n);
	header_print(h, text);
}

void header_print_indent(struct header *h)
{
	unsigned int i;

	for (i = 0; i < h->level; i++)
		header_print(h, "\t");
}

void header_print_identifier(struct header *h, const char *name)
{
	char text[TYPE_NAME_MAX + 2];

	header_print(h, type_names_identifier(name, text));
}

void header_print_type_name(struct header *h, uint32_t id, const char *name)
{
	size_t before = h->text.len;

	type_names_add(&h->names, &h->text, id, name);
	print_added(h, before);
}

void header_print_constant(struct header *h, uint32_t id, uint32_t i,
			   const char *name)
{
	size_t before = h->text.len;

	type_names_add_constant(&h->names, &h->text, id, i, name);
	print_added(h, before);
}

/* What has no name of its own is written out. */
static void print_base(void *ctx, uint32_t id, const struct btf_type *t)
{
	struct header *h = ctx;
	const char *base = header_base_name(t);

	if (base)
		header_print(h, base);
	else if (t->kind == BTF_ENUM || t->kind == BTF_ENUM64)
		header_print_enum(h, id, t);
	else if (*t->name)
		header_print_tag(h, id, t);
	else
		header_print_struct(h, id, t, false);
}

static void header_put(void *ctx, const char *text)
{
	header_print(ctx, text);
}

static void header_put_name(void *ctx, const char *name)
{
	header_print_identifier(ctx, name);
}

static struct declare header_declarer(struct header *h)
{
	return (struct declare){.btf = h->btf,
				.put = header_put,
				.put_name = header_put_name,
				.put_base = print_base,
				.ctx = h,
				.last = &h->last,
				.steps = &h->steps};
}

void header_declare(struct header *h, uint32_t id, const char *name)
{
	const struct declare d = header_declarer(h);

	declare(&d, id, name);
}

void header_declare_type(struct header *h, uint32_t id, const char *name,
			 uint32_t of)
{
	const struct declare d = header_declarer(h);

	declare_left(&d, of);
	if (h->last != '*')
		header_print(h, " ");
	header_print_type_name(h, id, name);
	declare_right(&d, of);
}
