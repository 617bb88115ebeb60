/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads signal_structs, and the numbers of groups and sessions. */
#include "kernel/task/task_group.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/task/pid.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_GROUP),
	FIELD_SIGNAL_NR_THREADS,
	FIELD_SIGNAL_PIDS,
	CONSTANT_PIDTYPE_PGID,
	CONSTANT_PIDTYPE_SID
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", OPTIONAL, "signal"),
	FIELD(SIGNAL_NR_THREADS, "signal_struct", OPTIONAL, "nr_threads"),
	FIELD(SIGNAL_PIDS, "signal_struct", OPTIONAL, "pids"), /* 4.19 */
	CONSTANT(PIDTYPE_PGID, "pid_type", "PIDTYPE_PGID"),
	CONSTANT(PIDTYPE_SID, "pid_type", "PIDTYPE_SID"),
};

const struct wants task_group_wants = {
	.reader = "process groups", .v = want_table, .n = WANTS_N(want_table)};

/* The n struct pids of that type in signal_struct.pids[]; 0: none there.
 * docs/facts/kernel.md, "Tasks" */
static void pids_of(struct kernel *k, const struct records *signals,
		    uint32_t type_id, uint64_t *addrs)
{
	int64_t type;
	bool there = profile_constant(k->profile, type_id, &type) &&
		     type >= 0 && records_have(signals, FIELD_SIGNAL_PIDS) &&
		     type < records_size(signals, FIELD_SIGNAL_PIDS) / 8;
	size_t i;

	for (i = 0; i < signals->n; i++)
		addrs[i] = there && signals->ok[i]
				   ? le64(records_bytes(signals, i,
							FIELD_SIGNAL_PIDS) +
					  type * 8)
				   : 0;
}

/* Where the tasks' signal_structs are. */
static int find_signals(struct kernel *k, const struct task *tasks, size_t n,
			uint64_t *addrs, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_SIGNAL};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, fields, 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&r, i, FIELD_TASK_SIGNAL);
	return rc;
}

int task_groups_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_group *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SIGNAL_NR_THREADS,
					  FIELD_SIGNAL_PIDS};
	_cleanup_(records_deinit) struct records signals = {0};
	_cleanup_(pids_deinit) struct pids pids = {0};
	_cleanup_free_ uint64_t *addrs = calloc(2 * n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	rc = find_signals(k, tasks, n, addrs, err);
	if (!rc)
		rc = records_read(k, addrs, n, fields, 2, &signals, err);
	if (rc)
		return rc;
	pids_of(k, &signals, CONSTANT_PIDTYPE_PGID, addrs);
	pids_of(k, &signals, CONSTANT_PIDTYPE_SID, addrs + n);
	rc = pids_read(k, addrs, 2 * n, &pids, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = (struct task_group){
			.threads = (uint32_t)records_u64(
				&signals, i, FIELD_SIGNAL_NR_THREADS),
			.has_threads =
				signals.ok[i] &&
				records_have(&signals, FIELD_SIGNAL_NR_THREADS),
			.pgid = pids_first(&pids, i),
			.has_pgid = pids.of[i].n,
			.sid = pids_first(&pids, n + i),
			.has_sid = pids.of[n + i].n,
		};
	return rc;
}
