/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows the lists that link tasks. */
#include "kernel/task/tasklist.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_PID = WANTS_OF(READER_TASKLIST),
	FIELD_TASK_TASKS,
	FIELD_TASK_SIGNAL,
	FIELD_TASK_THREAD_NODE,
	FIELD_SIGNAL_THREAD_HEAD
};

static const struct want want_table[] = {
	FIELD(TASK_PID, "task_struct", REQUIRED, "pid"),
	FIELD(TASK_TASKS, "task_struct", OPTIONAL, "tasks"),
	FIELD(TASK_SIGNAL, "task_struct", OPTIONAL, "signal"),
	FIELD(TASK_THREAD_NODE, "task_struct", OPTIONAL, "thread_node"),
	FIELD(SIGNAL_THREAD_HEAD, "signal_struct", OPTIONAL, "thread_head"),
};

const struct wants tasklist_wants = {
	.reader = "the list of processes",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/*
 * The end of a list that is being followed.  Lists are rings of struct
 * list_head {next, prev} (docs/facts/kernel.md, "Tasks"), one of them the head:
 *
 *     head <-> task.links <-> task.links <-> head
 *
 * All three are addresses of such links.
 */
struct end {
	uint64_t head, from, at;
	bool back; /* by prev */
};

struct walker {
	struct kernel *k;
	uint32_t links; /* the member that links tasks */
	struct task_list *out;
	VEC(struct task) tasks;
	VEC(struct end) ends;
	struct map seen; /* tasks */
};

static void walker_deinit(struct walker *w)
{
	vec_deinit(&w->tasks);
	vec_deinit(&w->ends);
	map_deinit(&w->seen);
}

static void tasklist_tear(struct walker *w, const char *what, uint64_t addr)
{
	if (!w->out->torn)
		snprintf(w->out->why, sizeof(w->out->why), "%s at 0x%llx", what,
			 (unsigned long long)addr);
	w->out->torn = true;
}

static uint32_t offset_of(const struct walker *w)
{
	return profile_field(w->k->profile, w->links)->offset;
}

static int tasklist_keep(struct walker *w, uint64_t addr, uint32_t pid)
{
	return map_put(&w->seen, addr, 1) ||
			       vec_push(&w->tasks, {.addr = addr, .pid = pid})
		       ? ERR_NOMEM
		       : 0;
}

/* Take the task that an end stands at, and go on; false: it is done. */
static bool tasklist_step(struct walker *w, struct end *e,
			  const struct records *r, size_t i, int *rc)
{
	const uint8_t *links = records_bytes(r, i, w->links);
	uint64_t task = e->at - offset_of(w);

	if (!r->ok[i] || le64(links + (e->back ? 0 : 8)) != e->from) {
		tasklist_tear(w, "torn task list", e->at);
		return false;
	}
	if (w->tasks.n == TASKLIST_MAX) {
		tasklist_tear(w, "more tasks than qvmi follows", e->at);
		return false;
	}
	if (map_get(&w->seen, task, NULL))
		return false; /* the other end was here */
	*rc = tasklist_keep(w, task,
			    (uint32_t)records_u64(r, i, FIELD_TASK_PID));
	e->from = e->at;
	e->at = le64(links + (e->back ? 8 : 0));
	return !*rc && e->at != e->head;
}

/* A step of all ends, until none is left. */
static int follow(struct walker *w, struct err *err)
{
	const uint32_t fields[] = {w->links, FIELD_TASK_PID};
	size_t i, left;
	int rc = 0;

	while (w->ends.n && !rc) {
		_cleanup_(records_deinit) struct records r = {0};
		_cleanup_free_ uint64_t *at = calloc(w->ends.n, sizeof(*at));

		if (!at)
			return err_nomem(err);
		for (i = 0; i < w->ends.n; i++)
			at[i] = w->ends.v[i].at - offset_of(w);
		rc = records_read(w->k, at, w->ends.n, fields, 2, &r, err);
		if (rc)
			return rc;
		for (i = left = 0; i < w->ends.n; i++)
			if (tasklist_step(w, &w->ends.v[i], &r, i, &rc))
				w->ends.v[left++] = w->ends.v[i];
		w->ends.n = left;
	}
	return rc ? err_nomem(err) : 0;
}

/* From init_task, which is no process, to both sides. */
static int follow_processes(struct walker *w, struct err *err)
{
	uint8_t links[16];
	uint64_t head;
	bool back;
	int rc;

	w->links = FIELD_TASK_TASKS;
	if (!profile_symbol(w->k->profile, "init_task", &head) ||
	    !profile_field(w->k->profile, w->links)->present)
		return profile_unknown(w->k->profile,
				       "this kernel keeps its tasks in no way "
				       "that qvmi knows (init_pid_ns.idr, "
				       "init_task.tasks)",
				       err);
	head += offset_of(w);
	rc = kernel_read(w->k, head, links, sizeof(links), err);
	if (rc)
		return err_wrap(err, rc, "init_task.tasks");
	for (back = false;; back = true) {
		struct end e = {.head = head,
				.from = head,
				.at = le64(links + (back ? 8 : 0)),
				.back = back};

		if (e.at != head && vec_push(&w->ends, e))
			return err_nomem(err);
		if (back)
			return follow(w, err);
	}
}

/* From every process to its other threads. */
static int follow_threads(struct walker *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_SIGNAL,
					  FIELD_TASK_THREAD_NODE};
	const struct profile_field *head =
		profile_field(w->k->profile, FIELD_SIGNAL_THREAD_HEAD);
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	size_t i, n = w->tasks.n;
	int rc;

	w->links = FIELD_TASK_THREAD_NODE;
	if (!head->present || !profile_field(w->k->profile, w->links)->present)
		return profile_unknown(w->k->profile,
				       "this kernel keeps its threads in no "
				       "way that qvmi knows "
				       "(signal_struct.thread_head)",
				       err);
	addrs = calloc(n + 1, sizeof(*addrs));
	if (!addrs || vec_reserve(&w->ends, n))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = w->tasks.v[i].addr;
	rc = records_read(w->k, addrs, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct end e = {
			.head = records_u64(&r, i, FIELD_TASK_SIGNAL) +
				head->offset,
			.from = addrs[i] + offset_of(w),
			.at = le64(records_bytes(&r, i, w->links)),
		};

		if (!r.ok[i])
			tasklist_tear(w, "torn task list", addrs[i]);
		else if (e.at != e.head)
			w->ends.v[w->ends.n++] = e;
	}
	return rc ? rc : follow(w, err);
}

static int tasklist_by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int tasklist_by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void tasklist_filter(struct task_list *l, const uint32_t *only, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < l->n; i++)
		if (bsearch(&l->v[i].pid, only, n, sizeof(*only),
			    tasklist_by_number))
			l->v[kept++] = l->v[i];
	l->n = kept;
}

int tasklist_read(struct kernel *k, const uint32_t *only, size_t n,
		  bool threads, struct task_list *out, struct err *err)
{
	_cleanup_(walker_deinit) struct walker w = {.k = k, .out = out};
	int rc = follow_processes(&w, err);

	if (!rc && threads)
		rc = follow_threads(&w, err);
	if (rc)
		return rc;
	if (w.tasks.n)
		qsort(w.tasks.v, w.tasks.n, sizeof(*w.tasks.v),
		      tasklist_by_pid);
	out->v = w.tasks.v;
	out->n = w.tasks.n;
	w.tasks.v = NULL;
	if (n)
		tasklist_filter(out, only, n);
	return 0;
}
