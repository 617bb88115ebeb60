/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the namespaces of tasks: pointers to them, then their numbers. */
#include "kernel/task/task_ns.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_REAL_CRED = WANTS_OF(READER_TASK_NS),
	FIELD_TASK_THREAD_PID,
	FIELD_TASK_NSPROXY,
	FIELD_PID_LEVEL,
	FIELD_PID_NUMBERS,
	FIELD_UPID_NS,
	FIELD_UPID_NR,
	FIELD_CRED_USER_NS,
	FIELD_NSPROXY_UTS,
	FIELD_NSPROXY_IPC,
	FIELD_NSPROXY_MNT,
	FIELD_NSPROXY_NET,
	FIELD_NSPROXY_TIME,
	FIELD_NSPROXY_CGROUP,
	FIELD_NSPROXY_PID,
	FIELD_NSPROXY_TIME_CHILDREN,
	FIELD_UTS_NS_INUM,
	FIELD_IPC_NS_INUM,
	FIELD_MNT_NS_INUM,
	FIELD_NET_NS_INUM,
	FIELD_TIME_NS_INUM,
	FIELD_CGROUP_NS_INUM,
	FIELD_PID_NS_INUM,
	FIELD_USER_NS_INUM,
	STRUCT_UPID
};

static const struct want want_table[] = {
	FIELD(TASK_REAL_CRED, "task_struct", REQUIRED, "real_cred"),
	FIELD(TASK_THREAD_PID, "task_struct", OPTIONAL,
	      "thread_pid"), /* 4.19 */
	FIELD(TASK_NSPROXY, "task_struct", OPTIONAL, "nsproxy"),
	FIELD(PID_LEVEL, "pid", OPTIONAL, "level"),
	FIELD(PID_NUMBERS, "pid", OPTIONAL, "numbers"),
	FIELD(UPID_NS, "upid", OPTIONAL, "ns"),
	FIELD(UPID_NR, "upid", OPTIONAL, "nr"),
	FIELD(CRED_USER_NS, "cred", OPTIONAL, "user_ns"),
	FIELD(NSPROXY_UTS, "nsproxy", OPTIONAL, "uts_ns"),
	FIELD(NSPROXY_IPC, "nsproxy", OPTIONAL, "ipc_ns"),
	FIELD(NSPROXY_MNT, "nsproxy", OPTIONAL, "mnt_ns"),
	FIELD(NSPROXY_NET, "nsproxy", OPTIONAL, "net_ns"),
	FIELD(NSPROXY_TIME, "nsproxy", OPTIONAL, "time_ns"), /* 5.6 */
	FIELD(NSPROXY_CGROUP, "nsproxy", OPTIONAL, "cgroup_ns"),
	FIELD(NSPROXY_PID, "nsproxy", OPTIONAL, "pid_ns_for_children"),
	FIELD(NSPROXY_TIME_CHILDREN, "nsproxy", OPTIONAL,
	      "time_ns_for_children"), /* 5.6 */
	FIELD(UTS_NS_INUM, "uts_namespace", OPTIONAL, "ns.inum"),
	FIELD(IPC_NS_INUM, "ipc_namespace", OPTIONAL, "ns.inum"),
	FIELD(MNT_NS_INUM, "mnt_namespace", OPTIONAL, "ns.inum"),
	FIELD(NET_NS_INUM, "net", OPTIONAL, "ns.inum"),
	FIELD(TIME_NS_INUM, "time_namespace", OPTIONAL, "ns.inum"),
	FIELD(CGROUP_NS_INUM, "cgroup_namespace", OPTIONAL, "ns.inum"),
	FIELD(PID_NS_INUM, "pid_namespace", OPTIONAL, "ns.inum"),
	FIELD(USER_NS_INUM, "user_namespace", OPTIONAL, "ns.inum"),
	STRUCT(UPID, "upid", OPTIONAL),
};

const struct wants task_ns_wants = {
	.reader = "namespaces", .v = want_table, .n = WANTS_N(want_table)};

/*
 * Where a task's namespace of a kind is found: in its nsproxy, but for two
 * (docs/facts/kernel.md, "Times and command lines"); and the member that
 * numbers it.
 */
static const struct {
	uint32_t in_nsproxy, inum;
} kinds[TASK_NS_KINDS] = {
	[TASK_NS_CGROUP] = {FIELD_NSPROXY_CGROUP, FIELD_CGROUP_NS_INUM},
	[TASK_NS_IPC] = {FIELD_NSPROXY_IPC, FIELD_IPC_NS_INUM},
	[TASK_NS_MNT] = {FIELD_NSPROXY_MNT, FIELD_MNT_NS_INUM},
	[TASK_NS_NET] = {FIELD_NSPROXY_NET, FIELD_NET_NS_INUM},
	[TASK_NS_PID] = {WANTS_NONE, FIELD_PID_NS_INUM},
	[TASK_NS_TIME] = {FIELD_NSPROXY_TIME, FIELD_TIME_NS_INUM},
	[TASK_NS_USER] = {WANTS_NONE, FIELD_USER_NS_INUM},
	[TASK_NS_UTS] = {FIELD_NSPROXY_UTS, FIELD_UTS_NS_INUM},
	[TASK_NS_PID_FOR_CHILDREN] = {FIELD_NSPROXY_PID, FIELD_PID_NS_INUM},
	[TASK_NS_TIME_FOR_CHILDREN] = {FIELD_NSPROXY_TIME_CHILDREN,
				       FIELD_TIME_NS_INUM},
};

const char *task_ns_name(enum task_ns_kind kind)
{
	static const char *const names[TASK_NS_KINDS] = {
		[TASK_NS_CGROUP] = "cgroup",
		[TASK_NS_IPC] = "ipc",
		[TASK_NS_MNT] = "mnt",
		[TASK_NS_NET] = "net",
		[TASK_NS_PID] = "pid",
		[TASK_NS_TIME] = "time",
		[TASK_NS_USER] = "user",
		[TASK_NS_UTS] = "uts",
		[TASK_NS_PID_FOR_CHILDREN] = "pid",
		[TASK_NS_TIME_FOR_CHILDREN] = "time",
	};

	return names[kind];
}

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
			      struct reading *r, struct task_ns *out,
			      struct err *err)
{
	static const uint32_t fields[HOLDERS] = {
		[NSPROXY] = FIELD_TASK_NSPROXY,
		[CRED] = FIELD_TASK_REAL_CRED,
		[THREAD_PID] = FIELD_TASK_THREAD_PID,
	};
	_cleanup_(records_deinit) struct records t = {0};
	size_t i, h;
	int rc;

	for (i = 0; i < r->n; i++)
		r->addrs[i] = tasks[i].addr;
	rc = records_read(k, r->addrs, r->n, fields, HOLDERS, &t, err);
	for (h = 0; h < HOLDERS && !rc; h++)
		for (i = 0; i < r->n; i++)
			addrs_of(r, h)[i] = records_u64(&t, i, fields[h]);
	for (i = 0; i < r->n && !rc; i++)
		out[i].torn = !t.ok[i];
	return rc;
}

static int read_holders(struct kernel *k, struct reading *r,
			struct task_ns *out, struct err *err)
{
	static const uint32_t nsproxy[] = {
		FIELD_NSPROXY_UTS,  FIELD_NSPROXY_IPC,
		FIELD_NSPROXY_MNT,  FIELD_NSPROXY_NET,
		FIELD_NSPROXY_TIME, FIELD_NSPROXY_CGROUP,
		FIELD_NSPROXY_PID,  FIELD_NSPROXY_TIME_CHILDREN};
	static const uint32_t cred[] = {FIELD_CRED_USER_NS};
	static const uint32_t pid[] = {FIELD_PID_LEVEL};
	const struct records_want wants[HOLDERS] = {
		[NSPROXY] = {addrs_of(r, NSPROXY), r->n, nsproxy, 8},
		[CRED] = {addrs_of(r, CRED), r->n, cred, 1},
		[THREAD_PID] = {addrs_of(r, THREAD_PID), r->n, pid, 1}};
	size_t i, h;
	int rc = records_read_all(k, wants, HOLDERS, r->holders, err);

	for (h = 0; h < HOLDERS && !rc; h++)
		for (i = 0; i < r->n; i++)
			out[i].torn |=
				addrs_of(r, h)[i] && !r->holders[h].ok[i];
	return rc;
}

#define MAX_PID_NS_LEVEL 32 /* include/linux/pid_namespace.h */

/* Where the deepest of a pid's numbers is; 0: not known. */
static uint64_t deepest_number(struct kernel *k, const struct records *pids,
			       size_t i, uint64_t pid)
{
	const struct profile_field *numbers =
		profile_field(k->profile, FIELD_PID_NUMBERS);
	uint32_t size = profile_sizeof(k->profile, STRUCT_UPID);
	uint64_t level = records_u64(pids, i, FIELD_PID_LEVEL);

	return pids->ok[i] && records_have(pids, FIELD_PID_LEVEL) &&
			       numbers->present && size &&
			       level <= MAX_PID_NS_LEVEL
		       ? pid + numbers->offset + level * size
		       : 0;
}

/* A task's own PID namespace, and its number there: the deepest of its
 * numbers. */
static int find_pid_ns(struct kernel *k, const struct reading *r,
		       uint64_t *spaces, struct task_ns *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_UPID_NS, FIELD_UPID_NR};
	_cleanup_free_ uint64_t *addrs = calloc(r->n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		addrs[i] = deepest_number(k, &r->holders[THREAD_PID], i,
					  addrs_of(r, THREAD_PID)[i]);
	rc = records_read(k, addrs, r->n, fields, 2, &rec, err);
	for (i = 0; i < r->n && !rc; i++) {
		spaces[i] = records_u64(&rec, i, FIELD_UPID_NS);
		out[i].pid = (uint32_t)records_u64(&rec, i, FIELD_UPID_NR);
	}
	return rc;
}

static int find_spaces(struct kernel *k, struct reading *r, struct task_ns *out,
		       struct err *err)
{
	size_t i, kind;

	for (kind = 0; kind < TASK_NS_KINDS; kind++)
		for (i = 0; i < r->n; i++)
			addrs_of(r, HOLDERS + kind)[i] =
				kinds[kind].in_nsproxy == WANTS_NONE
					? 0
					: records_u64(&r->holders[NSPROXY], i,
						      kinds[kind].in_nsproxy);
	for (i = 0; i < r->n; i++)
		addrs_of(r, HOLDERS + TASK_NS_USER)[i] =
			records_u64(&r->holders[CRED], i, FIELD_CRED_USER_NS);
	return find_pid_ns(k, r, addrs_of(r, HOLDERS + TASK_NS_PID), out, err);
}

int task_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 struct task_ns *out, struct err *err)
{
	_cleanup_(task_ns_reading_deinit) struct reading r = {.n = n};
	struct records_want wants[TASK_NS_KINDS];
	size_t i, kind;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct task_ns){0};
	r.addrs = calloc((HOLDERS + TASK_NS_KINDS) * n + 1, sizeof(*r.addrs));
	if (!r.addrs)
		return err_nomem(err);
	rc = task_ns_read_tasks(k, tasks, &r, out, err);
	if (!rc)
		rc = read_holders(k, &r, out, err);
	if (!rc)
		rc = find_spaces(k, &r, out, err);
	for (kind = 0; kind < TASK_NS_KINDS; kind++)
		wants[kind] = (struct records_want){
			addrs_of(&r, HOLDERS + kind), n, &kinds[kind].inum, 1};
	if (!rc)
		rc = records_read_all(k, wants, TASK_NS_KINDS, r.spaces, err);
	for (i = 0; i < n && !rc; i++)
		for (kind = 0; kind < TASK_NS_KINDS; kind++) {
			out[i].inum[kind] = (uint32_t)records_u64(
				&r.spaces[kind], i, kinds[kind].inum);
			out[i].at[kind] = addrs_of(&r, HOLDERS + kind)[i];
		}
	return rc;
}

int task_ns_of_init(struct kernel *k, struct task_ns *out, struct err *err)
{
	static const struct {
		enum task_ns_kind kind;
		const char *symbol;
	} initial[] = {{TASK_NS_NET, "init_net"},
		       {TASK_NS_USER, "init_user_ns"},
		       {TASK_NS_IPC, "init_ipc_ns"},
		       {TASK_NS_UTS, "init_uts_ns"},
		       {TASK_NS_PID, "init_pid_ns"}};
	struct task init;
	size_t i;
	int rc = task_find(k, 1, &init, err);

	*out = (struct task_ns){0};
	if (!rc)
		return task_ns_read(k, &init, 1, out, err);
	if (rc != ERR_NOT_FOUND && rc != ERR_UNREADABLE)
		return rc;
	for (i = 0; i < sizeof(initial) / sizeof(initial[0]); i++)
		profile_symbol(k->profile, initial[i].symbol,
			       &out->at[initial[i].kind]);
	return 0;
}
