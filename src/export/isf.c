/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols and types for Volatility 3: symbols, and the whole. */
#include "export/isf.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "export/isf_types.h"
#include "export/typed.h"

#define FORMAT "6.2.0"
#define BANNER "linux_banner"

/* By name, then address. */
static int compare_symbols(const void *va, const void *vb, void *arg)
{
	const struct portrait *p = arg;
	const struct portrait_symbol *a = &p->symbols.v[*(const uint32_t *)va];
	const struct portrait_symbol *b = &p->symbols.v[*(const uint32_t *)vb];
	int order = strcmp(portrait_name(p, a), portrait_name(p, b));

	if (order)
		return order;
	return a->va < b->va ? -1 : a->va > b->va;
}

static bool is_alike(const struct portrait *p, uint32_t a, uint32_t b)
{
	return !strcmp(portrait_name(p, &p->symbols.v[a]),
		       portrait_name(p, &p->symbols.v[b]));
}

/*
 * Which symbols are written, by number: those of the image whose name stands
 * for one address.  NULL: no memory.
 */
static bool *symbols_with_a_name(const struct portrait *p)
{
	size_t n = p->symbols.n, i, j;
	_cleanup_free_ uint32_t *order = malloc((n + 1) * sizeof(*order));
	bool *named = calloc(n + 1, sizeof(*named));

	if (!order || !named) {
		free(named);
		return NULL;
	}
	for (i = n = 0; i < p->symbols.n; i++)
		if (p->symbols.v[i].owner == PORTRAIT_IMAGE)
			order[n++] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), compare_symbols,
		(void *)(uintptr_t)p);
	for (i = 0; i < n; i = j) {
		for (j = i + 1; j < n && is_alike(p, order[i], order[j]); j++)
			;
		named[order[i]] = p->symbols.v[order[i]].va ==
				  p->symbols.v[order[j - 1]].va;
	}
	return named;
}

/* RFC 4648 */
static void base64_add(struct buf *b, const uint8_t *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k;

	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;
		char text[4];

		v |= i + 1 < n ? (uint32_t)s[i + 1] << 8 : 0;
		v |= i + 2 < n ? s[i + 2] : 0;
		for (k = 0; k < 4; k++)
			text[k] = i + k > n ? '='
					    : digits[v >> (18 - 6 * k) & 63];
		buf_add(b, text, 4);
	}
}

/*
 * The banner's own bytes, with the newline and the NUL at its end: by these
 * Volatility finds the file that is right for a memory.
 */
static void isf_put_banner(struct isf *f)
{
	_cleanup_(buf_deinit) struct buf bytes = {0}, text = {0};

	buf_puts(&bytes, f->p->banner);
	buf_add(&bytes, "\n", 2);
	isf_put_char_array(f, "type", bytes.len);
	if (!bytes.oom)
		base64_add(&text, (const uint8_t *)bytes.data, bytes.len);
	f->j.oom |= bytes.oom || text.oom;
	jsontext_bytes(&f->j, "constant_data", text.data ? text.data : "",
		       text.len);
}

static void isf_put_symbol(struct isf *f, const struct portrait_symbol *s,
			   const struct typed_symbol *typed)
{
	const char *name = portrait_name(f->p, s);

	jsontext_open(&f->j, name, '{');
	jsontext_number(&f->j, "address",
			s->va - (s->absolute ? 0 : f->p->slide));
	if (!strcmp(name, BANNER) && *f->p->banner)
		isf_put_banner(f);
	else
		isf_put_symbol_type(f, typed ? typed->type : 0,
				    typed ? typed->shape : "");
	jsontext_close(&f->j);
}

static int isf_put_symbols(struct isf *f, struct err *err)
{
	_cleanup_free_ bool *named = symbols_with_a_name(f->p);
	_cleanup_(typed_deinit) struct typed typed = {0};
	size_t i, at = 0;
	int rc;

	if (!named)
		return err_nomem(err);
	rc = typed_init(&typed, f->p, &f->btf, err);
	if (rc)
		return rc;
	jsontext_open_lines(&f->j, "symbols", '{');
	for (i = 0; i < f->p->symbols.n && !ferror(f->j.out); i++) {
		bool has = at < typed.n && typed.v[at].symbol == i;

		if (named[i])
			isf_put_symbol(f, &f->p->symbols.v[i],
				       has ? &typed.v[at] : NULL);
		at += has;
	}
	jsontext_close(&f->j);
	return 0;
}

static void isf_put_source(struct isf *f, const char *key, const char *kind,
			   const char *name)
{
	jsontext_open(&f->j, key, '[');
	jsontext_open(&f->j, NULL, '{');
	if (kind)
		jsontext_string(&f->j, "kind", kind);
	jsontext_string(&f->j, "name", name);
	jsontext_close(&f->j);
	jsontext_close(&f->j);
}

/* The schema has no kind for BTF. */
static void isf_put_metadata(struct isf *f)
{
	jsontext_open(&f->j, "metadata", '{');
	jsontext_open(&f->j, "linux", '{');
	isf_put_source(f, "symbols", "symtab", "kallsyms");
	isf_put_source(f, "types", NULL, "BTF");
	jsontext_close(&f->j);
	jsontext_open(&f->j, "producer", '{');
	jsontext_string(&f->j, "name", "qvmi");
	jsontext_string(&f->j, "version", QVMI_VERSION);
	jsontext_close(&f->j);
	jsontext_string(&f->j, "format", FORMAT);
	jsontext_close(&f->j);
}

static int isf_put_all(struct isf *f, struct err *err)
{
	int rc = isf_types_init(f, err);

	if (rc)
		return rc;
	jsontext_open_lines(&f->j, NULL, '{');
	isf_put_metadata(f);
	isf_put_types(f);
	rc = isf_put_symbols(f, err);
	jsontext_close(&f->j);
	return !rc && f->j.oom ? err_nomem(err) : rc;
}

int export_isf(const struct portrait *p, FILE *out, struct err *err)
{
	struct isf f = {.p = p, .j.out = out};
	int rc;

	if (!p->symbols.n)
		return err_set(err, ERR_NOT_FOUND,
			       "no symbols of this kernel are known");
	if (!p->types.n || p->types.v[0].owner != PORTRAIT_IMAGE)
		return err_set(err, ERR_NOT_FOUND,
			       "no types of this kernel are known as BTF");
	rc = btf_init(&f.btf, p->types.v[0].btf, p->types.v[0].len, err);
	if (rc)
		return rc;
	rc = isf_put_all(&f, err);
	isf_types_deinit(&f);
	jsontext_deinit(&f.j);
	btf_deinit(&f.btf);
	return rc;
}
