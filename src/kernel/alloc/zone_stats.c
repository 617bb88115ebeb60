/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads counters of nodes and zones. */
#include "kernel/alloc/zone_stats.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NODE_STAT = WANTS_OF(READER_ZONE_STATS),
	FIELD_NODE_FAILURES,
	FIELD_ZONE_STAT,
	FIELD_ZONE_NUMA,
	FIELD_ZONE_RESERVE,
	FIELD_ZONE_RESERVED_ATOMIC,
	FIELD_ZONE_FREE_ATOMIC,
	FIELD_DENTRY_SHORTNAME,
	STRUCT_FOLIO,
	CONSTANT_ZONE_ITEMS,
	CONSTANT_NUMA_ITEMS,
	CONSTANT_NUMA_EVENTS,
	CONSTANT_NODE_ITEMS,
	CONSTANT_SWAPCACHE,
	CONSTANT_PGTY_BUDDY,
	CONSTANT_ANON_THPS,
	CONSTANT_FILE_THPS,
	CONSTANT_SHMEM_THPS,
	CONSTANT_FILE_PMD,
	CONSTANT_SHMEM_PMD
};

static const struct want want_table[] = {
	FIELD(NODE_STAT, "pglist_data", REQUIRED, "vm_stat"),
	FIELD(NODE_FAILURES, "pglist_data", OPTIONAL, "kswapd_failures"),
	FIELD(ZONE_STAT, "zone", REQUIRED, "vm_stat"),
	FIELD(ZONE_NUMA, "zone", OPTIONAL,
	      "vm_numa_event|vm_numa_stat"), /* 5.14 */
	FIELD(ZONE_RESERVE, "zone", REQUIRED, "lowmem_reserve"),
	FIELD(ZONE_RESERVED_ATOMIC, "zone", OPTIONAL, "nr_reserved_highatomic"),
	FIELD(ZONE_FREE_ATOMIC, "zone", OPTIONAL, "nr_free_highatomic"),
	FIELD(DENTRY_SHORTNAME, "dentry", OPTIONAL, "d_shortname"), /* 6.14 */
	STRUCT(FOLIO, "folio", OPTIONAL),			    /* 5.16 */
	CONSTANT(ZONE_ITEMS, "zone_stat_item", "NR_VM_ZONE_STAT_ITEMS"),
	CONSTANT(NUMA_ITEMS, "numa_stat_item", "NR_VM_NUMA_STAT_ITEMS"),
	CONSTANT(NUMA_EVENTS, "numa_stat_item", "NR_VM_NUMA_EVENT_ITEMS"),
	CONSTANT(NODE_ITEMS, "node_stat_item", "NR_VM_NODE_STAT_ITEMS"),
	CONSTANT(SWAPCACHE, "node_stat_item", "NR_SWAPCACHE"), /* 5.12 */
	CONSTANT(PGTY_BUDDY, "pagetype", "PGTY_buddy"),	       /* 6.12 */
	CONSTANT(ANON_THPS, "node_stat_item", "NR_ANON_THPS"),
	CONSTANT(FILE_THPS, "node_stat_item", "NR_FILE_THPS"),
	CONSTANT(SHMEM_THPS, "node_stat_item", "NR_SHMEM_THPS"),
	CONSTANT(FILE_PMD, "node_stat_item", "NR_FILE_PMDMAPPED"),
	CONSTANT(SHMEM_PMD, "node_stat_item", "NR_SHMEM_PMDMAPPED"),
};

const struct wants zone_stats_wants = {.reader = "counters of zones",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

static const uint32_t node_fields[] = {FIELD_NODE_STAT, FIELD_NODE_FAILURES};

static const uint32_t zone_fields[] = {
	FIELD_ZONE_STAT,	FIELD_ZONE_NUMA,
	FIELD_ZONE_RESERVE,	FIELD_ZONE_RESERVED_ATOMIC,
	FIELD_ZONE_FREE_ATOMIC,
};

/* Counted in pages, shown in huge pages of 512 (5.12). */
static const uint32_t thp_items[] = {
	CONSTANT_ANON_THPS, CONSTANT_FILE_THPS, CONSTANT_SHMEM_THPS,
	CONSTANT_FILE_PMD,  CONSTANT_SHMEM_PMD,
};
#define HUGE_PAGES 512

struct stats_reader {
	struct kernel *k;
	const struct zones *zones;
	struct zone_stats *out;
};

static bool stats_has(const struct kernel *k, uint32_t id)
{
	int64_t value;

	return profile_constant(k->profile, id, &value);
}

static size_t stats_number(const struct kernel *k, uint32_t constant,
			   uint32_t field)
{
	size_t room = profile_field(k->profile, field)->size / 8;
	int64_t n;

	if (!profile_constant(k->profile, constant, &n) || n < 0)
		return 0;
	if ((uint64_t)n < room)
		room = (size_t)n;
	return room < ZONE_STATS_MAX ? room : ZONE_STATS_MAX;
}

static void stats_measure(struct stats_reader *r)
{
	struct kernel *k = r->k;
	struct zone_stats *out = r->out;
	uint64_t va;

	out->n_stats = stats_number(k, CONSTANT_ZONE_ITEMS, FIELD_ZONE_STAT);
	out->n_numa = stats_number(k,
				   stats_has(k, CONSTANT_NUMA_EVENTS)
					   ? CONSTANT_NUMA_EVENTS
					   : CONSTANT_NUMA_ITEMS,
				   FIELD_ZONE_NUMA);
	out->n_node_stats =
		stats_number(k, CONSTANT_NODE_ITEMS, FIELD_NODE_STAT);
	out->n_reserves =
		profile_field(k->profile, FIELD_ZONE_RESERVE)->size / 8;
	if (out->n_reserves > ZONE_RESERVES_MAX)
		out->n_reserves = ZONE_RESERVES_MAX;
	out->lines = (struct zone_lines){
		.boost = profile_sizeof(k->profile, STRUCT_FOLIO),
		.cma = stats_has(k, CONSTANT_SWAPCACHE),
		.promo = stats_has(k, CONSTANT_PGTY_BUDDY),
		.high_limits = profile_field(k->profile, FIELD_DENTRY_SHORTNAME)
				       ->present,
		.highatomic = profile_symbol(k->profile, "kswapd_test_hopeless",
					     &va)};
}

/* vmstat_text[]: names of all counters, in this order. */
static int stats_read_names(struct stats_reader *r, struct err *err)
{
	struct zone_stats *out = r->out;
	size_t n = out->n_stats + out->n_numa + out->n_node_stats;

	out->name = calloc(n + 1, sizeof(*out->name));
	if (!out->name)
		return err_nomem(err);
	return records_string_array(r->k, "vmstat_text", n, ZONE_STAT_NAME,
				    (char *)out->name, err);
}

void zone_stats_show(const struct kernel *k, uint64_t *node_stats, size_t n)
{
	size_t i;
	int64_t item;

	if (!stats_has(k, CONSTANT_SWAPCACHE))
		return;
	for (i = 0; i < WANTS_N(thp_items); i++)
		if (profile_constant(k->profile, thp_items[i], &item) &&
		    item >= 0 && (size_t)item < n)
			node_stats[item] /= HUGE_PAGES;
}

void zone_stats_of_node(const struct kernel *k, const struct zones *zones,
			const struct zone_stats *s, size_t node,
			struct vm_globals *out)
{
	bool in_pages = stats_has(k, CONSTANT_SWAPCACHE);
	size_t i, j;
	int64_t item;

	*out = (struct vm_globals){.zone.n = s->n_stats,
				   .node.n = s->n_node_stats};
	for (i = 0; i < zones->list.n; i++)
		for (j = 0; zones->list.v[i].node == node && j < s->n_stats;
		     j++)
			out->zone.v[j] += s->zone[i].stat[j];
	for (j = 0; j < s->n_node_stats; j++)
		out->node.v[j] = s->node[node].stat[j];
	for (i = 0; i < WANTS_N(thp_items) && in_pages; i++)
		if (profile_constant(k->profile, thp_items[i], &item) &&
		    item >= 0 && (size_t)item < s->n_node_stats)
			out->node.v[item] *= HUGE_PAGES;
}

/* Counters may be below 0 for a moment, and are shown as 0 then. */
static uint64_t stats_pages(const uint8_t *p)
{
	uint64_t value = le64(p);

	return value >> 63 ? 0 : value;
}

static void stats_fill_node(struct stats_reader *r, const struct records *rec,
			    size_t i)
{
	const uint8_t *stat = records_bytes(rec, i, FIELD_NODE_STAT);
	struct node_stat *n = &r->out->node[i];
	size_t j;

	for (j = 0; j < r->out->n_node_stats; j++)
		n->stat[j] = stats_pages(stat + j * 8);
	n->kswapd_failures = (uint32_t)records_u64(rec, i, FIELD_NODE_FAILURES);
	zone_stats_show(r->k, n->stat, r->out->n_node_stats);
}

static void stats_fill_zone(struct stats_reader *r, const struct records *rec,
			    size_t i)
{
	const uint8_t *stat = records_bytes(rec, i, FIELD_ZONE_STAT);
	const uint8_t *numa = records_bytes(rec, i, FIELD_ZONE_NUMA);
	const uint8_t *reserve = records_bytes(rec, i, FIELD_ZONE_RESERVE);
	struct zone_stat *z = &r->out->zone[i];
	size_t j;

	for (j = 0; j < r->out->n_stats; j++)
		z->stat[j] = stats_pages(stat + j * 8);
	for (j = 0; j < r->out->n_numa; j++)
		z->numa[j] = le64(numa + j * 8);
	for (j = 0; j < r->out->n_reserves; j++)
		z->reserve[j] = (int64_t)le64(reserve + j * 8);
	z->reserved_highatomic =
		records_u64(rec, i, FIELD_ZONE_RESERVED_ATOMIC);
	z->free_highatomic = records_u64(rec, i, FIELD_ZONE_FREE_ATOMIC);
}

/* The counters of all nodes and zones. */
static int stats_read_counters(struct stats_reader *r, struct err *err)
{
	const struct zones *zones = r->zones;
	size_t n = zones->list.n, m = zones->nodes.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + m + 1, sizeof(*at));
	const struct records_want wants[2] = {
		{at, m, node_fields, WANTS_N(node_fields)},
		{at + m, n, zone_fields, WANTS_N(zone_fields)}};
	struct records rec[2];
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < m; i++)
		at[i] = zones->nodes.v[i].addr;
	for (i = 0; i < n; i++)
		at[m + i] = zones->list.v[i].addr;
	rc = records_read_all(r->k, wants, 2, rec, err);
	for (i = 0; i < m && !rc; i++) {
		if (!rec[0].ok[i])
			rc = err_set(err, ERR_UNREADABLE,
				     "memory node %u cannot be read",
				     zones->nodes.v[i].id);
		else
			stats_fill_node(r, &rec[0], i);
	}
	for (i = 0; i < n && !rc; i++) {
		if (!rec[1].ok[i])
			rc = err_set(err, ERR_UNREADABLE,
				     "zone %.15s cannot be read",
				     zones->list.v[i].name);
		else
			stats_fill_zone(r, &rec[1], i);
	}
	records_deinit(&rec[0]);
	records_deinit(&rec[1]);
	return rc;
}

int zone_stats_read(struct kernel *k, const struct zones *zones,
		    struct zone_stats *out, struct err *err)
{
	struct stats_reader r = {.k = k, .zones = zones, .out = out};
	int rc = profile_check_reader(k->profile, READER_ZONE_STATS, err);

	if (rc)
		return rc;
	stats_measure(&r);
	out->zone = calloc(zones->list.n + 1, sizeof(*out->zone));
	out->node = calloc(zones->nodes.n + 1, sizeof(*out->node));
	if (!out->zone || !out->node)
		return err_nomem(err);
	out->n_zones = zones->list.n;
	rc = stats_read_names(&r, err);
	if (!rc)
		rc = stats_read_counters(&r, err);
	return rc ? rc : zone_pcp_read(k, zones, out, err);
}

void zone_stats_deinit(struct zone_stats *s)
{
	size_t i;

	for (i = 0; s->zone && i < s->n_zones; i++)
		free(s->zone[i].cpus);
	free(s->zone);
	free(s->node);
	free(s->name);
	free(s->cpus);
	*s = (struct zone_stats){0};
}
