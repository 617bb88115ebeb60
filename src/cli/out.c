/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: the row model. */
#include "cli/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "cli/tables.h"

/* Less is worth no call of its own. */
#define FLUSH_BYTES (1u << 20)

void out_init(struct out *o, const char *command, bool json, bool terminal)
{
	*o = (struct out){
		.command = command, .json = json, .terminal = terminal};
	o->rows.out = o;
}

static void table_deinit(struct out_table *t)
{
	vec_deinit(&t->cells);
	vec_deinit(&t->parents);
}

static void free_tables(struct out *o)
{
	struct out_table *t;

	while ((t = o->tables)) {
		o->tables = t->next;
		table_deinit(t);
		free(t);
	}
}

void out_deinit(struct out *o)
{
	tables_unload(o);
	free_tables(o);
	table_deinit(&o->rows);
	buf_deinit(&o->heap);
	buf_deinit(&o->lines);
	buf_deinit(&o->notes);
}

void out_begin(struct out *o, enum out_style style,
	       const struct out_column *columns, size_t n)
{
	o->style = style;
	o->rows.columns = columns;
	o->rows.n_columns = n;
}

void out_row(struct out_table *t)
{
	size_t i;

	if (!t || t->out->oom)
		return;
	if (vec_reserve(&t->cells, t->n_columns) ||
	    vec_push(&t->parents, OUT_NO_PARENT)) {
		t->out->oom = true;
		return;
	}
	for (i = 0; i < t->n_columns; i++)
		t->cells.v[t->cells.n++] = (struct out_cell){0};
}

size_t out_n_rows(const struct out_table *t)
{
	return t->parents.n;
}

void out_parent(struct out_table *t, size_t row, size_t parent)
{
	if (row < t->parents.n && parent < t->parents.n)
		t->parents.v[row] = parent;
}

/* The cell of the last row, marked as set; NULL when memory ran out. */
static struct out_cell *set_cell(struct out_table *t, size_t column)
{
	struct out_cell *c;

	if (!t || t->out->oom || !t->parents.n)
		return NULL;
	c = &t->cells.v[(t->parents.n - 1) * t->n_columns + column];
	c->set = true;
	return c;
}

void out_number(struct out_table *t, size_t column, uint64_t value)
{
	struct out_cell *c = set_cell(t, column);

	if (c)
		c->number = value;
}

void out_bytes(struct out_table *t, size_t column, const void *bytes, size_t n)
{
	struct out_cell *c = set_cell(t, column);

	if (!c)
		return;
	c->number = t->out->heap.len;
	c->len = n;
	buf_add(&t->out->heap, bytes, n);
	t->out->oom |= t->out->heap.oom;
}

void out_string(struct out_table *t, size_t column, const char *s)
{
	out_bytes(t, column, s, strlen(s));
}

void out_printf(struct out_table *t, size_t column, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_string(t, column, text);
}

/* An empty table on the list of o; NULL when memory ran out. */
static struct out_table *new_table(struct out *o,
				   const struct out_column *columns, size_t n)
{
	struct out_table *t = calloc(1, sizeof(*t));

	if (!t) {
		o->oom = true;
		return NULL;
	}
	*t = (struct out_table){.out = o,
				.columns = columns,
				.n_columns = n,
				.next = o->tables};
	o->tables = t;
	return t;
}

struct out_table *out_table(struct out_table *t, size_t column,
			    const struct out_column *columns, size_t n)
{
	struct out_cell *c = set_cell(t, column);

	if (!c)
		return NULL;
	c->table = new_table(t->out, columns, n);
	return c->table;
}

static void add_words(struct out *o, struct buf *b, bool nul, const char *fmt,
		      va_list ap) __attribute__((format(printf, 4, 0)));

/* Append formatted words to b, with their closing NUL where nul is set. */
static void add_words(struct out *o, struct buf *b, bool nul, const char *fmt,
		      va_list ap)
{
	char *words = NULL;
	int n = vasprintf(&words, fmt, ap);

	if (n < 0) {
		o->oom = true;
		return;
	}
	buf_add(b, words, (size_t)n + nul);
	free(words);
}

void out_text(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(o, &o->lines, false, fmt, ap);
	va_end(ap);
}

void out_guest(struct out *o, const char *bytes, size_t n)
{
	escape_add(&o->lines, ESCAPE_TEXT, bytes, n);
}

void out_procfs(struct out *o, const char *bytes, size_t n)
{
	if (o->terminal)
		escape_add(&o->lines, ESCAPE_LINES, bytes, n);
	else
		buf_add(&o->lines, bytes, n);
}

static void flush_rows(struct out *o)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	if (o->rows.cells.n * sizeof(struct out_cell) + o->heap.len <
	    FLUSH_BYTES)
		return;
	if (!o->write_failure.code) {
		if (out_json_rows(o, &b))
			o->oom = true;
		else
			o->write(&b, &o->write_failure);
	}
	out_no_answer(o);
	free_tables(o);
	buf_reset(&o->heap);
}

void out_flush(struct out *o)
{
	if (!o->write || o->oom || o->lines.oom)
		return;
	if (o->json)
		flush_rows(o);
	if (o->json || o->style != OUT_LINES || o->lines.len < FLUSH_BYTES)
		return;
	if (!o->write_failure.code)
		o->write(&o->lines, &o->write_failure);
	buf_reset(&o->lines);
}

void out_note(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_words(o, &o->notes, true, fmt, ap);
	va_end(ap);
}

const char *out_next_note(const struct out *o, const char *last)
{
	const char *next = last ? last + strlen(last) + 1 : o->notes.data;

	if (!next || next >= o->notes.data + o->notes.len)
		return NULL;
	return next;
}

int out_fail(struct out *o, int code, const char *fmt, ...)
{
	struct err *e = &o->failure;
	va_list ap;

	if (e->code) {
		snprintf(e->text + o->failure_len,
			 sizeof(e->text) - o->failure_len, " (and %zu more)",
			 ++o->n_more_failures);
		return e->code;
	}
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	o->failure_len = strlen(e->text);
	return code;
}

void out_no_answer(struct out *o)
{
	o->rows.cells.n = 0;
	o->rows.parents.n = 0;
}

const struct out_cell *out_cell(const struct out_table *t, size_t row,
				size_t column)
{
	return &t->cells.v[row * t->n_columns + column];
}

const char *out_cell_bytes(const struct out_table *t, const struct out_cell *c)
{
	return c->len ? t->out->heap.data + c->number : "";
}
