/* SPDX-License-Identifier: BSD-2-Clause */
/* From the address_space of a page to a file that people know. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/inode_path.h"
#include "kernel/page/page.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_INODE_INO = WANTS_OF(READER_PAGE_FILE),
	FIELD_INODE_SB,
	FIELD_SB_DEV,
	FIELD_MAPPING_HOST,
	FIELD_SB_TYPE,
	FIELD_FS_TYPE_NAME
};

static const struct want want_table[] = {
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
	FIELD(MAPPING_HOST, "address_space", OPTIONAL, "host"),
	FIELD(SB_TYPE, "super_block", OPTIONAL, "s_type"),
	FIELD(FS_TYPE_NAME, "file_system_type", OPTIONAL, "name"),
};

const struct wants page_file_wants = {
	.reader = "files of pages", .v = want_table, .n = WANTS_N(want_table)};

/* What each file leads to, one array per thing. */
struct trail {
	struct kernel *k;
	size_t n;
	struct inode_path *paths;
	uint64_t *addrs; /* of what is read next */
};

static void page_file_trail_deinit(struct trail *t)
{
	free(t->paths);
	free(t->addrs);
}

static int page_file_trail_init(struct trail *t, struct kernel *k, size_t n)
{
	t->k = k;
	t->n = n;
	t->paths = calloc(n + 1, sizeof(*t->paths));
	t->addrs = calloc(n + 1, sizeof(*t->addrs));
	return t->paths && t->addrs ? 0 : ERR_NOMEM;
}

static int page_file_read_inodes(struct trail *t, struct page_files *out,
				 const uint64_t *mappings, struct err *err)
{
	static const uint32_t host[] = {FIELD_MAPPING_HOST};
	static const uint32_t fields[] = {FIELD_INODE_INO, FIELD_INODE_SB};
	_cleanup_(records_deinit) struct records hosts = {0};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(t->k, mappings, t->n, host, 1, &hosts, err);

	for (i = 0; i < t->n && !rc; i++)
		t->addrs[i] = records_u64(&hosts, i, FIELD_MAPPING_HOST);
	if (!rc)
		rc = records_read(t->k, t->addrs, t->n, fields, 2, &r, err);
	for (i = 0; i < t->n && !rc; i++) {
		out->list.v[i].ino = records_u64(&r, i, FIELD_INODE_INO);
		t->paths[i].inode = t->addrs[i];
		t->paths[i].sb = records_u64(&r, i, FIELD_INODE_SB);
	}
	return rc;
}

static int page_file_read_supers(struct trail *t, struct page_files *out,
				 struct err *err)
{
	static const uint32_t fields[] = {FIELD_SB_DEV, FIELD_SB_TYPE};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < t->n; i++)
		t->addrs[i] = t->paths[i].sb;
	rc = records_read(t->k, t->addrs, t->n, fields, 2, &r, err);
	for (i = 0; i < t->n && !rc; i++) {
		out->list.v[i].dev = (uint32_t)records_u64(&r, i, FIELD_SB_DEV);
		t->addrs[i] = records_u64(&r, i, FIELD_SB_TYPE);
		out->list.v[i].known = r.ok[i];
	}
	return rc;
}

static int read_types(struct trail *t, struct page_files *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_FS_TYPE_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ char **names = calloc(t->n + 1, sizeof(*names));
	size_t i;
	int rc;

	if (!names)
		return err_nomem(err);
	rc = records_read(t->k, t->addrs, t->n, fields, 1, &r, err);
	for (i = 0; i < t->n && !rc; i++) {
		t->addrs[i] = records_u64(&r, i, FIELD_FS_TYPE_NAME);
		names[i] = out->list.v[i].fs;
	}
	if (!rc)
		rc = records_strings(t->k, t->addrs, t->n,
				     sizeof(out->list.v[0].fs), names, NULL,
				     err);
	return rc;
}

static int want_files(const struct page_info *pages, size_t n,
		      struct page_files *out, uint64_t *mappings)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!page_is_file(pages[i].kind) || !pages[i].mapping ||
		    map_get(&out->at, pages[i].mapping, NULL))
			continue;
		mappings[out->list.n] = pages[i].mapping;
		if (map_put(&out->at, pages[i].mapping, out->list.n) ||
		    vec_push(&out->list, {0}))
			return ERR_NOMEM;
	}
	return 0;
}

int page_files_read(struct kernel *k, const struct page_info *pages, size_t n,
		    struct page_files *out, struct err *err)
{
	_cleanup_(page_file_trail_deinit) struct trail t = {0};
	_cleanup_free_ uint64_t *mappings = calloc(n + 1, sizeof(*mappings));
	size_t i;
	int rc;

	if (!mappings || want_files(pages, n, out, mappings) ||
	    page_file_trail_init(&t, k, out->list.n))
		return err_nomem(err);
	if (!t.n)
		return 0;
	rc = page_file_read_inodes(&t, out, mappings, err);
	if (!rc)
		rc = page_file_read_supers(&t, out, err);
	if (!rc)
		rc = read_types(&t, out, err);
	if (!rc)
		rc = inode_paths_read(k, t.paths, t.n, err);
	for (i = 0; i < t.n; i++)
		out->list.v[i].path = t.paths[i].text;
	return rc;
}

const struct page_file *page_file_of(const struct page_files *f,
				     const struct page_info *page)
{
	uint64_t i = 0;

	if (!page_is_file(page->kind) || !page->mapping ||
	    !map_get(&f->at, page->mapping, &i))
		return NULL;
	return &f->list.v[i];
}

void page_files_deinit(struct page_files *f)
{
	size_t i;

	for (i = 0; i < f->list.n; i++)
		free(f->list.v[i].path);
	vec_deinit(&f->list);
	map_deinit(&f->at);
}
