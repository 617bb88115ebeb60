/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the caches of SLUB, and counts their objects. */
#include "kernel/slab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/zone.h"

/* What is wanted of the types. */
enum {
	FIELD_CACHE_LINK = WANTS_OF(READER_SLAB),
	FIELD_CACHE_NAME,
	FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_OO,
	FIELD_PER_NODE_NODE,
	FIELD_NODE_PARTIAL,
	FIELD_NODE_NR_SLABS,
	FIELD_NODE_OBJECTS,
	FIELD_SLAB_LINK,
	FIELD_SLAB_COUNTERS,
	STRUCT_CACHE,
	STRUCT_PER_NODE
};

static const struct want want_table[] = {
	FIELD(CACHE_LINK, "kmem_cache", REQUIRED, "list"),
	FIELD(CACHE_NAME, "kmem_cache", REQUIRED, "name"),
	FIELD(CACHE_SIZE, "kmem_cache", REQUIRED, "size"),
	FIELD(CACHE_OBJECT_SIZE, "kmem_cache", REQUIRED, "object_size"),
	FIELD(CACHE_OO, "kmem_cache", REQUIRED, "oo"), /* of SLUB alone */
	FIELD(PER_NODE_NODE, "kmem_cache_per_node_ptrs", OPTIONAL,
	      "node"), /* 7.1 */
	FIELD(NODE_PARTIAL, "kmem_cache_node", REQUIRED, "partial"),
	/* these two with CONFIG_SLUB_DEBUG */
	FIELD(NODE_NR_SLABS, "kmem_cache_node", OPTIONAL, "nr_slabs"),
	FIELD(NODE_OBJECTS, "kmem_cache_node", OPTIONAL, "total_objects"),
	FIELD(SLAB_LINK, "slab|page", REQUIRED, "slab_list|lru"), /* 5.17 */
	FIELD(SLAB_COUNTERS, "slab|page", REQUIRED, "counters"),
	STRUCT(CACHE, "kmem_cache", REQUIRED),
	STRUCT(PER_NODE, "kmem_cache_per_node_ptrs", OPTIONAL),
};

const struct wants slab_wants = {
	.reader = "slab caches", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t cache_fields[] = {
	FIELD_CACHE_NAME,
	FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_OO,
};

static const uint32_t node_fields[] = {
	FIELD_NODE_NR_SLABS,
	FIELD_NODE_OBJECTS,
};

static const uint32_t slab_fields[] = {FIELD_SLAB_COUNTERS};

/* Low bits of kmem_cache.oo are objects, the others the order of a slab. */
#define OO_SHIFT 16
/* The counters of a slab: inuse, objects, and whether a CPU has it. */
#define SLAB_INUSE(counters)   ((counters)&0xffff)
#define SLAB_OBJECTS(counters) ((counters) >> 16 & 0x7fff)

struct slab_reader {
	struct kernel *k;
	struct slab_caches *out;
	struct remarks *remarks;
	size_t n_nodes;
	uint64_t *nodes;    /* kmem_cache_node, of each cache and node; or 0 */
	struct list *lists; /* their partial slabs, likewise */
	size_t n;	    /* of both */
};

static void slab_reader_deinit(struct slab_reader *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
	free(r->nodes);
}

static int slab_add_cache(struct slab_reader *r, const struct records *rec,
			  size_t i, uint64_t addr)
{
	uint64_t oo = records_u64(rec, i, FIELD_CACHE_OO);
	struct slab_cache c = {
		.addr = addr,
		.size = (uint32_t)records_u64(rec, i, FIELD_CACHE_SIZE),
		.object_size =
			(uint32_t)records_u64(rec, i, FIELD_CACHE_OBJECT_SIZE),
		.per_slab = oo & ((1u << OO_SHIFT) - 1),
		.order = (uint32_t)(oo >> OO_SHIFT)};

	if (rec->ok[i] && c.order < 32)
		return vec_push(&r->out->list, c);
	remarks_add(r->remarks,
		    "the slab cache at 0x%" PRIx64 " cannot be read, or is "
		    "damaged",
		    addr);
	return 0;
}

/* All caches of the list, and their names. */
static int slab_read_caches(struct slab_reader *r, const struct list *list,
			    struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	uint32_t link = profile_field(r->k->profile, FIELD_CACHE_LINK)->offset;
	size_t n = list->links.n, i, kept = 0;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **names = calloc(n + 1, sizeof(*names));
	int rc;

	if (!at || !names)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = list->links.v[i] - link;
	rc = records_read(r->k, at, n, cache_fields, WANTS_N(cache_fields),
			  &rec, err);
	for (i = 0; i < n && !rc; i++) {
		if (slab_add_cache(r, &rec, i, at[i]))
			return err_nomem(err);
		at[kept] = records_u64(&rec, i, FIELD_CACHE_NAME);
		kept = r->out->list.n;
	}
	for (i = 0; i < kept; i++)
		names[i] = r->out->list.v[i].name;
	return rc ? rc
		  : records_strings(r->k, at, kept,
				    sizeof(r->out->list.v->name), names, NULL,
				    err);
}

/*
 * How far apart the pointers to nodes are in a cache, and where the first is:
 * node[MAX_NUMNODES] is the last member, from 7.1 on per_node[], of a struct.
 */
static bool slab_node_place(const struct kernel *k, uint64_t *first,
			    uint32_t *stride)
{
	const struct profile *p = k->profile;
	const struct profile_field *in = profile_field(p, FIELD_PER_NODE_NODE);
	uint32_t size = profile_sizeof(p, STRUCT_CACHE);
	uint32_t most = nodes_most(k);

	*stride = in->present ? profile_sizeof(p, STRUCT_PER_NODE) : 8;
	if (!most || !*stride || size / most < *stride)
		return false;
	*first = size - most * *stride + (in->present ? in->offset : 0);
	return true;
}

/* NUMA nodes that caches have pointers for: nr_node_ids of them. */
static int slab_count_nodes(struct slab_reader *r, struct err *err)
{
	uint64_t n;
	int rc = kernel_read_symbol(r->k, "nr_node_ids", 4, &n, err);

	r->n_nodes = 1;
	if (rc == ERR_NOT_FOUND)
		return 0; /* CONFIG_NUMA=n */
	if (rc)
		return rc;
	if (!n || n > nodes_most(r->k))
		return err_set(
			err, ERR_CORRUPT,
			"nr_node_ids is %" PRIu64 ", which no kernel has", n);
	r->n_nodes = (size_t)n;
	return 0;
}

static int slab_find_nodes(struct slab_reader *r, struct err *err)
{
	_cleanup_free_ struct space_read *reads = NULL;
	uint64_t first;
	uint32_t stride;
	size_t i;
	int rc = slab_count_nodes(r, err);

	if (rc)
		return rc;
	if (r->n_nodes > nodes_most(r->k) ||
	    !slab_node_place(r->k, &first, &stride))
		return profile_unknown(r->k->profile,
				       "this kernel keeps its slabs in no way "
				       "that is known",
				       err);
	r->n = r->out->list.n * r->n_nodes;
	reads = calloc(r->n + 1, sizeof(*reads));
	r->nodes = calloc(r->n + 1, sizeof(*r->nodes));
	r->lists = calloc(r->n + 1, sizeof(*r->lists));
	if (!reads || !r->nodes || !r->lists)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		reads[i] = (struct space_read){
			.root = &r->k->root,
			.va = r->out->list.v[i / r->n_nodes].addr + first +
			      i % r->n_nodes * stride,
			.dst = &r->nodes[i],
			.len = 8};
	rc = space_read(r->k->machine, reads, r->n, err);
	for (i = 0; i < r->n && !rc; i++)
		r->nodes[i] = reads[i].got == 8 ? le64(&r->nodes[i]) : 0;
	return rc;
}

/* What each node of a cache has: slabs and objects. */
static int slab_read_nodes(struct slab_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	const struct profile *p = r->k->profile;
	uint32_t partial = profile_field(p, FIELD_NODE_PARTIAL)->offset;
	bool counted = profile_field(p, FIELD_NODE_NR_SLABS)->present &&
		       profile_field(p, FIELD_NODE_OBJECTS)->present;
	size_t i;
	int rc = records_read(r->k, r->nodes, r->n, node_fields,
			      WANTS_N(node_fields), &rec, err);

	for (i = 0; i < r->n && !rc; i++) {
		struct slab_cache *c = &r->out->list.v[i / r->n_nodes];

		if (i % r->n_nodes == 0)
			c->counted = counted;
		if (!r->nodes[i])
			continue;
		c->counted &= rec.ok[i];
		c->slabs += records_u64(&rec, i, FIELD_NODE_NR_SLABS);
		c->objects += records_u64(&rec, i, FIELD_NODE_OBJECTS);
		r->lists[i] = (struct list){.head = r->nodes[i] + partial,
					    .most = SLAB_PARTIAL_MAX};
	}
	for (i = 0; i < r->out->list.n && !rc; i++)
		r->out->list.v[i].active = r->out->list.v[i].objects;
	return rc ? rc : lists_read(r->k, r->lists, r->n, err);
}

static void slab_remark_list(const struct slab_reader *r, size_t i)
{
	struct slab_cache *c = &r->out->list.v[i / r->n_nodes];
	const struct list *l = &r->lists[i];

	c->counted &= !l->torn && !l->cut;
	if (l->torn)
		remarks_add(r->remarks,
			    "the list of partial slabs of %s is damaged at "
			    "0x%" PRIx64,
			    c->name, l->torn_at);
	if (l->cut)
		remarks_add(r->remarks,
			    "%s has more than %zu partial slabs: the others "
			    "were not looked at",
			    c->name, l->most);
}

/* A partial slab; one with more objects than the cache has is none. */
static void slab_count_free(const struct slab_reader *r, struct slab_cache *c,
			    uint64_t counters)
{
	uint64_t free = SLAB_OBJECTS(counters) - SLAB_INUSE(counters);

	if (free > c->active) {
		if (c->counted)
			remarks_add(r->remarks,
				    "a partial slab of %s cannot be read, or "
				    "is damaged",
				    c->name);
		c->counted = false;
		return;
	}
	c->active -= free;
}

/* Free objects are those of partial slabs; the others are active. */
static int slab_read_partial(struct slab_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *at = NULL;
	uint32_t link = profile_field(r->k->profile, FIELD_SLAB_LINK)->offset;
	size_t i, j, n = 0;
	int rc;

	for (i = 0; i < r->n; i++)
		n += r->lists[i].links.n;
	at = calloc(n + 1, sizeof(*at));
	if (!at)
		return err_nomem(err);
	for (i = n = 0; i < r->n; i++)
		for (j = 0; j < r->lists[i].links.n; j++)
			at[n++] = r->lists[i].links.v[j] - link;
	rc = records_read(r->k, at, n, slab_fields, 1, &rec, err);
	for (i = n = 0; i < r->n && !rc; i++) {
		struct slab_cache *c = &r->out->list.v[i / r->n_nodes];

		slab_remark_list(r, i);
		for (j = 0; j < r->lists[i].links.n; j++, n++) {
			uint64_t v = records_u64(&rec, n, FIELD_SLAB_COUNTERS);

			slab_count_free(r, c, rec.ok[n] ? v : UINT64_MAX);
		}
	}
	return rc;
}

static int slab_read(struct slab_reader *r, const struct list *list,
		     struct err *err)
{
	int rc;

	if (list->torn)
		remarks_add(r->remarks,
			    "the list of slab caches is damaged at 0x%" PRIx64,
			    list->torn_at);
	if (list->cut)
		remarks_add(r->remarks,
			    "there are more than %zu slab caches: the others "
			    "were not looked at",
			    list->most);
	rc = slab_read_caches(r, list, err);
	if (!rc)
		rc = slab_find_nodes(r, err);
	if (!rc)
		rc = slab_read_nodes(r, err);
	return rc ? rc : slab_read_partial(r, err);
}

int slab_caches_read(struct kernel *k, struct slab_caches *out,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(slab_reader_deinit) struct slab_reader r = {
		.k = k, .out = out, .remarks = remarks};
	struct list list = {.most = SLAB_CACHES_MAX};
	int rc = profile_check_reader(k->profile, READER_SLAB, err);

	if (rc)
		return rc;
	if (!profile_symbol(k->profile, "slab_caches", &list.head))
		return profile_unknown(k->profile,
				       "this kernel keeps its slab caches in "
				       "no way that is known",
				       err);
	rc = lists_read(k, &list, 1, err);
	if (!rc)
		rc = slab_read(&r, &list, err);
	list_deinit(&list);
	return rc;
}

void slab_caches_deinit(struct slab_caches *c)
{
	vec_deinit(&c->list);
}
