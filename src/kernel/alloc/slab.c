/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the caches of SLUB, and counts their objects. */
#include "kernel/alloc/slab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/slab_nodes.h"

/* What is wanted of the types. */
enum {
	FIELD_CACHE_LINK = WANTS_OF(READER_SLAB),
	FIELD_CACHE_NAME,
	FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_OO,
	FIELD_NODE_PARTIAL,
	FIELD_NODE_NR_SLABS,
	FIELD_NODE_OBJECTS,
	FIELD_SLAB_LINK,
	FIELD_SLAB_COUNTERS
};

static const struct want want_table[] = {
	FIELD(CACHE_LINK, "kmem_cache", REQUIRED, "list"),
	FIELD(CACHE_NAME, "kmem_cache", REQUIRED, "name"),
	FIELD(CACHE_SIZE, "kmem_cache", REQUIRED, "size"),
	FIELD(CACHE_OBJECT_SIZE, "kmem_cache", REQUIRED, "object_size"),
	FIELD(CACHE_OO, "kmem_cache", REQUIRED, "oo"), /* of SLUB alone */
	FIELD(NODE_PARTIAL, "kmem_cache_node", REQUIRED, "partial"),
	/* these two with CONFIG_SLUB_DEBUG */
	FIELD(NODE_NR_SLABS, "kmem_cache_node", OPTIONAL, "nr_slabs"),
	FIELD(NODE_OBJECTS, "kmem_cache_node", OPTIONAL, "total_objects"),
	FIELD(SLAB_LINK, "slab|page", REQUIRED, "slab_list|lru"), /* 5.17 */
	FIELD(SLAB_COUNTERS, "slab|page", REQUIRED, "counters"),
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
	struct slab_pointers nodes;
	struct list *lists; /* partial slabs of each node of each cache */
	size_t n;	    /* of both */
};

static void slab_reader_deinit(struct slab_reader *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
	free(r->nodes.v);
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
	size_t n, i, kept = 0;
	_cleanup_free_ uint64_t *at = lists_objects(list, 1, link, &n);
	_cleanup_free_ char **names = calloc(n + 1, sizeof(*names));
	int rc;

	if (!at || !names)
		return err_nomem(err);
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

/* Where the nodes of all caches are, and room for their lists. */
static int slab_find_nodes(struct slab_reader *r, struct err *err)
{
	size_t n = r->out->list.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = r->out->list.v[i].addr;
	rc = slab_nodes_read(r->k, at, n, &r->nodes, err);
	if (rc)
		return rc;
	r->n = n * r->nodes.n_nodes;
	r->lists = calloc(r->n + 1, sizeof(*r->lists));
	return r->lists ? 0 : err_nomem(err);
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
	int rc = records_read(r->k, r->nodes.v, r->n, node_fields,
			      WANTS_N(node_fields), &rec, err);

	for (i = 0; i < r->n && !rc; i++) {
		struct slab_cache *c = &r->out->list.v[i / r->nodes.n_nodes];

		if (i % r->nodes.n_nodes == 0)
			c->counted = counted;
		if (!r->nodes.v[i])
			continue;
		c->counted &= rec.ok[i];
		c->slabs += records_u64(&rec, i, FIELD_NODE_NR_SLABS);
		c->objects += records_u64(&rec, i, FIELD_NODE_OBJECTS);
		r->lists[i] = (struct list){.head = r->nodes.v[i] + partial,
					    .most = SLAB_PARTIAL_MAX,
					    .packed = true};
	}
	for (i = 0; i < r->out->list.n && !rc; i++)
		r->out->list.v[i].active = r->out->list.v[i].objects;
	return rc ? rc : lists_read(r->k, r->lists, r->n, err);
}

static void slab_remark_list(const struct slab_reader *r, size_t i)
{
	struct slab_cache *c = &r->out->list.v[i / r->nodes.n_nodes];
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
	uint32_t link = profile_field(r->k->profile, FIELD_SLAB_LINK)->offset;
	size_t i, j, n;
	_cleanup_free_ uint64_t *at = lists_objects(r->lists, r->n, link, &n);
	int rc;

	if (!at)
		return err_nomem(err);
	rc = records_read(r->k, at, n, slab_fields, 1, &rec, err);
	for (i = n = 0; i < r->n && !rc; i++) {
		struct slab_cache *c = &r->out->list.v[i / r->nodes.n_nodes];

		slab_remark_list(r, i);
		for (j = 0; j < r->lists[i].links.n; j++, n++) {
			uint64_t v = records_u64(&rec, n, FIELD_SLAB_COUNTERS);

			slab_count_free(r, c, rec.ok[n] ? v : UINT64_MAX);
		}
	}
	return rc;
}

/* The caches that the kernel lists, and no more of them. */
static int slab_read_list(struct slab_reader *r, struct err *err)
{
	struct list list = {.most = SLAB_CACHES_MAX, .packed = true};
	int rc = profile_check_reader(r->k->profile, READER_SLAB, err);

	if (rc)
		return rc;
	if (!profile_symbol(r->k->profile, "slab_caches", &list.head))
		return profile_unknown(r->k->profile,
				       "this kernel keeps its slab caches in "
				       "no way that is known",
				       err);
	rc = lists_read(r->k, &list, 1, err);
	if (!rc && list.torn)
		remarks_add(r->remarks,
			    "the list of slab caches is damaged at 0x%" PRIx64,
			    list.torn_at);
	if (!rc && list.cut)
		remarks_add(r->remarks,
			    "there are more than %zu slab caches: the others "
			    "were not looked at",
			    list.most);
	if (!rc)
		rc = slab_read_caches(r, &list, err);
	list_deinit(&list);
	return rc;
}

int slab_caches_read(struct kernel *k, struct slab_caches *out,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(slab_reader_deinit) struct slab_reader r = {
		.k = k, .out = out, .remarks = remarks};
	int rc = slab_read_list(&r, err);

	if (!rc)
		rc = slab_find_nodes(&r, err);
	if (!rc)
		rc = slab_read_nodes(&r, err);
	return rc ? rc : slab_read_partial(&r, err);
}

int slab_cache_find(struct kernel *k, const char *name, struct slab_cache *out,
		    struct remarks *remarks, struct err *err)
{
	struct slab_caches caches = {0};
	_cleanup_(slab_reader_deinit) struct slab_reader r = {
		.k = k, .out = &caches, .remarks = remarks};
	int rc = slab_read_list(&r, err);
	size_t i, n = 0;

	for (i = 0; i < caches.list.n && !rc; i++) {
		if (strcmp(caches.list.v[i].name, name) != 0)
			continue;
		if (!n++)
			*out = caches.list.v[i];
	}
	slab_caches_deinit(&caches);
	if (!rc && n > 1)
		remarks_add(remarks,
			    "%zu slab caches have that name: this is the first",
			    n);
	if (!rc && !n)
		rc = err_set(err, ERR_NOT_FOUND,
			     "no slab cache has the name '%s'", name);
	return rc;
}

void slab_caches_deinit(struct slab_caches *c)
{
	vec_deinit(&c->list);
}
