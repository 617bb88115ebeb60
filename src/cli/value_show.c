/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a type as text and as rows. */
#include "cli/value_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"
#include "types/outline.h"

/* Addresses in the order in which they are visited. */
struct pointers {
	VEC(uint64_t) v;
	bool oom;
};

static void take_pointer(void *ctx, const struct value *v)
{
	struct pointers *p = ctx;

	if (v->kind == VALUE_POINTER && vec_push(&p->v, v->number))
		p->oom = true;
}

static bool walk(const struct value_object *o, value_visit *visit, void *ctx)
{
	return value_walk(o->btf, o->id, o->bytes, o->len, &o->opts, visit,
			  ctx);
}

int value_objects_name(struct value_object *const *objects, size_t n,
		       struct guest *g, struct guest_names *names,
		       struct err *err)
{
	struct pointers p = {0};
	size_t i, at = 0;
	int rc;

	for (i = 0; i < n; i++) {
		size_t before = p.v.n;

		walk(objects[i], take_pointer, &p);
		objects[i]->n_names = p.v.n - before;
	}
	rc = p.oom ? err_nomem(err)
		   : guest_names_read(g, p.v.v, p.v.n, names, err);
	for (i = 0; i < n && !rc; i++) {
		objects[i]->names = names->v + at;
		at += objects[i]->n_names;
	}
	vec_deinit(&p.v);
	return rc;
}

/* Values on their way to where they are shown. */
struct value_showing {
	const struct value_object *o;
	struct out *out;	 /* text */
	struct row_table *table; /* or rows */
	size_t pointers;	 /* that were passed */
	struct buf path;
	size_t ends[80]; /* of the path, by level */
};

static void number_text(const struct value_showing *s, const struct value *v,
			char text[32])
{
	if (v->kind == VALUE_POINTER || s->o->hex)
		snprintf(text, 32, "0x%" PRIx64, v->number);
	else if (v->is_signed)
		snprintf(text, 32, "%" PRId64, (int64_t)v->number);
	else
		snprintf(text, 32, "%" PRIu64, v->number);
}

/* NULL: it is no pointer, or was not named. */
static const struct guest_name *name_of(struct value_showing *s,
					const struct value *v)
{
	size_t i = s->pointers;

	if (v->kind != VALUE_POINTER)
		return NULL;
	s->pointers++;
	return s->o->names && i < s->o->n_names ? &s->o->names[i] : NULL;
}

static void bytes_text(const struct value *v, struct buf *b)
{
	size_t i;

	for (i = 0; i < v->len; i++)
		buf_printf(b, "%02x", v->bytes[i]);
}

static void show_leaf(struct value_showing *s, const struct value *v)
{
	_cleanup_(buf_deinit) struct buf bytes = {0};
	const struct guest_name *name = name_of(s, v);
	char text[SYMBOL_TEXT];

	switch (v->kind) {
	case VALUE_STRING:
		out_text(s->out, "\"");
		out_guest(s->out, (const char *)v->bytes, v->len);
		out_text(s->out, "\"");
		return;
	case VALUE_BYTES:
		bytes_text(v, &bytes);
		s->out->oom |= bytes.oom;
		out_text(s->out, "%s", bytes.data ? bytes.data : "{}");
		return;
	case VALUE_BOOL:
		out_text(s->out, v->number ? "true" : "false");
		return;
	default:
		number_text(s, v, text);
		if (v->word)
			out_guest(s->out, v->word, strlen(v->word));
		out_text(s->out, v->word ? " (%s)" : "%s", text);
	}
	if (!name)
		return;
	guest_name_text(name, text);
	if (!*text)
		return;
	out_text(s->out, " <");
	out_guest(s->out, text, strlen(text));
	out_text(s->out, ">");
}

static void show_name(struct value_showing *s, const struct value *v)
{
	unsigned int i;

	for (i = 0; i < v->level; i++)
		out_text(s->out, "\t");
	if (!v->level)
		return;
	if (!v->name)
		out_text(s->out, "[%" PRIu64 "] = ", v->index);
	else if (*v->name)
		out_guest(s->out, v->name, strlen(v->name));
	if (v->name && *v->name)
		out_text(s->out, " = ");
}

static void show_value(void *ctx, const struct value *v)
{
	struct value_showing *s = ctx;
	unsigned int i;

	switch (v->kind) {
	case VALUE_CLOSE:
		for (i = 0; i < v->level; i++)
			out_text(s->out, "\t");
		out_text(s->out, "}\n");
		return;
	case VALUE_MORE:
		for (i = 0; i < v->level; i++)
			out_text(s->out, "\t");
		out_text(s->out, "... %" PRIu64 " more\n", v->number);
		return;
	case VALUE_OPEN:
		show_name(s, v);
		out_text(s->out, "{\n");
		return;
	case VALUE_FOLDED:
		show_name(s, v);
		out_text(s->out, "{...}\n");
		return;
	default:
		break;
	}
	show_name(s, v);
	if (v->known)
		show_leaf(s, v);
	else
		out_text(s->out, "?");
	out_text(s->out, "\n");
	s->pointers += !v->known && v->kind == VALUE_POINTER;
	out_flush(s->out);
}

enum {
	PATH,
	TYPE,
	OFFSET,
	SIZE,
	VALUE,
	WORD,
	SYMBOL,
	SLAB,
	LEFT_OUT,
	FROM,
	ELEMENT, /* of several, by their labels */
	CPU,
	ADDRESS
};

#define COMMON_COLUMNS                                        \
	[PATH] = ROW_COLUMN("path", NULL, ROW_GUEST),         \
	[TYPE] = ROW_COLUMN("type", NULL, ROW_GUEST),         \
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),     \
	[SIZE] = ROW_COLUMN("size", NULL, ROW_COUNT),         \
	[VALUE] = ROW_COLUMN("value", NULL, ROW_GUEST),       \
	[WORD] = ROW_COLUMN("word", NULL, ROW_GUEST),         \
	[SYMBOL] = ROW_COLUMN("symbol", NULL, ROW_GUEST),     \
	[SLAB] = ROW_COLUMN("slab", NULL, ROW_GUEST),         \
	[LEFT_OUT] = ROW_COLUMN("left_out", NULL, ROW_COUNT), \
	[FROM] = ROW_COLUMN("from", NULL, ROW_WORDS)

static const struct row_column columns[] = {
	COMMON_COLUMNS,
};

static const struct row_column label_columns[] = {
	COMMON_COLUMNS,
	[ELEMENT] = ROW_COLUMN("element", NULL, ROW_COUNT),
	[CPU] = ROW_COLUMN("cpu", NULL, ROW_COUNT),
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
};

/* Where the part is, by names: "f_path.mnt", "[3].x". */
static void path_to(struct value_showing *s, const struct value *v)
{
	size_t level = v->level < 79 ? v->level : 79;

	s->path.len = level ? s->ends[level - 1] : 0;
	if (v->name && *v->name)
		buf_printf(&s->path, "%s%s", s->path.len ? "." : "", v->name);
	else if (level && !v->name)
		buf_printf(&s->path, "[%" PRIu64 "]", v->index);
	s->ends[level] = s->path.len;
}

/* From where it is, if no table maps where it begins. */
static void set_from(struct value_showing *s, const struct value *v)
{
	const struct value_object *o = s->o;
	const struct unmapped_run *r =
		o->filled ? unmapped_run_at(o->filled, o->at + v->offset)
			  : NULL;

	if (r)
		row_string(s->table, FROM, unmapped_name(r->kind));
}

static void set_value(struct value_showing *s, const struct value *v)
{
	_cleanup_(buf_deinit) struct buf bytes = {0};
	const struct guest_name *name = name_of(s, v);
	char text[32];

	if (!v->known)
		return;
	switch (v->kind) {
	case VALUE_STRING:
		row_bytes(s->table, VALUE, v->bytes, v->len);
		return;
	case VALUE_BYTES:
		bytes_text(v, &bytes);
		row_string(s->table, VALUE, bytes.data ? bytes.data : "");
		return;
	default:
		number_text(s, v, text);
		row_string(s->table, VALUE, text);
	}
	if (v->word)
		row_string(s->table, WORD, v->word);
	if (name)
		out_symbol(s->table, SYMBOL, &name->symbol);
	if (name && name->cache)
		row_string(s->table, SLAB, name->cache);
}

static void add_row(struct row_table *t, const struct value_label *label,
		    uint64_t at)
{
	row_add(t);
	if (label && label->is_element)
		row_number(t, ELEMENT, label->element);
	if (label && label->cpu >= 0)
		row_number(t, CPU, (uint64_t)label->cpu);
	if (label && label->is_place)
		row_number(t, ADDRESS, at);
}

static void add_value(void *ctx, const struct value *v)
{
	struct value_showing *s = ctx;
	_cleanup_(buf_deinit) struct buf type = {0};

	if (v->kind == VALUE_CLOSE)
		return;
	if (v->kind != VALUE_MORE)
		path_to(s, v);
	else
		s->path.len = s->ends[v->level ? v->level - 1 : 0];
	if (v->kind == VALUE_OPEN)
		return;
	add_row(s->table, s->o->label, s->o->at);
	row_bytes(s->table, PATH, s->path.data ? s->path.data : "",
		  s->path.len);
	if (v->kind == VALUE_MORE) {
		row_number(s->table, LEFT_OUT, v->number);
		return;
	}
	outline_type_name(s->o->btf, v->type, &type);
	row_string(s->table, TYPE, type.data ? type.data : "");
	row_number(s->table, OFFSET, v->offset);
	row_number(s->table, SIZE, v->size);
	set_from(s, v);
	if (v->kind != VALUE_FOLDED)
		set_value(s, v);
}

void value_show_begin(struct out *out, bool labels)
{
	if (labels)
		out_begin(out, OUT_LINES, label_columns, ADDRESS + 1);
	else
		out_begin(out, OUT_LINES, columns, FROM + 1);
}

static void show_label(const struct value_label *label, struct out *out)
{
	if (label && label->cpu >= 0)
		out_text(out, "CPU %" PRId32 ": ", label->cpu);
	if (label && label->is_element)
		out_text(out, "[%" PRIu64 "] ", label->element);
}

void value_show(const struct value_object *o, struct out *out)
{
	struct value_showing s = {.o = o, .out = out, .table = &out->rows.top};
	_cleanup_(buf_deinit) struct buf name = {0};
	bool all;

	if (out->json) {
		all = walk(o, add_value, &s);
		out->oom |= s.path.oom;
		buf_deinit(&s.path);
	} else {
		show_label(o->label, out);
		outline_type_name(o->btf, o->id, &name);
		out_text(out, "(");
		out_guest(out, name.data ? name.data : "", name.len);
		out_text(out, ") ");
		if (!o->label || o->label->is_place)
			out_text(out, "0x%" PRIx64 " = ", o->at);
		all = walk(o, show_value, &s);
	}
	if (!all)
		out_note(out, "the values are cut off: they are too many");
}

void value_show_lost(const struct value_label *label, struct out *out)
{
	if (out->json) {
		add_row(&out->rows.top, label, 0);
		return;
	}
	show_label(label, out);
	out_text(out, "?\n");
}
