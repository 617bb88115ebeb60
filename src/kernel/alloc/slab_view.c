/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads slabs, and follows their lists of free objects. */
#include "kernel/alloc/slab_view.h"

#include <byteswap.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SLAB_CACHE = WANTS_OF(READER_SLAB_VIEW),
	FIELD_SLAB_FREELIST,
	FIELD_SLAB_COUNTERS,
	FIELD_SLAB_EXTS,
	FIELD_CPU_FREELIST,
	FIELD_CPU_SLAB,
	FIELD_CPU_PARTIAL
};

static const struct want want_table[] = {
	FIELD(SLAB_CACHE, "slab|page", REQUIRED, "slab_cache"),
	FIELD(SLAB_FREELIST, "slab|page", REQUIRED, "freelist"),
	FIELD(SLAB_COUNTERS, "slab|page", REQUIRED, "counters"),
	FIELD(SLAB_EXTS, "slab", OPTIONAL, "obj_exts"), /* 6.10 */
	FIELD(CPU_FREELIST, "kmem_cache_cpu", OPTIONAL, "freelist"),
	FIELD(CPU_SLAB, "kmem_cache_cpu", OPTIONAL, "slab|page"), /* 5.17 */
	/* CONFIG_SLUB_CPU_PARTIAL */
	FIELD(CPU_PARTIAL, "kmem_cache_cpu", OPTIONAL, "partial"),
};

const struct wants slab_view_wants = {
	.reader = "slabs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t slab_fields[] = {
	FIELD_SLAB_CACHE,
	FIELD_SLAB_FREELIST,
	FIELD_SLAB_COUNTERS,
	FIELD_SLAB_EXTS,
};

static const uint32_t cpu_fields[] = {
	FIELD_CPU_FREELIST,
	FIELD_CPU_SLAB,
	FIELD_CPU_PARTIAL,
};

/* OBJEXTS_FLAGS_MASK, in the low bits of that pointer. */
#define EXTS_FLAGS 7ULL

const char *slab_state_words(enum slab_state state)
{
	static const char *const words[] = {
		[SLAB_UNKNOWN] = "unknown",
		[SLAB_IN_USE] = "in use",
		[SLAB_FREE] = "free",
		[SLAB_FREE_ON_CPU] = "free on a CPU",
		[SLAB_FREE_IN_SHEAF] = "free in a sheaf",
	};

	return words[state];
}

void slab_view_deinit(struct slab_view *v)
{
	free(v->bytes);
	free(v->states);
	v->bytes = NULL;
	v->states = NULL;
}

/* Counters: in use in bits 0 to 15, objects in 16 to 30. */
static int views_read_descriptors(struct kernel *k, const struct slab_layout *l,
				  struct slab_view *views, size_t n,
				  struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = views[i].descriptor;
	rc = records_read(k, at, n, slab_fields, WANTS_N(slab_fields), &rec,
			  err);
	for (i = 0; i < n && !rc; i++) {
		struct slab_view *v = &views[i];
		uint64_t counters = records_u64(&rec, i, FIELD_SLAB_COUNTERS);

		v->cache = records_u64(&rec, i, FIELD_SLAB_CACHE);
		v->freelist = records_u64(&rec, i, FIELD_SLAB_FREELIST);
		v->exts = records_u64(&rec, i, FIELD_SLAB_EXTS) & ~EXTS_FLAGS;
		v->inuse = counters & 0xffff;
		v->objects = counters >> 16 & 0x7fff;
		v->damaged = !rec.ok[i] || v->cache != l->cache ||
			     v->inuse > v->objects ||
			     v->pages > SLAB_PAGES_MAX ||
			     (uint64_t)v->objects * l->size >
				     (uint64_t)v->pages * PAGE_SIZE_4K;
		if (v->damaged)
			v->objects = v->inuse = 0;
	}
	return rc;
}

static int views_read_bytes(struct kernel *k, struct slab_view *views, size_t n,
			    struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		struct slab_view *v = &views[i];
		size_t len = v->damaged ? 0 : (size_t)v->pages * PAGE_SIZE_4K;

		v->bytes = malloc(len + 1);
		v->states = calloc(v->objects + 1, sizeof(*v->states));
		if (!v->bytes || !v->states)
			return err_nomem(err);
		reads[i] = (struct space_read){.root = &k->root,
					       .va = v->base,
					       .dst = v->bytes,
					       .len = len};
	}
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len) {
			views[i].damaged = true;
			views[i].objects = views[i].inuse = 0;
		}
	return rc;
}

/* Which object begins there; false: none. */
static bool view_index(const struct slab_layout *l, const struct slab_view *v,
		       uint64_t at, uint32_t *index)
{
	uint64_t first = v->base + l->left, off = at - first;

	*index = (uint32_t)(off / l->size);
	return at >= first && off % l->size == 0 && off / l->size < v->objects;
}

/* A mark beside a state, while a list is followed. */
#define SEEN 0x80

/* What was seen is as it was before, or is what the list says. */
static void view_settle(struct slab_view *v, uint8_t state)
{
	uint32_t i;

	for (i = 0; i < v->objects; i++)
		if (v->states[i] == SEEN)
			v->states[i] = state;
}

/*
 * Follow a list from its first object on. A pointer to the next is in each, at
 * `offset`; hardened, it is stored with a secret and its own address, which
 * from 5.7 on is turned round (freelist_ptr_decode(), mm/slub.c).  What it has
 * becomes `state`; false, and nothing is changed, where it leaves the slab,
 * comes back, or has what another one has.
 */
static bool view_follow(const struct slab_layout *l, struct slab_view *v,
			uint64_t first, enum slab_state state, uint32_t *n)
{
	uint64_t at = first, place, word;
	uint32_t i;

	for (*n = 0; at; ++*n) {
		if (!view_index(l, v, at, &i) || v->states[i] != SLAB_IN_USE) {
			view_settle(v, SLAB_IN_USE);
			return false;
		}
		v->states[i] = SEEN;
		place = at + l->offset;
		word = le64(v->bytes + (place - v->base));
		at = l->hardened ? word ^ l->random ^
					   (v->turned ? bswap_64(place) : place)
				 : word;
	}
	view_settle(v, (uint8_t)state);
	return true;
}

/* The slab's own list has as many as its counters say, in one of both forms. */
static void view_mark_own(const struct slab_layout *l, struct slab_view *v)
{
	uint32_t n;
	int form;

	for (form = 0; form < 2; form++) {
		memset(v->states, SLAB_IN_USE, v->objects);
		v->turned = !form;
		if (view_follow(l, v, v->freelist, SLAB_FREE, &n) &&
		    n == v->objects - v->inuse)
			return;
	}
	v->turned = true;
	memset(v->states, SLAB_UNKNOWN, v->objects);
}

int slab_views_read(struct kernel *k, const struct slab_layout *l,
		    struct slab_view *views, size_t n, struct err *err)
{
	size_t i;
	int rc = views_read_descriptors(k, l, views, n, err);

	if (!rc)
		rc = views_read_bytes(k, views, n, err);
	for (i = 0; i < n && !rc; i++)
		if (!views[i].damaged)
			view_mark_own(l, &views[i]);
	return rc;
}

int slab_cpus_read(struct kernel *k, const struct slab_layout *l,
		   struct slab_cpus *out, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *cpus = NULL;
	size_t n = 0, i;
	int rc;

	if (!l->cpu_slab)
		return 0;
	rc = percpu_offsets(k, &cpus, &n, err);
	for (i = 0; i < n; i++)
		cpus[i] += l->cpu_slab;
	if (!rc)
		rc = records_read(k, cpus, n, cpu_fields, WANTS_N(cpu_fields),
				  &rec, err);
	if (rc)
		return rc;
	out->slab = calloc(n + 1, sizeof(*out->slab));
	out->freelist = calloc(n + 1, sizeof(*out->freelist));
	out->partial = calloc(n + 1, sizeof(*out->partial));
	out->ok = calloc(n + 1, sizeof(*out->ok));
	if (!out->slab || !out->freelist || !out->partial || !out->ok)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		out->ok[i] = rec.ok[i];
		out->slab[i] = records_u64(&rec, i, FIELD_CPU_SLAB);
		out->freelist[i] = records_u64(&rec, i, FIELD_CPU_FREELIST);
		out->partial[i] = records_u64(&rec, i, FIELD_CPU_PARTIAL);
	}
	out->n = n;
	return 0;
}

void slab_cpus_deinit(struct slab_cpus *c)
{
	free(c->slab);
	free(c->freelist);
	free(c->partial);
	free(c->ok);
}

static void view_doubt(struct slab_view *v)
{
	uint32_t i;

	for (i = 0; i < v->objects; i++)
		if (v->states[i] == SLAB_IN_USE)
			v->states[i] = SLAB_UNKNOWN;
}

/* That of a CPU may be in the other form, where the slab's own is empty. */
static void view_mark_cpu(const struct slab_layout *l, struct slab_view *v,
			  uint64_t freelist)
{
	uint32_t n;

	if (view_follow(l, v, freelist, SLAB_FREE_ON_CPU, &n))
		return;
	v->turned = !v->turned;
	if (!view_follow(l, v, freelist, SLAB_FREE_ON_CPU, &n))
		memset(v->states, SLAB_UNKNOWN, v->objects);
}

void slab_view_mark(const struct slab_layout *l, struct slab_view *v,
		    const struct slab_cpus *cpus, const struct map *sheaves)
{
	uint32_t j;
	size_t i;

	if (v->damaged || (v->objects && v->states[0] == SLAB_UNKNOWN))
		return;
	for (i = 0; i < cpus->n; i++) {
		if (!cpus->ok[i])
			view_doubt(v);
		else if (cpus->slab[i] == v->descriptor)
			view_mark_cpu(l, v, cpus->freelist[i]);
	}
	for (j = 0; j < v->objects && sheaves; j++)
		if (v->states[j] == SLAB_IN_USE &&
		    map_get(sheaves, slab_object_at(l, v, j), NULL))
			v->states[j] = SLAB_FREE_IN_SHEAF;
}

enum slab_exts slab_exts_place(const struct slab_layout *l,
			       const struct slab_view *v)
{
	uint64_t off = v->exts - v->base;

	if (off >= (uint64_t)v->pages * PAGE_SIZE_4K)
		return SLAB_EXTS_ELSEWHERE;
	return off < (uint64_t)v->objects * l->size ? SLAB_EXTS_IN_OBJECTS
						    : SLAB_EXTS_BEHIND;
}

uint32_t slab_ksize(const struct slab_layout *l, const struct slab_view *v)
{
	if (l->red_zones || l->poison || l->kasan)
		return l->object_size;
	if (l->rcu || l->tracks ||
	    slab_exts_place(l, v) == SLAB_EXTS_IN_OBJECTS)
		return l->inuse;
	return l->size;
}
