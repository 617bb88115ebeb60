/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads files out of the page cache. */
#include "kernel/mm/cached_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"

/* The file, as if all of it were mapped from address 0 on. */
static int cached_file_look(struct kernel *k, struct page_cache *cache,
			    struct unmapped_runs *out, struct err *err)
{
	uint64_t pages =
		cache->size / PAGE_SIZE_4K + (cache->size % PAGE_SIZE_4K != 0);
	struct vma vma = {.end = pages * PAGE_SIZE_4K,
			  .flags = VM_READ | VM_SHARED,
			  .file = 1,
			  .ops = 1};
	struct unmapped u = {
		.k = k, .vmas = {.v = &vma, .n = 1}, .caches = cache};
	const struct unmapped_gap gap = {.len = vma.end};

	return pages ? unmapped_find(&u, &gap, 1, out, err) : 0;
}

int cached_file_find(struct kernel *k, uint64_t mapping,
		     struct cached_file *out, struct err *err)
{
	struct page_cache cache;
	int rc = page_caches_of(k, &mapping, 1, &cache, err);

	*out = (struct cached_file){0};
	if (rc)
		return rc;
	out->kind = cache.kind;
	out->size = cache.size;
	if (cache.kind == PAGE_CACHE_UNKNOWN)
		return err_set(err, ERR_UNREADABLE,
			       "its page cache at 0x%" PRIx64 " cannot be read",
			       mapping);
	if (cache.kind == PAGE_CACHE_OTHER)
		return err_set(err, ERR_NOT_FOUND, "it has no page cache");
	if (cache.size > CACHED_FILE_SIZE_MAX)
		return err_set(err, ERR_REFUSED,
			       "it has %" PRIu64
			       " bytes, more than is looked at",
			       cache.size);
	return cached_file_look(k, &cache, &out->runs, err);
}

void cached_file_deinit(struct cached_file *f)
{
	unmapped_runs_deinit(&f->runs);
}

/* The bytes of a run that are the file's. */
static uint64_t run_bytes(const struct cached_file *f,
			  const struct unmapped_run *r)
{
	if (r->va >= f->size)
		return 0;
	return r->len < f->size - r->va ? r->len : f->size - r->va;
}

uint64_t cached_file_resident(const struct cached_file *f)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < f->runs.list.n; i++)
		if (unmapped_has_bytes(f->runs.list.v[i].kind))
			bytes += run_bytes(f, &f->runs.list.v[i]);
	return bytes;
}

int cached_file_read(struct kernel *k, const struct cached_file *f, void *dst,
		     size_t len, struct err *err)
{
	_cleanup_free_ struct mem_read *reads =
		calloc(f->runs.list.n + 1, sizeof(*reads));
	size_t i, n = 0;
	int rc;

	if (!reads)
		return err_nomem(err);
	memset(dst, 0, len);
	for (i = 0; i < f->runs.list.n; i++) {
		const struct unmapped_run *r = &f->runs.list.v[i];
		uint64_t bytes = run_bytes(f, r);

		if (!r->pa || !unmapped_has_bytes(r->kind) || r->va >= len)
			continue;
		if (bytes > len - r->va)
			bytes = len - r->va;
		reads[n++] = (struct mem_read){.pa = r->pa,
					       .dst = (uint8_t *)dst + r->va,
					       .len = (size_t)bytes};
	}
	rc = n ? machine_read_past(k->machine, reads, n, err) : 0;
	for (i = 0; i < n && !rc; i++)
		if (reads[i].status != MEM_OK)
			rc = err_set(err, ERR_UNREADABLE,
				     "its page at 0x%" PRIx64 " cannot be read",
				     reads[i].pa);
	return rc;
}
