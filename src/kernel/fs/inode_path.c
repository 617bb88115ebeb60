/* SPDX-License-Identifier: BSD-2-Clause */
/* Chooses a dentry and a mount for each inode. */
#include "kernel/fs/inode_path.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/fs/path.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DENTRY_HASH_PPREV = WANTS_OF(READER_INODE_PATH),
	FIELD_MOUNT_MNT_ROOT,
	FIELD_MOUNT_MNT,
	FIELD_INODE_DENTRY,
	FIELD_DENTRY_ALIAS,
	FIELD_SB_ROOT,
	FIELD_SB_MOUNTS,
	FIELD_MOUNT_INSTANCE,
	FIELD_MOUNT_NEXT_FOR_SB,
	FIELD_MOUNT_NS
};

static const struct want want_table[] = {
	FIELD(DENTRY_HASH_PPREV, "dentry", REQUIRED, "d_hash.pprev"),
	FIELD(MOUNT_MNT_ROOT, "mount", REQUIRED, "mnt.mnt_root"),
	FIELD(MOUNT_MNT, "mount", REQUIRED, "mnt"),
	FIELD(INODE_DENTRY, "inode", OPTIONAL, "i_dentry.first"),
	FIELD(DENTRY_ALIAS, "dentry", OPTIONAL,
	      "d_u.d_alias|d_alias"), /* 7.1 */
	FIELD(SB_ROOT, "super_block", OPTIONAL, "s_root"),
	FIELD(SB_MOUNTS, "super_block", OPTIONAL, "s_mounts"),
	FIELD(MOUNT_INSTANCE, "mount", OPTIONAL, "mnt_instance"),
	FIELD(MOUNT_NEXT_FOR_SB, "mount", OPTIONAL,
	      "mnt_next_for_sb"), /* 6.18 */
	FIELD(MOUNT_NS, "mount", OPTIONAL, "mnt_ns"),
};

const struct wants inode_path_wants = {
	.reader = "paths of inodes", .v = want_table, .n = WANTS_N(want_table)};

/* So many dentries of an inode are looked at, and mounts of a file system. */
#define ALIASES_TRIED 16
#define MOUNTS_TRIED  4096

/* How well a mount serves; OWN: one of the kernel's own, in no namespace. */
enum serves {
	NOT,
	OWN,
	ELSEWHERE,
	BEST
};

/* What is known of one inode; 0: none. */
struct finding {
	uint64_t dentry, alias; /* chosen; next to be looked at */
	unsigned int aliases;
	bool hashed; /* the chosen one */
	uint64_t root, mount, next;
	enum serves serves;
};

struct search {
	struct kernel *k;
	struct inode_path *v;
	struct finding *found;
	uint64_t *addrs; /* room for n */
	size_t n;
	uint64_t ns; /* of PID 1 */
};

static void inode_path_search_deinit(struct search *s)
{
	free(s->found);
	free(s->addrs);
}

static const struct profile_field *field(const struct search *s, uint32_t id)
{
	return profile_field(s->k->profile, id);
}

/* PID 1's namespace of mounts, by its root directory; 0 where none is known. */
static int find_namespace(struct search *s, struct err *err)
{
	static const uint32_t fields[] = {FIELD_MOUNT_NS};
	_cleanup_(records_deinit) struct records r = {0};
	struct path_at root = {0};
	uint64_t mount;
	int rc = path_root(s->k, &root, err);

	if (rc || !root.mnt)
		return rc;
	mount = root.mnt - field(s, FIELD_MOUNT_MNT)->offset;
	rc = records_read(s->k, &mount, 1, fields, 1, &r, err);
	s->ns = rc ? 0 : records_u64(&r, 0, FIELD_MOUNT_NS);
	return rc;
}

static int read_first_aliases(struct search *s, struct err *err)
{
	static const uint32_t fields[] = {FIELD_INODE_DENTRY};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < s->n; i++)
		s->addrs[i] = s->v[i].inode;
	rc = records_read(s->k, s->addrs, s->n, fields, 1, &r, err);
	for (i = 0; i < s->n && !rc; i++)
		if (field(s, FIELD_DENTRY_ALIAS)->present)
			s->found[i].alias =
				records_u64(&r, i, FIELD_INODE_DENTRY);
	return rc;
}

/* Those of the searches that go on: their numbers; *n of them. */
static size_t *list_open(const struct search *s, bool aliases, size_t *n)
{
	size_t *open = calloc(s->n + 1, sizeof(*open)), i;

	*n = 0;
	for (i = 0; i < s->n && open; i++)
		if (aliases ? s->found[i].alias : s->found[i].next)
			open[(*n)++] = i;
	return open;
}

/* One dentry (inode.i_dentry and dentry.d_alias are a hlist). */
static void take_alias(const struct search *s, struct finding *f,
		       const struct records *r, size_t i)
{
	uint64_t dentry = f->alias - field(s, FIELD_DENTRY_ALIAS)->offset;
	bool hashed = records_u64(r, i, FIELD_DENTRY_HASH_PPREV);

	f->alias = r->ok[i] ? records_u64(r, i, FIELD_DENTRY_ALIAS) : 0;
	if (!r->ok[i])
		return;
	f->aliases++;
	if (!f->dentry || (hashed && !f->hashed)) {
		f->dentry = dentry;
		f->hashed = hashed;
	}
	if (f->hashed && f->aliases > 1)
		f->alias = 0;
}

static int choose_dentries(struct search *s, struct err *err)
{
	static const uint32_t fields[] = {FIELD_DENTRY_ALIAS,
					  FIELD_DENTRY_HASH_PPREV};
	unsigned int tried;
	int rc = read_first_aliases(s, err);

	for (tried = 0; tried < ALIASES_TRIED && !rc; tried++) {
		size_t i, n;
		_cleanup_(records_deinit) struct records r = {0};
		_cleanup_free_ size_t *open = list_open(s, true, &n);

		if (!open)
			return err_nomem(err);
		if (!n)
			break;
		for (i = 0; i < n; i++)
			s->addrs[i] = s->found[open[i]].alias -
				      field(s, FIELD_DENTRY_ALIAS)->offset;
		rc = records_read(s->k, s->addrs, n, fields, 2, &r, err);
		for (i = 0; i < n && !rc; i++)
			take_alias(s, &s->found[open[i]], &r, i);
	}
	return rc;
}

/* super_block.s_mounts: a list_head, from 6.18 on the first mount. */
static uint64_t first_mount(const struct search *s, size_t i, uint64_t mounts)
{
	if (field(s, FIELD_MOUNT_NEXT_FOR_SB)->present)
		return mounts;
	if (!field(s, FIELD_MOUNT_INSTANCE)->present || !mounts ||
	    mounts == s->v[i].sb + field(s, FIELD_SB_MOUNTS)->offset)
		return 0;
	return mounts - field(s, FIELD_MOUNT_INSTANCE)->offset;
}

static int inode_path_read_supers(struct search *s, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SB_ROOT, FIELD_SB_MOUNTS};
	_cleanup_(records_deinit) struct records r = {0};
	const uint8_t *list;
	size_t i;
	int rc;

	for (i = 0; i < s->n; i++)
		s->addrs[i] = s->v[i].sb;
	rc = records_read(s->k, s->addrs, s->n, fields, 2, &r, err);
	for (i = 0; i < s->n && !rc; i++) {
		list = records_bytes(&r, i, FIELD_SB_MOUNTS);
		s->found[i].root = records_u64(&r, i, FIELD_SB_ROOT);
		if (s->found[i].dentry)
			s->found[i].next =
				first_mount(s, i, list ? le64(list) : 0);
	}
	return rc;
}

/*
 * Mounts of the kernel's own have no namespace, or MNT_NS_INTERNAL, which is
 * an error number (docs/facts/kernel.md, "Names and paths").
 */
static enum serves judge_mount(const struct search *s, uint64_t ns)
{
	if (!field(s, FIELD_MOUNT_NS)->present)
		return BEST;
	if (!ns || ns > (uint64_t)-4096)
		return OWN;
	return !s->ns || ns == s->ns ? BEST : ELSEWHERE;
}

/* One mount, and the one behind it in its file system's list. */
static void take_mount(const struct search *s, size_t i,
		       const struct records *r, size_t at)
{
	struct finding *f = &s->found[i];
	const uint8_t *list = records_bytes(r, at, FIELD_MOUNT_INSTANCE);
	enum serves serves = NOT;

	if (r->ok[at] && records_u64(r, at, FIELD_MOUNT_MNT_ROOT) == f->root)
		serves = judge_mount(s, records_u64(r, at, FIELD_MOUNT_NS));
	if (serves > f->serves) {
		f->serves = serves;
		f->mount = f->next;
	}
	if (f->serves == BEST)
		f->next = 0;
	else if (records_have(r, FIELD_MOUNT_NEXT_FOR_SB))
		f->next = records_u64(r, at, FIELD_MOUNT_NEXT_FOR_SB);
	else
		f->next = list ? first_mount(s, i, le64(list)) : 0;
}

/* For each inode a mount whose root is that of the file system. */
static int choose_mounts(struct search *s, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_MOUNT_MNT_ROOT, FIELD_MOUNT_INSTANCE,
		FIELD_MOUNT_NEXT_FOR_SB, FIELD_MOUNT_NS};
	unsigned int tried;
	int rc = inode_path_read_supers(s, err);

	for (tried = 0; tried < MOUNTS_TRIED && !rc; tried++) {
		size_t i, n;
		_cleanup_(records_deinit) struct records r = {0};
		_cleanup_free_ size_t *open = list_open(s, false, &n);

		if (!open)
			return err_nomem(err);
		if (!n)
			break;
		for (i = 0; i < n; i++)
			s->addrs[i] = s->found[open[i]].next;
		rc = records_read(s->k, s->addrs, n, fields, 4, &r, err);
		for (i = 0; i < n && !rc; i++)
			take_mount(s, open[i], &r, i);
	}
	return rc;
}

/* Is what was resolved the name of this inode, and of nothing else? */
static bool is_sure(const struct finding *f, const struct path_job *job)
{
	if (job->made_up)
		return f->aliases == 1;
	return !job->escaped && f->serves > OWN;
}

/* Only an inode with a dentry and a mount has a path. */
static int inode_path_resolve(struct search *s, struct err *err)
{
	_cleanup_free_ struct path_job *jobs = calloc(s->n + 1, sizeof(*jobs));
	_cleanup_free_ size_t *owner = calloc(s->n + 1, sizeof(*owner));
	size_t i, n = 0;
	int rc;

	if (!jobs || !owner)
		return err_nomem(err);
	for (i = 0; i < s->n; i++) {
		const struct finding *f = &s->found[i];

		if (!f->dentry || !f->mount)
			continue;
		jobs[n].at.dentry = f->dentry;
		jobs[n].at.mnt = f->mount + field(s, FIELD_MOUNT_MNT)->offset;
		owner[n++] = i;
	}
	rc = path_resolve(s->k, jobs, n, err);
	for (i = 0; i < n; i++)
		if (is_sure(&s->found[owner[i]], &jobs[i]))
			s->v[owner[i]].text = jobs[i].text;
		else
			free(jobs[i].text);
	return rc;
}

int inode_paths_read(struct kernel *k, struct inode_path *v, size_t n,
		     struct err *err)
{
	_cleanup_(inode_path_search_deinit) struct search s = {
		.k = k, .v = v, .n = n};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		v[i].text = NULL;
	if (!n)
		return 0;
	s.found = calloc(n, sizeof(*s.found));
	s.addrs = calloc(n, sizeof(*s.addrs));
	if (!s.found || !s.addrs)
		return err_nomem(err);
	rc = find_namespace(&s, err);
	if (!rc)
		rc = choose_dentries(&s, err);
	if (!rc)
		rc = choose_mounts(&s, err);
	return rc ? rc : inode_path_resolve(&s, err);
}
