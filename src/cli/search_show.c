/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what a search found, and what was searched. */
#include "cli/search_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/out_symbol.h"

/* The text first: it is what the eye looks for. */
enum {
	ADDRESS,
	TEXT,
	PHYSICAL,
	BEFORE,
	MATCH,
	AFTER,
	SYMBOL,
	FROM,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[TEXT] = ROW_COLUMN(NULL, "TEXT", ROW_WORDS),
	[PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[BEFORE] = ROW_COLUMN("before", "BEFORE", ROW_BYTES),
	[MATCH] = ROW_COLUMN("match", "MATCH", ROW_BYTES),
	[AFTER] = ROW_COLUMN("after", "AFTER", ROW_BYTES),
	[SYMBOL] = {.key = "symbol",
		    .title = "SYMBOL",
		    .type = ROW_GUEST,
		    .sparse = true},
	[FROM] = {.key = "from",
		  .title = "FROM",
		  .type = ROW_WORDS,
		  .sparse = true},
};

static void show_hit(struct row_table *t, const struct search_hit *h,
		     const struct symbol *symbol, const char *bytes)
{
	size_t all = (size_t)h->before + h->shown + h->after, i;
	char text[SEARCH_SHOWN + 2 * SEARCH_LINE + 3];

	text[0] = text[all + 1] = '|';
	text[all + 2] = '\0';
	for (i = 0; i < all; i++)
		text[i + 1] =
			bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.';
	row_add(t);
	row_number(t, ADDRESS, h->at);
	row_string(t, TEXT, text);
	out_symbol(t, SYMBOL, symbol);
	if (h->from != SEARCH_MAPPED)
		row_string(t, FROM, unmapped_name((enum unmapped_kind)h->from));
	if (h->pa != UINT64_MAX)
		row_number(t, PHYSICAL, h->pa);
	row_bytes(t, BEFORE, bytes, h->before);
	row_bytes(t, MATCH, bytes + h->before, h->shown);
	row_bytes(t, AFTER, bytes + h->before + h->shown, h->after);
}

/* What lies behind tables that could not be read is not known. */
static void say_tables(const struct search *f, char *text, size_t size)
{
	const struct space_tables *first =
		f->top.unreadable ? &f->top : &f->bottom;
	size_t n = f->top.unreadable + f->bottom.unreadable;

	if (n)
		snprintf(text, size,
			 "; page tables that could not be read: %zu, the first "
			 "at 0x%" PRIx64 ", for 0x%" PRIx64
			 " on: what they map was not searched",
			 n, first->pa, first->va);
}

/* Whether any was taken from elsewhere than tables. */
static bool taken(const struct search *f)
{
	size_t i;

	for (i = 0; i < UNMAPPED_KINDS; i++)
		if (f->bytes_of[i] && unmapped_has_bytes(i))
			return true;
	return false;
}

/* Of what was searched, what no table maps. */
static void say_taken(const struct search *f, char *text, size_t size)
{
	const char *before = " (of these no table maps ";
	size_t i, n = 0;

	*text = '\0';
	if (!taken(f))
		return;
	for (i = 0; i < UNMAPPED_KINDS; i++) {
		if (!f->bytes_of[i] || !unmapped_has_bytes(i))
			continue;
		snprintf(text + n, size - n, "%s%" PRIu64 ": %s", before,
			 f->bytes_of[i], unmapped_words(i));
		n = strlen(text);
		before = "; ";
	}
	snprintf(text + n, size - n, ")");
}

/* What was searched, and what was not. */
static void say_searched(const struct search *f, uint64_t asked, char *text,
			 size_t size)
{
	uint64_t looked_at = f->searched + f->passed + f->unread;
	bool blind = f->top.unreadable || f->bottom.unreadable;
	size_t n;

	snprintf(text, size, "%" PRIu64 " bytes were searched",
		 f->searched + f->passed);
	n = strlen(text);
	say_taken(f, text + n, size - n);
	n = strlen(text);
	if (asked > looked_at)
		snprintf(text + n, size - n,
			 ", %" PRIu64 " are not in memory%s", asked - looked_at,
			 blind ? " as far as is known" : "");
	n = strlen(text);
	if (f->unread)
		snprintf(text + n, size - n, ", %" PRIu64 " could not be read",
			 f->unread);
	n = strlen(text);
	say_tables(f, text + n, size - n);
}

/* Whether memory was left out that may be there. */
static bool left_out(const struct search *f)
{
	return f->unread || f->top.unreadable || f->bottom.unreadable;
}

void search_show_answer(struct out *out, const struct search *f,
			const struct symbol *symbols, uint64_t asked)
{
	char searched[800];
	size_t i;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < f->hits.n; i++)
		show_hit(&out->rows.top, &f->hits.v[i], &symbols[i],
			 f->bytes.data + f->hits.v[i].bytes);
	say_searched(f, asked, searched, sizeof(searched));
	if (f->cut)
		out_note(out,
			 "there are more than %zu matches: not all was "
			 "searched (see --max)",
			 f->hits.n);
	else if (!f->hits.n)
		out_fail(out, ERR_NOT_FOUND, "search: nothing found: %s",
			 searched);
	else if (f->searched + f->passed < asked || left_out(f) || taken(f))
		out_note(out, "%s", searched);
}
