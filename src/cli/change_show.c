/* SPDX-License-Identifier: BSD-2-Clause */
/* What was changed, in memory. */
#include "cli/change_show.h"

const char change_blind_note[] =
	"no kernel was found, or none whose types are known: whether this is a "
	"free page, or one that all share, was not to be known";

enum {
	ADDRESS,
	PHYSICAL,
	KIND,
	OLD,
	NEW,
	REGISTER, /* of an undo, in JSON: see change_show_regs() */
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[KIND] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	[OLD] = ROW_COLUMN("old", "OLD", ROW_BYTES),
	[NEW] = ROW_COLUMN("new", "NEW", ROW_BYTES),
	[REGISTER] = ROW_COLUMN("register", NULL, ROW_WORDS),
};

static void change_show_piece(const struct change *c, size_t i, size_t off,
			      struct row_table *t)
{
	const struct piece *piece = &c->pieces.list.v[i];
	size_t done, n;

	for (done = 0; done < piece->len; done += n, off += n) {
		n = piece->len - done;
		n = n < CHANGE_ROW_BYTES ? n : CHANGE_ROW_BYTES;
		row_add(t);
		row_number(t, ADDRESS, piece->at + done);
		row_number(t, PHYSICAL, piece->pa + done);
		if (!c->blind)
			row_string(t, KIND, page_kind_name(c->pages[i].kind));
		row_bytes(t, OLD, c->old + off, n);
		row_bytes(t, NEW, c->now + off, n);
	}
}

void change_show(const struct change *c, struct out *out)
{
	const struct piece *v = c->pieces.list.v;
	struct row_table *t = &out->rows.top;
	size_t i, off = 0;

	out_begin(out, OUT_TABLE, columns,
		  c->record.undoes ? N_COLUMNS : REGISTER);
	for (i = 0; i < c->pieces.list.n && row_count(t) < CHANGE_ROWS; i++) {
		change_show_piece(c, i, off, t);
		off += v[i].len;
	}
	if (off < c->len)
		out_note(out,
			 "%zu bytes were written; the first %zu of them are "
			 "shown (entry %u of the journal has all)",
			 c->len, off, c->record.entry);
	if (c->blind)
		out_note(out, "%s", change_blind_note);
}
