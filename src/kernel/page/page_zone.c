/* SPDX-License-Identifier: BSD-2-Clause */
/* Zone and node of a page, by the word of its flags. */
#include "kernel/page/page_zone.h"

#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_NODEMASK = WANTS_OF(READER_PAGE_ZONE),
	FIELD_CACHE_NODES,
	FIELD_HUGE_NODES,
	CONSTANT_MAX_NR_ZONES,
	CONSTANT_ZONE_DMA,
	CONSTANT_ZONE_DMA32,
	CONSTANT_ZONE_NORMAL,
	CONSTANT_ZONE_MOVABLE,
	CONSTANT_ZONE_DEVICE
};

static const struct want want_table[] = {
	FIELD(NODEMASK, "task_struct", OPTIONAL, "mems_allowed"),
	FIELD(CACHE_NODES, "kmem_cache", OPTIONAL, "node"), /* < 7.1 */
	FIELD(HUGE_NODES, "hstate", OPTIONAL, "nr_huge_pages_node"),
	CONSTANT(MAX_NR_ZONES, "zone_type", "__MAX_NR_ZONES"),
	CONSTANT(ZONE_DMA, "zone_type", "ZONE_DMA"),
	CONSTANT(ZONE_DMA32, "zone_type", "ZONE_DMA32"),
	CONSTANT(ZONE_NORMAL, "zone_type", "ZONE_NORMAL"),
	CONSTANT(ZONE_MOVABLE, "zone_type", "ZONE_MOVABLE"),
	CONSTANT(ZONE_DEVICE, "zone_type", "ZONE_DEVICE"),
};

const struct wants page_zone_wants = {
	.reader = "zones of pages", .v = want_table, .n = WANTS_N(want_table)};

static const struct {
	uint32_t id;
	const char *name;
} zones[] = {
	{CONSTANT_ZONE_DMA, "DMA"},	  {CONSTANT_ZONE_DMA32, "DMA32"},
	{CONSTANT_ZONE_NORMAL, "Normal"}, {CONSTANT_ZONE_MOVABLE, "Movable"},
	{CONSTANT_ZONE_DEVICE, "Device"},
};

/* So many elements of an array of the kernel's for all nodes; 0 unknown. */
static uint32_t elements(const struct kernel *k, uint32_t field, uint32_t size)
{
	return profile_field(k->profile, field)->size / size;
}

/*
 * MAX_NUMNODES: a nodemask_t has a bit for each, in whole longs.  Where that is
 * one of 64 bits there may be fewer, and arrays with an element for each tell:
 * pointers of slab caches, unsigned ints of pools of huge pages.
 */
static uint32_t max_nodes(const struct kernel *k)
{
	uint32_t nodes = 8 * elements(k, FIELD_NODEMASK, 1);

	if (nodes > 64)
		return nodes;
	nodes = elements(k, FIELD_CACHE_NODES, 8);
	return nodes ? nodes : elements(k, FIELD_HUGE_NODES, 4);
}

/*
 * Bits of a node's number in the flags (NODES_SHIFT; all of them, as long as
 * sections have none there, which is so with a vmemmap); -1 unknown.
 */
static int node_bits(const struct kernel *k)
{
	uint32_t nodes = max_nodes(k);
	int bits = 0;

	if (!nodes || nodes > 1u << 16 || nodes & (nodes - 1))
		return -1;
	while (1u << bits < nodes)
		bits++;
	return bits;
}

/* Those of a zone's; 0 unknown.  (include/linux/page-flags-layout.h) */
static unsigned int zone_bits(const struct kernel *k)
{
	int64_t n;

	if (!profile_constant(k->profile, CONSTANT_MAX_NR_ZONES, &n) || n < 2 ||
	    n > 8)
		return 0;
	return n <= 2 ? 1 : n <= 4 ? 2 : 3;
}

int page_node(const struct kernel *k, uint64_t flags)
{
	int bits = node_bits(k);

	return bits > 0 ? (int)(flags >> (64 - bits)) : bits;
}

const char *page_zone_name(const struct kernel *k, uint64_t flags)
{
	int above = node_bits(k);
	unsigned int bits = zone_bits(k);
	int64_t zone, value;
	size_t i;

	if (above < 0 || !bits)
		return NULL;
	zone = (int64_t)(flags >> (64 - (unsigned int)above - bits) &
			 ((1u << bits) - 1));
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (profile_constant(k->profile, zones[i].id, &value) &&
		    value == zone)
			return zones[i].name;
	return NULL;
}
