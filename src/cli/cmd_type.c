/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi type: what a type is made of, as C, with offsets, sizes and holes. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/nearest.h"
#include "cli/type_show.h"
#include "guest/types.h"

/* A type that was found. */
struct found {
	const struct btf *btf;
	const char *module; /* NULL: the kernel's own */
	uint32_t id;
};

struct state {
	char *name, *module; /* owned */
	struct guest_types types;
	VEC(struct found) found;
};

/* "struct NAME" may be one word or two. */
static int take_name(struct state *st, char **argv, int n, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t len;
	int i;

	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", argv[i]);
	if (b.oom)
		return err_nomem(err);
	len = strcspn(b.data, "[");
	if (b.data[len] && (b.data[b.len - 1] != ']' || b.len - len < 3))
		return err_set(err, ERR_USAGE,
			       "'%s' is not of the form NAME or NAME[MODULE]",
			       b.data);
	if (b.data[len])
		st->module = strndup(b.data + len + 1, b.len - len - 2);
	st->name = strndup(b.data, len);
	if (!st->name || (b.data[len] && !st->module))
		return err_nomem(err);
	while (len && st->name[len - 1] == ' ')
		st->name[--len] = '\0';
	return len ? 0
		   : err_set(err, ERR_USAGE, "the name of the type is empty");
}

static bool is_kind(const char *word)
{
	return !strcmp(word, "struct") || !strcmp(word, "union") ||
	       !strcmp(word, "enum") || !strcmp(word, "typedef");
}

static int type_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int words = n > 1 && is_kind(argv[0]) ? 2 : 1;

	if (n > words)
		return err_set(err, ERR_USAGE, "one operand too many: '%s'",
			       argv[words]);
	return take_name(st, argv, words, err);
}

static int type_find(struct state *st, const struct btf *b, const char *module,
		     struct err *err)
{
	struct types_named named = {0};
	size_t i;
	int rc = types_named_find(&named, b, st->name);

	for (i = 0; i < named.ids.n && !rc; i++)
		rc = vec_push(&st->found, {b, module, named.ids.v[i]});
	types_named_deinit(&named);
	return rc ? err_nomem(err) : 0;
}

/* Modules are looked at where the kernel has no such type. */
static int find_in_modules(struct session *s, struct state *st, struct err *err)
{
	int rc = guest_types_read_modules(&st->types, &s->guest, err);
	size_t i;

	for (i = 0; i < st->types.split.n && !rc; i++) {
		struct guest_module_types *m = &st->types.split.v[i];

		if (!st->module || !strcmp(st->module, m->name))
			rc = type_find(st, &m->btf, m->name, err);
	}
	return rc;
}

static int type_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	st->found.n = 0;
	guest_types_deinit(&st->types);
	rc = guest_types_open(&st->types, &s->guest, err);
	if (rc)
		return err_wrap(err, rc, "type");
	if (!st->module)
		rc = type_find(st, &st->types.kernel, NULL, err);
	if (!rc && !st->found.n)
		rc = find_in_modules(s, st, err);
	return rc;
}

static void try_names(struct nearest *near, const struct btf *b)
{
	struct btf_type t;
	uint32_t id;

	for (id = b->first_id; id < btf_end(b); id++)
		if (btf_type(b, id, &t) && types_named_kind(&t))
			nearest_try(near, t.name);
}

/* There is no such type; and what may have been meant. */
static int type_missing(const struct state *st, struct err *err)
{
	const char *name = strrchr(st->name, ' ');
	struct nearest near = {.word = name ? name + 1 : st->name};
	bool is_module = !st->module;
	size_t i;

	near.len = strlen(near.word);
	if (!st->module)
		try_names(&near, &st->types.kernel);
	for (i = 0; i < st->types.split.n; i++) {
		if (st->module &&
		    strcmp(st->module, st->types.split.v[i].name) != 0)
			continue;
		is_module = true;
		try_names(&near, &st->types.split.v[i].btf);
	}
	if (!is_module)
		return err_set(err, ERR_NOT_FOUND,
			       "no module '%s' that has types of its own",
			       st->module);
	return err_set(err, ERR_NOT_FOUND,
		       "no type '%s' (looked at the kernel's and those of %zu "
		       "modules)%s%s%s",
		       st->name, st->types.split.n,
		       near.name ? ": did you mean " : "",
		       near.name ? near.name : "", near.name ? "?" : "");
}

static int type_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	const char *remark = NULL;
	size_t i;
	int rc = 0;

	(void)s;
	if (!st->found.n)
		return type_missing(st, err);
	while ((remark = remarks_next(&st->types.remarks, remark)))
		out_note(out, "%s", remark);
	type_show_begin(out);
	for (i = 0; i < st->found.n && !rc; i++) {
		const struct found *f = &st->found.v[i];

		if (i)
			out_text(out, "\n");
		rc = type_show_one(out, f->btf, f->id, f->module,
				   st->types.signs, err);
	}
	return rc;
}

static void type_deinit(void *state)
{
	struct state *st = state;

	guest_types_deinit(&st->types);
	vec_deinit(&st->found);
	free(st->name);
	free(st->module);
}

const struct cmd cmd_type = {
	.name = "type",
	.topic = TOPIC_LOOK,
	.summary = "Show what a type is made of: offsets, sizes, holes",
	.args = "NAME",
	.doc = "NAME is that of a struct, union, enum, typedef, function or "
	       "variable of each CPU; 'struct NAME' and the like choose.  What "
	       "the kernel has not is looked for in its modules; NAME[MODULE] "
	       "is that module's.  All types of a name are shown; NAME___2 is "
	       "the second one.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 3,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = type_operands,
	.run = type_run,
	.show = type_show,
	.deinit = type_deinit,
};
