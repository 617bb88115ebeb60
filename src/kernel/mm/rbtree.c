/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMA red-black trees of Linux up to 6.0, breadth-first. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/mm/vma_find.h"

/* What is wanted of the types. */
enum {
	FIELD_RB_LEFT = WANTS_OF(READER_RBTREE),
	FIELD_RB_RIGHT,
	FIELD_VMA_RB
};

static const struct want want_table[] = {
	FIELD(RB_LEFT, "rb_node", OPTIONAL, "rb_left"),
	FIELD(RB_RIGHT, "rb_node", OPTIONAL, "rb_right"),
	FIELD(VMA_RB, "vm_area_struct", OPTIONAL, "vm_rb"), /* up to 6.0 */
};

const struct wants rbtree_wants = {
	.reader = "red-black trees", .v = want_table, .n = WANTS_N(want_table)};

/* A node to read: vm_area_struct.vm_rb of a VMA of mms[mm]. */
struct job {
	size_t mm;
	uint64_t node;
};

struct jobs {
	VEC(struct job) list;
};

/* The walk over all trees. */
struct trees {
	struct kernel *k;
	struct map seen; /* nodes, see launch() */
	struct vma_budget budget;
	struct vma_finds *out;
	struct vma_list *lists;
};

static void rbtree_jobs_deinit(struct jobs *j)
{
	vec_deinit(&j->list);
}

static void trees_deinit(struct trees *t)
{
	map_deinit(&t->seen);
	vma_budget_deinit(&t->budget);
}

/*
 * A node for the next round.  One that leads back to itself would double with
 * every level.  Processes may share an mm, so a node is known by both; should
 * two of the keys be equal by chance, a list is torn without need.
 */
static int rbtree_launch(struct trees *t, struct jobs *next, size_t mm,
			 uint64_t node)
{
	uint64_t key = node + mm * 0x9e3779b97f4a7c15ULL;

	if (map_get(&t->seen, key, NULL)) {
		vma_list_tear(&t->lists[mm], "VMA twice in its tree", node);
		return 0;
	}
	if (!vma_budget_take(&t->budget, mm, t->lists, node))
		return 0;
	if (map_put(&t->seen, key, 0))
		return ERR_NOMEM;
	return vec_push(&next->list, {mm, node});
}

/* Note the VMA around each node, and its children for the next round. */
static int rbtree_read_level(struct trees *t, const struct jobs *now,
			     struct jobs *next, struct err *err)
{
	static const uint32_t fields[] = {FIELD_RB_LEFT, FIELD_RB_RIGHT};
	uint32_t in_vma = profile_field(t->k->profile, FIELD_VMA_RB)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs =
		calloc(now->list.n + 1, sizeof(*addrs));
	size_t i, c;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < now->list.n; i++)
		addrs[i] = now->list.v[i].node;
	rc = records_read(t->k, addrs, now->list.n, fields, 2, &r, err);
	for (i = 0; i < now->list.n && !rc; i++) {
		size_t mm = now->list.v[i].mm;

		if (!r.ok[i]) {
			vma_list_tear(&t->lists[mm], "unreadable VMA",
				      addrs[i]);
			continue;
		}
		if (vec_push(&t->out->list, {mm, addrs[i] - in_vma, 0, 0}))
			return err_nomem(err);
		for (c = 0; c < 2; c++) {
			uint64_t child = records_u64(&r, i, fields[c]);

			if (child && rbtree_launch(t, next, mm, child))
				return err_nomem(err);
		}
	}
	return rc;
}

int rbtree_find(struct kernel *k, const struct mm *mms, size_t n,
		struct vma_finds *out, struct vma_list *lists, struct err *err)
{
	_cleanup_(trees_deinit) struct trees t = {
		.k = k, .out = out, .lists = lists};
	_cleanup_(rbtree_jobs_deinit) struct jobs now = {0};
	unsigned int depth;
	size_t i;
	int rc = 0;

	if (!profile_field(k->profile, FIELD_VMA_RB)->present ||
	    !profile_field(k->profile, FIELD_RB_LEFT)->present ||
	    !profile_field(k->profile, FIELD_RB_RIGHT)->present)
		return profile_unknown(k->profile,
				       "this kernel keeps VMAs in no way that "
				       "qvmi knows (mm_struct.mm_mt, "
				       "mm_struct.mm_rb)",
				       err);
	if (vma_budget_init(k, mms, n, &t.budget))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (mms[i].readable && mms[i].vma_head &&
		    rbtree_launch(&t, &now, i, mms[i].vma_head))
			return err_nomem(err);
	for (depth = 0; now.list.n && depth < RBTREE_DEPTH_MAX && !rc;
	     depth++) {
		_cleanup_(rbtree_jobs_deinit) struct jobs old = now;

		now = (struct jobs){0};
		rc = rbtree_read_level(&t, &old, &now, err);
	}
	for (i = 0; i < now.list.n; i++)
		vma_list_tear(&lists[now.list.v[i].mm], "VMA tree too deep",
			      now.list.v[i].node);
	return rc;
}
