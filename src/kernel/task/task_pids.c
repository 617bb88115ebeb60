/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the numbers of tasks, of who traces them, and of NUMA groups. */
#include "kernel/task/task_pids.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_THREAD_PID = WANTS_OF(READER_TASK_PIDS),
	FIELD_TASK_SIGNAL,
	FIELD_TASK_PTRACE,
	FIELD_TASK_PARENT,
	FIELD_TASK_PID,
	FIELD_TASK_NUMA_GROUP,
	FIELD_SIGNAL_PIDS,
	FIELD_NUMA_GROUP_GID,
	CONSTANT_PIDTYPE_TGID,
	CONSTANT_PIDTYPE_PGID,
	CONSTANT_PIDTYPE_SID
};

static const struct want want_table[] = {
	FIELD(TASK_THREAD_PID, "task_struct", OPTIONAL,
	      "thread_pid"), /* 4.19 */
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(TASK_PTRACE, "task_struct", OPTIONAL, "ptrace"),
	FIELD(TASK_PARENT, "task_struct", OPTIONAL, "parent"),
	FIELD(TASK_PID, "task_struct", REQUIRED, "pid"),
	FIELD(TASK_NUMA_GROUP, "task_struct", OPTIONAL, "numa_group"),
	FIELD(SIGNAL_PIDS, "signal_struct", OPTIONAL, "pids"), /* 4.19 */
	FIELD(NUMA_GROUP_GID, "numa_group", OPTIONAL, "gid"),
	CONSTANT(PIDTYPE_TGID, "pid_type", "PIDTYPE_TGID"),
	CONSTANT(PIDTYPE_PGID, "pid_type", "PIDTYPE_PGID"),
	CONSTANT(PIDTYPE_SID, "pid_type", "PIDTYPE_SID"),
};

const struct wants task_pids_wants = {
	.reader = "PIDs of processes",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* What the tasks point to. */
enum {
	HOLDER_SIGNAL,
	HOLDER_TRACER,
	HOLDER_NUMA,
	HOLDERS
};

struct task_pids_reading {
	struct kernel *k;
	size_t n;
	uint64_t *addrs; /* of holders, then of struct pids, n each */
	struct records r[HOLDERS];
};

static void task_pids_reading_deinit(struct task_pids_reading *r)
{
	size_t h;

	for (h = 0; h < HOLDERS; h++)
		records_deinit(&r->r[h]);
	free(r->addrs);
}

static uint64_t *task_pids_addrs(const struct task_pids_reading *r,
				 size_t which)
{
	return r->addrs + which * r->n;
}

static int task_pids_read_tasks(struct task_pids_reading *r,
				const struct task *tasks, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_TASK_THREAD_PID, FIELD_TASK_SIGNAL, FIELD_TASK_PTRACE,
		FIELD_TASK_PARENT, FIELD_TASK_NUMA_GROUP};
	_cleanup_(records_deinit) struct records t = {0};
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++)
		r->addrs[i] = tasks[i].addr;
	rc = records_read(r->k, r->addrs, r->n, fields, WANTS_N(fields), &t,
			  err);
	for (i = 0; i < r->n && !rc; i++) {
		task_pids_addrs(r, HOLDER_SIGNAL)[i] =
			records_u64(&t, i, FIELD_TASK_SIGNAL);
		task_pids_addrs(r, HOLDER_TRACER)[i] =
			records_u64(&t, i, FIELD_TASK_PTRACE)
				? records_u64(&t, i, FIELD_TASK_PARENT)
				: 0;
		task_pids_addrs(r, HOLDER_NUMA)[i] =
			records_u64(&t, i, FIELD_TASK_NUMA_GROUP);
		task_pids_addrs(r, HOLDERS + TASK_PID_OWN)[i] =
			records_u64(&t, i, FIELD_TASK_THREAD_PID);
	}
	return rc;
}

static int task_pids_read_holders(struct task_pids_reading *r, struct err *err)
{
	static const uint32_t signal[] = {FIELD_SIGNAL_PIDS};
	static const uint32_t tracer[] = {FIELD_TASK_PID};
	static const uint32_t numa[] = {FIELD_NUMA_GROUP_GID};
	const struct records_want wants[HOLDERS] = {
		[HOLDER_SIGNAL] = {task_pids_addrs(r, HOLDER_SIGNAL), r->n,
				   signal, 1},
		[HOLDER_TRACER] = {task_pids_addrs(r, HOLDER_TRACER), r->n,
				   tracer, 1},
		[HOLDER_NUMA] = {task_pids_addrs(r, HOLDER_NUMA), r->n, numa,
				 1}};

	return records_read_all(r->k, wants, HOLDERS, r->r, err);
}

/* Where signal_struct.pids[] has the struct pid of a kind. */
static void task_pids_find(struct task_pids_reading *r, enum task_pid kind,
			   uint32_t type_id)
{
	const struct records *signals = &r->r[HOLDER_SIGNAL];
	uint64_t *addrs = task_pids_addrs(r, HOLDERS + (size_t)kind);
	int64_t type;
	bool there = profile_constant(r->k->profile, type_id, &type) &&
		     type >= 0 && records_have(signals, FIELD_SIGNAL_PIDS) &&
		     type < records_size(signals, FIELD_SIGNAL_PIDS) / 8;
	size_t i;

	for (i = 0; i < r->n; i++)
		addrs[i] = there && signals->ok[i]
				   ? le64(records_bytes(signals, i,
							FIELD_SIGNAL_PIDS) +
					  type * 8)
				   : 0;
}

int task_pids_read(struct kernel *k, const struct task *tasks, size_t n,
		   struct task_pids *out, struct err *err)
{
	_cleanup_(task_pids_reading_deinit) struct task_pids_reading r = {
		.k = k, .n = n};
	size_t i;
	int rc;

	*out = (struct task_pids){.n = n,
				  .tracers = calloc(n + 1, sizeof(uint32_t)),
				  .numa = calloc(n + 1, sizeof(uint32_t)),
				  .known = calloc(n + 1, sizeof(bool))};
	r.addrs = calloc((HOLDERS + TASK_PIDS) * n + 1, sizeof(*r.addrs));
	if (!out->tracers || !out->numa || !out->known || !r.addrs)
		return err_nomem(err);
	rc = task_pids_read_tasks(&r, tasks, err);
	if (!rc)
		rc = task_pids_read_holders(&r, err);
	if (rc)
		return rc;
	task_pids_find(&r, TASK_PID_PROCESS, CONSTANT_PIDTYPE_TGID);
	task_pids_find(&r, TASK_PID_GROUP, CONSTANT_PIDTYPE_PGID);
	task_pids_find(&r, TASK_PID_SESSION, CONSTANT_PIDTYPE_SID);
	rc = pids_read(k, task_pids_addrs(&r, HOLDERS), TASK_PIDS * n,
		       &out->pids, err);
	for (i = 0; i < n && !rc; i++) {
		out->tracers[i] = (uint32_t)records_u64(&r.r[HOLDER_TRACER], i,
							FIELD_TASK_PID);
		out->numa[i] = (uint32_t)records_u64(&r.r[HOLDER_NUMA], i,
						     FIELD_NUMA_GROUP_GID);
		out->known[i] = out->pids.of[i].n;
	}
	return rc;
}

void task_pids_deinit(struct task_pids *p)
{
	pids_deinit(&p->pids);
	free(p->tracers);
	free(p->numa);
	free(p->known);
}

size_t task_pids_levels(const struct task_pids *p, size_t i)
{
	return p->pids.of[i].n;
}

uint32_t task_pids_in(const struct task_pids *p, size_t i, enum task_pid which,
		      size_t level)
{
	const struct pid_numbers *own = &p->pids.of[i];

	return pids_in(&p->pids, (size_t)which * p->n + i,
		       p->pids.numbers[own->first + level].ns, level);
}
