/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads timers of high resolution. */
#include "kernel/device/hrtimers.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/tree.h"

/* What is wanted of the types. */
enum {
	FIELD_CPU_BASES = WANTS_OF(READER_HRTIMERS),
	FIELD_CPU_EXPIRES_NEXT,
	FIELD_CPU_HRES_ACTIVE,
	FIELD_CPU_EVENTS,
	FIELD_CPU_RETRIES,
	FIELD_CPU_HANGS,
	FIELD_CPU_MAX_HANG,
	FIELD_BASE_INDEX,
	FIELD_BASE_ACTIVE,
	FIELD_BASE_GET_TIME,
	FIELD_BASE_OFFSET,
	FIELD_TIMER_NODE,
	FIELD_TIMER_EXPIRES,
	FIELD_TIMER_SOFT,
	FIELD_TIMER_FUNCTION,
	FIELD_TIMER_STATE,
	STRUCT_BASE
};

static const struct want want_table[] = {
	FIELD(CPU_BASES, "hrtimer_cpu_base", REQUIRED, "clock_base"),
	FIELD(CPU_EXPIRES_NEXT, "hrtimer_cpu_base", REQUIRED, "expires_next"),
	FIELD(CPU_HRES_ACTIVE, "hrtimer_cpu_base", REQUIRED, "hres_active"),
	FIELD(CPU_EVENTS, "hrtimer_cpu_base", REQUIRED, "nr_events"),
	FIELD(CPU_RETRIES, "hrtimer_cpu_base", REQUIRED, "nr_retries"),
	FIELD(CPU_HANGS, "hrtimer_cpu_base", REQUIRED, "nr_hangs"),
	FIELD(CPU_MAX_HANG, "hrtimer_cpu_base", REQUIRED, "max_hang_time"),
	FIELD(BASE_INDEX, "hrtimer_clock_base", REQUIRED, "index"),
	FIELD(BASE_ACTIVE, "hrtimer_clock_base", REQUIRED, "active"),
	FIELD(BASE_GET_TIME, "hrtimer_clock_base", OPTIONAL, "get_time"),
	FIELD(BASE_OFFSET, "hrtimer_clock_base", REQUIRED, "offset"),
	FIELD(TIMER_NODE, "hrtimer", REQUIRED, "node"),
	FIELD(TIMER_EXPIRES, "hrtimer", REQUIRED, "node.expires"),
	FIELD(TIMER_SOFT, "hrtimer", REQUIRED, "_softexpires"),
	FIELD(TIMER_FUNCTION, "hrtimer", REQUIRED, "function"),
	FIELD(TIMER_STATE, "hrtimer", REQUIRED, "is_queued|state"), /* 7.1 */
	STRUCT(BASE, "hrtimer_clock_base", REQUIRED),
};

const struct wants hrtimers_wants = {
	.reader = "timers", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t cpu_fields[] = {
	FIELD_CPU_EXPIRES_NEXT, FIELD_CPU_HRES_ACTIVE, FIELD_CPU_EVENTS,
	FIELD_CPU_RETRIES,	FIELD_CPU_HANGS,       FIELD_CPU_MAX_HANG,
};

static const uint32_t base_fields[] = {FIELD_BASE_INDEX, FIELD_BASE_GET_TIME,
				       FIELD_BASE_OFFSET};

static const uint32_t timer_fields[] = {FIELD_TIMER_EXPIRES, FIELD_TIMER_SOFT,
					FIELD_TIMER_FUNCTION,
					FIELD_TIMER_STATE};

struct hrtimer_work {
	struct kernel *k;
	struct hrtimers *out;
	struct remarks *remarks;
	size_t n;	    /* bases of all CPUs */
	uint64_t *at;	    /* of each */
	struct tree *trees; /* of each */
};

static void hrtimer_work_deinit(struct hrtimer_work *w)
{
	size_t i;

	for (i = 0; i < w->n && w->trees; i++)
		tree_deinit(&w->trees[i]);
	free(w->trees);
	free(w->at);
}

static int hrtimers_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "timers are kept in no way that is known", err);
}

/* Where the bases of all CPUs are. */
static int hrtimers_find(struct hrtimer_work *w, const struct cpus *cpus,
			 uint64_t *cpu_at, struct err *err)
{
	const struct profile_field *all =
		profile_field(w->k->profile, FIELD_CPU_BASES);
	uint32_t size = profile_sizeof(w->k->profile, STRUCT_BASE);
	uint64_t first;
	size_t i, j, n = 0;

	if (!profile_symbol(w->k->profile, "hrtimer_bases", &first) || !size ||
	    all->size / size > HRTIMER_BASES_MAX)
		return hrtimers_unknown(w->k, err);
	w->out->n_bases = all->size / size;
	w->at = calloc(cpus->n * w->out->n_bases + 1, sizeof(*w->at));
	if (!w->at)
		return err_nomem(err);
	for (i = 0; i < cpus->n; i++) {
		if (!cpus_is_online(cpus, i))
			continue;
		cpu_at[n++] = first + cpus->offsets[i];
		for (j = 0; j < w->out->n_bases; j++)
			w->at[w->n++] = first + cpus->offsets[i] + all->offset +
					j * size;
		if (vec_push(&w->out->cpus, {.cpu = (uint32_t)i}))
			return err_nomem(err);
	}
	return 0;
}

static void hrtimers_take(struct hrtimer_work *w, const struct records *cpus,
			  const struct records *bases)
{
	size_t i, j;

	for (i = 0; i < w->out->cpus.n; i++) {
		if (!cpus->ok[i])
			remarks_add(w->remarks,
				    "timers of CPU %" PRIu32 " cannot be read",
				    w->out->cpus.v[i].cpu);
		for (j = 0; j < HRTIMER_NUMBERS; j++)
			w->out->cpus.v[i].v[j] =
				records_u64(cpus, i, cpu_fields[j]);
	}
	for (i = 0; i < w->n; i++)
		w->out->bases[i] = (struct hrtimer_base){
			.at = w->at[i],
			.index = (int32_t)records_u64(bases, i,
						      FIELD_BASE_INDEX),
			.get_time = records_u64(bases, i, FIELD_BASE_GET_TIME),
			.offset = (int64_t)records_u64(bases, i,
						       FIELD_BASE_OFFSET)};
}

static int hrtimers_bases(struct hrtimer_work *w, const struct cpus *cpus,
			  struct err *err)
{
	_cleanup_free_ uint64_t *cpu_at = calloc(cpus->n + 1, sizeof(*cpu_at));
	struct records r[2] = {{0}};
	int rc = cpu_at ? hrtimers_find(w, cpus, cpu_at, err) : err_nomem(err);
	const struct records_want wants[] = {
		{cpu_at, w->out->cpus.n, cpu_fields, WANTS_N(cpu_fields)},
		{w->at, w->n, base_fields, WANTS_N(base_fields)}};

	w->out->bases = calloc(w->n + 1, sizeof(*w->out->bases));
	if (!rc && !w->out->bases)
		rc = err_nomem(err);
	if (!rc)
		rc = records_read_all(w->k, wants, 2, r, err);
	if (!rc)
		hrtimers_take(w, &r[0], &r[1]);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

static int hrtimers_trees(struct hrtimer_work *w, struct err *err)
{
	uint32_t active =
		profile_field(w->k->profile, FIELD_BASE_ACTIVE)->offset;
	size_t most = w->n ? HRTIMERS_MAX_ALL / w->n : 0, i;
	int rc;

	w->trees = calloc(w->n + 1, sizeof(*w->trees));
	if (!w->trees)
		return err_nomem(err);
	for (i = 0; i < w->n; i++) {
		w->trees[i].root = w->at[i] + active;
		w->trees[i].most =
			most < HRTIMERS_LEAST ? HRTIMERS_LEAST : most;
	}
	rc = trees_read(w->k, w->trees, w->n, err);
	for (i = 0; i < w->n && !rc; i++)
		if (w->trees[i].torn || w->trees[i].cut)
			remarks_add(w->remarks,
				    "the tree of timers at 0x%" PRIx64 " is %s",
				    w->trees[i].root,
				    w->trees[i].torn ? "torn" : "cut");
	return rc;
}

static int hrtimers_timers(struct hrtimer_work *w, struct err *err)
{
	uint32_t node = profile_field(w->k->profile, FIELD_TIMER_NODE)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	VEC(uint64_t) at = {0};
	size_t i, j;
	int rc = 0;

	for (i = 0; i < w->n && !rc; i++) {
		w->out->bases[i].first = at.n;
		w->out->bases[i].count = w->trees[i].nodes.n;
		for (j = 0; j < w->trees[i].nodes.n && !rc; j++)
			if (vec_push(&at, w->trees[i].nodes.v[j] - node))
				rc = err_nomem(err);
	}
	if (!rc)
		rc = records_read(w->k, at.v, at.n, timer_fields,
				  WANTS_N(timer_fields), &r, err);
	for (i = 0; i < at.n && !rc; i++)
		if (vec_push(&w->out->timers,
			     {.at = at.v[i],
			      .function =
				      records_u64(&r, i, FIELD_TIMER_FUNCTION),
			      .soft = (int64_t)records_u64(&r, i,
							   FIELD_TIMER_SOFT),
			      .hard = (int64_t)records_u64(&r, i,
							   FIELD_TIMER_EXPIRES),
			      .state = (uint8_t)records_u64(
				      &r, i, FIELD_TIMER_STATE)}))
			rc = err_nomem(err);
	vec_deinit(&at);
	return rc;
}

int hrtimers_read(struct kernel *k, const struct cpus *cpus,
		  struct hrtimers *out, struct remarks *remarks,
		  struct err *err)
{
	_cleanup_(hrtimer_work_deinit) struct hrtimer_work w = {
		.k = k, .out = out, .remarks = remarks};
	int rc = profile_check_reader(k->profile, READER_HRTIMERS, err);

	out->has_get_time =
		profile_field(k->profile, FIELD_BASE_GET_TIME)->present;
	if (!rc)
		rc = hrtimers_bases(&w, cpus, err);
	if (!rc)
		rc = hrtimers_trees(&w, err);
	return rc ? rc : hrtimers_timers(&w, err);
}

void hrtimers_deinit(struct hrtimers *h)
{
	vec_deinit(&h->cpus);
	vec_deinit(&h->timers);
	free(h->bases);
}
