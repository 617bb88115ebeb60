/* SPDX-License-Identifier: BSD-2-Clause */
/* What was changed, in memory. */
#include "cli/change_show.h"

const char change_blind_note[] =
	"no kernel was found: whether this is a free page, or one that all "
	"share, was not to be known";

enum {
	ADDRESS,
	PHYSICAL,
	KIND,
	OLD,
	NEW,
	REGISTER, /* of an undo, in JSON: see change_show_regs() */
	N_COLUMNS
};

static const struct out_column columns[] = {
	[ADDRESS] = OUT_COLUMN("address", "ADDRESS", OUT_HEX),
	[PHYSICAL] = OUT_COLUMN("physical", "PHYSICAL", OUT_HEX),
	[KIND] = OUT_COLUMN("kind", "KIND", OUT_WORDS),
	[OLD] = OUT_COLUMN("old", "OLD", OUT_BYTES),
	[NEW] = OUT_COLUMN("new", "NEW", OUT_BYTES),
	[REGISTER] = OUT_COLUMN("register", NULL, OUT_WORDS),
};

static void change_show_piece(const struct change *c, size_t i, size_t off,
			      struct out_table *t)
{
	const struct piece *piece = &c->pieces.list.v[i];
	size_t done, n;

	for (done = 0; done < piece->len; done += n, off += n) {
		n = piece->len - done;
		n = n < CHANGE_ROW_BYTES ? n : CHANGE_ROW_BYTES;
		out_row(t);
		out_number(t, ADDRESS, piece->at + done);
		out_number(t, PHYSICAL, piece->pa + done);
		if (!c->blind)
			out_string(t, KIND, page_kind_name(c->pages[i].kind));
		out_bytes(t, OLD, c->old + off, n);
		out_bytes(t, NEW, c->now + off, n);
	}
}

void change_show(const struct change *c, struct out *out)
{
	const struct piece *v = c->pieces.list.v;
	struct out_table *t = &out->rows;
	size_t i, off = 0;

	out_begin(out, OUT_TABLE, columns,
		  c->record.undoes ? N_COLUMNS : REGISTER);
	for (i = 0; i < c->pieces.list.n && out_n_rows(t) < CHANGE_ROWS; i++) {
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
