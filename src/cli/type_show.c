/* SPDX-License-Identifier: BSD-2-Clause */
/* Types as text and as rows. */
#include "cli/type_show.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "types/named.h"
#include "types/outline.h"

enum {
	NAME,
	KIND,
	MODULE,
	SIZE,
	DEFINITION,
	MEMBERS,
	CONSTANTS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", NULL, ROW_GUEST),
	[KIND] = ROW_COLUMN("kind", NULL, ROW_WORDS),
	[MODULE] = ROW_COLUMN("module", NULL, ROW_GUEST),
	[SIZE] = ROW_COLUMN("size", NULL, ROW_COUNT),
	[DEFINITION] = ROW_COLUMN("definition", NULL, ROW_GUEST),
	[MEMBERS] = ROW_COLUMN("members", NULL, ROW_TABLE),
	[CONSTANTS] = ROW_COLUMN("constants", NULL, ROW_TABLE),
};

enum {
	MEMBER,
	DEPTH,
	TYPE,
	OFFSET,
	BYTES,
	BIT_OFFSET,
	BIT_SIZE,
	HOLE,
	BIT_HOLE
};

static const struct row_column member_columns[] = {
	[MEMBER] = ROW_COLUMN("member", NULL, ROW_GUEST),
	[DEPTH] = ROW_COLUMN("depth", NULL, ROW_COUNT),
	[TYPE] = ROW_COLUMN("type", NULL, ROW_GUEST),
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[BYTES] = ROW_COLUMN("size", NULL, ROW_COUNT),
	[BIT_OFFSET] = ROW_COLUMN("bit_offset", NULL, ROW_COUNT),
	[BIT_SIZE] = ROW_COLUMN("bit_size", NULL, ROW_COUNT),
	[HOLE] = ROW_COLUMN("hole", NULL, ROW_COUNT),
	[BIT_HOLE] = ROW_COLUMN("bit_hole", NULL, ROW_COUNT),
};

enum {
	CONSTANT,
	VALUE
};

static const struct row_column constant_columns[] = {
	[CONSTANT] = ROW_COLUMN("constant", NULL, ROW_GUEST),
	[VALUE] = ROW_COLUMN("value", NULL, ROW_WORDS),
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void type_show_begin(struct out *out)
{
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
}

static void add_member(struct row_table *t, const struct btf *b,
		       const struct outline_item *it)
{
	_cleanup_(buf_deinit) struct buf text = {0};

	outline_type_name(b, it->type, &text);
	row_add(t);
	if (*it->name)
		row_string(t, MEMBER, it->name);
	row_number(t, DEPTH, it->level - 1);
	row_string(t, TYPE, text.data ? text.data : "");
	row_number(t, OFFSET, it->offset);
	row_number(t, BYTES, it->size);
	if (it->width) {
		row_number(t, BIT_OFFSET, it->shift);
		row_number(t, BIT_SIZE, it->width);
	}
	row_number(t, HOLE, it->before.bytes);
	row_number(t, BIT_HOLE, it->before.bits);
}

static void add_constant(struct row_table *t, const struct outline_item *it)
{
	row_add(t);
	row_string(t, CONSTANT, it->name);
	if (it->is_negative)
		row_printf(t, VALUE, "-%" PRIu64, 0 - it->value);
	else
		row_printf(t, VALUE, "%" PRIu64, it->value);
}

/* Members and constants, those of what is written out in a member, too. */
static void add_parts(struct row_table *t, const struct btf *b,
		      const struct outline *o)
{
	struct row_table *members, *constants;
	size_t i;

	members =
		row_subtable(t, MEMBERS, member_columns, COUNT(member_columns));
	constants = row_subtable(t, CONSTANTS, constant_columns,
				 COUNT(constant_columns));
	for (i = 0; i < o->items.n; i++) {
		const struct outline_item *it = &o->items.v[i];

		if (it->kind == OUTLINE_CONSTANT)
			add_constant(constants, it);
		else if (it->level && it->kind != OUTLINE_CLOSE)
			add_member(members, b, it);
	}
}

static void add_row(struct row_table *t, const struct btf *b, uint32_t id,
		    const struct outline *o, const struct buf *text)
{
	uint64_t size = o->items.n ? o->items.v[0].size : 0;
	struct btf_type type = {0};

	btf_type(b, id, &type);
	row_add(t);
	row_string(t, NAME, type.name);
	row_string(t, KIND, types_named_kind(&type));
	if (size)
		row_number(t, SIZE, size);
	row_string(t, DEFINITION, text->data ? text->data : "");
	add_parts(t, b, o);
}

int type_show_one(struct out *out, const struct btf *b, uint32_t id,
		  const char *module, bool signs, struct err *err)
{
	_cleanup_(outline_deinit) struct outline o = {0};
	_cleanup_(buf_deinit) struct buf text = {0};
	int rc = outline_type(&o, b, id, signs, err);

	if (rc)
		return rc;
	outline_text(&o, &text);
	out->oom |= text.oom;
	if (o.cut)
		out_note(out, "the type is cut off: it is too large");
	if (out->json) {
		add_row(&out->rows.top, b, id, &o, &text);
		if (module)
			row_string(&out->rows.top, MODULE, module);
		return 0;
	}
	if (module) {
		out_text(out, "/* module ");
		out_guest(out, module, strlen(module));
		out_text(out, " */\n");
	}
	out_procfs(out, text.data ? text.data : "", text.len);
	return 0;
}
