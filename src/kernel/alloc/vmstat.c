/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads all counters of memory management. */
#include "kernel/alloc/vmstat.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/cpus.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/summary_words.h"
#include "kernel/variables.h"
#include "kernel/alloc/vm_counters.h"
#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_stats.h"

/* What is wanted of the types. */
enum {
	FIELD_EVENTS = WANTS_OF(READER_VMSTAT),
	CONSTANT_EVENTS,
	CONSTANT_PGPGIN,
	CONSTANT_PGPGOUT,
	CONSTANT_NUMA_EVENTS,
	CONSTANT_WORDS,
	CONSTANT_WORDS_OLD,
	CONSTANT_FREE,
	CONSTANT_INACTIVE_FILE,
	CONSTANT_ACTIVE_FILE
};

static const struct want want_table[] = {
	FIELD(EVENTS, "vm_event_state", OPTIONAL, "event"),
	CONSTANT(EVENTS, "vm_event_item", "NR_VM_EVENT_ITEMS"),
	CONSTANT(PGPGIN, "vm_event_item", "PGPGIN"),
	CONSTANT(PGPGOUT, "vm_event_item", "PGPGOUT"),
	CONSTANT(NUMA_EVENTS, "numa_stat_item", "NR_VM_NUMA_EVENT_ITEMS"),
	CONSTANT(WORDS, "vm_stat_item", "NR_VM_STAT_ITEMS"), /* 6.12 */
	CONSTANT(WORDS_OLD, "writeback_stat_item",
		 "NR_VM_WRITEBACK_STAT_ITEMS"),
	CONSTANT(FREE, "zone_stat_item", "NR_FREE_PAGES"),
	CONSTANT(INACTIVE_FILE, "node_stat_item", "NR_INACTIVE_FILE"),
	CONSTANT(ACTIVE_FILE, "node_stat_item", "NR_ACTIVE_FILE"),
};

const struct wants vmstat_wants = {.reader = "counters of memory management",
				   .v = want_table,
				   .n = WANTS_N(want_table)};

#define PAGE_BYTES 4096u

/* What stands between counters and events: two limits, and from 6.12 on two
 * words more. */
enum {
	WORD_DIRTY,
	WORD_DIRTY_BACKGROUND,
	WORD_MEMMAP,
	WORD_MEMMAP_BOOT,
	WORDS
};

enum {
	VAR_RESERVE,
	VAR_DIRTY_BYTES,
	VAR_BACKGROUND_BYTES,
	VAR_DIRTY_RATIO,
	VAR_BACKGROUND_RATIO,
	VAR_MEMMAP,
	VAR_MEMMAP_BOOT,
	VARS
};

static uint64_t vmstat_constant(const struct kernel *k, uint32_t id)
{
	int64_t value;

	return profile_constant(k->profile, id, &value) && value >= 0
		       ? (uint64_t)value
		       : 0;
}

static uint64_t vmstat_counter(const struct kernel *k,
			       const struct vm_counters *c, uint32_t id)
{
	uint64_t at = vmstat_constant(k, id);

	return at < c->n ? c->v[at] : 0;
}

static void vmstat_add(struct vmstat *out, const uint64_t *v, size_t n)
{
	if (n > VMSTAT_MAX - out->n)
		n = VMSTAT_MAX - out->n;
	memcpy(out->v + out->n, v, n * sizeof(*v));
	out->n += n;
}

/*
 * NUMA's, from 5.14 on with what each CPU has not told yet: the kernel asks for
 * that before it shows them.
 */
static int vmstat_read_numa(struct kernel *k, struct vm_counters *numa,
			    struct err *err)
{
	_cleanup_(zone_stats_deinit) struct zone_stats stats = {0};
	_cleanup_(zones_deinit) struct zones zones = {0};
	size_t i, j;
	int rc;

	if (!numa->n || !vmstat_constant(k, CONSTANT_NUMA_EVENTS))
		return 0;
	rc = zones_read_unnamed(k, &zones, err);
	if (!rc)
		rc = zone_stats_read(k, &zones, &stats, err);
	for (j = 0; j < numa->n && j < stats.n_numa && !rc; j++) {
		numa->v[j] = 0;
		for (i = 0; i < zones.list.n; i++)
			if (zones.list.v[i].present)
				numa->v[j] += stats.zone[i].numa[j];
	}
	return rc;
}

static uint64_t vmstat_pages(uint64_t bytes, uint64_t ratio, uint64_t memory)
{
	if (bytes)
		return (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
	return ratio * PAGE_BYTES / 100 * memory / PAGE_BYTES;
}

/* global_dirty_limits() (mm/page-writeback.c), for a task that is no real-time
 * one. */
static void vmstat_put_limits(const struct kernel *k,
			      const struct vm_globals *g,
			      const struct variable *var, uint64_t *words)
{
	uint64_t free = vmstat_counter(k, &g->zone, CONSTANT_FREE);
	uint64_t reserve = var[VAR_RESERVE].value;
	uint64_t memory = free - (free < reserve ? free : reserve) +
			  vmstat_counter(k, &g->node, CONSTANT_INACTIVE_FILE) +
			  vmstat_counter(k, &g->node, CONSTANT_ACTIVE_FILE) + 1;
	uint64_t dirty = vmstat_pages(var[VAR_DIRTY_BYTES].value,
				      var[VAR_DIRTY_RATIO].value, memory);
	uint64_t background =
		vmstat_pages(var[VAR_BACKGROUND_BYTES].value,
			     var[VAR_BACKGROUND_RATIO].value, memory);

	if (dirty > UINT32_MAX)
		dirty = UINT32_MAX;
	words[WORD_DIRTY] = dirty;
	words[WORD_DIRTY_BACKGROUND] =
		background >= dirty ? dirty / 2 : background;
}

/* Whether this kernel has all that the first n words are made of. */
static bool vmstat_words_known(const struct variable *var, uint64_t n)
{
	bool known = true;
	size_t i;

	for (i = 0; i < (n > WORD_MEMMAP ? VARS : VAR_MEMMAP); i++)
		known &= var[i].known;
	return known;
}

static int vmstat_read_words(struct kernel *k, const struct vm_globals *g,
			     struct vmstat *out, struct err *err)
{
	struct variable var[VARS] = {
		[VAR_RESERVE] = {.name = "totalreserve_pages", .size = 8},
		[VAR_DIRTY_BYTES] = {.name = "vm_dirty_bytes", .size = 8},
		[VAR_BACKGROUND_BYTES] = {.name = "dirty_background_bytes",
					  .size = 8},
		[VAR_DIRTY_RATIO] = {.name = "vm_dirty_ratio", .size = 4},
		[VAR_BACKGROUND_RATIO] = {.name = "dirty_background_ratio",
					  .size = 4},
		[VAR_MEMMAP] = {.name = "nr_memmap_pages", .size = 8},
		[VAR_MEMMAP_BOOT] = {.name = "nr_memmap_boot_pages", .size = 8},
	};
	uint64_t words[WORDS] = {0}, n = vmstat_constant(k, CONSTANT_WORDS);
	int rc = variables_read(k, var, VARS, err);

	if (!n)
		n = vmstat_constant(k, CONSTANT_WORDS_OLD);
	if (rc)
		return rc;
	if (n > WORDS || !vmstat_words_known(var, n))
		return profile_unknown(k->profile,
				       "limits of dirty pages are kept in no "
				       "way that is known",
				       err);
	vmstat_put_limits(k, g, var, words);
	words[WORD_MEMMAP] = var[VAR_MEMMAP].value;
	words[WORD_MEMMAP_BOOT] = var[VAR_MEMMAP_BOOT].value;
	vmstat_add(out, words, n);
	return 0;
}

/* What CPUs that are online have counted; those that went handed theirs on. */
static int vmstat_read_events(struct kernel *k, struct vmstat *out,
			      struct err *err)
{
	const struct profile_field *f = profile_field(k->profile, FIELD_EVENTS);
	uint64_t n = vmstat_constant(k, CONSTANT_EVENTS),
		 v[VM_COUNTERS_MAX] = {0};
	_cleanup_(cpus_deinit) struct cpus cpus = {0};
	struct cpu_variable events = {.size = n * 8};
	size_t i, j;
	int rc;

	if (!f->present || n > VM_COUNTERS_MAX || n * 8 > f->size ||
	    !profile_symbol(k->profile, "vm_event_states", &events.va))
		return 0;
	events.va += f->offset;
	rc = cpus_read(k, &cpus, err);
	if (!rc)
		rc = cpu_variables_read(k, &cpus, &events, 1, err);
	for (i = 0; i < cpus.n && !rc; i++)
		for (j = 0; j < n && cpus_is_online(&cpus, i); j++)
			v[j] += le64(cpu_variable_of(&events, i) + j * 8);
	/* sectors, shown as KiB */
	for (i = CONSTANT_PGPGIN; i <= CONSTANT_PGPGOUT; i++)
		if (vmstat_constant(k, (uint32_t)i) < n)
			v[vmstat_constant(k, (uint32_t)i)] /= 2;
	if (!rc)
		vmstat_add(out, v, n);
	cpu_variables_deinit(&events, 1);
	return rc;
}

int vmstat_read(struct kernel *k, struct vmstat *out, struct err *err)
{
	struct vm_globals g = {0};
	int rc = summary_words_fetch(k, err);

	*out = (struct vmstat){0};
	if (!rc)
		rc = vm_globals_read(k, &g, err);
	if (!rc)
		rc = vmstat_read_numa(k, &g.numa, err);
	if (rc)
		return rc;
	vmstat_add(out, g.zone.v, g.zone.n);
	vmstat_add(out, g.numa.v, g.numa.n);
	zone_stats_show(k, g.node.v, g.node.n);
	vmstat_add(out, g.node.v, g.node.n);
	rc = vmstat_read_words(k, &g, out, err);
	if (!rc)
		rc = vmstat_read_events(k, out, err);
	return rc ? rc
		  : records_string_array(k, "vmstat_text", out->n, VMSTAT_NAME,
					 (char *)out->name, err);
}
