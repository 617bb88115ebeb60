/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads dentries and mounts in batches, each distinct one once. */
#include "kernel/fs/dentry.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DENTRY_PARENT = WANTS_OF(READER_DENTRY),
	FIELD_DENTRY_NAME,
	FIELD_DENTRY_LEN,
	FIELD_DENTRY_INLINE,
	FIELD_DENTRY_HASH_PPREV,
	FIELD_DENTRY_OP,
	FIELD_DENTRY_INODE,
	FIELD_DENTRY_OPS_DNAME,
	FIELD_MOUNT_MNT_ROOT,
	FIELD_MOUNT_PARENT,
	FIELD_MOUNT_MOUNTPOINT,
	FIELD_MOUNT_MNT
};

static const struct want want_table[] = {
	FIELD(DENTRY_PARENT, "dentry", REQUIRED, "d_parent"),
	FIELD(DENTRY_NAME, "dentry", REQUIRED, "d_name.name"),
	FIELD(DENTRY_LEN, "dentry", REQUIRED, "d_name.len"),
	FIELD(DENTRY_INLINE, "dentry", OPTIONAL,
	      "d_shortname|d_iname"), /* 6.14 */
	FIELD(DENTRY_HASH_PPREV, "dentry", REQUIRED, "d_hash.pprev"),
	FIELD(DENTRY_OP, "dentry", REQUIRED, "d_op"),
	FIELD(DENTRY_INODE, "dentry", REQUIRED, "d_inode"),
	FIELD(DENTRY_OPS_DNAME, "dentry_operations", REQUIRED, "d_dname"),
	FIELD(MOUNT_MNT_ROOT, "mount", REQUIRED, "mnt.mnt_root"),
	FIELD(MOUNT_PARENT, "mount", REQUIRED, "mnt_parent"),
	FIELD(MOUNT_MOUNTPOINT, "mount", REQUIRED, "mnt_mountpoint"),
	FIELD(MOUNT_MNT, "mount", REQUIRED, "mnt"),
};

const struct wants dentry_wants = {
	.reader = "dentries", .v = want_table, .n = WANTS_N(want_table)};

struct addrs {
	VEC(uint64_t) list;
};

static void addrs_deinit(struct addrs *a)
{
	vec_deinit(&a->list);
}

const struct dentry *dentry_get(const struct dentry_cache *c, uint64_t addr)
{
	uint64_t i;

	return map_get(&c->dentry_at, addr, &i) ? &c->dentries.v[i] : NULL;
}

const char *dentry_name(const struct dentry_cache *c, const struct dentry *d)
{
	return c->names.data + d->name_at;
}

const struct mount *mount_get(const struct dentry_cache *c, uint64_t vfsmount)
{
	uint64_t i;

	return map_get(&c->mount_at, vfsmount, &i) ? &c->mounts.v[i] : NULL;
}

/* Those of n addresses that `at` does not know, numbered from `first` on. */
static int unknown(struct map *at, const uint64_t *addrs, size_t n,
		   size_t first, struct addrs *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (map_get(at, addrs[i], NULL))
			continue;
		if (map_put(at, addrs[i], first + out->list.n) ||
		    vec_push(&out->list, addrs[i]))
			return ERR_NOMEM;
	}
	return 0;
}

/* Where the bytes of a name are: in the dentry itself, or elsewhere. */
static const uint8_t *inline_name(struct kernel *k, const struct records *r,
				  size_t i, uint64_t addr, uint64_t name,
				  uint32_t len)
{
	const struct profile_field *f =
		profile_field(k->profile, FIELD_DENTRY_INLINE);

	if (!f->present || name != addr + f->offset || len > f->size)
		return NULL;
	return records_bytes(r, i, FIELD_DENTRY_INLINE);
}

/* Give each dentry from `first` on its place in the names; their total. */
static size_t place_names(struct dentry_cache *c, size_t first)
{
	size_t i, at = c->names.len;

	for (i = first; i < c->dentries.n; i++) {
		c->dentries.v[i].name_at = at;
		at += c->dentries.v[i].name_len;
	}
	return at - c->names.len;
}

/* Copy or fetch the names of the dentries from `first` on. */
static int dentry_read_names(struct kernel *k, struct dentry_cache *c,
			     size_t first, const struct addrs *addrs,
			     const struct records *r, struct err *err)
{
	size_t total = place_names(c, first), i, n = 0;
	_cleanup_free_ struct space_read *reads =
		calloc(r->n + 1, sizeof(*reads));
	_cleanup_free_ size_t *owner = calloc(r->n + 1, sizeof(*owner));
	_cleanup_free_ char *names = calloc(1, total + 1);
	int rc;

	if (!reads || !owner || !names)
		return err_nomem(err);
	for (i = 0; i < addrs->list.n; i++) {
		const struct dentry *d = &c->dentries.v[first + i];
		uint64_t va = records_u64(r, i, FIELD_DENTRY_NAME);
		const uint8_t *bytes =
			inline_name(k, r, i, addrs->list.v[i], va, d->name_len);
		char *name = names + (d->name_at - c->names.len);

		if (bytes) {
			memcpy(name, bytes, d->name_len);
			continue;
		}
		owner[n] = first + i;
		reads[n++] = (struct space_read){.root = &k->root,
						 .va = va,
						 .dst = name,
						 .len = d->name_len};
	}
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len)
			c->dentries.v[owner[i]].ok = false;
	buf_add(&c->names, names, total);
	return c->names.oom ? err_nomem(err) : rc;
}

/* d_op->d_dname of the dentries from `first` on. */
static int dentry_read_ops(struct kernel *k, struct dentry_cache *c,
			   size_t first, const struct records *r,
			   struct err *err)
{
	static const uint32_t fields[] = {FIELD_DENTRY_OPS_DNAME};
	_cleanup_(records_deinit) struct records ops = {0};
	_cleanup_free_ uint64_t *addrs = calloc(r->n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < r->n; i++)
		addrs[i] = records_u64(r, i, FIELD_DENTRY_OP);
	rc = records_read(k, addrs, r->n, fields, 1, &ops, err);
	for (i = 0; i < r->n && !rc; i++) {
		struct dentry *d = &c->dentries.v[first + i];

		d->d_dname = records_u64(&ops, i, FIELD_DENTRY_OPS_DNAME);
		d->ok &= !addrs[i] || ops.ok[i];
	}
	return rc;
}

static void take_dentries(struct dentry_cache *c, const struct records *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		uint64_t len = records_u64(r, i, FIELD_DENTRY_LEN);
		bool ok = r->ok[i] && len <= DENTRY_NAME_MAX;

		c->dentries.v[c->dentries.n++] = (struct dentry){
			.ok = ok,
			.unhashed = !records_u64(r, i, FIELD_DENTRY_HASH_PPREV),
			.parent = records_u64(r, i, FIELD_DENTRY_PARENT),
			.inode = records_u64(r, i, FIELD_DENTRY_INODE),
			.name_len = ok ? (uint32_t)len : 0,
		};
	}
}

static void take_mounts(struct dentry_cache *c, const struct records *r,
			uint32_t mnt)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		c->mounts.v[c->mounts.n++] = (struct mount){
			.ok = r->ok[i],
			.root = records_u64(r, i, FIELD_MOUNT_MNT_ROOT),
			.parent = records_u64(r, i, FIELD_MOUNT_PARENT) + mnt,
			.mountpoint = records_u64(r, i, FIELD_MOUNT_MOUNTPOINT),
		};
}

static void pair_deinit(struct records (*r)[2])
{
	records_deinit(&(*r)[0]);
	records_deinit(&(*r)[1]);
}

/* Read into r[0] the dentries, and into r[1] the mounts. */
static int read_both(struct kernel *k, const struct addrs *dentries,
		     const struct addrs *mounts, struct records r[2],
		     struct err *err)
{
	static const uint32_t of_dentry[] = {
		FIELD_DENTRY_PARENT,	 FIELD_DENTRY_NAME,   FIELD_DENTRY_LEN,
		FIELD_DENTRY_INODE,	 FIELD_DENTRY_INLINE, FIELD_DENTRY_OP,
		FIELD_DENTRY_HASH_PPREV,
	};
	static const uint32_t of_mount[] = {FIELD_MOUNT_MNT_ROOT,
					    FIELD_MOUNT_PARENT,
					    FIELD_MOUNT_MOUNTPOINT};
	const struct records_want wants[2] = {
		{dentries->list.v, dentries->list.n, of_dentry,
		 sizeof(of_dentry) / sizeof(of_dentry[0])},
		{mounts->list.v, mounts->list.n, of_mount,
		 sizeof(of_mount) / sizeof(of_mount[0])},
	};

	return records_read_all(k, wants, 2, r, err);
}

int dentry_cache_read(struct kernel *k, struct dentry_cache *c,
		      const uint64_t *dentries, const uint64_t *vfsmounts,
		      size_t n, struct err *err)
{
	uint32_t mnt = profile_field(k->profile, FIELD_MOUNT_MNT)->offset;
	_cleanup_(pair_deinit) struct records r[2] = {{0}};
	_cleanup_(addrs_deinit) struct addrs fresh = {0};
	_cleanup_(addrs_deinit) struct addrs mounts = {0};
	size_t first = c->dentries.n, i;
	int rc;

	if (unknown(&c->dentry_at, dentries, n, first, &fresh) ||
	    unknown(&c->mount_at, vfsmounts, n, c->mounts.n, &mounts) ||
	    vec_reserve(&c->dentries, fresh.list.n) ||
	    vec_reserve(&c->mounts, mounts.list.n))
		return err_nomem(err);
	for (i = 0; i < mounts.list.n; i++)
		mounts.list.v[i] -= mnt;
	rc = read_both(k, &fresh, &mounts, r, err);
	if (rc)
		return rc;
	take_dentries(c, &r[0]);
	take_mounts(c, &r[1], mnt);
	rc = dentry_read_names(k, c, first, &fresh, &r[0], err);
	return rc ? rc : dentry_read_ops(k, c, first, &r[0], err);
}

void dentry_cache_deinit(struct dentry_cache *c)
{
	buf_deinit(&c->names);
	vec_deinit(&c->dentries);
	vec_deinit(&c->mounts);
	map_deinit(&c->dentry_at);
	map_deinit(&c->mount_at);
}
