/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys/devices/system/node (drivers/base/node.c). */
#include "proc/sysfs.h"

#include <inttypes.h>

#include "base/masks.h"
#include "kernel/device/node_places.h"
#include "kernel/alloc/node_meminfo.h"
#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_stats.h"

struct values {
	struct zones zones;
	struct zone_stats stats;
	struct node_places places;
	struct node_meminfo meminfo;
};

static void node_put_state(const void *values, const struct sysfs_record *r,
			   struct buf *out)
{
	const struct node_places *p = &((const struct values *)values)->places;

	mask_put_list(p->state[r->leaf->what].words, p->most, out);
	buf_puts(out, "\n");
}

static void node_put_cpus(const void *values, const struct sysfs_record *r,
			  struct buf *out)
{
	const struct values *v = values;
	const struct cpu_masks *m = &v->places.masks;

	if (r->leaf->what)
		mask_put_list(cpu_mask(m, r->object), m->bits, out);
	else
		mask_put_hex(cpu_mask(m, r->object), m->bits, out);
	buf_puts(out, "\n");
}

/* To each that is online; a blank stands before all but node 0. */
static void node_put_distance(const void *values, const struct sysfs_record *r,
			      struct buf *out)
{
	const struct values *v = values;
	uint32_t from = v->zones.nodes.v[r->object].id;
	size_t i;

	for (i = 0; i < v->zones.nodes.n; i++) {
		uint32_t to = v->zones.nodes.v[i].id;

		buf_printf(out, "%s%u", to ? " " : "",
			   node_distance(&v->places, from, to));
	}
	buf_puts(out, "\n");
}

/* A counter of all zones of a node together. */
static uint64_t node_sum(const struct values *v, uint32_t node, size_t item,
			 bool numa)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < v->zones.list.n; i++)
		if (v->zones.list.v[i].node == node)
			sum += numa ? v->stats.zone[i].numa[item]
				    : v->stats.zone[i].stat[item];
	return sum;
}

static void node_put_vmstat(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	const struct values *v = values;
	const struct zone_stats *s = &v->stats;
	const char(*name)[ZONE_STAT_NAME] = s->name;
	size_t i;

	for (i = 0; i < s->n_stats; i++)
		buf_printf(out, "%s %" PRIu64 "\n", *name++,
			   node_sum(v, r->object, i, false));
	for (i = 0; i < s->n_numa; i++)
		buf_printf(out, "%s %" PRIu64 "\n", *name++,
			   node_sum(v, r->object, i, true));
	for (i = 0; i < s->n_node_stats; i++)
		buf_printf(out, "%s %" PRIu64 "\n", *name++,
			   s->node[r->object].stat[i]);
}

/* In the order of enum numa_stat_item. */
static const char *const numa_names[] = {"numa_hit",	 "numa_miss",
					 "numa_foreign", "interleave_hit",
					 "local_node",	 "other_node"};

#define N_NUMA (sizeof(numa_names) / sizeof(numa_names[0]))

static void node_put_numastat(const void *values, const struct sysfs_record *r,
			      struct buf *out)
{
	size_t i;

	for (i = 0; i < N_NUMA; i++)
		buf_printf(out, "%s %" PRIu64 "\n", numa_names[i],
			   node_sum(values, r->object, i, true));
}

#define USED MEMINFO_LINES /* what is not free, which is no line elsewhere */

/* Each with the blanks that the kernel has behind it. */
static const struct {
	const char *label;
	unsigned int line; /* enum meminfo_line, or USED */
} meminfo_lines[] = {
	{"MemTotal:       ", MEMINFO_TOTAL},
	{"MemFree:        ", MEMINFO_FREE},
	{"MemUsed:        ", USED},
	{"SwapCached:     ", MEMINFO_SWAP_CACHED},
	{"Active:         ", MEMINFO_ACTIVE},
	{"Inactive:       ", MEMINFO_INACTIVE},
	{"Active(anon):   ", MEMINFO_ACTIVE_ANON},
	{"Inactive(anon): ", MEMINFO_INACTIVE_ANON},
	{"Active(file):   ", MEMINFO_ACTIVE_FILE},
	{"Inactive(file): ", MEMINFO_INACTIVE_FILE},
	{"Unevictable:    ", MEMINFO_UNEVICTABLE},
	{"Mlocked:        ", MEMINFO_MLOCKED},
	{"Dirty:          ", MEMINFO_DIRTY},
	{"Writeback:      ", MEMINFO_WRITEBACK},
	{"FilePages:      ", MEMINFO_CACHED},
	{"Mapped:         ", MEMINFO_MAPPED},
	{"AnonPages:      ", MEMINFO_ANON_PAGES},
	{"Shmem:          ", MEMINFO_SHMEM},
	{"KernelStack:    ", MEMINFO_KERNEL_STACK},
	{"PageTables:     ", MEMINFO_PAGE_TABLES},
	{"SecPageTables:  ", MEMINFO_SEC_PAGE_TABLES},
	{"NFS_Unstable:   ", MEMINFO_NFS_UNSTABLE},
	{"Bounce:         ", MEMINFO_BOUNCE},
	{"WritebackTmp:   ", MEMINFO_WRITEBACK_TMP},
	{"KReclaimable:   ", MEMINFO_KRECLAIMABLE},
	{"Slab:           ", MEMINFO_SLAB},
	{"SReclaimable:   ", MEMINFO_SRECLAIMABLE},
	{"SUnreclaim:     ", MEMINFO_SUNRECLAIM},
	{"AnonHugePages:  ", MEMINFO_ANON_HUGE},
	{"ShmemHugePages: ", MEMINFO_SHMEM_HUGE},
	{"ShmemPmdMapped: ", MEMINFO_SHMEM_PMD},
	{"FileHugePages: ", MEMINFO_FILE_HUGE}, /* and one more, of late */
	{"FilePmdMapped: ", MEMINFO_FILE_PMD},
	{"Unaccepted:     ", MEMINFO_UNACCEPTED},
	{"Balloon:        ", MEMINFO_BALLOON},
	{"GPUActive:      ", MEMINFO_GPU_ACTIVE},
	{"GPUReclaim:     ", MEMINFO_GPU_RECLAIM},
	{"HugePages_Total: ", MEMINFO_HUGE_TOTAL},
	{"HugePages_Free:  ", MEMINFO_HUGE_FREE},
	{"HugePages_Surp:  ", MEMINFO_HUGE_SURP},
};

static void node_put_meminfo(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	const struct values *v = values;
	const struct meminfo *m = &v->meminfo.node[r->object];
	size_t i;

	for (i = 0; i < sizeof(meminfo_lines) / sizeof(*meminfo_lines); i++) {
		unsigned int line = meminfo_lines[i].line;
		uint64_t value =
			line == USED ? m->v[MEMINFO_TOTAL] - m->v[MEMINFO_FREE]
				     : m->v[line];

		if (line != USED && !m->known[line])
			continue;
		buf_printf(out, "Node %" PRIu32 " %s",
			   v->zones.nodes.v[r->object].id,
			   meminfo_lines[i].label);
		if (line >= MEMINFO_HUGE_TOTAL && line < MEMINFO_HUGE_SIZE) {
			buf_printf(out, "%5" PRIu64 "\n", value);
			continue;
		}
		if (v->meminfo.aligned &&
		    (line == MEMINFO_FILE_HUGE || line == MEMINFO_FILE_PMD))
			buf_puts(out, " ");
		buf_printf(out, "%8" PRIu64 " kB\n", value);
	}
}

static const struct sysfs_leaf state_leaves[NODE_STATES] = {
	SYSFS_LEAF("possible", NODE_POSSIBLE, node_put_state),
	SYSFS_LEAF("online", NODE_ONLINE, node_put_state),
	SYSFS_LEAF("has_normal_memory", NODE_NORMAL_MEMORY, node_put_state),
	SYSFS_LEAF("has_memory", NODE_MEMORY, node_put_state),
	SYSFS_LEAF("has_cpu", NODE_CPU, node_put_state),
	SYSFS_LEAF("has_generic_initiator", NODE_GENERIC_INITIATOR,
		   node_put_state),
};

static const struct sysfs_leaf cpumap_leaf =
	SYSFS_LEAF("cpumap", 0, node_put_cpus);
static const struct sysfs_leaf cpulist_leaf =
	SYSFS_LEAF("cpulist", 1, node_put_cpus);
static const struct sysfs_leaf distance_leaf =
	SYSFS_LEAF("distance", 0, node_put_distance);
static const struct sysfs_leaf meminfo_leaf =
	SYSFS_LEAF("meminfo", 0, node_put_meminfo);
static const struct sysfs_leaf vmstat_leaf =
	SYSFS_LEAF("vmstat", 0, node_put_vmstat);
static const struct sysfs_leaf numastat_leaf =
	SYSFS_LEAF("numastat", 0, node_put_numastat);

static void node_add(struct sysfs *s, uint32_t i)
{
	const struct values *v = s->values;

	if (v->places.masks.known[i]) {
		sysfs_add(s, i, &cpumap_leaf);
		sysfs_add(s, i, &cpulist_leaf);
	}
	if (v->places.distances_known)
		sysfs_add(s, i, &distance_leaf);
	if (v->stats.n_numa == N_NUMA)
		sysfs_add(s, i, &numastat_leaf);
	sysfs_add(s, i, &vmstat_leaf);
	sysfs_add(s, i, &meminfo_leaf);
}

static void node_dir(const void *values, uint32_t i, struct buf *out)
{
	const struct values *v = values;

	buf_printf(out, "node%" PRIu32, v->zones.nodes.v[i].id);
}

static void node_free(void *values)
{
	struct values *v = values;

	node_meminfo_deinit(&v->meminfo);
	zone_stats_deinit(&v->stats);
	zones_deinit(&v->zones);
	node_places_deinit(&v->places);
}

static int sysfs_node_read(struct kernel *k, struct proc_values *out,
			   struct err *err)
{
	struct sysfs *s = sysfs_create(out, sizeof(struct values));
	struct values *v = s ? s->values : NULL;
	uint32_t i;
	int rc;

	if (!v)
		return err_nomem(err);
	s->values_free = node_free;
	s->dir = node_dir;
	rc = zones_read(k, &v->zones, err);
	if (!rc)
		rc = zone_stats_read(k, &v->zones, &v->stats, err);
	if (!rc)
		rc = node_places_read(k, &v->zones, &v->places, err);
	if (!rc)
		rc = node_meminfo_read(k, &v->zones, &v->stats, &v->meminfo,
				       err);
	if (rc)
		return rc;
	for (i = 0; i < NODE_STATES; i++)
		if (v->places.state[i].known)
			sysfs_add(s, SYSFS_TOP, &state_leaves[i]);
	for (i = 0; i < v->zones.nodes.n; i++)
		node_add(s, i);
	return sysfs_end(s, out, err);
}

/* Kernels with CONFIG_NUMA have it. */
const struct proc_file proc_sysfs_node = {
	.name = "sys/devices/system/node",
	.needs = "node_read_distance",
	.read = sysfs_node_read,
	SYSFS_FILE,
};
