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
static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", NULL, ROW_HEX),
	[KIND] = ROW_COLUMN("kind", NULL, ROW_WORDS),
	[REGISTER] = ROW_COLUMN("register", "REGISTER", ROW_WORDS),
	[OLD] = ROW_COLUMN("old", "OLD", ROW_BYTES),
	[NEW] = ROW_COLUMN("new", "NEW", ROW_BYTES),
};

void change_show_regs(const struct change_regs *c, struct out *out)
{
	struct row_table *t = &out->rows.top;
	uint8_t bytes[8];
	char name[CHANGE_REGS_NAME];
	size_t i;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < c->list.n; i++) {
		const struct reg_change *r = &c->list.v[i];

		change_regs_name(c, r, name);
		row_add(t);
		row_string(t, REGISTER, name);
		le_store(bytes, r->old, r->reg->bytes);
		row_bytes(t, OLD, bytes, r->reg->bytes);
		le_store(bytes, r->new, r->reg->bytes);
		row_bytes(t, NEW, bytes, r->reg->bytes);
	}
}
