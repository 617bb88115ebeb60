/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the resident set counters of mm_structs. */
#include "kernel/mm/rss.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_RSS_COUNT = WANTS_OF(READER_RSS),
	FIELD_MM_RSS_STAT,
	FIELD_PERCPU_COUNTER_COUNT,
	FIELD_PERCPU_COUNTER_COUNTERS,
	STRUCT_PERCPU_COUNTER,
	CONSTANT_MM_FILEPAGES,
	CONSTANT_MM_ANONPAGES,
	CONSTANT_MM_SWAPENTS,
	CONSTANT_MM_SHMEMPAGES
};

static const struct want want_table[] = {
	FIELD(MM_RSS_COUNT, "mm_struct", OPTIONAL,
	      "rss_stat.count"), /* <= 6.1 */
	FIELD(MM_RSS_STAT, "mm_struct", OPTIONAL, "rss_stat"),
	FIELD(PERCPU_COUNTER_COUNT, "percpu_counter", OPTIONAL, "count"),
	FIELD(PERCPU_COUNTER_COUNTERS, "percpu_counter", OPTIONAL, "counters"),
	STRUCT(PERCPU_COUNTER, "percpu_counter", OPTIONAL),
	CONSTANT(MM_FILEPAGES, "", "MM_FILEPAGES"),
	CONSTANT(MM_ANONPAGES, "", "MM_ANONPAGES"),
	CONSTANT(MM_SWAPENTS, "", "MM_SWAPENTS"),
	CONSTANT(MM_SHMEMPAGES, "", "MM_SHMEMPAGES"),
};

const struct wants rss_wants = {
	.reader = "resident sets", .v = want_table, .n = WANTS_N(want_table)};

#define NR_MM_COUNTERS 4

uint64_t rss_total(const struct rss *rss)
{
	return rss->file + rss->anon + rss->shmem;
}

static uint64_t *counter_of(struct rss *rss, uint32_t id)
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
			 const uint64_t *value)
{
	static const uint32_t ids[] = {
		CONSTANT_MM_FILEPAGES, CONSTANT_MM_ANONPAGES,
		CONSTANT_MM_SWAPENTS, CONSTANT_MM_SHMEMPAGES};
	size_t i;

	for (i = 0; i < NR_MM_COUNTERS; i++) {
		int64_t at = 0;

		if (profile_constant(k->profile, ids[i], &at) && at >= 0 &&
		    at < NR_MM_COUNTERS && (int64_t)value[at] > 0)
			*counter_of(rss, ids[i]) = value[at];
	}
}

/* Up to 6.1: mm_rss_stat.count[], one atomic_long_t each. */
static void plain_counters(struct kernel *k, const struct records *r,
			   struct rss *out)
{
	size_t i, c;

	for (i = 0; i < r->n; i++) {
		const uint8_t *p = records_bytes(r, i, FIELD_MM_RSS_COUNT);
		uint64_t value[NR_MM_COUNTERS] = {0};

		for (c = 0; c < NR_MM_COUNTERS &&
			    c * 8 + 8 <= records_size(r, FIELD_MM_RSS_COUNT);
		     c++)
			value[c] = le64(p + c * 8);
		if (out[i].known)
			set_counters(k, &out[i], value);
		out[i].rough = rss_total(&out[i]);
		out[i].rough_swap = out[i].swap;
	}
}

/* What sums are made of: a count, and an s32 per CPU. */
struct percpu_sums {
	uint64_t *value;	  /* n * NR_MM_COUNTERS; wraps around */
	int32_t *delta;		  /* one per CPU for each of some of these */
	struct space_read *reads; /* as delta */
	uint64_t *offsets;
	size_t n_cpus, some;
};

static void percpu_sums_deinit(struct percpu_sums *s)
{
	free(s->value);
	free(s->delta);
	free(s->reads);
	free(s->offsets);
}

/*
 * Room for n counters, and for the shares of some of them: of none where no
 * CPU's share can be had.
 */
static int percpu_sums_init(struct kernel *k, struct percpu_sums *s, size_t n,
			    struct err *err)
{
	int rc = percpu_offsets(k, &s->offsets, &s->n_cpus, err);

	if (rc)
		return rc;
	if (s->n_cpus)
		s->some = RSS_SHARES_MAX / s->n_cpus;
	if (s->some > n)
		s->some = n;
	s->value = calloc(n + 1, sizeof(*s->value));
	s->delta = calloc(s->some * s->n_cpus + 1, sizeof(*s->delta));
	s->reads = calloc(s->some * s->n_cpus + 1, sizeof(*s->reads));
	return s->value && s->delta && s->reads ? 0 : err_nomem(err);
}

/* Sum up the counters [first, first + n); without a share there is no sum. */
static int sum_some(struct kernel *k, const struct records *r,
		    struct percpu_sums *s, size_t first, size_t n,
		    struct rss *out, struct err *err)
{
	const struct profile_field *count =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNT);
	const struct profile_field *counters =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNTERS);
	uint32_t size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	size_t i, cpu, at;
	int rc;

	for (i = first, at = 0; i < first + n; i++) {
		const uint8_t *p = records_bytes(r, i / NR_MM_COUNTERS,
						 FIELD_MM_RSS_STAT) +
				   i % NR_MM_COUNTERS * size;

		s->value[i] = le64(p + count->offset);
		for (cpu = 0; cpu < s->n_cpus; cpu++, at++)
			s->reads[at] = (struct space_read){
				.root = &k->root,
				.va = le64(p + counters->offset) +
				      s->offsets[cpu],
				.dst = &s->delta[at],
				.len = 4};
	}
	rc = space_read(k->machine, s->reads, at, err);
	for (i = 0; i < at && !rc; i++) {
		size_t c = first + i / s->n_cpus;

		out[c / NR_MM_COUNTERS].known &= s->reads[i].got == 4;
		s->value[c] += (uint64_t)(int32_t)le32(&s->delta[i]);
	}
	return rc;
}

/* Whether rss_stat holds all counters, and each of these what is read. */
static bool counters_fit(struct kernel *k, uint32_t rss_stat)
{
	uint32_t size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	const struct profile_field *count =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNT);
	const struct profile_field *counters =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNTERS);

	return count->present && counters->present && size >= 8 &&
	       size <= rss_stat / NR_MM_COUNTERS && count->offset <= size - 8 &&
	       counters->offset <= size - 8;
}

/* What percpu_counter_read_positive() says. */
static void set_rough(struct kernel *k, const struct records *r, size_t i,
		      struct rss *out)
{
	const struct profile_field *count =
		profile_field(k->profile, FIELD_PERCPU_COUNTER_COUNT);
	uint32_t size = profile_sizeof(k->profile, STRUCT_PERCPU_COUNTER);
	const uint8_t *p = records_bytes(r, i, FIELD_MM_RSS_STAT);
	uint64_t value[NR_MM_COUNTERS];
	struct rss rough = {0};
	size_t c;

	for (c = 0; c < NR_MM_COUNTERS; c++)
		value[c] = le64(p + c * size + count->offset);
	set_counters(k, &rough, value);
	out->rough = rss_total(&rough);
	out->rough_swap = rough.swap;
}

/* From 6.2 on: percpu_counter[4], exact only with every CPU's share
 * (docs/facts/kernel.md, "Per-CPU variables"). */
static int percpu_counters(struct kernel *k, const struct records *r,
			   struct rss *out, struct err *err)
{
	_cleanup_(percpu_sums_deinit) struct percpu_sums s = {0};
	size_t all = r->n * NR_MM_COUNTERS, i;
	int rc;

	if (!counters_fit(k, records_size(r, FIELD_MM_RSS_STAT)))
		return err_set(err, ERR_NO_LINUX,
			       "mm_struct.rss_stat has an unknown form");
	rc = percpu_sums_init(k, &s, all, err);
	for (i = 0; i < r->n && !rc && !s.some; i++)
		out[i].known = false;
	for (i = 0; i < all && !rc && s.some; i += s.some)
		rc = sum_some(k, r, &s, i, s.some < all - i ? s.some : all - i,
			      out, err);
	for (i = 0; i < r->n && !rc; i++)
		if (out[i].known) {
			set_counters(k, &out[i], s.value + i * NR_MM_COUNTERS);
			set_rough(k, r, i, &out[i]);
		}
	return rc;
}

static int read_counters(struct kernel *k, const struct records *r,
			 struct rss *out, struct err *err)
{
	if (records_have(r, FIELD_MM_RSS_COUNT)) {
		plain_counters(k, r, out);
		return 0;
	}
	return percpu_counters(k, r, out, err);
}

int rss_read(struct kernel *k, const uint64_t *mms, size_t n, struct rss *out,
	     struct err *err)
{
	static const uint32_t fields[] = {FIELD_MM_RSS_COUNT,
					  FIELD_MM_RSS_STAT};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, mms, n, fields, 2, &r, err);

	memset(out, 0, n * sizeof(*out));
	for (i = 0; i < n && !rc; i++)
		out[i].known = r.ok[i];
	return rc ? rc : read_counters(k, &r, out, err);
}

/* Each mm_struct once, and from its address to its number in the list. */
static int list_mms(const struct task *tasks, size_t n, uint64_t *mms,
		    size_t *some, struct map *numbers)
{
	size_t i;

	*some = 0;
	for (i = 0; i < n; i++) {
		if (!tasks[i].mm || map_get(numbers, tasks[i].mm, NULL))
			continue;
		if (map_put(numbers, tasks[i].mm, *some))
			return ERR_NOMEM;
		mms[(*some)++] = tasks[i].mm;
	}
	return 0;
}

int rss_of_tasks(struct kernel *k, const struct task *tasks, size_t n,
		 struct rss *out, struct err *err)
{
	_cleanup_(map_deinit) struct map numbers = {0};
	_cleanup_free_ uint64_t *mms = calloc(n + 1, sizeof(*mms));
	_cleanup_free_ struct rss *rss = calloc(n + 1, sizeof(*rss));
	uint64_t at;
	size_t i, some;
	int rc;

	if (!mms || !rss || list_mms(tasks, n, mms, &some, &numbers))
		return err_nomem(err);
	rc = rss_read(k, mms, some, rss, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = map_get(&numbers, tasks[i].mm, &at)
				 ? rss[at]
				 : (struct rss){.known = true};
	return rc;
}
