/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_stats.h"

struct values {
	struct zones zones;
	struct zone_stats stats;
};

/* MAX_RECLAIM_RETRIES (mm/internal.h) */
#define HOPELESS 16

static int zoneinfo_read(struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	struct values *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	rc = zones_read(k, &v->zones, err);
	if (!rc)
		rc = zone_stats_read(k, &v->zones, &v->stats, err);
	out->parts->records = v->zones.list.n;
	return rc;
}

/* Counters with their names, from the first of these names on. */
static void zoneinfo_put_stats(const struct zone_stats *s, size_t first,
			       const uint64_t *stat, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(out, "\n      %-12s %" PRIu64, s->name[first + i],
			   stat[i]);
}

/* Of the first zone of a node that has pages. */
static bool zoneinfo_heads_node(const struct zones *zones, size_t record)
{
	const struct zone *z = &zones->list.v[record];
	size_t i;

	for (i = record; i > 0 && zones->list.v[i - 1].node == z->node; i--)
		if (zones->list.v[i - 1].present)
			return false;
	return z->present;
}

static void zoneinfo_put_pages(const struct values *v, size_t record,
			       struct buf *out)
{
	const struct zone *z = &v->zones.list.v[record];
	const struct zone_stat *s = &v->stats.zone[record];
	const struct zone_lines *lines = &v->stats.lines;
	const struct {
		const char *name;
		uint64_t pages;
		bool shown;
	} marks[] = {
		{"boost", z->boost, lines->boost},
		{"min", z->mark[0] + z->boost, true},
		{"low", z->mark[1] + z->boost, true},
		{"high", z->mark[2] + z->boost, true},
		{"promo", z->mark[3] + z->boost, lines->promo},
		{"spanned", z->spanned, true},
		{"present", z->present, true},
		{"managed", z->managed, true},
		{"cma", z->cma, lines->cma},
	};
	size_t i;

	buf_printf(out, "\n  pages free     %" PRIu64, s->stat[0]);
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].shown)
			buf_printf(out, "\n        %-8s %" PRIu64,
				   marks[i].name, marks[i].pages);
	buf_puts(out, "\n        protection: (");
	for (i = 0; i < v->stats.n_reserves; i++)
		buf_printf(out, "%s%" PRId64, i ? ", " : "", s->reserve[i]);
	buf_puts(out, ")");
}

/* From 6.14 on there are two lines more, and all are wider. */
static void zoneinfo_put_cpu(const struct values *v, uint32_t cpu,
			     const struct zone_pcp *p, struct buf *out)
{
	if (v->stats.lines.high_limits)
		buf_printf(out,
			   "\n    cpu: %u"
			   "\n              count:    %" PRId32
			   "\n              high:     %" PRId32
			   "\n              batch:    %" PRId32
			   "\n              high_min: %" PRId32
			   "\n              high_max: %" PRId32,
			   cpu, p->count, p->high, p->batch, p->high_min,
			   p->high_max);
	else
		buf_printf(out,
			   "\n    cpu: %u"
			   "\n              count: %" PRId32
			   "\n              high:  %" PRId32
			   "\n              batch: %" PRId32,
			   cpu, p->count, p->high, p->batch);
	buf_printf(out, "\n  vm stats threshold: %" PRId32, p->threshold);
}

static void zoneinfo_put_rest(const struct values *v, size_t record,
			      struct buf *out)
{
	const struct zone *z = &v->zones.list.v[record];
	const struct zone_stats *all = &v->stats;
	const struct zone_stat *s = &all->zone[record];
	size_t i;

	zoneinfo_put_stats(all, 0, s->stat, all->n_stats, out);
	zoneinfo_put_stats(all, all->n_stats, s->numa, all->n_numa, out);
	buf_puts(out, "\n  pagesets");
	for (i = 0; i < all->n_cpus; i++)
		zoneinfo_put_cpu(v, all->cpus[i], &s->cpus[i], out);
	buf_printf(out,
		   "\n  node_unreclaimable:  %u"
		   "\n  start_pfn:           %" PRIu64,
		   all->node[z->node].kswapd_failures >= HOPELESS,
		   z->start_pfn);
	if (all->lines.highatomic)
		buf_printf(out,
			   "\n  reserved_highatomic: %" PRIu64
			   "\n  free_highatomic:     %" PRIu64,
			   s->reserved_highatomic, s->free_highatomic);
}

static void zoneinfo_text(const struct proc_values *v, size_t i, size_t record,
			  struct buf *out)
{
	const struct values *own = v->own;
	const struct zone *z = &own->zones.list.v[record];
	const struct zone_stats *s = &own->stats;

	(void)i;
	buf_printf(out, "Node %u, zone %8s", own->zones.nodes.v[z->node].id,
		   z->name);
	if (zoneinfo_heads_node(&own->zones, record)) {
		buf_puts(out, "\n  per-node stats");
		zoneinfo_put_stats(s, s->n_stats + s->n_numa,
				   s->node[z->node].stat, s->n_node_stats, out);
	}
	zoneinfo_put_pages(own, record, out);
	if (z->present)
		zoneinfo_put_rest(own, record, out);
	buf_puts(out, "\n");
}

enum {
	NODE,
	ZONE,
	START,
	SPANNED,
	PRESENT,
	MANAGED,
	FREE,
	MIN,
	LOW,
	HIGH,
	PROMO,
	BOOST,
	CMA,
	CPUS,
	ADDRESS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NODE] = ROW_COLUMN("node", "NODE", ROW_COUNT),
	[ZONE] = ROW_COLUMN("zone", "ZONE", ROW_GUEST),
	[START] = ROW_COLUMN("start_pfn", "START_PFN", ROW_COUNT),
	[SPANNED] = ROW_COLUMN("spanned_pages", "SPANNED", ROW_COUNT),
	[PRESENT] = ROW_COLUMN("present_pages", "PRESENT", ROW_COUNT),
	[MANAGED] = ROW_COLUMN("managed_pages", "MANAGED", ROW_COUNT),
	[FREE] = ROW_COLUMN("free_pages", "FREE", ROW_COUNT),
	[MIN] = ROW_COLUMN("min_pages", "MIN", ROW_COUNT),
	[LOW] = ROW_COLUMN("low_pages", "LOW", ROW_COUNT),
	[HIGH] = ROW_COLUMN("high_pages", "HIGH", ROW_COUNT),
	[PROMO] = ROW_COLUMN("promo_pages", NULL, ROW_COUNT),
	[BOOST] = ROW_COLUMN("boost_pages", NULL, ROW_COUNT),
	[CMA] = ROW_COLUMN("cma_pages", NULL, ROW_COUNT),
	[CPUS] = ROW_COLUMN("cpus", NULL, ROW_TABLE),
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
};

enum {
	CPU,
	CPU_COUNT,
	CPU_HIGH,
	CPU_BATCH,
	N_CPU_COLUMNS
};

static const struct row_column cpu_columns[] = {
	[CPU] = ROW_COLUMN("cpu", NULL, ROW_COUNT),
	[CPU_COUNT] = ROW_COLUMN("count", NULL, ROW_COUNT),
	[CPU_HIGH] = ROW_COLUMN("high", NULL, ROW_COUNT),
	[CPU_BATCH] = ROW_COLUMN("batch", NULL, ROW_COUNT),
};

static void zoneinfo_row_cpus(const struct zone_stats *all,
			      const struct zone_stat *s, struct row_table *out)
{
	struct row_table *t =
		row_subtable(out, CPUS, cpu_columns, N_CPU_COLUMNS);
	size_t i;

	for (i = 0; i < all->n_cpus; i++) {
		row_add(t);
		row_number(t, CPU, all->cpus[i]);
		row_number(t, CPU_COUNT, (uint32_t)s->cpus[i].count);
		row_number(t, CPU_HIGH, (uint32_t)s->cpus[i].high);
		row_number(t, CPU_BATCH, (uint32_t)s->cpus[i].batch);
	}
}

/* Only those that have pages. */
static void zoneinfo_rows(const struct proc_values *v, size_t i, size_t record,
			  struct row_table *out)
{
	const struct values *own = v->own;
	const struct zone *z = &own->zones.list.v[record];
	const struct zone_stat *s = &own->stats.zone[record];

	(void)i;
	if (!z->present)
		return;
	row_add(out);
	row_number(out, NODE, own->zones.nodes.v[z->node].id);
	row_string(out, ZONE, z->name);
	row_number(out, START, z->start_pfn);
	row_number(out, SPANNED, z->spanned);
	row_number(out, PRESENT, z->present);
	row_number(out, MANAGED, z->managed);
	row_number(out, FREE, s->stat[0]);
	row_number(out, MIN, z->mark[0] + z->boost);
	row_number(out, LOW, z->mark[1] + z->boost);
	row_number(out, HIGH, z->mark[2] + z->boost);
	if (own->zones.promo)
		row_number(out, PROMO, z->mark[3] + z->boost);
	row_number(out, BOOST, z->boost);
	row_number(out, CMA, z->cma);
	zoneinfo_row_cpus(&own->stats, s, out);
	row_number(out, ADDRESS, z->addr);
}

static void zoneinfo_deinit(struct proc_values *v)
{
	struct values *own = v->own;

	zone_stats_deinit(&own->stats);
	zones_deinit(&own->zones);
	free(own);
}

const struct proc_file proc_zoneinfo = {
	.name = "zoneinfo",
	.scope = PROC_SYSTEM,
	.read = zoneinfo_read,
	.text = zoneinfo_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = zoneinfo_rows,
	.deinit = zoneinfo_deinit,
};
