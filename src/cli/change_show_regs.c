/* SPDX-License-Identifier: BSD-2-Clause */
/* What was changed, in registers. */
#include "base/cursor.h"
#include "cli/change_show.h"

enum {
	ADDRESS,
	PHYSICAL,
	KIND,
	REGISTER,
	OLD,
	NEW,
	N_COLUMNS
};

/* In JSON, the columns of memory too. */
static const struct out_column columns[] = {
	[ADDRESS] = OUT_COLUMN("address", NULL, OUT_HEX),
	[PHYSICAL] = OUT_COLUMN("physical", NULL, OUT_HEX),
	[KIND] = OUT_COLUMN("kind", NULL, OUT_WORDS),
	[REGISTER] = OUT_COLUMN("register", "REGISTER", OUT_WORDS),
	[OLD] = OUT_COLUMN("old", "OLD", OUT_BYTES),
	[NEW] = OUT_COLUMN("new", "NEW", OUT_BYTES),
};

void change_show_regs(const struct change_regs *c, struct out *out)
{
	struct out_table *t = &out->rows;
	uint8_t bytes[8];
	char name[CHANGE_REGS_NAME];
	size_t i;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < c->list.n; i++) {
		const struct reg_change *r = &c->list.v[i];

		change_regs_name(c, r, name);
		out_row(t);
		out_string(t, REGISTER, name);
		le_store(bytes, r->old, r->reg->bytes);
		out_bytes(t, OLD, bytes, r->reg->bytes);
		le_store(bytes, r->new, r->reg->bytes);
		out_bytes(t, NEW, bytes, r->reg->bytes);
	}
}
