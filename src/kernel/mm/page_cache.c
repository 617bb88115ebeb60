/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads address_spaces, and the trees of their pages. */
#include "kernel/mm/page_cache.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_FILE_MAPPING = WANTS_OF(READER_PAGE_CACHE),
	FIELD_MAPPING_HOST,
	FIELD_MAPPING_PAGES,
	FIELD_INODE_SIZE,
	FIELD_INODE_FLAGS,
	FIELD_INODE_MODE,
	FIELD_INODE_SB,
	FIELD_SB_MAGIC
};

static const struct want want_table[] = {
	FIELD(FILE_MAPPING, "file", OPTIONAL, "f_mapping"),
	FIELD(MAPPING_HOST, "address_space", OPTIONAL, "host"),
	FIELD(MAPPING_PAGES, "address_space", OPTIONAL, "i_pages.xa_head"),
	FIELD(INODE_SIZE, "inode", OPTIONAL, "i_size"),
	FIELD(INODE_FLAGS, "inode", OPTIONAL, "i_flags"),
	FIELD(INODE_MODE, "inode", OPTIONAL, "i_mode"),
	FIELD(INODE_SB, "inode", OPTIONAL, "i_sb"),
	FIELD(SB_MAGIC, "super_block", OPTIONAL, "s_magic"),
};

const struct wants page_cache_wants = {
	.reader = "page caches", .v = want_table, .n = WANTS_N(want_table)};

/* docs/facts/kernel.md, "Page cache" */
#define S_DAX	    (1u << 13)
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

/* Whether this kernel's types tell all that is read here. */
static bool page_cache_known(const struct kernel *k)
{
	size_t i;

	for (i = 0; i < WANTS_N(want_table); i++)
		if (!profile_field(k->profile, FIELD_FILE_MAPPING + i)->present)
			return false;
	return xarrays_known(k);
}

static enum page_cache_kind
page_cache_judge(uint64_t magic, const struct records *inode, size_t i)
{
	uint64_t mode = records_u64(inode, i, FIELD_INODE_MODE);

	if (records_u64(inode, i, FIELD_INODE_FLAGS) & S_DAX ||
	    (!S_ISREG(mode) && !S_ISBLK(mode)))
		return PAGE_CACHE_OTHER;
	return magic == TMPFS_MAGIC || magic == RAMFS_MAGIC ? PAGE_CACHE_MEMORY
							    : PAGE_CACHE_FILE;
}

/* The records of `from`, one member of which leads to the next structure. */
static int page_cache_follow(struct kernel *k, uint64_t *addrs, size_t n,
			     const uint32_t *fields, size_t n_fields,
			     struct records *r, struct err *err)
{
	size_t i;
	int rc = records_read(k, addrs, n, fields, n_fields, r, err);

	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(r, i, fields[0]);
	return rc;
}

/* Which of them is the first that has this tree. */
static int page_caches_match(struct page_cache *v, size_t n)
{
	_cleanup_(map_deinit) struct map first = {0};
	uint64_t at;
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].same = i;
		if (!v[i].mapping)
			continue;
		if (map_get(&first, v[i].mapping, &at))
			v[i].same = (size_t)at;
		else if (map_put(&first, v[i].mapping, i))
			return ERR_NOMEM;
	}
	return 0;
}

int page_caches_of(struct kernel *k, const uint64_t *mappings, size_t n,
		   struct page_cache *out, struct err *err)
{
	static const uint32_t mapping[] = {FIELD_MAPPING_HOST,
					   FIELD_MAPPING_PAGES};
	static const uint32_t inode[] = {FIELD_INODE_SB, FIELD_INODE_SIZE,
					 FIELD_INODE_FLAGS, FIELD_INODE_MODE};
	static const uint32_t super[] = {FIELD_SB_MAGIC};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	struct records r[3] = {{0}};
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		out[i] = (struct page_cache){0};
		addrs[i] = mappings[i];
	}
	if (!n || !page_cache_known(k))
		return 0;
	rc = page_cache_follow(k, addrs, n, mapping, 2, &r[0], err);
	if (!rc)
		rc = page_cache_follow(k, addrs, n, inode, 4, &r[1], err);
	if (!rc)
		rc = page_cache_follow(k, addrs, n, super, 1, &r[2], err);
	for (i = 0; i < n && !rc; i++) {
		if (!r[0].ok[i] || !r[1].ok[i] || !r[2].ok[i])
			continue;
		out[i] = (struct page_cache){
			.kind = page_cache_judge(addrs[i], &r[1], i),
			.mapping = mappings[i],
			.head = records_u64(&r[0], i, FIELD_MAPPING_PAGES),
			.size = records_u64(&r[1], i, FIELD_INODE_SIZE)};
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	if (!rc && page_caches_match(out, n))
		rc = err_nomem(err);
	return rc;
}

int page_caches_read(struct kernel *k, const uint64_t *files, size_t n,
		     struct page_cache *out, struct err *err)
{
	static const uint32_t file[] = {FIELD_FILE_MAPPING};
	_cleanup_free_ uint64_t *mappings = calloc(n + 1, sizeof(*mappings));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = 0;

	if (!mappings)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		mappings[i] = files[i];
	if (n && page_cache_known(k))
		rc = page_cache_follow(k, mappings, n, file, 1, &r, err);
	return rc ? rc : page_caches_of(k, mappings, n, out, err);
}

static int by_stretch(const void *a, const void *b)
{
	const struct page_cache_want *x = a, *y = b;

	if (x->cache != y->cache)
		return x->cache < y->cache ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Put them in order, and together what overlaps; how many remain. */
static size_t merge_wants(struct page_cache_want *v, size_t n)
{
	size_t i, out = 0;

	if (n)
		qsort(v, n, sizeof(*v), by_stretch);
	for (i = 0; i < n; i++) {
		struct page_cache_want *p = out ? &v[out - 1] : NULL;

		if (!p || p->cache != v[i].cache || p->last < v[i].first)
			v[out++] = v[i];
		else if (p->last < v[i].last)
			p->last = v[i].last;
	}
	return out;
}

int page_caches_find(struct kernel *k, const struct page_cache *caches,
		     size_t n_caches, struct page_cache_want *wants, size_t n,
		     struct xarray_entries *out, struct err *err)
{
	_cleanup_free_ struct xarray *trees =
		calloc(n_caches + 1, sizeof(*trees));
	_cleanup_free_ struct xarray_range *ranges =
		calloc(n + 1, sizeof(*ranges));
	size_t i;

	*out = (struct xarray_entries){0};
	if (!trees || !ranges)
		return err_nomem(err);
	n = merge_wants(wants, n);
	for (i = 0; i < n; i++) {
		struct xarray *t = &trees[wants[i].cache];

		ranges[i] =
			(struct xarray_range){wants[i].first, wants[i].last};
		if (!t->n++)
			t->ranges = &ranges[i];
		t->head = caches[wants[i].cache].head;
	}
	return xarrays_read(k, trees, n_caches, XARRAY_NODES_MAX, out, err);
}
