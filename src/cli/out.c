/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: what a command says, until it is shown. */
#include "cli/out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* Less is worth no call of its own. */
#define FLUSH_BYTES (1u << 20)

void out_init(struct out *o, const char *command, bool json, bool terminal)
{
	*o = (struct out){
		.command = command, .json = json, .terminal = terminal};
	rows_init(&o->rows);
}

void out_deinit(struct out *o)
{
	free(o->tables_by);
	rows_deinit(&o->rows);
	buf_deinit(&o->lines);
	buf_deinit(&o->notes);
}

void out_begin(struct out *o, enum out_style style,
	       const struct row_column *columns, size_t n)
{
	o->style = style;
	rows_begin(&o->rows, columns, n);
}

struct rows *out_record(struct out *o)
{
	o->style = OUT_RECORD;
	return &o->rows;
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

	if (o->rows.top.cells.n * sizeof(struct row_cell) + o->rows.heap.len <
	    FLUSH_BYTES)
		return;
	if (!o->write_failure.code) {
		if (out_json_rows(o, &b))
			o->oom = true;
		else
			o->write(&b, &o->write_failure);
	}
	rows_clear(&o->rows);
}

void out_flush(struct out *o)
{
	if (!o->write || o->oom || o->rows.oom || o->lines.oom)
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
	rows_clear(&o->rows);
}
