/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols and types as JSON, for scripts. */
#include "export/json.h"

#include <string.h>

#include "export/jsontext.h"
#include "types/members.h"
#include "types/named.h"
#include "types/type_names.h"

/* A file on its way, and whose types are being written. */
struct json {
	const struct portrait *p;
	struct jsontext j;
	uint32_t owner;
	bool signs; /* flags tell which enums are signed */
};

static const char *const kind_names[BTF_KINDS] = {
	[BTF_INT] = "int",
	[BTF_PTR] = "ptr",
	[BTF_ARRAY] = "array",
	[BTF_STRUCT] = "struct",
	[BTF_UNION] = "union",
	[BTF_ENUM] = "enum",
	[BTF_FWD] = "fwd",
	[BTF_TYPEDEF] = "typedef",
	[BTF_VOLATILE] = "volatile",
	[BTF_CONST] = "const",
	[BTF_RESTRICT] = "restrict",
	[BTF_FUNC] = "func",
	[BTF_FUNC_PROTO] = "func_proto",
	[BTF_VAR] = "var",
	[BTF_DATASEC] = "datasec",
	[BTF_FLOAT] = "float",
	[BTF_DECL_TAG] = "decl_tag",
	[BTF_TYPE_TAG] = "type_tag",
	[BTF_ENUM64] = "enum64",
};

static void json_name(struct json *o, const char *name)
{
	if (*name)
		jsontext_bytes(&o->j, "name", name, type_names_length(name));
	else
		jsontext_null(&o->j, "name");
}

static void json_owner(struct json *o, uint32_t owner)
{
	if (owner == PORTRAIT_IMAGE)
		jsontext_null(&o->j, "module");
	else
		jsontext_string(&o->j, "module",
				o->p->owners.v[owner - 1].name);
}

static void json_hex_or_null(struct json *o, const char *key, uint64_t v)
{
	if (v)
		jsontext_hex(&o->j, key, v);
	else
		jsontext_null(&o->j, key);
}

static void json_kernel(struct json *o)
{
	const struct portrait *p = o->p;
	char digits[2 * sizeof(p->build_id) + 1];
	size_t i;

	for (i = 0; i < p->build_id_len; i++)
		snprintf(digits + 2 * i, 3, "%02x", p->build_id[i]);
	jsontext_open(&o->j, "kernel", '{');
	jsontext_string(&o->j, "release", p->release);
	jsontext_string(&o->j, "banner", p->banner);
	if (p->build_id_len)
		jsontext_string(&o->j, "build_id", digits);
	else
		jsontext_null(&o->j, "build_id");
	jsontext_hex(&o->j, "start", p->start);
	json_hex_or_null(o, "end", p->end);
	jsontext_hex(&o->j, "kaslr_offset", p->slide);
	jsontext_close(&o->j);
}

static void json_modules(struct json *o)
{
	uint32_t i;

	jsontext_open_lines(&o->j, "modules", '[');
	for (i = 0; i < o->p->n_modules; i++) {
		const struct portrait_owner *m = &o->p->owners.v[i];

		jsontext_open(&o->j, NULL, '{');
		jsontext_string(&o->j, "name", m->name);
		json_hex_or_null(o, "text", m->text_size ? m->text : 0);
		jsontext_number(&o->j, "text_size", m->text_size);
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_symbols(struct json *o)
{
	size_t i;

	jsontext_open_lines(&o->j, "symbols", '[');
	for (i = 0; i < o->p->symbols.n && !ferror(o->j.out); i++) {
		const struct portrait_symbol *s = &o->p->symbols.v[i];

		jsontext_open(&o->j, NULL, '{');
		jsontext_hex(&o->j, "address", s->va);
		jsontext_bytes(&o->j, "type", &s->type, 1);
		jsontext_string(&o->j, "name", portrait_name(o->p, s));
		json_owner(o, s->owner);
		jsontext_bool(&o->j, "absolute", s->absolute);
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_members(struct json *o, const struct btf_type *t)
{
	struct btf_type behind = {0};
	struct btf_member m;
	uint32_t i, width;
	uint64_t at;

	jsontext_number(&o->j, "size", t->size);
	jsontext_open(&o->j, "members", '[');
	for (i = 0; btf_member(t, i, &m); i++) {
		/* An INT of old has the width; other types have none. */
		behind = (struct btf_type){0};
		btf_behind(t->in, m.type, &behind);
		width = members_width(&behind, &m, &at);
		jsontext_open(&o->j, NULL, '{');
		json_name(o, m.name);
		jsontext_number(&o->j, "type", m.type);
		jsontext_number(&o->j, "bit_offset", at);
		if (width)
			jsontext_number(&o->j, "bit_size", width);
		else
			jsontext_null(&o->j, "bit_size");
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_values(struct json *o, const struct btf_type *t)
{
	bool is_signed = members_is_signed(t, o->signs);
	struct btf_enumerator e;
	uint32_t i;

	jsontext_number(&o->j, "size", t->size);
	jsontext_bool(&o->j, "signed", is_signed);
	jsontext_open(&o->j, "values", '[');
	for (i = 0; btf_enumerator(t, i, &e); i++) {
		jsontext_open(&o->j, NULL, '{');
		json_name(o, e.name);
		if (is_signed)
			jsontext_signed(&o->j, "value", e.value);
		else
			jsontext_number(&o->j, "value",
					t->kind == BTF_ENUM
						? (uint32_t)e.value
						: (uint64_t)e.value);
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_params(struct json *o, const struct btf_type *t)
{
	struct btf_param p;
	uint32_t i;

	jsontext_number(&o->j, "type", t->size);
	jsontext_open(&o->j, "params", '[');
	for (i = 0; btf_param(t, i, &p); i++) {
		jsontext_open(&o->j, NULL, '{');
		json_name(o, p.name);
		jsontext_number(&o->j, "type", p.type);
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_variables(struct json *o, const struct btf_type *t)
{
	struct btf_variable v;
	uint32_t i;

	jsontext_number(&o->j, "size", t->size);
	jsontext_open(&o->j, "variables", '[');
	for (i = 0; btf_variable(t, i, &v); i++) {
		jsontext_open(&o->j, NULL, '{');
		jsontext_number(&o->j, "type", v.type);
		jsontext_number(&o->j, "offset", v.offset);
		jsontext_number(&o->j, "size", v.size);
		jsontext_close(&o->j);
	}
	jsontext_close(&o->j);
}

static void json_int(struct json *o, const struct btf_type *t)
{
	struct btf_int n = {0};

	btf_int(t, &n);
	jsontext_number(&o->j, "size", t->size);
	jsontext_number(&o->j, "bits", n.bits);
	jsontext_bool(&o->j, "signed", n.encoding & BTF_INT_SIGNED);
	jsontext_bool(&o->j, "bool", n.encoding & BTF_INT_BOOL);
}

static void json_tag(struct json *o, const struct btf_type *t)
{
	int32_t component = -1;

	btf_component(t, &component);
	jsontext_number(&o->j, "type", t->size);
	if (component >= 0)
		jsontext_number(&o->j, "component", (uint64_t)component);
	else
		jsontext_null(&o->j, "component");
}

static void json_array(struct json *o, const struct btf_type *t)
{
	struct btf_array a = {0};

	btf_array(t, &a);
	jsontext_number(&o->j, "type", a.elem);
	jsontext_number(&o->j, "index_type", a.index);
	jsontext_number(&o->j, "count", a.n);
}

/* What a type of its kind has. */
static void json_rest(struct json *o, const struct btf_type *t)
{
	switch (t->kind) {
	case BTF_INT:
		json_int(o, t);
		break;
	case BTF_ARRAY:
		json_array(o, t);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		json_members(o, t);
		break;
	case BTF_ENUM:
	case BTF_ENUM64:
		json_values(o, t);
		break;
	case BTF_FUNC_PROTO:
		json_params(o, t);
		break;
	case BTF_DATASEC:
		json_variables(o, t);
		break;
	case BTF_FLOAT:
		jsontext_number(&o->j, "size", t->size);
		break;
	case BTF_DECL_TAG:
		json_tag(o, t);
		break;
	case BTF_FWD:
		jsontext_string(&o->j, "of", types_named_keyword(t));
		break;
	default:
		jsontext_number(&o->j, "type", t->size);
	}
}

/* Those of kinds that nobody knows yet are passed over. */
static void json_types_of(struct json *o, const struct btf *b)
{
	struct btf_type t;
	uint32_t id;

	for (id = b->base ? b->first_id : 1;
	     btf_type(b, id, &t) && !ferror(o->j.out); id++) {
		if (t.kind >= BTF_KINDS || !kind_names[t.kind])
			continue;
		jsontext_open(&o->j, NULL, '{');
		jsontext_number(&o->j, "id", id);
		json_owner(o, o->owner);
		jsontext_string(&o->j, "kind", kind_names[t.kind]);
		json_name(o, t.name);
		json_rest(o, &t);
		jsontext_close(&o->j);
	}
}

/* A module whose types are none, or are of another kernel, has none here. */
static int json_types(struct json *o, const struct btf *base)
{
	struct btf b;
	size_t i;
	int rc = 0;

	jsontext_open_lines(&o->j, "types", '[');
	json_types_of(o, base);
	for (i = 1; base->start.n && i < o->p->types.n && !rc; i++) {
		const struct portrait_types *types = &o->p->types.v[i];

		rc = btf_init_split(&b, base, types->btf, types->len, NULL);
		if (!rc) {
			o->owner = types->owner;
			json_types_of(o, &b);
			btf_deinit(&b);
		}
		rc = rc == ERR_NOMEM ? rc : 0;
	}
	jsontext_close(&o->j);
	return rc;
}

static int json_all(struct json *o, const struct btf *base, struct err *err)
{
	int rc;

	o->signs = members_enums_tell(base);
	jsontext_open_lines(&o->j, NULL, '{');
	jsontext_number(&o->j, "qvmi", 1);
	json_kernel(o);
	json_modules(o);
	json_symbols(o);
	rc = json_types(o, base);
	jsontext_close(&o->j);
	return rc || o->j.oom ? err_nomem(err) : 0;
}

int export_json(const struct portrait *p, FILE *out, struct err *err)
{
	bool has_types = p->types.n && p->types.v[0].owner == PORTRAIT_IMAGE;
	struct json o = {.p = p, .j.out = out};
	struct btf base = {0};
	int rc = 0;

	if (has_types)
		rc = btf_init(&base, p->types.v[0].btf, p->types.v[0].len, err);
	if (!rc)
		rc = json_all(&o, &base, err);
	btf_deinit(&base);
	jsontext_deinit(&o.j);
	return rc;
}
