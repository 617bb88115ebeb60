/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads red-black trees, all of them in step. */
#include "kernel/tree.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_ROOT_NODE = WANTS_OF(READER_TREE),
	FIELD_NODE_LEFT,
	FIELD_NODE_RIGHT
};

static const struct want want_table[] = {
	FIELD(ROOT_NODE, "rb_root", REQUIRED, "rb_node"),
	FIELD(NODE_LEFT, "rb_node", REQUIRED, "rb_left"),
	FIELD(NODE_RIGHT, "rb_node", REQUIRED, "rb_right"),
};

const struct wants tree_wants = {
	.reader = "trees", .v = want_table, .n = WANTS_N(want_table)};

enum side {
	LEFT,
	RIGHT
};

#define NO_NODE SIZE_MAX

/* A node of any of the trees; children are further on in the vector. */
struct tree_node {
	size_t tree;
	uint64_t addr;
	size_t child[2];
};

struct tree_reader {
	struct kernel *k;
	struct tree *trees;
	size_t n;
	VEC(struct tree_node) nodes;
	size_t *first; /* of each tree */
	size_t *count; /* of each tree */
	struct map seen;
};

static void tree_reader_deinit(struct tree_reader *r)
{
	vec_deinit(&r->nodes);
	map_deinit(&r->seen);
	free(r->first);
	free(r->count);
}

static void tree_tear(struct tree *t, uint64_t at)
{
	if (!t->torn)
		t->torn_at = at;
	t->torn = true;
}

/*
 * A node for the next round; *at is its place.  One that is there already would
 * have the walk go round.  A tree may be asked for twice, so a node is known by
 * both; should two of the keys be equal by chance, a tree is torn without need.
 */
static int tree_launch(struct tree_reader *r, size_t tree, uint64_t addr,
		       size_t *at)
{
	struct tree *t = &r->trees[tree];
	struct tree_node node = {tree, addr, {NO_NODE, NO_NODE}};
	uint64_t key = addr + tree * 0x9e3779b97f4a7c15ULL;

	*at = NO_NODE;
	if (!addr)
		return 0;
	if (map_get(&r->seen, key, NULL)) {
		tree_tear(t, addr);
		return 0;
	}
	t->cut |= r->count[tree] == t->most;
	if (r->count[tree] == t->most)
		return 0;
	r->count[tree]++;
	*at = r->nodes.n;
	return map_put(&r->seen, key, 0) || vec_push(&r->nodes, node)
		       ? ERR_NOMEM
		       : 0;
}

static int tree_read_roots(struct tree_reader *r, struct err *err)
{
	static const uint32_t field = FIELD_ROOT_NODE;
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *addrs = calloc(r->n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		addrs[i] = r->trees[i].root;
	rc = records_read(r->k, addrs, r->n, &field, 1, &rec, err);
	for (i = 0; i < r->n && !rc; i++) {
		r->first[i] = NO_NODE;
		if (addrs[i] && !rec.ok[i])
			tree_tear(&r->trees[i], addrs[i]);
		else if (addrs[i] &&
			 tree_launch(r, i, records_u64(&rec, i, field),
				     &r->first[i]))
			rc = err_nomem(err);
	}
	return rc;
}

/* The nodes from `from` on, and their children for the next round. */
static int tree_read_level(struct tree_reader *r, size_t from, struct err *err)
{
	static const uint32_t fields[] = {FIELD_NODE_LEFT, FIELD_NODE_RIGHT};
	size_t i, side, n = r->nodes.n - from;
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = r->nodes.v[from + i].addr;
	rc = records_read(r->k, addrs, n, fields, 2, &rec, err);
	for (i = 0; i < n && !rc; i++) {
		size_t tree = r->nodes.v[from + i].tree;

		if (!rec.ok[i])
			tree_tear(&r->trees[tree], addrs[i]);
		for (side = LEFT; side <= RIGHT && !rc; side++) {
			size_t child;

			if (tree_launch(r, tree,
					records_u64(&rec, i, fields[side]),
					&child))
				rc = err_nomem(err);
			r->nodes.v[from + i].child[side] = child;
		}
	}
	return rc;
}

/* What is deeper than any tree is not looked at. */
static void tree_drop(struct tree_reader *r, size_t from)
{
	size_t i;

	for (i = from; i < r->nodes.n; i++)
		tree_tear(&r->trees[r->nodes.v[i].tree], r->nodes.v[i].addr);
	r->nodes.n = from;
}

/* In order, without recursion: the way down is on a stack. */
static int tree_put_in_order(const struct tree_reader *r, size_t tree)
{
	size_t stack[RBTREE_DEPTH_MAX], depth = 0, at = r->first[tree];
	struct tree *t = &r->trees[tree];

	if (vec_reserve(&t->nodes, r->count[tree] + 1))
		return ERR_NOMEM;
	while (at < r->nodes.n || depth) {
		if (at < r->nodes.n) {
			stack[depth++] = at;
			at = r->nodes.v[at].child[LEFT];
			continue;
		}
		at = stack[--depth];
		t->nodes.v[t->nodes.n++] = r->nodes.v[at].addr;
		at = r->nodes.v[at].child[RIGHT];
	}
	return 0;
}

/* Level by level. */
static int tree_read_nodes(struct tree_reader *r, struct err *err)
{
	size_t depth, from = 0;
	int rc = 0;

	for (depth = 0; !rc && from < r->nodes.n; depth++) {
		size_t end = r->nodes.n;

		if (depth == RBTREE_DEPTH_MAX) {
			tree_drop(r, from);
			break;
		}
		rc = tree_read_level(r, from, err);
		from = end;
	}
	return rc;
}

int trees_read(struct kernel *k, struct tree *trees, size_t n, struct err *err)
{
	_cleanup_(tree_reader_deinit) struct tree_reader r = {
		.k = k,
		.trees = trees,
		.n = n,
		.first = calloc(n + 1, sizeof(*r.first)),
		.count = calloc(n + 1, sizeof(*r.count))};
	size_t i;
	int rc;

	if (!r.first || !r.count)
		return err_nomem(err);
	rc = profile_check_reader(k->profile, READER_TREE, err);
	if (!rc)
		rc = tree_read_roots(&r, err);
	if (!rc)
		rc = tree_read_nodes(&r, err);
	for (i = 0; i < n && !rc; i++)
		if (tree_put_in_order(&r, i))
			rc = err_nomem(err);
	return rc;
}

void tree_deinit(struct tree *t)
{
	vec_deinit(&t->nodes);
}
