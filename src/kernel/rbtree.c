/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMA red-black trees of Linux up to 6.0, breadth-first. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/records.h"
#include "kernel/vma_find.h"

/* A red-black tree of 2^20 nodes is at most 40 deep. */
#define MAX_DEPTH 64

/* A node to read: vm_area_struct.vm_rb of a VMA of mms[mm]. */
struct job {
	size_t mm;
	uint64_t node;
};

struct jobs {
	VEC(struct job) list;
};

static void jobs_deinit(struct jobs *j)
{
	vec_deinit(&j->list);
}

/* Trees that are walked in step. */
struct trees {
	struct kernel *k;
	struct vma_budget budget;
	struct vma_finds *out;
	struct vma_list *lists;
	struct map *seen; /* the nodes met, per mm: a tree has each once */
	size_t n;
};

static void trees_deinit(struct trees *t)
{
	size_t i;

	for (i = 0; t->seen && i < t->n; i++)
		map_deinit(&t->seen[i]);
	free(t->seen);
	vma_budget_deinit(&t->budget);
}

/* Note a node for the next round. */
static int add(struct trees *t, size_t mm, uint64_t node, struct jobs *next)
{
	if (!node)
		return 0;
	if (map_get(&t->seen[mm], node, NULL)) {
		vma_list_tear(&t->lists[mm], "repeated VMA", node);
		return 0;
	}
	if (!vma_budget_take(&t->budget, mm, t->lists, node))
		return 0;
	if (map_put(&t->seen[mm], node, 0))
		return ERR_NOMEM;
	return vec_push(&next->list, {mm, node});
}

/* The VMA around a node, and its children for the next round. */
static int take_node(struct trees *t, const struct job *job,
		     const struct records *r, size_t i, struct jobs *next)
{
	uint32_t in_vma = profile_field(t->k->profile, FIELD_VMA_RB)->offset;

	if (!r->ok[i]) {
		vma_list_tear(&t->lists[job->mm], "unreadable VMA", job->node);
		return 0;
	}
	if (vec_push(&t->out->list, {job->mm, job->node - in_vma, 0, 0}))
		return ERR_NOMEM;
	if (add(t, job->mm, records_u64(r, i, FIELD_RB_LEFT), next))
		return ERR_NOMEM;
	return add(t, job->mm, records_u64(r, i, FIELD_RB_RIGHT), next);
}

static int read_level(struct trees *t, const struct jobs *now,
		      struct jobs *next, struct err *err)
{
	static const enum field_id fields[] = {FIELD_RB_LEFT, FIELD_RB_RIGHT};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs =
		calloc(now->list.n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < now->list.n; i++)
		addrs[i] = now->list.v[i].node;
	rc = records_read(t->k, addrs, now->list.n, fields, 2, &r, err);
	for (i = 0; i < now->list.n && !rc; i++)
		if (take_node(t, &now->list.v[i], &r, i, next))
			rc = err_nomem(err);
	return rc;
}

int rbtree_find(struct kernel *k, const struct mm *mms, size_t n,
		struct vma_finds *out, struct vma_list *lists, struct err *err)
{
	_cleanup_(trees_deinit) struct trees t = {
		.k = k, .out = out, .lists = lists, .n = n};
	_cleanup_(jobs_deinit) struct jobs now = {0};
	unsigned int depth;
	size_t i;
	int rc = 0;

	if (!profile_field(k->profile, FIELD_VMA_RB)->present ||
	    !profile_field(k->profile, FIELD_RB_LEFT)->present ||
	    !profile_field(k->profile, FIELD_RB_RIGHT)->present)
		return err_set(err, ERR_NO_LINUX,
			       "this kernel keeps VMAs in no way that qvmi "
			       "knows (mm_struct.mm_mt, mm_struct.mm_rb)");
	t.seen = calloc(n + 1, sizeof(*t.seen));
	if (!t.seen || vma_budget_init(k, mms, n, &t.budget))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (mms[i].readable && add(&t, i, mms[i].vma_head, &now))
			return err_nomem(err);
	for (depth = 0; now.list.n && depth < MAX_DEPTH && !rc; depth++) {
		_cleanup_(jobs_deinit) struct jobs old = now;

		now = (struct jobs){0};
		rc = read_level(&t, &old, &now, err);
	}
	for (i = 0; i < now.list.n; i++)
		vma_list_tear(&lists[now.list.v[i].mm], "VMA tree too deep",
			      now.list.v[i].node);
	return rc;
}
