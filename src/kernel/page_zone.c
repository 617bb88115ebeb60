/* SPDX-License-Identifier: BSD-2-Clause */
/* Zone and node of a page, by the word of its flags. */
#include "kernel/page_zone.h"

#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_NODEMASK = WANTS_OF(READER_PAGE_ZONE),
	CONSTANT_MAX_NR_ZONES,
	CONSTANT_ZONE_DMA,
	CONSTANT_ZONE_DMA32,
	CONSTANT_ZONE_NORMAL,
	CONSTANT_ZONE_MOVABLE,
	CONSTANT_ZONE_DEVICE
};

static const struct want want_table[] = {
	FIELD(NODEMASK, "task_struct", OPTIONAL, "mems_allowed"),
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

/*
 * Bits of a node's number: a nodemask_t has a bit for each.  One of 64 may be
 * of a kernel that has fewer nodes, and then fewer bits: 0, unknown.
 */
static unsigned int node_bits(const struct kernel *k)
{
	uint64_t nodes = 8ULL * profile_field(k->profile, FIELD_NODEMASK)->size;
	unsigned int bits = 0;

	if (nodes <= 64 || nodes > 1u << 16 || nodes & (nodes - 1))
		return 0;
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
	unsigned int bits = node_bits(k);

	return bits ? (int)(flags >> (64 - bits)) : -1;
}

const char *page_zone_name(const struct kernel *k, uint64_t flags)
{
	unsigned int above = node_bits(k), bits = zone_bits(k);
	int64_t zone, value;
	size_t i;

	if (!above || !bits)
		return NULL;
	zone = (int64_t)(flags >> (64 - above - bits) & ((1u << bits) - 1));
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (profile_constant(k->profile, zones[i].id, &value) &&
		    value == zone)
			return zones[i].name;
	return NULL;
}
