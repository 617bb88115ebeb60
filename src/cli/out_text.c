/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: rows as text. */
#include "cli/out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "cli/tables.h"

static void add_hex_bytes(struct buf *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(b, "%s%02x", i ? " " : "", (uint8_t)bytes[i]);
}

bool out_cell_text(const struct row_table *t, size_t row, size_t column,
		   struct buf *b)
{
	const struct row_cell *c = row_cell(t, row, column);

	if (!c->set)
		return false;
	switch (t->columns[column].type) {
	case ROW_WORDS:
	case ROW_GUEST:
		escape_add(b, ESCAPE_TEXT, row_cell_bytes(t, c), c->len);
		break;
	case ROW_HEX:
		buf_printf(b, "0x%" PRIx64, c->number);
		break;
	case ROW_COUNT:
		buf_printf(b, "%" PRIu64, c->number);
		break;
	case ROW_SIZE:
		buf_size(b, c->number);
		break;
	case ROW_KIB:
		buf_printf(b, "%" PRIu64, c->number / 1024);
		break;
	case ROW_FLAG:
		buf_puts(b, c->number ? "yes" : "no");
		break;
	case ROW_BYTES:
		add_hex_bytes(b, row_cell_bytes(t, c), c->len);
		break;
	case ROW_TABLE:
		return false;
	}
	return true;
}

static int widest_title(const struct row_table *t)
{
	size_t i, len, widest = 0;

	for (i = 0; i < t->n_columns; i++) {
		if (!t->columns[i].title || t->columns[i].type == ROW_TABLE)
			continue;
		len = strlen(t->columns[i].title);
		widest = len > widest ? len : widest;
	}
	return (int)widest;
}

static int add_record(struct out *o, const struct row_table *t, size_t row,
		      struct buf *b, struct err *err)
{
	_cleanup_(buf_deinit) struct buf value = {0};
	int width = widest_title(t);
	const struct row_column *c;
	size_t i;
	int rc;

	for (i = 0; i < t->n_columns; i++) {
		c = &t->columns[i];
		if (!c->title || !row_cell(t, row, i)->set)
			continue;
		if (c->type == ROW_TABLE) {
			if (*c->title)
				buf_printf(b, "%s:\n", c->title);
			rc = tables_add(o, row_cell(t, row, i)->table, b, err);
			if (rc)
				return rc;
			continue;
		}
		buf_reset(&value);
		out_cell_text(t, row, i, &value);
		buf_printf(b, "%s:%*s %s\n", c->title,
			   width - (int)strlen(c->title), "",
			   value.data ? value.data : "");
	}
	return value.oom ? err_nomem(err) : 0;
}

int out_as_text(struct out *o, struct buf *b, struct err *err)
{
	size_t i;
	int rc = 0;

	if (o->oom || o->rows.oom)
		return err_nomem(err);
	switch (o->style) {
	case OUT_TABLE:
		rc = tables_add(o, &o->rows.top, b, err);
		break;
	case OUT_RECORD:
		for (i = 0; !rc && i < row_count(&o->rows.top); i++)
			rc = add_record(o, &o->rows.top, i, b, err);
		break;
	case OUT_LINES:
		if (o->lines.oom || !o->lines.data)
			break;
		buf_take(b, o->lines.data, o->lines.len);
		o->lines = (struct buf){0};
		break;
	}
	if (!rc && (b->oom || o->lines.oom))
		return err_nomem(err);
	return rc;
}
