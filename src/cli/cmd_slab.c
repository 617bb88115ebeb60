/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi slab: caches of the slab allocator, what one has, or an object. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/budget.h"
#include "cli/listing.h"
#include "cli/out_symbol.h"
#include "cli/slab_show.h"
#include "guest/addr.h"
#include "guest/place.h"
#include "kernel/alloc/slab.h"
#include "kernel/alloc/slab_object.h"

enum {
	OBJECT,
	SLAB,
	INDEX,
	STATE,
	INSIDE,
	KSIZE,
	ALLOCATED_BY,
	ALLOCATED_PID,
	FREED_BY,
	FREED_PID,
	N_OWN
};

/* Behind those of /proc/slabinfo. */
static const struct row_column own_columns[] = {
	[OBJECT] = ROW_COLUMN("object", "OBJECT", ROW_HEX),
	[SLAB] = ROW_COLUMN("slab", "SLAB", ROW_HEX),
	[INDEX] = ROW_COLUMN("index", "INDEX", ROW_COUNT),
	[STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[INSIDE] = ROW_COLUMN("inside", "INSIDE", ROW_FLAG),
	[KSIZE] = ROW_COLUMN("ksize", "KSIZE", ROW_COUNT),
	[ALLOCATED_BY] = ROW_COLUMN("allocated_by", "ALLOCATED_BY", ROW_GUEST),
	[ALLOCATED_PID] = ROW_COLUMN("allocated_pid", "PID", ROW_COUNT),
	[FREED_BY] = ROW_COLUMN("freed_by", "FREED_BY", ROW_GUEST),
	[FREED_PID] = ROW_COLUMN("freed_pid", "PID", ROW_COUNT),
};

#define COLUMNS_MAX 24

/* What is asked for. */
enum slab_ask {
	ASK_LIST,
	ASK_CACHE,
	ASK_OBJECT
};

struct state {
	struct listing listing;
	enum slab_ask ask;
	const char *name; /* of a cache, perhaps */
	struct err none;  /* why it is no address */
	struct addr addr;
	struct slab_object object;
	struct slab_contents contents;
	struct symbol tracks[SLAB_TRACKS]; /* of the object */
	struct symbol *users;		   /* of the contents */
	struct remarks remarks;
	struct row_column columns[COLUMNS_MAX]; /* all of them */
	size_t n_columns;
};

static bool slab_is_number(const char *arg)
{
	return !strncmp(arg, "0x", 2);
}

static int slab_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if (!n)
		return 0;
	st->name = argv[0];
	if (addr_parse(argv[0], &st->addr, &st->none)) /* it may be a cache */
		return slab_is_number(argv[0]) ? err_pass(err, &st->none) : 0;
	if (st->addr.space != ADDR_KERNEL)
		return err_set(err, ERR_USAGE,
			       "'%s': objects have addresses of the kernel's",
			       argv[0]);
	return 0;
}

static int slab_name_users(struct session *s, struct state *st, struct err *err)
{
	const struct slab_users *u = &st->contents.users;
	_cleanup_free_ uint64_t *at = calloc(u->list.n + 1, sizeof(*at));
	size_t i;

	st->users = calloc(u->list.n + 1, sizeof(*st->users));
	if (!at || !st->users)
		return err_nomem(err);
	for (i = 0; i < u->list.n; i++)
		at[i] = u->list.v[i].addr;
	return symbols_at(&s->guest.symbols, at, u->list.n, st->users, err);
}

/* Its struct page of 64 bytes is read for each frame, and all slabs. */
static int slab_run_cache(struct session *s, struct state *st, uint64_t cache,
			  struct err *err)
{
	int rc = budget_check(
		s, budget_ram(s->guest.machine, 0, UINT64_MAX) / 64, err);

	st->ask = ASK_CACHE;
	if (!rc)
		rc = slab_contents_read(s->guest.kernel, cache, &st->contents,
					&st->remarks, err);
	return rc ? rc : slab_name_users(s, st, err);
}

static int slab_run_object(struct session *s, struct state *st, struct err *err)
{
	uint64_t at;
	int rc = place_value(&s->guest, &st->addr, &at, err);
	size_t i;

	st->ask = ASK_OBJECT;
	if (rc == ERR_NOT_FOUND)
		return err_wrap(err, rc, "no slab cache has the name '%s'",
				st->name);
	if (!rc)
		rc = slab_object_read(s->guest.kernel, at, &st->object, err);
	for (i = 0; i < SLAB_TRACKS && !rc; i++)
		rc = symbols_at(&s->guest.symbols, &st->object.tracks[i].addr,
				1, &st->tracks[i], err);
	return rc;
}

static int slab_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct slab_cache cache = {0};
	int rc;

	if (!st->name)
		return listing_read(&proc_slabinfo, s, &st->listing, err);
	if (slab_is_number(st->name))
		return slab_run_object(s, st, err);
	rc = slab_cache_find(s->guest.kernel, st->name, &cache, &st->remarks,
			     err);
	if (!rc)
		return slab_run_cache(s, st, cache.addr, err);
	/* "kmalloc-64" is a symbol and a number, too: a cache goes first */
	return rc != ERR_NOT_FOUND || st->none.code
		       ? rc
		       : slab_run_object(s, st, err);
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
	size_t own = proc_slabinfo.n_columns, i;

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
	row_number(t, own + KSIZE, o->ksize);
	for (i = 0; i < SLAB_TRACKS; i++) {
		size_t column = own + (i ? FREED_BY : ALLOCATED_BY);

		if (!o->tracks[i].addr)
			continue;
		out_symbol(t, column, &st->tracks[i]);
		row_number(t, column + 1, o->tracks[i].pid);
	}
}

static int slab_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	const char *remark = NULL;

	(void)s, (void)err;
	while ((remark = remarks_next(&st->remarks, remark)))
		out_note(out, "%s", remark);
	if (st->ask == ASK_CACHE) {
		slab_show_contents(out, &st->contents, st->users);
		return 0;
	}
	slab_choose_columns(st);
	out_begin(out, OUT_TABLE, st->columns, st->n_columns);
	if (st->ask == ASK_LIST) {
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

static void slab_deinit(void *state)
{
	struct state *st = state;

	free(st->users);
	slab_contents_deinit(&st->contents);
	remarks_deinit(&st->remarks);
	listing_deinit(&st->listing);
}

const struct cmd cmd_slab = {
	.name = "slab",
	.topic = TOPIC_LOOK,
	.summary = "List caches of the slab allocator, or show what is in one",
	.args = "[CACHE | ADDRESS]",
	.doc = "What /proc/slabinfo says, as a table; 'cat slabinfo' prints "
	       "that file itself.  What CPUs hold back for themselves counts "
	       "as active there.  With CACHE all its slabs, and which objects "
	       "of each are free; and what was overwritten, of a cache that "
	       "is debugged.  With ADDRESS the object that it lies in: of "
	       "which cache, and whether a list of free objects has it.",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = slab_operands,
	.run = slab_run,
	.show = slab_show,
	.deinit = slab_deinit,
};
