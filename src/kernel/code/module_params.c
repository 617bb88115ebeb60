/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads parameters of a module. */
#include "kernel/code/module_params.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_PARAMS = WANTS_OF(READER_MODULE_PARAMS),
	FIELD_MODULE_NUM_PARAMS,
	FIELD_PARAM_NAME,
	FIELD_PARAM_OPS,
	FIELD_PARAM_PERM,
	FIELD_PARAM_ARG,
	FIELD_STRING_AT,
	STRUCT_PARAM
};

static const struct want want_table[] = {
	FIELD(MODULE_PARAMS, "module", OPTIONAL, "kp"),
	FIELD(MODULE_NUM_PARAMS, "module", OPTIONAL, "num_kp"),
	FIELD(PARAM_NAME, "kernel_param", OPTIONAL, "name"),
	FIELD(PARAM_OPS, "kernel_param", OPTIONAL, "ops"),
	FIELD(PARAM_PERM, "kernel_param", OPTIONAL, "perm"),
	FIELD(PARAM_ARG, "kernel_param", OPTIONAL, "arg"),
	FIELD(STRING_AT, "kparam_string", OPTIONAL, "string"),
	STRUCT(PARAM, "kernel_param", OPTIONAL),
};

const struct wants module_params_wants = {.reader = "parameters of modules",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

static const uint32_t module_fields[] = {FIELD_MODULE_PARAMS,
					 FIELD_MODULE_NUM_PARAMS};
static const uint32_t param_fields[] = {FIELD_PARAM_NAME, FIELD_PARAM_OPS,
					FIELD_PARAM_PERM, FIELD_PARAM_ARG};

enum param_form {
	PARAM_SIGNED,
	PARAM_UNSIGNED,
	PARAM_HEX,
	PARAM_BOOL,
	PARAM_NOT_BOOL,
	PARAM_POINTER, /* to a string */
	PARAM_STRING   /* struct kparam_string, which has that pointer */
};

/* By the functions that it is read with: kernel/params.c */
static const struct param_type {
	const char *ops;
	unsigned int bytes;
	enum param_form form;
} param_types[] = {
	{"param_ops_byte", 1, PARAM_UNSIGNED},
	{"param_ops_short", 2, PARAM_SIGNED},
	{"param_ops_ushort", 2, PARAM_UNSIGNED},
	{"param_ops_int", 4, PARAM_SIGNED},
	{"param_ops_uint", 4, PARAM_UNSIGNED},
	{"param_ops_long", 8, PARAM_SIGNED},
	{"param_ops_ulong", 8, PARAM_UNSIGNED},
	{"param_ops_ullong", 8, PARAM_UNSIGNED},
	{"param_ops_hexint", 4, PARAM_HEX},
	{"param_ops_bool", 1, PARAM_BOOL},
	{"param_ops_bool_enable_only", 1, PARAM_BOOL},
	{"param_ops_invbool", 1, PARAM_NOT_BOOL},
	{"param_ops_bint", 4, PARAM_SIGNED},
	{"param_ops_charp", 8, PARAM_POINTER},
	{"param_ops_string", 8, PARAM_STRING},
};
#define PARAM_TYPES (sizeof(param_types) / sizeof(*param_types))

/* The parameters of one module, being read. */
struct param_reader {
	struct kernel *k;
	const struct module *m;
	struct module_params *out;
	struct remarks *remarks;
	uint64_t ops[PARAM_TYPES]; /* 0: the kernel has no such type */
	const struct param_type *type[MODULE_PARAMS_MAX];
	uint64_t number[MODULE_PARAMS_MAX];
};

static const struct param_type *param_type(const struct param_reader *r,
					   uint64_t ops)
{
	size_t i;

	for (i = 0; i < PARAM_TYPES; i++)
		if (r->ops[i] && r->ops[i] == ops)
			return &param_types[i];
	return NULL;
}

static int params_take(struct param_reader *r, const struct records *rec,
		       struct err *err)
{
	struct module_params *out = r->out;
	uint64_t names[MODULE_PARAMS_MAX] = {0};
	char *text[MODULE_PARAMS_MAX];
	bool ok[MODULE_PARAMS_MAX];
	size_t i, n = 0;
	int rc;

	if (vec_reserve(&out->list, rec->n + 1))
		return err_nomem(err);
	for (i = 0; i < rec->n; i++) {
		struct module_param *p = &out->list.v[n];

		if (!rec->ok[i])
			continue;
		*p = (struct module_param){
			.mode = (uint16_t)records_u64(rec, i, FIELD_PARAM_PERM),
			.at = records_u64(rec, i, FIELD_PARAM_ARG)};
		r->type[n] =
			param_type(r, records_u64(rec, i, FIELD_PARAM_OPS));
		names[n] = records_u64(rec, i, FIELD_PARAM_NAME);
		text[n++] = p->name;
	}
	out->list.n = n;
	rc = records_strings(r->k, names, n, MODULE_PARAM_NAME, text, ok, err);
	for (i = 0; i < n && !rc; i++)
		if (!ok[i])
			remarks_add(r->remarks,
				    "the name of parameter %zu of module %s "
				    "cannot be read",
				    i, r->m->name);
	if (!rc && n < rec->n)
		remarks_add(r->remarks,
			    "%zu parameters of module %s cannot be read",
			    rec->n - n, r->m->name);
	return rc;
}

/* What each value's bytes are: of a string, where it is. */
static int params_read_numbers(struct param_reader *r, struct err *err)
{
	struct space_read reads[MODULE_PARAMS_MAX];
	uint8_t bytes[MODULE_PARAMS_MAX][8] = {{0}};
	const struct profile_field *string =
		profile_field(r->k->profile, FIELD_STRING_AT);
	size_t i, n = r->out->list.n;
	int rc;

	for (i = 0; i < n; i++) {
		const struct param_type *t = r->type[i];
		bool is_string = t && t->form == PARAM_STRING;

		if (is_string && !string->present)
			r->type[i] = t = NULL;
		reads[i] = (struct space_read){
			.root = &r->k->root,
			.va = r->out->list.v[i].at +
			      (is_string ? string->offset : 0),
			.dst = bytes[i],
			.len = t ? t->bytes : 0};
	}
	rc = space_read(r->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		r->number[i] = le_any(bytes[i], 8);
		if (reads[i].got < reads[i].len)
			r->type[i] = NULL;
	}
	return rc;
}

static void param_put_number(struct module_param *p, const struct param_type *t,
			     uint64_t number)
{
	unsigned int unused = 64 - 8 * t->bytes;

	if (t->form == PARAM_SIGNED)
		snprintf(p->value, sizeof(p->value), "%" PRId64,
			 (int64_t)(number << unused) >> unused);
	else if (t->form == PARAM_HEX)
		snprintf(p->value, sizeof(p->value), "%#08x", (uint32_t)number);
	else if (t->form == PARAM_UNSIGNED)
		snprintf(p->value, sizeof(p->value), "%" PRIu64, number);
	else
		snprintf(p->value, sizeof(p->value), "%c",
			 !number == (t->form == PARAM_NOT_BOOL) ? 'Y' : 'N');
	p->has_value = true;
}

static int params_read_strings(struct param_reader *r, struct err *err)
{
	uint64_t at[MODULE_PARAMS_MAX] = {0};
	char *text[MODULE_PARAMS_MAX];
	bool ok[MODULE_PARAMS_MAX];
	size_t which[MODULE_PARAMS_MAX], i, n = 0;
	int rc;

	for (i = 0; i < r->out->list.n; i++) {
		struct module_param *p = &r->out->list.v[i];
		const struct param_type *t = r->type[i];

		if (!t)
			continue;
		if (t->form != PARAM_POINTER && t->form != PARAM_STRING) {
			param_put_number(p, t, r->number[i]);
			continue;
		}
		if (!r->number[i]) { /* as printf() of the kernel has it */
			snprintf(p->value, sizeof(p->value), "(null)");
			p->has_value = true;
			continue;
		}
		which[n] = i;
		text[n] = p->value;
		at[n++] = r->number[i];
	}
	rc = records_strings(r->k, at, n, MODULE_PARAM_VALUE, text, ok, err);
	for (i = 0; i < n && !rc; i++)
		r->out->list.v[which[i]].has_value = ok[i];
	return rc;
}

static int params_read_all(struct param_reader *r, uint64_t kp, uint64_t n,
			   struct err *err)
{
	uint32_t size = profile_sizeof(r->k->profile, STRUCT_PARAM);
	_cleanup_(records_deinit) struct records rec = {0};
	uint64_t at[MODULE_PARAMS_MAX] = {0};
	size_t i;
	int rc;

	if (n > MODULE_PARAMS_MAX) {
		remarks_add(r->remarks,
			    "module %s has %" PRIu64
			    " parameters: those behind %u were not looked at",
			    r->m->name, n, MODULE_PARAMS_MAX);
		n = MODULE_PARAMS_MAX;
	}
	for (i = 0; i < n; i++)
		at[i] = kp + i * (uint64_t)size;
	for (i = 0; i < PARAM_TYPES; i++)
		if (!profile_symbol(r->k->profile, param_types[i].ops,
				    &r->ops[i]))
			r->ops[i] = 0;
	rc = records_read(r->k, at, n, param_fields, WANTS_N(param_fields),
			  &rec, err);
	if (!rc)
		rc = params_take(r, &rec, err);
	if (!rc)
		rc = params_read_numbers(r, err);
	return rc ? rc : params_read_strings(r, err);
}

int module_params_read(struct kernel *k, const struct module *m,
		       struct module_params *out, struct remarks *remarks,
		       struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ struct param_reader *r = calloc(1, sizeof(*r));
	size_t i;
	int rc;

	*out = (struct module_params){0};
	if (!r)
		return err_nomem(err);
	*r = (struct param_reader){
		.k = k, .m = m, .out = out, .remarks = remarks};
	out->known = profile_sizeof(k->profile, STRUCT_PARAM);
	for (i = 0; i < WANTS_N(param_fields); i++)
		out->known &=
			profile_field(k->profile, param_fields[i])->present;
	for (i = 0; i < WANTS_N(module_fields); i++)
		out->known &=
			profile_field(k->profile, module_fields[i])->present;
	if (!out->known)
		return 0;
	rc = records_read(k, &m->addr, 1, module_fields, WANTS_N(module_fields),
			  &rec, err);
	if (rc || !rec.ok[0])
		return rc;
	return params_read_all(r, records_u64(&rec, 0, FIELD_MODULE_PARAMS),
			       records_u64(&rec, 0, FIELD_MODULE_NUM_PARAMS),
			       err);
}

void module_params_deinit(struct module_params *p)
{
	vec_deinit(&p->list);
}
