/* SPDX-License-Identifier: BSD-2-Clause */
/* Types by their names. */
#include "types/named.h"

#include <stdlib.h>
#include <string.h>

const char *types_named_keyword(const struct btf_type *t)
{
	switch (t->kind) {
	case BTF_STRUCT:
		return "struct";
	case BTF_UNION:
		return "union";
	case BTF_ENUM:
	case BTF_ENUM64:
		return "enum";
	case BTF_FWD:
		return t->flag ? "union" : "struct";
	default:
		return "";
	}
}

const char *types_named_kind(const struct btf_type *t)
{
	const char *keyword = types_named_keyword(t);

	if (*keyword)
		return keyword;
	switch (t->kind) {
	case BTF_TYPEDEF:
		return "typedef";
	case BTF_FUNC:
		return "function";
	case BTF_VAR:
		return "variable";
	case BTF_INT:
	case BTF_FLOAT:
		return "base";
	default:
		return NULL;
	}
}

bool types_named_is_forward(const struct btf_type *t)
{
	return t->kind == BTF_FWD ||
	       ((t->kind == BTF_ENUM || t->kind == BTF_ENUM64) && !t->vlen);
}

/* What is asked for. */
struct named_query {
	const char *kind; /* NULL: any */
	const char *name;
	size_t len;
};

static bool named_fits(const struct named_query *q, const struct btf_type *t)
{
	const char *kind = types_named_kind(t);

	return kind && (!q->kind || !strcmp(kind, q->kind)) &&
	       !strncmp(t->name, q->name, q->len) && !t->name[q->len];
}

/* Definitions, else what only says that there are some. */
static int named_search(struct types_named *n, const struct btf *b,
			const struct named_query *q)
{
	struct types_named forward = {0};
	struct btf_type t;
	uint32_t id;
	int rc = 0;

	for (id = b->first_id; id < btf_end(b) && q->len && !rc; id++)
		if (btf_type(b, id, &t) && named_fits(q, &t))
			rc = types_named_is_forward(&t)
				     ? vec_push(&forward.ids, id)
				     : vec_push(&n->ids, id);
	if (!rc && !n->ids.n) {
		types_named_deinit(n);
		*n = forward;
		forward = (struct types_named){0};
	}
	types_named_deinit(&forward);
	return rc ? ERR_NOMEM : 0;
}

/* "name___2": the number, from 2 on, and how long the name is; else 0. */
static unsigned long named_number(const char *name, size_t *len)
{
	const char *at = strstr(name, "___"), *next;
	unsigned long number;
	char *end;

	while (at && (next = strstr(at + 1, "___")))
		at = next;
	if (!at || at[3] < '1' || at[3] > '9')
		return 0;
	number = strtoul(at + 3, &end, 10);
	*len = (size_t)(at - name);
	return *end || number < 2 ? 0 : number;
}

int types_named_find(struct types_named *n, const struct btf *b,
		     const char *name)
{
	static const char *const kinds[] = {"struct", "union", "enum",
					    "typedef"};
	struct named_query q = {.name = name};
	unsigned long number;
	size_t i, len;
	int rc;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		len = strlen(kinds[i]);
		if (!strncmp(name, kinds[i], len) && name[len] == ' ') {
			q.kind = kinds[i];
			q.name = name + len + strspn(name + len, " ");
		}
	}
	q.len = strlen(q.name);
	rc = named_search(n, b, &q);
	number = named_number(q.name, &q.len);
	if (rc || n->ids.n || !number)
		return rc;
	rc = named_search(n, b, &q);
	if (rc || n->ids.n < number) {
		n->ids.n = 0;
		return rc;
	}
	n->ids.v[0] = n->ids.v[number - 1];
	n->ids.n = 1;
	return 0;
}

void types_named_deinit(struct types_named *n)
{
	vec_deinit(&n->ids);
}
