/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads BPF programs, and what CPUs have counted of them. */
#include "kernel/fs/bpf_prog.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/cpus.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TYPE = WANTS_OF(READER_BPF_PROG),
	FIELD_JITED,
	FIELD_TAG,
	FIELD_PAGES,
	FIELD_AUX,
	FIELD_STATS,
	FIELD_AUX_ID,
	FIELD_AUX_VERIFIED,
	FIELD_AUX_STATS,
	FIELD_COUNT,
	FIELD_NS,
	FIELD_MISSES,
	FIELD_TYPES_ID,
	STRUCT_STATS
};

static const struct want want_table[] = {
	FIELD(TYPE, "bpf_prog", REQUIRED, "type"),
	FIELD(JITED, "bpf_prog", REQUIRED, "jited"),
	FIELD(TAG, "bpf_prog", REQUIRED, "tag"),
	FIELD(PAGES, "bpf_prog", REQUIRED, "pages"),
	FIELD(AUX, "bpf_prog", REQUIRED, "aux"),
	FIELD(STATS, "bpf_prog", OPTIONAL, "stats"), /* 5.12 */
	FIELD(AUX_ID, "bpf_prog_aux", REQUIRED, "id"),
	FIELD(AUX_VERIFIED, "bpf_prog_aux", OPTIONAL, "verified_insns"),
	FIELD(AUX_STATS, "bpf_prog_aux", OPTIONAL, "stats"), /* up to 5.11 */
	FIELD(COUNT, "bpf_prog_stats", REQUIRED, "cnt"),
	FIELD(NS, "bpf_prog_stats", REQUIRED, "nsecs"),
	FIELD(MISSES, "bpf_prog_stats", OPTIONAL, "misses"),
	FIELD(TYPES_ID, "btf", OPTIONAL, "id"),
	STRUCT(STATS, "bpf_prog_stats", REQUIRED),
};

const struct wants bpf_prog_wants = {
	.reader = "BPF programs", .v = want_table, .n = WANTS_N(want_table)};

/* Batches one and two; stats[i] is the per-CPU pointer of i. */
static int progs_read_own(struct kernel *k, const uint64_t *addrs, size_t n,
			  struct bpf_prog *out, struct cpu_variable *stats,
			  struct err *err)
{
	static const uint32_t prog[] = {FIELD_TYPE,  FIELD_JITED, FIELD_TAG,
					FIELD_PAGES, FIELD_AUX,	  FIELD_STATS};
	static const uint32_t aux[] = {FIELD_AUX_ID, FIELD_AUX_VERIFIED,
				       FIELD_AUX_STATS};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records more = {0};
	size_t i;
	int rc = at ? records_read(k, addrs, n, prog, WANTS_N(prog), &r, err)
		    : err_nomem(err);

	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&r, i, FIELD_AUX);
	if (!rc)
		rc = records_read(k, at, n, aux, WANTS_N(aux), &more, err);
	for (i = 0; i < n && !rc; i++) {
		const uint8_t *tag = records_bytes(&r, i, FIELD_TAG);

		out[i] = (struct bpf_prog){
			.known = r.ok[i] && more.ok[i] && tag &&
				 records_size(&r, FIELD_TAG) == BPF_TAG_BYTES,
			.type = (uint32_t)records_u64(&r, i, FIELD_TYPE),
			.jited = records_u64(&r, i, FIELD_JITED),
			.memory =
				records_u64(&r, i, FIELD_PAGES) * PAGE_SIZE_4K,
			.id = (uint32_t)records_u64(&more, i, FIELD_AUX_ID),
			.verified = (uint32_t)records_u64(&more, i,
							  FIELD_AUX_VERIFIED)};
		if (out[i].known)
			memcpy(out[i].tag, tag, BPF_TAG_BYTES);
		stats[i].va = records_have(&r, FIELD_STATS)
				      ? records_u64(&r, i, FIELD_STATS)
				      : records_u64(&more, i, FIELD_AUX_STATS);
	}
	return rc;
}

static uint64_t prog_counter(const struct profile *p, const uint8_t *stats,
			     size_t size, uint32_t id)
{
	const struct profile_field *f = profile_field(p, id);

	if (!f->present || f->offset > size || f->size > size - f->offset)
		return 0;
	return field_u64(f, stats + f->offset);
}

static void prog_sum(const struct profile *p, const struct cpus *cpus,
		     const struct cpu_variable *stats, struct bpf_prog *out)
{
	size_t cpu;

	out->known &= stats->known;
	for (cpu = 0; cpu < cpus->n && out->known; cpu++) {
		const uint8_t *own = cpu_variable_of(stats, cpu);

		out->runs += prog_counter(p, own, stats->size, FIELD_COUNT);
		out->ns += prog_counter(p, own, stats->size, FIELD_NS);
		out->misses += prog_counter(p, own, stats->size, FIELD_MISSES);
	}
}

static int progs_read_stats(struct kernel *k, struct cpu_variable *stats,
			    size_t n, struct bpf_prog *out, struct err *err)
{
	_cleanup_(cpus_deinit) struct cpus cpus = {0};
	size_t i;
	int rc = cpus_read(k, &cpus, err);

	for (i = 0; i < n; i++)
		stats[i].size = profile_sizeof(k->profile, STRUCT_STATS);
	if (!rc)
		rc = cpu_variables_read(k, &cpus, stats, n, err);
	for (i = 0; i < n; i++)
		if (rc)
			out[i].known = false;
		else
			prog_sum(k->profile, &cpus, &stats[i], &out[i]);
	/* what CPUs there are may not be known, or make no sense */
	if (rc == ERR_NO_LINUX || rc == ERR_UNREADABLE || rc == ERR_CORRUPT)
		return 0;
	return rc;
}

int bpf_progs_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_progs *out, struct err *err)
{
	_cleanup_free_ struct cpu_variable *stats =
		calloc(n + 1, sizeof(*stats));
	const struct profile *p = k->profile;
	size_t i;
	int rc;

	*out = (struct bpf_progs){
		.v = calloc(n + 1, sizeof(*out->v)),
		.misses = profile_field(p, FIELD_MISSES)->present,
		.verified = profile_field(p, FIELD_AUX_VERIFIED)->present};
	if (!stats || !out->v)
		return err_nomem(err);
	rc = progs_read_own(k, addrs, n, out->v, stats, err);
	if (!rc)
		rc = progs_read_stats(k, stats, n, out->v, err);
	cpu_variables_deinit(stats, n);
	for (i = 0; i < n; i++)
		if (!out->v[i].known)
			out->v[i] = (struct bpf_prog){0};
	return rc;
}

void bpf_progs_deinit(struct bpf_progs *p)
{
	free(p->v);
	*p = (struct bpf_progs){0};
}

int bpf_types_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_types *out, struct err *err)
{
	static const uint32_t id = FIELD_TYPES_ID;
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(k, addrs, n, &id, 1, &r, err);
	size_t i;

	for (i = 0; i < n && !rc; i++)
		out[i] = (struct bpf_types){
			.known = r.ok[i] && records_have(&r, id),
			.id = (uint32_t)records_u64(&r, i, id)};
	return rc;
}
