/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads trees of resources. */
#include "kernel/device/resources.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_RESOURCE_START = WANTS_OF(READER_RESOURCES),
	FIELD_RESOURCE_END,
	FIELD_RESOURCE_NAME,
	FIELD_RESOURCE_FLAGS,
	FIELD_RESOURCE_SIBLING,
	FIELD_RESOURCE_CHILD
};

static const struct want want_table[] = {
	FIELD(RESOURCE_START, "resource", REQUIRED, "start"),
	FIELD(RESOURCE_END, "resource", REQUIRED, "end"),
	FIELD(RESOURCE_NAME, "resource", REQUIRED, "name"),
	FIELD(RESOURCE_FLAGS, "resource", OPTIONAL, "flags"),
	FIELD(RESOURCE_SIBLING, "resource", REQUIRED, "sibling"),
	FIELD(RESOURCE_CHILD, "resource", REQUIRED, "child"),
};

const struct wants resources_wants = {
	.reader = "resources", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t resource_fields[] = {
	FIELD_RESOURCE_START, FIELD_RESOURCE_END,     FIELD_RESOURCE_NAME,
	FIELD_RESOURCE_FLAGS, FIELD_RESOURCE_SIBLING, FIELD_RESOURCE_CHILD,
};

#define NOTHING SIZE_MAX

/*
 *   root -child-> a -sibling-> b -sibling-> c
 *                              |child
 *                              d -sibling-> e
 *
 * Each is read when the one that leads to it was, all of one round at once:
 * a; b; c and d; e.
 */
struct resource_node {
	struct resource r;
	uint64_t name;
	size_t parent, child, sibling; /* indices */
	size_t listed;		       /* its number in the list */
};

struct resource_tree {
	struct kernel *k;
	VEC(struct resource_node) nodes;
	struct map seen;
	struct remarks *remarks;
};

static void resource_tree_deinit(struct resource_tree *t)
{
	vec_deinit(&t->nodes);
	map_deinit(&t->seen);
}

/* A node to be read, which lies in another; *index is its number, or NOTHING.
 */
static int resource_tree_push(struct resource_tree *t, uint64_t addr,
			      size_t parent, size_t *index)
{
	uint32_t depth = 0;

	*index = NOTHING;
	if (!addr)
		return 0;
	if (map_get(&t->seen, addr, NULL) || t->nodes.n >= RESOURCES_MAX) {
		remarks_add(t->remarks,
			    "resources lead in a circle, or are too many, at "
			    "0x%" PRIx64,
			    addr);
		return 0;
	}
	/* the root is number 0 */
	if (parent != NOTHING && parent)
		depth = t->nodes.v[parent].r.depth + 1;
	*index = t->nodes.n;
	if (map_put(&t->seen, addr, 1))
		return ERR_NOMEM;
	return vec_push(&t->nodes, {.r = {.addr = addr, .depth = depth},
				    .parent = parent,
				    .child = NOTHING,
				    .sibling = NOTHING,
				    .listed = RESOURCE_NO_PARENT});
}

static int resource_tree_take(struct resource_tree *t, size_t i,
			      const struct records *rec, size_t at)
{
	struct resource_node *n = &t->nodes.v[i];
	size_t parent = n->parent, child, sibling;

	if (!rec->ok[at]) {
		remarks_add(t->remarks,
			    "the resource at 0x%" PRIx64 " cannot be read",
			    n->r.addr);
		return 0;
	}
	n->r.start = records_u64(rec, at, FIELD_RESOURCE_START);
	n->r.end = records_u64(rec, at, FIELD_RESOURCE_END);
	n->r.flags = records_u64(rec, at, FIELD_RESOURCE_FLAGS);
	n->name = records_u64(rec, at, FIELD_RESOURCE_NAME);
	/* the root has no siblings */
	if (resource_tree_push(t, records_u64(rec, at, FIELD_RESOURCE_CHILD), i,
			       &child) ||
	    resource_tree_push(
		    t, i ? records_u64(rec, at, FIELD_RESOURCE_SIBLING) : 0,
		    parent, &sibling))
		return ERR_NOMEM;
	t->nodes.v[i].child = child;
	t->nodes.v[i].sibling = sibling;
	return 0;
}

/* Those from number `from` on. */
static int resource_tree_read(struct resource_tree *t, size_t from,
			      struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	size_t n = t->nodes.n - from, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = t->nodes.v[from + i].r.addr;
	rc = records_read(t->k, at, n, resource_fields,
			  WANTS_N(resource_fields), &rec, err);
	for (i = 0; i < n && !rc; i++)
		if (resource_tree_take(t, from + i, &rec, i))
			rc = err_nomem(err);
	return rc;
}

/* In the order in which they are shown; the root is not in the list. */
static int resource_tree_list(struct resource_tree *t, struct resources *out)
{
	VEC(size_t) later = {0};
	size_t i = t->nodes.v[0].child;
	int rc = 0;

	while (!rc) {
		if (i == NOTHING) {
			if (!later.n)
				break;
			i = later.v[--later.n];
			continue;
		}
		t->nodes.v[i].listed = out->list.n;
		t->nodes.v[i].r.parent =
			t->nodes.v[t->nodes.v[i].parent].listed;
		rc = vec_push(&out->list, t->nodes.v[i].r);
		if (!rc && t->nodes.v[i].sibling != NOTHING)
			rc = vec_push(&later, t->nodes.v[i].sibling);
		i = t->nodes.v[i].child;
	}
	vec_deinit(&later);
	return rc;
}

static int resource_tree_read_names(struct resource_tree *t, struct err *err)
{
	size_t n = t->nodes.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));

	if (!at || !to)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		at[i] = t->nodes.v[i].name;
		to[i] = t->nodes.v[i].r.name;
	}
	return records_strings(t->k, at, n, RESOURCE_NAME, to, NULL, err);
}

int resources_read(struct kernel *k, const char *root, struct resources *out,
		   struct remarks *remarks, struct err *err)
{
	_cleanup_(resource_tree_deinit) struct resource_tree t = {
		.k = k, .remarks = remarks};
	size_t from = 0, end, index;
	uint64_t va;
	int rc = profile_check_reader(k->profile, READER_RESOURCES, err);

	if (rc)
		return rc;
	if (!profile_symbol(k->profile, root, &va))
		return err_set(err, ERR_NOT_FOUND,
			       "this kernel has no symbol %s", root);
	if (resource_tree_push(&t, va, NOTHING, &index))
		return err_nomem(err);
	for (; from < t.nodes.n && !rc; from = end) {
		end = t.nodes.n;
		rc = resource_tree_read(&t, from, err);
	}
	if (!rc)
		rc = resource_tree_read_names(&t, err);
	if (rc)
		return rc;
	out->end = t.nodes.v[0].r.end;
	return resource_tree_list(&t, out) ? err_nomem(err) : 0;
}

void resources_deinit(struct resources *r)
{
	vec_deinit(&r->list);
}
