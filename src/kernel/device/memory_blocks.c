/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads blocks of memory. */
#include "kernel/device/memory_blocks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits_system.h"
#include "kernel/page/page_zone.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"
#include "kernel/xarray.h"
#include "kernel/alloc/zone.h"
#include "machine/machine.h"

/* What is wanted of the types. */
enum {
	FIELD_XARRAY_HEAD = WANTS_OF(READER_MEMORY_BLOCKS),
	FIELD_BLOCK_SECTION,
	FIELD_BLOCK_STATE,
	FIELD_BLOCK_NODE,
	FIELD_BLOCK_ZONE,
	CONSTANT_ONLINE,
	CONSTANT_GOING_OFFLINE,
	CONSTANT_OFFLINE
};

static const struct want want_table[] = {
	FIELD(XARRAY_HEAD, "xarray", REQUIRED, "xa_head"),
	FIELD(BLOCK_SECTION, "memory_block", REQUIRED, "start_section_nr"),
	FIELD(BLOCK_STATE, "memory_block", REQUIRED, "state"),
	FIELD(BLOCK_NODE, "memory_block", OPTIONAL, "nid"),
	FIELD(BLOCK_ZONE, "memory_block", OPTIONAL, "zone"),  /* 5.18 */
	CONSTANT(ONLINE, "memory_block_state", "MEM_ONLINE"), /* 6.19 */
	CONSTANT(GOING_OFFLINE, "memory_block_state", "MEM_GOING_OFFLINE"),
	CONSTANT(OFFLINE, "memory_block_state", "MEM_OFFLINE"),
};

const struct wants memory_blocks_wants = {.reader = "blocks of memory",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

static const uint32_t block_fields[] = {
	FIELD_BLOCK_SECTION,
	FIELD_BLOCK_STATE,
	FIELD_BLOCK_NODE,
	FIELD_BLOCK_ZONE,
};

/* Before there was an enum of them, a bit each. */
static const struct {
	uint32_t constant;
	int64_t before;
	enum memory_state state;
} states[] = {
	{CONSTANT_ONLINE, 1, MEMORY_ONLINE},
	{CONSTANT_GOING_OFFLINE, 2, MEMORY_GOING_OFFLINE},
	{CONSTANT_OFFLINE, 4, MEMORY_OFFLINE},
};

static enum memory_state block_state(const struct kernel *k, uint64_t value)
{
	size_t i;

	for (i = 0; i < WANTS_N(states); i++) {
		int64_t is = states[i].before;

		profile_constant(k->profile, states[i].constant, &is);
		if (value == (uint64_t)is)
			return states[i].state;
	}
	return MEMORY_UNKNOWN;
}

/* NULL is the zone of a block whose pages are in several. */
static void block_set_zone(const struct zones *zones, uint64_t addr,
			   struct memory_block *b)
{
	size_t i;

	b->zone_known = !addr;
	for (i = 0; i < zones->list.n; i++) {
		const struct zone *z = &zones->list.v[i];

		if (z->addr != addr || !*z->name)
			continue;
		b->zone_known = true;
		memcpy(b->zone, z->name, sizeof(b->zone));
	}
}

/* It says the last one of several: nodes that begin or end in it. */
static void block_set_node(const struct zones *zones, uint64_t frames,
			   int32_t node, struct memory_block *b)
{
	uint64_t first = b->index * frames, end = first + frames;
	size_t i, n = 0;

	b->node = -1;
	for (i = 0; i < zones->nodes.n; i++) {
		const struct node *of = &zones->nodes.v[i];

		if (of->start_pfn >= end ||
		    of->start_pfn + of->spanned <= first)
			continue;
		n++;
		if (of->id == (uint32_t)node)
			b->node = node;
	}
	if (n > 1)
		b->node = -1;
}

static int block_take(struct kernel *k, const struct records *r, size_t i,
		      const struct zones *zones, struct memory_blocks *out)
{
	uint64_t frames = out->size / PAGE_SIZE_4K;
	uint64_t sections = frames / PAGE_SECTION_FRAMES;
	struct memory_block b = {
		.index = records_u64(r, i, FIELD_BLOCK_SECTION) / sections,
		.state = block_state(k, records_u64(r, i, FIELD_BLOCK_STATE)),
		.node = -1};

	if (records_have(r, FIELD_BLOCK_NODE))
		block_set_node(zones, frames,
			       (int32_t)records_u64(r, i, FIELD_BLOCK_NODE),
			       &b);
	if (records_have(r, FIELD_BLOCK_ZONE) && b.state == MEMORY_ONLINE)
		block_set_zone(zones, records_u64(r, i, FIELD_BLOCK_ZONE), &b);
	return vec_push(&out->v, b) ? ERR_NOMEM : 0;
}

/* A block stands at its own index. */
static int blocks_take(struct kernel *k, const struct xarray_entries *found,
		       struct memory_blocks *out, struct remarks *remarks,
		       struct err *err)
{
	size_t i, n = found->list.n;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(zones_deinit) struct zones zones = {0};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc = at ? zones_read(k, &zones, err) : err_nomem(err);

	if (rc)
		return rc;
	for (i = 0; i < n; i++)
		at[i] = found->list.v[i].value;
	rc = records_read(k, at, n, block_fields, WANTS_N(block_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		if (r.ok[i])
			rc = block_take(k, &r, i, &zones, out);
		if (rc)
			return err_nomem(err);
		if (r.ok[i] &&
		    out->v.v[out->v.n - 1].index == found->list.v[i].first)
			continue;
		out->v.n -= r.ok[i];
		remarks_add(remarks,
			    "the block of memory at 0x%" PRIx64
			    " cannot be read, or is damaged",
			    at[i]);
	}
	return rc;
}

static int blocks_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "this kernel keeps its blocks of memory in no "
			       "way that is known",
			       err);
}

/* Where the array begins; how large blocks are. */
static int blocks_find(struct kernel *k, struct memory_blocks *out,
		       uint64_t *head, struct err *err)
{
	struct variable v[] = {
		{.name = "memory_blocks",
		 .size = 8,
		 .offset =
			 profile_field(k->profile, FIELD_XARRAY_HEAD)->offset},
		{.name = "sections_per_block", .size = 4},
	};
	uint64_t va;
	int rc = variables_read(k, v, WANTS_N(v), err);

	if (rc)
		return rc;
	if (!v[0].known || !v[1].known || !xarrays_known(k))
		return blocks_unknown(k, err);
	if (!v[1].value || v[1].value > MEMORY_BLOCK_SECTIONS_MAX)
		return err_set(err, ERR_CORRUPT,
			       "a block of memory cannot have %" PRIu64
			       " sections (sections_per_block)",
			       v[1].value);
	*head = v[0].value;
	out->size = v[1].value * PAGE_SECTION_FRAMES * PAGE_SIZE_4K;
	out->removable = profile_symbol(k->profile, "offline_pages", &va);
	return 0;
}

int memory_blocks_read(struct kernel *k, struct memory_blocks *out,
		       struct remarks *remarks, struct err *err)
{
	static const struct xarray_range all = {0, UINT64_MAX};
	_cleanup_(xarray_entries_deinit) struct xarray_entries found = {0};
	struct xarray blocks = {.ranges = &all, .n = 1};
	int rc;

	*out = (struct memory_blocks){0};
	rc = profile_check_reader(k->profile, READER_MEMORY_BLOCKS, err);
	if (!rc)
		rc = blocks_find(k, out, &blocks.head, err);
	if (!rc)
		rc = xarrays_read(k, &blocks, 1, MEMORY_BLOCK_NODES_MAX, &found,
				  err);
	if (!rc && found.torn)
		remarks_add(remarks,
			    "the array of blocks of memory is torn at "
			    "0x%" PRIx64,
			    found.torn_at);
	return rc ? rc : blocks_take(k, &found, out, remarks, err);
}

void memory_blocks_deinit(struct memory_blocks *b)
{
	vec_deinit(&b->v);
}
