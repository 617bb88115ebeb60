/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums up how the memory of each node is used. */
#include "kernel/alloc/node_meminfo.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_HUGE_TOTAL = WANTS_OF(READER_NODE_MEMINFO),
	FIELD_HUGE_FREE,
	FIELD_HUGE_SURPLUS,
	FIELD_ENTITY_LAG,
	STRUCT_HSTATE
};

static const struct want want_table[] = {
	FIELD(HUGE_TOTAL, "hstate", OPTIONAL, "nr_huge_pages_node"),
	FIELD(HUGE_FREE, "hstate", OPTIONAL, "free_huge_pages_node"),
	FIELD(HUGE_SURPLUS, "hstate", OPTIONAL, "surplus_huge_pages_node"),
	FIELD(ENTITY_LAG, "sched_entity", OPTIONAL, "vlag"), /* 6.6 */
	STRUCT(HSTATE, "hstate", OPTIONAL),
};

const struct wants node_meminfo_wants = {
	.reader = "memory of nodes", .v = want_table, .n = WANTS_N(want_table)};

/* Arrays of a hstate by node, and the lines that they make. */
static const uint32_t huge_fields[] = {FIELD_HUGE_TOTAL, FIELD_HUGE_FREE,
				       FIELD_HUGE_SURPLUS};
static const enum meminfo_line huge_lines[] = {
	MEMINFO_HUGE_TOTAL, MEMINFO_HUGE_FREE, MEMINFO_HUGE_SURP};

/* Sizes of huge pages: 2 MiB and 1 GiB on x86-64. */
#define HSTATES_MAX 8u

static void node_take_huge(const struct records *r, uint32_t id,
			   struct meminfo *out)
{
	size_t i;

	for (i = 0; i < WANTS_N(huge_fields); i++) {
		const uint8_t *counts = records_bytes(r, 0, huge_fields[i]);

		if (!r->ok[0] || id >= records_size(r, huge_fields[i]) / 4)
			continue;
		out->v[huge_lines[i]] = le32(counts + (size_t)id * 4);
		out->known[huge_lines[i]] = true;
	}
}

/* Huge pages of the usual size. */
static int node_meminfo_read_huge(struct kernel *k, const struct zones *zones,
				  struct node_meminfo *out, struct err *err)
{
	struct variable at = {.name = "default_hstate_idx", .size = 4};
	_cleanup_(records_deinit) struct records r = {0};
	uint32_t size = profile_sizeof(k->profile, STRUCT_HSTATE);
	uint64_t va;
	size_t i;
	int rc = variables_read(k, &at, 1, err);

	if (rc || !at.known || at.value >= HSTATES_MAX || !size ||
	    !variable_find(k, "hstates", &va))
		return rc;
	va += at.value * size;
	rc = records_read(k, &va, 1, huge_fields, WANTS_N(huge_fields), &r,
			  err);
	for (i = 0; i < zones->nodes.n && !rc; i++)
		node_take_huge(&r, zones->nodes.v[i].id, &out->node[i]);
	return rc;
}

int node_meminfo_read(struct kernel *k, const struct zones *zones,
		      const struct zone_stats *stats, struct node_meminfo *out,
		      struct err *err)
{
	_cleanup_free_ struct vm_globals *g = malloc(sizeof(*g));
	size_t n = zones->nodes.n, i;

	*out = (struct node_meminfo){
		.node = calloc(n + 1, sizeof(*out->node)),
		.aligned =
			profile_field(k->profile, FIELD_ENTITY_LAG)->present};
	if (!out->node || !g)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		zone_stats_of_node(k, zones, stats, i, g);
		meminfo_take_counters(k, g, &out->node[i]);
		meminfo_put(&out->node[i], MEMINFO_TOTAL, 0);
	}
	for (i = 0; i < zones->list.n; i++) {
		const struct zone *z = &zones->list.v[i];
		struct meminfo *m = &out->node[z->node];

		meminfo_put(m, MEMINFO_TOTAL,
			    meminfo_pages(m, MEMINFO_TOTAL) + z->managed);
	}
	return node_meminfo_read_huge(k, zones, out, err);
}

void node_meminfo_deinit(struct node_meminfo *m)
{
	free(m->node);
	*m = (struct node_meminfo){0};
}
