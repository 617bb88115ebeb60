/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi type: what a type is made of; and what is in memory by it. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/type_show.h"
#include "cli/unmapped_show.h"
#include "cli/value_show.h"
#include "guest/addr.h"
#include "guest/place.h"
#include "guest/place_read.h"
#include "guest/types.h"

/* A type that was found. */
struct found {
	const struct btf *btf;
	const char *module; /* NULL: the kernel's own */
	uint32_t id;
};

/* More than this is no object that the kernel has in one piece. */
#define BYTES_MAX (4u << 20)

struct state {
	char *name, *module; /* owned */
	bool has_addr;	     /* values are asked for */
	struct addr addr;
	struct place place;
	uint8_t *bytes; /* owned; of the object */
	struct value_object object;
	struct guest_names names; /* of its pointers */
	struct place_bytes read;  /* of it; it may end before its type does */
	bool mapped_only;
	struct value_style style;
	struct guest_types types;
	VEC(struct found) found;
};

static const struct argp_option options[] = {VALUE_OPTIONS MAPPED_ONLY_OPTION,
					     {0}};

static int type_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	if (key != KEY_MAPPED_ONLY)
		return value_style_option(&st->style, key, arg, err);
	st->mapped_only = st->style.is_set = true;
	return 0;
}

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
	int rc = take_name(st, argv, words, err);

	if (n > words + 1)
		return err_set(err, ERR_USAGE, "one operand too many: '%s'",
			       argv[words + 1]);
	st->has_addr = n > words;
	if (!rc && st->has_addr)
		rc = addr_parse(argv[words], &st->addr, err);
	if (!rc && st->style.is_set && !st->has_addr)
		rc = err_set(err, ERR_USAGE,
			     "--depth, --elements, --hex and --mapped-only are "
			     "about values: an address is missing");
	value_style_settle(&st->style);
	return rc;
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

/* Functions and variables have their names apart, and are not in memory so. */
static bool has_values(const struct found *f)
{
	struct btf_type t;

	return btf_type(f->btf, f->id, &t) && t.kind != BTF_VAR &&
	       btf_size(f->btf, f->id);
}

/* The one whose values are meant: what stands behind all is the same. */
static int choose_type(const struct state *st, const struct found **chosen,
		       struct err *err)
{
	const struct found *f = NULL;
	struct btf_type t;
	size_t i;

	for (i = 0; i < st->found.n; i++) {
		const struct found *other = &st->found.v[i];

		if (!has_values(other))
			continue;
		if (f && (f->btf != other->btf ||
			  btf_behind(f->btf, f->id, &t) !=
				  btf_behind(f->btf, other->id, &t)))
			return err_set(err, ERR_REFUSED,
				       "'%s' is several types, see 'qvmi "
				       "type': name one as %s___2 is the "
				       "second",
				       st->name, st->name);
		if (!f)
			f = other;
	}
	if (!f)
		return err_set(err, ERR_REFUSED,
			       "'%s' is of no size, and so has no value",
			       st->name);
	*chosen = f;
	return 0;
}

/* Its bytes, as far as they are there, and the names of what it points to. */
static int read_object(struct session *s, struct state *st, struct err *err)
{
	struct value_object *o = &st->object;
	const struct found *f = NULL;
	uint64_t size = 0;
	int rc = choose_type(st, &f, err);

	if (!rc)
		rc = place_resolve(&s->guest, &st->addr, &st->place, err);
	if (rc)
		return rc;
	size = btf_size(f->btf, f->id);
	if (size > BYTES_MAX || !place_fits(st->place.at, size))
		return err_set(err, ERR_REFUSED,
			       "%" PRIu64 " bytes from 0x%" PRIx64
			       " on are too many",
			       size, st->place.at);
	*o = (struct value_object){.btf = f->btf,
				   .id = f->id,
				   .at = st->place.at,
				   .opts = st->style.opts,
				   .hex = st->style.hex};
	o->opts.signs = st->types.signs;
	st->bytes = malloc(size + 1);
	if (!st->bytes)
		return err_nomem(err);
	o->bytes = st->bytes;
	st->read = (struct place_bytes){
		.dst = st->bytes, .len = size, .mapped_only = st->mapped_only};
	rc = place_read(&s->guest, &st->place, &st->read, err);
	o->len = st->read.got;
	o->filled = &st->read.filled;
	if (!rc && !o->len)
		return err_pass(err, &st->read.why);
	return rc ? rc : value_objects_name(&o, 1, &s->guest, &st->names, err);
}

static void type_free_object(struct state *st)
{
	guest_names_deinit(&st->names);
	free(st->bytes);
	st->bytes = NULL;
	st->object = (struct value_object){0};
}

static int type_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	st->found.n = 0;
	place_bytes_deinit(&st->read);
	st->read = (struct place_bytes){0};
	type_free_object(st);
	guest_types_deinit(&st->types);
	rc = guest_types_open(&st->types, &s->guest, err);
	if (rc)
		return err_wrap(err, rc, "type");
	if (!st->module)
		rc = type_find(st, &st->types.kernel, NULL, err);
	if (!rc && !st->found.n)
		rc = find_in_modules(s, st, err);
	if (!rc && st->found.n && st->has_addr)
		rc = read_object(s, st, err);
	return rc ? err_wrap(err, rc, "type") : 0;
}

static int type_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	const char *remark = NULL;
	size_t i;
	int rc = 0;

	if (!st->found.n)
		return guest_types_missing(&st->types, s->guest.profile,
					   st->name, st->module, err);
	while ((remark = remarks_next(&st->types.remarks, remark)))
		out_note(out, "%s", remark);
	if (st->has_addr) {
		value_show_begin(out, false);
		value_show(&st->object, out);
		unmapped_show_notes(out, &st->place, &st->read.filled,
				    UINT64_MAX);
		if (st->read.why.code)
			out_fail(out, st->read.why.code, "type: %s",
				 st->read.why.text);
		return 0;
	}
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

	type_free_object(st);
	place_bytes_deinit(&st->read);
	guest_types_deinit(&st->types);
	vec_deinit(&st->found);
	free(st->name);
	free(st->module);
}

const struct cmd cmd_type = {
	.name = "type",
	.topic = TOPIC_LOOK,
	.summary = "Show what a type is made of, or its values in memory",
	.args = "NAME [ADDRESS]",
	.doc = "NAME is that of a struct, union, enum, typedef, function or "
	       "variable of each CPU; 'struct NAME' and the like choose.  What "
	       "the kernel has not is looked for in its modules; NAME[MODULE] "
	       "is that module's.  All types of a name are shown; NAME___2 is "
	       "the second one.  With an ADDRESS the values that are there "
	       "are shown, with the names of what pointers lead to.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = 3,
	.repeats = true,
	.state_size = sizeof(struct state),
	.option = type_option,
	.operands = type_operands,
	.run = type_run,
	.show = type_show,
	.deinit = type_deinit,
};
