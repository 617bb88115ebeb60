/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi buddy: free blocks of the buddy allocator, counted one by one. */
#include "cli/commands.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_free.h"
#include "walk/walk.h"

struct state {
	struct zones zones;
	struct zone_free free;
	struct remarks remarks;
};

static int buddy_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = zones_read(s->guest.kernel, &st->zones, err);

	return rc ? rc
		  : zone_free_read(s->guest.kernel, &st->zones, &st->free,
				   &st->remarks, err);
}

enum {
	NODE,
	ZONE,
	ORDER,
	SIZE,
	FREE,
	COUNTED,
	TYPES_TEXT,
	TYPES,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NODE] = ROW_COLUMN("node", "NODE", ROW_COUNT),
	[ZONE] = ROW_COLUMN("zone", "ZONE", ROW_GUEST),
	[ORDER] = ROW_COLUMN("order", "ORDER", ROW_COUNT),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[FREE] = ROW_COLUMN("free", "FREE", ROW_COUNT),
	[COUNTED] = ROW_COLUMN("counted", "COUNTED", ROW_COUNT),
	[TYPES_TEXT] = ROW_COLUMN(NULL, "TYPES", ROW_GUEST),
	[TYPES] = ROW_COLUMN("types", NULL, ROW_TABLE),
};

enum {
	TYPE,
	TYPE_NAME,
	TYPE_COUNTED,
	N_TYPE_COLUMNS
};

static const struct row_column type_columns[] = {
	[TYPE] = ROW_COLUMN("type", NULL, ROW_COUNT),
	[TYPE_NAME] = ROW_COLUMN("name", NULL, ROW_GUEST),
	[TYPE_COUNTED] = ROW_COLUMN("counted", NULL, ROW_COUNT),
};

/* "Unmovable 3, Movable 12": those that there are; JSON has all. */
static void buddy_show_types(const struct zone_free *f, size_t zone,
			     size_t order, struct row_table *out)
{
	struct row_table *t =
		row_subtable(out, TYPES, type_columns, N_TYPE_COLUMNS);
	_cleanup_(buf_deinit) struct buf b = {0};
	uint64_t all = 0, n;
	size_t type;

	for (type = 0; type < f->n_types; type++) {
		n = zone_free_count(f, zone, order, type);
		all += n;
		row_add(t);
		row_number(t, TYPE, type);
		row_number(t, TYPE_COUNTED, n);
		if (*f->type[type])
			row_string(t, TYPE_NAME, f->type[type]);
		if (!n)
			continue;
		buf_puts(&b, b.len ? ", " : "");
		if (*f->type[type])
			buf_puts(&b, f->type[type]);
		else
			buf_printf(&b, "type %zu", type);
		buf_printf(&b, " %" PRIu64, n);
	}
	row_number(out, COUNTED, all);
	out->rows->oom |= b.oom;
	if (b.len)
		row_bytes(out, TYPES_TEXT, b.data, b.len);
}

static void buddy_show_zone(const struct state *st, size_t zone,
			    struct out *out)
{
	const struct zone *z = &st->zones.list.v[zone];
	struct row_table *t = &out->rows.top;
	size_t order;

	for (order = 0; order < st->free.n_orders && z->present; order++) {
		row_add(t);
		row_number(t, NODE, st->zones.nodes.v[z->node].id);
		row_string(t, ZONE, z->name);
		row_number(t, ORDER, order);
		row_number(t, SIZE, (uint64_t)PAGE_SIZE_4K << order);
		row_number(t, FREE, z->nr_free[order]);
		buddy_show_types(&st->free, zone, order, t);
	}
}

static int buddy_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	const struct state *st = state;
	const char *remark = NULL;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->zones.list.n; i++)
		buddy_show_zone(st, i, out);
	while ((remark = remarks_next(&st->remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "buddy: %s", remark);
	return 0;
}

static void buddy_deinit(void *state)
{
	struct state *st = state;

	zone_free_deinit(&st->free);
	zones_deinit(&st->zones);
	remarks_deinit(&st->remarks);
}

const struct cmd cmd_buddy = {
	.name = "buddy",
	.topic = TOPIC_LOOK,
	.summary = "Show free blocks of memory, by zone, order and type",
	.doc = "FREE is the kernel's own count, as /proc/buddyinfo has it, "
	       "COUNTED what its free lists have, block by block.  Exit status "
	       "1 where these differ, or a list is damaged.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.run = buddy_run,
	.show = buddy_show,
	.deinit = buddy_deinit,
};
