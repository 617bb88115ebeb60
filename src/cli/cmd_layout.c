/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi layout: the map of the kernel's virtual memory, and what is mapped. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/ptdump.h"

#define KINDS 4u /* of write, no_execute */

/* What is mapped of a region: bytes, by level and kind. */
struct mapped {
	uint64_t all;
	uint64_t by[PAGING_MAX_LEVELS + 1][KINDS];
};

struct state {
	const struct paging *paging;
	struct ptdump dump;
	struct x86_64_layout layout;
	struct mapped mapped[X86_64_REGIONS_MAX];
	struct x86_64_border borders[X86_64_BORDERS_MAX];
	size_t n_borders;
};

static unsigned int kind_of(const struct ptdump_run *r)
{
	return (unsigned int)r->write | (unsigned int)r->nx << 1;
}

static void count_mapped(struct state *st)
{
	struct ptdump_space space = {
		.dump = &st->dump, .paging = st->paging, .layout = &st->layout};
	struct ptdump_part part = {0};

	while (ptdump_next_part(&space, &part)) {
		const struct ptdump_run *r = &st->dump.runs.v[part.run];
		struct mapped *m = &st->mapped[part.region - st->layout.v];
		uint64_t len = part.last - part.va + 1;

		m->all += len;
		m->by[r->level][kind_of(r)] += len;
	}
}

static int layout_run(struct session *s, void *state, struct err *err)
{
	struct kernel *k = s->guest.kernel;
	struct state *st = state;
	int rc;

	st->paging = k->root.paging;
	x86_64_layout(k, &st->layout);
	rc = x86_64_borders(k, &st->layout, st->borders, &st->n_borders, err);
	if (!rc)
		rc = ptdump_read(s->guest.machine, &k->root, PTDUMP_BOTH,
				 &st->dump, err);
	if (!rc)
		count_mapped(st);
	return rc ? err_wrap(err, rc, "layout") : 0;
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

static const struct row_column columns[] = {
	ROW_COLUMN("regions", "Regions", ROW_TABLE),
	ROW_COLUMN("borders", "Borders", ROW_TABLE),
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

static void show_mapped(const struct state *st, const struct mapped *m,
			struct row_table *t, struct buf *b)
{
	struct row_table *pages =
		row_subtable(t, PAGES, page_columns,
			     sizeof(page_columns) / sizeof(page_columns[0]));
	unsigned int level, kind;

	for (level = 1; level <= st->paging->levels; level++) {
		const struct ptdump_run like = {.level = (uint8_t)level};
		uint64_t size = ptdump_page_size(st->paging, &like);

		for (kind = 0; kind < KINDS; kind++) {
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

static void show_region(const struct state *st, size_t i, struct row_table *t,
			struct out *out)
{
	const struct x86_64_region *r = &st->layout.v[i];
	_cleanup_(buf_deinit) struct buf b = {0};

	row_add(t);
	row_number(t, START, r->start);
	if (r->last != UINT64_MAX)
		row_number(t, END, r->last + 1);
	row_number(t, SIZE, r->last - r->start + 1);
	row_string(t, REGION, r->name);
	row_string(t, WORDS, r->words);
	row_number(t, MAPPED, st->mapped[i].all);
	show_mapped(st, &st->mapped[i], t, &b);
	out->oom |= b.oom;
	if (b.len)
		row_bytes(t, MAPPED_AS, b.data, b.len);
}

static int layout_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	struct row_table *top = &out->rows.top, *t;
	const struct state *st = state;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_RECORD, columns, 2);
	row_add(top);
	t = row_subtable(top, 0, region_columns, N_COLUMNS);
	for (i = 0; i < st->layout.n; i++)
		show_region(st, i, t, out);
	t = row_subtable(top, 1, border_columns, 2);
	for (i = 0; i < st->n_borders; i++) {
		row_add(t);
		row_string(t, 0, st->borders[i].name);
		row_number(t, 1, st->borders[i].value);
	}
	ptdump_show_faults(&st->dump, "layout", out);
	return 0;
}

static void layout_deinit(void *state)
{
	struct state *st = state;

	ptdump_deinit(&st->dump);
}

const struct cmd cmd_layout = {
	.name = "layout",
	.topic = TOPIC_LOOK,
	.summary = "Show the map of the kernel's virtual memory",
	.doc = "The regions of the address space at this guest's own bases, "
	       "what each has mapped now, and the addresses that the kernel's "
	       "sources have names for.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.run = layout_run,
	.show = layout_show,
	.deinit = layout_deinit,
};
