/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi nodes: nodes of memory, and which zones each has. */
#include "cli/commands.h"

#include "base/cleanup.h"
#include "kernel/alloc/zone.h"

static int nodes_run(struct session *s, void *state, struct err *err)
{
	return zones_read(s->guest.kernel, state, err);
}

enum {
	NODE,
	START,
	SPANNED,
	PRESENT,
	ZONES_TEXT,
	ZONES,
	ADDRESS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NODE] = ROW_COLUMN("node", "NODE", ROW_COUNT),
	[START] = ROW_COLUMN("start_pfn", "START_PFN", ROW_COUNT),
	[SPANNED] = ROW_COLUMN("spanned_pages", "SPANNED", ROW_COUNT),
	[PRESENT] = ROW_COLUMN("present_pages", "PRESENT", ROW_COUNT),
	[ZONES_TEXT] = ROW_COLUMN(NULL, "ZONES", ROW_GUEST),
	[ZONES] = ROW_COLUMN("zones", NULL, ROW_TABLE),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
};

static const struct row_column zone_columns[] = {
	ROW_COLUMN("zone", NULL, ROW_GUEST),
};

/* Those that have pages. */
static void nodes_show_zones(const struct zones *zones, size_t node,
			     struct row_table *out)
{
	struct row_table *t = row_subtable(out, ZONES, zone_columns, 1);
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	for (i = 0; i < zones->list.n; i++) {
		const struct zone *z = &zones->list.v[i];

		if (z->node != node || !z->present)
			continue;
		row_add(t);
		row_string(t, 0, z->name);
		buf_printf(&b, "%s%s", b.len ? "," : "", z->name);
	}
	if (b.len)
		row_bytes(out, ZONES_TEXT, b.data, b.len);
	out->rows->oom |= b.oom;
}

static int nodes_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	const struct zones *zones = state;
	struct row_table *t = &out->rows.top;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < zones->nodes.n; i++) {
		const struct node *n = &zones->nodes.v[i];

		row_add(t);
		row_number(t, NODE, n->id);
		row_number(t, START, n->start_pfn);
		row_number(t, SPANNED, n->spanned);
		row_number(t, PRESENT, n->present);
		row_number(t, ADDRESS, n->addr);
		nodes_show_zones(zones, i, t);
	}
	return 0;
}

static void nodes_deinit(void *state)
{
	zones_deinit(state);
}

const struct cmd cmd_nodes = {
	.name = "nodes",
	.topic = TOPIC_LOOK,
	.summary = "List nodes of memory and their zones",
	.doc = "Where each node begins, what it spans, and how much of that is "
	       "memory, in pages of 4 KiB.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct zones),
	.run = nodes_run,
	.show = nodes_show,
	.deinit = nodes_deinit,
};
