/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks tries of IPv4 routes, all of them in step. */
#include "kernel/net/fib_trie.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TRIE_ROOT = WANTS_OF(READER_FIB_TRIE),
	FIELD_NODE_KEY,
	FIELD_NODE_BITS,
	FIELD_NODE_LEAF
};

static const struct want want_table[] = {
	FIELD(TRIE_ROOT, "trie", REQUIRED, "kv"),
	FIELD(NODE_KEY, "key_vector", REQUIRED, "key"),
	FIELD(NODE_BITS, "key_vector", REQUIRED, "bits"),
	FIELD(NODE_LEAF, "key_vector", REQUIRED, "leaf"),
};

const struct wants fib_trie_wants = {
	.reader = "tries of routes", .v = want_table, .n = WANTS_N(want_table)};

#define TRIE_DEPTH_MAX 33 /* a bit of an address for each level */

struct fib_node {
	size_t trie;
	uint64_t at;
};

struct fib_walk {
	struct kernel *k;
	struct remarks *remarks;
	struct fib_leaves *out;
	VEC(struct fib_node) now, next;
	struct map seen;
	size_t children; /* that were looked at, in all */
};

static void fib_walk_deinit(struct fib_walk *w)
{
	vec_deinit(&w->now);
	vec_deinit(&w->next);
	map_deinit(&w->seen);
}

static int fib_launch(struct fib_walk *w, size_t trie, uint64_t node)
{
	if (!node)
		return 0;
	if (map_get(&w->seen, node, NULL)) {
		remarks_add(w->remarks, "a route is twice, at 0x%" PRIx64,
			    node);
		return 0;
	}
	return map_put(&w->seen, node, 0) ? ERR_NOMEM
					  : vec_push(&w->next, {trie, node});
}

/* The children of some nodes: 1 << bits pointers each. */
struct fib_children {
	struct space_read *reads;
	size_t n;
};

static void fib_children_deinit(struct fib_children *c)
{
	size_t i;

	for (i = 0; c->reads && i < c->n; i++)
		free(c->reads[i].dst);
	free(c->reads);
}

/* Ask for the children of node i; a leaf has none. */
static int fib_ask(struct fib_walk *w, const struct records *r, size_t i,
		   struct fib_children *c)
{
	uint64_t bits = records_u64(r, i, FIELD_NODE_BITS);
	struct space_read *read = &c->reads[i];

	read->root = &w->k->root;
	if (!r->ok[i])
		remarks_add(w->remarks, "a route cannot be read, at 0x%" PRIx64,
			    w->now.v[i].at);
	if (!r->ok[i] || !bits)
		return 0;
	if (bits > 32 || (1ULL << bits) > ROUTES_MAX - w->children) {
		remarks_add(w->remarks,
			    "there are more routes than qvmi reads");
		return 0;
	}
	w->children += 1ULL << bits;
	read->va = w->now.v[i].at +
		   profile_field(w->k->profile, FIELD_NODE_LEAF)->offset;
	read->len = (size_t)8 << bits;
	read->dst = calloc(1, read->len);
	return read->dst ? 0 : ERR_NOMEM;
}

/* A leaf, or the children that a node has. */
static int fib_take(struct fib_walk *w, const struct records *r, size_t i,
		    const struct space_read *read)
{
	size_t trie = w->now.v[i].trie, j;
	int rc = 0;

	if (r->ok[i] && !records_u64(r, i, FIELD_NODE_BITS))
		return vec_push(&w->out->v,
				{trie,
				 (uint32_t)records_u64(r, i, FIELD_NODE_KEY),
				 records_u64(r, i, FIELD_NODE_LEAF)});
	if (read->got < read->len)
		remarks_add(w->remarks, "a route cannot be read, at 0x%" PRIx64,
			    w->now.v[i].at);
	for (j = 0; j < read->got / 8 && !rc; j++)
		rc = fib_launch(w, trie, le64((uint8_t *)read->dst + j * 8));
	return rc;
}

static int fib_read_level(struct fib_walk *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_NODE_KEY, FIELD_NODE_BITS,
					  FIELD_NODE_LEAF};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, n = w->now.n;
	_cleanup_(fib_children_deinit) struct fib_children c = {
		.reads = calloc(n + 1, sizeof(*c.reads)), .n = n};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int rc;

	if (!c.reads || !addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = w->now.v[i].at;
	rc = records_read(w->k, addrs, n, fields, 3, &r, err);
	for (i = 0; i < n && !rc; i++)
		if (fib_ask(w, &r, i, &c))
			rc = err_nomem(err);
	if (!rc)
		rc = space_read(w->k->machine, c.reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (fib_take(w, &r, i, &c.reads[i]))
			rc = err_nomem(err);
	return rc;
}

static int fib_compare(const void *a, const void *b)
{
	const struct fib_leaf *x = a, *y = b;

	if (x->trie != y->trie)
		return x->trie < y->trie ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* The one child of each root. */
static int fib_read_roots(struct fib_walk *w, const uint64_t *tries, size_t n,
			  struct err *err)
{
	uint32_t root = profile_field(w->k->profile, FIELD_TRIE_ROOT)->offset;
	static const uint32_t fields[] = {FIELD_NODE_LEAF};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tries[i] ? tries[i] + root : 0;
	rc = records_read(w->k, addrs, n, fields, 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		if (addrs[i] && !r.ok[i])
			remarks_add(w->remarks,
				    "a table of routes cannot be read, at "
				    "0x%" PRIx64,
				    addrs[i]);
		if (fib_launch(w, i, records_u64(&r, i, FIELD_NODE_LEAF)))
			rc = err_nomem(err);
	}
	return rc;
}

int fib_leaves_read(struct kernel *k, const uint64_t *tries, size_t n,
		    struct fib_leaves *out, struct remarks *remarks,
		    struct err *err)
{
	_cleanup_(fib_walk_deinit) struct fib_walk w = {
		.k = k, .remarks = remarks, .out = out};
	unsigned int depth;
	int rc;

	*out = (struct fib_leaves){0};
	rc = profile_check_reader(k->profile, READER_FIB_TRIE, err);
	if (!rc)
		rc = fib_read_roots(&w, tries, n, err);
	for (depth = 0; w.next.n && depth < TRIE_DEPTH_MAX && !rc; depth++) {
		vec_deinit(&w.now);
		w.now.v = w.next.v;
		w.now.n = w.next.n;
		w.now.cap = w.next.cap;
		memset(&w.next, 0, sizeof(w.next));
		rc = fib_read_level(&w, err);
	}
	if (w.next.n)
		remarks_add(remarks, "a trie of routes is too deep");
	if (out->v.n)
		qsort(out->v.v, out->v.n, sizeof(*out->v.v), fib_compare);
	return rc;
}

void fib_leaves_deinit(struct fib_leaves *l)
{
	vec_deinit(&l->v);
}
