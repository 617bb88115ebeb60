/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the object that an address lies in, and looks for it in free lists. */
#include "kernel/alloc/slab_object.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/alias.h"
#include "kernel/page/page.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	STRUCT_PAGE = WANTS_OF(READER_SLAB_OBJECT)
};

static const struct want want_table[] = {
	STRUCT(PAGE, "page", REQUIRED),
};

const struct wants slab_object_wants = {.reader = "objects of slabs",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Its slab, by the page that the address lies in. */
static int object_find(struct kernel *k, uint64_t va, struct slab_view *v,
		       uint64_t *cache, struct err *err)
{
	struct page_info page;
	uint64_t pfn;
	uint32_t size = profile_sizeof(k->profile, STRUCT_PAGE);
	int rc;

	if (!alias_is_direct(k, va, &pfn))
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is not in the direct map of "
			       "memory, where slabs are",
			       va);
	rc = page_read(k, &pfn, 1, &page, err);
	if (rc)
		return rc;
	if (page.kind != PAGE_SLAB || page.nr > SLAB_PAGES_MAX)
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is in no slab: it is %s", va,
			       page_kind_words(page.kind));
	v->base = k->page_offset + page.head * PAGE_SIZE_4K;
	v->pages = page.nr;
	v->descriptor = page.addr - (page.pfn - page.head) * size;
	*cache = page.cache;
	return 0;
}

/* Which it is, in the slab that was read. */
static int object_place(const struct slab_layout *l, const struct slab_view *v,
			uint64_t va, struct slab_object *out, struct err *err)
{
	uint64_t off = va - v->base;

	*out = (struct slab_object){.cache = l->cache,
				    .size = l->size,
				    .object_size = l->object_size,
				    .ksize = slab_ksize(l, v),
				    .slab = v->base,
				    .objects = v->objects,
				    .index = (uint32_t)(off / l->size)};
	memcpy(out->name, l->name, sizeof(out->name));
	if (v->damaged)
		return err_set(err, ERR_CORRUPT,
			       "the slab at 0x%" PRIx64
			       " is damaged: its cache cannot be that at "
			       "0x%" PRIx64,
			       v->base, l->cache);
	if (out->index >= v->objects)
		return err_set(err, ERR_NOT_FOUND,
			       "0x%" PRIx64 " is behind the last object of the "
			       "slab at 0x%" PRIx64 ", of %s",
			       va, v->base, out->name);
	out->start = slab_object_at(l, v, out->index);
	out->inside = va - out->start < out->object_size;
	return 0;
}

/* In which list it is. */
static int object_judge(struct kernel *k, const struct slab_layout *l,
			struct slab_view *v, struct slab_object *out,
			struct err *err)
{
	_cleanup_(slab_cpus_deinit) struct slab_cpus cpus = {0};
	_cleanup_(map_deinit) struct map sheaves = {0};
	int rc = slab_cpus_read(k, l, &cpus, err);

	if (!rc && v->states[out->index] == SLAB_IN_USE)
		rc = slab_sheaves_read(k, l->cache, &sheaves, err);
	if (rc)
		return rc;
	slab_view_mark(l, v, &cpus, &sheaves);
	out->state = v->states[out->index];
	return 0;
}

int slab_object_read(struct kernel *k, uint64_t va, struct slab_object *out,
		     struct err *err)
{
	_cleanup_(slab_view_deinit) struct slab_view v = {0};
	struct slab_layout l = {0};
	uint64_t cache = 0;
	int rc = profile_check_reader(k->profile, READER_SLAB_OBJECT, err);
	int i;

	if (!rc)
		rc = object_find(k, va, &v, &cache, err);
	if (!rc)
		rc = slab_layout_read(k, cache, &l, err);
	if (!rc)
		rc = slab_views_read(k, &l, &v, 1, err);
	if (!rc)
		rc = object_place(&l, &v, va, out, err);
	for (i = 0; i < SLAB_TRACKS && !rc; i++)
		out->tracks[i] = slab_track_of(k, &l, &v, out->index,
					       (enum slab_track_item)i);
	return rc ? rc : object_judge(k, &l, &v, out, err);
}
