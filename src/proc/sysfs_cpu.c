/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys/devices/system/cpu (drivers/base/cpu.c, drivers/base/topology.c). */
#include "proc/sysfs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/masks.h"
#include "kernel/device/cpu_devices.h"
#include "kernel/variables.h"
#include "kernel/device/x86_64_topology.h"

struct values {
	struct cpu_devices devices;
	struct topology topology;
};

static void cpu_put_state(const void *values, const struct sysfs_record *r,
			  struct buf *out)
{
	const struct values *v = values;

	mask_put_list(v->devices.state[r->leaf->what].words,
		      (unsigned int)v->devices.cpus.n, out);
	buf_puts(out, "\n");
}

/* Those that are possible, and not online; and behind these, whatever firmware
 * told of beside (print_cpus_offline()). */
static void cpu_put_offline(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	const struct values *v = values;
	const struct cpu_devices *d = &v->devices;
	size_t i, n = d->cpus.n, begin = out->len;
	uint64_t *words = calloc(d->stride + 1, sizeof(*words));

	(void)r;
	out->oom |= !words;
	if (!words)
		return;
	for (i = 0; i < d->stride; i++)
		words[i] = d->state[CPU_STATE_POSSIBLE].words[i] &
			   ~d->state[CPU_STATE_ONLINE].words[i];
	mask_put_list(words, (unsigned int)n, out);
	free(words);
	if (d->total > n)
		buf_printf(out, "%s%zu", out->len > begin ? "," : "", n);
	if (d->total > n + 1)
		buf_printf(out, "-%" PRIu32, d->total - 1);
	buf_puts(out, "\n");
}

static void cpu_put_online(const void *values, const struct sysfs_record *r,
			   struct buf *out)
{
	const struct values *v = values;

	buf_printf(out, "%d\n", !v->devices.v[r->object].offline);
}

static void cpu_put_id(const void *values, const struct sysfs_record *r,
		       struct buf *out)
{
	const struct values *v = values;

	buf_printf(out, "%" PRId32 "\n",
		   (int32_t)v->topology.v[r->object].id[r->leaf->what]);
}

static const uint64_t *cpu_words(const struct values *v,
				 const struct sysfs_record *r)
{
	return cpu_mask(&v->topology.masks,
			(size_t)r->object * TOPOLOGY_MASKS + r->leaf->what);
}

static void cpu_put_mask(const void *values, const struct sysfs_record *r,
			 struct buf *out)
{
	const struct values *v = values;

	mask_put_hex(cpu_words(v, r), v->topology.masks.bits, out);
	buf_puts(out, "\n");
}

static void cpu_put_list(const void *values, const struct sysfs_record *r,
			 struct buf *out)
{
	const struct values *v = values;

	mask_put_list(cpu_words(v, r), v->topology.masks.bits, out);
	buf_puts(out, "\n");
}

static const struct sysfs_leaf state_leaves[CPU_STATES] = {
	SYSFS_LEAF("possible", CPU_STATE_POSSIBLE, cpu_put_state),
	SYSFS_LEAF("present", CPU_STATE_PRESENT, cpu_put_state),
	SYSFS_LEAF("online", CPU_STATE_ONLINE, cpu_put_state),
	SYSFS_LEAF("enabled", CPU_STATE_ENABLED, cpu_put_state),
};

static const struct sysfs_leaf offline_leaf = {.name = "offline",
					       .text = cpu_put_offline};
static const struct sysfs_leaf online_leaf = {.name = "online",
					      .text = cpu_put_online};
static const struct sysfs_leaf empty_leaf = {.name = "topology/"};

#define ID(label, id)                                                        \
	{                                                                    \
		label "_show", SYSFS_LEAF("topology/" label, id, cpu_put_id) \
	}
#define MASK(label, mask)                                                 \
	{                                                                 \
		label "_show|" label "_read",                             \
			SYSFS_LEAF("topology/" label, mask, cpu_put_mask) \
	}
#define LIST(label, mask)                                           \
	{                                                           \
		label "_list_show|" label "_list_read",             \
			SYSFS_LEAF("topology/" label "_list", mask, \
				   cpu_put_list)                    \
	}

/* Those of topology/, and a function of kernels that have such a file: what
 * shows a mask is _read from 5.17 on. */
static const struct {
	const char *needs;
	struct sysfs_leaf leaf;
} topology_leaves[] = {
	ID("physical_package_id", TOPOLOGY_PACKAGE),
	ID("die_id", TOPOLOGY_DIE),
	ID("cluster_id", TOPOLOGY_CLUSTER),
	ID("core_id", TOPOLOGY_CORE),
	MASK("thread_siblings", TOPOLOGY_OF_CORE),
	LIST("thread_siblings", TOPOLOGY_OF_CORE),
	MASK("core_cpus", TOPOLOGY_OF_CORE),
	LIST("core_cpus", TOPOLOGY_OF_CORE),
	MASK("core_siblings", TOPOLOGY_OF_PACKAGE),
	LIST("core_siblings", TOPOLOGY_OF_PACKAGE),
	MASK("cluster_cpus", TOPOLOGY_OF_CLUSTER),
	LIST("cluster_cpus", TOPOLOGY_OF_CLUSTER),
	MASK("die_cpus", TOPOLOGY_OF_DIE),
	LIST("die_cpus", TOPOLOGY_OF_DIE),
	MASK("package_cpus", TOPOLOGY_OF_PACKAGE),
	LIST("package_cpus", TOPOLOGY_OF_PACKAGE),
};

#define N_TOPOLOGY (sizeof(topology_leaves) / sizeof(topology_leaves[0]))

static bool cpu_has_leaf(const struct values *v, uint32_t cpu,
			 const struct sysfs_leaf *leaf)
{
	if (!cpus_is_online(&v->devices.cpus, cpu))
		return false;
	if (leaf->text == cpu_put_id)
		return v->topology.v[cpu].id_known[leaf->what];
	return v->topology.masks
		.known[(size_t)cpu * TOPOLOGY_MASKS + leaf->what];
}

static void cpu_add(struct sysfs *s, uint32_t cpu, const bool there[N_TOPOLOGY])
{
	const struct values *v = s->values;
	const struct cpu_device *d = &v->devices.v[cpu];
	size_t i, before = s->v.n;

	if (d->known && !d->fixed)
		sysfs_add(s, cpu, &online_leaf);
	for (i = 0; i < N_TOPOLOGY; i++)
		if (there[i] && cpu_has_leaf(v, cpu, &topology_leaves[i].leaf))
			sysfs_add(s, cpu, &topology_leaves[i].leaf);
	if (s->v.n == before)
		sysfs_add(s, cpu, &empty_leaf);
}

static void cpu_add_all(struct kernel *k, struct sysfs *s)
{
	const struct values *v = s->values;
	bool there[N_TOPOLOGY];
	uint64_t va;
	uint32_t i;

	for (i = 0; i < N_TOPOLOGY; i++)
		there[i] = variable_find(k, topology_leaves[i].needs, &va);
	for (i = 0; i < CPU_STATES; i++)
		if (v->devices.state[i].known)
			sysfs_add(s, SYSFS_TOP, &state_leaves[i]);
	sysfs_add(s, SYSFS_TOP, &offline_leaf);
	for (i = 0; i < v->devices.cpus.n; i++)
		if (v->devices.v[i].there)
			cpu_add(s, i, there);
}

static void cpu_dir(const void *values, uint32_t cpu, struct buf *out)
{
	(void)values;
	buf_printf(out, "cpu%" PRIu32, cpu);
}

static void cpu_free(void *values)
{
	struct values *v = values;

	topology_deinit(&v->topology);
	cpu_devices_deinit(&v->devices);
}

static int sysfs_cpu_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct sysfs *s = sysfs_create(out, sizeof(struct values));
	struct values *v = s ? s->values : NULL;
	int rc;

	if (!v)
		return err_nomem(err);
	s->values_free = cpu_free;
	s->dir = cpu_dir;
	rc = cpu_devices_read(k, &v->devices, err);
	if (!rc)
		rc = topology_read(k, &v->devices.cpus, &v->topology, err);
	if (rc)
		return rc;
	cpu_add_all(k, s);
	if (!v->devices.v_known)
		proc_part_unknown(out->parts, false);
	out->parts->missing = !v->devices.v_known;
	return sysfs_end(s, out, err);
}

const struct proc_file proc_sysfs_cpu = {
	.name = "sys/devices/system/cpu",
	.read = sysfs_cpu_read,
	SYSFS_FILE,
};
