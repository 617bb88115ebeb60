/* SPDX-License-Identifier: BSD-2-Clause */
/* Maple trees, walked breadth-first over many trees at once. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/mm/vma_find.h"

/* What is wanted of the types. */
enum {
	FIELD_MAPLE_R64_PIVOT = WANTS_OF(READER_MAPLE),
	FIELD_MAPLE_R64_SLOT,
	FIELD_MAPLE_R64_META_END,
	FIELD_MAPLE_A64_PIVOT,
	FIELD_MAPLE_A64_SLOT,
	FIELD_MAPLE_A64_META_END,
	FIELD_MAPLE_DENSE_SLOT
};

static const struct want want_table[] = {
	FIELD(MAPLE_R64_PIVOT, "maple_range_64", OPTIONAL, "pivot"),
	FIELD(MAPLE_R64_SLOT, "maple_range_64", OPTIONAL, "slot"),
	FIELD(MAPLE_R64_META_END, "maple_range_64", OPTIONAL, "meta.end"),
	FIELD(MAPLE_A64_PIVOT, "maple_arange_64", OPTIONAL, "pivot"),
	FIELD(MAPLE_A64_SLOT, "maple_arange_64", OPTIONAL, "slot"),
	FIELD(MAPLE_A64_META_END, "maple_arange_64", OPTIONAL, "meta.end"),
	FIELD(MAPLE_DENSE_SLOT, "maple_node", OPTIONAL, "slot"),
};

const struct wants maple_wants = {
	.reader = "maple trees", .v = want_table, .n = WANTS_N(want_table)};

/*
 * A node is 256 bytes, 256-aligned; the pointer to it says what it is
 * (docs/facts/kernel.md, "Areas of a process"):
 *
 *   63 ............................ 8 | 7  6 ... 3 | 2         | 1    | 0
 *   address                           | 0  type    | null below | root | 0
 *
 *   type 1 leaf_64, 2 range_64: parent, pivot[15], slot[16]; where the node is
 *           not full, the last slot holds {u8 end, u8 gap}
 *   type 3 arange_64: parent, pivot[9], slot[10], gap[10], {u8 end, u8 gap}
 *   type 0 dense: parent, slot[31], one index each
 *
 * Child i covers [pivot[i - 1] + 1, pivot[i]], the first from the node's own
 * minimum on, the last to its maximum.
 */
#define NODE_SIZE	256
#define NODE_MASK	(~255ULL)
#define XA_IS_INTERNAL	2
#define XA_RESERVED_MAX 4096

enum {
	MAPLE_DENSE,
	MAPLE_LEAF_64,
	MAPLE_RANGE_64,
	MAPLE_ARANGE_64,
	TYPES
};

/* Where this kernel keeps a node type's pivots and slots. */
struct layout {
	uint32_t pivot, slot, end; /* byte offsets in the node */
	unsigned int pivots, slots;
};

/* A node to read, and the range it covers in its tree. */
struct job {
	size_t mm;
	uint64_t entry, min, max;
};

struct jobs {
	VEC(struct job) list;
};

struct maple {
	struct kernel *k;
	const struct mm *mms;
	struct layout layout[TYPES];
	struct vma_finds *out;
	struct vma_list *lists;
	struct vma_budget budget;
};

static void maple_jobs_deinit(struct jobs *j)
{
	vec_deinit(&j->list);
}

static void set_layout(struct kernel *k, struct layout *l, uint32_t pivot,
		       uint32_t slot, uint32_t end)
{
	const struct profile_field *p = profile_field(k->profile, pivot);
	const struct profile_field *s = profile_field(k->profile, slot);
	const struct profile_field *e = profile_field(k->profile, end);

	*l = (struct layout){.pivot = p->offset,
			     .slot = s->offset,
			     .end = e->offset,
			     .pivots = p->size / 8,
			     .slots = s->size / 8};
	/* Never trust a layout that leaves the node. */
	if (!p->present || !s->present || !e->present ||
	    l->pivot + l->pivots * 8 > NODE_SIZE ||
	    l->slot + l->slots * 8 > NODE_SIZE || l->end >= NODE_SIZE ||
	    !l->pivots || l->pivots + 1 < l->slots)
		*l = (struct layout){0};
}

static void set_layouts(struct maple *t)
{
	const struct profile_field *dense =
		profile_field(t->k->profile, FIELD_MAPLE_DENSE_SLOT);

	set_layout(t->k, &t->layout[MAPLE_RANGE_64], FIELD_MAPLE_R64_PIVOT,
		   FIELD_MAPLE_R64_SLOT, FIELD_MAPLE_R64_META_END);
	t->layout[MAPLE_LEAF_64] = t->layout[MAPLE_RANGE_64];
	set_layout(t->k, &t->layout[MAPLE_ARANGE_64], FIELD_MAPLE_A64_PIVOT,
		   FIELD_MAPLE_A64_SLOT, FIELD_MAPLE_A64_META_END);
	if (dense->present && dense->offset + dense->size <= NODE_SIZE)
		t->layout[MAPLE_DENSE] = (struct layout){
			.slot = dense->offset, .slots = dense->size / 8};
}

/* lib/maple_tree.c, ma_data_end(): the index of the last slot in use. */
static unsigned int data_end(const struct layout *l, unsigned int type,
			     const uint8_t *node, uint64_t max)
{
	uint64_t last;

	if (type == MAPLE_DENSE)
		return l->slots - 1;
	if (type == MAPLE_ARANGE_64)
		return node[l->end];
	last = le64(node + l->pivot + (l->pivots - 1) * 8);
	if (!last)
		return node[l->end];
	return last == max ? l->pivots - 1 : l->pivots;
}

/* One slot that covers [lo, hi]. */
static int maple_take_slot(struct maple *t, const struct job *job,
			   unsigned int type, uint64_t slot, uint64_t lo,
			   uint64_t hi, struct jobs *next)
{
	if (!slot)
		return 0;
	if (!vma_budget_take(&t->budget, job->mm, t->lists, job->entry))
		return 0;
	if (type > MAPLE_LEAF_64)
		return vec_push(&next->list, {job->mm, slot, lo, hi});
	/* XA_ZERO_ENTRY and its like, from a fork that failed (>= 6.8) */
	if ((slot & 3) == XA_IS_INTERNAL && slot < XA_RESERVED_MAX)
		return 0;
	return vec_push(&t->out->list, {job->mm, slot, lo, hi});
}

static int maple_take_node(struct maple *t, const struct job *job,
			   const uint8_t *node, struct jobs *next)
{
	unsigned int type = job->entry >> 3 & 15, i, end;
	const struct layout *l = &t->layout[type < TYPES ? type : 0];
	uint64_t lo = job->min, parent = le64(node);

	if (type >= TYPES || !l->slots ||
	    (parent & NODE_MASK) == (job->entry & NODE_MASK)) {
		vma_list_tear(&t->lists[job->mm], "dead or unknown maple node",
			      job->entry & NODE_MASK);
		return 0;
	}
	end = data_end(l, type, node, job->max);
	for (i = 0; i <= end && i < l->slots; i++) {
		uint64_t hi = job->max;

		if (type == MAPLE_DENSE)
			hi = job->min + i;
		else if (i < l->pivots)
			hi = le64(node + l->pivot + i * 8);
		/* none: the last one; but the first of several is index 0 */
		if (!hi && (i || !end))
			hi = job->max;
		if (hi < lo || hi > job->max) {
			vma_list_tear(&t->lists[job->mm],
				      "maple node out of order",
				      job->entry & NODE_MASK);
			return 0;
		}
		if (maple_take_slot(t, job, type, le64(node + l->slot + i * 8),
				    lo, hi, next))
			return ERR_NOMEM;
		if (hi == job->max)
			break;
		lo = hi + 1;
	}
	return 0;
}

/* So many nodes are one batch: more of them would only take memory. */
#define SLICE (1u << 14)

static int maple_read_slice(struct maple *t, const struct job *jobs, size_t n,
			    struct jobs *next, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n, sizeof(*reads));
	_cleanup_free_ uint8_t *nodes = malloc(n * NODE_SIZE);
	size_t i;
	int rc;

	if (!reads || !nodes)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &t->k->root,
					       .va = jobs[i].entry & NODE_MASK,
					       .dst = nodes + i * NODE_SIZE,
					       .len = NODE_SIZE};
	rc = space_read(t->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		if (reads[i].got < NODE_SIZE)
			vma_list_tear(&t->lists[jobs[i].mm],
				      "unreadable maple node", reads[i].va);
		else if (maple_take_node(t, &jobs[i], nodes + i * NODE_SIZE,
					 next))
			rc = err_nomem(err);
	}
	return rc;
}

static int maple_read_level(struct maple *t, const struct jobs *now,
			    struct jobs *next, struct err *err)
{
	size_t i, some;
	int rc = 0;

	for (i = 0; i < now->list.n && !rc; i += some) {
		some = now->list.n - i < SLICE ? now->list.n - i : SLICE;
		rc = maple_read_slice(t, now->list.v + i, some, next, err);
	}
	return rc;
}

/* The root entry: nothing, or a node; an mm never has a single entry. */
static int maple_launch(struct maple *t, size_t mm, struct jobs *jobs)
{
	uint64_t root = t->mms[mm].vma_head;

	if (!root)
		return 0;
	if ((root & 3) != XA_IS_INTERNAL || root <= XA_RESERVED_MAX) {
		vma_list_tear(&t->lists[mm], "unknown maple root", root);
		return 0;
	}
	return vec_push(&jobs->list, {mm, root, 0, UINT64_MAX});
}

static void maple_deinit(struct maple *t)
{
	vma_budget_deinit(&t->budget);
}

int maple_find(struct kernel *k, const struct mm *mms, size_t n,
	       struct vma_finds *out, struct vma_list *lists, struct err *err)
{
	_cleanup_(maple_deinit) struct maple t = {
		.k = k, .mms = mms, .out = out, .lists = lists};
	_cleanup_(maple_jobs_deinit) struct jobs now = {0};
	unsigned int depth;
	size_t i;
	int rc = 0;

	if (vma_budget_init(k, mms, n, &t.budget))
		return err_nomem(err);
	set_layouts(&t);
	for (i = 0; i < n; i++)
		if (mms[i].readable && maple_launch(&t, i, &now))
			return err_nomem(err);
	for (depth = 0; now.list.n && depth < MAPLE_DEPTH_MAX && !rc; depth++) {
		_cleanup_(maple_jobs_deinit) struct jobs old = now;

		now = (struct jobs){0};
		rc = maple_read_level(&t, &old, &now, err);
	}
	for (i = 0; i < now.list.n; i++)
		vma_list_tear(&lists[now.list.v[i].mm], "maple tree too deep",
			      now.list.v[i].entry & NODE_MASK);
	return rc;
}
