/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills rows with page walks. */
#include "cli/walk_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/out_symbol.h"

/* Column, key, title in a record, title in a table, type. */
#define COLUMNS(C)                                                    \
	C(ADDRESS, "address", "Address", "ADDRESS", ROW_HEX)          \
	C(LENGTH, "length", NULL, "LENGTH", ROW_SIZE)                 \
	C(SYMBOL, "symbol", "Symbol", NULL, ROW_GUEST)                \
	C(PID, "pid", "PID", NULL, ROW_COUNT)                         \
	C(COMM, "comm", "COMM", NULL, ROW_GUEST)                      \
	C(ROOT, "root", "Root", NULL, ROW_HEX)                        \
	C(PAGING, "paging", "Paging", NULL, ROW_WORDS)                \
	C(LEVELS, "levels", "", NULL, ROW_TABLE)                      \
	C(RESULT, "result", "Result", "RESULT", ROW_WORDS)            \
	C(DETAIL, "detail", "Because", NULL, ROW_WORDS)               \
	C(PHYSICAL, "physical", "Physical", "PHYSICAL", ROW_HEX)      \
	C(PAGE_SIZE, "page_size", "Page size", "PAGE", ROW_SIZE)      \
	C(PERMISSIONS, NULL, "Permissions", "PERMISSIONS", ROW_WORDS) \
	C(WRITE, "write", NULL, NULL, ROW_FLAG)                       \
	C(USER, "user", NULL, NULL, ROW_FLAG)                         \
	C(NX, "no_execute", NULL, NULL, ROW_FLAG)                     \
	C(SWAP_TYPE, "swap_type", "Swap type", NULL, ROW_COUNT)       \
	C(SWAP_OFFSET, "swap_offset", "Swap offset", NULL, ROW_COUNT) \
	C(LAST, NULL, NULL, "LAST ENTRY", ROW_WORDS)                  \
	C(ADDRESS_PARTS, "address_parts", NULL, NULL, ROW_TABLE)      \
	C(ACCESSES, "accesses", NULL, NULL, ROW_TABLE)                \
	C(SAYS, "says", NULL, NULL, ROW_TABLE)

enum {
#define COLUMN_NAME(name, key, record, table, type) name,
	COLUMNS(COLUMN_NAME)
#undef COLUMN_NAME
	N_COLUMNS
};

static const struct row_column record_columns[] = {
#define COLUMN_RECORD(name, key, record, table, type) \
	[name] = ROW_COLUMN(key, record, type),
	COLUMNS(COLUMN_RECORD)
#undef COLUMN_RECORD
};

static const struct row_column range_columns[] = {
#define COLUMN_RANGE(name, key, record, table, type) \
	[name] = ROW_COLUMN(key, table, type),
	COLUMNS(COLUMN_RANGE)
#undef COLUMN_RANGE
};

enum {
	LEVEL,
	TABLE,
	INDEX,
	ENTRY,
	BITS,
	TABLE_FROM,
	ENTRY_AT,
	LEADS_TO,
	MAY_WRITE,
	MAY_USER,
	MAY_NOT_EXECUTE,
	PARTS,
	AROUND,
	N_LEVEL_COLUMNS
};

static const struct row_column level_columns[] = {
	[LEVEL] = ROW_COLUMN("level", "LEVEL", ROW_WORDS),
	[TABLE] = ROW_COLUMN("table", "TABLE", ROW_HEX),
	[INDEX] = ROW_COLUMN("index", "INDEX", ROW_COUNT),
	[ENTRY] = ROW_COLUMN("entry", "ENTRY", ROW_HEX),
	[BITS] = ROW_COLUMN("bits", "BITS", ROW_WORDS),
	[TABLE_FROM] = ROW_COLUMN("table_from", NULL, ROW_WORDS),
	[ENTRY_AT] = ROW_COLUMN("entry_at", NULL, ROW_HEX),
	[LEADS_TO] = ROW_COLUMN("leads_to", NULL, ROW_HEX),
	[MAY_WRITE] = ROW_COLUMN("write", NULL, ROW_FLAG),
	[MAY_USER] = ROW_COLUMN("user", NULL, ROW_FLAG),
	[MAY_NOT_EXECUTE] = ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	[PARTS] = ROW_COLUMN("parts", NULL, ROW_TABLE),
	[AROUND] = ROW_COLUMN("around", NULL, ROW_TABLE),
};

enum {
	PART_NAME,
	PART_BIT,
	PART_WIDTH,
	PART_VALUE,
	PART_WORDS
};

static const struct row_column part_columns[] = {
	[PART_NAME] = ROW_COLUMN("name", NULL, ROW_WORDS),
	[PART_BIT] = ROW_COLUMN("bit", NULL, ROW_COUNT),
	[PART_WIDTH] = ROW_COLUMN("width", NULL, ROW_COUNT),
	[PART_VALUE] = ROW_COLUMN("value", NULL, ROW_HEX),
	[PART_WORDS] = ROW_COLUMN("words", NULL, ROW_WORDS),
};

enum {
	AROUND_INDEX,
	AROUND_ENTRY,
	AROUND_BITS
};

static const struct row_column around_columns[] = {
	[AROUND_INDEX] = ROW_COLUMN("index", NULL, ROW_COUNT),
	[AROUND_ENTRY] = ROW_COLUMN("entry", NULL, ROW_HEX),
	[AROUND_BITS] = ROW_COLUMN("bits", NULL, ROW_WORDS),
};

enum {
	ACCESS_NAME,
	ACCESS_WORKS,
	ACCESS_BECAUSE
};

static const struct row_column access_columns[] = {
	[ACCESS_NAME] = ROW_COLUMN("access", NULL, ROW_WORDS),
	[ACCESS_WORKS] = ROW_COLUMN("works", NULL, ROW_FLAG),
	[ACCESS_BECAUSE] = ROW_COLUMN("because", NULL, ROW_WORDS),
};

enum {
	SAYS_ABOUT,
	SAYS_WORDS
};

/* They may have a path of the guest in them. */
static const struct row_column says_columns[] = {
	[SAYS_ABOUT] = ROW_COLUMN("about", NULL, ROW_WORDS),
	[SAYS_WORDS] = ROW_COLUMN("words", NULL, ROW_GUEST),
};

static void add_parts(struct row_table *t, const struct paging_part *parts,
		      size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		row_add(t);
		row_string(t, PART_NAME, parts[i].name);
		row_number(t, PART_BIT, parts[i].bit);
		row_number(t, PART_WIDTH, parts[i].width);
		row_number(t, PART_VALUE, parts[i].value);
		if (parts[i].words)
			row_string(t, PART_WORDS, parts[i].words);
	}
}

static void add_around(struct row_table *t, const struct walk *w,
		       const struct lesson_around *a, unsigned int level)
{
	char bits[128];
	unsigned int i;

	for (i = 0; i < a->n; i++) {
		paging_entry_bits(w->root->paging, level, a->entry[i], bits,
				  sizeof(bits));
		row_add(t);
		row_number(t, AROUND_INDEX, a->first + i);
		row_number(t, AROUND_ENTRY, a->entry[i]);
		row_string(t, AROUND_BITS, bits);
	}
}

/* Whether entry i is known. */
static bool was_read(const struct walk *w, unsigned int i)
{
	return w->result != WALK_UNREADABLE || i != w->n - 1;
}

static void explain_level(struct row_table *t, const struct lesson *lesson,
			  unsigned int i)
{
	const struct walk *w = lesson->walk;
	const struct walk_level *l = &w->level[i];
	struct paging_part parts[PAGING_MAX_PARTS];
	struct walk_rights r = walk_rights_so_far(w, i);
	char text[128];
	uint64_t pa;

	walk_table_from(w, i, text, sizeof(text));
	row_string(t, TABLE_FROM, text);
	row_number(t, ENTRY_AT,
		   l->table + l->index * (uint64_t)w->root->paging->family
						 ->entry_bytes);
	if (!was_read(w, i))
		return;
	if (lesson_leads_to(w, i, &pa)) {
		row_number(t, LEADS_TO, pa);
		row_number(t, MAY_WRITE, r.write);
		row_number(t, MAY_USER, r.user);
		row_number(t, MAY_NOT_EXECUTE, r.nx);
	}
	add_parts(row_subtable(t, PARTS, part_columns, 5), parts,
		  walk_level_parts(w, i, parts));
	add_around(row_subtable(t, AROUND, around_columns, 3), w,
		   &lesson->around[i], l->level);
}

static void add_levels(struct row_table *t, const struct walk_shown *s)
{
	const struct walk *w = s->walk;
	const struct walk_level *l;
	char bits[128];
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		l = &w->level[i];
		row_add(t);
		row_string(t, LEVEL,
			   paging_level_name(w->root->paging, l->level));
		row_number(t, TABLE, l->table);
		row_number(t, INDEX, l->index);
		if (was_read(w, i)) {
			paging_entry_bits(w->root->paging, l->level, l->entry,
					  bits, sizeof(bits));
			row_number(t, ENTRY, l->entry);
			row_string(t, BITS, bits);
		}
		if (s->lesson)
			explain_level(t, s->lesson, i);
	}
}

static void add_result(struct row_table *t, const struct walk *w)
{
	char text[128];

	row_string(t, RESULT, walk_result_name(w->result));
	if (walk_has_frame(w->result)) {
		row_number(t, PHYSICAL, w->pa);
		row_number(t, PAGE_SIZE, w->page_size);
	}
	if (w->result == WALK_SWAPPED) {
		row_number(t, SWAP_TYPE, w->swap_type);
		row_number(t, SWAP_OFFSET, w->swap_offset);
	}
	walk_describe(w, text, sizeof(text));
	if (w->result != WALK_MAPPED) {
		row_string(t, DETAIL, text);
		row_string(t, LAST, text);
		return;
	}
	row_printf(t, PERMISSIONS, "r%c%c %s", w->write ? 'w' : '-',
		   w->nx ? '-' : 'x', w->user ? "user" : "kernel");
	row_number(t, WRITE, w->write);
	row_number(t, USER, w->user);
	row_number(t, NX, w->nx);
	paging_entry_bits(w->root->paging, w->level[w->n - 1].level,
			  w->level[w->n - 1].entry, text, sizeof(text));
	row_string(t, LAST, text);
}

static void add_lesson(struct row_table *t, const struct lesson *l)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	struct row_table *sub;
	unsigned int bits;
	size_t i;

	add_parts(row_subtable(t, ADDRESS_PARTS, part_columns, 5), parts,
		  walk_address_parts(l->walk, &bits, parts));
	sub = row_subtable(t, ACCESSES, access_columns, 3);
	for (i = 0; i < l->n_accesses; i++) {
		row_add(sub);
		row_string(sub, ACCESS_NAME, l->access[i].name);
		row_number(sub, ACCESS_WORKS, l->access[i].works);
		if (!l->access[i].works)
			row_string(sub, ACCESS_BECAUSE, l->access[i].because);
	}
	sub = row_subtable(t, SAYS, says_columns, 2);
	for (i = 0; i < l->says.n; i++) {
		row_add(sub);
		row_string(sub, SAYS_ABOUT, l->says.v[i].about);
		row_string(sub, SAYS_WORDS, l->says.v[i].words);
	}
}

void walk_rows_begin(struct out *out, bool range)
{
	if (range)
		out_begin(out, OUT_TABLE, range_columns, N_COLUMNS);
	else
		out_begin(out, OUT_RECORD, record_columns, N_COLUMNS);
}

void walk_rows_add(struct out *out, const struct walk_shown *s)
{
	struct row_table *t = &out->rows.top;
	const struct walk *w = s->walk;

	row_add(t);
	row_number(t, ADDRESS, w->va);
	if (s->len)
		row_number(t, LENGTH, s->len);
	if (s->symbol)
		out_symbol(t, SYMBOL, s->symbol);
	if (s->place->space == ADDR_PID) {
		row_number(t, PID, s->place->task.pid);
		row_string(t, COMM, s->place->task.comm);
	}
	row_number(t, ROOT, paging_root(w->root->paging, w->root->pgd));
	row_string(t, PAGING, w->root->paging->name);
	add_levels(row_subtable(t, LEVELS, level_columns, N_LEVEL_COLUMNS), s);
	add_result(t, w);
	if (s->lesson)
		add_lesson(t, s->lesson);
}
