/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how tasks are balanced between nodes of memory. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/cpus.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/sched/task_sched.h"
#include "kernel/alloc/zone.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CPU = WANTS_OF(READER_SCHED_NUMA),
	FIELD_TASK_MIGRATED,
	FIELD_TASK_PREFERRED,
	FIELD_TASK_FAULTS,
	FIELD_TASK_FAULTED,
	FIELD_TASK_GROUP,
	FIELD_MM_SCAN_SEQ,
	FIELD_GROUP_GID,
	FIELD_GROUP_FAULTS
};

static const struct want want_table[] = {
	FIELD(TASK_CPU, "task_struct", OPTIONAL,
	      "thread_info.cpu|cpu"), /* 5.16 */
	FIELD(TASK_MIGRATED, "task_struct", OPTIONAL, "numa_pages_migrated"),
	FIELD(TASK_PREFERRED, "task_struct", OPTIONAL, "numa_preferred_nid"),
	FIELD(TASK_FAULTS, "task_struct", OPTIONAL, "numa_faults"),
	FIELD(TASK_FAULTED, "task_struct", OPTIONAL, "total_numa_faults"),
	FIELD(TASK_GROUP, "task_struct", OPTIONAL, "numa_group"),
	FIELD(MM_SCAN_SEQ, "mm_struct", OPTIONAL, "numa_scan_seq"),
	FIELD(GROUP_GID, "numa_group", OPTIONAL, "gid"),
	FIELD(GROUP_FAULTS, "numa_group", OPTIONAL, "faults"),
};

const struct wants sched_numa_wants = {
	.reader = "nodes of tasks", .v = want_table, .n = WANTS_N(want_table)};

/* Pages of a node that one task uses are counted beside those that others use,
 * too: faults[2 * node + private] (task_faults_idx(), kernel/sched/fair.c). */
#define PAIR 2u

struct numa_work {
	struct kernel *k;
	const struct task *tasks;
	size_t n;
	struct task_scheds *out;
	struct records r, mms, groups;
	uint64_t *at;
	struct zones zones;
	struct cpus cpus;
	struct cpu_variable node; /* numa_node: of each CPU */
};

static void numa_work_deinit(struct numa_work *w)
{
	records_deinit(&w->r);
	records_deinit(&w->mms);
	records_deinit(&w->groups);
	free(w->at);
	zones_deinit(&w->zones);
	cpu_variables_deinit(&w->node, 1);
	cpus_deinit(&w->cpus);
}

/* The nodes that there are, and that of each CPU. */
static int numa_nodes(struct numa_work *w, struct err *err)
{
	int rc = cpus_read(w->k, &w->cpus, err);

	profile_symbol(w->k->profile, "numa_node", &w->node.va);
	w->node.size = 4;
	if (!rc)
		rc = cpu_variables_read(w->k, &w->cpus, &w->node, 1, err);
	if (!rc)
		rc = zones_read_unnamed(w->k, &w->zones, err);
	return rc;
}

static int numa_tasks(struct numa_work *w, struct err *err)
{
	static const uint32_t task[] = {
		FIELD_TASK_CPU,	   FIELD_TASK_MIGRATED, FIELD_TASK_PREFERRED,
		FIELD_TASK_FAULTS, FIELD_TASK_FAULTED,	FIELD_TASK_GROUP};
	static const uint32_t mm[] = {FIELD_MM_SCAN_SEQ};
	static const uint32_t group[] = {FIELD_GROUP_GID};
	struct records_want wants[] = {{w->at, w->n, mm, 1},
				       {w->at + w->n, w->n, group, 1}};
	struct records got[2] = {{0}};
	size_t i;
	int rc;

	for (i = 0; i < w->n; i++)
		w->at[i] = w->tasks[i].addr;
	rc = records_read(w->k, w->at, w->n, task, WANTS_N(task), &w->r, err);
	for (i = 0; i < w->n && !rc; i++) {
		w->at[i] = w->tasks[i].mm;
		w->at[w->n + i] = records_u64(&w->r, i, FIELD_TASK_GROUP);
	}
	if (!rc)
		rc = records_read_all(w->k, wants, 2, got, err);
	w->mms = got[0];
	w->groups = got[1];
	return rc;
}

static void numa_take(struct numa_work *w, size_t i)
{
	struct task_sched *t = &w->out->v[i];
	uint64_t cpu = records_u64(&w->r, i, FIELD_TASK_CPU);
	uint64_t group = w->at[w->n + i];

	t->has_numa = true;
	t->has_mm = w->tasks[i].mm != 0;
	t->scan_seq = (int32_t)records_u64(&w->mms, i, FIELD_MM_SCAN_SEQ);
	t->migrated = records_u64(&w->r, i, FIELD_TASK_MIGRATED);
	t->faults = records_u64(&w->r, i, FIELD_TASK_FAULTED);
	t->preferred = (int32_t)records_u64(&w->r, i, FIELD_TASK_PREFERRED);
	t->group = (int32_t)records_u64(&w->groups, i, FIELD_GROUP_GID);
	t->torn |= !w->r.ok[i] || (t->has_mm && !w->mms.ok[i]) ||
		   (group && !w->groups.ok[i]) || cpu >= w->cpus.n ||
		   !w->node.known;
	if (cpu < w->cpus.n && w->node.known)
		t->node = (int32_t)le32(cpu_variable_of(&w->node, cpu));
}

/* Ask for the pair of counters of a node; `at` 0: there are none. */
static size_t numa_ask(struct numa_work *w, uint64_t at, uint32_t node,
		       uint64_t *to, struct space_read *read)
{
	if (!kernel_pointer(w->k, at))
		return 0;
	*read = (struct space_read){.root = &w->k->root,
				    .va = at + (uint64_t)node * PAIR * 8,
				    .dst = to,
				    .len = PAIR * 8};
	return 1;
}

static void numa_settle(struct numa_work *w, const uint64_t *pairs)
{
	size_t nodes = w->zones.nodes.n, i;

	for (i = 0; i < w->n * nodes; i++) {
		const uint8_t *pair = (const uint8_t *)(pairs + 2 * PAIR * i);

		w->out->numa[i] = (struct numa_faults){
			.node = w->zones.nodes.v[i % nodes].id,
			.task_shared = le64(pair),
			.task_private = le64(pair + 8),
			.group_shared = le64(pair + 16),
			.group_private = le64(pair + 24)};
	}
}

/* What was found on each node, by each task and its group: one batch. */
static int numa_faults_read(struct numa_work *w, struct err *err)
{
	uint32_t behind =
		profile_field(w->k->profile, FIELD_GROUP_FAULTS)->offset;
	size_t nodes = w->zones.nodes.n, all = w->n * nodes, i, n = 0;
	_cleanup_free_ uint64_t *pairs = calloc(all + 1, 2 * PAIR * 8);
	_cleanup_free_ struct space_read *reads =
		calloc(2 * all + 1, sizeof(*reads));
	int rc;

	w->out->numa = calloc(all + 1, sizeof(*w->out->numa));
	w->out->n_nodes = nodes;
	if (!pairs || !reads || !w->out->numa)
		return err_nomem(err);
	for (i = 0; i < all; i++) {
		uint32_t node = w->zones.nodes.v[i % nodes].id;
		uint64_t group = w->at[w->n + i / nodes];
		uint64_t *pair = pairs + 2 * PAIR * i;

		n += numa_ask(w,
			      records_u64(&w->r, i / nodes, FIELD_TASK_FAULTS),
			      node, pair, &reads[n]);
		n += numa_ask(w, group ? group + behind : 0, node, pair + PAIR,
			      &reads[n]);
	}
	rc = space_read(w->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len)
			w->out->v[((uint64_t *)reads[i].dst - pairs) /
				  (2 * PAIR) / nodes]
				.torn = true;
	if (!rc)
		numa_settle(w, pairs);
	return rc;
}

int task_sched_numas(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_scheds *out, struct err *err)
{
	_cleanup_(numa_work_deinit) struct numa_work w = {
		.k = k,
		.tasks = tasks,
		.n = n,
		.out = out,
		.at = calloc(2 * n + 1, sizeof(*w.at))};
	size_t i;
	int rc;

	if (!w.at)
		return err_nomem(err);
	if (!profile_field(k->profile, FIELD_TASK_PREFERRED)->present)
		return 0;
	rc = numa_nodes(&w, err);
	if (!rc)
		rc = numa_tasks(&w, err);
	for (i = 0; i < n && !rc; i++)
		numa_take(&w, i);
	if (rc || n * w.zones.nodes.n <= SCHED_NUMA_MAX_ALL)
		return rc ? rc : numa_faults_read(&w, err);
	for (i = 0; i < n; i++)
		out->v[i].torn = true;
	return 0;
}
