/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the scheduler has counted. */
#include "kernel/sched/sched_stats.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/chain.h"
#include "kernel/cpus.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types: those of a queue and of a domain in the order
 * in which they are shown. */
enum {
	FIELD_RQ_DOMAIN = WANTS_OF(READER_SCHED_STATS),
	FIELD_RQ_YIELDS,
	FIELD_RQ_SCHEDULES,
	FIELD_RQ_IDLES,
	FIELD_RQ_WAKEUPS,
	FIELD_RQ_LOCAL,
	FIELD_RQ_CPU_TIME,
	FIELD_RQ_DELAY,
	FIELD_RQ_TIMES,
	FIELD_SD_PARENT,
	FIELD_SD_NAME,
	FIELD_SD_SPAN,
	FIELD_SD_LB_COUNT,
	FIELD_SD_LB_BALANCED,
	FIELD_SD_LB_FAILED,
	FIELD_SD_LB_IMBALANCE,
	FIELD_SD_LB_UTIL,
	FIELD_SD_LB_TASK,
	FIELD_SD_LB_MISFIT,
	FIELD_SD_LB_GAINED,
	FIELD_SD_LB_HOT,
	FIELD_SD_LB_NOBUSYQ,
	FIELD_SD_LB_NOBUSYG,
	FIELD_SD_ALB_COUNT,
	FIELD_SD_ALB_FAILED,
	FIELD_SD_ALB_PUSHED,
	FIELD_SD_SBE_COUNT,
	FIELD_SD_SBE_BALANCED,
	FIELD_SD_SBE_PUSHED,
	FIELD_SD_SBF_COUNT,
	FIELD_SD_SBF_BALANCED,
	FIELD_SD_SBF_PUSHED,
	FIELD_SD_WAKE_REMOTE,
	FIELD_SD_MOVE_AFFINE,
	FIELD_SD_MOVE_BALANCE,
	CONSTANT_IDLE,
	STRUCT_SD
};

static const struct want want_table[] = {
	FIELD(RQ_DOMAIN, "rq", OPTIONAL, "sd"),
	FIELD(RQ_YIELDS, "rq", REQUIRED, "yld_count"),
	FIELD(RQ_SCHEDULES, "rq", REQUIRED, "sched_count"),
	FIELD(RQ_IDLES, "rq", REQUIRED, "sched_goidle"),
	FIELD(RQ_WAKEUPS, "rq", REQUIRED, "ttwu_count"),
	FIELD(RQ_LOCAL, "rq", REQUIRED, "ttwu_local"),
	FIELD(RQ_CPU_TIME, "rq", REQUIRED, "rq_cpu_time"),
	FIELD(RQ_DELAY, "rq", REQUIRED, "rq_sched_info.run_delay"),
	FIELD(RQ_TIMES, "rq", REQUIRED, "rq_sched_info.pcount"),
	FIELD(SD_PARENT, "sched_domain", OPTIONAL, "parent"),
	FIELD(SD_NAME, "sched_domain", OPTIONAL, "name"),
	FIELD(SD_SPAN, "sched_domain", OPTIONAL, "span"),
	FIELD(SD_LB_COUNT, "sched_domain", OPTIONAL, "lb_count"),
	FIELD(SD_LB_BALANCED, "sched_domain", OPTIONAL, "lb_balanced"),
	FIELD(SD_LB_FAILED, "sched_domain", OPTIONAL, "lb_failed"),
	FIELD(SD_LB_IMBALANCE, "sched_domain", OPTIONAL,
	      "lb_imbalance_load|lb_imbalance"), /* 6.15, as the next three */
	FIELD(SD_LB_UTIL, "sched_domain", OPTIONAL, "lb_imbalance_util"),
	FIELD(SD_LB_TASK, "sched_domain", OPTIONAL, "lb_imbalance_task"),
	FIELD(SD_LB_MISFIT, "sched_domain", OPTIONAL, "lb_imbalance_misfit"),
	FIELD(SD_LB_GAINED, "sched_domain", OPTIONAL, "lb_gained"),
	FIELD(SD_LB_HOT, "sched_domain", OPTIONAL, "lb_hot_gained"),
	FIELD(SD_LB_NOBUSYQ, "sched_domain", OPTIONAL, "lb_nobusyq"),
	FIELD(SD_LB_NOBUSYG, "sched_domain", OPTIONAL, "lb_nobusyg"),
	FIELD(SD_ALB_COUNT, "sched_domain", OPTIONAL, "alb_count"),
	FIELD(SD_ALB_FAILED, "sched_domain", OPTIONAL, "alb_failed"),
	FIELD(SD_ALB_PUSHED, "sched_domain", OPTIONAL, "alb_pushed"),
	FIELD(SD_SBE_COUNT, "sched_domain", OPTIONAL, "sbe_count"),
	FIELD(SD_SBE_BALANCED, "sched_domain", OPTIONAL, "sbe_balanced"),
	FIELD(SD_SBE_PUSHED, "sched_domain", OPTIONAL, "sbe_pushed"),
	FIELD(SD_SBF_COUNT, "sched_domain", OPTIONAL, "sbf_count"),
	FIELD(SD_SBF_BALANCED, "sched_domain", OPTIONAL, "sbf_balanced"),
	FIELD(SD_SBF_PUSHED, "sched_domain", OPTIONAL, "sbf_pushed"),
	FIELD(SD_WAKE_REMOTE, "sched_domain", OPTIONAL, "ttwu_wake_remote"),
	FIELD(SD_MOVE_AFFINE, "sched_domain", OPTIONAL, "ttwu_move_affine"),
	FIELD(SD_MOVE_BALANCE, "sched_domain", OPTIONAL, "ttwu_move_balance"),
	CONSTANT(IDLE, "cpu_idle_type", "CPU_IDLE"),
	STRUCT(SD, "sched_domain", OPTIONAL),
};

const struct wants sched_stats_wants = {.reader = "counters of the scheduler",
					.v = want_table,
					.n = WANTS_N(want_table)};

#define RQ_FIELDS (FIELD_SD_PARENT - FIELD_RQ_DOMAIN)
#define SD_FIELDS (CONSTANT_IDLE - FIELD_SD_NAME)
#define COUNTER	  4u /* bytes of each of a domain's */

/* What is read, on the way to the values. */
struct stats_work {
	struct kernel *k;
	struct cpus cpus;
	struct records queues;
	struct chains chains; /* domains, a chain for each queue */
	struct sched_stats *out;
	struct remarks *remarks;
};

static void stats_work_deinit(struct stats_work *w)
{
	cpus_deinit(&w->cpus);
	records_deinit(&w->queues);
	chains_deinit(&w->chains);
}

static unsigned int stats_version(const struct kernel *k)
{
	int64_t idle = 0;

	if (profile_field(k->profile, FIELD_SD_LB_UTIL)->present)
		return 17;
	return profile_constant(k->profile, CONSTANT_IDLE, &idle) && idle ? 16
									  : 15;
}

static int stats_queues(struct stats_work *w, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(w->cpus.n + 1, sizeof(*at));
	uint32_t fields[RQ_FIELDS];
	uint64_t base;
	size_t i, j, n = 0;
	int rc;

	if (!at)
		return err_nomem(err);
	if (!profile_symbol(w->k->profile, "runqueues", &base))
		return profile_unknown(w->k->profile,
				       "queues of CPUs are kept in no way that "
				       "is known",
				       err);
	for (i = 0; i < w->cpus.n; i++) {
		if (!cpus_is_online(&w->cpus, i))
			continue;
		at[n++] = base + w->cpus.offsets[i];
		if (vec_push(&w->out->queues, {.cpu = (uint32_t)i}))
			return err_nomem(err);
	}
	for (j = 0; j < RQ_FIELDS; j++)
		fields[j] = FIELD_RQ_DOMAIN + (uint32_t)j;
	rc = records_read(w->k, at, n, fields, RQ_FIELDS, &w->queues, err);
	for (i = 0; i < n && !rc; i++) {
		struct sched_queue *q = &w->out->queues.v[i];

		q->known = w->queues.ok[i];
		for (j = 0; j < QUEUE_NUMBERS; j++)
			q->v[j] = records_u64(&w->queues, i,
					      FIELD_RQ_YIELDS + (uint32_t)j);
		if (!q->known)
			remarks_add(w->remarks,
				    "the queue of CPU %" PRIu32
				    " cannot be read",
				    q->cpu);
	}
	return rc;
}

/* The domains of all CPUs, level by level. */
static int stats_chains(struct stats_work *w, struct err *err)
{
	const struct profile_field *parent =
		profile_field(w->k->profile, FIELD_SD_PARENT);
	const struct chain_kind kind = {.next = parent->offset,
					.most = SCHED_DOMAINS_MAX};
	size_t n = w->out->queues.n, i;
	_cleanup_free_ uint64_t *firsts = calloc(n + 1, sizeof(*firsts));
	int rc;

	if (!firsts)
		return err_nomem(err);
	for (i = 0; i < n && parent->present; i++)
		firsts[i] = records_u64(&w->queues, i, FIELD_RQ_DOMAIN);
	rc = chains_read(w->k, firsts, n, &kind, &w->chains, err);
	chains_remark(&w->chains, "domains of CPUs", w->remarks);
	return rc;
}

/* Numbers of domain i: for each kind of idleness, and then others; how many. */
static size_t stats_numbers(const struct records *r, size_t i, uint32_t *to)
{
	size_t n = 0, type;
	uint32_t f;

	for (type = 0; type < DOMAIN_IDLE_TYPES; type++)
		for (f = FIELD_SD_LB_COUNT; f < FIELD_SD_ALB_COUNT; f++)
			if (records_size(r, f) >= (type + 1) * COUNTER)
				to[n++] = le32(records_bytes(r, i, f) +
					       type * COUNTER);
	for (f = FIELD_SD_ALB_COUNT; f < CONSTANT_IDLE; f++)
		to[n++] = (uint32_t)records_u64(r, i, f);
	return n;
}

/* Where the span is in a domain: behind it, where it is no member (7.1). */
static uint32_t span_offset(const struct kernel *k)
{
	const struct profile_field *span =
		profile_field(k->profile, FIELD_SD_SPAN);

	return span->present ? span->offset
			     : profile_sizeof(k->profile, STRUCT_SD);
}

/* Read all spans. */
static int stats_spans(struct stats_work *w, const uint64_t *domains,
		       struct err *err)
{
	uint32_t offset = span_offset(w->k);
	struct sched_stats *s = w->out;
	size_t n = s->domains.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = domains[i] + offset;
	rc = cpu_masks_read_plain(w->k, &w->cpus, at, n, &s->spans, err);
	for (i = 0; i < n && !rc; i++)
		s->domains.v[i].known &= s->spans.known[i];
	return rc;
}

static int stats_names(struct stats_work *w, const struct records *r,
		       struct err *err)
{
	size_t n = w->out->domains.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));

	if (!at || !to)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		at[i] = records_u64(r, i, FIELD_SD_NAME);
		to[i] = w->out->domains.v[i].name;
	}
	return records_strings(w->k, at, n, DOMAIN_NAME, to, NULL, err);
}

static int stats_domains(struct stats_work *w, struct err *err)
{
	size_t n = w->chains.links.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	uint32_t fields[SD_FIELDS];
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < SD_FIELDS; i++)
		fields[i] = FIELD_SD_NAME + (uint32_t)i;
	for (i = 0; i < n; i++)
		at[i] = w->chains.links.v[i].at;
	rc = records_read(w->k, at, n, fields, SD_FIELDS, &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct sched_domain d = {.queue = w->chains.links.v[i].of,
					 .known = r.ok[i]};

		if (r.ok[i])
			w->out->n_numbers = stats_numbers(&r, i, d.v);
		if (vec_push(&w->out->domains, d))
			return err_nomem(err);
	}
	if (!rc)
		rc = stats_spans(w, at, err);
	for (i = 0; i < n && !rc; i++)
		if (!w->out->domains.v[i].known)
			remarks_add(w->remarks,
				    "the domain of CPUs at 0x%" PRIx64
				    " cannot be read",
				    at[i]);
	return rc ? rc : stats_names(w, &r, err);
}

int sched_stats_read(struct kernel *k, struct sched_stats *out,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(stats_work_deinit) struct stats_work w = {
		.k = k, .out = out, .remarks = remarks};
	struct variable jiffies = {.name = "jiffies", .size = 8};
	int rc = profile_check_reader(k->profile, READER_SCHED_STATS, err);

	out->version = stats_version(k);
	if (!rc)
		rc = cpus_read(k, &w.cpus, err);
	if (!rc)
		rc = variables_read(k, &jiffies, 1, err);
	out->jiffies = jiffies.value;
	if (!rc && !jiffies.known)
		rc = profile_unknown(k->profile,
				     "jiffies are kept in no way that is known",
				     err);
	if (!rc)
		rc = stats_queues(&w, err);
	if (!rc)
		rc = stats_chains(&w, err);
	return rc ? rc : stats_domains(&w, err);
}

void sched_stats_deinit(struct sched_stats *s)
{
	vec_deinit(&s->queues);
	vec_deinit(&s->domains);
	cpu_masks_deinit(&s->spans);
}
