/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads nodes and zones. */
#include "kernel/alloc/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NODE_ID = WANTS_OF(READER_ZONE),
	FIELD_NODE_START,
	FIELD_NODE_SPANNED,
	FIELD_NODE_PRESENT,
	FIELD_ZONE_NODE,
	FIELD_ZONE_NAME,
	FIELD_ZONE_START,
	FIELD_ZONE_SPANNED,
	FIELD_ZONE_PRESENT,
	FIELD_ZONE_MANAGED,
	FIELD_ZONE_CMA,
	FIELD_ZONE_MARKS,
	FIELD_ZONE_BOOST,
	FIELD_ZONE_FREE_AREA,
	FIELD_FREE_AREA_NR_FREE,
	STRUCT_ZONE,
	STRUCT_FREE_AREA,
	STRUCT_ZONELIST,
	STRUCT_ZONEREF,
	CONSTANT_ZONES,
	CONSTANT_ONLINE,
	CONSTANT_PROMO
};

static const struct want want_table[] = {
	FIELD(NODE_ID, "pglist_data", REQUIRED, "node_id"),
	FIELD(NODE_START, "pglist_data", REQUIRED, "node_start_pfn"),
	FIELD(NODE_SPANNED, "pglist_data", REQUIRED, "node_spanned_pages"),
	FIELD(NODE_PRESENT, "pglist_data", REQUIRED, "node_present_pages"),
	FIELD(ZONE_NODE, "zone", REQUIRED, "zone_pgdat"),
	FIELD(ZONE_NAME, "zone", REQUIRED, "name"),
	FIELD(ZONE_START, "zone", REQUIRED, "zone_start_pfn"),
	FIELD(ZONE_SPANNED, "zone", REQUIRED, "spanned_pages"),
	FIELD(ZONE_PRESENT, "zone", REQUIRED, "present_pages"),
	FIELD(ZONE_MANAGED, "zone", REQUIRED, "managed_pages"),
	FIELD(ZONE_CMA, "zone", OPTIONAL, "cma_pages"), /* 5.12, CONFIG_CMA */
	FIELD(ZONE_MARKS, "zone", REQUIRED, "_watermark|watermark"), /* 5.0 */
	FIELD(ZONE_BOOST, "zone", OPTIONAL, "watermark_boost"),	     /* 5.0 */
	FIELD(ZONE_FREE_AREA, "zone", REQUIRED, "free_area"),
	FIELD(FREE_AREA_NR_FREE, "free_area", REQUIRED, "nr_free"),
	STRUCT(ZONE, "zone", REQUIRED),
	STRUCT(FREE_AREA, "free_area", REQUIRED),
	STRUCT(ZONELIST, "zonelist", OPTIONAL),
	STRUCT(ZONEREF, "zoneref", OPTIONAL),
	CONSTANT(ZONES, "zone_type", "__MAX_NR_ZONES"),
	CONSTANT(ONLINE, "node_states", "N_ONLINE"),
	CONSTANT(PROMO, "zone_watermarks", "WMARK_PROMO"), /* 5.18 */
};

const struct wants zone_wants = {
	.reader = "zones", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t node_fields[] = {
	FIELD_NODE_ID,
	FIELD_NODE_START,
	FIELD_NODE_SPANNED,
	FIELD_NODE_PRESENT,
};

static const uint32_t zone_fields[] = {
	FIELD_ZONE_NAME,    FIELD_ZONE_START,	FIELD_ZONE_SPANNED,
	FIELD_ZONE_PRESENT, FIELD_ZONE_MANAGED, FIELD_ZONE_CMA,
	FIELD_ZONE_MARKS,   FIELD_ZONE_BOOST,	FIELD_ZONE_FREE_AREA,
	FIELD_ZONE_NODE,
};

/* Its members that are wanted, which lie together. */
#define NODE_NUMBERS 32u

/* CONFIG_NODES_SHIFT is at most 10 on x86-64 (arch/x86/Kconfig). */
#define NODES_MAX 1024u

/* DMA, DMA32, NORMAL, MOVABLE, DEVICE */
#define ZONES_MAX 8u

/* MAX_NR_ZONES; 0: not known. */
static uint32_t zones_per_node(const struct kernel *k)
{
	int64_t n;

	return profile_constant(k->profile, CONSTANT_ZONES, &n) && n > 0 &&
			       n <= ZONES_MAX
		       ? (uint32_t)n
		       : 0;
}

/* A list of zones has room for those of all nodes, and for its end. */
uint32_t nodes_most(const struct kernel *k)
{
	uint32_t list = profile_sizeof(k->profile, STRUCT_ZONELIST);
	uint32_t ref = profile_sizeof(k->profile, STRUCT_ZONEREF);
	uint32_t zones = zones_per_node(k), n;

	if (!ref || !zones || list < ref)
		return 0;
	n = (list / ref - 1) / zones;
	return n <= NODES_MAX ? n : 0;
}

/* node_data[], and node_states[N_ONLINE], a bit for each. */
struct nodes_raw {
	uint64_t node[NODES_MAX];
	uint8_t online[NODES_MAX / 8];
};

static int zones_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "this kernel keeps its memory nodes in no way "
			       "that is known",
			       err);
}

static int nodes_read_raw(struct kernel *k, struct nodes_raw *raw,
			  uint32_t most, struct err *err)
{
	size_t mask = (most + 63) / 64 * 8;
	struct space_read reads[2] = {
		{.root = &k->root, .dst = raw->node, .len = most * 8},
		{.root = &k->root, .dst = raw->online, .len = mask}};
	int64_t online;
	int rc;

	if (!profile_symbol(k->profile, "node_data", &reads[0].va) ||
	    !profile_symbol(k->profile, "node_states", &reads[1].va) ||
	    !profile_constant(k->profile, CONSTANT_ONLINE, &online) || !most)
		return zones_unknown(k, err);
	reads[1].va += (uint64_t)online * mask;
	rc = space_read(k->machine, reads, 2, err);
	if (rc)
		return rc;
	if (reads[0].got < reads[0].len || reads[1].got < reads[1].len)
		return err_set(err, ERR_UNREADABLE,
			       "the memory nodes cannot be read");
	return 0;
}

/* Where they are; without CONFIG_NUMA there is one. */
static int nodes_find(struct kernel *k, struct zones *out, struct err *err)
{
	_cleanup_free_ struct nodes_raw *raw = calloc(1, sizeof(*raw));
	uint32_t most = nodes_most(k), i;
	uint64_t addr;
	int rc;

	if (!raw)
		return err_nomem(err);
	if (profile_symbol(k->profile, "contig_page_data", &addr))
		return vec_push(&out->nodes, {.addr = addr}) ? err_nomem(err)
							     : 0;
	rc = nodes_read_raw(k, raw, most, err);
	for (i = 0; i < most && !rc; i++)
		if (raw->online[i / 8] >> i % 8 & 1 &&
		    vec_push(&out->nodes,
			     {.addr = le64(&raw->node[i]), .id = i}))
			rc = err_nomem(err);
	return rc;
}

/* Where the zones of nodes are: in node_zones[], their first member. */
static int zones_find(struct kernel *k, struct zones *out, struct err *err)
{
	uint32_t size = profile_sizeof(k->profile, STRUCT_ZONE), j;
	size_t i;

	for (i = 0; i < out->nodes.n; i++)
		for (j = 0; j < zones_per_node(k); j++)
			if (vec_push(&out->list,
				     {.addr = out->nodes.v[i].addr + j * size,
				      .node = i,
				      .index = j}))
				return err_nomem(err);
	return 0;
}

/* What nodes say of themselves. */
static int nodes_fill(struct zones *out, const struct records *r,
		      struct err *err)
{
	size_t i;

	for (i = 0; i < out->nodes.n; i++) {
		struct node *node = &out->nodes.v[i];

		if (!r->ok[i] || records_u64(r, i, FIELD_NODE_ID) != node->id)
			return err_set(err, ERR_UNREADABLE,
				       "memory node %u cannot be read, or is "
				       "damaged",
				       node->id);
		node->start_pfn = records_u64(r, i, FIELD_NODE_START);
		node->spanned = records_u64(r, i, FIELD_NODE_SPANNED);
		node->present = records_u64(r, i, FIELD_NODE_PRESENT);
	}
	return 0;
}

static void zone_fill(struct kernel *k, struct zones *out,
		      const struct records *r, size_t i)
{
	const struct profile_field *nr =
		profile_field(k->profile, FIELD_FREE_AREA_NR_FREE);
	const uint8_t *marks = records_bytes(r, i, FIELD_ZONE_MARKS);
	const uint8_t *area = records_bytes(r, i, FIELD_ZONE_FREE_AREA);
	uint32_t stride = profile_sizeof(k->profile, STRUCT_FREE_AREA);
	struct zone *z = &out->list.v[i];
	size_t j;

	z->start_pfn = records_u64(r, i, FIELD_ZONE_START);
	z->spanned = records_u64(r, i, FIELD_ZONE_SPANNED);
	z->present = records_u64(r, i, FIELD_ZONE_PRESENT);
	z->managed = records_u64(r, i, FIELD_ZONE_MANAGED);
	z->cma = records_u64(r, i, FIELD_ZONE_CMA);
	z->boost = records_u64(r, i, FIELD_ZONE_BOOST);
	for (j = 0; j < out->n_marks; j++)
		z->mark[j] = le64(marks + j * 8);
	for (j = 0; j < out->n_orders; j++)
		z->nr_free[j] =
			le_any(area + j * stride + nr->offset, nr->size);
}

static void zones_measure(const struct kernel *k, struct zones *out)
{
	const struct profile *p = k->profile;
	const struct profile_field *nr =
		profile_field(p, FIELD_FREE_AREA_NR_FREE);
	uint32_t stride = profile_sizeof(p, STRUCT_FREE_AREA);
	int64_t promo;

	out->n_marks = profile_field(p, FIELD_ZONE_MARKS)->size / 8;
	if (out->n_marks > ZONE_MARKS_MAX)
		out->n_marks = ZONE_MARKS_MAX;
	out->promo = profile_constant(p, CONSTANT_PROMO, &promo) &&
		     promo == 3 && out->n_marks > 3;
	if (stride && nr->offset + nr->size <= stride)
		out->n_orders =
			profile_field(p, FIELD_ZONE_FREE_AREA)->size / stride;
	if (out->n_orders > ZONE_ORDERS_MAX)
		out->n_orders = ZONE_ORDERS_MAX;
}

/* What zones say of themselves, but for their names. */
static int zones_fill(struct kernel *k, struct zones *out,
		      const struct records *r, struct err *err)
{
	size_t i;

	zones_measure(k, out);
	for (i = 0; i < out->list.n; i++) {
		const struct zone *z = &out->list.v[i];
		const struct node *node = &out->nodes.v[z->node];

		if (!r->ok[i] ||
		    records_u64(r, i, FIELD_ZONE_NODE) != node->addr)
			return err_set(err, ERR_UNREADABLE,
				       "zone %u of memory node %u cannot be "
				       "read, or is damaged",
				       z->index, node->id);
		zone_fill(k, out, r, i);
	}
	return 0;
}

static int zones_name(struct kernel *k, struct zones *out,
		      const struct records *r, struct err *err)
{
	size_t n = out->list.n, i;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_free_ char **names = calloc(n + 1, sizeof(*names));

	if (!addrs || !names)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		addrs[i] = records_u64(r, i, FIELD_ZONE_NAME);
		names[i] = out->list.v[i].name;
	}
	return records_strings(k, addrs, n, sizeof(out->list.v->name), names,
			       NULL, err);
}

enum {
	OF_NODE,
	OF_ZONE,
	KINDS
};

struct zone_records {
	struct records r[KINDS];
};

static void zone_records_deinit(struct zone_records *z)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		records_deinit(&z->r[i]);
}

static int zones_read_all(struct kernel *k, const struct zones *zones,
			  struct zone_records *out, struct err *err)
{
	size_t nodes = zones->nodes.n, n = zones->list.n, i;
	_cleanup_free_ uint64_t *at = calloc(nodes + 1, sizeof(*at));
	_cleanup_free_ uint64_t *zone_at = calloc(n + 1, sizeof(*zone_at));
	const struct records_want wants[KINDS] = {
		[OF_NODE] = {at, nodes, node_fields, WANTS_N(node_fields)},
		[OF_ZONE] = {zone_at, n, zone_fields, WANTS_N(zone_fields)}};

	if (!at || !zone_at)
		return err_nomem(err);
	for (i = 0; i < nodes; i++)
		at[i] = zones->nodes.v[i].addr;
	for (i = 0; i < n; i++)
		zone_at[i] = zones->list.v[i].addr;
	return records_read_all(k, wants, KINDS, out->r, err);
}

static int zones_read_some(struct kernel *k, bool named, struct zones *out,
			   struct err *err)
{
	_cleanup_(zone_records_deinit) struct zone_records z = {0};
	int rc = profile_check_reader(k->profile, READER_ZONE, err);

	if (rc)
		return rc;
	if (!zones_per_node(k))
		return zones_unknown(k, err);
	rc = nodes_find(k, out, err);
	if (!rc)
		rc = zones_find(k, out, err);
	if (!rc)
		rc = zones_read_all(k, out, &z, err);
	if (!rc)
		rc = nodes_fill(out, &z.r[OF_NODE], err);
	if (!rc)
		rc = zones_fill(k, out, &z.r[OF_ZONE], err);
	return rc || !named ? rc : zones_name(k, out, &z.r[OF_ZONE], err);
}

int zones_read(struct kernel *k, struct zones *out, struct err *err)
{
	return zones_read_some(k, true, out, err);
}

int zones_read_unnamed(struct kernel *k, struct zones *out, struct err *err)
{
	return zones_read_some(k, false, out, err);
}

int zones_ahead(struct kernel *k, struct ahead *ahead, struct err *err)
{
	const struct profile_field *first =
		profile_field(k->profile, FIELD_NODE_START);
	_cleanup_(zones_deinit) struct zones z = {0};
	uint32_t size = profile_sizeof(k->profile, STRUCT_ZONE);
	size_t i;
	int rc = nodes_find(k, &z, err);

	if (!rc)
		rc = zones_find(k, &z, err);
	for (i = 0; i < z.nodes.n && !rc; i++)
		if (ahead_add(ahead, k, z.nodes.v[i].addr + first->offset,
			      NODE_NUMBERS))
			rc = err_nomem(err);
	for (i = 0; i < z.list.n && !rc; i++)
		if (ahead_add(ahead, k, z.list.v[i].addr, size))
			rc = err_nomem(err);
	return rc;
}

void zones_deinit(struct zones *z)
{
	vec_deinit(&z->nodes);
	vec_deinit(&z->list);
}
