/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads where CPUs are. */
#include "kernel/device/x86_64_topology.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PACKAGE = WANTS_OF(READER_X86_64_TOPOLOGY),
	FIELD_DIE,
	FIELD_CLUSTER,
	FIELD_CORE
};

#define CPU(id, members) FIELD(id, "cpuinfo_x86", OPTIONAL, members)

static const struct want want_table[] = {
	CPU(PACKAGE, "topo.pkg_id|phys_proc_id"), /* 6.7 */
	CPU(DIE, "topo.die_id|cpu_die_id"),
	CPU(CLUSTER, "topo.l2c_id"),
	CPU(CORE, "topo.core_id|cpu_core_id"),
};

const struct wants x86_64_topology_wants = {
	.reader = "where CPUs are", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t id_fields[TOPOLOGY_IDS] = {
	[TOPOLOGY_PACKAGE] = FIELD_PACKAGE,
	[TOPOLOGY_DIE] = FIELD_DIE,
	[TOPOLOGY_CLUSTER] = FIELD_CLUSTER,
	[TOPOLOGY_CORE] = FIELD_CORE,
};

static const char *const mask_symbols[TOPOLOGY_MASKS] = {
	[TOPOLOGY_OF_CORE] = "cpu_sibling_map",
	[TOPOLOGY_OF_CLUSTER] = "cpu_l2c_shared_map",
	[TOPOLOGY_OF_DIE] = "cpu_die_map",
	[TOPOLOGY_OF_PACKAGE] = "cpu_core_map",
};

/* Up to 6.6 the cluster is a per-CPU variable, a u16. */
#define L2C_ID_SIZE 2u

static int topology_read_clusters(struct kernel *k, const struct cpus *cpus,
				  struct topology *out, struct err *err)
{
	struct cpu_variable id = {.size = L2C_ID_SIZE};
	size_t i;
	int rc;

	if (!profile_symbol(k->profile, "cpu_l2c_id", &id.va))
		return 0;
	rc = cpu_variables_read(k, cpus, &id, 1, err);
	for (i = 0; i < cpus->n && !rc && id.known; i++) {
		out->v[i].id[TOPOLOGY_CLUSTER] = le16(cpu_variable_of(&id, i));
		out->v[i].id_known[TOPOLOGY_CLUSTER] = true;
	}
	cpu_variables_deinit(&id, 1);
	return rc;
}

static int topology_read_ids(struct kernel *k, const struct cpus *cpus,
			     struct topology *out, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *at = calloc(cpus->n + 1, sizeof(*at));
	size_t i, j, n = 0;
	uint64_t va;
	int rc;

	if (!at)
		return err_nomem(err);
	if (!profile_symbol(k->profile, "cpu_info", &va))
		return 0;
	for (i = 0; i < cpus->n; i++)
		if (cpus_is_online(cpus, i))
			at[n++] = va + cpus->offsets[i];
	rc = records_read(k, at, n, id_fields, TOPOLOGY_IDS, &r, err);
	for (i = 0, n = 0; i < cpus->n && !rc; i++) {
		if (!cpus_is_online(cpus, i))
			continue;
		for (j = 0; j < TOPOLOGY_IDS; j++) {
			out->v[i].id[j] =
				(uint32_t)records_u64(&r, n, id_fields[j]);
			out->v[i].id_known[j] =
				r.ok[n] && records_have(&r, id_fields[j]);
		}
		n++;
	}
	return rc;
}

static int topology_read_masks(struct kernel *k, const struct cpus *cpus,
			       struct topology *out, struct err *err)
{
	_cleanup_free_ uint64_t *at =
		calloc(cpus->n * TOPOLOGY_MASKS + 1, sizeof(*at));
	size_t i, j;

	if (!at)
		return err_nomem(err);
	for (j = 0; j < TOPOLOGY_MASKS; j++) {
		uint64_t va;

		if (!profile_symbol(k->profile, mask_symbols[j], &va))
			continue;
		for (i = 0; i < cpus->n; i++)
			if (cpus_is_online(cpus, i))
				at[i * TOPOLOGY_MASKS + j] =
					va + cpus->offsets[i];
	}
	return cpu_masks_read(k, cpus, at, cpus->n * TOPOLOGY_MASKS,
			      &out->masks, err);
}

int topology_read(struct kernel *k, const struct cpus *cpus,
		  struct topology *out, struct err *err)
{
	int rc;

	*out = (struct topology){0};
	out->v = calloc(cpus->n + 1, sizeof(*out->v));
	if (!out->v)
		return err_nomem(err);
	rc = topology_read_ids(k, cpus, out, err);
	if (!rc)
		rc = topology_read_clusters(k, cpus, out, err);
	return rc ? rc : topology_read_masks(k, cpus, out, err);
}

void topology_deinit(struct topology *t)
{
	free(t->v);
	cpu_masks_deinit(&t->masks);
	*t = (struct topology){0};
}
