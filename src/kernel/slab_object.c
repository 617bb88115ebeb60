/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the object that an address lies in, and looks for it in free lists. */
#include "kernel/slab_object.h"

#include <byteswap.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/page.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SLAB_CACHE = WANTS_OF(READER_SLAB_OBJECT),
	FIELD_SLAB_FREELIST,
	FIELD_SLAB_COUNTERS,
	FIELD_CACHE_NAME,
	FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_OFFSET,
	FIELD_CACHE_RANDOM,
	FIELD_CACHE_LEFT,
	FIELD_CACHE_CPU,
	FIELD_CPU_FREELIST,
	FIELD_CPU_SLAB,
	STRUCT_PAGE
};

static const struct want want_table[] = {
	FIELD(SLAB_CACHE, "slab|page", REQUIRED, "slab_cache"),
	FIELD(SLAB_FREELIST, "slab|page", REQUIRED, "freelist"),
	FIELD(SLAB_COUNTERS, "slab|page", REQUIRED, "counters"),
	FIELD(CACHE_NAME, "kmem_cache", REQUIRED, "name"),
	FIELD(CACHE_SIZE, "kmem_cache", REQUIRED, "size"),
	FIELD(CACHE_OBJECT_SIZE, "kmem_cache", REQUIRED, "object_size"),
	FIELD(CACHE_OFFSET, "kmem_cache", REQUIRED, "offset"),
	/* CONFIG_SLAB_FREELIST_HARDENED */
	FIELD(CACHE_RANDOM, "kmem_cache", OPTIONAL, "random"),
	FIELD(CACHE_LEFT, "kmem_cache", OPTIONAL, "red_left_pad"),
	FIELD(CACHE_CPU, "kmem_cache", OPTIONAL, "cpu_slab"), /* up to 6.19 */
	FIELD(CPU_FREELIST, "kmem_cache_cpu", OPTIONAL, "freelist"),
	FIELD(CPU_SLAB, "kmem_cache_cpu", OPTIONAL, "slab|page"), /* 5.17 */
	STRUCT(PAGE, "page", REQUIRED),
};

const struct wants slab_object_wants = {
	.reader = "slabs", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t slab_fields[] = {
	FIELD_SLAB_CACHE,
	FIELD_SLAB_FREELIST,
	FIELD_SLAB_COUNTERS,
};

static const uint32_t cache_fields[] = {
	FIELD_CACHE_NAME,   FIELD_CACHE_SIZE,	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_OFFSET, FIELD_CACHE_RANDOM, FIELD_CACHE_LEFT,
	FIELD_CACHE_CPU,
};

static const uint32_t cpu_fields[] = {FIELD_CPU_FREELIST, FIELD_CPU_SLAB};

/* The largest slab that is looked at: order 9; kernels make up to order 3. */
#define SLAB_PAGES_MAX 512u

/* A slab that was read, and how its free lists are written. */
struct slab_view {
	struct kernel *k;
	uint64_t descriptor; /* its struct slab */
	uint64_t base, len;
	uint8_t *bytes;
	uint64_t freelist, counters;
	uint64_t cpu_slab; /* per-CPU pointer; 0: none */
	uint32_t size, offset, left, objects;
	uint64_t random;
	bool hardened;
	bool *free; /* of each object */
};

static void slab_view_deinit(struct slab_view *v)
{
	free(v->bytes);
	free(v->free);
}

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

/* Its descriptor, by the page that the address lies in. */
static int slab_find(struct slab_view *v, uint64_t va, uint64_t *cache,
		     struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	struct page_info page;
	uint64_t pfn = (va - v->k->page_offset) / PAGE_SIZE_4K;
	uint32_t size = profile_sizeof(v->k->profile, STRUCT_PAGE);
	int rc;

	if (va < v->k->page_offset ||
	    !machine_is_ram(v->k->machine, pfn * PAGE_SIZE_4K, PAGE_SIZE_4K))
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is not in the direct map of "
			       "memory, where slabs are",
			       va);
	rc = page_read(v->k, &pfn, 1, &page, err);
	if (rc)
		return rc;
	if (page.kind != PAGE_SLAB || page.nr > SLAB_PAGES_MAX)
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is in no slab: it is %s", va,
			       page_kind_words(page.kind));
	v->base = v->k->page_offset + page.head * PAGE_SIZE_4K;
	v->len = (uint64_t)page.nr * PAGE_SIZE_4K;
	v->descriptor = page.addr - (page.pfn - page.head) * size;
	rc = records_read(v->k, &v->descriptor, 1, slab_fields,
			  WANTS_N(slab_fields), &rec, err);
	*cache = records_u64(&rec, 0, FIELD_SLAB_CACHE);
	v->freelist = records_u64(&rec, 0, FIELD_SLAB_FREELIST);
	v->counters = records_u64(&rec, 0, FIELD_SLAB_COUNTERS);
	return rc;
}

/* The cache it belongs to. */
static int slab_read_cache(struct slab_view *v, struct slab_object *out,
			   struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	char *name = out->name;
	uint64_t at;
	int rc = records_read(v->k, &out->cache, 1, cache_fields,
			      WANTS_N(cache_fields), &rec, err);

	if (rc)
		return rc;
	v->size = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_SIZE);
	v->offset = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_OFFSET);
	v->left = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_LEFT);
	v->hardened = records_have(&rec, FIELD_CACHE_RANDOM);
	v->random = records_u64(&rec, 0, FIELD_CACHE_RANDOM);
	v->cpu_slab = records_u64(&rec, 0, FIELD_CACHE_CPU);
	v->objects = v->counters >> 16 & 0x7fff;
	out->size = v->size;
	out->object_size =
		(uint32_t)records_u64(&rec, 0, FIELD_CACHE_OBJECT_SIZE);
	if (!rec.ok[0] || v->size < 8 ||
	    (uint64_t)v->left + v->offset > v->size - 8 ||
	    out->object_size > v->size ||
	    (uint64_t)v->objects * v->size > v->len)
		return err_set(err, ERR_CORRUPT,
			       "the slab at 0x%" PRIx64
			       " is damaged: its cache cannot be that at "
			       "0x%" PRIx64,
			       v->base, out->cache);
	at = records_u64(&rec, 0, FIELD_CACHE_NAME);
	return records_strings(v->k, &at, 1, sizeof(out->name), &name, NULL,
			       err);
}

/* Its objects, to follow free lists in; and a mark for each. */
static int slab_read_bytes(struct slab_view *v, struct err *err)
{
	v->bytes = malloc(v->len);
	v->free = calloc(v->objects + 1, sizeof(*v->free));
	if (!v->bytes || !v->free)
		return err_nomem(err);
	return kernel_read(v->k, v->base, v->bytes, v->len, err);
}

/* Which object begins there; false: none. */
static bool slab_index(const struct slab_view *v, uint64_t at, uint32_t *index)
{
	uint64_t off = at - v->base - v->left;

	*index = (uint32_t)(off / v->size);
	return at >= v->base + v->left && off % v->size == 0 &&
	       off / v->size < v->objects;
}

/*
 * Follow a list from its first object on. A pointer to the next is in each, at
 * `offset`; hardened, it is stored with a secret and its own address, which
 * from 5.7 on is turned round (freelist_ptr_decode(), mm/slub.c).  False where
 * it leaves the slab, or comes back.
 */
static bool slab_follow(const struct slab_view *v, uint64_t first, bool turned,
			bool *free, uint32_t *n)
{
	uint64_t at = first, place, word;
	uint32_t index;

	for (*n = 0; at; ++*n) {
		if (!slab_index(v, at, &index) || free[index])
			return false;
		free[index] = true;
		place = at + v->offset;
		word = le64(v->bytes + (place - v->base));
		at = v->hardened ? word ^ v->random ^
					   (turned ? bswap_64(place) : place)
				 : word;
	}
	return true;
}

/* The slab's own list has as many as its counters say, in one of both forms. */
static bool slab_mark_free(struct slab_view *v, bool *turned, struct err *err,
			   int *rc)
{
	uint32_t wanted = v->objects - (uint32_t)(v->counters & 0xffff), n;
	int form;

	for (form = 0; form < 2; form++) {
		_cleanup_free_ bool *free =
			calloc(v->objects + 1, sizeof(*free));

		if (!free) {
			*rc = err_nomem(err);
			return false;
		}
		*turned = !form;
		if (!slab_follow(v, v->freelist, *turned, free, &n) ||
		    n != wanted)
			continue;
		memcpy(v->free, free, v->objects * sizeof(*free));
		return true;
	}
	return false;
}

/* Whether a CPU that works on this slab has the object in its own list. */
static int slab_on_cpu(struct slab_view *v, uint32_t index, bool turned,
		       enum slab_state *state, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	_cleanup_free_ uint64_t *cpus = NULL;
	size_t n = 0, i;
	uint32_t count;
	int rc = percpu_offsets(v->k, &cpus, &n, err);

	for (i = 0; i < n; i++)
		cpus[i] += v->cpu_slab;
	if (!rc)
		rc = records_read(v->k, cpus, n, cpu_fields,
				  WANTS_N(cpu_fields), &rec, err);
	for (i = 0; i < n && !rc; i++) {
		bool was = v->free[index];

		if (!rec.ok[i])
			*state = SLAB_UNKNOWN;
		if (records_u64(&rec, i, FIELD_CPU_SLAB) != v->descriptor)
			continue;
		if (!slab_follow(v, records_u64(&rec, i, FIELD_CPU_FREELIST),
				 turned, v->free, &count))
			*state = SLAB_UNKNOWN;
		else if (!was && v->free[index])
			*state = SLAB_FREE_ON_CPU;
	}
	return rc;
}

static int slab_judge(struct slab_view *v, struct slab_object *out,
		      struct err *err)
{
	bool turned, have = false;
	int rc = 0;

	out->state = SLAB_UNKNOWN;
	if (!slab_mark_free(v, &turned, err, &rc))
		return rc;
	out->state = v->free[out->index] ? SLAB_FREE : SLAB_IN_USE;
	if (v->cpu_slab)
		rc = slab_on_cpu(v, out->index, turned, &out->state, err);
	if (!rc && out->state == SLAB_IN_USE)
		rc = slab_sheaves_have(v->k, out->cache, out->start, &have,
				       err);
	if (have)
		out->state = SLAB_FREE_IN_SHEAF;
	return rc;
}

int slab_object_read(struct kernel *k, uint64_t va, struct slab_object *out,
		     struct err *err)
{
	_cleanup_(slab_view_deinit) struct slab_view v = {.k = k};
	uint64_t off;
	int rc = profile_check_reader(k->profile, READER_SLAB_OBJECT, err);

	*out = (struct slab_object){0};
	if (!rc)
		rc = slab_find(&v, va, &out->cache, err);
	if (!rc)
		rc = slab_read_cache(&v, out, err);
	if (rc)
		return rc;
	off = va - v.base;
	out->slab = v.base;
	out->objects = v.objects;
	out->index = (uint32_t)(off / v.size);
	if (out->index >= v.objects)
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is behind the last object of the "
			       "slab at 0x%" PRIx64 ", of %s",
			       va, v.base, out->name);
	out->start = v.base + (uint64_t)out->index * v.size + v.left;
	out->inside = va - out->start < out->object_size;
	rc = slab_read_bytes(&v, err);
	return rc ? rc : slab_judge(&v, out, err);
}
