/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what is at an address: a row for each thing that it is part of. */
#include "layout/at.h"

enum {
	ADDRESS,
	PID,
	COMM,
	REGION,
	WORDS,
	START,
	END,
	PARTS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "Address", ROW_HEX),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[REGION] = ROW_COLUMN("region", "Region", ROW_WORDS),
	[WORDS] = ROW_COLUMN("description", "Description", ROW_WORDS),
	[START] = ROW_COLUMN("start", "Start", ROW_HEX),
	[END] = ROW_COLUMN("end", "End", ROW_HEX),
	[PARTS] = ROW_COLUMN("parts", "What is there", ROW_TABLE),
};

enum {
	PART_WHAT,
	PART_NAME,
	PART_START,
	PART_END,
	PART_SIZE,
	PART_OFFSET,
	PART_PID,
	PART_CPU,
	PART_WORDS,
	N_PARTS
};

static const struct row_column part_columns[] = {
	[PART_WHAT] = ROW_COLUMN("what", "WHAT", ROW_WORDS),
	[PART_NAME] = ROW_COLUMN("name", "NAME", ROW_GUEST),
	[PART_START] = ROW_COLUMN("start", "START", ROW_HEX),
	[PART_END] = ROW_COLUMN("end", "END", ROW_HEX),
	[PART_SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[PART_OFFSET] = ROW_COLUMN("offset", "OFFSET", ROW_HEX),
	[PART_PID] = {.key = "pid",
		      .title = "PID",
		      .type = ROW_COUNT,
		      .sparse = true},
	[PART_CPU] = {.key = "cpu",
		      .title = "CPU",
		      .type = ROW_COUNT,
		      .sparse = true},
	[PART_WORDS] = ROW_COLUMN("details", "DETAILS", ROW_GUEST),
};

static void at_show_part(struct row_table *t, const struct layout_part *p,
			 uint64_t va)
{
	row_add(t);
	row_string(t, PART_WHAT, p->what);
	if (*p->name)
		row_string(t, PART_NAME, p->name);
	row_number(t, PART_START, p->start);
	if (p->size) {
		if (p->start + p->size)
			row_number(t, PART_END, p->start + p->size);
		row_number(t, PART_SIZE, p->size);
	}
	if (va >= p->start)
		row_number(t, PART_OFFSET, va - p->start);
	if (p->has_pid)
		row_number(t, PART_PID, p->pid);
	if (p->has_cpu)
		row_number(t, PART_CPU, p->cpu);
	if (*p->words)
		row_string(t, PART_WORDS, p->words);
}

void layout_at_rows(const struct layout_at *a, struct rows *rows)
{
	struct row_table *t = &rows->top;
	size_t i;

	rows_begin(rows, columns, N_COLUMNS);
	row_add(t);
	row_number(t, ADDRESS, a->place.at);
	if (a->place.space == ADDR_PID) {
		row_number(t, PID, a->place.task.pid);
		row_string(t, COMM, a->place.task.comm);
	}
	row_string(t, REGION, a->region.name);
	row_string(t, WORDS, a->region.words);
	row_number(t, START, a->region.start);
	if (a->region.last != UINT64_MAX)
		row_number(t, END, a->region.last + 1);
	t = row_subtable(t, PARTS, part_columns, N_PARTS);
	for (i = 0; i < a->parts.n; i++)
		at_show_part(t, &a->parts.v[i], a->place.at);
}
