/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of values, for people and for programs. */
#include "rows/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rows_init(struct rows *r)
{
	*r = (struct rows){0};
	r->top.rows = r;
}

static void rows_table_deinit(struct row_table *t)
{
	vec_deinit(&t->cells);
	vec_deinit(&t->parents);
}

static void free_tables(struct rows *r)
{
	struct row_table *t;

	while ((t = r->tables)) {
		r->tables = t->next;
		rows_table_deinit(t);
		free(t);
	}
}

void rows_deinit(struct rows *r)
{
	free_tables(r);
	rows_table_deinit(&r->top);
	buf_deinit(&r->heap);
}

void rows_begin(struct rows *r, const struct row_column *columns, size_t n)
{
	r->top.columns = columns;
	r->top.n_columns = n;
}

void rows_clear(struct rows *r)
{
	r->top.cells.n = 0;
	r->top.parents.n = 0;
	free_tables(r);
	buf_reset(&r->heap);
}

void row_add(struct row_table *t)
{
	size_t i;

	if (!t || t->rows->oom)
		return;
	if (vec_reserve(&t->cells, t->n_columns) ||
	    vec_push(&t->parents, ROW_NO_PARENT)) {
		t->rows->oom = true;
		return;
	}
	for (i = 0; i < t->n_columns; i++)
		t->cells.v[t->cells.n++] = (struct row_cell){0};
}

size_t row_count(const struct row_table *t)
{
	return t->parents.n;
}

void row_parent(struct row_table *t, size_t row, size_t parent)
{
	if (row < t->parents.n && parent < t->parents.n)
		t->parents.v[row] = parent;
}

/* The cell of the last row, marked as set; NULL when memory ran out. */
static struct row_cell *set_cell(struct row_table *t, size_t column)
{
	struct row_cell *c;

	if (!t || t->rows->oom || !t->parents.n)
		return NULL;
	c = &t->cells.v[(t->parents.n - 1) * t->n_columns + column];
	c->set = true;
	return c;
}

void row_number(struct row_table *t, size_t column, uint64_t value)
{
	struct row_cell *c = set_cell(t, column);

	if (c)
		c->number = value;
}

void row_bytes(struct row_table *t, size_t column, const void *bytes, size_t n)
{
	struct row_cell *c = set_cell(t, column);

	if (!c)
		return;
	c->number = t->rows->heap.len;
	c->len = n;
	buf_add(&t->rows->heap, bytes, n);
	t->rows->oom |= t->rows->heap.oom;
}

void row_string(struct row_table *t, size_t column, const char *s)
{
	row_bytes(t, column, s, strlen(s));
}

void row_printf(struct row_table *t, size_t column, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	row_string(t, column, text);
}

/* An empty table on the list of r; NULL when memory ran out. */
static struct row_table *new_table(struct rows *r,
				   const struct row_column *columns, size_t n)
{
	struct row_table *t = calloc(1, sizeof(*t));

	if (!t) {
		r->oom = true;
		return NULL;
	}
	*t = (struct row_table){.rows = r,
				.columns = columns,
				.n_columns = n,
				.next = r->tables};
	r->tables = t;
	return t;
}

struct row_table *row_subtable(struct row_table *t, size_t column,
			       const struct row_column *columns, size_t n)
{
	struct row_cell *c = set_cell(t, column);

	if (!c)
		return NULL;
	c->table = new_table(t->rows, columns, n);
	return c->table;
}

const struct row_cell *row_cell(const struct row_table *t, size_t row,
				size_t column)
{
	return &t->cells.v[row * t->n_columns + column];
}

const char *row_cell_bytes(const struct row_table *t, const struct row_cell *c)
{
	return c->len ? t->rows->heap.data + c->number : "";
}
