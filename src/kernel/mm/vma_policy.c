/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the memory policies of VMAs (__get_vma_policy() of mm/mempolicy.c). */
#include "kernel/mm/vma_policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/mm/shared_policy.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_POLICY = WANTS_OF(READER_VMA_POLICY),
	FIELD_GET_POLICY
};

static const struct want want_table[] = {
	FIELD(TASK_POLICY, "task_struct", REQUIRED, "mempolicy"), /* NUMA */
	FIELD(GET_POLICY, "vm_operations_struct", REQUIRED, "get_policy"),
};

const struct wants vma_policy_wants = {.reader = "policies of mappings",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

#define UNKNOWN 1u /* of vma_policies.v */

struct policy_work {
	struct kernel *k;
	const struct vma_list *lists;
	size_t n;
	struct vma_policies *out;
	uint64_t *task;	    /* of each list, struct mempolicy or 0 */
	uint64_t *addr;	    /* of each VMA; 0: the task's */
	bool *unknown;	    /* of each VMA */
	struct map getters; /* struct vm_operations_struct: get_policy */
	struct shared_asks asks;
};

static void policy_work_deinit(struct policy_work *w)
{
	free(w->task);
	free(w->addr);
	free(w->unknown);
	map_deinit(&w->getters);
	vec_deinit(&w->asks);
}

static int policy_work_init(struct policy_work *w)
{
	size_t i, all = 0;

	w->out->first = calloc(w->n + 1, sizeof(*w->out->first));
	if (!w->out->first)
		return ERR_NOMEM;
	for (i = 0; i < w->n; i++) {
		w->out->first[i] = all;
		all += w->lists[i].n;
	}
	w->out->of = calloc(all + 1, sizeof(*w->out->of));
	w->task = calloc(w->n + 1, sizeof(*w->task));
	w->addr = calloc(all + 1, sizeof(*w->addr));
	w->unknown = calloc(all + 1, sizeof(*w->unknown));
	return w->out->of && w->task && w->addr && w->unknown ? 0 : ERR_NOMEM;
}

static int policy_read_tasks(struct policy_work *w, const struct task *tasks,
			     struct err *err)
{
	static const uint32_t field = FIELD_TASK_POLICY;
	_cleanup_free_ uint64_t *addrs = calloc(w->n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(w->k, addrs, w->n, &field, 1, &r, err);
	for (i = 0; i < w->n && !rc; i++)
		w->task[i] = records_u64(&r, i, field);
	return rc;
}

/* The distinct operations, and the function of each that tells the policy. */
static int policy_read_getters(struct policy_work *w, struct err *err)
{
	static const uint32_t field = FIELD_GET_POLICY;
	_cleanup_(records_deinit) struct records r = {0};
	VEC(uint64_t) ops = {0};
	uint64_t seen;
	size_t i, j;
	int rc = 0;

	for (i = 0; i < w->n && !rc; i++)
		for (j = 0; j < w->lists[i].n && !rc; j++) {
			uint64_t at = w->lists[i].v[j].ops;

			if (!at || map_get(&w->getters, at, &seen))
				continue;
			rc = map_put(&w->getters, at, 0) ? ERR_NOMEM
							 : vec_push(&ops, at);
		}
	rc = rc ? err_nomem(err)
		: records_read(w->k, ops.v, ops.n, &field, 1, &r, err);
	for (i = 0; i < ops.n && !rc; i++)
		if (map_put(&w->getters, ops.v[i],
			    r.ok[i] ? records_u64(&r, i, field) : UINT64_MAX))
			rc = err_nomem(err);
	vec_deinit(&ops);
	return rc;
}

/*
 * Where a VMA's policy is: shm_get_policy() of ipc/shm.c asks what is below it,
 * which is hugetlbfs, that has no such function, or shared memory.
 */
static int policy_place(struct policy_work *w, const struct vma *v, size_t nr)
{
	uint64_t getter = 0, shmem = 0, shm = 0;

	map_get(&w->getters, v->ops, &getter);
	profile_symbol(w->k->profile, "shmem_get_policy", &shmem);
	profile_symbol(w->k->profile, "shm_get_policy", &shm);
	if (!getter || (getter == shm && v->flags & VM_HUGETLB)) {
		w->addr[nr] = v->policy;
		return 0;
	}
	if (getter == shmem || getter == shm)
		return vec_push(
			&w->asks,
			{.vma = nr, .index = v->pgoff, .file = v->file});
	w->unknown[nr] = true;
	return 0;
}

static int policy_places(struct policy_work *w)
{
	size_t i, j, nr = 0;
	int rc = 0;

	for (i = 0; i < w->n && !rc; i++)
		for (j = 0; j < w->lists[i].n && !rc; j++)
			rc = policy_place(w, &w->lists[i].v[j], nr++);
	return rc;
}

static int policy_ask_files(struct policy_work *w, struct err *err)
{
	int rc = shared_policies_read(w->k, &w->asks, err);
	size_t i;

	for (i = 0; i < w->asks.n && !rc; i++) {
		const struct shared_ask *a = &w->asks.v[i];

		w->unknown[a->vma] = a->lost;
		w->addr[a->vma] = a->policy;
	}
	return rc;
}

/* Read the policies at those addresses, after the first two. */
static int policy_read_all(struct policy_work *w, const uint64_t *addrs,
			   size_t n, struct err *err)
{
	struct vma_policies *out = w->out;

	out->v = calloc(n + 2, sizeof(*out->v));
	if (!out->v)
		return err_nomem(err);
	out->n = n + 2;
	out->v[0].known = true;
	return mempolicies_read(w->k, addrs, n, out->v + 2, err);
}

/* Number the distinct ones; more than there may be are not known. */
static int policy_number(struct policy_work *w, size_t list, size_t nr,
			 struct map *numbers, uint64_t *addrs, size_t *n)
{
	uint64_t number = 0, at = w->addr[nr] ? w->addr[nr] : w->task[list];

	w->out->of[nr] = UNKNOWN;
	if (w->unknown[nr])
		return 0;
	if (!at || map_get(numbers, at, &number)) {
		w->out->of[nr] = (uint32_t)number;
		return 0;
	}
	if (*n == MEMPOLICIES_MAX)
		return 0;
	addrs[(*n)++] = at;
	w->out->of[nr] = (uint32_t)*n + 1;
	return map_put(numbers, at, *n + 1);
}

static int policy_settle(struct policy_work *w, struct err *err)
{
	_cleanup_free_ uint64_t *addrs =
		calloc(MEMPOLICIES_MAX, sizeof(*addrs));
	_cleanup_(map_deinit) struct map numbers = {0};
	size_t i, j, nr = 0, n = 0;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->lists[i].n; j++)
			if (policy_number(w, i, nr++, &numbers, addrs, &n))
				return err_nomem(err);
	return policy_read_all(w, addrs, n, err);
}

int vma_policies_read(struct kernel *k, const struct task *tasks,
		      const struct vma_list *lists, size_t n,
		      struct vma_policies *out, struct err *err)
{
	_cleanup_(policy_work_deinit) struct policy_work w = {
		.k = k, .lists = lists, .n = n, .out = out};
	int rc;

	*out = (struct vma_policies){0};
	if (policy_work_init(&w))
		return err_nomem(err);
	rc = policy_read_tasks(&w, tasks, err);
	if (!rc)
		rc = policy_read_getters(&w, err);
	if (!rc && policy_places(&w))
		rc = err_nomem(err);
	if (!rc)
		rc = policy_ask_files(&w, err);
	return rc ? rc : policy_settle(&w, err);
}

void vma_policies_deinit(struct vma_policies *p)
{
	free(p->v);
	free(p->of);
	free(p->first);
	*p = (struct vma_policies){0};
}

const struct mempolicy *vma_policy(const struct vma_policies *p, size_t i,
				   size_t j)
{
	return &p->v[p->of[p->first[i] + j]];
}
