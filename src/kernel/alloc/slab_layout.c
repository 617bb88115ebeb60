/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how the objects of a slab cache lie in its slabs. */
#include "kernel/alloc/slab_layout.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CACHE_NAME = WANTS_OF(READER_SLAB_LAYOUT),
	FIELD_CACHE_FLAGS,
	FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE,
	FIELD_CACHE_INUSE,
	FIELD_CACHE_OFFSET,
	FIELD_CACHE_RANDOM,
	FIELD_CACHE_LEFT,
	FIELD_CACHE_CPU,
	CONSTANT_RED_ZONE,
	CONSTANT_POISON,
	CONSTANT_STORE_USER,
	CONSTANT_RCU,
	CONSTANT_KASAN,
	CONSTANT_OBJECT_POISON
};

static const struct want want_table[] = {
	FIELD(CACHE_NAME, "kmem_cache", REQUIRED, "name"),
	FIELD(CACHE_FLAGS, "kmem_cache", OPTIONAL, "flags"),
	FIELD(CACHE_SIZE, "kmem_cache", REQUIRED, "size"),
	FIELD(CACHE_OBJECT_SIZE, "kmem_cache", REQUIRED, "object_size"),
	FIELD(CACHE_INUSE, "kmem_cache", OPTIONAL, "inuse"),
	FIELD(CACHE_OFFSET, "kmem_cache", REQUIRED, "offset"),
	/* CONFIG_SLAB_FREELIST_HARDENED */
	FIELD(CACHE_RANDOM, "kmem_cache", OPTIONAL, "random"),
	FIELD(CACHE_LEFT, "kmem_cache", OPTIONAL, "red_left_pad"),
	FIELD(CACHE_CPU, "kmem_cache", OPTIONAL, "cpu_slab"), /* up to 6.19 */
	/* 6.9; macros before */
	CONSTANT(RED_ZONE, "_slab_flag_bits", "_SLAB_RED_ZONE"),
	CONSTANT(POISON, "_slab_flag_bits", "_SLAB_POISON"),
	CONSTANT(STORE_USER, "_slab_flag_bits", "_SLAB_STORE_USER"),
	CONSTANT(RCU, "_slab_flag_bits", "_SLAB_TYPESAFE_BY_RCU"),
	CONSTANT(KASAN, "_slab_flag_bits", "_SLAB_KASAN"), /* CONFIG_KASAN */
	CONSTANT(OBJECT_POISON, "_slab_flag_bits", "_SLAB_OBJECT_POISON"),
};

const struct wants slab_layout_wants = {.reader = "layouts of slab caches",
					.v = want_table,
					.n = WANTS_N(want_table)};

static const uint32_t cache_fields[] = {
	FIELD_CACHE_NAME,	 FIELD_CACHE_FLAGS, FIELD_CACHE_SIZE,
	FIELD_CACHE_OBJECT_SIZE, FIELD_CACHE_INUSE, FIELD_CACHE_OFFSET,
	FIELD_CACHE_RANDOM,	 FIELD_CACHE_LEFT,  FIELD_CACHE_CPU,
};

/* The bits of flags up to 6.8 (include/linux/slab.h, mm/slub.c). */
#define OLD_RED_ZONE	  0x400u
#define OLD_POISON	  0x800u
#define OLD_STORE_USER	  0x10000u
#define OLD_RCU		  0x80000u
#define OLD_KASAN	  0x8000000u
#define OLD_OBJECT_POISON 0x80000000u

/* From 6.9 on the constant is the number of the bit. */
static bool layout_flag(const struct kernel *k, uint64_t flags, uint32_t id,
			uint32_t old)
{
	int64_t bit;

	if (profile_constant(k->profile, id, &bit))
		return bit >= 0 && bit < 64 && flags >> bit & 1;
	if (profile_constant(k->profile, CONSTANT_RED_ZONE, &bit))
		return false;
	return flags & old;
}

static void layout_flags(const struct kernel *k, uint64_t flags,
			 struct slab_layout *l)
{
	l->red_zones = layout_flag(k, flags, CONSTANT_RED_ZONE, OLD_RED_ZONE);
	l->poison = layout_flag(k, flags, CONSTANT_POISON, OLD_POISON);
	l->poison_free = layout_flag(k, flags, CONSTANT_OBJECT_POISON,
				     OLD_OBJECT_POISON);
	l->tracks = layout_flag(k, flags, CONSTANT_STORE_USER, OLD_STORE_USER);
	l->rcu = layout_flag(k, flags, CONSTANT_RCU, OLD_RCU);
	l->kasan = layout_flag(k, flags, CONSTANT_KASAN, OLD_KASAN);
}

/* All of it is in `size` bytes, whatever its last object is followed by. */
static bool layout_fits(const struct slab_layout *l)
{
	uint64_t end = (uint64_t)l->left + l->object_size;

	return l->size >= 8 && l->object_size && end <= l->size &&
	       (uint64_t)l->left + l->inuse <= l->size &&
	       (uint64_t)l->left + l->offset + 8 <= l->size;
}

int slab_layout_read(struct kernel *k, uint64_t cache, struct slab_layout *out,
		     struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	struct slab_layout l = {.cache = cache};
	char *name = out->name;
	uint64_t at;
	int rc = records_read(k, &cache, 1, cache_fields, WANTS_N(cache_fields),
			      &rec, err);

	if (rc)
		return rc;
	l.size = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_SIZE);
	l.object_size = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_OBJECT_SIZE);
	l.inuse = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_INUSE);
	l.left = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_LEFT);
	l.offset = (uint32_t)records_u64(&rec, 0, FIELD_CACHE_OFFSET);
	l.hardened = records_have(&rec, FIELD_CACHE_RANDOM);
	l.random = records_u64(&rec, 0, FIELD_CACHE_RANDOM);
	l.cpu_slab = records_u64(&rec, 0, FIELD_CACHE_CPU);
	layout_flags(k, records_u64(&rec, 0, FIELD_CACHE_FLAGS), &l);
	at = records_u64(&rec, 0, FIELD_CACHE_NAME);
	if (!rec.ok[0] || !layout_fits(&l))
		return err_set(err, ERR_CORRUPT,
			       "no slab cache can be as that at 0x%" PRIx64
			       " is",
			       cache);
	*out = l;
	return records_strings(k, &at, 1, sizeof(out->name), &name, NULL, err);
}
