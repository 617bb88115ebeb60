/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the counters of memory that are kept for all zones and nodes. */
#include "kernel/alloc/vm_counters.h"

#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	CONSTANT_VM_ZONE_ITEMS = WANTS_OF(READER_VM_COUNTERS),
	CONSTANT_VM_NODE_ITEMS,
	CONSTANT_VM_NUMA_EVENTS,
	CONSTANT_VM_NUMA_ITEMS
};

static const struct want want_table[] = {
	CONSTANT(VM_ZONE_ITEMS, "zone_stat_item", "NR_VM_ZONE_STAT_ITEMS"),
	CONSTANT(VM_NODE_ITEMS, "node_stat_item", "NR_VM_NODE_STAT_ITEMS"),
	CONSTANT(VM_NUMA_EVENTS, "numa_stat_item",
		 "NR_VM_NUMA_EVENT_ITEMS"), /* 5.14 */
	CONSTANT(VM_NUMA_ITEMS, "numa_stat_item", "NR_VM_NUMA_STAT_ITEMS"),
};

const struct wants vm_counters_wants = {.reader = "counters of memory",
					.v = want_table,
					.n = WANTS_N(want_table)};

static size_t vm_counters_number(const struct kernel *k, uint32_t constant)
{
	int64_t n;

	return profile_constant(k->profile, constant, &n) && n > 0 &&
			       n <= VM_COUNTERS_MAX
		       ? (size_t)n
		       : 0;
}

/* atomic_long_t each; one may be below 0 for a moment. */
static void vm_counters_take(struct vm_counters *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		c->v[i] = le64(&c->v[i]);
		if (c->v[i] >> 63)
			c->v[i] = 0;
	}
}

int vm_globals_read(struct kernel *k, struct vm_globals *out, struct err *err)
{
	struct variable v[] = {
		{.name = "vm_zone_stat", .to = out->zone.v},
		{.name = "vm_node_stat", .to = out->node.v},
		{.name = "vm_numa_event|vm_numa_stat", .to = out->numa.v},
	};
	int rc;

	*out = (struct vm_globals){0};
	out->zone.n = vm_counters_number(k, CONSTANT_VM_ZONE_ITEMS);
	out->node.n = vm_counters_number(k, CONSTANT_VM_NODE_ITEMS);
	out->numa.n = vm_counters_number(k, CONSTANT_VM_NUMA_EVENTS);
	if (!out->numa.n)
		out->numa.n = vm_counters_number(k, CONSTANT_VM_NUMA_ITEMS);
	v[0].size = out->zone.n * 8;
	v[1].size = out->node.n * 8;
	v[2].size = out->numa.n * 8;
	rc = variables_read(k, v, 3, err);
	if (rc)
		return rc;
	if (!v[0].known || !v[1].known)
		return profile_unknown(k->profile,
				       "counters of memory are kept in no way "
				       "that is known",
				       err);
	if (!v[2].known)
		out->numa.n = 0;
	vm_counters_take(&out->zone);
	vm_counters_take(&out->node);
	vm_counters_take(&out->numa);
	return 0;
}
