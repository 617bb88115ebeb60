/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/slabinfo (mm/slab_common.c, cache_show()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/alloc/slab.h"
#include "walk/walk.h"

static int slabinfo_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct slab_caches *caches = calloc(1, sizeof(*caches));
	int rc;

	out->own = caches;
	if (!caches)
		return err_nomem(err);
	rc = slab_caches_read(k, caches, &remarks, err);
	out->parts->records = caches->list.n;
	proc_part_remarks(out->parts, &remarks);
	return rc;
}

static const char heading[] =
	"slabinfo - version: 2.1\n"
	"# name            <active_objs> <num_objs> <objsize> <objperslab> "
	"<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "
	"slabdata <active_slabs> <num_slabs> <sharedavail>\n";

/* SLUB has no tunables; all slabs are active. */
static void slabinfo_text(const struct proc_values *v, size_t i, size_t record,
			  struct buf *out)
{
	const struct slab_caches *caches = v->own;
	const struct slab_cache *c = &caches->list.v[record];

	(void)i;
	if (!record)
		buf_puts(out, heading);
	buf_printf(out,
		   "%-17s %6" PRIu64 " %6" PRIu64 " %6" PRIu32 " %4" PRIu32
		   " %4" PRIu32 " : tunables    0    0    0 : slabdata "
		   "%6" PRIu64 " %6" PRIu64 "      0\n",
		   c->name, c->active, c->objects, c->size, c->per_slab,
		   1u << c->order, c->slabs, c->slabs);
}

enum {
	NAME,
	ACTIVE,
	OBJECTS,
	SIZE,
	OBJECT_SIZE,
	PER_SLAB,
	SLAB_SIZE,
	SLABS,
	ADDRESS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", "NAME", ROW_GUEST),
	[ACTIVE] = ROW_COLUMN("active", "ACTIVE", ROW_COUNT),
	[OBJECTS] = ROW_COLUMN("objects", "OBJECTS", ROW_COUNT),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_COUNT),
	[OBJECT_SIZE] = ROW_COLUMN("object_size", "USABLE", ROW_COUNT),
	[PER_SLAB] = ROW_COLUMN("per_slab", "PER_SLAB", ROW_COUNT),
	[SLAB_SIZE] = ROW_COLUMN("slab_size", "SLAB_SIZE", ROW_SIZE),
	[SLABS] = ROW_COLUMN("slabs", "SLABS", ROW_COUNT),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
};

static void slabinfo_rows(const struct proc_values *v, size_t i, size_t record,
			  struct row_table *out)
{
	const struct slab_caches *caches = v->own;
	const struct slab_cache *c = &caches->list.v[record];

	(void)i;
	row_add(out);
	row_string(out, NAME, c->name);
	row_number(out, SIZE, c->size);
	row_number(out, OBJECT_SIZE, c->object_size);
	row_number(out, PER_SLAB, c->per_slab);
	row_number(out, SLAB_SIZE, (uint64_t)PAGE_SIZE_4K << c->order);
	row_number(out, ADDRESS, c->addr);
	if (!c->counted)
		return;
	row_number(out, ACTIVE, c->active);
	row_number(out, OBJECTS, c->objects);
	row_number(out, SLABS, c->slabs);
}

static void slabinfo_deinit(struct proc_values *v)
{
	slab_caches_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_slabinfo = {
	.name = "slabinfo",
	.scope = PROC_SYSTEM,
	.read = slabinfo_read,
	.text = slabinfo_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = slabinfo_rows,
	.deinit = slabinfo_deinit,
};
