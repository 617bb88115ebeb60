/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: tables and trees, drawn by libsmartcols. */
#include "cli/tables.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/late.h"

/* Loading it takes longer than all that a short run does before it connects. */
#define LIBSMARTCOLS "libsmartcols.so.1"
#define FUNCTIONS(F)                     \
	F(scols_new_table)               \
	F(scols_unref_table)             \
	F(scols_table_set_termforce)     \
	F(scols_table_enable_noencoding) \
	F(scols_table_new_column)        \
	F(scols_table_new_line)          \
	F(scols_line_set_data)           \
	F(scols_line_add_child)          \
	F(scols_print_table_to_string)

struct tables {
	FUNCTIONS(LATE_MEMBER)
};

static const char *const names[] = {FUNCTIONS(LATE_NAME)};

int tables_load(struct out *o, struct err *err)
{
	struct err why = {0};
	struct tables *f;

	if (o->tables_by)
		return 0;
	f = calloc(1, sizeof(*f));
	if (!f)
		return err_nomem(err);
	if (late_load(LIBSMARTCOLS, names, sizeof(names) / sizeof(*names), f,
		      &why)) {
		o->tables_by = f;
		return 0;
	}
	free(f);
	return err_set(err, ERR_SYS,
		       "tables are drawn by libsmartcols; install it, or take "
		       "--json: %.400s",
		       why.text);
}

static bool right_aligned(enum row_type type)
{
	return type == ROW_COUNT || type == ROW_KIB || type == ROW_SIZE;
}

static bool any_set(const struct row_table *t, size_t column)
{
	size_t i;

	for (i = 0; i < row_count(t); i++)
		if (row_cell(t, i, column)->set)
			return true;
	return false;
}

/* Which columns a table has, as heap memory; NULL without memory. */
static bool *shown_columns(const struct row_table *t)
{
	bool *shown = calloc(t->n_columns + 1, sizeof(*shown));
	size_t i;

	for (i = 0; shown && i < t->n_columns; i++)
		shown[i] = t->columns[i].title &&
			   t->columns[i].type != ROW_TABLE &&
			   (!t->columns[i].sparse || any_set(t, i));
	return shown;
}

static struct libscols_table *
new_table(const struct tables *f, const struct row_table *t, const bool *shown)
{
	struct libscols_table *tb = f->scols_new_table();
	size_t i;
	int flags;

	if (!tb)
		return NULL;
	/* Never cut, wherever it goes; escaping is done already. */
	f->scols_table_set_termforce(tb, SCOLS_TERMFORCE_NEVER);
	f->scols_table_enable_noencoding(tb, 1);
	for (i = 0; i < t->n_columns; i++) {
		if (!shown[i])
			continue;
		flags = right_aligned(t->columns[i].type) ? SCOLS_FL_RIGHT : 0;
		if (t->columns[i].tree)
			flags |= SCOLS_FL_TREE;
		if (!f->scols_table_new_column(tb, t->columns[i].title, 0,
					       flags)) {
			f->scols_unref_table(tb);
			return NULL;
		}
	}
	return tb;
}

/* Cells of one row into its line; 0 or ERR_NOMEM. */
static int fill_line(const struct tables *f, const struct row_table *t,
		     const bool *shown, size_t row, struct libscols_line *ln)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i, col = 0;

	for (i = 0; i < t->n_columns; i++) {
		if (!shown[i])
			continue;
		buf_reset(&b);
		if (!out_cell_text(t, row, i, &b))
			buf_puts(&b, "-");
		if (b.oom ||
		    f->scols_line_set_data(ln, col++, b.data ? b.data : ""))
			return ERR_NOMEM;
	}
	return 0;
}

static bool has_tree(const struct row_table *t)
{
	size_t i;

	for (i = 0; i < t->n_columns; i++)
		if (t->columns[i].tree)
			return true;
	return false;
}

/* All lines first, then what hangs below what: parents may come later. */
static int fill_table(const struct tables *f, const struct row_table *t,
		      const bool *shown, struct libscols_table *tb)
{
	size_t i, n = row_count(t);
	_cleanup_free_ struct libscols_line **ln =
		calloc(n + 1, sizeof(void *));

	if (!ln)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		ln[i] = f->scols_table_new_line(tb, NULL);
		if (!ln[i] || fill_line(f, t, shown, i, ln[i]))
			return ERR_NOMEM;
	}
	for (i = 0; has_tree(t) && i < n; i++)
		if (t->parents.v[i] != ROW_NO_PARENT &&
		    f->scols_line_add_child(ln[t->parents.v[i]], ln[i]))
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

/* Put the table as the library draws it behind b. */
static int draw(const struct out *o, const struct row_table *t,
		const bool *shown, struct libscols_table *tb, struct buf *b)
{
	_cleanup_free_ char *text = NULL;

	if (fill_table(o->tables_by, t, shown, tb))
		return ERR_NOMEM;
	if (!row_count(t))
		return 0;
	if (o->tables_by->scols_print_table_to_string(tb, &text))
		return ERR_NOMEM;
	add_trimmed(b, text, o->width);
	return 0;
}

int tables_add(struct out *o, const struct row_table *t, struct buf *b,
	       struct err *err)
{
	_cleanup_free_ bool *shown = shown_columns(t);
	struct libscols_table *tb;
	int rc = tables_load(o, err);

	if (rc)
		return rc;
	tb = shown ? new_table(o->tables_by, t, shown) : NULL;
	if (!tb)
		return err_nomem(err);
	rc = draw(o, t, shown, tb, b);
	o->tables_by->scols_unref_table(tb);
	return rc ? err_nomem(err) : 0;
}
