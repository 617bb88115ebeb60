/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells what was taken of a process that no table maps. */
#include "cli/unmapped_show.h"

#include <inttypes.h>

#define NOTES_MOST 8

enum {
	ADDRESS,
	LENGTH,
	FROM,
	PHYSICAL,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
	[LENGTH] = ROW_COLUMN("length", NULL, ROW_SIZE),
	[FROM] = ROW_COLUMN("from", NULL, ROW_WORDS),
	[PHYSICAL] = ROW_COLUMN("physical", NULL, ROW_HEX),
};

/* How much of a run is in front of the end. */
static uint64_t unmapped_cut(const struct unmapped_run *r, uint64_t end)
{
	if (r->va >= end)
		return 0;
	return r->len < end - r->va ? r->len : end - r->va;
}

void unmapped_show_notes(struct out *out, const struct place *p,
			 const struct unmapped_runs *runs, uint64_t end)
{
	char label[64];
	size_t i, told = 0, more = 0;

	for (i = 0; i < runs->list.n; i++) {
		const struct unmapped_run *r = &runs->list.v[i];
		uint64_t len = unmapped_cut(r, end);

		if (len && told == NOTES_MOST)
			more++;
		if (!len || told == NOTES_MOST)
			continue;
		told++;
		place_label(p, r->va, label, sizeof(label));
		out_note(out, "%s: %" PRIu64 " bytes that no table maps: %s",
			 label, len, unmapped_words(r->kind));
	}
	if (more)
		out_note(out, "%zu more ranges that no table maps", more);
}

void unmapped_show_rows(struct row_table *t, size_t column,
			const struct unmapped_runs *runs, uint64_t end)
{
	struct row_table *rows = NULL;
	size_t i;

	for (i = 0; i < runs->list.n; i++) {
		const struct unmapped_run *r = &runs->list.v[i];
		uint64_t len = unmapped_cut(r, end);

		if (!len)
			continue;
		if (!rows)
			rows = row_subtable(t, column, columns, N_COLUMNS);
		row_add(rows);
		row_number(rows, ADDRESS, r->va);
		row_number(rows, LENGTH, len);
		row_string(rows, FROM, unmapped_name(r->kind));
		if (r->pa)
			row_number(rows, PHYSICAL, r->pa);
	}
}
