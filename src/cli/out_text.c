/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: rows as text, tables and trees drawn by libsmartcols. */
#include "cli/out.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "cli/escape.h"

/* 4096 as "4 KiB": the largest unit that leaves a whole number. */
static void add_size(struct buf *b, uint64_t n)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t u = 0;

	while (u < 4 && n && n % 1024 == 0) {
		n /= 1024;
		u++;
	}
	buf_printf(b, "%" PRIu64 " %s", n, units[u]);
}

static void add_hex_bytes(struct buf *b, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(b, "%s%02x", i ? " " : "", (uint8_t)bytes[i]);
}

/* A scalar cell as text; false: unset. */
static bool cell_text(const struct out_table *t, size_t row, size_t column,
		      struct buf *b)
{
	const struct out_cell *c = out_cell(t, row, column);

	if (!c->set)
		return false;
	switch (t->columns[column].type) {
	case OUT_WORDS:
	case OUT_GUEST:
		escape_add(b, ESCAPE_TEXT, out_cell_bytes(t, c), c->len);
		break;
	case OUT_HEX:
		buf_printf(b, "0x%" PRIx64, c->number);
		break;
	case OUT_COUNT:
		buf_printf(b, "%" PRIu64, c->number);
		break;
	case OUT_SIZE:
		add_size(b, c->number);
		break;
	case OUT_KIB:
		buf_printf(b, "%" PRIu64, c->number / 1024);
		break;
	case OUT_FLAG:
		buf_puts(b, c->number ? "yes" : "no");
		break;
	case OUT_BYTES:
		add_hex_bytes(b, out_cell_bytes(t, c), c->len);
		break;
	case OUT_ROWS:
		return false;
	}
	return true;
}

static void unref_table(struct libscols_table **tb)
{
	scols_unref_table(*tb);
}

static bool right_aligned(enum out_type type)
{
	return type == OUT_COUNT || type == OUT_KIB || type == OUT_SIZE;
}

static bool any_set(const struct out_table *t, size_t column)
{
	size_t i;

	for (i = 0; i < out_n_rows(t); i++)
		if (out_cell(t, i, column)->set)
			return true;
	return false;
}

/* Which columns a table has, as heap memory; NULL without memory. */
static bool *shown_columns(const struct out_table *t)
{
	bool *shown = calloc(t->n_columns + 1, sizeof(*shown));
	size_t i;

	for (i = 0; shown && i < t->n_columns; i++)
		shown[i] = t->columns[i].title &&
			   t->columns[i].type != OUT_ROWS &&
			   (!t->columns[i].sparse || any_set(t, i));
	return shown;
}

static struct libscols_table *new_table(const struct out_table *t,
					const bool *shown)
{
	struct libscols_table *tb = scols_new_table();
	size_t i;
	int flags;

	if (!tb)
		return NULL;
	/* Never cut, wherever it goes; escaping is done already. */
	scols_table_set_termforce(tb, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_noencoding(tb, 1);
	for (i = 0; i < t->n_columns; i++) {
		if (!shown[i])
			continue;
		flags = right_aligned(t->columns[i].type) ? SCOLS_FL_RIGHT : 0;
		if (t->columns[i].tree)
			flags |= SCOLS_FL_TREE;
		if (!scols_table_new_column(tb, t->columns[i].title, 0,
					    flags)) {
			scols_unref_table(tb);
			return NULL;
		}
	}
	return tb;
}

/* Cells of one row into its line; 0 or ERR_NOMEM. */
static int fill_line(const struct out_table *t, const bool *shown, size_t row,
		     struct libscols_line *ln)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i, col = 0;

	for (i = 0; i < t->n_columns; i++) {
		if (!shown[i])
			continue;
		buf_reset(&b);
		if (!cell_text(t, row, i, &b))
			buf_puts(&b, "-");
		if (b.oom ||
		    scols_line_set_data(ln, col++, b.data ? b.data : ""))
			return ERR_NOMEM;
	}
	return 0;
}

static bool has_tree(const struct out_table *t)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (t->columns[i].tree)
			return true;
	return false;
}

/* All lines first, then what hangs below what: parents may come later. */
static int fill_table(const struct out_table *t, const bool *shown,
		      struct libscols_table *tb)
{
	size_t i, n = out_n_rows(t);
	_cleanup_free_ struct libscols_line **ln =
		calloc(n + 1, sizeof(void *));

	if (!ln)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		ln[i] = scols_table_new_line(tb, NULL);
		if (!ln[i] || fill_line(t, shown, i, ln[i]))
			return ERR_NOMEM;
	}
	for (i = 0; has_tree(t) && i < n; i++)
		if (t->parents.v[i] != OUT_NO_PARENT &&
		    scols_line_add_child(ln[t->parents.v[i]], ln[i]))
			return ERR_NOMEM;
	return 0;
}

/*
 * Where a line of escaped text is to end, so that one more column is left of
 * those of the terminal; `end` where all of it has room.
 */
static const char *cut_at(const char *text, const char *end, unsigned int width)
{
	const char *cut = text;
	unsigned int columns = 0;
	mbstate_t state = {0};
	wchar_t wide;
	size_t n;
	int w;

	for (; width && text < end; text += n) {
		n = mbrtowc(&wide, text, (size_t)(end - text), &state);
		if (!n || n > (size_t)(end - text))
			return end; /* not of this locale */
		w = wcwidth(wide);
		columns += w > 0 ? (unsigned int)w : 0;
		if (columns > width)
			return cut;
		if (columns < width)
			cut = text + n;
	}
	return end;
}

/*
 * libsmartcols pads the last column in some releases: cut blanks at ends.  A
 * row that is wider than the terminal would be wrapped: it ends in '>'.
 */
static void add_trimmed(struct buf *b, const char *text, unsigned int width)
{
	const char *end, *stop, *cut;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		for (stop = end; stop > text && stop[-1] == ' '; stop--)
			;
		cut = cut_at(text, stop, width);
		buf_add(b, text, (size_t)(cut - text));
		buf_puts(b, cut < stop ? ">\n" : "\n");
	}
}

static int add_table(const struct out_table *t, struct buf *b)
{
	_cleanup_free_ bool *shown = shown_columns(t);
	_cleanup_(unref_table) struct libscols_table *tb =
		shown ? new_table(t, shown) : NULL;
	_cleanup_free_ char *text = NULL;

	if (!tb || fill_table(t, shown, tb))
		return ERR_NOMEM;
	if (out_n_rows(t)) {
		if (scols_print_table_to_string(tb, &text))
			return ERR_NOMEM;
		add_trimmed(b, text, t->out->width);
	}
	return 0;
}

static int widest_title(const struct out_table *t)
{
	size_t i, len, widest = 0;

	for (i = 0; i < t->n_columns; i++) {
		if (!t->columns[i].title || t->columns[i].type == OUT_ROWS)
			continue;
		len = strlen(t->columns[i].title);
		widest = len > widest ? len : widest;
	}
	return (int)widest;
}

static int add_record(const struct out_table *t, size_t row, struct buf *b)
{
	_cleanup_(buf_deinit) struct buf value = {0};
	int width = widest_title(t);
	const struct out_column *c;
	size_t i;

	for (i = 0; i < t->n_columns; i++) {
		c = &t->columns[i];
		if (!c->title || !out_cell(t, row, i)->set)
			continue;
		if (c->type == OUT_ROWS) {
			if (*c->title)
				buf_printf(b, "%s:\n", c->title);
			if (add_table(out_cell(t, row, i)->table, b))
				return ERR_NOMEM;
			continue;
		}
		buf_reset(&value);
		cell_text(t, row, i, &value);
		buf_printf(b, "%s:%*s %s\n", c->title,
			   width - (int)strlen(c->title), "",
			   value.data ? value.data : "");
	}
	return value.oom ? ERR_NOMEM : 0;
}

int out_as_text(struct out *o, struct buf *b)
{
	size_t i;
	int rc = 0;

	if (o->oom)
		return ERR_NOMEM;
	switch (o->style) {
	case OUT_TABLE:
		rc = add_table(&o->rows, b);
		break;
	case OUT_RECORD:
		for (i = 0; !rc && i < out_n_rows(&o->rows); i++)
			rc = add_record(&o->rows, i, b);
		break;
	case OUT_LINES:
		if (o->lines.oom || !o->lines.data)
			break;
		buf_take(b, o->lines.data, o->lines.len);
		o->lines = (struct buf){0};
		break;
	}
	return rc || b->oom || o->lines.oom ? ERR_NOMEM : 0;
}
