/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks xarrays breadth-first. */
#include "kernel/xarray.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_XA_NODE_SHIFT = WANTS_OF(READER_XARRAY),
	FIELD_XA_NODE_SLOTS,
	STRUCT_XA_NODE
};

static const struct want want_table[] = {
	FIELD(XA_NODE_SHIFT, "xa_node|radix_tree_node", OPTIONAL, "shift"),
	FIELD(XA_NODE_SLOTS, "xa_node|radix_tree_node", OPTIONAL, "slots"),
	STRUCT(XA_NODE, "xa_node|radix_tree_node", OPTIONAL),
};

const struct wants xarray_wants = {
	.reader = "xarrays", .v = want_table, .n = WANTS_N(want_table)};

#define XA_CHUNK_SHIFT 6
#define XA_CHUNK       64u
#define XA_SHIFT_MAX   60 /* of 64 bits of an index */

/* So many nodes are one batch: more of them would only take memory. */
#define SLICE (1u << 14)

/* A node to read: from which index on, and the shift it must have. */
struct xarray_node {
	size_t of;
	uint64_t addr, base;
	int shift; /* -1: the top one's, any */
};

struct xarray_nodes {
	VEC(struct xarray_node) list;
};

struct xarray_walk {
	struct kernel *k;
	const struct xarray *arrays;
	struct xarray_entries *out;
	size_t room;	 /* for nodes, in the guest's memory */
	struct map seen; /* nodes: each has one place */
};

static void xarray_nodes_deinit(struct xarray_nodes *n)
{
	vec_deinit(&n->list);
}

static void xarray_walk_deinit(struct xarray_walk *w)
{
	map_deinit(&w->seen);
}

void xarray_entries_deinit(struct xarray_entries *entries)
{
	vec_deinit(&entries->list);
}

bool xarrays_known(const struct kernel *k)
{
	const struct profile_field *slots =
		profile_field(k->profile, FIELD_XA_NODE_SLOTS);

	return slots->present && slots->size == XA_CHUNK * 8;
}

static void xarray_tear(struct xarray_walk *w, uint64_t addr)
{
	if (!w->out->torn)
		w->out->torn_at = addr;
	w->out->torn = true;
}

/* Pointers to nodes carry 2 in the low bits; below are marks. */
static bool is_node(uint64_t entry)
{
	return (entry & 3) == 2 && entry > 4096;
}

/* Whether any index of [first, last] is wanted. */
static bool wants_some(const struct xarray *a, uint64_t first, uint64_t last)
{
	size_t lo = 0, hi = a->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (a->ranges[mid].last < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->n && a->ranges[lo].first <= last;
}

/* A node for the next round, unless it is one too many, or there already. */
static int xarray_launch(struct xarray_walk *w, struct xarray_nodes *next,
			 struct xarray_node node)
{
	if (w->seen.n >= w->room || map_get(&w->seen, node.addr, NULL)) {
		xarray_tear(w, node.addr);
		return 0;
	}
	if (map_put(&w->seen, node.addr, 0))
		return ERR_NOMEM;
	return vec_push(&next->list, node);
}

/* How many slots behind slot s say that they are its siblings. */
static unsigned int siblings(const uint8_t *slots, unsigned int s)
{
	unsigned int i = s + 1;

	while (i < XA_CHUNK && le64(slots + i * 8) == (s << 2 | 2))
		i++;
	return i - s - 1;
}

/* One slot that is no sibling: a node, an entry of 1 + more slots, or none. */
static int xarray_take_slot(struct xarray_walk *w, struct xarray_nodes *next,
			    const struct xarray_node *node, unsigned int s,
			    uint64_t entry, unsigned int more)
{
	uint64_t first = node->base + ((uint64_t)s << node->shift);
	uint64_t last = first + ((1ULL + more) << node->shift) - 1;

	if (!wants_some(&w->arrays[node->of], first, last))
		return 0;
	if (is_node(entry) && node->shift)
		return xarray_launch(
			w, next,
			(struct xarray_node){node->of, entry - 2, first,
					     node->shift - XA_CHUNK_SHIFT});
	if ((entry & 3) == 2) {
		xarray_tear(w, node->addr);
		return 0;
	}
	return vec_push(&w->out->list, {node->of, first, last, entry});
}

static int xarray_take_node(struct xarray_walk *w, struct xarray_nodes *next,
			    struct xarray_node node, const struct records *r,
			    size_t i)
{
	int shift = (int)records_u64(r, i, FIELD_XA_NODE_SHIFT);
	const uint8_t *slots = records_bytes(r, i, FIELD_XA_NODE_SLOTS);
	unsigned int s, more, end = XA_CHUNK;

	if (!r->ok[i] || shift % XA_CHUNK_SHIFT || shift > XA_SHIFT_MAX ||
	    (node.shift >= 0 && shift != node.shift)) {
		xarray_tear(w, node.addr);
		return 0;
	}
	node.shift = shift;
	if (shift == XA_SHIFT_MAX)
		end = 1u << (64 - XA_SHIFT_MAX);
	for (s = 0; s < end; s += 1 + more) {
		uint64_t entry = le64(slots + s * 8);

		more = entry ? siblings(slots, s) : 0;
		if (entry && s + more < end &&
		    xarray_take_slot(w, next, &node, s, entry, more))
			return ERR_NOMEM;
	}
	return 0;
}

static int xarray_read_slice(struct xarray_walk *w,
			     const struct xarray_node *nodes, size_t n,
			     struct xarray_nodes *next, struct err *err)
{
	static const uint32_t fields[] = {FIELD_XA_NODE_SHIFT,
					  FIELD_XA_NODE_SLOTS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = nodes[i].addr;
	rc = records_read(w->k, addrs, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++)
		if (xarray_take_node(w, next, nodes[i], &r, i))
			rc = err_nomem(err);
	return rc;
}

static int xarray_read_level(struct xarray_walk *w,
			     const struct xarray_nodes *now,
			     struct xarray_nodes *next, struct err *err)
{
	size_t i, some, n = now->list.n;
	int rc = 0;

	for (i = 0; i < n && !rc; i += some) {
		some = n - i < SLICE ? n - i : SLICE;
		rc = xarray_read_slice(w, now->list.v + i, some, next, err);
	}
	return rc;
}

/* What heads lead to: a node, or the one entry, of index 0. */
static int xarray_take_heads(struct xarray_walk *w, size_t n,
			     struct xarray_nodes *now)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < n && !rc; i++) {
		uint64_t head = w->arrays[i].head;

		if (!w->arrays[i].n || !head)
			continue;
		if (is_node(head))
			rc = xarray_launch(
				w, now,
				(struct xarray_node){i, head - 2, 0, -1});
		else if ((head & 3) == 2)
			xarray_tear(w, head);
		else if (wants_some(&w->arrays[i], 0, 0))
			rc = vec_push(&w->out->list, {i, 0, 0, head});
	}
	return rc;
}

static int by_array_index(const void *a, const void *b)
{
	const struct xarray_entry *x = a, *y = b;

	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Those of one level are in order already, unless there are several arrays. */
static void xarray_order(struct xarray_entries *entries)
{
	const struct xarray_entry *v = entries->list.v;
	size_t i;

	for (i = 1; i < entries->list.n; i++)
		if (by_array_index(&v[i - 1], &v[i]) > 0)
			break;
	if (i < entries->list.n)
		qsort(entries->list.v, entries->list.n, sizeof(*v),
		      by_array_index);
}

size_t xarray_entries_seek(const struct xarray_entries *entries, size_t of,
			   uint64_t index)
{
	size_t lo = 0, hi = entries->list.n, mid;

	while (lo < hi) {
		const struct xarray_entry *e;

		mid = lo + (hi - lo) / 2;
		e = &entries->list.v[mid];
		if (e->of < of || (e->of == of && e->last < index))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct xarray_entry *xarray_entry_at(const struct xarray_entries *entries,
					   size_t of, uint64_t index)
{
	size_t i = xarray_entries_seek(entries, of, index);
	const struct xarray_entry *e;

	if (i == entries->list.n)
		return NULL;
	e = &entries->list.v[i];
	return e->of == of && e->first <= index ? e : NULL;
}

int xarrays_read(struct kernel *k, const struct xarray *arrays, size_t n,
		 size_t most, struct xarray_entries *out, struct err *err)
{
	size_t room =
		kernel_room(k, profile_sizeof(k->profile, STRUCT_XA_NODE));
	_cleanup_(xarray_walk_deinit) struct xarray_walk w = {
		.k = k,
		.arrays = arrays,
		.out = out,
		.room = room < most ? room : most};
	_cleanup_(xarray_nodes_deinit) struct xarray_nodes now = {0};
	int rc = 0;

	*out = (struct xarray_entries){0};
	if (xarray_take_heads(&w, n, &now))
		return err_nomem(err);
	while (now.list.n && !rc) {
		_cleanup_(xarray_nodes_deinit) struct xarray_nodes old = now;

		now = (struct xarray_nodes){0};
		rc = xarray_read_level(&w, &old, &now, err);
	}
	xarray_order(out);
	return rc;
}
