/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads where slab caches keep what each node has. */
#include "kernel/alloc/slab_nodes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/zone.h"

/* What is wanted of the types. */
enum {
	FIELD_PER_NODE_NODE = WANTS_OF(READER_SLAB_NODES),
	FIELD_PER_NODE_BARN,
	FIELD_NODE_BARN,
	STRUCT_CACHE,
	STRUCT_PER_NODE
};

static const struct want want_table[] = {
	FIELD(PER_NODE_NODE, "kmem_cache_per_node_ptrs", OPTIONAL,
	      "node"), /* 7.1 */
	FIELD(PER_NODE_BARN, "kmem_cache_per_node_ptrs", OPTIONAL, "barn"),
	FIELD(NODE_BARN, "kmem_cache_node", OPTIONAL, "barn"), /* 6.18 to 7.0 */
	STRUCT(CACHE, "kmem_cache", REQUIRED),
	STRUCT(PER_NODE, "kmem_cache_per_node_ptrs", OPTIONAL),
};

const struct wants slab_nodes_wants = {
	.reader = "nodes of slabs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t barn_fields[] = {FIELD_NODE_BARN};

/*
 * How far apart the pointers are in a cache, and where the first is:
 * node[MAX_NUMNODES] is the last member, from 7.1 on per_node[], of a struct
 * with this member.
 */
static bool slab_node_place(const struct kernel *k, uint32_t member,
			    uint64_t *first, uint32_t *stride)
{
	const struct profile *p = k->profile;
	const struct profile_field *in = profile_field(p, member);
	uint32_t size = profile_sizeof(p, STRUCT_CACHE);
	uint32_t most = nodes_most(k);

	*stride = in->present ? profile_sizeof(p, STRUCT_PER_NODE) : 8;
	if (!most || !*stride || size / most < *stride)
		return false;
	*first = size - most * *stride + (in->present ? in->offset : 0);
	return true;
}

/* NUMA nodes that caches have pointers for: nr_node_ids of them. */
static int slab_count_nodes(struct kernel *k, size_t *out, struct err *err)
{
	uint64_t n;
	int rc = kernel_read_symbol(k, "nr_node_ids", 4, &n, err);

	*out = 1;
	if (rc == ERR_NOT_FOUND)
		return 0; /* CONFIG_NUMA=n */
	if (rc)
		return rc;
	if (!n || n > nodes_most(k))
		return err_set(
			err, ERR_CORRUPT,
			"nr_node_ids is %" PRIu64 ", which no kernel has", n);
	*out = (size_t)n;
	return 0;
}

static int slab_read_pointers(struct kernel *k, uint32_t member,
			      const uint64_t *caches, size_t n,
			      struct slab_pointers *out, struct err *err)
{
	_cleanup_free_ struct space_read *reads = NULL;
	uint64_t first;
	uint32_t stride;
	size_t i, all;
	int rc = slab_count_nodes(k, &out->n_nodes, err);

	if (rc)
		return rc;
	if (!slab_node_place(k, member, &first, &stride))
		return profile_unknown(k->profile,
				       "this kernel keeps its slabs in no way "
				       "that is known",
				       err);
	all = n * out->n_nodes;
	reads = calloc(all + 1, sizeof(*reads));
	out->v = calloc(all + 1, sizeof(*out->v));
	if (!reads || !out->v)
		return err_nomem(err);
	for (i = 0; i < all; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = caches[i / out->n_nodes] +
						     first +
						     i % out->n_nodes * stride,
					       .dst = &out->v[i],
					       .len = 8};
	rc = space_read(k->machine, reads, all, err);
	for (i = 0; i < all && !rc; i++)
		out->v[i] = reads[i].got == 8 ? le64(&out->v[i]) : 0;
	return rc;
}

int slab_nodes_read(struct kernel *k, const uint64_t *caches, size_t n,
		    struct slab_pointers *out, struct err *err)
{
	return slab_read_pointers(k, FIELD_PER_NODE_NODE, caches, n, out, err);
}

/* Beside the pointer to the node, or behind it. */
int slab_barns_read(struct kernel *k, const uint64_t *caches, size_t n,
		    struct slab_pointers *out, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i;
	int rc;

	if (profile_field(k->profile, FIELD_PER_NODE_BARN)->present)
		return slab_read_pointers(k, FIELD_PER_NODE_BARN, caches, n,
					  out, err);
	if (!profile_field(k->profile, FIELD_NODE_BARN)->present)
		return 0;
	rc = slab_nodes_read(k, caches, n, out, err);
	if (!rc)
		rc = records_read(k, out->v, n * out->n_nodes, barn_fields, 1,
				  &rec, err);
	for (i = 0; i < n * out->n_nodes && !rc; i++)
		out->v[i] = records_u64(&rec, i, FIELD_NODE_BARN);
	return rc;
}
