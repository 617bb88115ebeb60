/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes BTF: every type in it, and the members that qvmi wants of it. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "kernel/readers.h"
#include "types/btf.h"
#include "types/members.h"
#include "types/named.h"
#include "types/outline.h"
#include "types/value.h"
#include "profile/resolve.h"
#include "profile/scan.h"

/* An input is a blob, or bytes in which one is searched. */

#define MAX_MEMBERS 64u /* looked at, of one type */

static void check_members(const struct btf_type *t)
{
	const struct btf *b = t->in;
	struct btf_enumerator e;
	struct btf_variable v;
	struct btf_member m;
	struct btf_param p;
	struct btf_array a;
	struct btf_int n;
	uint32_t i;

	fuzz_require(btf_int(t, &n) <= (t->kind == BTF_INT));
	fuzz_require(btf_array(t, &a) <= (t->kind == BTF_ARRAY));
	for (i = 0; i < MAX_MEMBERS && btf_variable(t, i, &v); i++)
		fuzz_require(t->kind == BTF_DATASEC);
	for (i = 0; i < MAX_MEMBERS && btf_param(t, i, &p); i++)
		fuzz_require(p.name < b->strings + b->strings_len || !*p.name);
	for (i = 0; i < MAX_MEMBERS && btf_member(t, i, &m); i++)
		fuzz_require(m.name < b->strings + b->strings_len || !*m.name);
	for (i = 0; i < MAX_MEMBERS && btf_enumerator(t, i, &e); i++)
		fuzz_require(e.name);
}

/* Types as text, and values of them in bytes that are as hostile. */

#define MAX_OUTLINES 4u

static void count_value(void *ctx, const struct value *v)
{
	size_t *n = ctx;

	fuzz_require(v->kind <= VALUE_MORE && (!v->len || v->bytes));
	fuzz_require(!v->known || v->kind != VALUE_STRING || v->bytes);
	++*n;
}

static void check_outlines(const struct btf *b, const uint8_t *data,
			   size_t size)
{
	const struct value_opts opts = {.depth = 3, .elements = 5};
	struct types_named named = {0};
	struct outline o = {0};
	struct buf text = {0};
	uint32_t i, id;
	size_t n = 0;
	struct btf_type t;

	for (i = 0; i < MAX_OUTLINES && btf_end(b) > 1; i++) {
		id = 1 + i * (btf_end(b) - 1) / MAX_OUTLINES;
		if (!btf_type(b, id, &t))
			continue;
		if (!outline_type(&o, b, id, members_enums_tell(b), NULL))
			outline_text(&o, &text);
		outline_type_name(b, id, &text);
		value_walk(b, id, data, size, &opts, count_value, &n);
		fuzz_require(!types_named_find(&named, b, t.name));
		fuzz_require(n <= (size_t)VALUE_STEPS * (i + 1));
		outline_deinit(&o);
		o = (struct outline){0};
		types_named_deinit(&named);
	}
	buf_deinit(&text);
}

static void check_types(const struct btf *b)
{
	struct btf_type t, resolved;
	struct btf_place place;
	uint32_t id, visits = 10000;

	for (id = 0; id < b->start.n; id++) {
		fuzz_require(btf_type(b, id, &t) == (id != 0));
		if (!id)
			continue;
		fuzz_require(t.name >= b->strings || !*t.name);
		check_members(&t);
		btf_size(b, id);
		if (btf_behind(b, id, &resolved))
			fuzz_require(resolved.kind != BTF_TYPEDEF &&
				     resolved.kind != BTF_CONST);
		if (id % 16 == 0)
			btf_find(b, id, "mm_mt.ma_root", &visits, &place);
	}
	fuzz_require(!btf_type(b, id, &t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wanted_values values = {0};
	size_t at, len;
	struct err err = {0};
	struct btf b;
	int rc;

	for (at = 0; scan_btf(data, size, &at, &len); at++)
		fuzz_require(at + BTF_MIN_HEADER <= size && len);
	if (btf_init(&b, data, size, NULL))
		return 0;
	check_types(&b);
	check_outlines(&b, data, size);
	rc = wanted_resolve(&b, &kernel_readers, &values, &err);
	fuzz_require(rc <= 0 && (!rc || *err.text));
	wanted_deinit(&values);
	btf_deinit(&b);
	return 0;
}
