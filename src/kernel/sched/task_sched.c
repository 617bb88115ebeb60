/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the scheduler keeps of tasks, by one table. */
#include "kernel/sched/task_sched.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types: first others, then by number. */
enum {
	FIELD_TASK_COMM = WANTS_OF(READER_TASK_SCHED),
	FIELD_TASK_STATS,
	FIELD_FIRST
};

#define FIELD_OF(number) (FIELD_FIRST + (uint32_t)(number))
#define NUMBER(id, member)                                           \
	[WANTS_INDEX(FIELD_OF(SCHED_##id))] = {WANT_FIELD, OPTIONAL, \
					       "task_struct", member}
/* Of struct sched_statistics, which task_struct has had itself since 5.16. */
#define COUNT(id, member) NUMBER(id, "stats." member "|se.statistics." member)

static const struct want want_table[] = {
	FIELD(TASK_COMM, "task_struct", REQUIRED, "comm"),
	FIELD(TASK_STATS, "task_struct", OPTIONAL, "stats"),
	NUMBER(EXEC_START, "se.exec_start"),
	NUMBER(VRUNTIME, "se.vruntime"),
	NUMBER(SUM_RUNTIME, "se.sum_exec_runtime"),
	NUMBER(MIGRATIONS, "se.nr_migrations"),
	COUNT(SLEEP_RUNTIME, "sum_sleep_runtime"),
	COUNT(BLOCK_RUNTIME, "sum_block_runtime"),
	COUNT(WAIT_START, "wait_start"),
	COUNT(SLEEP_START, "sleep_start"),
	COUNT(BLOCK_START, "block_start"),
	COUNT(SLEEP_MAX, "sleep_max"),
	COUNT(BLOCK_MAX, "block_max"),
	COUNT(EXEC_MAX, "exec_max"),
	COUNT(SLICE_MAX, "slice_max"),
	COUNT(WAIT_MAX, "wait_max"),
	COUNT(WAIT_SUM, "wait_sum"),
	COUNT(WAIT_COUNT, "wait_count"),
	COUNT(IOWAIT_SUM, "iowait_sum"),
	COUNT(IOWAIT_COUNT, "iowait_count"),
	COUNT(COLD, "nr_migrations_cold"),
	COUNT(FAILED_AFFINE, "nr_failed_migrations_affine"),
	COUNT(FAILED_RUNNING, "nr_failed_migrations_running"),
	COUNT(FAILED_HOT, "nr_failed_migrations_hot"),
	COUNT(FORCED, "nr_forced_migrations"),
	COUNT(WAKEUPS, "nr_wakeups"),
	COUNT(WAKEUPS_SYNC, "nr_wakeups_sync"),
	COUNT(WAKEUPS_MIGRATE, "nr_wakeups_migrate"),
	COUNT(WAKEUPS_LOCAL, "nr_wakeups_local"),
	COUNT(WAKEUPS_REMOTE, "nr_wakeups_remote"),
	COUNT(WAKEUPS_AFFINE, "nr_wakeups_affine"),
	COUNT(WAKEUPS_ATTEMPTS, "nr_wakeups_affine_attempts"),
	COUNT(WAKEUPS_PASSIVE, "nr_wakeups_passive"),
	COUNT(WAKEUPS_IDLE, "nr_wakeups_idle"),
	COUNT(CORE_IDLE, "core_forceidle_sum"),
	NUMBER(NVCSW, "nvcsw"),
	NUMBER(NIVCSW, "nivcsw"),
	NUMBER(WEIGHT, "se.load.weight"),
	NUMBER(LOAD_SUM, "se.avg.load_sum"),
	NUMBER(RUNNABLE_SUM, "se.avg.runnable_sum"),
	NUMBER(UTIL_SUM, "se.avg.util_sum"),
	NUMBER(LOAD_AVG, "se.avg.load_avg"),
	NUMBER(RUNNABLE_AVG, "se.avg.runnable_avg"),
	NUMBER(UTIL_AVG, "se.avg.util_avg"),
	NUMBER(UPDATED, "se.avg.last_update_time"),
	NUMBER(EST_EWMA, "se.avg.util_est.ewma"),
	NUMBER(EST_ENQUEUED, "se.avg.util_est.enqueued"),
	NUMBER(EST, "se.avg.util_est"),
	NUMBER(POLICY, "policy"),
	NUMBER(PRIO, "prio"),
	NUMBER(DL_RUNTIME, "dl.runtime"),
	NUMBER(DL_DEADLINE, "dl.deadline"),
	NUMBER(SLICE, "se.slice"),
	NUMBER(CLASS, "sched_class"),
};

const struct wants task_sched_wants = {.reader = "the scheduler's numbers",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

_Static_assert(FIELD_OF(SCHED_NUMBERS) - WANTS_OF(READER_TASK_SCHED) <=
		       WANTS_MAX,
	       "one reader's");

static void task_sched_take(const struct records *r, size_t i,
			    struct task_sched *t)
{
	const uint8_t *comm = records_bytes(r, i, FIELD_TASK_COMM);
	size_t size = records_size(r, FIELD_TASK_COMM), j;

	t->torn = !r->ok[i];
	if (comm)
		memcpy(t->comm, comm,
		       size < sizeof(t->comm) ? size : sizeof(t->comm) - 1);
	for (j = 0; j < SCHED_NUMBERS; j++) {
		t->known[j] = r->ok[i] && records_have(r, FIELD_OF(j));
		t->v[j] = records_u64(r, i, FIELD_OF(j));
	}
	if (t->known[SCHED_EST_EWMA])
		t->known[SCHED_EST] = false;
}

int task_scheds_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_scheds *out, struct err *err)
{
	/* A struct static_key, which begins with how often it is on. */
	struct variable key = {.name = "sched_schedstats", .size = 4};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	uint32_t ids[SCHED_NUMBERS + 1];
	size_t i;
	int rc;

	out->v = calloc(n + 1, sizeof(*out->v));
	if (!at || !out->v)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = tasks[i].addr;
	for (i = 0; i < SCHED_NUMBERS; i++)
		ids[i] = FIELD_OF(i);
	ids[i] = FIELD_TASK_COMM;
	out->in_entity = !profile_field(k->profile, FIELD_TASK_STATS)->present;
	rc = variables_read(k, &key, 1, err);
	out->counts = (int32_t)key.value > 0;
	if (!rc)
		rc = records_read(k, at, n, ids, SCHED_NUMBERS + 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		task_sched_take(&r, i, &out->v[i]);
	if (!rc)
		rc = task_sched_uclamps(k, tasks, n, out, err);
	return rc ? rc : task_sched_numas(k, tasks, n, out, err);
}

void task_scheds_deinit(struct task_scheds *s)
{
	free(s->v);
	free(s->numa);
}
