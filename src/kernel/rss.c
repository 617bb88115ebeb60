/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the resident set counters of mm_structs. */
#include "kernel/rss.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/percpu.h"
#include "kernel/records.h"

#define NR_MM_COUNTERS 4

uint64_t rss_total(const struct rss *rss)
{
	return rss->file + rss->anon + rss->shmem;
}

static uint64_t *counter_of(struct rss *rss, enum constant_id id)
{
	switch (id) {
	case CONSTANT_MM_FILEPAGES:
		return &rss->file;
	case CONSTANT_MM_ANONPAGES:
		return &rss->anon;
	case CONSTANT_MM_SWAPENTS:
		return &rss->swap;
	default:
		return &rss->shmem;
	}
}

/* Give the counters to the members that this kernel's enumeration names. */
static void set_counters(struct kernel *k, struct rss *rss,
			 const int64_t *value)
{
	static const enum constant_id ids[] = {
		CONSTANT_MM_FILEPAGES, CONSTANT_MM_ANONPAGES,
		CONSTANT_MM_SWAPENTS, CONSTANT_MM_SHMEMPAGES};
	size_t i;

	for (i = 0; i < NR_MM_COUNTERS; i++) {
		int64_t at;

		if (profile_constant(k->profile, ids[i], &at) && at >= 0 &&
		    at < NR_MM_COUNTERS && value[at] > 0)
			*counter_of(rss, ids[i]) = (uint64_t)value[at];
	}
}

/* Up to 6.1: mm_rss_stat.count[], one atomic_long_t each. */
static void plain_counters(struct kernel *k, const struct records *r,
			   struct rss *out)
{
	size_t i, c;

	for (i = 0; i < r->n; i++) {
		const uint8_t *p = records_bytes(r, i, FIELD_MM_RSS_COUNT);
		int64_t value[NR_MM_COUNTERS] = {0};

		for (c = 0; c < NR_MM_COUNTERS &&
			    c * 8 + 8 <= r->size[FIELD_MM_RSS_COUNT];
		     c++)
			value[c] = (int64_t)le64(p + c * 8);
		set_counters(k, &out[i], value);
	}
}

/* The pieces of one sum: count, and an s32 per CPU. */
struct percpu_sums {
	int64_t *value;		  /* n * NR_MM_COUNTERS */
	int32_t *delta;		  /* n * NR_MM_COUNTERS * n_cpus */
	struct space_read *reads; /* as delta */
	uint64_t *offsets;
	size_t n_cpus;
};

static void percpu_sums_deinit(struct percpu_sums *s)
{
	free(s->value);
	free(s->delta);
	free(s->reads);
	free(s->offsets);
}

static int plan_sums(struct kernel *k, const struct records *r,
		     struct percpu_sums *s)
{
	const struct profile_field *count =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNT);
	const struct profile_field *counters =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNTERS);
	uint32_t size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	size_t all = r->n * NR_MM_COUNTERS, i, c, cpu;

	s->value = calloc(all + 1, sizeof(*s->value));
	s->delta = calloc(all * s->n_cpus + 1, sizeof(*s->delta));
	s->reads = calloc(all * s->n_cpus + 1, sizeof(*s->reads));
	if (!s->value || !s->delta || !s->reads)
		return ERR_NOMEM;
	for (i = 0; i < all; i++) {
		const uint8_t *p =
			records_bytes(r, i / NR_MM_COUNTERS, FIELD_MM_RSS_STAT);
		uint64_t base;

		c = i % NR_MM_COUNTERS;
		p += c * size;
		s->value[i] = (int64_t)le64(p + count->offset);
		base = le64(p + counters->offset);
		for (cpu = 0; cpu < s->n_cpus; cpu++)
			s->reads[i * s->n_cpus + cpu] = (struct space_read){
				.root = &k->root,
				.va = base + s->offsets[cpu],
				.dst = &s->delta[i * s->n_cpus + cpu],
				.len = 4};
	}
	return 0;
}

/* From 6.2 on: percpu_counter[4], exact only with every CPU's share. */
static int percpu_counters(struct kernel *k, const struct records *r,
			   struct rss *out, struct err *err)
{
	uint32_t size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	_cleanup_(percpu_sums_deinit) struct percpu_sums s = {0};
	size_t i;
	int rc;

	if (!size ||
	    !profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNTERS)
		     ->present ||
	    r->size[FIELD_MM_RSS_STAT] < NR_MM_COUNTERS * size)
		return err_set(err, ERR_NO_LINUX,
			       "mm_struct.rss_stat has an unknown form");
	rc = percpu_offsets(k, &s.offsets, &s.n_cpus, err);
	if (rc)
		return rc;
	if (plan_sums(k, r, &s))
		return err_nomem(err);
	rc = space_read(k->machine, s.reads, r->n * NR_MM_COUNTERS * s.n_cpus,
			err);
	if (rc)
		return rc;
	for (i = 0; i < r->n * NR_MM_COUNTERS * s.n_cpus; i++)
		if (s.reads[i].got == 4)
			s.value[i / s.n_cpus] += (int32_t)le32(&s.delta[i]);
	for (i = 0; i < r->n; i++)
		if (r->ok[i])
			set_counters(k, &out[i], s.value + i * NR_MM_COUNTERS);
	return 0;
}

static int read_counters(struct kernel *k, const struct records *r,
			 struct rss *out, struct err *err)
{
	if (r->at[FIELD_MM_RSS_COUNT]) {
		plain_counters(k, r, out);
		return 0;
	}
	return percpu_counters(k, r, out, err);
}

int rss_read(struct kernel *k, const uint64_t *mms, size_t n, struct rss *out,
	     struct err *err)
{
	static const enum field_id fields[] = {FIELD_MM_RSS_COUNT,
					       FIELD_MM_RSS_STAT};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, mms, n, fields, 2, &r, err);

	memset(out, 0, n * sizeof(*out));
	for (i = 0; i < n && !rc; i++)
		out[i].readable = r.ok[i];
	return rc ? rc : read_counters(k, &r, out, err);
}
