/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums up how memory is used, by the kernel's own rules. */
#include "kernel/alloc/meminfo.h"

#include <string.h>

#include "kernel/readers.h"
#include "kernel/summary_words.h"
#include "kernel/variables.h"
#include "kernel/alloc/vm_counters.h"

/* What is wanted of the types. */
enum {
	CONSTANT_THP = WANTS_OF(READER_MEMINFO),
	CONSTANT_CMA,
	CONSTANT_FREE,
	CONSTANT_MLOCK,
	CONSTANT_PAGETABLE_ZONE,
	CONSTANT_BOUNCE,
	CONSTANT_FREE_CMA,
	CONSTANT_UNACCEPTED,
	CONSTANT_INACTIVE_ANON,
	CONSTANT_ACTIVE_ANON,
	CONSTANT_INACTIVE_FILE,
	CONSTANT_ACTIVE_FILE,
	CONSTANT_UNEVICTABLE,
	CONSTANT_RECLAIMABLE,
	CONSTANT_UNRECLAIMABLE,
	CONSTANT_ANON_MAPPED,
	CONSTANT_FILE_MAPPED,
	CONSTANT_FILE_PAGES,
	CONSTANT_FILE_DIRTY,
	CONSTANT_WRITEBACK,
	CONSTANT_WRITEBACK_TEMP,
	CONSTANT_SHMEM,
	CONSTANT_SHMEM_THPS,
	CONSTANT_SHMEM_PMD,
	CONSTANT_FILE_THPS,
	CONSTANT_FILE_PMD,
	CONSTANT_ANON_THPS,
	CONSTANT_MISC_RECLAIMABLE,
	CONSTANT_VMALLOC,
	CONSTANT_STACK_KB,
	CONSTANT_PAGETABLE_NODE,
	CONSTANT_SECONDARY,
	CONSTANT_SWAPCACHE,
	CONSTANT_BALLOON,
	CONSTANT_GPU_ACTIVE,
	CONSTANT_GPU_RECLAIM
};

#define ZONE_ITEM(id, name) CONSTANT(id, "zone_stat_item", name)
#define NODE_ITEM(id, name) CONSTANT(id, "node_stat_item", name)

static const struct want want_table[] = {
	/* these are there with CONFIG_TRANSPARENT_HUGEPAGE, CONFIG_CMA */
	CONSTANT(THP, "vm_event_item", "THP_FAULT_ALLOC"),
	CONSTANT(CMA, "migratetype", "MIGRATE_CMA"),
	ZONE_ITEM(FREE, "NR_FREE_PAGES"),
	ZONE_ITEM(MLOCK, "NR_MLOCK"),
	ZONE_ITEM(PAGETABLE_ZONE, "NR_PAGETABLE"), /* up to 5.10 */
	ZONE_ITEM(BOUNCE, "NR_BOUNCE"),
	ZONE_ITEM(FREE_CMA, "NR_FREE_CMA_PAGES"),
	ZONE_ITEM(UNACCEPTED, "NR_UNACCEPTED"),
	NODE_ITEM(INACTIVE_ANON, "NR_INACTIVE_ANON"),
	NODE_ITEM(ACTIVE_ANON, "NR_ACTIVE_ANON"),
	NODE_ITEM(INACTIVE_FILE, "NR_INACTIVE_FILE"),
	NODE_ITEM(ACTIVE_FILE, "NR_ACTIVE_FILE"),
	NODE_ITEM(UNEVICTABLE, "NR_UNEVICTABLE"),
	NODE_ITEM(RECLAIMABLE, "NR_SLAB_RECLAIMABLE_B"),
	NODE_ITEM(UNRECLAIMABLE, "NR_SLAB_UNRECLAIMABLE_B"),
	NODE_ITEM(ANON_MAPPED, "NR_ANON_MAPPED"),
	NODE_ITEM(FILE_MAPPED, "NR_FILE_MAPPED"),
	NODE_ITEM(FILE_PAGES, "NR_FILE_PAGES"),
	NODE_ITEM(FILE_DIRTY, "NR_FILE_DIRTY"),
	NODE_ITEM(WRITEBACK, "NR_WRITEBACK"),
	NODE_ITEM(WRITEBACK_TEMP, "NR_WRITEBACK_TEMP"),
	NODE_ITEM(SHMEM, "NR_SHMEM"),
	NODE_ITEM(SHMEM_THPS, "NR_SHMEM_THPS"),
	NODE_ITEM(SHMEM_PMD, "NR_SHMEM_PMDMAPPED"),
	NODE_ITEM(FILE_THPS, "NR_FILE_THPS"),
	NODE_ITEM(FILE_PMD, "NR_FILE_PMDMAPPED"),
	NODE_ITEM(ANON_THPS, "NR_ANON_THPS"),
	NODE_ITEM(MISC_RECLAIMABLE, "NR_KERNEL_MISC_RECLAIMABLE"),
	NODE_ITEM(VMALLOC, "NR_VMALLOC"),
	NODE_ITEM(STACK_KB, "NR_KERNEL_STACK_KB"),
	NODE_ITEM(PAGETABLE_NODE, "NR_PAGETABLE"),	/* 5.11 */
	NODE_ITEM(SECONDARY, "NR_SECONDARY_PAGETABLE"), /* 6.1 */
	NODE_ITEM(SWAPCACHE, "NR_SWAPCACHE"), /* 5.12; THPs in pages, too */
	NODE_ITEM(BALLOON, "NR_BALLOON_PAGES"),
	NODE_ITEM(GPU_ACTIVE, "NR_GPU_ACTIVE"),
	NODE_ITEM(GPU_RECLAIM, "NR_GPU_RECLAIM"),
};

const struct wants meminfo_wants = {.reader = "how memory is used",
				    .v = want_table,
				    .n = WANTS_N(want_table)};

#define HUGE_PAGES 512

/* Lines that are counters as they are; several of one line are added. */
static const struct {
	enum meminfo_line line;
	uint32_t item;
	bool of_zones; /* else of nodes */
} counters[] = {
	{MEMINFO_FREE, CONSTANT_FREE, true},
	{MEMINFO_CACHED, CONSTANT_FILE_PAGES, false},
	{MEMINFO_SWAP_CACHED, CONSTANT_SWAPCACHE, false},
	{MEMINFO_ACTIVE, CONSTANT_ACTIVE_ANON, false},
	{MEMINFO_ACTIVE, CONSTANT_ACTIVE_FILE, false},
	{MEMINFO_INACTIVE, CONSTANT_INACTIVE_ANON, false},
	{MEMINFO_INACTIVE, CONSTANT_INACTIVE_FILE, false},
	{MEMINFO_ACTIVE_ANON, CONSTANT_ACTIVE_ANON, false},
	{MEMINFO_INACTIVE_ANON, CONSTANT_INACTIVE_ANON, false},
	{MEMINFO_ACTIVE_FILE, CONSTANT_ACTIVE_FILE, false},
	{MEMINFO_INACTIVE_FILE, CONSTANT_INACTIVE_FILE, false},
	{MEMINFO_UNEVICTABLE, CONSTANT_UNEVICTABLE, false},
	{MEMINFO_MLOCKED, CONSTANT_MLOCK, true},
	{MEMINFO_DIRTY, CONSTANT_FILE_DIRTY, false},
	{MEMINFO_WRITEBACK, CONSTANT_WRITEBACK, false},
	{MEMINFO_ANON_PAGES, CONSTANT_ANON_MAPPED, false},
	{MEMINFO_MAPPED, CONSTANT_FILE_MAPPED, false},
	{MEMINFO_SHMEM, CONSTANT_SHMEM, false},
	{MEMINFO_KRECLAIMABLE, CONSTANT_RECLAIMABLE, false},
	{MEMINFO_KRECLAIMABLE, CONSTANT_MISC_RECLAIMABLE, false},
	{MEMINFO_SLAB, CONSTANT_RECLAIMABLE, false},
	{MEMINFO_SLAB, CONSTANT_UNRECLAIMABLE, false},
	{MEMINFO_SRECLAIMABLE, CONSTANT_RECLAIMABLE, false},
	{MEMINFO_SUNRECLAIM, CONSTANT_UNRECLAIMABLE, false},
	{MEMINFO_PAGE_TABLES, CONSTANT_PAGETABLE_ZONE, true},
	{MEMINFO_PAGE_TABLES, CONSTANT_PAGETABLE_NODE, false},
	{MEMINFO_SEC_PAGE_TABLES, CONSTANT_SECONDARY, false},
	{MEMINFO_BOUNCE, CONSTANT_BOUNCE, true},
	{MEMINFO_WRITEBACK_TMP, CONSTANT_WRITEBACK_TEMP, false},
	{MEMINFO_VMALLOC_USED, CONSTANT_VMALLOC, false},
	{MEMINFO_ANON_HUGE, CONSTANT_ANON_THPS, false},
	{MEMINFO_SHMEM_HUGE, CONSTANT_SHMEM_THPS, false},
	{MEMINFO_SHMEM_PMD, CONSTANT_SHMEM_PMD, false},
	{MEMINFO_FILE_HUGE, CONSTANT_FILE_THPS, false},
	{MEMINFO_FILE_PMD, CONSTANT_FILE_PMD, false},
	{MEMINFO_CMA_FREE, CONSTANT_FREE_CMA, true},
	{MEMINFO_UNACCEPTED, CONSTANT_UNACCEPTED, true},
	{MEMINFO_BALLOON, CONSTANT_BALLOON, false},
	{MEMINFO_GPU_ACTIVE, CONSTANT_GPU_ACTIVE, false},
	{MEMINFO_GPU_RECLAIM, CONSTANT_GPU_RECLAIM, false},
};

/* Lines that are there in all kernels, as 0 where nothing counts them. */
static const enum meminfo_line always[] = {
	MEMINFO_NFS_UNSTABLE,
	MEMINFO_BOUNCE,
	MEMINFO_WRITEBACK_TMP,
	MEMINFO_VMALLOC_CHUNK,
};

/* Variables, by number. */
enum {
	VAR_TOTAL,
	VAR_SWAP_TOTAL,
	VAR_SWAP_FREE,
	VAR_VMALLOC,
	VAR_PERCPU_PAGES,
	VAR_PERCPU_UNITS,
	VAR_MEMTEST,
	VAR_MEMTEST_BAD,
	VAR_POISONED,
	VAR_CMA,
	VAR_ZSWAPPED,
	VAR_ZSWAP_BYTES,
	VAR_DIRECT_4K,
	VAR_DIRECT_2M,
	VAR_DIRECT_1G,
	VAR_GIGABYTES,
	VARS
};

static const struct variable variable_table[VARS] = {
	[VAR_TOTAL] = {.name = "_totalram_pages|totalram_pages", .size = 8},
	[VAR_SWAP_TOTAL] = {.name = "total_swap_pages", .size = 8},
	[VAR_SWAP_FREE] = {.name = "nr_swap_pages", .size = 8},
	[VAR_VMALLOC] = {.name = "nr_vmalloc_pages", .size = 8},
	[VAR_PERCPU_PAGES] = {.name = "pcpu_nr_populated", .size = 8},
	[VAR_PERCPU_UNITS] = {.name = "pcpu_nr_units", .size = 4},
	[VAR_MEMTEST] = {.name = "early_memtest_done", .size = 1},
	[VAR_MEMTEST_BAD] = {.name = "early_memtest_bad_size", .size = 8},
	[VAR_POISONED] = {.name = "num_poisoned_pages", .size = 8},
	[VAR_CMA] = {.name = "totalcma_pages", .size = 8},
	/* atomic_t up to 6.12, whose upper half is then another's */
	[VAR_ZSWAPPED] = {.name = "zswap_stored_pages", .size = 4},
	[VAR_ZSWAP_BYTES] = {.name = "zswap_pool_total_size", .size = 8},
	/* direct_pages_count[], by enum pg_level */
	[VAR_DIRECT_4K] = {.name = "direct_pages_count",
			   .size = 8,
			   .offset = 8},
	[VAR_DIRECT_2M] = {.name = "direct_pages_count",
			   .size = 8,
			   .offset = 16},
	[VAR_DIRECT_1G] = {.name = "direct_pages_count",
			   .size = 8,
			   .offset = 24},
	[VAR_GIGABYTES] = {.name = "direct_gbpages", .size = 4},
};

struct meminfo_work {
	struct kernel *k;
	struct meminfo *out;
	struct vm_globals globals;
	struct variable var[VARS];
};

/* Whether there is such a counter, and what it counts. */
static bool meminfo_counter(const struct kernel *k, const struct vm_globals *g,
			    uint32_t item, bool of_zones, uint64_t *value)
{
	const struct vm_counters *c = of_zones ? &g->zone : &g->node;
	int64_t at;

	if (!profile_constant(k->profile, item, &at) || at < 0 ||
	    (uint64_t)at >= c->n)
		return false;
	*value = c->v[at];
	return true;
}

void meminfo_take_counters(const struct kernel *k, const struct vm_globals *g,
			   struct meminfo *out)
{
	uint64_t value;
	int64_t constant;
	size_t i;

	for (i = 0; i < WANTS_N(always); i++)
		out->known[always[i]] = true;
	for (i = 0; i < WANTS_N(counters); i++)
		if (meminfo_counter(k, g, counters[i].item,
				    counters[i].of_zones, &value))
			meminfo_put(out, counters[i].line,
				    meminfo_pages(out, counters[i].line) +
					    value);
	if (meminfo_counter(k, g, CONSTANT_STACK_KB, false, &value)) {
		out->v[MEMINFO_KERNEL_STACK] = value;
		out->known[MEMINFO_KERNEL_STACK] = true;
	}
	for (i = MEMINFO_ANON_HUGE; i <= MEMINFO_FILE_PMD; i++) {
		out->known[i] &=
			profile_constant(k->profile, CONSTANT_THP, &constant);
		if (!profile_constant(k->profile, CONSTANT_SWAPCACHE,
				      &constant))
			out->v[i] *= HUGE_PAGES;
	}
}

/* Lines that are a variable as it is, in pages. */
static void meminfo_take_variables(struct meminfo_work *w)
{
	static const struct {
		enum meminfo_line line;
		int var;
	} plain[] = {
		{MEMINFO_TOTAL, VAR_TOTAL},
		{MEMINFO_SWAP_TOTAL, VAR_SWAP_TOTAL},
		{MEMINFO_SWAP_FREE, VAR_SWAP_FREE},
		{MEMINFO_ZSWAPPED, VAR_ZSWAPPED},
		{MEMINFO_VMALLOC_USED, VAR_VMALLOC},
		{MEMINFO_CORRUPTED, VAR_POISONED},
		{MEMINFO_CMA_TOTAL, VAR_CMA},
		{MEMINFO_DIRECT_4K, VAR_DIRECT_4K},
	};
	const struct variable *var = w->var;
	struct meminfo *out = w->out;
	int64_t cma;
	size_t i;

	for (i = 0; i < WANTS_N(plain); i++)
		if (var[plain[i].var].known)
			meminfo_put(w->out, plain[i].line,
				    var[plain[i].var].value);
	if (!profile_constant(w->k->profile, CONSTANT_CMA, &cma))
		out->known[MEMINFO_CMA_TOTAL] = out->known[MEMINFO_CMA_FREE] =
			false;
	if (var[VAR_PERCPU_UNITS].known)
		meminfo_put(w->out, MEMINFO_PERCPU,
			    var[VAR_PERCPU_PAGES].value *
				    var[VAR_PERCPU_UNITS].value);
	out->known[MEMINFO_DIRECT_2M] = var[VAR_DIRECT_2M].known;
	out->v[MEMINFO_DIRECT_2M] = var[VAR_DIRECT_2M].value << 11;
	out->known[MEMINFO_DIRECT_1G] =
		var[VAR_DIRECT_1G].known && var[VAR_GIGABYTES].value;
	out->v[MEMINFO_DIRECT_1G] = var[VAR_DIRECT_1G].value << 20;
	/* 32 TiB, or 12800 TiB with five levels, without the last byte */
	out->known[MEMINFO_VMALLOC_TOTAL] = true;
	out->v[MEMINFO_VMALLOC_TOTAL] =
		((w->k->root.paging->levels > 4 ? 12800ULL : 32ULL) << 30) - 1;
	out->known[MEMINFO_MEMTEST_BAD] = var[VAR_MEMTEST].value != 0;
	/* no damage that is there is said to be none */
	out->v[MEMINFO_MEMTEST_BAD] = var[VAR_MEMTEST_BAD].value / 1024;
	if (var[VAR_MEMTEST_BAD].value && !out->v[MEMINFO_MEMTEST_BAD])
		out->v[MEMINFO_MEMTEST_BAD] = 1;
}

/*
 * What zswap has: a sum of bytes up to 6.7, then what its pools say (which is
 * not followed: with no page stored they have none).
 */
static void meminfo_take_zswap(struct meminfo_work *w)
{
	const struct variable *bytes = &w->var[VAR_ZSWAP_BYTES];

	w->out->v[MEMINFO_ZSWAP] = bytes->value / 1024;
	w->out->known[MEMINFO_ZSWAP] =
		w->var[VAR_ZSWAPPED].known &&
		(bytes->known || !w->var[VAR_ZSWAPPED].value);
}

int meminfo_read(struct kernel *k, struct meminfo *out, struct err *err)
{
	struct meminfo_work w = {.k = k, .out = out};
	int rc = summary_words_fetch(k, err);

	*out = (struct meminfo){0};
	if (!rc)
		rc = vm_globals_read(k, &w.globals, err);
	memcpy(w.var, variable_table, sizeof(w.var));
	if (!rc)
		rc = variables_read(k, w.var, VARS, err);
	if (rc)
		return rc;
	meminfo_take_counters(k, &w.globals, out);
	meminfo_take_variables(&w);
	meminfo_take_zswap(&w);
	return meminfo_read_parts(k, out, err);
}
