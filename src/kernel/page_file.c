/* SPDX-License-Identifier: BSD-2-Clause */
/* From the address_space of a page to a file that people know. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/page.h"
#include "kernel/path.h"
#include "kernel/records.h"

/* Of so many mounts of a file system one that shows all of it is looked for. */
#define MOUNTS_TRIED 16

/* What each file leads to, one array per thing. */
struct trail {
	struct kernel *k;
	size_t n;
	uint64_t *inode, *sb, *fs, *root, *mount, *first;
	struct path_job *paths;
	uint64_t *storage;
};

static void trail_deinit(struct trail *t)
{
	free(t->storage);
	free(t->paths);
}

static int trail_init(struct trail *t, struct kernel *k, size_t n)
{
	t->k = k;
	t->n = n;
	t->storage = calloc(6 * n + 1, sizeof(*t->storage));
	t->paths = calloc(n + 1, sizeof(*t->paths));
	if (!t->storage || !t->paths)
		return ERR_NOMEM;
	t->inode = t->storage;
	t->sb = t->inode + n;
	t->fs = t->sb + n;
	t->root = t->fs + n;
	t->mount = t->root + n;
	t->first = t->mount + n;
	return 0;
}

static uint32_t offset_of(const struct trail *t, enum field_id id)
{
	return profile_field(t->k->profile, id)->offset;
}

static int read_inodes(struct trail *t, struct page_files *out,
		       const uint64_t *mappings, struct err *err)
{
	static const enum field_id host[] = {FIELD_MAPPING_HOST};
	static const enum field_id fields[] = {FIELD_INODE_INO, FIELD_INODE_SB,
					       FIELD_INODE_DENTRY};
	_cleanup_(records_deinit) struct records hosts = {0};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t alias;
	size_t i;
	int rc = records_read(t->k, mappings, t->n, host, 1, &hosts, err);

	for (i = 0; i < t->n && !rc; i++)
		t->inode[i] = records_u64(&hosts, i, FIELD_MAPPING_HOST);
	if (!rc)
		rc = records_read(t->k, t->inode, t->n, fields, 3, &r, err);
	for (i = 0; i < t->n && !rc; i++) {
		out->list.v[i].ino = records_u64(&r, i, FIELD_INODE_INO);
		t->sb[i] = records_u64(&r, i, FIELD_INODE_SB);
		alias = records_u64(&r, i, FIELD_INODE_DENTRY);
		if (alias &&
		    profile_field(t->k->profile, FIELD_DENTRY_ALIAS)->present)
			t->paths[i].at.dentry =
				alias - offset_of(t, FIELD_DENTRY_ALIAS);
	}
	return rc;
}

/* super_block.s_mounts: a list_head, from 6.18 on the first mount. */
static uint64_t first_mount(const struct trail *t, size_t i, uint64_t mounts)
{
	if (profile_field(t->k->profile, FIELD_MOUNT_NEXT_FOR_SB)->present)
		return mounts;
	if (!profile_field(t->k->profile, FIELD_MOUNT_INSTANCE)->present ||
	    mounts == t->sb[i] + offset_of(t, FIELD_SB_MOUNTS))
		return 0;
	return mounts ? mounts - offset_of(t, FIELD_MOUNT_INSTANCE) : 0;
}

static int read_supers(struct trail *t, struct page_files *out, struct err *err)
{
	static const enum field_id fields[] = {FIELD_SB_DEV, FIELD_SB_TYPE,
					       FIELD_SB_ROOT, FIELD_SB_MOUNTS};
	_cleanup_(records_deinit) struct records r = {0};
	const uint8_t *list;
	size_t i;
	int rc = records_read(t->k, t->sb, t->n, fields, 4, &r, err);

	for (i = 0; i < t->n && !rc; i++) {
		out->list.v[i].dev = (uint32_t)records_u64(&r, i, FIELD_SB_DEV);
		t->fs[i] = records_u64(&r, i, FIELD_SB_TYPE);
		t->root[i] = records_u64(&r, i, FIELD_SB_ROOT);
		list = records_bytes(&r, i, FIELD_SB_MOUNTS);
		t->first[i] = first_mount(t, i, list ? le64(list) : 0);
		out->list.v[i].known = r.ok[i];
	}
	return rc;
}

static int read_types(struct trail *t, struct page_files *out, struct err *err)
{
	static const enum field_id fields[] = {FIELD_FS_TYPE_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ char **names = calloc(t->n + 1, sizeof(*names));
	size_t i;
	int rc;

	if (!names)
		return err_nomem(err);
	rc = records_read(t->k, t->fs, t->n, fields, 1, &r, err);
	for (i = 0; i < t->n && !rc; i++) {
		t->fs[i] = records_u64(&r, i, FIELD_FS_TYPE_NAME);
		names[i] = out->list.v[i].fs;
	}
	if (!rc)
		rc = records_strings(t->k, t->fs, t->n,
				     sizeof(out->list.v[0].fs), names, NULL,
				     err);
	return rc;
}

/* The mount behind one in its file system's list, as the list has it. */
static uint64_t next_mount(const struct trail *t, const struct records *r,
			   size_t i)
{
	const uint8_t *list = records_bytes(r, i, FIELD_MOUNT_INSTANCE);

	if (r->at[FIELD_MOUNT_NEXT_FOR_SB])
		return records_u64(r, i, FIELD_MOUNT_NEXT_FOR_SB);
	return list ? first_mount(t, i, le64(list)) : 0;
}

/* For each file a mount whose root is that of the file system. */
static int find_mounts(struct trail *t, struct err *err)
{
	static const enum field_id fields[] = {FIELD_MOUNT_MNT_ROOT,
					       FIELD_MOUNT_INSTANCE,
					       FIELD_MOUNT_NEXT_FOR_SB};
	size_t i, tried;
	int rc = 0;

	for (tried = 0; tried < MOUNTS_TRIED && !rc; tried++) {
		_cleanup_(records_deinit) struct records r = {0};

		rc = records_read(t->k, t->first, t->n, fields, 3, &r, err);
		for (i = 0; i < t->n && !rc; i++) {
			if (!t->mount[i] && r.ok[i] &&
			    records_u64(&r, i, FIELD_MOUNT_MNT_ROOT) ==
				    t->root[i])
				t->mount[i] = t->first[i];
			t->first[i] = next_mount(t, &r, i);
		}
	}
	return rc;
}

/* Only files with a dentry and a mount have a path. */
static int resolve(struct trail *t, struct page_files *out, struct err *err)
{
	_cleanup_free_ size_t *owner = calloc(t->n + 1, sizeof(*owner));
	size_t i, n = 0;
	int rc;

	if (!owner)
		return err_nomem(err);
	for (i = 0; i < t->n; i++) {
		if (!t->mount[i] || !t->paths[i].at.dentry)
			continue;
		t->paths[n].at.dentry = t->paths[i].at.dentry;
		t->paths[n].at.mnt =
			t->mount[i] + offset_of(t, FIELD_MOUNT_MNT);
		owner[n++] = i;
	}
	rc = path_resolve(t->k, t->paths, n, err);
	for (i = 0; i < n; i++)
		out->list.v[owner[i]].path = t->paths[i].text;
	return rc;
}

static int want_files(const struct page_info *pages, size_t n,
		      struct page_files *out, uint64_t *mappings)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!page_is_file(pages[i].kind) ||
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
	_cleanup_(trail_deinit) struct trail t = {0};
	_cleanup_free_ uint64_t *mappings = calloc(n + 1, sizeof(*mappings));
	int rc;

	if (!mappings || want_files(pages, n, out, mappings) ||
	    trail_init(&t, k, out->list.n))
		return err_nomem(err);
	if (!t.n)
		return 0;
	rc = read_inodes(&t, out, mappings, err);
	if (!rc)
		rc = read_supers(&t, out, err);
	if (!rc)
		rc = read_types(&t, out, err);
	if (!rc)
		rc = find_mounts(&t, err);
	return rc ? rc : resolve(&t, out, err);
}

const struct page_file *page_file_of(const struct page_files *f,
				     const struct page_info *page)
{
	uint64_t i = 0;

	if (!page_is_file(page->kind) || !map_get(&f->at, page->mapping, &i))
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
