/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the mounts of namespaces: by lists up to 6.7, later by trees. */
#include "kernel/fs/mounts_find.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NS_TREE = WANTS_OF(READER_MOUNTS_FIND),
	FIELD_NS_LIST,
	FIELD_MOUNT_NODE,
	FIELD_MOUNT_LIST,
	FIELD_RB_LEFT,
	FIELD_RB_RIGHT,
	STRUCT_MOUNT
};

static const struct want want_table[] = {
	FIELD(NS_TREE, "mnt_namespace", OPTIONAL, "mounts.rb_node"), /* 6.8 */
	FIELD(NS_LIST, "mnt_namespace", OPTIONAL, "list"), /* up to 6.7 */
	FIELD(MOUNT_NODE, "mount", OPTIONAL, "mnt_node"),
	FIELD(MOUNT_LIST, "mount", OPTIONAL, "mnt_list"),
	FIELD(RB_LEFT, "rb_node", OPTIONAL, "rb_left"),
	FIELD(RB_RIGHT, "rb_node", OPTIONAL, "rb_right"),
	STRUCT(MOUNT, "mount", OPTIONAL),
};

const struct wants mounts_find_wants = {.reader = "mounts of namespaces",
					.v = want_table,
					.n = WANTS_N(want_table)};

static int mounts_add(struct mount_space *s, uint64_t addr)
{
	if (vec_reserve(&s->v, 1))
		return ERR_NOMEM;
	s->v.v[s->v.n++] = (struct mount_info){.addr = addr};
	return 0;
}

static int mounts_by_lists(struct kernel *k, struct mount_space *spaces,
			   size_t n, struct err *err)
{
	uint32_t in_ns = profile_field(k->profile, FIELD_NS_LIST)->offset;
	uint32_t in_mount = profile_field(k->profile, FIELD_MOUNT_LIST)->offset;
	_cleanup_free_ struct list *lists = calloc(n + 1, sizeof(*lists));
	size_t i, j;
	int rc;

	if (!lists)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		lists[i] = (struct list){.head = spaces[i].addr + in_ns,
					 .most = MOUNTS_MAX};
	rc = lists_read(k, lists, n, err);
	for (i = 0; i < n; i++) {
		for (j = 0; j < lists[i].links.n && !rc; j++)
			if (mounts_add(&spaces[i],
				       lists[i].links.v[j] - in_mount))
				rc = err_nomem(err);
		spaces[i].cut = lists[i].cut;
		spaces[i].torn = lists[i].torn;
		spaces[i].torn_at = lists[i].torn_at;
		list_deinit(&lists[i]);
	}
	return rc;
}

/* A node to read, of a space. */
struct mount_node {
	size_t space;
	uint64_t addr;
};

struct mount_nodes {
	VEC(struct mount_node) list;
};

static void mount_nodes_deinit(struct mount_nodes *n)
{
	vec_deinit(&n->list);
}

struct mount_trees {
	struct kernel *k;
	struct mount_space *spaces;
	struct map seen;
	size_t left; /* nodes that may still be read */
};

static void mount_trees_deinit(struct mount_trees *t)
{
	map_deinit(&t->seen);
}

/* A node for the next level; a mount is in one namespace, and once. */
static int mount_launch(struct mount_trees *t, struct mount_nodes *next,
			size_t space, uint64_t node)
{
	struct mount_space *s = &t->spaces[space];

	if (!node)
		return 0;
	if (map_get(&t->seen, node, NULL)) {
		s->torn = true;
		s->torn_at = node;
		return 0;
	}
	if (!t->left) {
		s->cut = true;
		return 0;
	}
	t->left--;
	return map_put(&t->seen, node, 0)
		       ? ERR_NOMEM
		       : vec_push(&next->list, {space, node});
}

static int mount_read_level(struct mount_trees *t,
			    const struct mount_nodes *now,
			    struct mount_nodes *next, struct err *err)
{
	static const uint32_t fields[] = {FIELD_RB_LEFT, FIELD_RB_RIGHT};
	uint32_t in_mount =
		profile_field(t->k->profile, FIELD_MOUNT_NODE)->offset;
	size_t n = now->list.n, i, c;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = now->list.v[i].addr;
	rc = records_read(t->k, addrs, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		size_t space = now->list.v[i].space;

		if (!r.ok[i]) {
			t->spaces[space].torn = true;
			t->spaces[space].torn_at = addrs[i];
			continue;
		}
		if (mounts_add(&t->spaces[space], addrs[i] - in_mount))
			return err_nomem(err);
		for (c = 0; c < 2; c++)
			if (mount_launch(t, next, space,
					 records_u64(&r, i, fields[c])))
				return err_nomem(err);
	}
	return rc;
}

static int mounts_by_trees(struct kernel *k, struct mount_space *spaces,
			   size_t n, struct err *err)
{
	static const uint32_t root = FIELD_NS_TREE;
	size_t room = kernel_room(k, profile_sizeof(k->profile, STRUCT_MOUNT));
	_cleanup_(mount_trees_deinit) struct mount_trees t = {
		.k = k,
		.spaces = spaces,
		.left = room < MOUNTS_MAX ? room : MOUNTS_MAX};
	_cleanup_(mount_nodes_deinit) struct mount_nodes now = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = spaces[i].addr;
	rc = records_read(k, addrs, n, &root, 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		spaces[i].torn = !r.ok[i];
		spaces[i].torn_at = addrs[i];
		if (mount_launch(&t, &now, i, records_u64(&r, i, root)))
			rc = err_nomem(err);
	}
	while (now.list.n && !rc) {
		_cleanup_(mount_nodes_deinit) struct mount_nodes old = now;

		now = (struct mount_nodes){0};
		rc = mount_read_level(&t, &old, &now, err);
	}
	return rc;
}

int mounts_find(struct kernel *k, struct mount_space *spaces, size_t n,
		bool *ordered, struct err *err)
{
	const struct profile *p = k->profile;

	*ordered = false;
	if (profile_field(p, FIELD_NS_TREE)->present &&
	    profile_field(p, FIELD_MOUNT_NODE)->present)
		return mounts_by_trees(k, spaces, n, err);
	*ordered = true;
	if (profile_field(p, FIELD_NS_LIST)->present &&
	    profile_field(p, FIELD_MOUNT_LIST)->present)
		return mounts_by_lists(k, spaces, n, err);
	return profile_unknown(p,
			       "this kernel keeps mounts in no way that qvmi "
			       "knows (mnt_namespace.mounts, "
			       "mnt_namespace.list)",
			       err);
}
