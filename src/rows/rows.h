/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of values, for people and for programs; nothing is printed here. */
#ifndef ROWS_ROWS_H
#define ROWS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

enum row_type {	   /* text                  JSON                          */
	ROW_WORDS, /* our own words         string                        */
	ROW_GUEST, /* escaped guest bytes   string (see base/escape.h) */
	ROW_HEX,   /* 0x1f                  "0x1f"                        */
	ROW_COUNT, /* 31                    31                            */
	ROW_SIZE,  /* 4 KiB                 4096                          */
	ROW_KIB,   /* 4                     4096                          */
	ROW_FLAG,  /* yes, no               true, false                   */
	ROW_BYTES, /* 1f 20                 "1f20"                        */
	ROW_TABLE  /* a table of its own    array of objects              */
};

/* A cell that was never set is "-" in a table, absent in a record's text,
 * and null in JSON. */
struct row_column {
	const char *key;   /* JSON; NULL: text only */
	const char *title; /* text; NULL: JSON only */
	enum row_type type;
	bool tree;   /* draw the tree of row_parent() in this column */
	bool sparse; /* in a table: only where a cell of it is set */
};

#define ROW_COLUMN(k, t, ty)                           \
	{                                              \
		.key = (k), .title = (t), .type = (ty) \
	}

/* What stands in one place of a row; for the back ends. */
struct row_cell {
	bool set;
	uint64_t number; /* or where its bytes are in rows.heap */
	size_t len;	 /* of the bytes */
	struct row_table *table;
};

#define ROW_NO_PARENT SIZE_MAX

/* Rows of cells.  Running out of memory is remembered in the rows. */
struct row_table {
	struct rows *rows;
	const struct row_column *columns;
	size_t n_columns;
	VEC(struct row_cell) cells; /* row after row */
	VEC(size_t) parents;	    /* one per row, or ROW_NO_PARENT */
	struct row_table *next;	    /* in rows.tables */
};

/* A table, and all that its cells have. */
struct rows {
	struct row_table top;
	struct row_table *tables; /* those in cells, as a list */
	struct buf heap;	  /* bytes of cells */
	bool oom;
};

void rows_init(struct rows *r);
void rows_deinit(struct rows *r);

/* Choose the columns of the top table; once. */
void rows_begin(struct rows *r, const struct row_column *columns, size_t n);

/* Forget all rows, and what they have; the columns stay. */
void rows_clear(struct rows *r);

/* Start a row; its cells are unset. */
void row_add(struct row_table *t);
size_t row_count(const struct row_table *t);
/* Row `row` hangs below row `parent`; no cycles, please. */
void row_parent(struct row_table *t, size_t row, size_t parent);

/* Set a cell of the last row. */
void row_number(struct row_table *t, size_t column, uint64_t value);
void row_bytes(struct row_table *t, size_t column, const void *bytes, size_t n);
void row_string(struct row_table *t, size_t column, const char *s);
void row_printf(struct row_table *t, size_t column, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A table in a cell of the last row; NULL when memory ran out, which all
 * functions here take. */
struct row_table *row_subtable(struct row_table *t, size_t column,
			       const struct row_column *columns, size_t n);

/* For the back ends: a cell, and its bytes. */
const struct row_cell *row_cell(const struct row_table *t, size_t row,
				size_t column);
const char *row_cell_bytes(const struct row_table *t, const struct row_cell *c);

#endif
