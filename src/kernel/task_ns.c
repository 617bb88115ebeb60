/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the namespaces of tasks: pointers to them, then their numbers. */
#include "kernel/task_ns.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/records.h"

/*
 * Where a task's namespace of a kind is found: in its nsproxy, but for two
 * (docs/facts/kernel.md, "Times and command lines"); and the member that
 * numbers it.
 */
static const struct {
	enum field_id in_nsproxy, inum;
} kinds[TASK_NS_KINDS] = {
	[TASK_NS_CGROUP] = {FIELD_NSPROXY_CGROUP, FIELD_CGROUP_NS_INUM},
	[TASK_NS_IPC] = {FIELD_NSPROXY_IPC, FIELD_IPC_NS_INUM},
	[TASK_NS_MNT] = {FIELD_NSPROXY_MNT, FIELD_MNT_NS_INUM},
	[TASK_NS_NET] = {FIELD_NSPROXY_NET, FIELD_NET_NS_INUM},
	[TASK_NS_PID] = {FIELD_COUNT, FIELD_PID_NS_INUM},
	[TASK_NS_TIME] = {FIELD_NSPROXY_TIME, FIELD_TIME_NS_INUM},
	[TASK_NS_USER] = {FIELD_COUNT, FIELD_USER_NS_INUM},
	[TASK_NS_UTS] = {FIELD_NSPROXY_UTS, FIELD_UTS_NS_INUM},
};

/* What a task points to. */
enum {
	NSPROXY,
	CRED,
	THREAD_PID,
	HOLDERS
};

struct reading {
	size_t n;
	uint64_t *addrs; /* HOLDERS, then TASK_NS_KINDS times n */
	struct records holders[HOLDERS], spaces[TASK_NS_KINDS];
};

static void task_ns_reading_deinit(struct reading *r)
{
	size_t i;

	for (i = 0; i < HOLDERS; i++)
		records_deinit(&r->holders[i]);
	for (i = 0; i < TASK_NS_KINDS; i++)
		records_deinit(&r->spaces[i]);
	free(r->addrs);
}

static uint64_t *addrs_of(const struct reading *r, size_t which)
{
	return r->addrs + which * r->n;
}

/* Where the tasks' nsproxies, credentials and struct pids are. */
static int task_ns_read_tasks(struct kernel *k, const struct task *tasks,
			      struct reading *r, struct err *err)
{
	static const enum field_id fields[HOLDERS] = {
		[NSPROXY] = FIELD_TASK_NSPROXY,
		[CRED] = FIELD_TASK_REAL_CRED,
		[THREAD_PID] = FIELD_TASK_THREAD_PID};
	_cleanup_(records_deinit) struct records t = {0};
	size_t i, h;
	int rc;

	for (i = 0; i < r->n; i++)
		r->addrs[i] = tasks[i].addr;
	rc = records_read(k, r->addrs, r->n, fields, HOLDERS, &t, err);
	for (h = 0; h < HOLDERS && !rc; h++)
		for (i = 0; i < r->n; i++)
			addrs_of(r, h)[i] = records_u64(&t, i, fields[h]);
	return rc;
}

static int read_holders(struct kernel *k, struct reading *r, struct err *err)
{
	static const enum field_id nsproxy[] = {
		FIELD_NSPROXY_UTS, FIELD_NSPROXY_IPC,  FIELD_NSPROXY_MNT,
		FIELD_NSPROXY_NET, FIELD_NSPROXY_TIME, FIELD_NSPROXY_CGROUP};
	static const enum field_id cred[] = {FIELD_CRED_USER_NS};
	static const enum field_id pid[] = {FIELD_PID_LEVEL};
	const struct records_want wants[HOLDERS] = {
		[NSPROXY] = {addrs_of(r, NSPROXY), r->n, nsproxy, 6},
		[CRED] = {addrs_of(r, CRED), r->n, cred, 1},
		[THREAD_PID] = {addrs_of(r, THREAD_PID), r->n, pid, 1}};

	return records_read_all(k, wants, HOLDERS, r->holders, err);
}

#define MAX_PID_NS_LEVEL 32 /* include/linux/pid_namespace.h */

/* A task's own PID namespace: that of the deepest of its pid's numbers. */
static int find_pid_ns(struct kernel *k, const struct reading *r,
		       uint64_t *spaces, struct err *err)
{
	const struct profile_field *numbers =
		profile_field(k->profile, FIELD_PID_NUMBERS);
	const struct profile_field *ns =
		profile_field(k->profile, FIELD_UPID_NS);
	uint32_t size = profile_sizeof(k->profile, STRUCT_UPID);
	_cleanup_free_ struct space_read *reads =
		calloc(r->n + 1, sizeof(*reads));
	const struct records *pids = &r->holders[THREAD_PID];
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		uint64_t level = records_u64(pids, i, FIELD_PID_LEVEL);
		bool there = pids->ok[i] && pids->at[FIELD_PID_LEVEL] &&
			     numbers->present && ns->present &&
			     level <= MAX_PID_NS_LEVEL;

		spaces[i] = 0;
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = addrs_of(r, THREAD_PID)[i] + numbers->offset +
			      level * size + ns->offset,
			.dst = &spaces[i],
			.len = there ? 8 : 0};
	}
	rc = space_read(k->machine, reads, r->n, err);
	for (i = 0; i < r->n && !rc; i++)
		spaces[i] = reads[i].got == 8 ? le64(&spaces[i]) : 0;
	return rc;
}

static int find_spaces(struct kernel *k, struct reading *r, struct err *err)
{
	size_t i, kind;

	for (kind = 0; kind < TASK_NS_KINDS; kind++)
		for (i = 0; i < r->n; i++)
			addrs_of(r, HOLDERS + kind)[i] =
				kinds[kind].in_nsproxy == FIELD_COUNT
					? 0
					: records_u64(&r->holders[NSPROXY], i,
						      kinds[kind].in_nsproxy);
	for (i = 0; i < r->n; i++)
		addrs_of(r, HOLDERS + TASK_NS_USER)[i] =
			records_u64(&r->holders[CRED], i, FIELD_CRED_USER_NS);
	return find_pid_ns(k, r, addrs_of(r, HOLDERS + TASK_NS_PID), err);
}

int task_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 struct task_ns *out, struct err *err)
{
	_cleanup_(task_ns_reading_deinit) struct reading r = {.n = n};
	struct records_want wants[TASK_NS_KINDS];
	size_t i, kind;
	int rc;

	r.addrs = calloc((HOLDERS + TASK_NS_KINDS) * n + 1, sizeof(*r.addrs));
	if (!r.addrs)
		return err_nomem(err);
	rc = task_ns_read_tasks(k, tasks, &r, err);
	if (!rc)
		rc = read_holders(k, &r, err);
	if (!rc)
		rc = find_spaces(k, &r, err);
	for (kind = 0; kind < TASK_NS_KINDS; kind++)
		wants[kind] = (struct records_want){
			addrs_of(&r, HOLDERS + kind), n, &kinds[kind].inum, 1};
	if (!rc)
		rc = records_read_all(k, wants, TASK_NS_KINDS, r.spaces, err);
	for (i = 0; i < n && !rc; i++)
		for (kind = 0; kind < TASK_NS_KINDS; kind++)
			out[i].inum[kind] = (uint32_t)records_u64(
				&r.spaces[kind], i, kinds[kind].inum);
	return rc;
}
