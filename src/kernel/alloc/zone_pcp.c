/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what CPUs keep of zones for themselves. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/cpus.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/zone_stats.h"

/* What is wanted of the types. */
enum {
	FIELD_ZONE_PCP = WANTS_OF(READER_ZONE_PCP),
	FIELD_ZONE_CPU_STATS,
	FIELD_PCP_COUNT,
	FIELD_PCP_HIGH,
	FIELD_PCP_BATCH,
	FIELD_PCP_HIGH_MIN,
	FIELD_PCP_HIGH_MAX,
	FIELD_SET_COUNT,
	FIELD_SET_HIGH,
	FIELD_SET_BATCH,
	FIELD_CPU_THRESHOLD,
	FIELD_CPU_NUMA
};

static const struct want want_table[] = {
	FIELD(ZONE_PCP, "zone", REQUIRED, "per_cpu_pageset|pageset"), /* 5.14 */
	FIELD(ZONE_CPU_STATS, "zone", OPTIONAL, "per_cpu_zonestats"), /* 5.14 */
	FIELD(PCP_COUNT, "per_cpu_pages", REQUIRED, "count"),
	FIELD(PCP_HIGH, "per_cpu_pages", REQUIRED, "high"),
	FIELD(PCP_BATCH, "per_cpu_pages", REQUIRED, "batch"),
	FIELD(PCP_HIGH_MIN, "per_cpu_pages", OPTIONAL, "high_min"), /* 6.7 */
	FIELD(PCP_HIGH_MAX, "per_cpu_pages", OPTIONAL, "high_max"),
	/* up to 5.13 in a struct of both */
	FIELD(SET_COUNT, "per_cpu_pageset", OPTIONAL, "pcp.count"),
	FIELD(SET_HIGH, "per_cpu_pageset", OPTIONAL, "pcp.high"),
	FIELD(SET_BATCH, "per_cpu_pageset", OPTIONAL, "pcp.batch"),
	FIELD(CPU_THRESHOLD, "per_cpu_zonestat|per_cpu_pageset", OPTIONAL,
	      "stat_threshold"),
	FIELD(CPU_NUMA, "per_cpu_zonestat|per_cpu_pageset", OPTIONAL,
	      "vm_numa_event|vm_numa_stat_diff"),
};

const struct wants zone_pcp_wants = {
	.reader = "pages of CPUs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t zone_fields[] = {FIELD_ZONE_PCP, FIELD_ZONE_CPU_STATS};

static const uint32_t pcp_fields[] = {
	FIELD_PCP_COUNT,    FIELD_PCP_HIGH,	FIELD_PCP_BATCH,
	FIELD_PCP_HIGH_MIN, FIELD_PCP_HIGH_MAX,
};

static const uint32_t set_fields[] = {
	FIELD_SET_COUNT,
	FIELD_SET_HIGH,
	FIELD_SET_BATCH,
};

static const uint32_t cpu_fields[] = {FIELD_CPU_THRESHOLD, FIELD_CPU_NUMA};

struct pcp_reader {
	struct kernel *k;
	const struct zones *zones;
	struct zone_stats *out;
	struct cpus cpus;
};

static void pcp_reader_deinit(struct pcp_reader *r)
{
	cpus_deinit(&r->cpus);
}

/* The CPUs that are online. */
static int pcp_read_cpus(struct pcp_reader *r, struct err *err)
{
	struct zone_stats *out = r->out;
	size_t i;
	int rc = cpus_read(r->k, &r->cpus, err);

	if (rc)
		return rc;
	out->cpus = calloc(r->cpus.n + 1, sizeof(*out->cpus));
	if (!out->cpus)
		return err_nomem(err);
	for (i = 0; i < r->cpus.n; i++)
		if (cpus_is_online(&r->cpus, i))
			out->cpus[out->n_cpus++] = (uint32_t)i;
	return 0;
}

/* What CPU j has of zone i, and its part of the zone's NUMA counters. */
static int pcp_take(struct pcp_reader *r, const struct records pcp[2], size_t i,
		    size_t j, struct err *err)
{
	struct zone_stat *z = &r->out->zone[i];
	size_t at = i * r->out->n_cpus + j, k;
	bool set = records_have(pcp, FIELD_SET_COUNT);
	const uint8_t *numa = records_bytes(&pcp[1], at, FIELD_CPU_NUMA);
	uint32_t width = 0;

	if (r->zones->list.v[i].present && (!pcp[0].ok[at] || !pcp[1].ok[at]))
		return err_set(err, ERR_UNREADABLE,
			       "what CPU %u keeps of a zone cannot be read",
			       r->out->cpus[j]);
	z->cpus[j] = (struct zone_pcp){
		.count = (int32_t)records_u64(
			pcp, at, set ? FIELD_SET_COUNT : FIELD_PCP_COUNT),
		.high = (int32_t)records_u64(
			pcp, at, set ? FIELD_SET_HIGH : FIELD_PCP_HIGH),
		.batch = (int32_t)records_u64(
			pcp, at, set ? FIELD_SET_BATCH : FIELD_PCP_BATCH),
		.high_min = (int32_t)records_u64(pcp, at, FIELD_PCP_HIGH_MIN),
		.high_max = (int32_t)records_u64(pcp, at, FIELD_PCP_HIGH_MAX),
		.threshold =
			(int8_t)records_u64(&pcp[1], at, FIELD_CPU_THRESHOLD)};
	if (numa && r->out->n_numa)
		width = records_size(&pcp[1], FIELD_CPU_NUMA) /
			(uint32_t)r->out->n_numa;
	for (k = 0; k < r->out->n_numa && numa; k++)
		z->numa[k] += le_any(numa + k * width, width);
	return 0;
}

/* What CPUs have of each zone with pages; of others nothing is shown. */
static int pcp_read_all(struct pcp_reader *r, const struct records *zones,
			struct err *err)
{
	struct zone_stats *out = r->out;
	bool set = profile_field(r->k->profile, FIELD_SET_COUNT)->present;
	uint32_t stats = records_have(zones, FIELD_ZONE_CPU_STATS)
				 ? FIELD_ZONE_CPU_STATS
				 : FIELD_ZONE_PCP;
	size_t n = out->n_zones * out->n_cpus, i, j;
	_cleanup_free_ uint64_t *at = calloc(2 * n + 1, sizeof(*at));
	struct records_want wants[2] = {
		{at, n, set ? set_fields : pcp_fields,
		 set ? WANTS_N(set_fields) : WANTS_N(pcp_fields)},
		{at + n, n, cpu_fields, WANTS_N(cpu_fields)}};
	struct records pcp[2];
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < out->n_zones; i++)
		for (j = 0; j < out->n_cpus; j++) {
			uint64_t cpu = r->cpus.offsets[out->cpus[j]];
			size_t of = i * out->n_cpus + j;

			at[of] = records_u64(zones, i, FIELD_ZONE_PCP) + cpu;
			at[n + of] = records_u64(zones, i, stats) + cpu;
		}
	rc = records_read_all(r->k, wants, 2, pcp, err);
	for (i = 0; i < out->n_zones && !rc; i++)
		for (j = 0; j < out->n_cpus && !rc; j++)
			rc = pcp_take(r, pcp, i, j, err);
	records_deinit(&pcp[0]);
	records_deinit(&pcp[1]);
	return rc;
}

int zone_pcp_read(struct kernel *k, const struct zones *zones,
		  struct zone_stats *out, struct err *err)
{
	_cleanup_(pcp_reader_deinit) struct pcp_reader r = {
		.k = k, .zones = zones, .out = out};
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *at = calloc(out->n_zones + 1, sizeof(*at));
	size_t i;
	int rc = pcp_read_cpus(&r, err);

	if (rc)
		return rc;
	if (!at)
		return err_nomem(err);
	for (i = 0; i < out->n_zones; i++) {
		at[i] = zones->list.v[i].addr;
		out->zone[i].cpus =
			calloc(out->n_cpus + 1, sizeof(*out->zone[i].cpus));
		if (!out->zone[i].cpus)
			return err_nomem(err);
	}
	rc = records_read(k, at, out->n_zones, zone_fields,
			  WANTS_N(zone_fields), &rec, err);
	return rc ? rc : pcp_read_all(&r, &rec, err);
}
