/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads tasks: which there are, then all of them, then parents and creds. */
#include "kernel/task/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/idr.h"
#include "kernel/task/kthread.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task/tasklist.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STATE = WANTS_OF(READER_TASK),
	FIELD_TASK_EXIT_STATE,
	FIELD_TASK_FLAGS,
	FIELD_TASK_PID,
	FIELD_TASK_TGID,
	FIELD_TASK_MM,
	FIELD_TASK_REAL_PARENT,
	FIELD_TASK_REAL_CRED,
	FIELD_TASK_COMM,
	FIELD_TASK_FS,
	FIELD_TASK_PID_LINKS,
	FIELD_TASK_KTHREAD,
	FIELD_CRED_UID,
	FIELD_CRED_GID,
	FIELD_CRED_EUID,
	FIELD_CRED_EGID,
	FIELD_PID_TASKS,
	FIELD_PIDNS_IDR,
	STRUCT_TASK,
	STRUCT_HLIST_NODE,
	CONSTANT_PIDTYPE_PID,
	CONSTANT_PIDTYPE_TGID
};

static const struct want want_table[] = {
	FIELD(TASK_STATE, "task_struct", REQUIRED, "__state|state"), /* 5.14 */
	FIELD(TASK_EXIT_STATE, "task_struct", REQUIRED, "exit_state"),
	FIELD(TASK_FLAGS, "task_struct", REQUIRED, "flags"),
	FIELD(TASK_PID, "task_struct", REQUIRED, "pid"),
	FIELD(TASK_TGID, "task_struct", REQUIRED, "tgid"),
	FIELD(TASK_MM, "task_struct", REQUIRED, "mm"),
	FIELD(TASK_REAL_PARENT, "task_struct", REQUIRED, "real_parent"),
	FIELD(TASK_REAL_CRED, "task_struct", REQUIRED, "real_cred"),
	FIELD(TASK_COMM, "task_struct", REQUIRED, "comm"),
	FIELD(TASK_FS, "task_struct", OPTIONAL, "fs"),
	FIELD(TASK_PID_LINKS, "task_struct", OPTIONAL, "pid_links"), /* 4.19 */
	FIELD(TASK_KTHREAD, "task_struct", OPTIONAL,
	      "worker_private|set_child_tid"), /* 5.17 */
	FIELD(CRED_UID, "cred", REQUIRED, "uid"),
	FIELD(CRED_GID, "cred", REQUIRED, "gid"),
	FIELD(CRED_EUID, "cred", REQUIRED, "euid"),
	FIELD(CRED_EGID, "cred", REQUIRED, "egid"),
	FIELD(PID_TASKS, "pid", OPTIONAL, "tasks"),
	FIELD(PIDNS_IDR, "pid_namespace", OPTIONAL,
	      "idr.idr_rt.xa_head"), /* 4.20 */
	STRUCT(TASK, "task_struct", OPTIONAL),
	STRUCT(HLIST_NODE, "hlist_node", OPTIONAL),
	CONSTANT(PIDTYPE_PID, "pid_type", "PIDTYPE_PID"),
	CONSTANT(PIDTYPE_TGID, "pid_type", "PIDTYPE_TGID"), /* 4.19 */
};

const struct wants task_wants = {
	.reader = "processes", .v = want_table, .n = WANTS_N(want_table)};

#define TASK_COMM_LEN 16 /* include/linux/sched.h */
#define PIDTYPE_LAST  3	 /* PIDTYPE_SID, include/linux/pid_types.h */

/* Values of 4.14 and later; docs/facts/kernel.md, "Tasks" */
#define TASK_REPORT	 0x7fu
#define TASK_REPORT_MAX	 0x80u
#define TASK_IDLE	 0x402u
#define TASK_RTLOCK_WAIT 0x1000u
#define TASK_FROZEN	 0x8000u
#define TASK_UNINTERRUPT 0x2u

bool task_has_memory(const struct task *t)
{
	return t->mm && !task_is_kthread(t);
}

void task_list_keep_memory(struct task_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		if (task_has_memory(&l->v[i]))
			l->v[n++] = l->v[i];
	l->n = n;
}

/* The letter of fs/proc/array.c, get_task_state(). */
static char state_letter(uint32_t state, uint32_t exit_state)
{
	static const char letters[] = "RSDTtXZPI";
	uint32_t s = (state | exit_state) & TASK_REPORT;
	unsigned int i = 0;

	if ((state & TASK_IDLE) == TASK_IDLE)
		s = TASK_REPORT_MAX;
	if (state & (TASK_RTLOCK_WAIT | TASK_FROZEN))
		s = TASK_UNINTERRUPT;
	while (s >> i)
		i++;
	return letters[i];
}

/* Which of a struct pid's lists the tasks are in. */
static bool pid_type(const struct profile *p, bool threads, int64_t *type)
{
	return profile_constant(p,
				threads ? CONSTANT_PIDTYPE_PID
					: CONSTANT_PIDTYPE_TGID,
				type) &&
	       *type >= 0 && *type <= PIDTYPE_LAST;
}

static void task_tear(struct task_list *l, uint64_t addr, const char *what)
{
	if (!l->torn)
		snprintf(l->why, sizeof(l->why), "%s at 0x%llx", what,
			 (unsigned long long)addr);
	l->torn = true;
}

/* The tasks behind struct pids: tasks[type].first, less its place in a task. */
static int task_addresses(struct kernel *k, const struct idr *idr, bool threads,
			  struct task_list *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_PID_TASKS};
	const struct profile_field *links =
		profile_field(k->profile, FIELD_TASK_PID_LINKS);
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs =
		calloc(idr->entries.n + 1, sizeof(*addrs));
	uint32_t hlist = profile_sizeof(k->profile, STRUCT_HLIST_NODE);
	size_t room = kernel_room(k, profile_sizeof(k->profile, STRUCT_TASK));
	int64_t type = 0;
	size_t i;
	int rc;

	pid_type(k->profile, threads, &type);
	room = room < idr->entries.n ? room : idr->entries.n;
	out->v = calloc(room + 1, sizeof(*out->v));
	if (!addrs || !out->v)
		return err_nomem(err);
	for (i = 0; i < idr->entries.n; i++)
		addrs[i] = idr->entries.v[i].pid;
	rc = records_read(k, addrs, idr->entries.n, fields, 1, &r, err);
	for (i = 0; i < idr->entries.n && !rc; i++) {
		const uint8_t *heads = records_bytes(&r, i, FIELD_PID_TASKS);
		uint64_t first = 0;

		if (r.ok[i] &&
		    type * 8 + 8 <= records_size(&r, FIELD_PID_TASKS))
			first = le64(heads + type * 8);
		if (!r.ok[i])
			task_tear(out, addrs[i], "unreadable struct pid");
		/* No task: a number kept alive by a group or session. */
		if (!first)
			continue;
		if (out->n == room) {
			task_tear(out, first,
				  "more tasks than memory has room for");
			break;
		}
		out->v[out->n].addr =
			first - links->offset - (uint64_t)type * hlist;
		out->v[out->n++].pid = idr->entries.v[i].nr;
	}
	return rc;
}

/* Whether PIDs lie in a table, and tell their tasks: 4.20 and later. */
static bool has_pid_table(const struct profile *p)
{
	int64_t type;

	return profile_field(p, FIELD_PIDNS_IDR)->present &&
	       profile_field(p, FIELD_PID_TASKS)->present &&
	       profile_field(p, FIELD_TASK_PID_LINKS)->present &&
	       pid_type(p, false, &type) && pid_type(p, true, &type);
}

/* The numbers that are looked for, ascending; n 0: all that there are. */
struct pids {
	const uint32_t *v;
	size_t n;
};

static int task_take_table(struct kernel *k, const struct idr *idr,
			   bool threads, struct task_list *out, struct err *err)
{
	if (idr->torn)
		task_tear(out, idr->torn_at, "torn PID table");
	return task_addresses(k, idr, threads, out, err);
}

/* Pointers that a task's values are followed through. */
struct links {
	uint64_t *parent, *cred, *kthread;
};

static void links_deinit(struct links *l)
{
	free(l->parent);
	free(l->cred);
	free(l->kthread);
}

static void fill_task(struct task *t, const struct records *r, size_t i)
{
	t->flags = (uint32_t)records_u64(r, i, FIELD_TASK_FLAGS);
	t->tgid = (uint32_t)records_u64(r, i, FIELD_TASK_TGID);
	t->mm = records_u64(r, i, FIELD_TASK_MM);
	t->fs = records_u64(r, i, FIELD_TASK_FS);
	t->state = state_letter(
		(uint32_t)records_u64(r, i, FIELD_TASK_STATE),
		(uint32_t)records_u64(r, i, FIELD_TASK_EXIT_STATE));
	memcpy(t->comm, records_bytes(r, i, FIELD_TASK_COMM), TASK_COMM_LEN);
}

/* Read the task_structs; one that is not what the table says is dropped. */
static int task_read_tasks(struct kernel *k, struct task_list *l,
			   struct links *links, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_TASK_STATE,	FIELD_TASK_EXIT_STATE, FIELD_TASK_FLAGS,
		FIELD_TASK_PID,		FIELD_TASK_TGID,       FIELD_TASK_MM,
		FIELD_TASK_REAL_PARENT, FIELD_TASK_REAL_CRED,  FIELD_TASK_COMM,
		FIELD_TASK_FS,		FIELD_TASK_KTHREAD,
	};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(l->n + 1, sizeof(*addrs));
	size_t i, n = l->n;
	int rc;

	links->parent = calloc(n + 1, sizeof(*links->parent));
	links->cred = calloc(n + 1, sizeof(*links->cred));
	links->kthread = calloc(n + 1, sizeof(*links->kthread));
	if (!addrs || !links->parent || !links->cred || !links->kthread)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = l->v[i].addr;
	rc = records_read(k, addrs, n, fields, WANTS_N(fields), &r, err);
	if (rc)
		return rc;
	if (records_size(&r, FIELD_TASK_COMM) < TASK_COMM_LEN)
		return err_set(err, ERR_NO_LINUX,
			       "task_struct.comm is shorter than %d bytes",
			       TASK_COMM_LEN);
	for (i = l->n = 0; i < n; i++) {
		struct task t = l->v[i];

		if (!r.ok[i] || records_u64(&r, i, FIELD_TASK_PID) != t.pid) {
			task_tear(l, t.addr, "no task_struct of its PID");
			continue;
		}
		fill_task(&t, &r, i);
		links->parent[l->n] =
			records_u64(&r, i, FIELD_TASK_REAL_PARENT);
		links->cred[l->n] = records_u64(&r, i, FIELD_TASK_REAL_CRED);
		links->kthread[l->n] = records_u64(&r, i, FIELD_TASK_KTHREAD);
		l->v[l->n++] = t;
	}
	return 0;
}

static void fill_cred(struct task *t, const struct records *r, size_t i)
{
	t->uid = (uint32_t)records_u64(r, i, FIELD_CRED_UID);
	t->gid = (uint32_t)records_u64(r, i, FIELD_CRED_GID);
	t->euid = (uint32_t)records_u64(r, i, FIELD_CRED_EUID);
	t->egid = (uint32_t)records_u64(r, i, FIELD_CRED_EGID);
}

struct relatives {
	struct records of[2]; /* parents, credentials */
};

static void relatives_deinit(struct relatives *r)
{
	records_deinit(&r->of[0]);
	records_deinit(&r->of[1]);
}

/* What the tasks point to: their parents and credentials, in one batch. */
static int read_relatives(struct kernel *k, struct task_list *l,
			  const struct links *links, struct err *err)
{
	static const uint32_t parent[] = {FIELD_TASK_TGID};
	static const uint32_t cred[] = {FIELD_CRED_UID, FIELD_CRED_GID,
					FIELD_CRED_EUID, FIELD_CRED_EGID};
	const struct records_want wants[] = {{links->parent, l->n, parent, 1},
					     {links->cred, l->n, cred, 4}};
	_cleanup_(relatives_deinit) struct relatives rel = {0};
	const struct records *r = rel.of;
	size_t i;
	int rc = records_read_all(k, wants, 2, rel.of, err);

	for (i = 0; i < l->n && !rc; i++) {
		struct task *t = &l->v[i];

		t->ppid = (uint32_t)records_u64(&r[0], i, FIELD_TASK_TGID);
		fill_cred(t, &r[1], i);
		t->torn |= !r[0].ok[i] || !r[1].ok[i];
		if (!r[0].ok[i])
			task_tear(l, links->parent[i], "unreadable parent");
		if (!r[1].ok[i])
			task_tear(l, links->cred[i], "unreadable credentials");
	}
	return rc;
}

static int task_read_list(struct kernel *k, const struct pids *pids,
			  bool threads, struct task_list *out, struct err *err)
{
	_cleanup_(links_deinit) struct links links = {0};
	_cleanup_(idr_deinit) struct idr idr = {0};
	bool table = has_pid_table(k->profile);
	int rc = table ? idr_read(k, pids->v, pids->n, &idr, err)
		       : tasklist_read(k, pids->v, pids->n, threads, out, err);

	if (!rc && table)
		rc = task_take_table(k, &idr, threads, out, err);
	if (!rc)
		rc = task_read_tasks(k, out, &links, err);
	if (!rc)
		rc = read_relatives(k, out, &links, err);
	if (!rc)
		rc = kthread_names(k, out->v, out->n, links.kthread, err);
	return rc;
}

int task_list_read(struct kernel *k, bool threads, struct task_list *out,
		   struct err *err)
{
	const struct pids all = {0};
	int rc;

	*out = (struct task_list){0};
	rc = task_read_list(k, &all, threads, out, err);
	if (!rc && !out->n && !out->torn)
		rc = err_set(err, ERR_NO_LINUX,
			     "Linux %s is still booting: it has no process "
			     "yet; try again later",
			     k->release);
	if (rc)
		task_list_deinit(out);
	return rc;
}

int task_list_find(struct kernel *k, const uint32_t *pids, size_t n,
		   struct task_list *out, struct err *err)
{
	const struct pids some = {pids, n};
	int rc = 0;

	*out = (struct task_list){0};
	if (n)
		rc = task_read_list(k, &some, true, out, err);
	if (rc)
		task_list_deinit(out);
	return rc;
}

void task_list_deinit(struct task_list *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}
