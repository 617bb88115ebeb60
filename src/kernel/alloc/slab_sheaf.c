/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads sheaves: arrays of free objects, of CPUs and nodes. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/alloc/slab_nodes.h"
#include "kernel/alloc/slab_view.h"

/* What is wanted of the types. */
enum {
	FIELD_CACHE_SHEAVES = WANTS_OF(READER_SLAB_SHEAF),
	FIELD_CPU_MAIN,
	FIELD_CPU_SPARE,
	FIELD_CPU_RCU_FREE,
	FIELD_SHEAF_SIZE,
	FIELD_SHEAF_OBJECTS,
	FIELD_SHEAF_LINK,
	FIELD_BARN_FULL
};

static const struct want want_table[] = {
	FIELD(CACHE_SHEAVES, "kmem_cache", OPTIONAL, "cpu_sheaves"), /* 6.18 */
	FIELD(CPU_MAIN, "slub_percpu_sheaves", OPTIONAL, "main"),
	FIELD(CPU_SPARE, "slub_percpu_sheaves", OPTIONAL, "spare"),
	FIELD(CPU_RCU_FREE, "slub_percpu_sheaves", OPTIONAL, "rcu_free"),
	FIELD(SHEAF_SIZE, "slab_sheaf", OPTIONAL, "size"),
	FIELD(SHEAF_OBJECTS, "slab_sheaf", OPTIONAL, "objects"),
	FIELD(SHEAF_LINK, "slab_sheaf", OPTIONAL, "barn_list"),
	FIELD(BARN_FULL, "node_barn", OPTIONAL, "sheaves_full"),
};

const struct wants slab_sheaf_wants = {.reader = "sheaves of slabs",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

static const uint32_t cpu_fields[] = {
	FIELD_CPU_MAIN,
	FIELD_CPU_SPARE,
	FIELD_CPU_RCU_FREE,
};

static const uint32_t sheaf_fields[] = {FIELD_SHEAF_SIZE};

/* The sheaves of one cache. */
struct sheaf_reader {
	struct kernel *k;
	uint64_t cache;
	VEC(uint64_t) sheaves;
	VEC(struct list) lists; /* of nodes */
};

static void sheaf_reader_deinit(struct sheaf_reader *r)
{
	size_t i;

	for (i = 0; i < r->lists.n; i++)
		list_deinit(&r->lists.v[i]);
	vec_deinit(&r->lists);
	vec_deinit(&r->sheaves);
}

static bool sheaf_has(const struct kernel *k, uint32_t id)
{
	return profile_field(k->profile, id)->present;
}

/* Then it cannot be said that none has the object. */
static int sheaf_unreadable(const char *which, struct err *err)
{
	return err_set(err, ERR_UNREADABLE,
		       "sheaves of free objects cannot be read, or are "
		       "damaged: %s",
		       which);
}

/* Up to three of each CPU. */
static int sheaf_find_cpus(struct sheaf_reader *r, uint64_t percpu,
			   struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *cpus = NULL;
	size_t n = 0, i, j;
	int rc = percpu_offsets(r->k, &cpus, &n, err);

	for (i = 0; i < n; i++)
		cpus[i] += percpu;
	if (!rc)
		rc = records_read(r->k, cpus, n, cpu_fields,
				  WANTS_N(cpu_fields), &rec, err);
	for (i = 0; i < n && !rc; i++)
		for (j = 0; j < WANTS_N(cpu_fields); j++) {
			uint64_t sheaf = records_u64(&rec, i, cpu_fields[j]);

			if (sheaf && vec_push(&r->sheaves, sheaf))
				return err_nomem(err);
		}
	for (i = 0; i < n && !rc; i++)
		if (!rec.ok[i])
			rc = sheaf_unreadable("those of a CPU", err);
	return rc;
}

/* Those that nodes keep for CPUs. */
static int sheaf_find_nodes(struct sheaf_reader *r, struct err *err)
{
	const struct profile *p = r->k->profile;
	uint32_t link = profile_field(p, FIELD_SHEAF_LINK)->offset;
	uint32_t full = profile_field(p, FIELD_BARN_FULL)->offset;
	struct slab_pointers barns = {0};
	size_t i, j;
	int rc = slab_barns_read(r->k, &r->cache, 1, &barns, err);

	/* those that are empty have no object */
	for (i = 0; i < barns.n_nodes && !rc; i++)
		if (barns.v[i] &&
		    vec_push(&r->lists, {.head = barns.v[i] + full,
					 .most = SLAB_SHEAVES_MAX}))
			rc = err_nomem(err);
	free(barns.v);
	if (!rc)
		rc = lists_read(r->k, r->lists.v, r->lists.n, err);
	for (i = 0; i < r->lists.n && !rc; i++) {
		const struct list *l = &r->lists.v[i];

		if (l->torn || l->cut)
			return sheaf_unreadable("those of a node", err);
		for (j = 0; j < l->links.n; j++)
			if (vec_push(&r->sheaves, l->links.v[j] - link))
				return err_nomem(err);
	}
	return rc;
}

/* The objects of all sheaves, as many as each says that it has. */
static int sheaf_look(struct sheaf_reader *r, struct map *out, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ struct space_read *reads =
		calloc(r->sheaves.n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *objects =
		calloc(r->sheaves.n + 1, SHEAF_OBJECTS_MAX * sizeof(*objects));
	uint32_t first =
		profile_field(r->k->profile, FIELD_SHEAF_OBJECTS)->offset;
	size_t i, j;
	int rc;

	if (!reads || !objects)
		return err_nomem(err);
	rc = records_read(r->k, r->sheaves.v, r->sheaves.n, sheaf_fields, 1,
			  &rec, err);
	for (i = 0; i < r->sheaves.n && !rc; i++) {
		uint64_t n = records_u64(&rec, i, FIELD_SHEAF_SIZE);

		if (n > SHEAF_OBJECTS_MAX)
			return err_set(err, ERR_CORRUPT,
				       "a sheaf says that it has more than %u "
				       "objects",
				       SHEAF_OBJECTS_MAX);
		reads[i] = (struct space_read){.root = &r->k->root,
					       .va = r->sheaves.v[i] + first,
					       .dst = objects +
						      i * SHEAF_OBJECTS_MAX,
					       .len = n * sizeof(*objects)};
	}
	if (!rc)
		rc = space_read(r->k->machine, reads, r->sheaves.n, err);
	for (i = 0; i < r->sheaves.n && !rc; i++) {
		if (!rec.ok[i] || reads[i].got < reads[i].len)
			return sheaf_unreadable("what is in one", err);
		for (j = 0; j < reads[i].got / sizeof(*objects); j++)
			if (map_put(out,
				    le64(objects + i * SHEAF_OBJECTS_MAX + j),
				    1))
				return err_nomem(err);
	}
	return rc;
}

int slab_sheaves_read(struct kernel *k, uint64_t cache, struct map *objects,
		      struct err *err)
{
	static const uint32_t cache_fields[] = {FIELD_CACHE_SHEAVES};
	_cleanup_(sheaf_reader_deinit) struct sheaf_reader r = {.k = k,
								.cache = cache};
	_cleanup_(records_deinit) struct records rec = {0};
	int rc;

	if (!sheaf_has(k, FIELD_CACHE_SHEAVES))
		return 0;
	if (!sheaf_has(k, FIELD_SHEAF_SIZE) ||
	    !sheaf_has(k, FIELD_SHEAF_OBJECTS) ||
	    !sheaf_has(k, FIELD_SHEAF_LINK) || !sheaf_has(k, FIELD_BARN_FULL))
		return profile_unknown(k->profile,
				       "this kernel keeps sheaves of slabs in "
				       "no way that is known",
				       err);
	rc = records_read(k, &cache, 1, cache_fields, 1, &rec, err);
	if (!rc && !records_u64(&rec, 0, FIELD_CACHE_SHEAVES))
		return 0; /* this cache has none */
	if (!rc)
		rc = sheaf_find_cpus(
			&r, records_u64(&rec, 0, FIELD_CACHE_SHEAVES), err);
	if (!rc)
		rc = sheaf_find_nodes(&r, err);
	return rc ? rc : sheaf_look(&r, objects, err);
}
