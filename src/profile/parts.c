/* SPDX-License-Identifier: BSD-2-Clause */
/* What sources deliver, put together. */
#include "profile/parts.h"

#include <stdlib.h>

void parts_deinit(struct parts *p)
{
	free(p->sym_heap);
	free(p->btf_heap);
	wanted_deinit(&p->values);
	mapped_close(&p->map);
	*p = (struct parts){.readers = p->readers};
}

int parts_take_symbols(struct parts *p, struct symtab_builder *b,
		       struct err *err)
{
	size_t len;
	void *blob;
	int rc;

	rc = symtab_finish(b, &blob, &len, err);
	if (rc)
		return rc;
	free(p->sym_heap);
	p->sym_heap = blob;
	return symtab_view(&p->sym, blob, len, err);
}

int parts_take_btf(struct parts *p, const uint8_t *btf, size_t len, void *heap,
		   struct err *err)
{
	struct wanted_values values;
	struct btf b;
	int rc;

	rc = btf_init(&b, btf, len, err);
	if (rc)
		return rc;
	rc = wanted_resolve(&b, p->readers, &values, err);
	btf_deinit(&b);
	if (rc)
		return rc;
	wanted_deinit(&p->values);
	p->values = values;
	p->have_values = true;
	p->btf = btf;
	p->btf_len = len;
	free(p->btf_heap);
	p->btf_heap = heap;
	return 0;
}

bool parts_symbol(const struct parts *p, const char *name, uint64_t *offset)
{
	struct symtab_symbol sym;

	if (!symtab_find(&p->sym, name, &sym) || sym.absolute)
		return false;
	*offset = sym.value;
	return true;
}

void parts_span(const struct parts *p, const char *start, const char *stop,
		uint64_t max, struct image_span *span)
{
	uint64_t from, to;

	if (!span->len && parts_symbol(p, start, &from) &&
	    parts_symbol(p, stop, &to) && to > from && to - from <= max)
		*span = (struct image_span){.offset = from, .len = to - from};
}

void parts_btf_span(const struct parts *p, struct image_span *span)
{
	parts_span(p, "__start_BTF", "__stop_BTF", BTF_MAX_BLOB, span);
	parts_span(p, "_binary__btf_vmlinux_bin_start",
		   "_binary__btf_vmlinux_bin_end", BTF_MAX_BLOB, span);
}

/* The token index is the last of the tables that have a fixed size. */
static void find_tokens(const struct parts *p, struct image_span *span)
{
	uint64_t table, index;

	if (!span->len && parts_symbol(p, "kallsyms_token_table", &table) &&
	    parts_symbol(p, "kallsyms_token_index", &index) && index > table)
		*span = (struct image_span){table, index + 512 - table};
}

void parts_find_places(struct parts *p)
{
	struct landmarks *l = &p->places;

	if (!l->banner.len &&
	    parts_symbol(p, "linux_banner", &l->banner.offset))
		l->banner.len = IDENTITY_BANNER;
	parts_span(p, "__start_notes", "__stop_notes", 1 << 16, &l->notes);
	parts_span(p, "kallsyms_names", "kallsyms_markers", 1 << 26, &l->names);
	find_tokens(p, &l->tokens);
	parts_btf_span(p, &l->btf);
}
