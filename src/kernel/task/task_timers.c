/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows lists of k_itimers, of either kind. */
#include "kernel/task/task_timers.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/task/pid.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_TIMERS),
	FIELD_SIGNAL_TIMERS,
	FIELD_TIMER_LIST,
	FIELD_TIMER_ID,
	FIELD_TIMER_CLOCK,
	FIELD_TIMER_NOTIFY,
	FIELD_TIMER_SIGNAL,
	FIELD_TIMER_PID,
	FIELD_TIMER_SIGQ,
	FIELD_SIGQ_SIGNO,
	FIELD_SIGQ_VALUE
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(SIGNAL_TIMERS, "signal_struct", OPTIONAL, "posix_timers"),
	FIELD(TIMER_LIST, "k_itimer", OPTIONAL, "list"), /* a hlist: 6.12 */
	FIELD(TIMER_ID, "k_itimer", OPTIONAL, "it_id"),
	FIELD(TIMER_CLOCK, "k_itimer", OPTIONAL, "it_clock"),
	FIELD(TIMER_NOTIFY, "k_itimer", OPTIONAL, "it_sigev_notify"),
	FIELD(TIMER_SIGNAL, "k_itimer", OPTIONAL, "it_signal"),
	FIELD(TIMER_PID, "k_itimer", OPTIONAL, "it_pid"),
	FIELD(TIMER_SIGQ, "k_itimer", OPTIONAL, "sigq"), /* no pointer: 6.13 */
	FIELD(SIGQ_SIGNO, "sigqueue", OPTIONAL, "info.si_signo"),
	FIELD(SIGQ_VALUE, "sigqueue", OPTIONAL, "info._sifields._rt._sigval"),
};

const struct wants task_timers_wants = {
	.reader = "POSIX timers", .v = want_table, .n = WANTS_N(want_table)};

/* Links of timers, each of one task's process. */
struct timer_links {
	VEC(uint64_t) v;
	VEC(size_t) of;
};

static void timer_links_deinit(struct timer_links *l)
{
	vec_deinit(&l->v);
	vec_deinit(&l->of);
}

static int timer_add_link(struct timer_links *l, uint64_t link, size_t of)
{
	return vec_push(&l->v, link) || vec_push(&l->of, of) ? ERR_NOMEM : 0;
}

/* Rings, up to 6.11. */
static int timer_read_rings(struct kernel *k, const uint64_t *heads, size_t n,
			    struct timer_links *links, struct task_timers *out,
			    struct err *err)
{
	struct list *lists = calloc(n + 1, sizeof(*lists));
	size_t i, j;
	int rc = lists ? 0 : err_nomem(err);

	for (i = 0; i < n && !rc; i++)
		lists[i] = (struct list){.head = heads[i],
					 .most = TASK_TIMERS_MAX};
	if (!rc)
		rc = lists_read_within(k, lists, n, TASK_TIMERS_MAX_ALL, err);
	for (i = 0; i < n && !rc; i++) {
		out[i].torn |= lists[i].torn || lists[i].cut;
		for (j = 0; j < lists[i].links.n && !rc; j++)
			if (timer_add_link(links, lists[i].links.v[j], i))
				rc = err_nomem(err);
	}
	for (i = 0; lists && i < n; i++)
		list_deinit(&lists[i]);
	free(lists);
	return rc;
}

/* One step of all chains: what each link, which is in `at`, says is next. */
static int timer_step(struct kernel *k, uint64_t *at, size_t n,
		      struct task_timers *out, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *next = calloc(n + 1, sizeof(*next));
	size_t i;
	int rc;

	if (!reads || !next)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = at[i],
					       .dst = &next[i],
					       .len = at[i] ? 8 : 0};
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		bool whole = reads[i].got == reads[i].len;

		out[i].torn |= !whole;
		at[i] = whole && at[i] ? le64(&next[i]) : 0;
	}
	return rc;
}

/*
 * A link of one of the chains: two can be of one process.  Addresses have their
 * upper 16 bits in common, and are multiples of 8.
 */
static uint64_t timer_key(uint64_t link, size_t chain)
{
	return link << 16 ^ chain;
}

/* The links at which chains are; one that was seen before goes in a circle. */
static int timer_add_links(struct map *seen, uint64_t *at, size_t n,
			   struct timer_links *links, struct task_timers *out,
			   bool *more)
{
	size_t i;

	*more = false;
	for (i = 0; i < n; i++) {
		if (!at[i])
			continue;
		if (map_get(seen, timer_key(at[i], i), NULL) ||
		    links->v.n == TASK_TIMERS_MAX_ALL) {
			out[i].torn = true;
			at[i] = 0;
			continue;
		}
		*more = true;
		if (map_put(seen, timer_key(at[i], i), 0) ||
		    timer_add_link(links, at[i], i))
			return ERR_NOMEM;
	}
	return 0;
}

/* Chains, whose first member is a pointer to the next, from 6.12 on. */
static int timer_read_chains(struct kernel *k, const uint64_t *heads, size_t n,
			     struct timer_links *links, struct task_timers *out,
			     struct err *err)
{
	_cleanup_(map_deinit) struct map seen = {0};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i, round;
	bool more = true;
	int rc = 0;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = heads[i];
	for (round = 0; round <= TASK_TIMERS_MAX && more && !rc; round++) {
		rc = timer_step(k, at, n, out, err);
		if (!rc && timer_add_links(&seen, at, n, links, out, &more))
			rc = err_nomem(err);
	}
	for (i = 0; i < n; i++)
		out[i].torn |= at[i] != 0;
	return rc;
}

static int timer_find_heads(struct kernel *k, const struct task *tasks,
			    size_t n, uint64_t *heads, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_SIGNAL};
	uint32_t at = profile_field(k->profile, FIELD_SIGNAL_TIMERS)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		heads[i] = tasks[i].addr;
	rc = records_read(k, heads, n, fields, 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t signal = records_u64(&r, i, FIELD_TASK_SIGNAL);

		heads[i] = signal ? signal + at : 0;
	}
	return rc;
}

/* Timers that are being made, or ended, have a mark at their signal_struct. */
static bool timer_is_valid(const struct records *r, size_t i)
{
	return !(records_u64(r, i, FIELD_TIMER_SIGNAL) & 1);
}

/* What their signals say, and whom they tell. */
struct timer_details {
	struct records timers, queues;
	struct pids pids;
	uint64_t *addrs;
};

static void timer_details_deinit(struct timer_details *d)
{
	records_deinit(&d->timers);
	records_deinit(&d->queues);
	pids_deinit(&d->pids);
	free(d->addrs);
}

static int timer_read_details(struct kernel *k, const struct timer_links *links,
			      struct timer_details *d, struct err *err)
{
	static const uint32_t timer[] = {FIELD_TIMER_ID,     FIELD_TIMER_CLOCK,
					 FIELD_TIMER_NOTIFY, FIELD_TIMER_SIGNAL,
					 FIELD_TIMER_PID,    FIELD_TIMER_SIGQ};
	static const uint32_t queue[] = {FIELD_SIGQ_SIGNO, FIELD_SIGQ_VALUE};
	const struct profile *p = k->profile;
	uint32_t list = profile_field(p, FIELD_TIMER_LIST)->offset;
	const struct profile_field *sigq = profile_field(p, FIELD_TIMER_SIGQ);
	size_t i, n = links->v.n;
	int rc;

	d->addrs = calloc(2 * n + 1, sizeof(*d->addrs));
	if (!d->addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		d->addrs[i] = links->v.v[i] - list;
	rc = records_read(k, d->addrs, n, timer, WANTS_N(timer), &d->timers,
			  err);
	for (i = 0; i < n && !rc; i++) {
		d->addrs[n + i] = records_u64(&d->timers, i, FIELD_TIMER_PID);
		d->addrs[i] = sigq->size == 8 ? records_u64(&d->timers, i,
							    FIELD_TIMER_SIGQ)
					      : d->addrs[i] + sigq->offset;
	}
	if (!rc)
		rc = records_read(k, d->addrs, n, queue, 2, &d->queues, err);
	return rc ? rc : pids_read(k, d->addrs + n, n, &d->pids, err);
}

static int timer_take(const struct timer_details *d, size_t i,
		      struct task_timers *out)
{
	const struct records *t = &d->timers;
	const struct task_timer timer = {
		.id = (int32_t)records_u64(t, i, FIELD_TIMER_ID),
		.clock = (int32_t)records_u64(t, i, FIELD_TIMER_CLOCK),
		.notify = (uint32_t)records_u64(t, i, FIELD_TIMER_NOTIFY),
		.signo = (int32_t)records_u64(&d->queues, i, FIELD_SIGQ_SIGNO),
		.value = records_u64(&d->queues, i, FIELD_SIGQ_VALUE),
		.pid = pids_first(&d->pids, i)};

	if (!t->ok[i] || !d->queues.ok[i]) {
		out->torn = true;
		return 0;
	}
	return timer_is_valid(t, i) ? vec_push(&out->v, timer) : 0;
}

int task_timers_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_timers *out, struct err *err)
{
	_cleanup_(timer_links_deinit) struct timer_links links = {0};
	_cleanup_(timer_details_deinit) struct timer_details d = {0};
	_cleanup_free_ uint64_t *heads = calloc(n + 1, sizeof(*heads));
	bool rings;
	size_t i;
	int rc;

	if (!heads)
		return err_nomem(err);
	if (!records_known(k, FIELD_TASK_SIGNAL, FIELD_SIGQ_VALUE))
		return 0;
	rings = profile_field(k->profile, FIELD_SIGNAL_TIMERS)->size > 8;
	rc = timer_find_heads(k, tasks, n, heads, err);
	if (!rc)
		rc = rings ? timer_read_rings(k, heads, n, &links, out, err)
			   : timer_read_chains(k, heads, n, &links, out, err);
	if (!rc)
		rc = timer_read_details(k, &links, &d, err);
	for (i = 0; i < links.v.n && !rc; i++)
		if (timer_take(&d, i, &out[links.of.v[i]]))
			rc = err_nomem(err);
	for (i = 0; i < n; i++)
		out[i].known = !rc;
	return rc;
}

void task_timers_deinit(struct task_timers *t, size_t n)
{
	size_t i;

	for (i = 0; t && i < n; i++)
		vec_deinit(&t[i].v);
}
