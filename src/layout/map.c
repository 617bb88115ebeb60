/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's regions: what is mapped of each, and borders by name. */
#include "layout/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "layout/ptdump_parts.h"

static unsigned int mapped_kind(const struct ptdump_run *r)
{
	return (unsigned int)r->write | (unsigned int)r->nx << 1;
}

static void count_mapped(struct layout_map *map)
{
	struct ptdump_space space = {.dump = &map->dump,
				     .paging = map->paging,
				     .layout = &map->layout};
	struct ptdump_part part = {0};

	while (ptdump_next_part(&space, &part)) {
		const struct ptdump_run *r = &map->dump.runs.v[part.run];
		struct layout_mapped *m =
			&map->mapped[part.region - map->layout.v];
		uint64_t len = part.last - part.va + 1;

		m->all += len;
		m->by[r->level][mapped_kind(r)] += len;
	}
}

int layout_map_read(struct guest *g, struct layout_map *map, struct err *err)
{
	struct kernel *k = g->kernel;
	int rc;

	map->paging = k->root.paging;
	x86_64_layout(k, &map->layout);
	rc = x86_64_borders(k, &map->layout, map->borders, &map->n_borders,
			    err);
	if (!rc)
		rc = ptdump_read(g->machine, &k->root, PTDUMP_BOTH, &map->dump,
				 err);
	if (!rc)
		count_mapped(map);
	return rc;
}

enum {
	START,
	END,
	SIZE,
	REGION,
	WORDS,
	MAPPED,
	MAPPED_AS,
	PAGES,
	N_COLUMNS
};

static const struct row_column region_columns[] = {
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[REGION] = ROW_COLUMN("region", "REGION", ROW_WORDS),
	[WORDS] = ROW_COLUMN("description", NULL, ROW_WORDS),
	[MAPPED] = ROW_COLUMN("mapped", "MAPPED", ROW_SIZE),
	[MAPPED_AS] = {.title = "AS", .type = ROW_WORDS, .sparse = true},
	[PAGES] = ROW_COLUMN("pages", NULL, ROW_TABLE),
};

static const struct row_column page_columns[] = {
	ROW_COLUMN("page_size", NULL, ROW_SIZE),
	ROW_COLUMN("write", NULL, ROW_FLAG),
	ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	ROW_COLUMN("bytes", NULL, ROW_SIZE),
};

static const struct row_column border_columns[] = {
	ROW_COLUMN("name", "NAME", ROW_WORDS),
	ROW_COLUMN("value", "VALUE", ROW_HEX),
};

static const struct row_column mapping_columns[] = {
	ROW_COLUMN("start", NULL, ROW_HEX),
	ROW_COLUMN("end", NULL, ROW_HEX),
	ROW_COLUMN("perms", NULL, ROW_WORDS),
	ROW_COLUMN("page_size", NULL, ROW_SIZE),
};

/* The last two are for a page alone. */
static const struct row_column columns[] = {
	ROW_COLUMN("regions", "Regions", ROW_TABLE),
	ROW_COLUMN("borders", "Borders", ROW_TABLE),
	ROW_COLUMN("mappings", NULL, ROW_TABLE),
	ROW_COLUMN("left_out", NULL, ROW_COUNT),
};

/* "480 MiB rw- 2M": the largest unit that leaves a whole number. */
static void add_kind(struct buf *b, uint64_t bytes, unsigned int kind,
		     uint64_t page)
{
	const char *unit = "BKMGT", *page_unit = unit;

	for (; bytes % 1024 == 0 && unit[1]; unit++)
		bytes /= 1024;
	for (; page % 1024 == 0 && page_unit[1]; page_unit++)
		page /= 1024;
	buf_printf(b, "%s%" PRIu64 "%c r%c%c in %" PRIu64 "%c",
		   b->len ? ", " : "", bytes, *unit, kind & 1 ? 'w' : '-',
		   kind & 2 ? '-' : 'x', page, *page_unit);
}

static void map_put_mapped(const struct layout_map *map,
			   const struct layout_mapped *m, struct row_table *t,
			   struct buf *b)
{
	struct row_table *pages =
		row_subtable(t, PAGES, page_columns,
			     sizeof(page_columns) / sizeof(page_columns[0]));
	unsigned int level, kind;

	for (level = 1; level <= map->paging->levels; level++) {
		const struct ptdump_run like = {.level = (uint8_t)level};
		uint64_t size = ptdump_page_size(map->paging, &like);

		for (kind = 0; kind < LAYOUT_KINDS; kind++) {
			if (!m->by[level][kind])
				continue;
			row_add(pages);
			row_number(pages, 0, size);
			row_number(pages, 1, kind & 1);
			row_number(pages, 2, kind >> 1);
			row_number(pages, 3, m->by[level][kind]);
			add_kind(b, m->by[level][kind], kind, size);
		}
	}
}

static void map_put_region(const struct layout_map *map, size_t i,
			   struct row_table *t)
{
	const struct x86_64_region *r = &map->layout.v[i];
	_cleanup_(buf_deinit) struct buf b = {0};

	row_add(t);
	row_number(t, START, r->start);
	if (r->last != UINT64_MAX)
		row_number(t, END, r->last + 1);
	row_number(t, SIZE, r->last - r->start + 1);
	row_string(t, REGION, r->name);
	row_string(t, WORDS, r->words);
	row_number(t, MAPPED, map->mapped[i].all);
	map_put_mapped(map, &map->mapped[i], t, &b);
	t->rows->oom |= b.oom;
	if (b.len)
		row_bytes(t, MAPPED_AS, b.data, b.len);
}

static void map_put_mapping(const struct layout_map *map,
			    const struct ptdump_part *part, struct row_table *t)
{
	const struct ptdump_run *r = &map->dump.runs.v[part->run];

	row_add(t);
	row_number(t, 0, part->va);
	if (part->last != UINT64_MAX)
		row_number(t, 1, part->last + 1);
	row_printf(t, 2, "r%c%c", r->write ? 'w' : '-', r->nx ? '-' : 'x');
	row_number(t, 3, ptdump_page_size(map->paging, r));
}

static void map_put_mappings(const struct layout_map *map,
			     struct row_table *top)
{
	struct row_table *t = row_subtable(top, 2, mapping_columns, 4);
	struct ptdump_space space = {.dump = &map->dump,
				     .paging = map->paging,
				     .layout = &map->layout};
	struct ptdump_part part = {0};
	size_t n = 0;

	for (; ptdump_next_part(&space, &part); n++)
		if (n < LAYOUT_MAP_MAPPINGS)
			map_put_mapping(map, &part, t);
	row_number(top, 3,
		   n > LAYOUT_MAP_MAPPINGS ? n - LAYOUT_MAP_MAPPINGS : 0);
}

static void layout_map_put(const struct layout_map *map, struct row_table *top)
{
	struct row_table *t;
	size_t i;

	row_add(top);
	t = row_subtable(top, 0, region_columns, N_COLUMNS);
	for (i = 0; i < map->layout.n; i++)
		map_put_region(map, i, t);
	t = row_subtable(top, 1, border_columns, 2);
	for (i = 0; i < map->n_borders; i++) {
		row_add(t);
		row_string(t, 0, map->borders[i].name);
		row_number(t, 1, map->borders[i].value);
	}
}

void layout_map_rows(const struct layout_map *map, struct rows *rows)
{
	rows_begin(rows, columns, 2);
	layout_map_put(map, &rows->top);
}

void layout_map_page_rows(const struct layout_map *map, struct rows *rows)
{
	rows_begin(rows, columns, 4);
	layout_map_put(map, &rows->top);
	map_put_mappings(map, &rows->top);
}

void layout_map_deinit(struct layout_map *map)
{
	ptdump_deinit(&map->dump);
}
