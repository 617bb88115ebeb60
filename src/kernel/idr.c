/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks the PID table breadth-first. */
#include "kernel/idr.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PIDNS_IDR = WANTS_OF(READER_IDR),
	FIELD_XA_NODE_SHIFT,
	FIELD_XA_NODE_SLOTS
};

static const struct want want_table[] = {
	FIELD(PIDNS_IDR, "pid_namespace", OPTIONAL,
	      "idr.idr_rt.xa_head"), /* 4.20 */
	FIELD(XA_NODE_SHIFT, "xa_node|radix_tree_node", OPTIONAL, "shift"),
	FIELD(XA_NODE_SLOTS, "xa_node|radix_tree_node", OPTIONAL, "slots"),
};

const struct wants idr_wants = {
	.reader = "tables of PIDs", .v = want_table, .n = WANTS_N(want_table)};

#define XA_CHUNK_SHIFT 6
#define XA_CHUNK       64
#define MAX_NODES      (65536 + 1024 + 16 + 1) /* of PID_MAX_LIMIT numbers */

/* A node to read: which numbers it covers, and the shift it must have. */
struct node {
	uint64_t addr, base;
	int shift; /* -1: the head's, any */
};

struct nodes {
	VEC(struct node) list;
};

/* The walk: `only` those numbers, or, where n_only is 0, all of them. */
struct table {
	struct kernel *k;
	struct idr *out;
	const uint32_t *only;
	size_t n_only;
	struct map seen; /* nodes: each has one place in the table */
};

static void nodes_deinit(struct nodes *n)
{
	vec_deinit(&n->list);
}

static void idr_table_deinit(struct table *t)
{
	map_deinit(&t->seen);
}

void idr_deinit(struct idr *idr)
{
	vec_deinit(&idr->entries);
}

static void idr_tear(struct idr *idr, uint64_t addr)
{
	if (!idr->torn)
		idr->torn_at = addr;
	idr->torn = true;
}

/* A node for the next round, unless it is one too many, or there already. */
static int idr_launch(struct table *t, struct nodes *next, struct node node)
{
	if (t->seen.n >= MAX_NODES || map_get(&t->seen, node.addr, NULL)) {
		idr_tear(t->out, node.addr);
		return 0;
	}
	if (map_put(&t->seen, node.addr, 0))
		return ERR_NOMEM;
	return vec_push(&next->list, node);
}

/*
 * One slot: pointers to nodes carry 2 in the low bits, pointers to entries 0
 * (docs/facts/kernel.md, "Tasks"); everything else is empty or a marker.
 */
static int idr_take_slot(struct table *t, struct nodes *next, uint64_t entry,
			 uint64_t nr, int shift)
{
	if (!entry)
		return 0;
	if (nr >= PID_MAX_LIMIT) {
		idr_tear(t->out, entry);
		return 0;
	}
	if ((entry & 3) == 2 && entry > 4096 && shift > 0)
		return idr_launch(
			t, next,
			(struct node){entry - 2, nr, shift - XA_CHUNK_SHIFT});
	if ((entry & 3) || shift != 0 || !kernel_pointer(t->k, entry)) {
		idr_tear(t->out, entry);
		return 0;
	}
	return vec_push(&t->out->entries, {(uint32_t)nr, entry});
}

/* Whether any of the `span` numbers from nr on is wanted. */
static bool wants_some(const struct table *t, uint64_t nr, uint64_t span)
{
	size_t lo = 0, hi = t->n_only, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->only[mid] < nr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return !t->n_only || (lo < t->n_only && t->only[lo] < nr + span);
}

static int idr_take_node(struct table *t, struct nodes *next,
			 const struct node *node, const struct records *r,
			 size_t i)
{
	int shift = (int)records_u64(r, i, FIELD_XA_NODE_SHIFT);
	const uint8_t *slots = records_bytes(r, i, FIELD_XA_NODE_SLOTS);
	unsigned int s;

	if (!r->ok[i] || shift % XA_CHUNK_SHIFT || shift > 18 ||
	    (node->shift >= 0 && shift != node->shift)) {
		idr_tear(t->out, node->addr);
		return 0;
	}
	for (s = 0; s < XA_CHUNK; s++) {
		uint64_t nr = node->base + ((uint64_t)s << shift);

		if (!wants_some(t, nr, 1ULL << shift))
			continue;
		if (idr_take_slot(t, next, le64(slots + s * 8), nr, shift))
			return ERR_NOMEM;
	}
	return 0;
}

static int idr_read_level(struct table *t, const struct nodes *now,
			  struct nodes *next, struct err *err)
{
	static const uint32_t fields[] = {FIELD_XA_NODE_SHIFT,
					  FIELD_XA_NODE_SLOTS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs =
		calloc(now->list.n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < now->list.n; i++)
		addrs[i] = now->list.v[i].addr;
	rc = records_read(t->k, addrs, now->list.n, fields, 2, &r, err);
	for (i = 0; i < now->list.n && !rc; i++)
		if (idr_take_node(t, next, &now->list.v[i], &r, i))
			rc = err_nomem(err);
	return rc;
}

static int idr_read_head(struct kernel *k, uint64_t *head, struct err *err)
{
	const struct profile_field *idr =
		profile_field(k->profile, FIELD_PIDNS_IDR);
	const struct profile_field *slots =
		profile_field(k->profile, FIELD_XA_NODE_SLOTS);
	uint8_t bytes[8];
	uint64_t ns;
	int rc;

	if (!profile_symbol(k->profile, "init_pid_ns", &ns) || !idr->present ||
	    slots->size != XA_CHUNK * 8)
		return profile_unknown(k->profile,
				       "this kernel keeps its PIDs in no way "
				       "that qvmi knows (init_pid_ns.idr)",
				       err);
	rc = kernel_read(k, ns + idr->offset, bytes, sizeof(bytes), err);
	if (rc)
		return err_wrap(err, rc, "init_pid_ns");
	*head = le64(bytes);
	return 0;
}

int idr_read(struct kernel *k, const uint32_t *only, size_t n, struct idr *out,
	     struct err *err)
{
	_cleanup_(idr_table_deinit) struct table t = {
		.k = k, .out = out, .only = only, .n_only = n};
	_cleanup_(nodes_deinit) struct nodes now = {0};
	uint64_t head = 0;
	int rc;

	*out = (struct idr){0};
	rc = idr_read_head(k, &head, err);
	if (rc)
		return rc;
	/* Number 0 is nobody's, so the head is a node or nothing. */
	if ((head & 3) == 2 && head > 4096 &&
	    idr_launch(&t, &now, (struct node){head - 2, 0, -1}))
		return err_nomem(err);
	while (now.list.n && !rc) {
		_cleanup_(nodes_deinit) struct nodes old = now;

		now = (struct nodes){0};
		rc = idr_read_level(&t, &old, &now, err);
	}
	return rc;
}
