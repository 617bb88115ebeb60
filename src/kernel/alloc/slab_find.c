/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds all slabs of one cache, and reads what is in each. */
#include "kernel/alloc/slab_find.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/page/page.h"
#include "kernel/page/page_zone.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/slab_nodes.h"

/* What is wanted of the types. */
enum {
	FIELD_NODE_PARTIAL = WANTS_OF(READER_SLAB_FIND),
	FIELD_NODE_FULL,
	FIELD_SLAB_LINK,
	FIELD_SLAB_NEXT
};

static const struct want want_table[] = {
	FIELD(NODE_PARTIAL, "kmem_cache_node", REQUIRED, "partial"),
	FIELD(NODE_FULL, "kmem_cache_node", OPTIONAL, "full"), /* SLUB_DEBUG */
	FIELD(SLAB_LINK, "slab|page", REQUIRED, "slab_list|lru"), /* 5.17 */
	/* CONFIG_SLUB_CPU_PARTIAL */
	FIELD(SLAB_NEXT, "slab|page", OPTIONAL, "next"),
};

const struct wants slab_find_wants = {.reader = "slabs of a cache",
				      .v = want_table,
				      .n = WANTS_N(want_table)};

static const uint32_t next_fields[] = {FIELD_SLAB_NEXT};

/* So many slabs are looked at together; all of their pages but for the last
 * one's. */
#define SLABS_SLICE 256u
#define PAGES_SLICE 4096u

/* Where lists have slabs: by their descriptors, `where` and whose. */
#define PLACE(where, of) ((uint64_t)(where) << 32 | (uint32_t)(of))

struct slab_finder {
	struct kernel *k;
	struct slab_contents *out;
	struct remarks *remarks;
	struct slab_cpus cpus;
	struct map sheaves; /* objects in them */
	struct map places;
};

static void slab_finder_deinit(struct slab_finder *f)
{
	slab_cpus_deinit(&f->cpus);
	map_deinit(&f->sheaves);
	map_deinit(&f->places);
}

const char *slab_where_words(enum slab_where where)
{
	static const char *const words[SLAB_WHERES] = {
		[SLAB_NOWHERE] = "no list",	    [SLAB_FULL] = "full",
		[SLAB_PARTIAL] = "partial",	    [SLAB_CPU] = "cpu",
		[SLAB_CPU_PARTIAL] = "cpu partial",
	};

	return words[where];
}

static int find_add(struct slab_finder *f, const struct page_info *p)
{
	const struct slab_found s = {.base = f->k->page_offset +
					     p->pfn * PAGE_SIZE_4K,
				     .descriptor = p->addr,
				     .pages = p->nr,
				     .node = page_node(f->k, p->flags),
				     .cpu = -1};

	return vec_push(&f->out->slabs, s);
}

static int find_visit(void *ctx, const struct page_info *pages, size_t n,
		      struct err *err)
{
	struct slab_finder *f = ctx;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct page_info *p = &pages[i];

		if (p->kind == PAGE_SLAB && p->head == p->pfn &&
		    p->cache == f->out->layout.cache && find_add(f, p))
			return err_nomem(err);
	}
	return f->out->slabs.n > SLAB_SLABS_MAX
		       ? err_set(err, ERR_REFUSED, "%s has more than %u slabs",
				 f->out->layout.name, SLAB_SLABS_MAX)
		       : 0;
}

/* All of RAM: what no list has is told by its struct page alone. */
static int find_slabs(struct slab_finder *f, struct err *err)
{
	const struct machine *m = f->k->machine;
	size_t i;
	int rc = 0;

	for (i = 0; i < m->ram.n && !rc; i++)
		rc = page_scan(f->k, m->ram.v[i].start / PAGE_SIZE_4K,
			       m->ram.v[i].size / PAGE_SIZE_4K, find_visit, f,
			       err);
	return rc;
}

/* The slabs of a list of a node. */
static int place_list(struct slab_finder *f, const struct list *l,
		      enum slab_where where, struct err *err)
{
	uint32_t link = profile_field(f->k->profile, FIELD_SLAB_LINK)->offset;
	size_t i;

	if (l->torn)
		remarks_add(f->remarks,
			    "the list of %s slabs of %s is damaged at "
			    "0x%" PRIx64,
			    slab_where_words(where), f->out->layout.name,
			    l->torn_at);
	if (l->cut)
		remarks_add(f->remarks,
			    "%s has more than %zu %s slabs in a list: the "
			    "others count as in none",
			    f->out->layout.name, l->most,
			    slab_where_words(where));
	for (i = 0; i < l->links.n; i++)
		if (map_put(&f->places, l->links.v[i] - link, PLACE(where, -1)))
			return err_nomem(err);
	return 0;
}

/* Two lists of each node: of partial slabs, and of full ones. */
static int place_nodes(struct slab_finder *f, struct err *err)
{
	const struct profile *p = f->k->profile;
	const struct profile_field *full = profile_field(p, FIELD_NODE_FULL);
	uint32_t partial = profile_field(p, FIELD_NODE_PARTIAL)->offset;
	struct slab_pointers nodes = {0};
	struct list *lists = NULL;
	size_t i, n = 0;
	int rc = slab_nodes_read(f->k, &f->out->layout.cache, 1, &nodes, err);

	if (!rc) {
		n = 2 * nodes.n_nodes;
		lists = calloc(n + 1, sizeof(*lists));
		rc = lists ? 0 : err_nomem(err);
	}
	for (i = 0; i < n && !rc; i++) {
		uint64_t node = nodes.v[i / 2];
		bool has = node && (i % 2 == 0 || full->present);
		uint32_t at = i % 2 ? full->offset : partial;

		lists[i] = (struct list){.head = has ? node + at : 0,
					 .most = SLAB_PARTIAL_MAX};
	}
	if (!rc)
		rc = lists_read(f->k, lists, n, err);
	for (i = 0; i < n && !rc; i++)
		rc = place_list(f, &lists[i], i % 2 ? SLAB_FULL : SLAB_PARTIAL,
				err);
	for (i = 0; lists && i < n; i++)
		list_deinit(&lists[i]);
	free(lists);
	free(nodes.v);
	return rc;
}

/*
 * Slabs that CPUs work on; and their partial ones, each of which leads to the
 * next: all CPUs in step.
 */
static int place_cpus(struct slab_finder *f, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(f->cpus.n + 1, sizeof(*at));
	size_t i, round, left = f->cpus.n;
	int rc = 0;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < f->cpus.n; i++) {
		at[i] = f->cpus.partial[i];
		if (f->cpus.slab[i] &&
		    map_put(&f->places, f->cpus.slab[i], PLACE(SLAB_CPU, i)))
			return err_nomem(err);
	}
	if (!profile_field(f->k->profile, FIELD_SLAB_NEXT)->present)
		return 0;
	for (round = 0; round < SLAB_CHAIN_MAX && left && !rc; round++) {
		_cleanup_(records_deinit) struct records rec = {0};

		rc = records_read(f->k, at, f->cpus.n, next_fields, 1, &rec,
				  err);
		for (i = left = 0; i < f->cpus.n && !rc; i++) {
			if (!rec.ok[i] || map_get(&f->places, at[i], NULL)) {
				at[i] = 0;
				continue;
			}
			if (map_put(&f->places, at[i],
				    PLACE(SLAB_CPU_PARTIAL, i)))
				return err_nomem(err);
			at[i] = records_u64(&rec, i, FIELD_SLAB_NEXT);
			left += at[i] != 0;
		}
	}
	return rc;
}

static int find_places(struct slab_finder *f, struct err *err)
{
	const struct slab_layout *l = &f->out->layout;
	int rc = slab_cpus_read(f->k, l, &f->cpus, err);

	if (!rc)
		rc = slab_sheaves_read(f->k, l->cache, &f->sheaves, err);
	if (!rc)
		rc = place_nodes(f, err);
	return rc ? rc : place_cpus(f, err);
}

/* What a slab that was read is, and what is in it. */
static int find_keep(struct slab_finder *f, struct slab_found *s,
		     struct slab_view *v)
{
	struct slab_contents *out = f->out;
	uint64_t place = PLACE(SLAB_NOWHERE, -1);
	uint32_t i;

	slab_view_mark(&out->layout, v, &f->cpus, &f->sheaves);
	s->damaged = v->damaged;
	s->objects = v->objects;
	s->first = out->states.n;
	if (!map_get(&f->places, s->descriptor, &place) && !v->damaged &&
	    v->objects == v->inuse)
		place = PLACE(SLAB_FULL, -1);
	s->where = (enum slab_where)(place >> 32);
	s->cpu = (int32_t)(uint32_t)place;
	if (vec_reserve(&out->states, v->objects + 1))
		return ERR_NOMEM;
	for (i = 0; i < v->objects; i++)
		out->states.v[out->states.n++] = v->states[i];
	if (v->damaged)
		remarks_add(f->remarks,
			    "the slab at 0x%" PRIx64
			    " of %s cannot be read, or is damaged",
			    s->base, out->layout.name);
	if (slab_users_add(&out->users, f->k, &out->layout, v))
		return ERR_NOMEM;
	return slab_check(&out->layout, v, &out->damages);
}

static int find_look(struct slab_finder *f, struct slab_found *slabs, size_t n,
		     struct err *err)
{
	struct slab_view views[SLABS_SLICE] = {{0}};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		views[i] = (struct slab_view){.descriptor = slabs[i].descriptor,
					      .base = slabs[i].base,
					      .pages = slabs[i].pages};
	rc = slab_views_read(f->k, &f->out->layout, views, n, err);
	for (i = 0; i < n && !rc; i++)
		if (find_keep(f, &slabs[i], &views[i]))
			rc = err_nomem(err);
	for (i = 0; i < n; i++)
		slab_view_deinit(&views[i]);
	if (!rc && f->out->states.n > SLAB_OBJECTS_MAX)
		rc = err_set(err, ERR_REFUSED, "%s has more than %u objects",
			     f->out->layout.name, SLAB_OBJECTS_MAX);
	return rc;
}

/* Slabs from number i on that are read together. */
static size_t find_slice(const struct slab_contents *c, size_t i)
{
	size_t n = 0;
	uint64_t pages = 0;

	while (i + n < c->slabs.n && n < SLABS_SLICE && pages < PAGES_SLICE)
		pages += c->slabs.v[i + n++].pages;
	return n;
}

int slab_contents_read(struct kernel *k, uint64_t cache,
		       struct slab_contents *out, struct remarks *remarks,
		       struct err *err)
{
	_cleanup_(slab_finder_deinit) struct slab_finder f = {
		.k = k, .out = out, .remarks = remarks};
	size_t i, n;
	int rc = profile_check_reader(k->profile, READER_SLAB_FIND, err);

	if (!rc)
		rc = slab_layout_read(k, cache, &out->layout, err);
	if (!rc)
		rc = find_places(&f, err);
	if (!rc)
		rc = find_slabs(&f, err);
	for (i = 0; i < out->slabs.n && !rc; i += n) {
		n = find_slice(out, i);
		rc = find_look(&f, &out->slabs.v[i], n, err);
	}
	slab_users_sort(&out->users);
	return rc;
}

void slab_contents_deinit(struct slab_contents *c)
{
	vec_deinit(&c->slabs);
	vec_deinit(&c->states);
	slab_damages_deinit(&c->damages);
	slab_users_deinit(&c->users);
}
