/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: rows, shown as text or as JSON. */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/stats.h"
#include "rows/rows.h"

enum out_style {
	OUT_TABLE,  /* text: aligned columns under their titles */
	OUT_RECORD, /* text: "title: value" lines of each row */
	OUT_LINES   /* text: what out_text() and out_procfs() collected */
};

/* All that a command says; printed only after the guest is let go. */
struct out {
	/* Write bytes to where the answer goes; NULL: all at the end. */
	int (*write)(const struct buf *b, struct err *err);
	const char *command; /* NULL: the command line names none */
	bool json;     /* fill rows; else rows or lines, as the style says */
	bool one_line; /* JSON: all in one line */
	bool terminal; /* text goes to one... */
	/* ...of so many columns, where rows of tables end; 0: whole rows. */
	unsigned int width;
	enum out_style style;
	struct rows rows;
	struct tables *tables_by; /* what draws them (tables.h); NULL: it is not
				     loaded */
	struct buf lines;
	struct buf notes;   /* NUL-terminated, one after the other */
	struct err failure; /* code 0: none; what is wrong with the answer */
	size_t failure_len; /* of the words of the first, which tell */
	size_t n_more_failures;
	struct err write_failure; /* and nothing is written after it */
	size_t rows_written;	  /* of JSON, and gone */
	bool oom;
};

void out_init(struct out *o, const char *command, bool json, bool terminal);
void out_deinit(struct out *o);

/* Choose style and columns; once. */
void out_begin(struct out *o, enum out_style style,
	       const struct row_column *columns, size_t n);

/* A record, of rows whose columns are for whoever fills them to choose. */
struct rows *out_record(struct out *o);

/* Lines of text, for OUT_LINES: words of our own, escaped guest bytes, and
 * procfs text (exact bytes, but escaped on a terminal). */
void out_text(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void out_guest(struct out *o, const char *bytes, size_t n);
void out_procfs(struct out *o, const char *bytes, size_t n);

/*
 * Write what lines, and in JSON rows, there are, if they are many, so that they
 * need no memory.  For a command whose answer cannot fail any more, and which
 * goes back to none of them; rows of a table stay where it is text.
 */
void out_flush(struct out *o);

/* A remark beside the answer, and a reason why it is not whole: the first one
 * counts, of more only their number is told. */
void out_note(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int out_fail(struct out *o, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* There is no answer: no rows, only what went wrong. */
void out_no_answer(struct out *o);

/* The next note behind `last` (NULL: the first), or NULL. */
const char *out_next_note(const struct out *o, const char *last);

/* The two back ends: append to b.  stats may be NULL.  0 or ERR_NOMEM; ERR_SYS
 * where what draws tables is not there (tables.h). */
int out_as_text(struct out *o, struct buf *b, struct err *err);
int out_as_json(struct out *o, const struct stats *stats, struct buf *b);

/* The beginning of the latter, or more of it: the rows that there are. */
int out_json_rows(struct out *o, struct buf *b);

/* A scalar cell as text; false: unset. */
bool out_cell_text(const struct row_table *t, size_t row, size_t column,
		   struct buf *b);

#endif
