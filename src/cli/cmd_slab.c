/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi slab: caches of the slab allocator, or one of their objects. */
#include "cli/commands.h"

#include <string.h>

#include "cli/listing.h"
#include "guest/addr.h"
#include "guest/place.h"
#include "kernel/slab_object.h"

enum {
	OBJECT,
	SLAB,
	INDEX,
	STATE,
	INSIDE,
	N_OWN
};

/* Behind those of /proc/slabinfo. */
static const struct row_column own_columns[] = {
	[OBJECT] = ROW_COLUMN("object", "OBJECT", ROW_HEX),
	[SLAB] = ROW_COLUMN("slab", "SLAB", ROW_HEX),
	[INDEX] = ROW_COLUMN("index", "INDEX", ROW_COUNT),
	[STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[INSIDE] = ROW_COLUMN("inside", "INSIDE", ROW_FLAG),
};

#define COLUMNS_MAX 24

struct state {
	struct listing listing; /* without an address */
	bool one;
	struct addr addr;
	struct slab_object object;
	struct row_column columns[COLUMNS_MAX]; /* all of them */
	size_t n_columns;
};

static int slab_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc;

	st->one = n;
	if (!n)
		return 0;
	rc = addr_parse(argv[0], &st->addr, err);
	if (!rc && st->addr.space != ADDR_KERNEL)
		rc = err_set(err, ERR_USAGE,
			     "'%s': objects have addresses of the kernel's",
			     argv[0]);
	return rc;
}

static int slab_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	uint64_t at;
	int rc;

	if (!st->one)
		return listing_read(&proc_slabinfo, s, &st->listing, err);
	rc = place_value(&s->guest, &st->addr, &at, err);
	return rc ? rc
		  : slab_object_read(s->guest.kernel, at, &st->object, err);
}

/* Where a cell is unset in all rows, a table leaves the column out. */
static void slab_choose_columns(struct state *st)
{
	size_t i, n = proc_slabinfo.n_columns;

	for (i = 0; i < n + N_OWN && i < COLUMNS_MAX; i++) {
		st->columns[i] =
			i < n ? proc_slabinfo.columns[i] : own_columns[i - n];
		st->columns[i].sparse = true;
	}
	st->n_columns = i;
}

static size_t slab_column(const struct state *st, const char *key)
{
	size_t i;

	for (i = 0; strcmp(st->columns[i].key, key) != 0; i++)
		;
	return i;
}

static void slab_show_object(const struct state *st, struct row_table *t)
{
	const struct slab_object *o = &st->object;
	size_t own = proc_slabinfo.n_columns;

	row_add(t);
	row_string(t, slab_column(st, "name"), o->name);
	row_number(t, slab_column(st, "size"), o->size);
	row_number(t, slab_column(st, "object_size"), o->object_size);
	row_number(t, slab_column(st, "per_slab"), o->objects);
	row_number(t, slab_column(st, "address"), o->cache);
	row_number(t, own + OBJECT, o->start);
	row_number(t, own + SLAB, o->slab);
	row_number(t, own + INDEX, o->index);
	row_string(t, own + STATE, slab_state_words(o->state));
	row_number(t, own + INSIDE, o->inside);
}

static int slab_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;

	(void)s, (void)err;
	slab_choose_columns(st);
	out_begin(out, OUT_TABLE, st->columns, st->n_columns);
	if (!st->one) {
		listing_rows(&st->listing, out);
		return 0;
	}
	slab_show_object(st, &out->rows.top);
	if (st->object.state == SLAB_UNKNOWN)
		out_fail(out, ERR_CORRUPT,
			 "slab: the free list of the slab at 0x%llx makes no "
			 "sense",
			 (unsigned long long)st->object.slab);
	return 0;
}

const struct cmd cmd_slab = {
	.name = "slab",
	.topic = TOPIC_LOOK,
	.summary = "List caches of the slab allocator, or show an object",
	.args = "[ADDRESS]",
	.doc = "What /proc/slabinfo says, as a table; 'cat slabinfo' prints "
	       "that file itself.  What CPUs hold back for themselves counts "
	       "as active there.  With ADDRESS the object that it lies in: of "
	       "which cache, and whether a list of free objects has it.",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = slab_operands,
	.run = slab_run,
	.show = slab_show,
	.deinit = listing_deinit,
};
