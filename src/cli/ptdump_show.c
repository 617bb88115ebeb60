/* SPDX-License-Identifier: BSD-2-Clause */
/* A dump of page tables: lines as Linux has them, rows, totals. */
#include "cli/ptdump.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"

enum {
	START,
	END,
	SIZE,
	LEVEL,
	PAGE_SIZE,
	PERMISSIONS,
	WRITE,
	USER,
	NX,
	ATTRIBUTES,
	REGION,
	MODULE,
	SYMBOL,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[LEVEL] = ROW_COLUMN("level", "LEVEL", ROW_WORDS),
	[PAGE_SIZE] = ROW_COLUMN("page_size", NULL, ROW_SIZE),
	[PERMISSIONS] = ROW_COLUMN(NULL, "PERMISSIONS", ROW_WORDS),
	[WRITE] = ROW_COLUMN("write", NULL, ROW_FLAG),
	[USER] = ROW_COLUMN("user", NULL, ROW_FLAG),
	[NX] = ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	[ATTRIBUTES] = ROW_COLUMN("attributes", "ATTRIBUTES", ROW_WORDS),
	[REGION] = ROW_COLUMN("region", "REGION", ROW_WORDS),
	[MODULE] = {.key = "module",
		    .title = "MODULE",
		    .type = ROW_GUEST,
		    .sparse = true},
	[SYMBOL] = ROW_COLUMN("symbol", "SYMBOL", ROW_GUEST),
};

static void show_range(struct row_table *t, uint64_t va, uint64_t last)
{
	row_add(t);
	row_number(t, START, va);
	if (last != UINT64_MAX)
		row_number(t, END, last + 1);
	row_number(t, SIZE, last - va + 1);
}

static void show_part(const struct ptdump_space *s, struct row_table *t,
		      const struct ptdump_part *part)
{
	const struct ptdump_run *r = &s->dump->runs.v[part->run];
	char attributes[48];

	ptdump_attributes(s->paging, r, false, attributes, sizeof(attributes));
	show_range(t, part->va, part->last);
	row_string(t, LEVEL, paging_level_name(s->paging, r->level));
	row_number(t, PAGE_SIZE, ptdump_page_size(s->paging, r));
	row_printf(t, PERMISSIONS, "r%c%c %s", r->write ? 'w' : '-',
		   r->nx ? '-' : 'x', r->user ? "user" : "kernel");
	row_number(t, WRITE, r->write);
	row_number(t, USER, r->user);
	row_number(t, NX, r->nx);
	row_string(t, ATTRIBUTES, attributes);
	if (part->region)
		row_string(t, REGION, part->region->name);
}

void ptdump_show_rows(const struct ptdump_space *s, struct out *out)
{
	struct ptdump_part part = {0};

	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	while (ptdump_next_part(s, &part)) {
		show_part(s, &out->rows.top, &part);
		out_flush(out);
	}
}

void ptdump_show_found(const struct ptdump_space *s,
		       const struct ptdump_part *parts, size_t n,
		       const struct symbol *symbols, const char *const *modules,
		       struct out *out)
{
	size_t i;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < n; i++) {
		show_part(s, &out->rows.top, &parts[i]);
		if (modules[i])
			row_string(&out->rows.top, MODULE, modules[i]);
		out_symbol(&out->rows.top, SYMBOL, &symbols[i]);
	}
}

/* The markers of the regions that begin before or at va. */
static void show_markers(const struct ptdump_space *s, size_t *i, uint64_t va,
			 struct out *out)
{
	for (; *i < s->layout->n && s->layout->v[*i].start <= va; (*i)++)
		if (s->layout->v[*i].marker)
			out_text(out, "---[ %s ]---\n",
				 s->layout->v[*i].marker);
}

/* docs/facts/kernel.md, "Dump of page tables" */
static void show_line(const struct ptdump_space *s,
		      const struct ptdump_part *part, struct out *out)
{
	const struct ptdump_run *r = &s->dump->runs.v[part->run];
	uint64_t size = part->last - part->va + 1;
	const char *unit = "BKMGTPE";
	char attributes[48];

	ptdump_attributes(s->paging, r, true, attributes, sizeof(attributes));
	for (; size && !(size % 1024) && unit[1]; unit++)
		size /= 1024;
	out_text(out,
		 "0x%016" PRIx64 "-0x%016" PRIx64 "   %9" PRIu64
		 "%c %s%s%s%s%s\n",
		 part->va, part->last + 1, size, *unit,
		 r->user ? "USR " : "    ", r->write ? "RW " : "ro ",
		 attributes, r->nx ? "NX " : "x  ",
		 paging_level_name(s->paging, r->level));
}

/* Linux shows so many of the stacks of espfix: each is mapped many times. */
#define ESPFIX_LINES 16

/* Lines of one region that are left out are counted in its last one. */
struct line_count {
	const struct x86_64_region *region;
	size_t n;
};

static bool is_espfix(const struct x86_64_region *r)
{
	return r && !strcmp(r->name, "espfix");
}

static void show_left_out(const struct line_count *c, struct out *out)
{
	size_t more = c->n > ESPFIX_LINES ? c->n - ESPFIX_LINES : 0;

	if (is_espfix(c->region) && more)
		out_text(out, "... %zu entr%s skipped ... \n", more,
			 more == 1 ? "y" : "ies");
}

/* A border without a marker ends no line. */
static bool part_goes_on(const struct ptdump_part *part,
			 const struct ptdump_part *next)
{
	return part->run == next->run && part->last + 1 == next->va &&
	       next->region && !next->region->marker;
}

void ptdump_show_lines(const struct ptdump_space *s, enum ptdump_half half,
		       struct out *out)
{
	struct ptdump_part part = {0}, next = {0};
	struct line_count count = {NULL, 0};
	bool more = ptdump_next_part(s, &next);
	size_t marker = 0;

	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	while (more) {
		part = next;
		more = ptdump_next_part(s, &next);
		while (more && part_goes_on(&part, &next)) {
			part.last = next.last;
			more = ptdump_next_part(s, &next);
		}
		if (part.region != count.region) {
			show_left_out(&count, out);
			count = (struct line_count){part.region, 0};
		}
		show_markers(s, &marker, part.va, out);
		if (!is_espfix(part.region) || count.n < ESPFIX_LINES)
			show_line(s, &part, out);
		count.n++;
		out_flush(out);
	}
	show_left_out(&count, out);
	show_markers(s, &marker, half == PTDUMP_LOW ? 0 : UINT64_MAX, out);
}

static const struct row_column hole_columns[] = {
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[SIZE + 1] = ROW_COLUMN("region", "REGION", ROW_WORDS),
};

/* A gap that reaches over regions is one; the first of them names it. */
void ptdump_show_holes(const struct ptdump_space *s, struct out *out)
{
	const struct ptdump_run *r = s->dump->runs.v;
	struct row_table *t = &out->rows.top;
	size_t i;

	out_begin(out, OUT_TABLE, hole_columns, SIZE + 2);
	for (i = 1; i < s->dump->runs.n; i++) {
		uint64_t from = ptdump_last(&r[i - 1]) + 1;

		/* Between the halves there are no addresses. */
		if (from == r[i].va || from >> 63 != r[i].va >> 63)
			continue;
		show_range(t, from, r[i].va - 1);
		if (s->layout->n)
			row_string(t, SIZE + 1,
				   x86_64_region_of(s->layout, from)->name);
	}
}

enum {
	PAGES_LEVEL,
	PAGES_SIZE,
	PAGES_PERMISSIONS,
	PAGES_WRITE,
	PAGES_USER,
	PAGES_NX,
	PAGES_COUNT,
	PAGES_BYTES,
	N_PAGES
};

static const struct row_column page_columns[] = {
	[PAGES_LEVEL] = ROW_COLUMN("level", "LEVEL", ROW_WORDS),
	[PAGES_SIZE] = ROW_COLUMN("page_size", "PAGE-SIZE", ROW_SIZE),
	[PAGES_PERMISSIONS] = ROW_COLUMN(NULL, "PERMISSIONS", ROW_WORDS),
	[PAGES_WRITE] = ROW_COLUMN("write", NULL, ROW_FLAG),
	[PAGES_USER] = ROW_COLUMN("user", NULL, ROW_FLAG),
	[PAGES_NX] = ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	[PAGES_COUNT] = ROW_COLUMN("pages", "PAGES", ROW_COUNT),
	[PAGES_BYTES] = ROW_COLUMN("bytes", "BYTES", ROW_SIZE),
};

static const struct row_column table_columns[] = {
	ROW_COLUMN("level", "LEVEL", ROW_WORDS),
	ROW_COLUMN("pages", "PAGES", ROW_COUNT),
	ROW_COLUMN("bytes", "BYTES", ROW_SIZE),
};

static const struct row_column total_columns[] = {
	ROW_COLUMN("mapped", "Mapped", ROW_SIZE),
	ROW_COLUMN("shared", "Reached again", ROW_COUNT),
	ROW_COLUMN("by_permission", "Pages", ROW_TABLE),
	ROW_COLUMN("tables", "Tables", ROW_TABLE),
};

#define KINDS 8u /* of write, user, no_execute */

static void total_row(const struct ptdump_space *s, struct row_table *t,
		      unsigned int level, unsigned int kind, uint64_t bytes)
{
	const struct ptdump_run like = {.level = (uint8_t)level};
	uint64_t size = ptdump_page_size(s->paging, &like);

	if (!bytes)
		return;
	row_add(t);
	row_string(t, PAGES_LEVEL, paging_level_name(s->paging, level));
	row_number(t, PAGES_SIZE, size);
	row_printf(t, PAGES_PERMISSIONS, "r%c%c %s", kind & 1 ? 'w' : '-',
		   kind & 4 ? '-' : 'x', kind & 2 ? "user" : "kernel");
	row_number(t, PAGES_WRITE, kind & 1);
	row_number(t, PAGES_USER, kind >> 1 & 1);
	row_number(t, PAGES_NX, kind >> 2 & 1);
	row_number(t, PAGES_COUNT, bytes / size);
	row_number(t, PAGES_BYTES, bytes);
}

static uint64_t total_add(const struct ptdump *d,
			  uint64_t bytes[PAGING_MAX_LEVELS + 1][KINDS])
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < d->runs.n; i++) {
		const struct ptdump_run *r = &d->runs.v[i];
		unsigned int kind = (unsigned int)r->write |
				    (unsigned int)r->user << 1 |
				    (unsigned int)r->nx << 2;

		bytes[r->level][kind] += r->len;
		all += r->len;
	}
	return all;
}

void ptdump_show_totals(const struct ptdump_space *s, struct out *out)
{
	uint64_t bytes[PAGING_MAX_LEVELS + 1][KINDS] = {{0}};
	struct row_table *t = &out->rows.top, *pages, *tables;
	unsigned int level, kind;

	out_begin(out, OUT_RECORD, total_columns, 4);
	row_add(t);
	row_number(t, 0, total_add(s->dump, bytes));
	row_number(t, 1, s->dump->shared);
	pages = row_subtable(t, 2, page_columns, N_PAGES);
	tables = row_subtable(t, 3, table_columns, 3);
	for (level = 1; level <= s->paging->levels; level++)
		for (kind = 0; kind < KINDS; kind++)
			total_row(s, pages, level, kind, bytes[level][kind]);
	for (level = s->paging->levels; level; level--) {
		row_add(tables);
		row_string(tables, 0, paging_level_name(s->paging, level));
		row_number(tables, 1, s->dump->tables[level]);
		row_number(tables, 2,
			   s->dump->tables[level] *
				   (s->paging->family->entry_bytes
				    << paging_bits(s->paging, level)));
	}
}

void ptdump_show_faults(const struct ptdump *d, const char *command,
			struct out *out)
{
	if (d->unreadable.n)
		out_fail(out, ERR_UNREADABLE,
			 "%s: page tables that could not be read: %zu, the "
			 "first at 0x%" PRIx64 ", for 0x%" PRIx64
			 " on: what they map is not known",
			 command, d->unreadable.n, d->unreadable.pa,
			 d->unreadable.va);
	if (d->reserved.n)
		out_fail(out, ERR_CORRUPT,
			 "%s: entries with reserved bits: %zu, the first for "
			 "0x%" PRIx64 " in the table at 0x%" PRIx64,
			 command, d->reserved.n, d->reserved.va,
			 d->reserved.pa);
	if (d->cut)
		out_fail(out, ERR_REFUSED,
			 "%s: the tables are too many, or lead round too "
			 "often, for 0x%" PRIx64
			 " on: the rest was not looked at",
			 command, d->cut_va);
}
