/* SPDX-License-Identifier: BSD-2-Clause */
/* Sysctls that show sums of what all CPUs count: dentries, inodes, quotas; and
 * a bit for each CPU that limits flows. */
#include "kernel/sysctl/sysctl_made.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/vec.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_QUOTA_COUNTERS = WANTS_OF(READER_SYSCTL_SUMS),
	FIELD_COUNTER_COUNT,
	FIELD_COUNTER_SHARES,
	FIELD_SOFTNET_LIMIT,
	STRUCT_COUNTER
};

static const struct want want_table[] = {
	FIELD(QUOTA_COUNTERS, "dqstats", OPTIONAL, "counter"),
	FIELD(COUNTER_COUNT, "percpu_counter", OPTIONAL, "count"),
	FIELD(COUNTER_SHARES, "percpu_counter", OPTIONAL, "counters"),
	FIELD(SOFTNET_LIMIT, "softnet_data", OPTIONAL, "flow_limit"),
	STRUCT(COUNTER, "percpu_counter", OPTIONAL),
};

const struct wants sysctl_sums_wants = {.reader = "sums that sysctls show",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Of quotas (enum in include/linux/quota.h). */
#define QUOTAS 8

/* What each CPU has: longs of its own, shares of counters, a pointer. */
enum {
	SUM_DENTRIES,
	SUM_DENTRIES_UNUSED,
	SUM_DENTRIES_NEGATIVE, /* 5.0 */
	SUM_INODES,
	SUM_INODES_UNUSED,
	SUM_QUOTAS,
	SUM_LIMIT = SUM_QUOTAS + QUOTAS,
	SUMS
};

static const char *const symbols[SUM_QUOTAS] = {
	[SUM_DENTRIES] = "nr_dentry",
	[SUM_DENTRIES_UNUSED] = "nr_dentry_unused",
	[SUM_DENTRIES_NEGATIVE] = "nr_dentry_negative",
	[SUM_INODES] = "nr_inodes",
	[SUM_INODES_UNUSED] = "nr_unused",
};

/* Longs that a handler shows: those at the table's data, but for these, which
 * are sums (fs/dcache.c, fs/inode.c). */
#define LONGS_MAX 8

static const struct longs {
	const char *handler;
	uint8_t sums[LONGS_MAX]; /* + 1; 0: as it lies there */
} shown_longs[] = {
	{"proc_nr_dentry",
	 {SUM_DENTRIES + 1, SUM_DENTRIES_UNUSED + 1, 0, 0,
	  SUM_DENTRIES_NEGATIVE + 1}},
	{"proc_nr_inodes", {SUM_INODES + 1, SUM_INODES_UNUSED + 1}},
};

enum {
	LONGS = sizeof(shown_longs) / sizeof(shown_longs[0])
};

/* A sysctl that shows longs, of which some are sums. */
struct longs_item {
	size_t sysctl, n;
	const struct longs *longs;
};

struct sums_work {
	struct kernel *k;
	const struct sysctls *s;
	struct sysctl_values *out;
	uint64_t *cpus; /* offsets */
	size_t n_cpus;
	uint64_t at[SUMS]; /* but for the offset of a CPU; 0: there is none */
	uint64_t count[SUMS]; /* what all CPUs have agreed on */
	bool known[SUMS];
	uint64_t quotas; /* dqstats */
	VEC(struct longs_item) v;
	struct space_read *reads;
	uint8_t (*shares)[8];
	uint8_t (*raw)[LONGS_MAX * 8];
};

static void sums_work_deinit(struct sums_work *w)
{
	free(w->cpus);
	vec_deinit(&w->v);
	free(w->reads);
	free(w->shares);
	free(w->raw);
}

static bool sums_is(const struct sysctl_value *v, const char *handler)
{
	return v->kind == SYSCTL_MADE && v->handler &&
	       !strcmp(v->handler, handler);
}

/* Where the counters of quotas are, and what they have in common. */
static int sums_find_quotas(struct sums_work *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_COUNTER_COUNT,
					  FIELD_COUNTER_SHARES};
	const struct profile_field *f =
		profile_field(w->k->profile, FIELD_QUOTA_COUNTERS);
	uint32_t size = profile_sizeof(w->k->profile, STRUCT_COUNTER);
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t addrs[QUOTAS] = {0};
	size_t i;
	int rc;

	if (!f->present || !size || f->size / size < QUOTAS ||
	    !profile_symbol(w->k->profile, "dqstats", &w->quotas))
		return 0;
	for (i = 0; i < QUOTAS; i++)
		addrs[i] = w->quotas + f->offset + i * size;
	rc = records_read(w->k, addrs, QUOTAS, fields, 2, &r, err);
	for (i = 0; i < QUOTAS && !rc; i++) {
		w->at[SUM_QUOTAS + i] =
			records_u64(&r, i, FIELD_COUNTER_SHARES);
		w->count[SUM_QUOTAS + i] =
			records_u64(&r, i, FIELD_COUNTER_COUNT);
	}
	return rc;
}

static int sums_find(struct sums_work *w, struct err *err)
{
	const struct profile_field *limit =
		profile_field(w->k->profile, FIELD_SOFTNET_LIMIT);
	size_t i;

	for (i = 0; i < SUM_QUOTAS; i++)
		profile_symbol(w->k->profile, symbols[i], &w->at[i]);
	if (limit->present &&
	    profile_symbol(w->k->profile, "softnet_data", &w->at[SUM_LIMIT]))
		w->at[SUM_LIMIT] += limit->offset;
	return sums_find_quotas(w, err);
}

/* Those that show longs. */
static int sums_plan(struct sums_work *w)
{
	size_t i, j;

	for (i = 0; i < w->s->v.n; i++) {
		const struct sysctl *s = &w->s->v.v[i];
		size_t n = s->maxlen / 8;

		for (j = 0; j < LONGS; j++)
			if (sums_is(&w->out->v[i], shown_longs[j].handler) &&
			    n <= LONGS_MAX &&
			    vec_push(&w->v, {i, n, &shown_longs[j]}))
				return ERR_NOMEM;
	}
	w->reads = calloc(SUMS * w->n_cpus + w->v.n + 1, sizeof(*w->reads));
	w->shares = calloc(SUMS * w->n_cpus + 1, sizeof(*w->shares));
	w->raw = calloc(w->v.n + 1, sizeof(*w->raw));
	return w->reads && w->shares && w->raw ? 0 : ERR_NOMEM;
}

/* How many bytes of a sum a CPU has. */
static size_t sums_bytes(size_t sum)
{
	return sum >= SUM_QUOTAS && sum < SUM_LIMIT ? 4 : 8;
}

/* All shares, and the longs of all tables: one batch. */
static int sums_read_bytes(struct sums_work *w, struct err *err)
{
	size_t i, sum, cpu, n = 0;
	int rc;

	for (sum = 0; sum < SUMS; sum++)
		for (cpu = 0; cpu < w->n_cpus; cpu++, n++)
			w->reads[n] = (struct space_read){
				.root = &w->k->root,
				.va = w->at[sum] ? w->at[sum] + w->cpus[cpu]
						 : 0,
				.dst = w->shares[n],
				.len = w->at[sum] ? sums_bytes(sum) : 0};
	for (i = 0; i < w->v.n; i++, n++)
		w->reads[n] = (struct space_read){
			.root = &w->k->root,
			.va = w->s->v.v[w->v.v[i].sysctl].data,
			.dst = w->raw[i],
			.len = w->v.v[i].n * 8};
	rc = space_read(w->k->machine, w->reads, n, err);
	for (sum = 0; sum < SUMS && !rc; sum++) {
		w->known[sum] = w->at[sum];
		for (cpu = 0; cpu < w->n_cpus; cpu++) {
			const struct space_read *r =
				&w->reads[sum * w->n_cpus + cpu];

			w->known[sum] &= r->got == r->len;
		}
	}
	return rc;
}

/* A sum as it is shown: none is negative. */
static uint64_t sums_get(const struct sums_work *w, size_t sum)
{
	uint64_t value = w->count[sum];
	size_t cpu;

	for (cpu = 0; cpu < w->n_cpus; cpu++) {
		const uint8_t *at = w->shares[sum * w->n_cpus + cpu];

		value += sums_bytes(sum) == 4
				 ? (uint64_t)(int64_t)(int32_t)le32(at)
				 : le64(at);
	}
	return (int64_t)value < 0 ? 0 : value;
}

static int sums_take_longs(struct sums_work *w, size_t i)
{
	const struct longs_item *item = &w->v.v[i];
	const struct space_read *read = &w->reads[SUMS * w->n_cpus + i];
	bool whole = read->got == read->len;
	size_t j;

	for (j = 0; j < item->n; j++) {
		size_t sum = item->longs->sums[j];

		if (!sum)
			continue;
		whole &= w->known[sum - 1];
		le_store(w->raw[i] + j * 8, sums_get(w, sum - 1), 8);
	}
	if (!whole || !item->n) {
		w->out->v[item->sysctl].kind = SYSCTL_UNREADABLE;
		return 0;
	}
	return sysctl_made_set(w->out, item->sysctl, SYSCTL_ULONG, w->raw[i],
			       item->n * 8);
}

/* Which quota's number a table is of: by its place among those that were last
 * shown, which are as long as it says. */
static int sums_take_quota(struct sums_work *w, size_t i)
{
	const struct sysctl *s = &w->s->v.v[i];
	uint64_t nr = s->maxlen ? (s->data - w->quotas) / s->maxlen : QUOTAS;
	uint8_t bytes[8];

	if (nr >= QUOTAS || !w->known[SUM_QUOTAS + nr] ||
	    (s->maxlen != 4 && s->maxlen != 8))
		return 0;
	le_store(bytes, sums_get(w, SUM_QUOTAS + nr), 8);
	return sysctl_made_set(w->out, i,
			       s->maxlen == 4 ? SYSCTL_INT : SYSCTL_ULONG,
			       bytes, s->maxlen);
}

/* A bit for each CPU that has a table of flows. */
static int sums_take_limit(struct sums_work *w, size_t i)
{
	uint8_t mask[(PERCPU_MAX + 63) / 64 * 8] = {0};
	size_t cpu;

	if (!w->known[SUM_LIMIT] || w->n_cpus != w->out->cpus)
		return 0;
	for (cpu = 0; cpu < w->n_cpus; cpu++)
		if (le64(w->shares[SUM_LIMIT * w->n_cpus + cpu]))
			mask[cpu / 8] |= (uint8_t)(1u << cpu % 8);
	return sysctl_made_set(w->out, i, SYSCTL_MASK, mask,
			       (w->n_cpus + 63) / 64 * 8);
}

int sysctl_sums_read(struct kernel *k, const struct sysctls *s,
		     struct sysctl_values *out, struct err *err)
{
	_cleanup_(sums_work_deinit) struct sums_work w = {
		.k = k, .s = s, .out = out};
	size_t i;
	int rc = percpu_offsets(k, &w.cpus, &w.n_cpus, err);

	if (rc || !w.n_cpus)
		return rc;
	rc = sums_find(&w, err);
	if (!rc && sums_plan(&w))
		rc = err_nomem(err);
	if (!rc)
		rc = sums_read_bytes(&w, err);
	for (i = 0; i < w.v.n && !rc; i++)
		if (sums_take_longs(&w, i))
			rc = err_nomem(err);
	for (i = 0; i < s->v.n && !rc; i++)
		if ((sums_is(&out->v[i], "do_proc_dqstats") &&
		     sums_take_quota(&w, i)) ||
		    (sums_is(&out->v[i], "flow_limit_cpu_sysctl") &&
		     sums_take_limit(&w, i)))
			rc = err_nomem(err);
	return rc;
}
