/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel stacks: which task's an address is in. */
#include "kernel/stack/task_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STACK = WANTS_OF(READER_TASK_STACK),
	FIELD_TASK_COMM,
	FIELD_RQ_IDLE,
	STRUCT_THREAD_UNION
};

static const struct want want_table[] = {
	FIELD(TASK_STACK, "task_struct", OPTIONAL, "stack"),
	FIELD(TASK_COMM, "task_struct", OPTIONAL, "comm"),
	FIELD(RQ_IDLE, "rq", OPTIONAL, "idle"),
	STRUCT(THREAD_UNION, "thread_union", OPTIONAL),
};

const struct wants task_stack_wants = {
	.reader = "kernel stacks", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t task_fields[] = {FIELD_TASK_STACK, FIELD_TASK_COMM};
static const uint32_t rq_fields[] = {FIELD_RQ_IDLE};

/* THREAD_SIZE is 16 KiB, or 32 of kernels with KASAN. */
#define STACK_LEAST (8u << 10)
#define STACK_MOST  (64u << 10)

uint64_t task_stack_size(const struct kernel *k)
{
	uint64_t size = profile_sizeof(k->profile, STRUCT_THREAD_UNION);
	uint64_t start, end;

	if (!size &&
	    ((profile_symbol(k->profile, "__start_init_stack", &start) &&
	      profile_symbol(k->profile, "__end_init_stack", &end)) ||
	     (profile_symbol(k->profile, "__start_init_task", &start) &&
	      profile_symbol(k->profile, "__end_init_task", &end))))
		size = end - start;
	return size >= STACK_LEAST && size <= STACK_MOST && !(size & (size - 1))
		       ? size
		       : 0;
}

bool task_stacks_known(const struct kernel *k)
{
	return task_stack_size(k) &&
	       profile_field(k->profile, FIELD_TASK_STACK)->present;
}

int task_stacks_read(struct kernel *k, const struct task *tasks, size_t n,
		     uint64_t *starts, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		starts[i] = tasks[i].addr;
	rc = records_read(k, starts, n, task_fields, 1, &rec, err);
	for (i = 0; i < n && !rc; i++)
		starts[i] = records_u64(&rec, i, FIELD_TASK_STACK);
	return rc;
}

/* The idle task of each CPU, in its run queue: no PID leads there. */
static int stack_idle_tasks(struct kernel *k, uint64_t **tasks, size_t *n,
			    struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	uint64_t queues;
	size_t i;
	int rc;

	*n = 0;
	if (!profile_field(k->profile, FIELD_RQ_IDLE)->present ||
	    !profile_symbol(k->profile, "runqueues", &queues))
		return 0;
	rc = percpu_offsets(k, tasks, n, err);
	for (i = 0; i < *n; i++)
		(*tasks)[i] += queues;
	if (!rc)
		rc = records_read(k, *tasks, *n, rq_fields, 1, &rec, err);
	for (i = 0; i < *n && !rc; i++)
		(*tasks)[i] = records_u64(&rec, i, FIELD_RQ_IDLE);
	return rc;
}

/* The number of that task among those that were read; their number: none. */
static size_t stack_find(const struct records *rec, uint64_t va, uint64_t size)
{
	size_t i;

	for (i = 0; i < rec->n; i++)
		if (rec->ok[i] && records_u64(rec, i, FIELD_TASK_STACK) &&
		    va - records_u64(rec, i, FIELD_TASK_STACK) < size)
			break;
	return i;
}

static void stack_fill(const struct records *rec, size_t i,
		       const struct task *t, struct task_stack *out)
{
	uint32_t len = records_size(rec, FIELD_TASK_COMM);
	const uint8_t *comm = records_bytes(rec, i, FIELD_TASK_COMM);

	out->start = records_u64(rec, i, FIELD_TASK_STACK);
	if (t) {
		out->pid = t->pid;
		snprintf(out->comm, sizeof(out->comm), "%s", t->comm);
	} else if (comm) {
		len = len < sizeof(out->comm) ? len : sizeof(out->comm) - 1;
		memcpy(out->comm, comm, len);
	}
}

int task_stack_at(struct kernel *k, uint64_t va, struct task_stack *out,
		  struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list list = {0};
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *idle = NULL;
	_cleanup_free_ uint64_t *tasks = NULL;
	size_t n_idle = 0, i;
	int rc;

	*out = (struct task_stack){.size = task_stack_size(k)};
	if (!task_stacks_known(k))
		return 0;
	rc = task_list_read(k, true, &list, err);
	if (!rc)
		rc = stack_idle_tasks(k, &idle, &n_idle, err);
	if (rc)
		return rc;
	tasks = calloc(list.n + n_idle + 1, sizeof(*tasks));
	if (!tasks)
		return err_nomem(err);
	for (i = 0; i < list.n; i++)
		tasks[i] = list.v[i].addr;
	for (i = 0; i < n_idle; i++)
		tasks[list.n + i] = idle[i];
	rc = records_read(k, tasks, list.n + n_idle, task_fields,
			  WANTS_N(task_fields), &rec, err);
	i = rc ? 0 : stack_find(&rec, va, out->size);
	if (rc || i == rec.n)
		return rc;
	out->task = tasks[i];
	stack_fill(&rec, i, i < list.n ? &list.v[i] : NULL, out);
	return 1;
}
